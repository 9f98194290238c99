"""Errors of HTML in how elements nest: stray end tags, elements left open, what a table may not hold.

The rules are those of the HTML standard (section 13.2.6), as far as templates can break them, on the tags of the page
and without building a tree; a test compares the outcome with that of a complete parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

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
_ONE_DEEP = {"a": "a", "button": "button", "form": "form", "nobr": "nobr", "select": "select"}
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def tree_faults(page: Page) -> Iterator[Fault]:
    """Yield the errors in how the elements of a page nest."""
    open_elements = _Open()
    text, behind = page.source.text, 0
    for tag in page.tags:
        if open_elements.current in _TABLE_CONTEXT and _COMMENT.sub("", text[behind : tag.start]).strip():
            yield behind, "text stands in a table outside of any cell"
        yield from open_elements.end(tag) if tag.closing else open_elements.start(tag)
        behind = tag.end
    yield from open_elements.left(len(text))


class _Open:
    """The elements that are open at a place of the page, outermost first, each with its start tag."""

    def __init__(self) -> None:
        self._stack: list[Tag] = []

    @property
    def current(self) -> str:
        """The innermost one."""
        return self._stack[-1].name if self._stack else ""

    def _within(self, names: frozenset[str] | set[str], stops: frozenset[str] = _SCOPE) -> bool:
        for tag in reversed(self._stack):
            if tag.name in names:
                return True
            if tag.name in stops:
                return False
        return False

    def _pop_to(self, names: frozenset[str] | set[str]) -> Tag | None:
        """Take elements off up to one of these; return the first taken that had to be closed and was not."""
        unclosed = None
        while self._stack:
            tag = self._stack.pop()
            if tag.name in names:
                return unclosed
            if tag.name not in _IMPLIED:
                unclosed = unclosed or tag
        return unclosed

    def start(self, tag: Tag) -> Iterator[Fault]:
        """Open an element."""
        name = tag.name
        if name in ("html", "head", "body"):
            if name == "body" and self.current == "head":
                self._stack.pop()
            if not any(one.name == name for one in self._stack):
                self._stack.append(tag)
            return
        yield from self._table(tag) if name in _TABLE_PARTS else self._flow(tag)
        if name not in VOID:
            self._stack.append(tag)

    def _table(self, tag: Tag) -> Iterator[Fault]:
        name = tag.name
        if not self._within({"table"}, frozenset()):
            yield tag.start, f"<{name}> stands outside of any table"
            return
        if name in _ENDS_OF and self._within(_ENDS_OF[name], frozenset({"table"})):
            yield from self._end_implied(tag, _ENDS_OF[name])
        if name in ("td", "th") and self.current in _SECTIONS | {"table"}:
            yield tag.start, f"<{name}> stands outside of any row"
            self._stack.append(tag._replace(name="tr"))

    def _end_implied(self, tag: Tag, names: frozenset[str]) -> Iterator[Fault]:
        while self._within(names, frozenset({"table"})):
            if unclosed := self._pop_to(names):
                yield tag.start, f"<{tag.name}> begins while <{unclosed.name}> of line {unclosed.line} is open"

    def _flow(self, tag: Tag) -> Iterator[Fault]:
        name = tag.name
        if self.current in _TABLE_CONTEXT and name not in _IN_TABLE:
            yield tag.start, f"<{name}> stands in a table outside of any cell"
        if name in _CLOSES_P and self._within({"p"}, _SCOPE | {"button"}) and (unclosed := self._pop_to({"p"})):
            yield tag.start, f"<{name}> ends a paragraph while <{unclosed.name}> of line {unclosed.line} is open"
        if name in _ENDS_OF:
            stops = _SPECIAL - {"address", "div", "p"} - _ENDS_OF[name]
            if self._within(_ENDS_OF[name], stops) and (unclosed := self._pop_to(_ENDS_OF[name])):
                yield tag.start, f"<{name}> begins while <{unclosed.name}> of line {unclosed.line} is open"
        if (name in _HEADINGS and self.current in _HEADINGS) or self._within({_ONE_DEEP.get(name, "")}):
            yield tag.start, f"<{name}> begins while another one is open"
            self._pop_to(_HEADINGS if name in _HEADINGS else {name})
        if self._within({"select"}) and name not in ("option", "optgroup", "script", "template", "hr"):
            yield tag.start, f"<{name}> stands in a select"

    def end(self, tag: Tag) -> Iterator[Fault]:
        """Close an element."""
        name = tag.name
        if name in ("html", "body", "head"):
            yield from self._end_frame(tag)
        elif name in VOID:
            yield tag.start, f"</{name}> ends nothing: {name} elements hold nothing"
        elif not self._within({name}, self._stops(name)):
            yield tag.start, f"</{name}> ends nothing that is open here"
        elif (unclosed := self._pop_to({name})) and not (name in _TABLE and unclosed.name in _MAY_STAY_OPEN):
            what = f"</{name}> comes while <{unclosed.name}> of line {unclosed.line} is open"
            yield tag.start, what
            if name in _FORMATTING and unclosed.name not in _SPECIAL:
                self._stack.append(unclosed)

    @staticmethod
    def _stops(name: str) -> frozenset[str]:
        if name in _TABLE_PARTS or name == "table":
            return frozenset({"table"}) if name != "table" else frozenset()
        if name in _CLOSES_P or name in _FORMATTING:
            return _SCOPE
        return _SPECIAL - {name}

    def _end_frame(self, tag: Tag) -> Iterator[Fault]:
        if tag.name == "head":
            self._stack = [one for one in self._stack if one.name != "head"]
            return
        for one in self._stack:
            if one.name not in _MAY_STAY_OPEN:
                yield tag.start, f"</{tag.name}> comes while <{one.name}> of line {one.line} is open"
                break
        self._stack = [one for one in self._stack if one.name in ("html", "body")]

    def left(self, end: int) -> Iterator[Fault]:
        """Tell what is still open at the end of the page."""
        for one in self._stack:
            if one.name not in _MAY_STAY_OPEN:
                yield one.start, f"<{one.name}> is never closed"
