"""Ids that cannot collide: every page keeps its field keys, and an embedded one gets a prefix before all of them."""

from __future__ import annotations

from collections.abc import Iterable

from lxml.html import HtmlElement

from mrrt.compose.links import TARGET, embeds, offers
from mrrt.parse.ancestry import CONDITIONS
from mrrt.parse.controls import Control, controls_of
from mrrt.parse.labels import Labels
from mrrt.parse.page import Page
from mrrt.parse.sections import headings_of

PREFIX = "data-mrrt-prefix"
"""Set while composing on what refers to another page, and for good on the part: the prefix that the other page gets."""
REPLACES = "data-mrrt-replaces"
"""Attribute of a part that an option put in: the id of the element in whose place it stands."""
_SINGLE = ("id", "name", "for", "list", "form", TARGET, PREFIX, REPLACES)
_SEVERAL = ("headers", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
_ADDRESS = ("href", "usemap")


def fix_keys(page: Page) -> None:
    """Write into a page the keys that its fields and sections have, where ids and names alone would not keep them.

    Fields without an id, repeated ids and unnamed sections are counted; the count must not change with what is
    put into the page or taken out of it.
    """
    controls = controls_of(page)
    labels = Labels(page, controls)
    for control in controls.all:
        if control.key not in (_stated(control, "id"), _stated(control, "name")):
            _fix(control)
            for label, target in labels.target.items():
                if target in control.elements and label.get("for") is not None:
                    label.origin.set("for", target.origin.get("id") or control.key)
    for section, heading in headings_of(page).items():
        if not section.identity and heading.key not in page.by_id:
            section.origin.set("id", heading.key)


def set_prefixes(page: Page) -> None:
    """Note on every embed and option that refers to another page the prefix which that page will get."""
    taken = [value for element in page.elements for name in ("id", "name") if (value := element.origin.get(name))]
    for number, element in enumerate(embeds(page.root), 1):
        element.set(PREFIX, _free(f"{(element.get('id') or '').strip() or f'e{number}'}", taken))
    templates: dict[str, list[str]] = {}
    for offer, option in offers(page.root):
        known = templates.setdefault(offer.target, [])
        if offer.template not in known:
            known.append(offer.template)
        option.set(PREFIX, _free(f"{offer.target}.{known.index(offer.template) + 1}", taken))


def add_prefix(root: HtmlElement, prefix: str) -> None:
    """Put a prefix before every id, name and reference to one, in an element and all that it holds."""
    for element in root.iter():
        if isinstance(element.tag, str):
            for name, value in element.attrib.items():
                element.set(name, _prefixed(str(name), str(value), prefix))


def _stated(control: Control, name: str) -> str:
    holder = control.wrapper if control.is_group and control.wrapper is not None else control.first
    return (holder.get(name) or "").strip()


def _fix(control: Control) -> None:
    if not control.is_group:
        control.first.origin.set("id", control.key)
    elif control.wrapper is not None:
        control.wrapper.origin.set("id", control.key)
    else:
        for element in control.elements:
            element.origin.set("name", control.key)


def _free(stem: str, taken: Iterable[str]) -> str:
    while any(value.startswith(f"{stem}.") for value in taken):
        stem += "_"
    return f"{stem}."


def _prefixed(name: str, value: str, prefix: str) -> str:
    if name in _SINGLE:
        return f"{prefix}{value.strip()}" if value.strip() else value
    if name in _SEVERAL:
        return " ".join(f"{prefix}{part}" for part in value.split())
    if name in _ADDRESS:
        return f"#{prefix}{value[1:]}" if value.startswith("#") else value
    if name in CONDITIONS:
        return "\n".join(_speaking_of(line.strip(), prefix) for line in value.splitlines() if line.strip())
    return value


def _speaking_of(condition: str, prefix: str) -> str:
    # both notations are found in both attributes
    return f"#{prefix}{condition[1:].lstrip()}" if condition[0] == "#" else f"{prefix}{condition}"
