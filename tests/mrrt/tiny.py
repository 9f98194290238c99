"""A small template and its logic, built in memory, for tests of the engine."""

from __future__ import annotations

from functools import lru_cache

from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.logic import Logic, load_logic
from mrrt.report import Report
from mrrt.template import (
    Cell,
    Choice,
    CompletionAction,
    Field,
    FieldKind,
    FieldPlace,
    Paragraph,
    Row,
    Section,
    Table,
    Template,
    Text,
)

GRADES = ("none", "moderate", "severe")


def number(key: str, unit: str | None = "cm/s", **more: object) -> Field:
    return Field(key=key, kind=FieldKind.NUMBER, label=key.replace("_", " "), unit=unit, **more)  # type: ignore[arg-type]


def choice(key: str, *values: str, **more: object) -> Field:
    choices = (Choice(value="-", text="-", blank=True), *(Choice(value=value, text=f"is {value}") for value in values))
    return Field(key=key, kind=FieldKind.SELECT, label=key, choices=choices, **more)  # type: ignore[arg-type]


def place(key: str) -> Cell:
    return Cell(items=(FieldPlace(key=key), Text(text="cm/s", unit_of=key)))


TEMPLATE = Template(
    identifier="1.2.3",
    title="Tiny",
    language="en",
    digest="0",
    fields=(
        number("right_psv"),
        number("left_psv"),
        choice("plaque", "none", "present"),
        choice("right_grade", *GRADES),
        choice("left_grade", *GRADES),
        Field(key="character", kind=FieldKind.TEXT, label="Character", section="findings"),
        Field(
            key="conclusion",
            kind=FieldKind.TEXTAREA,
            label="Conclusion",
            translations={"de": "Fazit"},
            completion_action=CompletionAction.PROHIBIT,
        ),
        Field(key="when", kind=FieldKind.DATE, label="When"),
        Field(key="repeat", kind=FieldKind.CHECKBOX, label="Repeat"),
    ),
    content=(
        Section(
            key="findings",
            name="Findings",
            translations={"de": "Befund"},
            content=(
                Table(
                    rows=(
                        Row(
                            cells=(
                                Cell(),
                                Cell(items=(Text(text="Right"),), header=True),
                                Cell(items=(Text(text="Left"),), header=True),
                            )
                        ),
                        Row(cells=(Cell(items=(Text(text="ICA"),)), place("right_psv"), place("left_psv"))),
                        Row(
                            cells=(
                                Cell(items=(Text(text="Grade"),)),
                                Cell(items=(FieldPlace(key="right_grade"),)),
                                Cell(items=(FieldPlace(key="left_grade"),)),
                            )
                        ),
                    )
                ),
                Paragraph(items=(Text(text="Plaque", label_for="plaque"), FieldPlace(key="plaque"))),
                Paragraph(items=(Text(text="Character", label_for="character"), FieldPlace(key="character"))),
            ),
        ),
        Section(
            key="impression",
            name="Impression",
            translations={"de": "Beurteilung"},
            content=(
                Paragraph(
                    items=(
                        Text(text="Conclusion", translations={"de": "Fazit"}, label_for="conclusion"),
                        FieldPlace(key="conclusion"),
                    )
                ),
            ),
        ),
    ),
)

LOGIC = """
template: 1.2.3
for each:
  side: [right, left]
inputs:
  "{side}_psv": {unit: cm/s, plausible: "[5..700]"}
functions:
  grade:
    criteria: Test 2026
    parameters: [psv, plaque]
    table: |
      | psv        | plaque    || grade      || note |
      | < 125      | -         || "none"     || slow |
      | [125..230] | "present" || "moderate" || |
      | > 230      | -         || "severe"   || fast |
calculated:
  "{side}_grade": "grade(psv: {side}_psv, plaque: plaque)"
relevant:
  character: plaque = "present"
required:
  character: plaque = "present"
alerts:
  "{side}_severe":
    when: '{side}_grade = "severe"'
    field: "{side}_grade"
    message: {en: severe, de: schwer}
"""


BY_CRITERIA = LOGIC.replace(
    "calculated:\n",
    """  strict grade:
    criteria: Strict 2026
    parameters: [psv]
    table: |
      | psv    || grade    |
      | < 100  || "none"   |
      | >= 100 || "severe" |
calculated:
""",
).replace(
    """  "{side}_grade": "grade(psv: {side}_psv, plaque: plaque)"
""",
    """  "{side}_grade":
    by: plaque
    criteria:
      none: "grade(psv: {side}_psv, plaque: plaque)"
      present: "strict grade(psv: {side}_psv)"
constraint:
  left_psv: {test: left_psv <= right_psv, message: {en: left is faster, de: links ist schneller}}
""",
)
"""Two criteria behind one choice field, and a constraint."""


@lru_cache
def logic(text: str = LOGIC) -> Logic:
    return load_logic(text, "logic.yaml", TEMPLATE)


def report(_logic: str = LOGIC, /, **values: object) -> Report:
    """Return the derived report of what a reader typed."""
    return edit(start(TEMPLATE), _logic, **values)


def edit(before: Report, _logic: str = LOGIC, /, **values: object) -> Report:
    typed = {key: entered(TEMPLATE.field_by_key[key], value) for key, value in values.items()}
    return derive(before.edit(typed), TEMPLATE, logic(_logic))


def standing(report: Report, key: str) -> object:
    value = report.value(key)
    return None if value is None else value.value
