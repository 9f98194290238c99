"""What is known of a value before it is there: its type, its unit, the texts that it can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

from mrrt.feel.values import type_name
from mrrt.logic.quantities import Unit
from mrrt.template import Field, FieldKind

Kinds = frozenset[str]
NOTHING: frozenset[Any] = frozenset()
DURATION = "duration"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value can be. None means that nothing is known of it; null is of every kind."""

    kinds: Kinds | None = None
    """Its FEEL types; none at all if it is always null."""
    units: frozenset[Unit] | None = None
    """The units that its numbers can be in; none at all for constants."""
    texts: frozenset[str] | None = None
    """All texts that it can be."""
    literals: frozenset[str] = NOTHING
    """The texts among them that the logic itself writes."""
    item: Shape | None = None
    """What is known of the items of a list."""
    entries: tuple[tuple[str, Shape], ...] | None = None
    """What is known of the entries of a context."""

    def is_surely_no(self, *kinds: str) -> bool:
        """Tell whether the value is of none of these types, whatever it is; null may be of any."""
        return bool(self.kinds) and not (self.kinds or NOTHING) & set(kinds)

    def is_only(self, kind: str) -> bool:
        """Tell whether the value is of that type, or null."""
        return self.kinds == frozenset({kind})

    def entry(self, name: str) -> Shape:
        """Return what is known of an entry of the context."""
        return dict(self.entries or ()).get(name, UNKNOWN)


UNKNOWN = Shape()
NULL = Shape(NOTHING, NOTHING, NOTHING)


def of_kind(*kinds: str) -> Shape:
    """Return the shape of any value of these types, without a unit."""
    return Shape(frozenset(kinds), NOTHING, None if "string" in kinds else NOTHING)


NUMBER, TEXT, BOOLEAN = of_kind("number"), of_kind("string"), of_kind("boolean")


def number_in(unit: Unit | None) -> Shape:
    """Return the shape of a number in a unit, or in one that is not known."""
    return Shape(frozenset({"number"}), None if unit is None else frozenset({unit}), NOTHING)


def list_of(item: Shape) -> Shape:
    """Return the shape of a list."""
    return Shape(frozenset({"list"}), NOTHING, NOTHING, item.literals, item)


def constant(value: Any) -> Shape:
    """Return the shape of a literal."""
    if value is None:
        return NULL
    name = type_name(value) or "Any"
    kind = DURATION if name.endswith(DURATION) else name
    said = frozenset({value}) if isinstance(value, str) else NOTHING
    return Shape(frozenset({kind}), NOTHING, said, said)


def either(shapes: Iterable[Shape]) -> Shape:
    """Return what is known of a value that is one of several; null where there is none."""
    return reduce(_either, shapes, NULL)


def _either(a: Shape, b: Shape) -> Shape:
    if a == b or NULL in (a, b):
        return b if a == NULL else a
    kinds = None if a.kinds is None or b.kinds is None else a.kinds | b.kinds
    units = None if a.units is None or b.units is None else a.units | b.units
    texts = None if a.texts is None or b.texts is None else a.texts | b.texts
    return Shape(kinds, units, texts, a.literals | b.literals, _item(a, b), _entries(a, b))


def _item(a: Shape, b: Shape) -> Shape | None:
    return _either(a.item, b.item) if a.item and b.item else a.item or b.item


def _entries(a: Shape, b: Shape) -> tuple[tuple[str, Shape], ...] | None:
    if a.entries is None or b.entries is None:
        return None
    first, second = dict(a.entries), dict(b.entries)
    names = dict.fromkeys([*first, *second])
    return tuple((name, _either(first.get(name, NULL), second.get(name, NULL))) for name in names)


def of_field(field: Field, unit: Unit | None) -> Shape:
    """Return what a field gives to the logic: a number in a unit, one of its choices, a text, true or false."""
    shape = _KINDS.get(field.kind, TEXT)
    if field.kind is FieldKind.NUMBER:
        return number_in(unit)
    offered = frozenset(choice.value for choice in field.choices if not choice.blank)
    closed = replace(TEXT, texts=offered) if offered and not field.free_text else TEXT
    if field.kind in SEVERAL:
        return list_of(closed)
    return closed if field.kind in ONE_OF else shape


ONE_OF = (FieldKind.SELECT, FieldKind.RADIO)
SEVERAL = (FieldKind.SELECT_MULTIPLE, FieldKind.CHECKBOX_GROUP)
_KINDS = {
    FieldKind.CHECKBOX: BOOLEAN,
    FieldKind.DATE: of_kind("date"),
    FieldKind.TIME: of_kind("time"),
}
