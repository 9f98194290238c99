"""Where a part is set into a page: a division fits neither into a paragraph nor between the cells of a table."""

from __future__ import annotations

import lxml.html
from lxml.html import HtmlElement

from mrrt.parse.ancestry import CONDITIONS, both

_CELLS = ("td", "th")


def unfold_embeds(root: HtmlElement) -> None:
    """Move what the parser took for the content of an embed behind it: an embed has none."""
    for element in reversed(list(root.iter("embed"))):
        parent, children = element.getparent(), list(element)
        if parent is not None:
            position, tail = parent.index(element) + 1, element.tail or ""
            element.tail = (element.text or "") + ("" if children else tail) or None
            element.text = None
            for child in reversed(children):
                parent.insert(position, child)
            if children:
                children[-1].tail = (children[-1].tail or "") + tail or None


def put_instead(element: HtmlElement, part: HtmlElement) -> HtmlElement:
    """Replace an element by a part, and return what stands in its place."""
    if element.tag in _CELLS:
        _fill(element, part)
        return element
    if element.tag in ("tr", "tbody", "thead", "tfoot"):
        part = _wrapped(element, part)
        element.addnext(part)
    elif (paragraph := next(element.iterancestors("p"), None)) is not None:
        _hold_back(part, element, paragraph)
        return _part_paragraph(paragraph, element, part)
    else:
        element.addnext(part)
    element.drop_tree()
    return part


def put_behind(element: HtmlElement, part: HtmlElement) -> HtmlElement:
    """Set a part behind an element, and return what was set there."""
    if element.tag in _CELLS:
        cell = lxml.html.Element("td")
        cell.append(part)
        part = cell
    elif element.tag in ("tr", "tbody", "thead", "tfoot"):
        part = _wrapped(element, part)
    place = next(element.iterancestors("p"), element)
    if place is not element:
        _hold_back(part, element, place)
    part.tail, place.tail = place.tail, None
    place.addnext(part)
    return part


def _hold_back(part: HtmlElement, element: HtmlElement, paragraph: HtmlElement) -> None:
    """Put a part that leaves a paragraph under the conditions of the elements that it leaves with it."""
    around = list(element.iterancestors())
    left = around[: around.index(paragraph) + 1]
    condition = both(*(one.get(name) for one in reversed(left) for name in CONDITIONS), part.get("data-show-if"))
    if condition:
        part.set("data-show-if", condition)


def _fill(cell: HtmlElement, part: HtmlElement) -> None:
    for name in CONDITIONS:  # what is replaced goes with its condition, as it does anywhere else
        cell.attrib.pop(name, None)
    cell.text = None
    for child in list(cell):
        cell.remove(child)
    part.attrib.pop("id", None)
    cell.append(part)


def _wrapped(element: HtmlElement, part: HtmlElement) -> HtmlElement:
    """Return a part as a row of the table that an element belongs to."""
    row = element if element.tag == "tr" else next(element.iterdescendants("tr"), None)
    width = sum(int(_number(cell.get("colspan"))) for cell in row if cell.tag in _CELLS) if row is not None else 1
    made, cell = lxml.html.Element("tr"), lxml.html.Element("td", colspan=str(max(width, 1)))
    if identity := part.attrib.pop("id", None):
        made.set("id", identity)
    cell.append(part)
    made.append(cell)
    if element.tag == "tr":
        return made
    group = lxml.html.Element("tbody")
    group.append(made)
    return group


def _number(text: str | None) -> str:
    return text if text and text.isdigit() and len(text) < 4 else "1"


def _part_paragraph(paragraph: HtmlElement, element: HtmlElement, part: HtmlElement) -> HtmlElement:
    """Set a part between the two halves of the paragraph that an element stands in."""
    rest = lxml.html.Element("p", {name: paragraph.get(name) or "" for name in CONDITIONS if paragraph.get(name)})
    top = element
    while (above := top.getparent()) is not None and above is not paragraph:
        top = above
    rest.text, top.tail = top.tail, None
    for following in list(top.itersiblings()):
        rest.append(following)
    tail, paragraph.tail = paragraph.tail, None
    element.drop_tree()
    paragraph.addnext(part)
    if len(rest) or (rest.text or "").strip():
        part.addnext(rest)
        rest.tail = tail
    else:
        part.tail = tail
    if not len(paragraph) and not (paragraph.text or "").strip():
        paragraph.drop_tree()
    return part
