"""What an element inherits from those around it: its condition, and whether it is shown at all."""

from __future__ import annotations

import re
from typing import NamedTuple

from mrrt.parse.tree import Element

CONDITIONS = ("data-mrrt-condition", "data-show-if")
_TELLING = frozenset({*CONDITIONS, "hidden", "style"})
_NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


class Inherited(NamedTuple):
    """What holds at an element: the conditions of it and of those around it, and whether one of them is hidden."""

    condition: str | None = None
    hidden: bool = False

    def within(self, element: Element) -> Inherited:
        """Return what holds at an element that stands right within."""
        if _TELLING.isdisjoint(element.attributes):
            return self
        return Inherited(both(self.condition, condition_of(element)), self.hidden or is_hidden(element))


def condition_of(element: Element) -> str | None:
    """Return the condition that an element carries itself, as written."""
    written = [element.get(name) for name in CONDITIONS] if element.attributes else []
    return both(*written) if any(written) else None


def both(*conditions: str | None) -> str | None:
    """Return the condition that holds while all of these do, the outermost first: one a line, each once."""
    if sum(map(bool, conditions)) == 1:
        return next(filter(None, conditions)).strip() or None
    lines = (line.strip() for one in conditions if one for line in one.splitlines())
    return "\n".join(dict.fromkeys(filter(None, lines))) or None


def is_hidden(element: Element) -> bool:
    """Tell whether an element itself is one that the page does not show."""
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _NOT_SHOWN.search(style))


class Ancestry:
    """Looks up what elements inherit; each element around is looked at once, however many lie within."""

    def __init__(self) -> None:
        self._known: dict[Element | None, Inherited] = {None: Inherited()}

    def of(self, element: Element) -> Inherited:
        """Return what holds at an element."""
        path: list[Element] = []
        node: Element | None = element
        while node not in self._known and node is not None:
            path.append(node)
            node = node.parent
        inherited = self._known[node]
        for within in reversed(path):
            inherited = self._known[within] = inherited.within(within)
        return inherited
