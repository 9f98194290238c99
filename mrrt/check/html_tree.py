"""Errors of HTML in how elements nest: stray end tags, elements left open, what a table may not hold.

The rules are those of the HTML standard (section 13.2.6), as far as templates can break them, on the tags of the page
and without building a tree; a test compares the outcome with that of a complete parser.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection

from mrrt.check.html_tokens import VOID, Fault
from mrrt.parse.page import Page, Tag

_IMPLIED = frozenset({"dd", "dt", "li", "optgroup", "option", "p", "rb", "rp", "rt", "rtc"})
_MAY_STAY_OPEN = _IMPLIED | {"tbody", "td", "tfoot", "th", "thead", "tr", "body", "html", "head", "colgroup"}
_CLOSES_P = frozenset(
    {
        *("address", "article", "aside", "blockquote", "center", "details", "dialog", "dir", "div", "dl", "fieldset"),
        *("figcaption", "figure", "footer", "header", "hgroup", "main", "menu", "nav", "ol", "p", "section", "summary"),
        *("ul", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "listing", "form", "table", "hr", "li", "dd", "dt"),
    }
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
)
_SCOPE = frozenset({"applet", "caption", "html", "table", "td", "th", "marquee", "object", "template", "body"})
_SPECIAL = _SCOPE | _CLOSES_P | {"tbody", "thead", "tfoot", "tr", "select", "textarea", "button", "script", "style"}
_TABLE_CONTEXT = frozenset({"table", "tbody", "thead", "tfoot", "tr"})
_TABLE_PARTS = frozenset({"caption", "colgroup", "col", "tbody", "thead", "tfoot", "tr", "td", "th"})
_TABLE = _TABLE_PARTS | {"table"}
_IN_TABLE = frozenset({"script", "style", "template", "form"})
_SECTIONS = frozenset({"tbody", "thead", "tfoot"})
_ENDS_OF: dict[str, frozenset[str]] = {
    "li": frozenset({"li"}),
    "dd": frozenset({"dd", "dt"}),
    "dt": frozenset({"dd", "dt"}),
    "option": frozenset({"option"}),
    "optgroup": frozenset({"option", "optgroup"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "tr": frozenset({"td", "th", "tr"}),
    **dict.fromkeys(_SECTIONS, frozenset({"td", "th", "tr", "tbody", "thead", "tfoot"})),
}
"""The open elements that a start tag ends without a word."""
_ONE_DEEP = frozenset({"a", "button", "form", "nobr", "select"})
_FRAME, _ROOT, _OF_TABLE = frozenset({"html", "head", "body"}), frozenset({"html", "body"}), frozenset({"table"})
_ENDS_OTHERS = _CLOSES_P | _ONE_DEEP | _ENDS_OF.keys()
_SCOPE_OF_P = _SCOPE | {"button"}
_SPECIAL_IN_LISTS = _SPECIAL - {"address", "div", "p"}
_OUTSIDE_ROWS = _SECTIONS | {"table"}
_IN_SELECT = frozenset({"option", "optgroup", "script", "template", "hr"})
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def tree_faults(page: Page) -> list[Fault]:
    """Return the errors in how the elements of a page nest."""
    open_elements = _Open(page)
    stack, text, behind = open_elements.stack, page.source.text, 0
    for tag in page.tags:
        name, closing, start, end = tag
        current = stack[-1].name if stack else ""
        if behind < start and current in _TABLE_CONTEXT:
            open_elements.text_in_table(text, behind, start)
        if not closing:
            open_elements.start(tag)
        elif name == current and name not in _FRAME:
            open_elements.pop()
        else:
            open_elements.end(tag)
        behind = end
    open_elements.left()
    return open_elements.faults


class _Open:
    """The elements that are open at a place of the page, outermost first, each with its start tag."""

    def __init__(self, page: Page) -> None:
        self.faults: list[Fault] = []
        self._page = page
        self.stack: list[Tag] = []
        """Changed only by the methods here, which count."""
        self._count: dict[str, int] = defaultdict(int)
        """How many elements of each name are open."""

    @property
    def current(self) -> str:
        """The innermost one."""
        return self.stack[-1].name if self.stack else ""

    def _fault(self, tag: Tag, message: str, unclosed: Tag | None = None) -> None:
        if unclosed is not None:
            message += f" while <{unclosed.name}> of line {self._page.position(unclosed.start)[0]} is open"
        self.faults.append((tag.start, message))

    def _push(self, tag: Tag) -> None:
        self.stack.append(tag)
        self._count[tag.name] += 1

    def pop(self) -> Tag:
        """Close the innermost one."""
        tag = self.stack.pop()
        self._count[tag.name] -= 1
        return tag

    def _within(self, names: Collection[str], stops: frozenset[str] = _SCOPE) -> bool:
        for name, *_ in reversed(self.stack):
            if name in names:
                return True
            if name in stops:
                return False
        return False

    def _pop_to(self, names: Collection[str]) -> Tag | None:
        """Take elements off up to one of these; return the first taken that had to be closed and was not."""
        unclosed = None
        while self.stack:
            tag = self.pop()
            if tag.name in names:
                return unclosed
            if tag.name not in _IMPLIED:
                unclosed = unclosed or tag
        return unclosed

    def text_in_table(self, text: str, start: int, end: int) -> None:
        """Note text between two tags of which the first leaves a table open, but no cell."""
        between = text[start:end]
        if not between.isspace() and _COMMENT.sub("", between).strip():
            self.faults.append((start, "text stands in a table outside of any cell"))

    def start(self, tag: Tag) -> None:
        """Open an element."""
        name = tag.name
        if name in _FRAME:
            if name == "body" and self.current == "head":
                self.pop()
            if not self._count[name]:
                self._push(tag)
            return
        if name in _TABLE_PARTS:
            self._table(tag)
        else:
            self._flow(tag)
        if name not in VOID:
            self._push(tag)

    def _table(self, tag: Tag) -> None:
        name = tag.name
        if not self._count["table"]:
            self._fault(tag, f"<{name}> stands outside of any table")
            return
        if name in _ENDS_OF:
            while self._within(_ENDS_OF[name], _OF_TABLE):
                if unclosed := self._pop_to(_ENDS_OF[name]):
                    self._fault(tag, f"<{name}> begins", unclosed)
        if name in ("td", "th") and self.current in _OUTSIDE_ROWS:
            self._fault(tag, f"<{name}> stands outside of any row")
            self._push(tag._replace(name="tr"))

    def _flow(self, tag: Tag) -> None:
        name, current = tag.name, self.current
        if current in _TABLE_CONTEXT and name not in _IN_TABLE:
            self._fault(tag, f"<{name}> stands in a table outside of any cell")
        if name in _ENDS_OTHERS:
            self._end_before(tag)
        if self._count["select"] and name not in _IN_SELECT and self._within(("select",)):
            self._fault(tag, f"<{name}> stands in a select")

    def _end_before(self, tag: Tag) -> None:
        """End the elements that cannot be open where this one begins."""
        name = tag.name
        closes_p = self._count["p"] and name in _CLOSES_P and self._within(("p",), _SCOPE_OF_P)
        if closes_p and (unclosed := self._pop_to(("p",))):
            self._fault(tag, f"<{name}> ends a paragraph", unclosed)
        ends = _ENDS_OF.get(name)
        if ends and self._within(ends, _SPECIAL_IN_LISTS - ends) and (unclosed := self._pop_to(ends)):
            self._fault(tag, f"<{name}> begins", unclosed)
        twice = name in _ONE_DEEP and self._count[name] and self._within((name,))
        if twice or (name in _HEADINGS and self.current in _HEADINGS):
            self._fault(tag, f"<{name}> begins while another one is open")
            self._pop_to(_HEADINGS if name in _HEADINGS else (name,))

    def end(self, tag: Tag) -> None:
        """Close an element that is not the innermost one."""
        name = tag.name
        if name in _FRAME:
            self._end_frame(tag)
        elif name in VOID:
            self._fault(tag, f"</{name}> ends nothing: {name} elements hold nothing")
        elif not self._within((name,), self._stops(name)):
            self._fault(tag, f"</{name}> ends nothing that is open here")
        elif (unclosed := self._pop_to((name,))) and not (name in _TABLE and unclosed.name in _MAY_STAY_OPEN):
            self._fault(tag, f"</{name}> comes", unclosed)
            if name in _FORMATTING and unclosed.name not in _SPECIAL:
                self._push(unclosed)

    @staticmethod
    def _stops(name: str) -> frozenset[str]:
        if name in _TABLE:
            return _OF_TABLE if name != "table" else frozenset()
        if name in _CLOSES_P or name in _FORMATTING:
            return _SCOPE
        return _SPECIAL - {name}

    def _end_frame(self, tag: Tag) -> None:
        if tag.name != "head":
            unclosed = next((one for one in self.stack if one.name not in _MAY_STAY_OPEN), None)
            if unclosed is not None:
                self._fault(tag, f"</{tag.name}> comes", unclosed)
        kept = [one for one in self.stack if (one.name != "head" if tag.name == "head" else one.name in _ROOT)]
        while self.stack:
            self.pop()
        for one in kept:
            self._push(one)

    def left(self) -> None:
        """Tell what is still open at the end of the page."""
        for one in self.stack:
            if one.name not in _MAY_STAY_OPEN:
                self._fault(one, f"<{one.name}> is never closed")
