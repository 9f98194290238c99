"""What the import says, in German: every kind of phrase, and what real matching says of difficult documents.

1. Phrases, alone and within each other; what has no German words stays as it is, and English is left alone.
2. Whatever matching says of documents that differ, state no side, or lost a value, is said in German.
3. Problems name their field by its label.
4. What the site desk is told of deliveries, proposals and long work, as what it comes from says it.
5. Codes have their names from one table, and stay what they are.
6. What reading, profiles and replacement say of a document: one document for each rule that they have.
"""

from __future__ import annotations

import base64
import re
from importlib import resources

import pytest

from mrrt.code import Code, normalise
from mrrt.code_names import named
from mrrt.errors import Unreadable
from mrrt.problems import Problem, Severity
from reporting import site_words
from reporting.import_words import document_said, problems_said, said, said_in
from reporting.job_kinds import KINDS, Run
from reporting.workflow import Workflow
from sr_import import Document, read, read_whole
from sr_import.merging import standing
from sr_import.rules import RULES

from ..mrrt.tiny import TEMPLATE
from ..sr_import import broken
from ..sr_import.test_merging import made
from ..sr_import.test_profiles import said as in_profile
from ..sr_writer import Carotid, to_bytes, write
from ..sr_writer import document as sr_dataset
from .site import by, sr


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("no binding for this code", "keine Zuordnung für diesen Code"),
        ("Selection Status: Mean value chosen; fetus known", "Auswahlstatus: Mittelwert gewählt; fetus known"),
        (
            "second choice, at right CCA Mid; there 3 equal values",
            "zweite Wahl: rechts CCA Mitte; dort 3 gleiche Werte",
        ),
        (
            "highest of 3 places, at left ICA; there the only value",
            "höchster von 3 Orten: links ICA; dort der einzige Wert",
        ),
        (
            "the value that the device chose (1.5.2) cannot be used: it has no unit",
            "der vom Gerät gewählte Wert (1.5.2) ist nicht verwendbar: er hat keine Einheit",
        ),
        (
            "it says how values spread (Standard Deviation) and is none itself",
            "er beschreibt eine Streuung (Standardabweichung) und ist selbst kein Messwert",
        ),
        ("right_psv was left empty: zero is no signal.", "right_psv blieb leer: null ist kein Signal."),
        (
            "right_psv was left empty: 3 values differ, and nothing says which one counts; samples: 3 at 1.",
            "right_psv blieb leer: 3 Werte unterscheiden sich, und nichts sagt, welcher gilt; Messungen: 3 at 1.",
        ),
        (
            "2 places fit: right Internal Carotid Artery Proximal, left Carotid bulb",
            "2 Orte passen: rechts A. carotis interna proximal, links Bulbus caroticus",
        ),
        (
            "none of the 3 values is what the binding takes (selected, mean, only)",
            "keiner der 3 Werte ist, was die Zuordnung nimmt (gewählter, Mittel, einziger)",
        ),
        (
            'The section "Findings" (1.2) states no side; 1 measurement was not placed.',
            'Der Abschnitt "Befunde" (1.2) nennt keine Seite; 1 Messwert ohne Platz.',
        ),
        ("it carries no value (not-performed)", "er enthält keinen Wert (nicht durchgeführt)"),
        ("not stated in CT Acquisition 3", "nicht angegeben in CT-Aufnahme 3"),
        ("count of the containers CT Acquisition", "Anzahl der Abschnitte CT-Aufnahme"),
        ("finding: Target Region", "Angabe: Zielregion"),
        (
            "2 of 14 containers CT Acquisition have no place in the template (number 13, 14); not filled in.",
            "2 von 14 Abschnitten CT-Aufnahme haben keinen Platz in der Vorlage (Nummer 13, 14); nicht übernommen.",
        ),
        ('f: nothing is bound for (1, 99X, "Right foot").', 'f: für (1, 99X, "Right foot") ist nichts zugeordnet.'),
        (
            "the only value; profile example 3: code (1726-7, LN) read as (11726-7, LN)",
            "der einzige Wert; Profil example 3: Code (1726-7, LN) gelesen als (11726-7, LN)",
        ),
        (
            'Number has the unit "X-ray sources"; read as {X-Ray sources}.',
            'Number hat die Einheit "X-ray sources"; gelesen als {X-Ray sources}.',
        ),
        ("Selection Status: Mean of the left side", "Auswahlstatus: Mean of the left side"),
        ("a phrase that nobody knows", "a phrase that nobody knows"),
        ("", ""),
    ],
)
def test_phrases(english: str, german: str) -> None:  # 1
    assert said(english, "de") == german
    assert said(english, "en") == english


