"""What stands before and behind an element in the same line of the page."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from mrrt.parse.controls import is_control
from mrrt.parse.phrases import visible

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


def has_control(element: HtmlElement) -> bool:
    """Tell whether the element holds a control."""
    return any(is_control(inner) for inner in element.iterdescendants("input", "select", "textarea"))


def _ends_line(element: HtmlElement) -> bool:
    return element.tag in BLOCKS or element.tag in ("br", "label") or is_control(element) or has_control(element)


def text_before(element: HtmlElement) -> str:
    """Return the text before an element, back to the control, label, line break or block before it."""
    return "".join(reversed(list(_before(element))))


def _before(element: HtmlElement) -> Iterator[str]:
    node = element
    while True:
        previous = node.getprevious()
        if previous is not None:
            yield previous.tail or ""
            if isinstance(previous.tag, str):
                if _ends_line(previous):
                    return
                # help for the reader while filling names nothing
                yield visible(previous) if previous.tag != "mark" else ""
            node = previous
            continue
        parent = node.getparent()
        if parent is None:
            return
        yield parent.text or ""
        if parent.tag in BLOCKS or parent.tag == "label":
            return
        node = parent


def text_behind(element: HtmlElement) -> str:
    """Return the text behind an element, up to the next control, label, line break or block."""
    return "".join(_behind(element))


def _behind(element: HtmlElement) -> Iterator[str]:
    node = element
    while True:
        yield node.tail or ""
        following = node.getnext()
        if following is not None:
            if isinstance(following.tag, str):
                if _ends_line(following):
                    return
                yield visible(following)
            node = following
            continue
        parent = node.getparent()
        if parent is None or parent.tag in BLOCKS or parent.tag == "label":
            return
        node = parent


def stops_behind(element: HtmlElement) -> bool:
    """Tell whether a control stands before the element in its line, whose unit may come first in the text between."""
    previous = element.getprevious()
    while previous is not None and not (isinstance(previous.tag, str) and _ends_line(previous)):
        previous = previous.getprevious()
    return previous is not None and is_control(previous)
