"""Vendor profiles: each rule applied and noted, each mistake refused with its place, each shipped case run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mrrt.code import Code
from mrrt.errors import Refused, Unreadable
from sr_import import load_bindings, match, read
from sr_import.applying import apply
from sr_import.described import Described, written
from sr_import.measurement import Document
from sr_import.profile import Case, Profile
from sr_import.profile_cases import differences
from sr_import.profile_files import load_profile, profiles_of, shipped_profiles
from sr_import.rules import RULES
from tests.sr_writer import Carotid, write

HEAD = """\
profile: example
version: "3"
evidence: [seen on one device]
"""
CASES = """\
cases:
  - name: nothing
    document: {content: [{num: LN 11726-7 PSV, is: "1", unit: UCUM cm/s}]}
    measurements: [{value: "1"}]
"""


def profile(rules: str, applies: str = "applies to: []\n") -> Profile:
    return load_profile(HEAD + applies + rules + CASES, "example.yaml")


def said(content: str, rules: str, **header: str) -> Document:
    from ruamel.yaml import YAML

    described = Described.model_validate({**header, "content": YAML(typ="safe", pure=True).load(content)})
    return read(written(described), (profile(rules),))


ONE = '- {num: LN 11726-7 PSV, is: "80", unit: UCUM cm/s}\n'


# What applies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applies", "expected"),
    [
        ("[]", True),
        ("[{manufacturer: exam*}]", True),
        ("[{manufacturer: exam*, model: SONO  1}]", True),
        ("[{manufacturer: exam*, model: SONO 2}]", False),
        ("[{model: SONO 2}, {software: ['2', '1']}]", True),
        ("[{scheme: 99EN}]", False),
        ("[{scheme: NCIt}]", True),
        ("[{code: LN 11653-3}]", True),
        ("[{code: LN 1726-7}]", False),
        ("[{title: DCM 125100}]", True),
        ("[{title: LN 24534-0}]", False),
    ],
)
def test_which_documents_a_profile_is_for(applies: str, expected: bool) -> None:
    document = read(write(Carotid()), (profile("", f"applies to: {applies}\n"),))
    assert document.profiles == (("example 3",) if expected else ())


def test_without_profiles_a_document_is_as_it_was_sent() -> None:
    assert read(write(), ()).profiles == ()
    assert read(write()).profiles == ("generic 1",)
    assert read(write(), ()).measurements == read(write()).measurements


# What rules do ----------------------------------------------------------------------------------------------------


def notes(document: Document) -> list[str]:
    return [str(note) for one in document.measurements for note in one.applied]


CODES = "codes:\n  - {sent: LN 1726-7, meant: LN 11726-7 Peak, when meaning: 'psv*', because: typo}\n"


def test_a_code_that_means_another_one() -> None:
    document = said('- {num: LN 1726-7 PSV  max, is: "80"}\n- {num: LN 1726-7 EDV, is: "20"}\n', CODES)
    assert [one.code for one in document.measurements] == [Code.of("LN", "11726-7"), Code.of("LN", "1726-7")]
    assert notes(document) == ["profile example 3: code (1726-7, LN) read as (11726-7, LN)"]
    (problem,) = [one for one in document.problems if one.rule == "SR18"]
    assert (problem.message, problem.path) == (
        "Profile example 3: code (1726-7, LN) read as (11726-7, LN), 1 item.",
        "1.1",
    )


def test_a_changed_value_says_so_where_it_fills_a_field() -> None:
    document = said('- {num: LN 1726-7 PSV, is: "80", unit: UCUM cm/s}\n', CODES)
    text = (
        "template: x\nversion: '1'\ncodes: {psv: {scheme: LN, value: 11726-7}}\nbindings: {f: {code: psv, unit: m/s}}\n"
    )
    value = match([document], load_bindings(text, "b.yaml", None)).values["f"]
    assert value.source is not None and value.value == "0.8"
    assert value.source.rule == "the only value; profile example 3: code (1726-7, LN) read as (11726-7, LN)"


def test_sites_of_measurements_and_findings() -> None:
    rules = "sites:\n  - {sent: SRT T-45700, meant: SCT 36765005 Subclavian, when meaning: '*subcl*', because: typo}\n"
    content = (
        f"- container: SRT T-45700 Subclavian\n  content:\n    {ONE}    - {{text: DCM 121106 Comment, is: calm}}\n"
    )
    document = said(content, rules)
    assert {one.site for one in (*document.measurements, *document.findings)} == {Code.of("SCT", "36765005")}
    assert all(one.applied for one in document.findings)


TEXTS = """\
texts:
  - {text: "rt ica prox*", site: SCT 86117002, segment: SCT 40415009, laterality: right, because: label}
  - {text: lt ica, site: SCT 86117002, laterality: left, because: label}
