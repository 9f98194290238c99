"""Rules about how fields are written: their types, labels, flags, hints (F)."""

from __future__ import annotations

from collections.abc import Iterator

from mrrt.check.rules import Finding, Subject, at, on, rule
from mrrt.parse.controls import Control
from mrrt.parse.fields import is_cde
from mrrt.parse.sections import is_true
from mrrt.parse.tree import Element
from mrrt.problems import Severity
from mrrt.template import FieldKind

_TYPES = frozenset({"", "text", "number", "date", "time", "checkbox"})
_DRAFT = ("data-field-signature-latitude", "data-field-signature-lattitude")


def _parts(subject: Subject) -> Iterator[tuple[Control, Element]]:
    for control in subject.around.controls.all:
        yield from ((control, element) for element in control.elements)


@rule(
    "F1",
    "A field is an input of type text, number, date, time or checkbox, a select or a textarea.",
    source="E, D",
    example='<input type="radio" name="side" value="left">',
    mend="Write a select instead of radio buttons, and a textarea instead of an input of that type.",
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def types_of_the_profile(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        kind = (control.first.get("type") or "").strip().lower() if control.first.tag == "input" else ""
        if kind not in _TYPES:
            yield on(subject, control, f'the type "{kind}" is outside of the profile')


@rule(
    "F4",
    "data-field-merge-flag is true or false.",
    source="S, D",
    example='<input data-field-merge-flag="Y">',
    mend="Write true where the host system fills the field, else false.",
    tolerant=Severity.WARNING,
)
def plain_merge_flags(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        stated = (element.get("data-field-merge-flag") or "").strip()
        if stated and stated not in ("true", "false"):
            understood = is_true(stated) or stated.lower() in ("n", "no", "0", "false")
            yield on(subject, control, f'the merge flag is "{stated}"', element, noted=understood)
        if any(element.get(name) is not None for name in _DRAFT):
            yield on(subject, control, "the completion action has its name of the draft", element, noted=True)


@rule(
    "F5",
    "A verbal trigger is a word, and leads to one field only.",
    source="D, E",
    example='<input data-field-verbal-trigger="size"> <input data-field-verbal-trigger="size">',
    mend="Give each field a trigger of its own, or none.",
    tolerant=Severity.WARNING,
)
def distinct_triggers(subject: Subject) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for control in subject.around.controls.all:
        stated = control.first.get("data-field-verbal-trigger")
        if stated is not None and not stated.strip():
            yield on(subject, control, "the verbal trigger is empty")
        elif stated and stated.strip().casefold() in seen:
            other = seen[stated.strip().casefold()]
            yield on(subject, control, f'the verbal trigger "{stated}" leads to "{other}" already')
        elif stated:
            seen[stated.strip().casefold()] = control.key


@rule(
    "F9",
    "A label names one field by its for, and stands beside it, not round it.",
    source="E",
    example='<label>Size <input id="size"></label>',
    mend='Write <label for="size">Size</label> <input id="size">.',
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def labels_beside(subject: Subject) -> Iterator[Finding]:
    for label in subject.page.named("label"):
        identity = (label.get("for") or "").strip()
        target = subject.around.labels.target.get(label)
        if not identity and target is None:
            yield at(subject, label, "the label names no field")
        elif target is not None and label in target.around():
            yield on(subject, subject.around.controls.of[target], "the label stands round its field", label)
        elif identity in subject.page.by_id and target is None:
            yield at(subject, label, f'the label is for "{identity}", which is no field')


@rule(
    "F12",
    "A checkbox has a value: the text of the report when it is ticked.",
    source="E, D",
    example='<input type="checkbox" id="biopsy">',
    mend="Write the text of the report as its value; without one its label is taken.",
    tolerant=Severity.INFORMATION,
    mrrt=Severity.WARNING,
)
def values_of_checkboxes(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        if control.kind in (FieldKind.CHECKBOX, FieldKind.CHECKBOX_GROUP) and not (element.get("value") or "").strip():
            yield on(subject, control, "the checkbox has no value", element)


@rule(
    "F13",
    "A list of suggestions exists, a _FreeText field belongs to a selection, and a default is no code.",
    source="R",
    example='<input list="no_such_datalist"> <input id="side_FreeText"> <input value="RDE196">',
    mend="Correct the id; write the code of the field into coded_content.",
    tolerant=Severity.WARNING,
)
def whole_lists(subject: Subject) -> Iterator[Finding]:
    for control, element in _parts(subject):
        listed = (element.get("list") or "").strip()
        if listed and not any(one.tag == "datalist" for one in subject.page.by_id.get(listed, [])):
            yield on(subject, control, f'there is no datalist "{listed}"', element)
        if element.tag == "input" and is_cde(element.get("value")) and control.kind is FieldKind.TEXT:
            yield on(subject, control, f'the default "{element.get("value")}" is a code, and read as one', element)
        if control.key.lower().endswith("_freetext") and subject.fields[control.key].free_text_of is None:
            yield on(subject, control, "no selection belongs to the free text", element)


@rule(
    "F15",
    "A hint stands in title; a placeholder is gone as soon as something is typed.",
    source="S, D",
    example='<input placeholder="in mm, longest axis">',
    mend="Write the hint as title.",
    tolerant=Severity.INFORMATION,
)
def hints_in_titles(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        if (text := (control.first.get("placeholder") or "").strip()) and not control.first.get("title"):
            yield on(subject, control, f'the hint "{text}" stands in placeholder only')


@rule(
    "F16",
    "Fields can be seen and filled: what is hidden or disabled is left out of reports by some programs.",
    source="E",
    example='<textarea id="report" hidden>',
    mend="Show the field, or take it out.",
    tolerant=Severity.INFORMATION,
)
def fields_in_sight(subject: Subject) -> Iterator[Finding]:
    for control in subject.around.controls.all:
        if subject.fields[control.key].hidden:
            yield on(subject, control, "the field is hidden")
        disabled = next((one for one in control.elements if one.get("disabled") is not None), None)
        if disabled is not None:
            yield on(subject, control, "the field is disabled", disabled)
