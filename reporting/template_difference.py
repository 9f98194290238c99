"""What two versions of a template say differently: their fields, and their texts line by line. Pure: no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.template import Choice, Field, Template

_AROUND = 3
"""Lines that are shown before and after what differs, as in a patch."""
_WATCHED = (
    *("kind", "label", "hint", "unit", "default", "required", "completion_action", "minimum", "maximum", "step"),
    *("free_text", "hidden", "read_only", "section", "condition"),
)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PropertyChange(_Model):
    """One property of a field that differs, as texts; null where there is none."""

    name: str
    before: str | None
    after: str | None


class FieldChange(_Model):
    """One field that was added or removed, or of which something differs."""

    field: str
    label: str
    kind: Literal["added", "removed", "changed"]
    changes: tuple[PropertyChange, ...] = ()


class Line(_Model):
    """One line of a text: its number in the earlier and in the later version, null where it is not in it."""

    kind: Literal["same", "added", "removed"]
    before: int | None
    after: int | None
    text: str


class TextDifference(_Model):
    """One file that differs: stretches of lines, each with a few that are the same around it."""

    file: str
    added: int
    removed: int
    parts: tuple[tuple[Line, ...], ...]


class TemplateDifference(_Model):
    """What two versions of a template say differently."""

    earlier: int
    later: int
    fields: tuple[FieldChange, ...]
    texts: tuple[TextDifference, ...]


def field_changes(before: Template, after: Template) -> tuple[FieldChange, ...]:
    """Return what became of the fields, in the order of the later page, then those that are gone."""
    earlier, later = before.field_by_key, after.field_by_key
    found = (_field_change(earlier.get(key), field) for key, field in later.items())
    gone = (field for key, field in earlier.items() if key not in later)
    lost = (FieldChange(field=field.key, label=field.label, kind="removed") for field in gone)
    return (*(change for change in found if change), *lost)


def _field_change(before: Field | None, after: Field) -> FieldChange | None:
    if before is None:
        return FieldChange(field=after.key, label=after.label, kind="added")
    pairs = ((name, _said(getattr(before, name)), _said(getattr(after, name))) for name in _WATCHED)
    further = (("choices", _choices(before.choices), _choices(after.choices)), ("codes", _codes(before), _codes(after)))
    changes = tuple(
        PropertyChange(name=name, before=was, after=now) for name, was, now in (*pairs, *further) if was != now
    )
    return FieldChange(field=after.key, label=after.label, kind="changed", changes=changes) if changes else None


def _said(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _choices(choices: Sequence[Choice]) -> str | None:
    return ", ".join(one.text if one.text == one.value else f"{one.text} ({one.value})" for one in choices) or None


def _codes(field: Field) -> str | None:
    return ", ".join(f"{code.scheme} {code.value}" for code in field.codes) or None


def text_differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[TextDifference, ...]:
    """Return the files that differ, by name; one that is not there counts as empty."""
    names = sorted({*before, *after})
    found = (_text_difference(name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(one for one in found if one.parts)


def _text_difference(name: str, before: str, after: str) -> TextDifference:
    parts = tuple(_parts(before.splitlines(), after.splitlines()))
    kinds = [line.kind for part in parts for line in part]
    return TextDifference(file=name, added=kinds.count("added"), removed=kinds.count("removed"), parts=parts)


def _parts(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Line, ...]]:
    """Yield the stretches that differ; what both begin and end with is not compared, since most of a page is that."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    start = max(0, head - _AROUND)
    ends = (len(old) - max(0, tail - _AROUND), len(new) - max(0, tail - _AROUND))
    matcher = SequenceMatcher(None, old[start : ends[0]], new[start : ends[1]])
    for group in matcher.get_grouped_opcodes(_AROUND):
        yield tuple(line for code in group for line in _lines(code, old, new, start))


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _lines(code: tuple[str, int, int, int, int], old: Sequence[str], new: Sequence[str], start: int) -> Iterator[Line]:
    tag, *rest = code
    first, end, first_new, end_new = (place + start for place in rest)
    if tag == "equal":
        for was, now in zip(range(first, end), range(first_new, end_new), strict=True):
            yield Line(kind="same", before=was + 1, after=now + 1, text=old[was])
        return
    yield from (Line(kind="removed", before=was + 1, after=None, text=old[was]) for was in range(first, end))
    yield from (Line(kind="added", before=None, after=now + 1, text=new[now]) for now in range(first_new, end_new))
