"""FEEL text to syntax tree (DMN 1.5 section 10.3.1.2), by recursive descent.

FEEL names may contain spaces, so a text can only be read knowing which names exist: the longest known name that
stands at a place wins ("ica psv" before "ica").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache

from mrrt.errors import MrrtError
from mrrt.feel import nodes
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.nodes import Node

_SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_WORD = re.compile(r"[^\W\d][\w']*|\?")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_COMPARE = re.compile(r"<=|>=|!=|<|>|=")
_KEYWORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between"}
    | {"null", "true", "false", "instance", "of", "function"}
)
MAX_DEPTH = 50
MAX_LENGTH = 20_000


class FeelSyntaxError(MrrtError):
    """The text is not FEEL; `position` counts characters from 0."""

    def __init__(self, message: str, text: str, position: int) -> None:
        self.position = position
        near = text[position : position + 20].split("\n")[0]
        super().__init__(f"{message} at character {position + 1}" + (f' (near "{near}")' if near else " (the end)"))


@lru_cache(maxsize=4096)
def parse_expression(text: str, names: frozenset[str] = frozenset()) -> Node:
    """Parse a FEEL expression; raises FeelSyntaxError. `names` are the variables and functions in scope."""
    return _Parser(text, names).whole(_Parser.expression)


@lru_cache(maxsize=4096)
def parse_unary_tests(text: str, names: frozenset[str] = frozenset()) -> nodes.UnaryTests:
    """Parse the cell of a decision table ("< 125", "[125..230]", "not("a")", "-"); raises FeelSyntaxError."""
    tests = _Parser(text, names).whole(_Parser.unary_tests)
    assert isinstance(tests, nodes.UnaryTests)
    return tests


class _Parser:
    def __init__(self, text: str, names: Iterable[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntaxError(f"the expression is longer than {MAX_LENGTH} characters", text, MAX_LENGTH)
        self.text = text
        self.at = 0
        self.depth = 0
        self.locals: list[str] = []
        known = sorted({*names, *BUILTINS}, key=len, reverse=True)
        self.known = [(name, _name_pattern(name)) for name in known if " " in name or not _WORD.fullmatch(name)]

    def whole(self, rule: Callable[[_Parser], Node]) -> Node:
        """Apply a rule to the whole text."""
        node = rule(self)
        self._space()
        if self.at < len(self.text):
            raise self._error("unexpected text")
        return node

    # -- scanning

    def _error(self, message: str) -> FeelSyntaxError:
        return FeelSyntaxError(message, self.text, self.at)

    def _space(self) -> None:
        match = _SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _take(self, symbol: str) -> bool:
        """Consume a symbol if it is next."""
        self._space()
        if not self.text.startswith(symbol, self.at):
            return False
        self.at += len(symbol)
        return True

    def _word(self, *words: str) -> bool:
        """Consume the words if they are next, each a whole word."""
        start = self.at
        for word in words:
            self._space()
            match = _WORD.match(self.text, self.at)
            if match is None or match.group() != word:
                self.at = start
                return False
            self.at = match.end()
        return True

    def _expect(self, symbol: str) -> None:
        if not self._take(symbol):
            raise self._error(f'"{symbol}" is missing')

    def _expect_word(self, word: str) -> None:
        if not self._word(word):
            raise self._error(f'"{word}" is missing')

    def _name(self) -> str | None:
        """Consume a name: the longest known one, else a single word."""
        self._space()
        for local in sorted(self.locals, key=len, reverse=True):
            if " " in local and (match := _name_pattern(local).match(self.text, self.at)):
                self.at = match.end()
                return local
        for name, pattern in self.known:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return name
        match = _WORD.match(self.text, self.at)
        if match is None or match.group() in _KEYWORDS:
            return None
        self.at = match.end()
        return match.group()

    # -- expressions, the loosest binding first

    def expression(self) -> Node:
        """expression = if | for | some/every | disjunction"""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._error(f"the expression is nested deeper than {MAX_DEPTH}")
        try:
            if self._word("if"):
                return self._if()
            if self._word("for"):
                return self._for()
            for word in ("some", "every"):
                if self._word(word):
                    return self._quantified(every=word == "every")
            return self._disjunction()
        finally:
            self.depth -= 1

    def _if(self) -> Node:
        condition = self.expression()
        self._expect_word("then")
        then = self.expression()
        self._expect_word("else")
        return nodes.If(condition, then, self.expression())

    def _for(self) -> Node:
        iterators = self._iterators()
        self._expect_word("return")
        body = self.expression()
        self._forget(iterators)
        return nodes.For(iterators, body)

    def _quantified(self, *, every: bool) -> Node:
        iterators = self._iterators()
        self._expect_word("satisfies")
        condition = self.expression()
        self._forget(iterators)
        return nodes.Quantified(every, iterators, condition)

    def _iterators(self) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        while not found or self._take(","):
            name = self._name()
            if name is None:
                raise self._error("a variable name is missing")
            self._expect_word("in")
            found.append((name, self.expression()))
            self.locals.append(name)
        return tuple(found)

    def _forget(self, iterators: tuple[tuple[str, Node], ...]) -> None:
        del self.locals[len(self.locals) - len(iterators) :]

    def _disjunction(self) -> Node:
        node = self._conjunction()
        while self._word("or"):
            node = nodes.Logical("or", node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._comparison()
        while self._word("and"):
            node = nodes.Logical("and", node, self._comparison())
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        self._space()
        if match := _COMPARE.match(self.text, self.at):
            self.at = match.end()
            return nodes.Comparison(match.group(), node, self._sum())
        if self._word("between"):
            low = self._sum()
            self._expect_word("and")
            return nodes.Membership(node, nodes.UnaryTests((nodes.Range(low, self._sum(), True, True),)))
        if self._word("in"):
            return nodes.Membership(node, self._tests_of_in())
        return node

    def _tests_of_in(self) -> nodes.UnaryTests:
        start = self.at
        if self._take("("):
            tests = self._positive_tests()
            # "(1..5)" is a range, "(1, 5)" a list of tests: whoever closes with ")" right here is a list.
            if self._take(")"):
                return nodes.UnaryTests(tests)
            self.at = start
        return nodes.UnaryTests((self._test(),))

    def _sum(self) -> Node:
        node = self._product()
        while True:
            for operator in "+-":
                if self._take(operator):
                    node = nodes.Arithmetic(operator, node, self._product())
                    break
            else:
                return node

    def _product(self) -> Node:
        node = self._power()
        while True:
            self._space()
            if self.text.startswith("*", self.at) and not self.text.startswith("**", self.at):
                self.at += 1
                node = nodes.Arithmetic("*", node, self._power())
            elif self._take("/"):
                node = nodes.Arithmetic("/", node, self._power())
            else:
                return node

    def _power(self) -> Node:
        node = self._negation()
        while self._take("**"):
            node = nodes.Arithmetic("**", node, self._negation())
        return node

    def _negation(self) -> Node:
        minus = False
        while self._take("-"):
            minus = not minus
        node = self._postfix()
        return nodes.Negation(node) if minus else node

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            self._space()
            if self.text.startswith(".", self.at) and not self.text.startswith("..", self.at):
                self.at += 1
                node = nodes.Path(node, self._expect_name())
            elif self._take("["):
                self.locals.append("item")
                condition = self.expression()
                self.locals.pop()
                self._expect("]")
                node = nodes.Filter(node, condition)
            elif isinstance(node, nodes.Name) and self._take("("):
                node = self._call(node)
            else:
                return node

    def _expect_name(self) -> str:
        name = self._name()
        if name is None:
            raise self._error("a name is missing")
        return name

    def _call(self, function: nodes.Name) -> Node:
        arguments: list[Node] = []
        names: list[str] = []
        while not self._take(")"):
            if arguments:
                self._expect(",")
            if name := self._parameter_name():
                names.append(name)
            arguments.append(self.expression())
        if names and len(names) != len(arguments):
            raise self._error("either all arguments are named or none")
        return nodes.Call(function.name, tuple(arguments), tuple(names), function.position)

    def _parameter_name(self) -> str | None:
        """Consume "name:" if it is next; the name may have spaces, as it ends at the colon."""
        self._space()
        match = re.compile(r"([^\W\d][\w' ]*?)\s*:(?!:)").match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        return " ".join(match.group(1).split())

    # -- primaries

    def _primary(self) -> Node:
        self._space()
        if match := _NUMBER.match(self.text, self.at):
            self.at = match.end()
            return nodes.Literal(Decimal(match.group()))
        if match := _STRING.match(self.text, self.at):
            self.at = match.end()
            return nodes.Literal(_ESCAPE.sub(_unescape, match.group(1)))
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self._word(word):
                return nodes.Literal(value)
        if self.text.startswith(("[", "(", "]"), self.at):
            return self._bracketed()
        if self._take("{"):
            return self._context()
        position = self.at
        name = self._name()
        if name is None:
            raise self._error("an expression is missing")
        return nodes.Name(name, position)

    def _bracketed(self) -> Node:
        """Read a range, a list or an expression in parentheses, which begin alike."""
        opening = self.text[self.at]
        self.at += 1
        if opening == "[" and self._take("]"):
            return nodes.ListOf(())
        first = self.expression()
        if self._take(".."):
            high = self.expression()
            return nodes.Range(first, high, opening == "[", self._closing_of_range() == "]")
        if opening == "(":
            self._expect(")")
            return first
        if opening == "]":
            raise self._error('".." is missing')
        items = [first]
        while self._take(","):
            items.append(self.expression())
        self._expect("]")
        return nodes.ListOf(tuple(items))

    def _closing_of_range(self) -> str:
        for symbol in "])[":
            if self._take(symbol):
                return symbol
        raise self._error("the range is not closed")

    def _context(self) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self._take("}"):
            if entries:
                self._expect(",")
            self._space()
            if match := _STRING.match(self.text, self.at):
                self.at = match.end()
                key = match.group(1)
                self._expect(":")
            else:
                key = self._parameter_name() or ""
            if not key:
                raise self._error("a key and a colon are missing")
            entries.append((key, self.expression()))
            self.locals.append(key)
        del self.locals[len(self.locals) - len(entries) :]
        return nodes.Context(tuple(entries))

    # -- unary tests

    def unary_tests(self) -> Node:
        """unary tests = "-" | not(tests) | tests"""
        self._space()
        if self.text[self.at :].strip() == "-":
            self.at = len(self.text)
            return nodes.UnaryTests(())
        start = self.at
        if self._word("not") and self._take("("):
            tests = self._positive_tests()
            if self._take(")") and not self.text[self.at :].strip():
                return nodes.UnaryTests(tests, negated=True)
        self.at = start
        return nodes.UnaryTests(self._positive_tests())

    def _positive_tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self._take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Node:
        self._space()
        match = _COMPARE.match(self.text, self.at)
        if match is None:
            return self.expression()
        self.at = match.end()
        operand = self._sum()
        return nodes.Comparison(match.group(), nodes.Name("?", match.start()), operand)


@lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.compile(words + r"(?![\w'])" if re.match(r"[\w']", name[-1]) else words)


def _unescape(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    if short or long:
        return chr(int(short or long, 16))
    return _ESCAPED.get(letter, "\\" + letter)