"""
LABEL = "{text: 121106 X Label, is: 'RT  ICA Prox 1', as: HAS ACQ CONTEXT}".replace("121106 X", "DCM 121106")


@pytest.mark.parametrize(
    "content",
    [
        f'- num: LN 11726-7 PSV\n  is: "80"\n  content: [{LABEL}]\n',
        f"- container: DCM 125007 Group\n  content:\n    - {LABEL}\n    {ONE}",
        f"- container: DCM 125007 Group\n  content:\n    - {LABEL.replace('HAS ACQ CONTEXT', 'CONTAINS')}\n    {ONE}",
    ],
    ids=["at the number", "around it", "beside it"],
)
def test_a_text_names_the_place(content: str) -> None:
    (one,) = said(content, TEXTS).measurements
    assert (one.site and one.site.value, one.segment and one.segment.value, one.laterality) == (
        *("86117002", "40415009"),
        "right",
    )
    assert 'the text "RT  ICA Prox 1" says (86117002, SCT), (40415009, SCT), right' in str(one.applied[0])


def test_a_text_that_contradicts_the_document_is_not_taken() -> None:
    side = "- {code: SCT 272741003 Laterality, is: SCT 7771000 Left}\n"
    document = said(f"{side}- {LABEL}\n{ONE}", TEXTS)
    assert (document.measurements[0].site, document.measurements[0].laterality) == (None, "left")
    assert "SR11" in {problem.rule for problem in document.problems}


_SIDE = "{{code: SCT 272741003 Laterality, is: {}, as: HAS CONCEPT MOD}}"


@pytest.mark.parametrize(
    "sides",
    [
        ["SCT 24028007 Right", "SCT 7771000 Left"],
        ["99X abc Rechts"],
    ],
)
def test_a_text_decides_no_side_that_the_document_disputes(sides: list[str]) -> None:
    stated = "".join(f", {_SIDE.format(side)}" for side in sides)
    content = ONE.replace("cm/s}", f"cm/s, content: [{LABEL}{stated}]}}")
    document = said(content, TEXTS)
    assert document.measurements[0].laterality is None
    assert any("says right" in one.message for one in document.problems if one.rule == "SR11")


def test_two_profiles_that_say_different_sides_decide_none() -> None:
    document = said(f"- {LABEL}\n{ONE}", "")
    left = profile(TEXTS.replace("laterality: right", "laterality: left"))
    found = apply(document, [profile(TEXTS), left, left])
    assert [(one.laterality, one.side_disputed) for one in found.measurements] == [(None, True)]
    assert "another profile right; neither was taken" in found.problems[-2].message
    assert apply(document, [profile(TEXTS), profile(TEXTS)]).measurements[0].laterality == "right"


def test_a_text_that_says_the_other_side_of_a_farther_one_is_not_taken() -> None:
    outer = "{text: DCM 121106 Label, is: LT ICA, as: HAS ACQ CONTEXT}"
    inner = ONE.replace("cm/s}", f"cm/s, content: [{LABEL}]}}").removeprefix("- ").strip()
    document = said(f"- {{container: DCM 121070 Findings, content: [{outer}, {inner}]}}\n", TEXTS)
    assert document.measurements[0].laterality is None
    assert any("say different things" in one.message for one in document.problems)


def test_two_texts_that_say_different_things_are_not_taken() -> None:
    document = said(f"- {LABEL}\n- {LABEL.replace('RT  ICA Prox 1', 'LT ICA')}\n{ONE}", TEXTS)
    assert (document.measurements[0].site, notes(document)) == (None, [])
    assert "SR11" in {problem.rule for problem in document.problems}


def test_a_text_far_above_is_none_for_what_is_below_unless_it_modifies() -> None:
    inner = f"- container: DCM 125007 Group\n  content:\n    {ONE}"
    assert said(f"- {LABEL.replace('HAS ACQ CONTEXT', 'CONTAINS')}\n{inner}", TEXTS).measurements[0].site is None


def test_many_texts_beside_many_numbers_take_no_time() -> None:
    label = LABEL.replace("HAS ACQ CONTEXT", "CONTAINS")
    document = said(f"- {label}\n" * 20 + ONE * 20, TEXTS)
    many = document.model_copy(
        update={"findings": document.findings * 500, "measurements": document.measurements * 500, "profiles": ()}
    )
    start = time.process_time()
    assert len(apply(many, [profile(TEXTS)]).measurements) == 10_000
    assert time.process_time() - start < 10  # all of one with all of the other would take minutes


def test_a_unit_that_a_device_leaves_out() -> None:
    rules = "units:\n  - {code: LN 11726-7, unit: cm/s, because: manual}\n"
    document = said('- {num: LN 11726-7 PSV, is: "80"}\n- {num: LN 11653-3 EDV, is: "20"}\n' + ONE, rules)
    assert [(one.unit, one.ucum) for one in document.measurements] == [(None, "cm/s"), (None, None), ("cm/s", "cm/s")]
    assert [one.path for one in document.problems if one.rule == "SR08"] == ["1.2"]


@pytest.mark.parametrize(
    ("comma", "values"), [("decimal", ["1.234", "33.5", None]), ("thousands", ["1234", None, "1234.5"])]
)
def test_what_a_comma_is(comma: str, values: list[str | None]) -> None:
    content = "".join(f'- {{num: LN 11726-7 PSV, is: "{sent}"}}\n' for sent in ("1,234", "33,5", "1,234.5"))
    document = said(content, f"decimal comma: {comma}\n")
    assert [one.value for one in document.measurements] == values
    assert [one.received for one in document.measurements] == ["1,234", "33,5", "1,234.5"]


TWICE = ONE + ONE + ONE.replace('"80"', '"81"')
MARKED = ONE + (
    '- num: LN 11726-7 PSV\n  is: "80"\n  unit: UCUM cm/s\n'
    "  content: [{code: DCM 121404 S, is: DCM 121410 U, as: HAS PROPERTIES}]\n"
)


@pytest.mark.parametrize(
    ("rule", "content", "repeats"),
    [
        ("selection status", TWICE, [None, None, None]),
        ("selection status", MARKED, ["1.2", None]),
        ("equal values", TWICE, [None, "1.1", None]),
        ("equal values", MARKED, ["1.2", None]),
        ("separate", MARKED, [None, None]),
    ],
)
def test_what_is_written_twice(rule: str, content: str, repeats: list[str | None]) -> None:
    document = said(content, f"duplicates: {rule}\n")
    assert [one.repeat_of for one in document.measurements] == repeats


def test_the_first_profile_decides_the_selection_order() -> None:
    own, other = profile("selection order: [latest]\n"), profile("selection order: [first]\n")
    assert read(write(), (own, other)).selection_order == ("latest",)


# Files with mistakes ----------------------------------------------------------------------------------------------

BROKEN = {
    "SP01": "codez: []\n",
    "SP02": "codes:\n  - {sent: LN 1726-7, because: typo}\n",
    "SP03": "units:\n  - {code: LN 11726-7, unit: furlong per week, because: manual}\n",
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_mistake_is_refused_at_its_line(rule: str) -> None:
    with pytest.raises(Refused) as refused:
        profile(BROKEN[rule])
    (problem,) = refused.value.problems
    assert (problem.rule, problem.file, problem.line) == (rule, "example.yaml", 5 if rule == "SP01" else 6)
    assert problem.mend and problem.message.endswith(".")


@pytest.mark.parametrize(
    "rules",
    [
        "codes: [{sent: 1726-7, meant: LN 11726-7, because: typo}]\n",
        "decimal comma: point\n",
        "duplicates: twice\n",
        "selection order: [best one]\n",
        "texts: [{text: [], because: label}]\n",
        "version: 3\n",
        "cases: []\n",
        "sites: 5\n",
    ],
)
def test_entries_of_the_wrong_form(rules: str) -> None:
    key = rules.split(":")[0]
    text = "".join(line for line in (HEAD + CASES).splitlines(keepends=True) if key != line.split(":")[0])
    text = text if key != "cases" else HEAD
    with pytest.raises(Refused) as refused:
        load_profile(f"{text}applies to: []\n{rules}", "example.yaml")
    assert {problem.rule for problem in refused.value.problems} == {"SP03"}


@pytest.mark.parametrize("missing", ["profile", "version", "evidence", "cases", "applies to"])
def test_what_a_profile_must_have(missing: str) -> None:
    text = HEAD + "applies to: []\n" + CASES
    kept = text.split("cases:")[0] if missing == "cases" else text
    kept = "".join(line for line in kept.splitlines(keepends=True) if not line.startswith(f"{missing}:"))
    with pytest.raises(Refused, match=missing):
        load_profile(kept, "example.yaml")


def test_two_profiles_of_one_name_are_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + "applies to: []\n" + CASES, encoding="utf-8")
    with pytest.raises(Refused) as refused:
        profiles_of([tmp_path])
    assert [problem.rule for problem in refused.value.problems] == ["SP04"]


def test_every_rule_of_profiles_has_a_broken_file() -> None:
    assert {*BROKEN, "SP04"} == {rule.id for rule in RULES if rule.id.startswith("SP")}


def test_profiles_of_a_site_stand_before_those_that_ship(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(HEAD + "applies to: [{model: X}]\n" + CASES, encoding="utf-8")
    generic = HEAD.replace("example", "generic") + "applies to: []\n" + CASES
    (tmp_path / "generic.yaml").write_text(generic, encoding="utf-8")
    found = profiles_of([tmp_path])
    assert (found[0].title, found[-1].title) == ("example 3", "generic 3")
    assert len(found) == len(shipped_profiles()) + 1


def test_folders_and_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no folder"):
        profiles_of([tmp_path / "missing"])
    (tmp_path / "own.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(Unreadable, match="cannot be read"):
        profiles_of([tmp_path])


# Worked cases -----------------------------------------------------------------------------------------------------

SHIPPED = [(one, case) for one in shipped_profiles() for case in one.cases]


@pytest.mark.parametrize(("one", "case"), SHIPPED, ids=[f"{one.profile}: {case.name}" for one, case in SHIPPED])
def test_every_shipped_case(one: Profile, case: Case) -> None:
    assert list(differences(one, case)) == []


def test_what_ships() -> None:
    names = {one.profile for one in shipped_profiles()}
    assert names == {"generic", "ge-ultrasound", "philips-ultrasound", "canon-toshiba", "android-ultrasound-app"}
    assert all(one.evidence and one.cases for one in shipped_profiles())


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('[{value: "1"}]', '[{value: "2"}]', 'value is "1", not "2"'),
        ('[{value: "1"}]', "[]", "0 measurements expected, 1 read"),
        ('[{value: "1"}]', "[{unit: m/s, repeat: true, site: SCT 1, note: typo}]", "measurement 1: "),
        ("applies to: []", "applies to: [{model: X}]", "does not apply"),
    ],
)
def test_a_wrong_case_fails(old: str, new: str, words: str) -> None:
    made = load_profile((HEAD + "applies to: []\n" + CASES).replace(old, new), "example.yaml")
    assert any(words in one for one in differences(made, made.cases[0]))


def test_a_right_case_passes() -> None:
    made = profile("")
    assert list(differences(made, made.cases[0])) == []


def test_a_vessel_with_the_code_of_another_one_fills_no_wrong_field() -> None:
    app = next(one for one in shipped_profiles() if one.profile == "android-ultrasound-app")
    content = written(app.cases[0].document)
    text = (
        "template: x\nversion: '1'\ncodes:\n  psv: {scheme: LN, value: 11726-7}\n"
        "  subc: {scheme: SCT, value: '36765005'}\n  vert: {scheme: SCT, value: '85234005'}\nbindings:\n"
        "  subc: {code: psv, site: subc, unit: cm/s}\n  vert: {code: psv, site: vert, unit: cm/s}\n"
    )
    bindings = load_bindings(text, "b.yaml", None)
    filled = match([read(content)], bindings).values
    assert {field: value.value for field, value in filled.items()} == {"subc": "105", "vert": "44"}
    assert match([read(content, ())], bindings).values == {}


def test_a_described_document_is_reproducible() -> None:
    document = shipped_profiles()[-1].cases[0].document
    assert written(document) == written(document)