def difficult() -> list[bytes]:
    more = sr_dataset(Carotid(velocities={("left", "ica", "prox"): (90.0, 30.0)}, ratios={}, instance="one"))
    more.SOPInstanceUID = "1.2.3.99"
    beyond = Carotid(velocities={("right", "ica", "dist"): (1000.0, 40.0)}, ratios={}, instance="one")
    far = sr_dataset(beyond)
    far.SOPInstanceUID = "1.2.3.98"
    sideless = sr_dataset(Carotid(sides={"left": "left"}, instance="one"))
    sideless.SOPInstanceUID = "1.2.3.97"
    return [sr(right=336.0, left=80.0), *map(to_bytes, (more, far, sideless))]


def test_codes_have_their_names_in_the_language_of_the_report(workflow: Workflow) -> None:  # 5
    """A German page listed "Peak Systolic Velocity, Internal carotid artery, Proximal"."""
    uids = [workflow.receive(content, by()).document.sop_instance_uid or "" for content in difficult()]
    names = {
        language: [
            one.code.meaning
            for each in (*view.unmatched, *(one for open_one in view.ambiguous for one in open_one.candidates))
            for one in (each,)
            if one.code
        ]
        for language in ("en", "de")
        for view in (workflow.create(f"r-{language}", "tiny-carotid", uids, by(), language=language),)
    }
    assert "End Diastolic Velocity" in names["en"]
    assert "enddiastolische Geschwindigkeit" in names["de"]
    assert not set(names["en"]) & set(names["de"])


def test_a_name_does_not_change_what_a_code_is() -> None:  # 5
    proximal = Code.of("SRT", "G-A118", "PROX")
    assert (named(proximal, "de"), named(proximal, "de").meaning) == (proximal, "proximal")
    assert named(proximal, "en").meaning == "PROX"
    private = Code.of("99X", "1", "Best of all")
    assert named(private, "de").meaning == "Best of all"


