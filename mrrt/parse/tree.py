"""The elements of a page, read once from lxml: all that is asked of them again and again lies at hand.

Every look at an lxml tree makes Python objects anew. A page is walked by labels, content, fields and rules, so that it
is cheaper to copy what the tree says into plain objects first, with the few facts that hold of an element for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml.html import HtmlElement

from mrrt.parse.phrases import raised, tidy
from mrrt.parse.source import refusal

MAX_DEPTH = 200
"""Elements inside elements; libxml2 itself drops what lies deeper than 256 without a word."""
_NOT_FIELDS = frozenset({"button", "submit", "reset", "image", "file"})
_CONTROLS = frozenset({"input", "select", "textarea"})
_UNSEEN = frozenset(
    {"script", "style", "select", "option", "optgroup", "textarea", "button", "datalist", "template", "noscript"}
)


class Element:
    """An element as the page has it, or a comment, which has no tag; equal to itself only.

    `position` counts the elements of the page, `line` is the one on which its start tag ends, `section` the nearest
    section around it. `origin` is the element of lxml, for those who rewrite a page: changes there are not seen here.
    """

    __slots__ = (
        *("attributes", "children", "end", "get", "has_control", "is_control", "line", "origin", "parent", "position"),
        *("rank", "section", "tag", "tail", "text", "_page", "_said", "_visible"),
    )

    def __init__(self, origin: HtmlElement, tag: str, parent: Element | None, page: list[Element]) -> None:
        self.origin = origin
        self.tag = tag
        self.attributes: dict[str, str] = dict(origin.items())
        self.get: Callable[[str], str | None] = self.attributes.get
        self.text: str = (origin.text or "") if tag else ""
        self.tail: str = origin.tail or ""
        self.line: int | None = origin.sourceline
        self.parent = parent
        self.children: list[Element] = []
        """Elements and comments."""
        self.rank = 0
        """Which of the children of its parent it is."""
        self.position = len(page)
        self.end = self.position
        """Position of the first element that stands behind it, not in it."""
        self.section: Element | None = None
        self.is_control = tag in _CONTROLS and takes_value(tag, self.attributes)
        """Whether it takes a value from the reader; buttons and file inputs do not."""
        self.has_control = False
        """Whether it holds an element that does."""
        self._page = page
        self._visible: str | None = None
        self._said: str | None = None
        if parent is not None:
            self.rank = len(parent.children)
            self.section = parent if parent.tag == "section" else parent.section

    @property
    def descendants(self) -> list[Element]:
        """All elements within, in the order of the page."""
        return self._page[self.position + 1 : self.end]

    def within(self, *tags: str) -> list[Element]:
        """Return the elements of these tags within."""
        return [inner for inner in self.descendants if inner.tag in tags]

    def around(self) -> Iterator[Element]:
        """Yield the elements around it, the nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def nearest(self, *tags: str) -> Element | None:
        """Return the nearest element around it that has one of these tags."""
        node = self.parent
        while node is not None and node.tag not in tags:
            node = node.parent
        return node

    @property
    def before(self) -> Element | None:
        """The element or comment right before it."""
        return self.parent.children[self.rank - 1] if self.parent is not None and self.rank else None

    @property
    def behind(self) -> Element | None:
        """The element or comment right behind it."""
        following = self.parent.children[self.rank + 1 : self.rank + 2] if self.parent is not None else []
        return following[0] if following else None

    @property
    def whole_text(self) -> str:
        """All text within, comments left out."""
        text = self.text
        for child in self.children:
            text += child.whole_text + child.tail
        return text

    @property
    def visible(self) -> str:
        """The text a reader sees within, options, buttons and scripts left out."""
        if self._visible is None:
            text = raised(self.tag, self.text)
            for child in self.children:
                if child.tag and child.tag not in _UNSEEN:
                    text += f"\n{child.visible}" if child.tag == "br" else child.visible
                text += child.tail
            self._visible = text
        return self._visible

    @property
    def said(self) -> str:
        """The text a reader sees within, as a label."""
        if self._said is None:
            self._said = tidy(self.visible)
        return self._said

    @property
    def identity(self) -> str:
        """Its id without blanks, empty where it has none."""
        return (self.get("id") or "").strip()


def takes_value(tag: str, attributes: dict[str, str]) -> bool:
    """Tell whether an element of this tag and these attributes takes a value from the reader."""
    if tag == "input":
        return attributes.get("type", "").strip().lower() not in _NOT_FIELDS
    return tag in ("select", "textarea")


def elements_of(root: HtmlElement, file: str) -> tuple[Element, ...]:
    """Return all elements of a tree in the order of the page. Raises Unreadable where they are nested too deeply."""
    page: list[Element] = []
    _grow(root, str(root.tag), None, page, file, 1)
    return tuple(page)


def _grow(origin: HtmlElement, tag: str, parent: Element | None, page: list[Element], file: str, depth: int) -> Element:
    element = Element(origin, tag, parent, page)
    if depth > MAX_DEPTH:
        what = f"elements are nested more than {MAX_DEPTH} deep at line {element.line}"
        raise refusal(file, what, "Close the elements that are left open, or lay the page out with fewer tables.")
    page.append(element)
    children = element.children
    for child in origin:
        name = child.tag
        if isinstance(name, str):
            children.append(_grow(child, name, element, page, file, depth + 1))
        else:
            children.append(Element(child, "", element, page))
    element.end = len(page)
    if element.is_control:
        _tell(parent)
    return element


def _tell(holder: Element | None) -> None:
    while holder is not None and not holder.has_control:
        holder.has_control = True
        holder = holder.parent
