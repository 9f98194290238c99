"""The controls of a page, gathered into fields: a group of radio buttons or checkboxes is one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mrrt.parse.page import Page
from mrrt.parse.source import refusal
from mrrt.parse.tree import Element
from mrrt.template import FieldKind

MAX_FIELDS = 2_000
"""The largest template known has 300."""
_KINDS = {
    "number": FieldKind.NUMBER,
    "numeric": FieldKind.NUMBER,
    "range": FieldKind.NUMBER,
    "date": FieldKind.DATE,
    "time": FieldKind.TIME,
    "textarea": FieldKind.TEXTAREA,
    "checkbox": FieldKind.CHECKBOX,
    "radio": FieldKind.RADIO,
}
_WRAPPERS = ("span", "div", "fieldset", "p", "td")
_CHECKED_KINDS = (FieldKind.CHECKBOX, FieldKind.RADIO)


@dataclass(frozen=True, eq=False)
class Control:
    """One thing that a reader fills: its key, its kind and the elements it consists of."""

    key: str
    kind: FieldKind
    elements: tuple[Element, ...]
    wrapper: Element | None = None
    first: Element = field(init=False)
    """The first of its elements."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "first", self.elements[0])

    @property
    def holders(self) -> tuple[Element, ...]:
        """Its elements, and the one round them where there is one."""
        return self.elements if self.wrapper is None else (*self.elements, self.wrapper)

    @property
    def is_group(self) -> bool:
        """Whether its elements are the choices of one field."""
        return self.kind in (FieldKind.RADIO, FieldKind.CHECKBOX_GROUP)

    @property
    def stated(self) -> Mapping[str, str]:
        """The attributes of its elements and of the one round them; of several the first that is not empty."""
        if self.wrapper is None and len(self.elements) == 1:
            return self.first.attributes
        return {name: text for one in reversed(self.holders) for name, text in one.attributes.items() if text}

    def carries(self, *names: str) -> bool:
        """Tell whether one of its elements has one of these attributes."""
        return not all(element.attributes.keys().isdisjoint(names) for element in self.elements)


@dataclass(frozen=True)
class Controls:
    """All controls in the order of the page, and the control of each element."""

    all: tuple[Control, ...]
    of: Mapping[Element, Control]


def kind_of(element: Element) -> FieldKind:
    """Return what a reader can put into an element: its HTML type, else its data-field-type (MRRT 8.1.5)."""
    if element.tag == "select":
        return FieldKind.SELECT if element.get("multiple") is None else FieldKind.SELECT_MULTIPLE
    if element.tag == "textarea":
        return FieldKind.TEXTAREA
    html = (element.get("type") or "").strip().lower()
    if html in _KINDS:
        return _KINDS[html]
    mrrt = (element.get("data-field-type") or "").strip().lower()
    if mrrt in _KINDS and _KINDS[mrrt] not in _CHECKED_KINDS:
        return _KINDS[mrrt]
    return FieldKind.SELECT if element.get("list") and mrrt.startswith("select") else FieldKind.TEXT


def controls_of(page: Page) -> Controls:
    """Return the controls of a page; keys are made distinct by "~2", "~3" where ids or names repeat."""
    groups = _groups(page)
    if len(groups) > MAX_FIELDS:
        what = f"the page has {len(groups)} fields, more than the {MAX_FIELDS} a template may have"
        raise refusal(page.file, what, "Part it into templates that embed each other.")
    gathered = list(_gathered(groups))
    keys = Keys()
    found = tuple(
        Control(keys.distinct(_key(kind, elements, wrapper) or keys.path(elements[0])), kind, elements, wrapper)
        for kind, elements, wrapper in gathered
    )
    return Controls(found, {element: control for control in found for element in control.elements})


_Group = tuple[Element, ...]


def _groups(page: Page) -> list[tuple[_Group, Element | None]]:
    groups: dict[object, list[Element]] = defaultdict(list)
    wrappers: dict[object, Element] = {}
    for element in page.named("input", "select", "textarea"):
        if element.is_control:
            wrapper = _wrapper(element)
            identity = _group_identity(element, wrapper)
            groups[identity].append(element)
            if wrapper is not None:
                wrappers[identity] = wrapper
    return [(tuple(elements), wrappers.get(identity)) for identity, elements in groups.items()]


def _group_identity(element: Element, wrapper: Element | None) -> object:
    kind = kind_of(element)
    name = (element.get("name") or "").strip()
    if kind in _CHECKED_KINDS:
        return (kind, wrapper) if wrapper is not None else (kind, name) if name else element
    return element


def _wrapper(element: Element) -> Element | None:
    """Return the element round a group, `<span id data-field-type="CHECKBOX">`, where there is one."""
    kind = (element.get("type") or "").strip().lower()
    if kind not in ("checkbox", "radio"):
        return None
    around = (
        holder
        for holder in element.around()
        if holder.tag in _WRAPPERS and (holder.get("data-field-type") or "").strip().lower() == kind
    )
    return next(around, None)


def _gathered(
    groups: list[tuple[_Group, Element | None]],
) -> Iterator[tuple[FieldKind, _Group, Element | None]]:
    for elements, wrapper in groups:
        kind = kind_of(elements[0])
        if kind is FieldKind.CHECKBOX and len(elements) > 1:
            kind = FieldKind.CHECKBOX_GROUP
        yield kind, elements, wrapper


def _key(kind: FieldKind, elements: _Group, wrapper: Element | None) -> str:
    identity, name = ((elements[0].get(attribute) or "").strip() for attribute in ("id", "name"))
    if kind in (FieldKind.RADIO, FieldKind.CHECKBOX_GROUP):
        around = (wrapper.get("id") or "").strip() if wrapper is not None else ""
        return around or name or identity
    return identity or name


class Keys:
    """Hands out keys, each only once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = defaultdict(int)

    def distinct(self, key: str) -> str:
        """Return the key, or the key with "~2", "~3" ... behind it, whichever is free; it is taken then."""
        free = key
        if key in self._taken:
            number = max(self._counts[key], 1) + 1
            while (free := f"{key}~{number}") in self._taken:
                number += 1
            self._counts[key] = number
        self._taken.add(free)
        return free

    def path(self, element: Element) -> str:
        """Return a key for an element with neither id nor name: its section, its tag and a number."""
        section = element.section
        around = section.get("id") or section.get("data-section-name") if section is not None else None
        stem = f"{slug(around or 'page')}.{element.tag}"
        self._counts[stem] += 1
        return f"{stem}.{self._counts[stem]}"


def slug(text: str) -> str:
    """Return a text as a key: lower case, blanks and punctuation as hyphens."""
    return re.sub(r"[^\w.]+", "-", text.strip().lower()).strip("-") or "section"