def test_the_table_of_names_is_sound() -> None:  # 5
    """Every row has four cells, codes as they are compared, and no meaning two names."""
    table = resources.files("mrrt").joinpath("data", "code_names.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    assert all(len(row) == 4 and all(row) for row in rows)
    assert [row[:2] for row in rows if normalise(*row[:2]) != (row[0], row[1])] == []
    assert len({(row[0], row[1]) for row in rows}) == len(rows)
    named_twice = {(meaning.casefold(), row[3]) for row in rows for meaning in row[2].split("|")}
    assert len(named_twice) == len({meaning for meaning, _ in named_twice})


def test_difficult_documents(workflow: Workflow) -> None:  # 2
    uids = [workflow.receive(content, by()).document.sop_instance_uid or "" for content in difficult()]
    english = workflow.create("r1", "tiny-carotid", uids, by(), language="en")
    german = workflow.create("r2", "tiny-carotid", uids, by(), language="de")
    assert english.unmatched
    assert english.ambiguous
    pairs = [
        *((one.reason, other.reason) for one, other in zip(english.unmatched, german.unmatched, strict=True)),
        *((one.reason, other.reason) for one, other in zip(english.ambiguous, german.ambiguous, strict=True)),
        *((one.message, other.message) for one, other in zip(english.problems, german.problems, strict=True)),
        *(
            (one.source.rule, german.values[key].source.rule)
            for key, one in english.values.items()
            if one.source and one.source.rule and one.provenance == "imported"
        ),
    ]
    assert [one for one, other in pairs if one == other] == []


def test_a_problem_names_its_field_by_its_label() -> None:  # 3
    problem = Problem(
        rule="SM04",
        severity=Severity.WARNING,
        message="right_psv was left empty: zero is no signal.",
        field="right_psv",
        mend="Read the value on the device and type it in.",
    )
    (english,) = problems_said((problem,), TEMPLATE, "en")
    (german,) = problems_said((problem,), TEMPLATE, "de")
    label = TEMPLATE.field_by_key["right_psv"].label_in("en")
    assert english.message == f"{label} was left empty: zero is no signal."
    assert german.message.endswith("blieb leer: null ist kein Signal.")
    assert german.mend == "Den Wert am Gerät ablesen und eingeben."


ENGLISH = re.compile(
    r"\b(the|is|was|of|and|a|an|not|file|no|could|from|has|read|as|sent|item|items|device|taken|value)\b"
)
IMAGE = sr().replace(b"1.2.840.10008.5.1.4.1.1.88.33", b"1.2.840.10008.5.1.4.1.1.6.1\0\0")
FILES = (
    b"",
    b"%PDF-1.7",
    b"PK\x03\x04",
    b"{}",
    b"<a/>",
    b"MSH|",
    b"a plain text",
    b"\x01\x03\x05",
    sr()[:200],
    sr()[:2000],
)


@pytest.mark.parametrize("content", [*FILES, IMAGE], ids=range(len(FILES) + 1))
def test_files_without_a_document(content: bytes) -> None:  # 4
    with pytest.raises(Unreadable) as refused:
        read_whole(content)
    words, language = said_in(str(refused.value), "de")
    assert language == "de"
    assert not ENGLISH.search(words), words


def test_what_long_work_says(workflow: Workflow) -> None:  # 4
    workflow.create("r1", "tiny-carotid", [], by())
    archive = base64.b64encode(b"PK\x05\x06" + bytes(18)).decode()
    messages: list[str] = []
    for name, kind in KINDS.items():
        given = {"archive": archive} if name == "import-templates" else {}
        run = Run(workflow, by(), lambda done, total, message: messages.append(message))
        messages.append(kind.work(run, kind.parameters(**given)).message)
    assert len(set(messages)) >= 7
    assert [one for one in messages if ENGLISH.search(said(one, "de")) or said_in(one, "de")[1] != "de"] == []


def test_what_proposals_say(workflow: Workflow) -> None:  # 4
    uids = [workflow.receive(content, by()).document.sop_instance_uid or "" for content in difficult()]
    workflow.create("r1", "tiny-carotid", uids, by())
    lines = workflow.unmapped(None)
    assert lines
    whys = [one.why for one in workflow.proposals(lines) if one is not None]
    assert whys
    assert [why for why in whys if said_in(why, "de")[1] != "de"] == []


def test_nobody_is_told_that_english_is_german() -> None:  # 1
    assert said_in("a phrase that nobody knows", "de") == ("a phrase that nobody knows", "en")
    assert said_in("intact", "en") == ("intact", "en")
    assert said_in("", "de") == ("", "de")


def test_the_parts_of_german_phrases_are_those_of_the_english() -> None:  # 1
    for english, german in site_words.GERMAN.items():
        assert set(re.findall(r"\{(\w+)\}", german)) == set(re.findall(r"\?P<(\w+)>", english)), english


TEXT = "{text: DCM 121106 Label, is: Rt ICA, as: HAS ACQ CONTEXT}"
BOTH = TEXT.replace("Rt", "Lt")
SIDE = "{code: SCT 272741003 Laterality, is: SCT 7771000 Left, as: HAS CONCEPT MOD}"
NO_SIDE = SIDE.replace("SCT 7771000 Left", "99X 1 Here")
PSV = '- {{num: LN 11726-7 PSV, is: "80"{unit}{more}}}\n'
UNIT = ", unit: UCUM cm/s"
TEXTS = """\
texts:
  - {text: rt ica, laterality: right, site: SCT 86117002, because: label}
  - {text: lt ica, laterality: left, site: SCT 86117002, because: label}
"""
AT_A_SITE = "- container: SCT 1 X\n  content:\n    " + PSV.format(unit=UNIT, more="")
PROFILES = {
    "codes:\n  - {sent: LN 11726-7, meant: LN 1726-7, because: typo}\n": PSV.format(unit=UNIT, more=""),
    "sites:\n  - {sent: SCT 1, meant: SCT 36765005 Subclavian, because: typo}\n": AT_A_SITE,
    "units:\n  - {code: LN 11726-7, unit: cm/s, because: manual}\n": 2 * PSV.format(unit="", more=""),
    "decimal comma: decimal\n": PSV.format(unit=UNIT, more="").replace("80", "1,234"),
    "decimal comma: thousands\n": PSV.format(unit=UNIT, more="").replace("80", "1,234"),
    "duplicates: equal values\n": 2 * PSV.format(unit=UNIT, more=""),
    TEXTS: PSV.format(unit=UNIT, more=f", content: [{TEXT}]"),
    TEXTS + "\n": PSV.format(unit=UNIT, more=f", content: [{TEXT}, {BOTH}]"),
    TEXTS + "\n\n\n": PSV.format(unit=UNIT, more=f", content: [{TEXT}, {NO_SIDE}]"),
    TEXTS + "\n\n": PSV.format(unit=UNIT, more=f", content: [{TEXT}, {SIDE}]"),
}


def read_documents() -> dict[str, Document]:
    """Documents of which something is to be said, by the rule or by what their profile does."""
    found = {rule: read(content()) for rule, content in broken.DOCUMENTS.items()}
    many = sr_dataset(Carotid(without_unit=True))
    found |= {
        "many": read(to_bytes(many)),
        "endless": read(write()[:-40]),
        "utf-8": read(sr().replace(b"EXAMPLE", "MÜLLER".encode()).replace(b"ISO_IR 192", b"ISO_IR 100")),
    }
    return found | {rules: in_profile(content, rules) for rules, content in PROFILES.items()}


DOCUMENTS = read_documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_said_of_a_document(name: str) -> None:  # 6
    document = DOCUMENTS[name]
    assert document.problems
    german = document_said(document, "de")
    for one, other in zip(document.problems, german.problems, strict=True):
        assert is_german(other.message) and other.message != one.message, other.message
        assert is_german(other.mend or ""), other.mend
    rules = [note.rule for item in german.measurements for note in item.applied]
    assert [rule for rule in rules if not is_german(rule)] == []
    assert document_said(document, "en") is document


def test_every_rule_of_documents_is_said_in_german() -> None:  # 6
    rules = {one.id for one in RULES if one.id.startswith("SR")}
    assert rules - {problem.rule for one in DOCUMENTS.values() for problem in one.problems} == {"SR00"}
    mends = [one.mend for one in RULES if one.id.startswith(("SR", "SM"))]
    assert [mend for mend in mends if not is_german(said(mend, "de")) or said(mend, "de") == mend] == []


@pytest.mark.parametrize(
    "documents",
    [
        [made(), made(uid="1.2", predecessors=("1.1",))],
        [made(predecessors=("1.2",)), made(uid="1.2", predecessors=("1.1",))],
        [made(content_date_time="2026-01-01T10:00:00"), made(uid="1.2", content_date_time="2026-01-01T11:00:00")],
    ],
    ids=["named", "in a circle", "said again"],
)
def test_what_is_said_of_replaced_documents(documents: list[Document]) -> None:  # 6
    problems = standing(documents).problems
    assert problems
    assert [said(one.message, "de") for one in problems if not is_german(said(one.message, "de"))] == []


def is_german(text: str) -> bool:
    """Tell whether a text has none of the words that every English one of these has; what was sent is in quotes."""
    return not ENGLISH.search(re.sub(r'"[^"]*"', "", text))
