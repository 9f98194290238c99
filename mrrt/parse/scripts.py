"""JavaScript found in a template: it is listed and never run."""

from __future__ import annotations

from mrrt.parse.page import Page
from mrrt.parse.tree import Element
from mrrt.parse.xml_block import is_xml_script
from mrrt.template import Script


def scripts_of(page: Page) -> tuple[Script, ...]:
    """Return the script blocks, event attributes and javascript: addresses of a page, in its order."""
    found: list[Script] = []
    for element in page.elements:
        if element.tag == "script" and not is_xml_script(element):
            line, column = page.place(element)
            found.append(Script(kind="script", line=line, column=column, where=(element.get("src") or "").strip()))
        for name, value in element.attributes.items():
            if name[:2] == "on" or (":" in value and value.strip().lower().startswith("javascript:")):
                line, column = page.place(element)
                found.append(Script(kind="handler", line=line, column=column, where=f"{name} of {_called(element)}"))
    return tuple(found)


def _called(element: Element) -> str:
    return f"{element.tag} {element.get('id') or element.get('name') or ''}".strip()
