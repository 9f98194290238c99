"""Conditions that real templates carry as attributes, translated to FEEL.

MRRT itself has no conditions (section 1 of the profile's content defines none). Two notations are found in the wild:
`data-mrrt-condition="#id ge 1"`, and `data-show-if="id=value"` or `data-show-if="id"`. Both mean: shown only while it
holds. So a condition on a field that nobody has answered does not hold, as in the browsers that these templates were
made for; nor does one on a field that is hidden itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mrrt.problems import Problem, Severity
from mrrt.template import (
    Block,
    Cell,
    Choice,
    Field,
    FieldKind,
    FieldPlace,
    Inline,
    Paragraph,
    Row,
    Section,
    Table,
    Template,
)

Part = Block | Row | Cell | Inline

_OPERATORS = {"eq": "=", "ne": "!=", "ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
_MRRT = re.compile(r"#(?P<key>\S+)\s+(?P<operator>eq|ne|ge|le|gt|lt)\s+(?P<literal>\S.*)")
_SHOW_IF = re.compile(r"(?P<key>[^\s=!<>]+)(?:\s*(?P<operator>!?=)\s*(?P<literal>.*))?")
_MOMENTS = {
    FieldKind.DATE: ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    FieldKind.TIME: ("time", re.compile(r"\d\d:\d\d:\d\d")),
}
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def conditions_of(template: Template) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Return the FEEL text of each condition in a template, and what could not be translated (rule L14).

    A condition that cannot be translated hides nothing, and is a Problem of severity warning.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for condition in dict.fromkeys(one for whole in _conditions(template) for one in each(whole)):
        try:
            found[condition] = to_feel(condition, template.field_by_key)
        except ValueError as error:
            problems.append(
                Problem(
                    rule="L14",
                    severity=Severity.WARNING,
                    message=f'the condition "{condition}" of the template is not used: {error}',
                    mend="Write it as `relevant` in logic.yaml.",
                )
            )
    return found, tuple(problems)


def each(condition: str | None) -> tuple[str, ...]:
    """Return the conditions that a field or a part of the content states: one a line, all of which must hold."""
    return tuple(condition.split("\n")) if condition else ()


def to_feel(condition: str, fields: Mapping[str, Field]) -> str:
    """Translate one condition; raises ValueError, with the reason, on one that cannot be read."""
    text = condition.strip()
    match = _MRRT.fullmatch(text) or _SHOW_IF.fullmatch(text)
    if match is None:
        raise ValueError("it is neither `#field operator value` nor `field=value`")
    field, member = _named(match["key"], fields)
    if member is not None:
        return _of_member(field, member, match["operator"], match["literal"])
    if match["operator"] is None:
        return f"{field.key} = true" if field.kind is FieldKind.CHECKBOX else f"{field.key} != null"
    operator = _OPERATORS.get(match["operator"], match["operator"])
    return _comparison(field, operator, match["literal"].strip().strip("\"'"))


def _named(name: str, fields: Mapping[str, Field]) -> tuple[Field, Choice | None]:
    """Find what an id names: a field, or one choice of a group of radio buttons or checkboxes."""
    if name in fields:
        return fields[name], None
    for field in fields.values():
        if name in (field.element_id, field.name):
            return field, None
        for choice in field.choices:
            if choice.element_id == name:
                return field, choice
    raise ValueError(f'there is no field "{name}"')


def _of_member(field: Field, member: Choice, operator: str | None, literal: str | None) -> str:
    ticked = {"true": True, "false": False, member.value.lower(): True}.get((literal or "true").strip("\"' ").lower())
    if ticked is None or operator not in (None, "eq", "ne", "=", "!="):
        raise ValueError(f'"{member.text}" is one of several choices, which is true or false')
    chosen = f"({_member(field, member.value)}) = true"
    return chosen if ticked == (operator in (None, "eq", "=")) else f"not({chosen})"


def _comparison(field: Field, operator: str, literal: str) -> str:
    if operator == "!=":
        return f"not({_comparison(field, '=', literal)})"
    if field.kind is FieldKind.CHECKBOX:
        return _of_checkbox(field, operator, literal)
    if field.kind in _MOMENTS:
        read, form = _MOMENTS[field.kind]
        if not form.fullmatch(literal):
            raise ValueError(f'"{literal}" is no {read}')
        return f'({field.key} {operator} {read}("{literal}")) = true'
    if operator == "=" and field.kind is not FieldKind.NUMBER:
        return f"({_member(field, literal)}) = true"
    if not _NUMBER.fullmatch(literal):
        raise ValueError(f'"{literal}" is no number')
    # Selections often list numbers; one that is none ("diffuse") compares to null, and null does not hold.
    number = field.key if field.kind is FieldKind.NUMBER else f"number({field.key})"
    return f"({number} {operator} {literal}) = true"


def _of_checkbox(field: Field, operator: str, literal: str) -> str:
    ticked = {"true": True, "false": False, "1": True, "0": False}.get(literal.lower())
    if ticked is None:
        ticked = any(choice.value == literal for choice in field.choices) or None
    if operator != "=" or ticked is None:
        raise ValueError(f'"{field.key}" is a checkbox, which is true or false')
    return f"{field.key} = true" if ticked else f"not({field.key} = true)"


def _member(field: Field, literal: str) -> str:
    quoted = literal.replace("\\", "\\\\").replace('"', '\\"')
    several = field.kind in (FieldKind.CHECKBOX_GROUP, FieldKind.SELECT_MULTIPLE)
    return f'list contains({field.key}, "{quoted}")' if several else f'{field.key} = "{quoted}"'


def conditions_around(template: Template) -> Mapping[str, frozenset[str]]:
    """Return the conditions around each field and section that has any, its own included, by key.

    Conditions nest: a field is shown only while all that lie around it hold.
    """
    found = {field.key: frozenset(each(field.condition)) for field in template.fields if field.condition}
    for key, conditions in _placed(template.content, frozenset()):
        if conditions:
            found[key] = found.get(key, frozenset()) | conditions
    return found


def _placed(parts: Iterable[Part], around: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the key of every field and section on the page, with the conditions around it."""
    for part in parts:
        own = each(_condition(part))
        within = around.union(own) if own else around
        if isinstance(part, FieldPlace | Section):
            yield part.key, within
        yield from _placed(_inner(part), within)


def _conditions(template: Template) -> Iterator[str]:
    yield from (field.condition for field in template.fields if field.condition)
    yield from (found for part in _parts(template.content) if (found := _condition(part)))


def _condition(part: Part) -> str | None:
    return getattr(part, "condition", None)


def _parts(parts: Iterable[Part]) -> Iterator[Part]:
    """Yield everything on the page, outer before inner."""
    for part in parts:
        yield part
        yield from _parts(_inner(part))


def _inner(part: Part) -> tuple[Part, ...]:
    if isinstance(part, Section):
        return part.content
    if isinstance(part, Table):
        return part.rows
    if isinstance(part, Row):
        return part.cells
    return part.items if isinstance(part, Paragraph | Cell) else ()
