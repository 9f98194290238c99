"""The content of a page as blocks: sections, tables and paragraphs with texts and fields in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from urllib.parse import unquote

from mrrt.code import Code
from mrrt.parse.ancestry import Ancestry, both, condition_of
from mrrt.parse.controls import Control, Controls
from mrrt.parse.flow import BLOCKS
from mrrt.parse.labels import Labels
from mrrt.parse.lines import BREAK, Line, Name
from mrrt.parse.page import Page
from mrrt.parse.phrases import phrase_of, raised, tidy, translations_of
from mrrt.parse.reaching import laid_out
from mrrt.parse.sections import Heading
from mrrt.parse.tables import GROUPS, rows_of, span_of
from mrrt.parse.tree import Element
from mrrt.parse.xml_block import BLOCK_ELEMENTS
from mrrt.template import Block, Cell, Embed, FieldPlace, Inline, Paragraph, Row, Section, Table, Text

NOT_CONTENT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "meta",
        "link",
        "base",
        "datalist",
        "button",
        "option",
        "optgroup",
        "select",
        "textarea",
        "input",
        *BLOCK_ELEMENTS,
    }
)
"""Elements whose text is none of the report."""
_GAP = Text(text=" ")


@dataclass(frozen=True)
class Surroundings:
    """What the content of a page refers to."""

    page: Page
    controls: Controls
    labels: Labels
    headings: Mapping[Element, Heading]
    codes: Mapping[str, tuple[Code, ...]]
    """Codes of the XML block by element id."""
    ancestry: Ancestry = field(default_factory=Ancestry)
    _tables: dict[Element, bool] = field(default_factory=dict, repr=False)
    _cells: dict[Element, tuple[Cell, list[Embed]]] = field(default_factory=dict, repr=False)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Ids that something refers to, so that even an empty element of that id has to stay in the content."""
        replaced = (option.get("data-replacement-element-id") or "" for option in self.page.named("option"))
        return frozenset({*self.codes, *(identity.strip() for identity in replaced)})

    @cached_property
    def headers(self) -> frozenset[Element]:
        """The elements that say what their section is called."""
        return frozenset(heading.header for heading in self.headings.values() if heading.header is not None)

    @cached_property
    def content(self) -> tuple[Block, ...]:
        """The blocks of the page in its order; unknown elements are walked through, their text stays."""
        return _Writer(self).blocks_of(self.page.elements[0])

    @cached_property
    def _units(self) -> Mapping[str, str]:
        return dict(unit_texts(self.content))

    def unit_behind(self, control: Control) -> str:
        """Return the unit that stands behind a field on the page, as spelled, or an empty string."""
        cell = self._outer_cell(control.first)
        if cell is None:
            return self._units.get(control.key, "")
        # what stands in a cell depends on nothing outside of it, so that the rest of the content need not be written
        return dict(_units_in(self.cell(cell)[0].items)).get(control.key, "")

    def _outer_cell(self, element: Element) -> Element | None:
        """Return the cell of the content that holds an element; None where it is in no cell, or in a stray one."""
        path = [element, *element.around()]
        table = next((place for place in reversed(range(len(path))) if self.is_table(path[place])), 0)
        if any(map(self._leaves_out, path[table:])):
            return None
        inside = [one for one in reversed(path[:table]) if one.tag not in GROUPS]
        is_cell = len(inside) > 2 and inside[0].tag == "tr" and inside[1].tag in ("td", "th")
        return inside[1] if is_cell and inside[1].parent is inside[0] else None

    def is_table(self, element: Element) -> bool:
        """Tell whether an element is a table of the content; one that holds sections is but their frame."""
        if element.tag != "table":
            return False
        if element not in self._tables:
            self._tables[element] = not element.within("section")
        return self._tables[element]

    def cell(self, element: Element) -> tuple[Cell, list[Embed]]:
        """Return a cell as the content has it, and what is embedded in it."""
        if element not in self._cells:
            self._cells[element] = _Writer(self).cell_of(element)
        return self._cells[element]

    @cached_property
    def sections(self) -> tuple[Element, ...]:
        """The elements that are sections of the content: those that do not stand in what is left out of it."""
        return tuple(one for one in self.headings if not any(map(self._leaves_out, one.around())))

    def _leaves_out(self, element: Element) -> bool:
        return element.tag in NOT_CONTENT or element.tag in ("embed", "br") or element in self.headers


