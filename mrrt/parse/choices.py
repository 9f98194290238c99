"""The choices of a field, and which of them is chosen beforehand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mrrt.code import Code
from mrrt.parse.attributes import kept_attributes
from mrrt.parse.controls import Control
from mrrt.parse.labels import Labels
from mrrt.parse.page import Page
from mrrt.parse.phrases import Phrase, collapse, translations_of
from mrrt.parse.tree import Element
from mrrt.template import Choice, FieldKind

_CODE_ATTRIBUTES = {"data-radlex": "RADLEX", "data-loinc": "LOINC"}
_DASHES = re.compile(r"^[\s\-‐-―−_.…·]*$")


def is_blank(value: str, text: str) -> bool:
    """Tell whether choosing an option means that the field is not answered: nothing, or dashes and dots only."""
    return not value.strip() or value.strip() == "-" or bool(_DASHES.match(text))


Codes = Mapping[str, tuple[Code, ...]]


def choices_of(page: Page, control: Control, labels: Labels, codes: Codes) -> tuple[Choice, ...]:
    """Return the choices of a selection, a group, a lone checkbox (one choice) or a text with a datalist."""
    if control.first.tag == "select":
        return tuple(_option(page, option, codes) for option in control.first.within("option"))
    if control.is_group or control.kind is FieldKind.CHECKBOX:
        return tuple(_member(page, element, labels, codes) for element in control.elements)
    if listed := page.by_id.get((control.first.get("list") or "").strip()):
        return tuple(_option(page, option, codes) for option in listed[0].within("option"))
    return ()


def option_text(option: Element) -> str:
    """Return what a browser shows for an option: its label attribute, else its text, else its value."""
    shown = (option.get("label") or "").strip() or option.whole_text
    text = collapse(shown).strip()
    in_list = option.parent is not None and option.parent.tag == "datalist"
    return text or (option.get("value") or "").strip() if in_list else text


def option_value(option: Element) -> str:
    """Return what an option stores: its value attribute, else its text."""
    value = option.get("value")
    return collapse(option.whole_text).strip() if value is None else value.strip()


def _option(page: Page, option: Element, codes: Codes) -> Choice:
    value, text = option_value(option), option_text(option)
    group = option.nearest("optgroup")
    replaces = option.get("data-replacement-element-id")
    return Choice(
        value=value,
        text=text,
        blank=is_blank(value, text),
        group=(group.get("label") or "").strip() if group is not None else "",
        replaced_by=(option.get("data-template-uid") or "").strip() or None,
        replaces=(replaces or "").strip() or None,
        **_shared(page, option, codes, translations_of(option)),
    )


def _shared(page: Page, element: Element, codes: Codes, translations: Mapping[str, str]) -> dict[str, Any]:
    """Return what an option and a member of a group have in common: identity, codes, place."""
    identity = element.identity
    line, column = page.place(element)
    return {
        "element_id": identity or None,
        "codes": (*codes.get(identity, ()), *attribute_codes(element)) if identity else attribute_codes(element),
        "line": line,
        "column": column,
        **stated_mappings(translations=translations, attributes=kept_attributes(element)),
    }


def stated_mappings(**mappings: Mapping[str, str]) -> dict[str, Any]:
    """Return the mappings that are not empty; to check an empty one costs the model more than its default."""
    return {name: mapping for name, mapping in mappings.items() if mapping}


def attribute_codes(element: Element) -> tuple[Code, ...]:
    """Return the codes that an element carries in attributes of its own (data-radlex, data-loinc)."""
    if element.get("data-radlex") is None and element.get("data-loinc") is None:
        return ()
    stated = ((scheme, element.get(name)) for name, scheme in _CODE_ATTRIBUTES.items())
    found = (Code.of(scheme, value) for scheme, text in stated if text for value in re.split(r"[\s,;]+", text) if value)
    return tuple(dict.fromkeys(found))


def _member(page: Page, element: Element, labels: Labels, codes: Codes) -> Choice:
    said = labels.member(element)
    value = _member_value(element, said)
    return Choice(value=value, text=said.text or value, **_shared(page, element, codes, said.translations))


def _member_value(element: Element, said: Phrase) -> str:
    return (element.get("value") or "").strip() or said.text or "on"


def default_of(control: Control, labels: Labels) -> str | tuple[str, ...] | None:
    """Return what the template sets beforehand, or None.

    An option counts only when it carries `selected`: that browsers show the first one is no answer. A blank
    option is never a default; of several selected options in a single choice the first is taken (rule F11).
    """
    if control.kind in (FieldKind.SELECT, FieldKind.SELECT_MULTIPLE) and control.first.tag == "select":
        marked = [option for option in control.first.within("option") if option.get("selected") is not None]
        values = ((option_value(option), option_text(option)) for option in marked)
        chosen = tuple(value for value, text in values if not is_blank(value, text))
    elif control.is_group or control.kind is FieldKind.CHECKBOX:
        chosen = tuple(
            _member_value(one, labels.member(one)) for one in control.elements if one.get("checked") is not None
        )
    else:
        return _text(control.first)
    if control.kind in (FieldKind.SELECT_MULTIPLE, FieldKind.CHECKBOX_GROUP):
        return chosen or None
    return chosen[0] if chosen else None


def _text(element: Element) -> str | None:
    text = element.whole_text if element.tag == "textarea" else ""
    text = text.removeprefix("\r").removeprefix("\n") if text.strip() else element.get("value") or ""
    return text.strip() or None
