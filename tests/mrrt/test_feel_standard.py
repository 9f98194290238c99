"""FEEL beyond what logic files use: the rest of DMN 1.5 chapter 10, by section.

1. Dates, times and durations: literals, properties, arithmetic, zones.
2. Built-in functions by chapter.
3. Functions, names, types, ranges.
4. Limits: nothing runs for ever, whatever is asked.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from mrrt.feel import Compiler, FeelSyntaxError, LimitExceeded, parse_expression, parse_unary_tests
from mrrt.feel.limits import EVALUATION, Evaluation
from mrrt.feel.values import to_text

NOON = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


def evaluate(text: str) -> Any:
    return Compiler(dynamic=True).compile(parse_expression(text))({EVALUATION: Evaluation(NOON)})


CASES = r"""
exp(4) ==> 54.59815003314423907811026120286088
exp("x") ==> null
log(4) ==> 1.386294361119890618834464242916353
log(-1) ==> null
mode([6, 3, 9, 6, 6]) ==> [6]
mode([6, 1, 9, 6, 1]) ==> [1, 6]
mode([]) ==> []
get value({foo: 10}, "foo") ==> 10
get value(m: {foo: 10}, key: "foo") ==> 10
get value(null, "foo") ==> null
get entries({a: "foo", b: "bar"}) ==> [{key: "a", value: "foo"}, {key: "b", value: "bar"}]
get entries({}) ==> []
{🐎: "bar"}.🐎 ==> "bar"
string length("🐎ab") ==> 3
string length("\uD83D\uDC0Eab") ==> 3
"\U01F40E" ==> "🐎"
substring("\U01F40Eab", 2) ==> "ab"
day of year(date(2019, 9, 17)) ==> 260
day of week(date(2019, 9, 17)) ==> "Tuesday"
month of year(@"2019-09-17T00:00:00") ==> "September"
week of year(date(2003,12,29)) ==> 1
week of year(date(2005, 1, 1)) ==> 53
day of week(date: @"2019-09-17") ==> "Tuesday"
is(1, 1) ==> true
is(@"23:00:50Z", @"23:00:50") ==> false
is(@"23:00:50Z", @"23:00:50+00:00") ==> true
is(null, null) ==> true
is([1], [1]) ==> true
is(1) ==> null
is(value1: 1, value2: 1) ==> true
time("23:59:00z") ==> 23:59:00Z
time("13:20:00@xyz/abc") ==> null
time("13:20:00+5:00") ==> null
time(10,20,30,duration("PT5H")) ==> 10:20:30+05:00
time(11, 59, 45, null) ==> 11:59:45
time(11, 59, 45, duration("-PT11H22M33S")) ==> 11:59:45-11:22:33
time(date and time("2017-08-10T10:20:00@Europe/Paris")) ==> 10:20:00@Europe/Paris
time(date("2017-08-10")) ==> 00:00:00Z
date and time("2017-12-31") ==> 2017-12-31T00:00:00
date and time("2017-12-31T11:22:33.345@Europe/Paris") ==> 2017-12-31T11:22:33.345@Europe/Paris
date and time("99999-12-31T11:22:33") ==> 99999-12-31T11:22:33
date and time(date("2017-01-01"),time("23:59:01@Europe/Paris")) ==> 2017-01-01T23:59:01@Europe/Paris
date and time("2017-12-31T24:00:00") ==> 2018-01-01T00:00:00
date and time("2012-12-25T") ==> null
before(1, 10) ==> true
before([1..10), 10) ==> true
after(11, [1..10]) ==> true
meets([1..5], [5..10]) ==> true
overlaps([1..5], [3..8]) ==> true
overlaps before([1..5), (3..8]) ==> true
finishes(10, [1..10]) ==> true
includes([1..10], 5) ==> true
during([4..6], [1..10]) ==> true
starts(1, [1..10]) ==> true
coincides(3, 3) ==> true
before(point1: 1, point2: 10) ==> true
before(range: [1..5], point: 10) ==> true
context([{key:"a", value:1}, {key:"b", value:2}]) ==> {a: 1, b: 2}
context([{key:"a", value:1}, {key:"a", value:2}]) ==> null
context([{key:"a"}]) ==> null
context({key:"a", value:1}) ==> {a: 1}
context put({x: 1}, "y", 2) ==> {x: 1, y: 2}
context put({x: 1, y: {a: 0}}, ["y","a"], 2) ==> {x: 1, y: {a: 2}}
context put({x: 1}, [], 2) ==> null
context put(context: {x: 1}, keys: ["y"], value: 2) ==> {x: 1, y: 2}
context put({x: 1}, "", 2) ==> {x: 1, "": 2}
context merge([{a: 1}, {b: 2}]) ==> {a: 1, b: 2}
context merge({a: 1}) ==> {a: 1}
context merge([]) ==> {}
now() ==> 2026-11-22T12:00:00Z
today() ==> 2026-11-22
now(1) ==> null
list replace([2,4,7,8], 3, 6) ==> [2, 4, 6, 8]
list replace([2,4,7,8], function(item, newItem) item < newItem, 5) ==> [5, 5, 7, 8]
list replace([2,4,7,8], -1, 6) ==> [2, 4, 7, 6]
list replace([2,4,7,8], 0, 6) ==> null
range("[18..21)") ==> [18..21)
range("[@\"2020-01-01\"..@\"2021-01-01\"]") ==> [2020-01-01..2021-01-01]
range("[\"a\"..\"z\"]") ==> ["a".."z"]
range("[date(\"2020-01-01\")..date(\"2021-01-01\")]") ==> [2020-01-01..2021-01-01]
range("[2..1]") ==> null
range("[1..)") ==> (>= 1)
range("(..1]") ==> (<= 1)
range("") ==> null
range("[1..\"a\"]") ==> null
range("]1..2[") ==> (1..2)
{fact: function(n) if n <= 1 then 1 else n * fact(n - 1), r: fact(20)}.r ==> 2432902008176640000
(function(a, b) a + b)(b: 1, a: 2) ==> 3
{f: function(a: number) a + 1, r: f("x")}.r ==> null
[1,2,3][function(x) x > 1] ==> null
for f in [abs, floor] return f(-1.5) ==> [1.5, -2]
number("1 000,5", " ", ",") ==> 1000.5
number("1.000", ".", ".") ==> null
number("1,000.5", ",", ".") ==> 1000.5
number("1,5", null, ",") ==> 1.5
number("1e3") ==> 1000
[1..10] instance of range<number> ==> true
[1..10] instance of range<string> ==> false
every x in [] satisfies x > 1 ==> true
1 in [[1..5], 7] ==> true
null in [1, null] ==> true
if "a" then 1 else 2 ==> null
@"P1Y2M".years ==> 1
-@"PT36H" ==> -P1DT12H
duration("P1M1D") ==> null
duration("PT0S") ==> PT0S
abs(@"-P1D") ==> P1D
years and months duration(@"2011-12-31", @"2012-02-29") ==> P1M
substring("foobar", 3) ==> "obar"
substring("foobar", -2, 1) ==> "a"
substring("foobar", 0) ==> null
substring("foobar", 2, 0) ==> null
substring("foobar", 10) ==> null
union([1,2],[2,3]) ==> [1, 2, 3]
remove([1,2,3], 2) ==> [1, 3]
product([2,3,4]) ==> 24
stddev([2,4,7,5]) ==> 2.081665999466132735282297706979931
sum(@"P1D", @"P2D") ==> P3D
1 = 1 and 2 = 2 ==> true
[1,2,3] = [1,2,3] = true ==> true
x.y ==> null
{a b: 1, c: a b + 1}.c ==> 2
@"2021-01-01T10:10:10@Europe/Paris" = @"2021-01-01T09:10:10Z" ==> true
@"2021-03-28T01:30:00@Europe/Paris" + @"PT1H" ==> 2021-03-28T03:30:00@Europe/Paris
date(2021, 2, 29) ==> null
[1..10[ ==> [1..10)
matches("x", "[A-Z-[OI]]", "i") ==> true
matches("O", "[A-Z-[OI]]", "i") ==> false
matches("aa", "(a)\\1") ==> null
replace("abc", "(b)", "[$1]") ==> "a[b]c"
replace("abc", "b", "$") ==> null
split("a;b", ";") ==> ["a", "b"]
matches("a b", "a\\sb") ==> true
for f in [abs, floor] return f(-1.5) ==> [1.5, -2]
[{a b: 1}].a b ==> [1]
@"2021-01-02" - @"2021-01-01" ==> P1D
@"10:00:00Z" - @"10:00:00" ==> null
(>= 5).start included ==> true
1 instance of function<number> -> number ==> false
5 in (> 3) ==> true
5 in > 3 ==> true
"""


@pytest.mark.parametrize("case", [line for line in CASES.splitlines() if line])
def test_expressions(case: str) -> None:
    text, expected = case.split(" ==> ")
    assert to_text(evaluate(text), inside=True) == expected


def test_a_cell_may_speak_of_its_input() -> None:
    tests = Compiler().compile(parse_unary_tests('starts with(?, "ica"), string length(?) > 9'))
    assert [tests({"?": text}) for text in ("ica left", "cca", "common carotid", None)] == [True, False, True, None]


@pytest.mark.parametrize(
    "text",
    [
        "count(for a in 1..90000, b in 1..90000 return a)",
        "for i in 1..1000 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
        'for i in 1..1000 return if i = 1 then "a" else partial[-1] + partial[-1]',
        "{f: function(n) f(n + 1), r: f(1)}.r",
        "(function(f) f(f))(function(f) f(f))",
        "for i in 1..100000 return count((1..2)[item > 0]) + sum(for j in 1..1000 return j)",
        "some a in 1..400, b in 1..400 satisfies a = -b",
    ],
)
def test_what_would_run_for_ever_ends_with_an_error(text: str) -> None:
    with pytest.raises((LimitExceeded, FeelSyntaxError)):
        evaluate(text)


def test_text_that_can_be_read_in_many_ways_ends() -> None:
    with pytest.raises(FeelSyntaxError):
        parse_expression("[1.." * 40 + "1" + "[" * 40)
    with pytest.raises(FeelSyntaxError):
        parse_expression("1 in (" * 40 + "1" + "]" * 40)


def test_a_pattern_cannot_stall() -> None:
    assert evaluate('matches("' + "a" * 5000 + '", "(a*)*b")') is False
