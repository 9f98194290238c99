"""Who observed: the observers that an item states for what is below it (PS3.16 TID 1002 to 1004)."""

from __future__ import annotations

from collections.abc import Iterable

from sr_import.concepts import DEVICE, DEVICE_OBSERVER, OBSERVER_PARTS, OBSERVER_TYPE, PERSON_OBSERVER
from sr_import.measurement import Observer
from sr_import.tree import Item


def observers(items: Iterable[Item]) -> tuple[Observer, ...]:
    """Return the observers that these context items describe, in their order.

    An Observer Type, or an attribute that was said already, begins the next observer.
    """
    found: list[dict[str, str]] = []
    for item in items:
        part = OBSERVER_PARTS[item.concept] if item.concept else ""
        begins = item.concept == OBSERVER_TYPE or (part != "role" and found and part in found[-1])
        if begins or not found:
            found.append({})
        _add(found[-1], part, item)
    return tuple(Observer.model_validate(one) for one in found)


def _add(observer: dict[str, str], part: str, item: Item) -> None:
    if item.concept == OBSERVER_TYPE:
        observer["type"] = "device" if item.code == DEVICE else "person"
        return
    if item.concept in (PERSON_OBSERVER, DEVICE_OBSERVER):
        observer.setdefault("type", "person" if item.concept == PERSON_OBSERVER else "device")
    observer.setdefault(part, (item.code.meaning or item.code.value) if item.code else item.text)
