"""Measurements that a device writes twice: with a Selection Status and without (PS3.16 TID 300, TID 310)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from sr_import.concepts import SELECTION
from sr_import.numbers import read_number
from sr_import.tree import Item


def repeats(items: Sequence[Item], chosen: Callable[[Item], bool]) -> Mapping[int, int]:
    """Map the place of a NUM to that of its twin that carries the Selection Status, where a device writes both.

    Places count from 1. Twins agree in concept, value, unit and concept modifiers; only properties may differ. Two
    samples of the same value without any Selection Status are two samples.
    """
    numbers = [(place, item) for place, item in enumerate(items, start=1) if item.value_type == "NUM" and item.number]
    marked = [(place, item) for place, item in numbers if item.children and chosen(item)] if len(numbers) > 1 else []
    if not marked:
        return {}
    values = {value for _, item in marked if (value := _value(item)) is not None}
    keys: dict[object, int] = {}
    for place, item in marked:
        keys.setdefault(_key(item), place)
    places = {place for place, _ in marked}
    return {
        place: keys[key]
        for place, item in numbers
        if place not in places and _value(item) in values and (key := _key(item)) in keys
    }


def _value(item: Item) -> Decimal | None:
    return _decimal(item.number) if item.qualifier is None and item.number else None


@lru_cache(maxsize=65536)
def _decimal(text: str) -> Decimal | None:
    value = read_number(text).value
    return None if value is None else Decimal(value)


def _key(item: Item) -> object:
    value = _value(item)
    return (item.concept, value if value is not None else id(item), item.unit, _modifiers(item))


def _modifiers(item: Item) -> frozenset[object]:
    modifiers = (child for child in item.children if child.relationship == "HAS CONCEPT MOD")
    return frozenset((child.concept, child.code, child.text) for child in modifiers if child.concept != SELECTION)
