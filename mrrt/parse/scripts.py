"""JavaScript found in a template: it is listed and never run."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from mrrt.parse.page import Page, name_of
from mrrt.parse.xml_block import is_xml_script
from mrrt.template import Script

_MAY_RUN = "descendant-or-self::*[self::script or @*[starts-with(name(), 'on') or contains(., ':')]]"


def scripts_of(page: Page) -> tuple[Script, ...]:
    """Return the script blocks, event attributes and javascript: addresses of a page, in its order."""
    return tuple(script for element in page.root.xpath(_MAY_RUN) for script in _scripts(page, element))


def _scripts(page: Page, element: HtmlElement) -> Iterator[Script]:
    line, column = page.place(element)
    if element.tag == "script" and not is_xml_script(element):
        yield Script(kind="script", line=line, column=column, where=(element.get("src") or "").strip())
    for name, value in element.items():
        runs = str(name).startswith("on") or str(value).strip().lower().startswith("javascript:")
        if runs:
            yield Script(kind="handler", line=line, column=column, where=f"{name} of {_called(element)}")


def _called(element: HtmlElement) -> str:
    return f"{name_of(element)} {element.get('id') or element.get('name') or ''}".strip()