class _Writer:
    """Walks an element and gathers its blocks; a fresh one is used for each section, cell and list item."""

    def __init__(self, around: Surroundings, condition: str | None = None) -> None:
        self._around = around
        self._blocks: list[Block] = []
        self._line = Line()
        self._bullet = False
        self._condition = condition
        self._identity: str | None = None
        self._embeds: list[Embed] = []

    def blocks_of(self, element: Element) -> tuple[Block, ...]:
        self._children(element)
        self._end()
        return (*self._blocks, *self._embeds)

    def _items_of(self, element: Element) -> tuple[tuple[Inline, ...], list[Embed]]:
        """Return all that stands in an element as items of one cell, and what is embedded there."""
        self._children(element)
        if not self._blocks and not self._embeds:
            return self._line.taken(), []
        self._end()
        blocks = (*self._blocks, *self._embeds)
        return _flat(blocks), [block for block in blocks if block.type == "embed"]

    def _end(self) -> None:
        """End the paragraph that is being written."""
        if items := self._line.taken():
            identity, self._identity = self._identity, None
            made = Paragraph(items=items, bullet=self._bullet, condition=self._condition, element_id=identity)
            self._blocks.append(made)
            self._bullet = False

    def _anchor(self) -> None:
        """Leave an empty paragraph where an element begins that others refer to and that holds no text of its own."""
        identity, self._identity = self._identity, None
        if identity in self._around.anchors:
            self._blocks.append(Paragraph(items=(), condition=self._condition, element_id=identity))

    def _children(self, element: Element) -> None:
        self._line.text(raised(element.tag, element.text))
        for child in element.children:
            if child.tag:
                self._element(child)
            self._line.text(child.tail)

    def _element(self, element: Element) -> None:
        tag = element.tag
        if element.is_control:
            self._field(self._around.controls.of[element], element)
        elif tag in NOT_CONTENT:
            return
        elif tag == "section":
            self._section(element)
        elif self._around.is_table(element):
            self._table(element)
        elif tag == "embed":
            self._embed(element)
        elif tag == "br":
            self._line.add(BREAK)
        elif element in self._around.headers:
            self._header(element)
        elif tag in BLOCKS:
            self._block(element)
        else:
            self._inline(element)

    def _header(self, header: Element) -> None:
        # its text is the title of the section; fields in it have to stay
        self._end()
        for inner in header.descendants:
            if inner.is_control:
                self._field(self._around.controls.of[inner], inner)
        self._end()

    def _field(self, control: Control, element: Element) -> None:
        if element is control.first:
            self._line.add(FieldPlace(key=control.key))
        if control.is_group and element not in self._around.labels.of_element:
            self._line.skip_next(self._around.labels.member(element).text)

    def _block(self, element: Element) -> None:
        self._end()
        condition, self._condition = self._condition, both(self._condition, condition_of(element))
        self._bullet = element.tag == "li"
        self._identity = element.identity or self._identity
        entered = self._line.enter(self._line.style.within(element), translations_of(element))
        self._children(element)
        self._line.leave(entered)
        self._end()
        self._anchor()
        self._bullet = False
        self._condition = condition

    def _inline(self, element: Element) -> None:
        style = self._line.style.within(element, inline=True)
        if (labelled := self._around.labels.target.get(element)) is not None:
            control = self._around.controls.of[labelled]
            style = style._replace(label_for=control.key, dropped=style.dropped or control.is_group)
        entered = self._line.enter(style, translations_of(element), self._name(element.identity))
        self._children(element)
        self._line.leave(entered)

    def _name(self, identity: str) -> Name | None:
        codes, anchors = self._around.codes, self._around.anchors
        return Name(identity, codes.get(identity, ()), kept=identity in anchors) if identity else None

    def _embed(self, element: Element) -> None:
        self._end()
        self._anchor()
        line, column = self._around.page.place(element)
        src = (element.get("src") or "").strip()
        condition = both(self._condition, condition_of(element))
        made = Embed(
            identifier=unquote(src.rpartition("/")[2]).removesuffix(".html"),
            src=src,
            element_id=element.identity or None,
            condition=condition,
            line=line,
            column=column,
        )
        self._blocks.append(made)

    def _section(self, element: Element) -> None:
        self._end()
        self._anchor()
        heading = self._around.headings[element]
        line, column = self._around.page.place(element)
        condition = both(self._condition, condition_of(element))
        self._blocks.append(
            Section(
                key=heading.key,
                name=heading.name,
                title=heading.title.text,
                translations=heading.title.translations,
                level=heading.level,
                required=heading.required,
                content=_Writer(self._around).blocks_of(element),
                condition=condition,
                codes=self._codes(element, heading.header),
                element_id=element.identity or None,
                line=line,
                column=column,
            )
        )

    def _codes(self, *elements: Element | None) -> tuple[Code, ...]:
        identities = [element.identity for element in elements if element is not None]
        return tuple(dict.fromkeys(code for one in identities for code in self._around.codes.get(one, ())))

    def _table(self, element: Element) -> None:
        self._end()
        self._anchor()
        caption = next((child for child in element.children if child.tag == "caption"), None)
        phrase = phrase_of(caption) if caption is not None and not caption.has_control else None
        rows = self._rows(element)
        stray = self._stray(element)
        self._blocks += stray
        if rows or phrase:
            self._blocks.append(
                Table(
                    rows=rows,
                    caption=phrase.text if phrase else "",
                    translations=phrase.translations if phrase else {},
                    condition=both(self._condition, condition_of(element)),
                    element_id=element.identity or None,
                )
            )
        # a cell holds lines only, so what is embedded in one follows the table
        embeds, self._embeds = self._embeds, []
        self._blocks += embeds

    def _stray(self, table: Element) -> tuple[Block, ...]:
        """Return what stands in a table outside of any cell, which browsers set before the table."""
        writer = _Writer(self._around, self._condition)
        writer._line.text(table.text)
        for child in table.children:
            if child.tag and child.tag not in ("tr", "thead", "tbody", "tfoot", "caption", "form"):
                writer._element(child)
            if child.tag == "caption" and child.has_control:
                writer._children(child)
            writer._line.text(child.tail)
        writer._end()
        return tuple(writer._blocks)

    def _rows(self, table: Element) -> tuple[Row, ...]:
        """Return the rows that say something, each with what reaches down into it from those above."""
        elements = tuple(rows_of(table))
        cells = [[child for child in row.children if child.tag in ("td", "th")] for row in elements]
        own = [[(self._cell(cell), span_of(cell, "rowspan")) for cell in row] for row in cells]
        return tuple(
            Row(cells=tuple(laid), condition=_condition_of_row(row), element_id=row.identity or None)
            for row, made, laid in zip(elements, own, laid_out(own), strict=True)
            if any(cell.items for cell, _ in made)
        )

    def _cell(self, cell: Element) -> Cell:
        made, embeds = self._around.cell(cell)
        self._embeds += embeds
        return made

    def cell_of(self, cell: Element) -> tuple[Cell, list[Embed]]:
        """Return a cell, and what is embedded in it."""
        self._line.enter(self._line.style.within(cell), translations_of(cell))
        items, embeds = self._items_of(cell)
        made = Cell(
            items=items,
            header=cell.tag == "th",
            span=span_of(cell),
            condition=condition_of(cell),
            element_id=cell.identity or None,
        )
        return made, embeds


