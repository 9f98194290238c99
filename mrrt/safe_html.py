"""The body of a template made safe for our own browser page, with every control bound to its field."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import lxml.html
import nh3
from lxml.html import HtmlElement

from mrrt.errors import UsageError
from mrrt.parse.controls import Control, Controls, Keys, controls_of
from mrrt.parse.page import Page, read
from mrrt.parse.tree import Element
from mrrt.parse.xml_block import BLOCK_ELEMENTS
from mrrt.template import Field, FieldKind, Template

_EVERYWHERE = {
    *("id", "class", "title", "lang", "dir", "hidden", "aria-label"),
    *("data-section-name", "data-section-required", "data-field", "data-field-type", "data-field-units"),
    *("data-mrrt-condition", "data-show-if"),
    *("data-english", "data-english-name", "data-german", "data-german-name"),
}
_CONTROL = {"name", "value", "disabled", "readonly", "required", "placeholder"}
_OWN: dict[str, set[str]] = {
    "input": _CONTROL | {"type", "checked", "min", "max", "step", "list", "maxlength", "size"},
    "select": _CONTROL - {"value"} | {"multiple", "size"},
    "textarea": _CONTROL - {"value"} | {"rows", "cols", "maxlength"},
    "option": {"value", "label", "selected", "disabled", "data-template-uid", "data-replacement-element-id"},
    "optgroup": {"label", "disabled"},
    "label": {"for"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "type"},
    "col": {"span"},
    "colgroup": {"span"},
}
_PLAIN = {
    *(
        "section",
        "header",
        "footer",
        "article",
        "aside",
        "main",
        "nav",
        "div",
        "p",
        "span",
        "br",
        "hr",
        "blockquote",
        "pre",
    ),
    *(
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
    ),
    *(
        "tr",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "small",
        "sub",
        "sup",
        "q",
        "mark",
        "code",
        "abbr",
        "datalist",
        "fieldset",
    ),
    *("legend", "details", "summary", "figure", "figcaption", "address"),
}
_WITH_CONTENT = {
    *("script", "style", "iframe", "object", "applet", "noscript", "template", "svg", "math", "title", "button"),
    *("noembed", "noframes", "xmp", "frameset", "audio", "video", "canvas", "plaintext"),
}
_INPUT_TYPES = {"text", "number", "date", "time", "checkbox", "radio", "hidden"}
_ADDRESS = re.compile(r"^\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
# names that would hide properties of the document or of a form, were the page to look them up by name
_CLOBBERS = frozenset(
    {
        "body",
        "head",
        "forms",
        "cookie",
        "domain",
        "location",
        "document",
        "window",
        "self",
        "top",
        "parent",
        "attributes",
    }
)


def safe_html(source: bytes | str, template: Template) -> str:
    """Return the body of a template as an HTML fragment that is safe to set into a page of ours.

    What is not on a list of allowed elements and attributes is gone: scripts, handlers, styles, addresses, forms,
    embedded documents. Every control carries the key of its field as `data-field`; the members of a radio or
    checkbox group carry the key of the group, and an id if they had none. `template` is the one parsed from
    the same source. Raises Unreadable as `mrrt.parse.parse` does, and UsageError where the two do not
    belong together.
    """
    page = read(source, template.title or "template")
    if page.source.digest != template.digest:
        raise UsageError("The template was parsed from another source than the one given.")
    controls = controls_of(page)
    _bind(page, controls, template)
    for element in page.elements:
        if _is_foreign(element, controls):
            element.origin.drop_tree()
    return _cleaned("".join(_inner(page.root)))


def _bind(page: Page, controls: Controls, template: Template) -> None:
    for element in page.elements:
        # nobody but us says which field a control belongs to
        element.origin.attrib.pop("data-field", None)
    identities = Keys(page.by_id)
    for control in controls.all:
        for position, element in enumerate(control.elements):
            element.origin.set("data-field", control.key)
            if not element.identity:
                element.origin.set("id", identities.distinct(_new_id(control, position)))
            _set_type(element, control)
        _set_values(control, template.field_by_key[control.key])


def _set_values(control: Control, field: Field) -> None:
    """Write the stored value on every choice: what the page sends is then what the template's choices say."""
    options = control.first.within("option") if control.first.tag == "select" else control.elements
    for option, choice in zip(options, field.choices, strict=False):
        if option.tag == "option" or control.is_group or control.kind is FieldKind.CHECKBOX:
            option.origin.set("value", choice.value)


def _new_id(control: Control, position: int) -> str:
    return f"{control.key}.{position + 1}" if control.is_group else control.key


def _set_type(element: Element, control: Control) -> None:
    """Say in HTML what the template says in data-field-type, so that the browser offers the right control."""
    if element.tag != "input":
        return
    kind = control.kind.value
    kind = {"checkbox-group": "checkbox"}.get(kind, kind)
    if (element.get("type") or "").strip().lower() != "hidden":
        element.origin.set("type", kind if kind in _INPUT_TYPES else "text")


def _is_foreign(element: Element, controls: Controls) -> bool:
    """Tell whether an element goes with all it holds: scripts, the XML block, and inputs that are no fields."""
    if element.parent is None or element.tag in ("head", "body"):
        return element.tag == "head"
    buttons = element.tag == "input" and element not in controls.of
    return buttons or element.tag in BLOCK_ELEMENTS or element.tag in ("script", "style", "button")


def _inner(root: HtmlElement) -> Iterator[str]:
    for part in root.iterchildren("body"):
        yield html.escape(part.text or "", quote=False)
        yield from (lxml.html.tostring(child, encoding="unicode") for child in part)


def _filtered(tag: str, name: str, value: str) -> str | None:
    if _ADDRESS.match(value) and name not in ("value", "title", "placeholder", "label"):
        return None
    return None if name in ("id", "name") and value.strip().lower() in _CLOBBERS else value


def _cleaned(fragment: str) -> str:
    return nh3.clean(
        fragment,
        tags=_PLAIN | set(_OWN),
        clean_content_tags=_WITH_CONTENT,
        attributes={"*": _EVERYWHERE, **_OWN},
        attribute_filter=_filtered,
        url_schemes=set(),
        link_rel=None,
        strip_comments=True,
    )
