"""What stands before and behind an element in the same line of the page."""

from __future__ import annotations

from collections.abc import Iterator

from mrrt.parse.tree import Element

BLOCKS = frozenset(
    {
        "html",
        "body",
        "section",
        "header",
        "footer",
        "main",
        "nav",
        "article",
        "aside",
        "p",
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "form",
        "fieldset",
        "legend",
        "details",
        "summary",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "address",
        "center",
        "hr",
        "embed",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
)


def _ends_line(element: Element) -> bool:
    return element.tag in BLOCKS or element.tag in ("br", "label") or element.is_control or element.has_control


def text_before(element: Element) -> str:
    """Return the text before an element, back to the control, label, line break or block before it."""
    return "".join(reversed(list(_before(element))))


def _before(element: Element) -> Iterator[str]:
    node = element
    while node.parent is not None:
        previous = node.before
        if previous is None:
            node = node.parent
            yield node.text
            if node.tag in BLOCKS or node.tag == "label":
                return
        else:
            node = previous
            yield node.tail
            if node.tag:
                if _ends_line(node):
                    return
                # help for the reader while filling names nothing
                yield node.visible if node.tag != "mark" else ""


def text_behind(element: Element) -> str:
    """Return the text behind an element, up to the next control, label, line break or block."""
    return "".join(_behind(element))


def _behind(element: Element) -> Iterator[str]:
    node: Element | None = element
    while node is not None:
        yield node.tail
        following = node.behind
        if following is None:
            node = node.parent
            if node is None or node.tag in BLOCKS or node.tag == "label":
                return
        else:
            node = following
            if node.tag:
                if _ends_line(node):
                    return
                yield node.visible


def stops_behind(element: Element) -> bool:
    """Tell whether a control stands before the element in its line, whose unit may come first in the text between."""
    previous = element.before
    while previous is not None and not (previous.tag and _ends_line(previous)):
        previous = previous.before
    return previous is not None and previous.is_control
