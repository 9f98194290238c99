"""What the import says, in German: every kind of phrase, and what real matching says of difficult documents.

1. Phrases, alone and within each other; what has no German words stays as it is, and English is left alone.
2. Whatever matching says of documents that differ, state no side, or lost a value, is said in German.
3. Problems name their field by its label.
"""

from __future__ import annotations

import pytest

from mrrt.problems import Problem, Severity
from reporting.import_words import problems_said, said
from reporting.workflow import Workflow

from ..mrrt.tiny import TEMPLATE
from ..sr_writer import Carotid, to_bytes
from ..sr_writer import document as sr_dataset
from .site import by, sr


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("no binding for this code", "keine Zuordnung für diesen Code"),
        ("Selection Status: Mean value chosen; fetus known", "Auswahlstatus: Mean value chosen; fetus known"),
        (
            "second choice, at right CCA Mid; there 3 equal values",
            "zweite Wahl, bei right CCA Mid; dort 3 gleiche Werte",
        ),
        (
            "highest of 3 places, at left ICA; there the only value",
            "höchster von 3 Orten, bei left ICA; dort der einzige Wert",
        ),
        (
            "the value that the device chose (1.5.2) cannot be used: it has no unit",
            "der vom Gerät gewählte Wert (1.5.2) ist nicht verwendbar: er hat keine Einheit",
        ),
        ("right_psv was left empty: zero is no signal.", "right_psv blieb leer: null ist kein Signal."),
        (
            "right_psv was left empty: 3 values differ, and nothing says which one counts; samples: 3 at 1.",
            "right_psv blieb leer: 3 Werte unterscheiden sich, und nichts sagt, welcher gilt; Messungen: 3 at 1.",
        ),
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