def _flat(blocks: tuple[Block, ...]) -> tuple[Inline, ...]:
    """Return blocks as the items of a cell: paragraphs and rows parted by line breaks, cells by blanks."""
    lines: list[tuple[Inline, ...]] = []
    for block in blocks:
        own: list[tuple[Inline, ...]] = []
        if block.type == "paragraph":
            own.append(block.items)
        elif block.type == "table":
            own += [(Text(text=block.caption, translations=block.translations),)] if block.caption else []
            own += [_flat_row(row) for row in block.rows]
        elif block.type == "section":
            own += [(Text(text=block.title, translations=block.translations),)] if block.title else []
            own.append(_flat(block.content))
        lines += [_held(items, block.condition) for items in own]
    flat = _joined([line for line in lines if line], BREAK)
    return flat if all(block.type == "paragraph" for block in blocks) else Line().again(flat)


def _flat_row(row: Row) -> tuple[Inline, ...]:
    return _held(_joined([_held(cell.items, cell.condition) for cell in row.cells if cell.items], _GAP), row.condition)


def _held(items: tuple[Inline, ...], condition: str | None) -> tuple[Inline, ...]:
    """Return items whose texts stand under a condition, which nothing round them states any more."""
    if not condition:
        return items
    return tuple(
        one.model_copy(update={"condition": both(condition, one.condition)}) if one.type == "text" else one
        for one in items
    )


def _condition_of_row(row: Element) -> str | None:
    groups = takewhile(lambda one: one.tag in GROUPS, row.around())
    return both(*(condition_of(one) for one in reversed([row, *groups])))


def _joined(groups: list[tuple[Inline, ...]], between: Inline) -> tuple[Inline, ...]:
    if len(groups) < 2:
        return groups[0] if groups else ()
    joined: list[Inline] = []
    for group in groups:
        joined += [between, *group] if joined else group
    return tuple(joined)


def unit_texts(blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    """Yield key and spelled unit for every text that repeats or states the unit of the field before it."""
    for items in _lines(blocks):
        yield from _units_in(items)


def _units_in(items: tuple[Inline, ...]) -> Iterator[tuple[str, str]]:
    for item in items:
        if item.type == "text" and item.unit_of:
            yield item.unit_of, tidy(item.text)


def _lines(blocks: tuple[Block, ...]) -> Iterator[tuple[Inline, ...]]:
    for block in blocks:
        if block.type == "paragraph":
            yield block.items
        elif block.type == "table":
            yield from (cell.items for row in block.rows for cell in row.cells)
        elif block.type == "section":
            yield from _lines(block.content)
