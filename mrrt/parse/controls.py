"""The controls of a page, gathered into fields: a group of radio buttons or checkboxes is one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from mrrt.parse.page import Page, name_of
from mrrt.parse.source import refusal
from mrrt.template import FieldKind

MAX_FIELDS = 2_000
"""The largest template known has 300."""
NOT_FIELDS = frozenset({"button", "submit", "reset", "image", "file"})
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
_CHECKED_KINDS = (FieldKind.CHECKBOX, FieldKind.RADIO)


@dataclass(frozen=True, eq=False)
class Control:
    """One thing that a reader fills: its key, its kind and the elements it consists of."""

    key: str
    kind: FieldKind
    elements: tuple[HtmlElement, ...]
    wrapper: HtmlElement | None = None

    @property
    def first(self) -> HtmlElement:
        """The first of its elements."""
        return self.elements[0]

    @property
    def is_group(self) -> bool:
        """Tell whether its elements are the choices of one field."""
        return self.kind in (FieldKind.RADIO, FieldKind.CHECKBOX_GROUP)


@dataclass(frozen=True)
class Controls:
    """All controls in the order of the page, and the control of each element."""

    all: tuple[Control, ...]
    of: Mapping[HtmlElement, Control]


def is_control(element: HtmlElement) -> bool:
    """Tell whether the element takes a value from the reader; buttons and file inputs do not."""
    if element.tag == "input":
        return (element.get("type") or "").strip().lower() not in NOT_FIELDS
    return element.tag in ("select", "textarea")


def kind_of(element: HtmlElement) -> FieldKind:
    """Return what a reader can put into an element: its HTML type, else its data-field-type (MRRT 8.1.5)."""
    if element.tag == "select":
        return FieldKind.SELECT if element.get("multiple") is None else FieldKind.SELECT_MULTIPLE
    if element.tag == "textarea":
        return FieldKind.TEXTAREA
    html, mrrt = ((element.get(name) or "").strip().lower() for name in ("type", "data-field-type"))
    if html in _KINDS:
        return _KINDS[html]
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


_Group = tuple[HtmlElement, ...]


def _groups(page: Page) -> list[tuple[_Group, HtmlElement | None]]:
    groups: dict[object, list[HtmlElement]] = defaultdict(list)
    wrappers: dict[object, HtmlElement] = {}
    for element in page.elements:
        if is_control(element):
            wrapper = _wrapper(element)
            identity = _group_identity(element, wrapper)
            groups[identity].append(element)
            if wrapper is not None:
                wrappers[identity] = wrapper
    return [(tuple(elements), wrappers.get(identity)) for identity, elements in groups.items()]


def _group_identity(element: HtmlElement, wrapper: HtmlElement | None) -> object:
    kind = kind_of(element)
    name = (element.get("name") or "").strip()
    if kind in _CHECKED_KINDS:
        return (kind, wrapper) if wrapper is not None else (kind, name) if name else element
    return element


def _wrapper(element: HtmlElement) -> HtmlElement | None:
    """Return the element round a group, `<span id data-field-type="CHECKBOX">`, where there is one."""
    kind = (element.get("type") or "").strip().lower()
    if kind not in ("checkbox", "radio"):
        return None
    around = (
        ancestor
        for ancestor in element.iterancestors("span", "div", "fieldset", "p", "td")
        if (ancestor.get("data-field-type") or "").strip().lower() == kind
    )
    return next(around, None)


def _gathered(
    groups: list[tuple[_Group, HtmlElement | None]],
) -> Iterator[tuple[FieldKind, _Group, HtmlElement | None]]:
    for elements, wrapper in groups:
        kind = kind_of(elements[0])
        if kind is FieldKind.CHECKBOX and len(elements) > 1:
            kind = FieldKind.CHECKBOX_GROUP
        yield kind, elements, wrapper


def _key(kind: FieldKind, elements: _Group, wrapper: HtmlElement | None) -> str:
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

    def path(self, element: HtmlElement) -> str:
        """Return a key for an element with neither id nor name: its section, its tag and a number."""
        section = next(element.iterancestors("section"), None)
        around = section.get("id") or section.get("data-section-name") if section is not None else None
        stem = f"{slug(around or 'page')}.{name_of(element)}"
        self._counts[stem] += 1
        return f"{stem}.{self._counts[stem]}"


def slug(text: str) -> str:
    """Return a text as a key: lower case, blanks and punctuation as hyphens."""
    return re.sub(r"[^\w.]+", "-", text.strip().lower()).strip("-") or "section"
