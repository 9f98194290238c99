"""What an element inherits from those around it: its condition, and whether it is shown at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml.html import HtmlElement

CONDITIONS = ("data-mrrt-condition", "data-show-if")
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class Inherited(NamedTuple):
    """What holds at an element: the nearest condition, and whether it or one around it is hidden."""

    condition: str | None = None
    hidden: bool = False


def condition_of(element: HtmlElement) -> str | None:
    """Return the condition that an element carries itself, as written."""
    return next((value.strip() for name in CONDITIONS if (value := element.get(name)) and value.strip()), None)


def is_hidden(element: HtmlElement) -> bool:
    """Tell whether an element itself is one that the page does not show."""
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _NOT_SHOWN.search(style))


class Ancestry:
    """Looks up what elements inherit; each element around is looked at once, however many lie within."""

    def __init__(self) -> None:
        self._known: dict[HtmlElement | None, Inherited] = {None: Inherited()}

    def of(self, element: HtmlElement) -> Inherited:
        """Return what holds at an element."""
        path: list[HtmlElement] = []
        node: HtmlElement | None = element
        while node is not None and node not in self._known:
            path.append(node)
            node = node.getparent()
        for node in reversed(path):
            around = self._known[node.getparent()]
            self._known[node] = Inherited(condition_of(node) or around.condition, around.hidden or is_hidden(node))
        return self._known[element]
