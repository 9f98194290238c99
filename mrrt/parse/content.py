"""The content of a page as blocks: sections, tables and paragraphs with texts and fields in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote

from lxml.html import HtmlElement

from mrrt.code import Code
from mrrt.parse.ancestry import Ancestry, condition_of
from mrrt.parse.controls import Control, Controls
from mrrt.parse.flow import BLOCKS, has_control
from mrrt.parse.labels import Labels
from mrrt.parse.lines import Line
from mrrt.parse.page import Page
from mrrt.parse.phrases import phrase_of, raised, tidy, translations_of
from mrrt.parse.sections import Heading
from mrrt.parse.tables import rows_of, span_of
from mrrt.parse.xml_block import BLOCK_ELEMENTS
from mrrt.template import Block, Cell, Embed, FieldPlace, Inline, LineBreak, Paragraph, Row, Section, Table, Text

_NOT_CONTENT = frozenset(
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
    }
)


@dataclass(frozen=True)
class Surroundings:
    """What the content of a page refers to."""

    page: Page
    controls: Controls
    labels: Labels
    headings: Mapping[HtmlElement, Heading]
    codes: Mapping[str, tuple[Code, ...]]
    """Codes of the XML block by element id."""
    ancestry: Ancestry = field(default_factory=Ancestry)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """Ids that something refers to, so that even an empty element of that id has to stay in the content."""
        options = self.page.root.xpath("//option/@data-replacement-element-id")
        return frozenset({*self.codes, *(str(identity).strip() for identity in options)})


def content_of(around: Surroundings) -> tuple[Block, ...]:
    """Return the blocks of a page in its order; unknown elements are walked through, their text stays."""
    return _Writer(around).blocks_of(around.page.root)


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

    def blocks_of(self, element: HtmlElement) -> tuple[Block, ...]:
        self._children(element)
        self._end()
        return (*self._blocks, *self._embeds)

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

    def _children(self, element: HtmlElement) -> None:
        self._line.text(raised(element, element.text or ""))
        for child in element:
            if isinstance(child.tag, str):
                self._element(child)
            self._line.text(child.tail or "")

    def _element(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if control := self._around.controls.of.get(element):
            self._field(control, element)
        elif tag in _NOT_CONTENT or tag in BLOCK_ELEMENTS:
            return
        elif tag == "section":
            self._section(element)
        elif tag == "table" and not any(True for _ in element.iterdescendants("section")):
            self._table(element)
        elif tag == "embed":
            self._embed(element)
        elif tag == "br":
            self._line.add(LineBreak())
        elif element is self._header_of(element):
            self._header(element)
        elif tag in BLOCKS:
            self._block(element)
        else:
            self._inline(element)

    def _header_of(self, element: HtmlElement) -> HtmlElement | None:
        section = next(element.iterancestors("section"), None)
        return self._around.headings[section].header if section is not None else None

    def _header(self, header: HtmlElement) -> None:
        # its text is the title of the section; fields in it have to stay
        self._end()
        for inner in header.iterdescendants():
            if control := self._around.controls.of.get(inner):
                self._field(control, inner)
        self._end()

    def _field(self, control: Control, element: HtmlElement) -> None:
        if element is control.first:
            self._line.add(FieldPlace(key=control.key))
        if control.is_group and element not in self._around.labels.of_element:
            self._line.skip_next(self._around.labels.member(element).text)

    def _block(self, element: HtmlElement) -> None:
        self._end()
        with self._within(condition_of(element)):
            self._bullet = element.tag == "li"
            self._identity = _identity(element) or self._identity
            with self._line.translated(translations_of(element)), self._line.marked(element):
                self._children(element)
            self._end()
            self._anchor()
            self._bullet = False

    def _inline(self, element: HtmlElement) -> None:
        labelled = self._around.labels.target.get(element)
        control = self._around.controls.of[labelled] if labelled is not None else None
        key, drop = (control.key, control.is_group) if control else (None, False)
        identity = _identity(element)
        with (
            self._line.translated(translations_of(element)),
            self._line.marked(element, inline=True),
            self._line.labelling(key, drop),
            self._line.named(identity, self._around.codes.get(identity or "", ()), identity in self._around.anchors),
        ):
            self._children(element)

    @contextmanager
    def _within(self, condition: str | None) -> Iterator[None]:
        before, self._condition = self._condition, condition or self._condition
        yield
        self._condition = before

    def _embed(self, element: HtmlElement) -> None:
        self._end()
        self._anchor()
        line, column = self._around.page.place(element)
        src = (element.get("src") or "").strip()
        condition = condition_of(element) or self._condition
        made = Embed(
            identifier=unquote(src.rpartition("/")[2]).removesuffix(".html"),
            src=src,
            element_id=_identity(element),
            condition=condition,
            line=line,
            column=column,
        )
        self._blocks.append(made)

    def _section(self, element: HtmlElement) -> None:
        self._end()
        self._anchor()
        heading = self._around.headings[element]
        line, column = self._around.page.place(element)
        condition = condition_of(element) or self._condition
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
                element_id=_identity(element),
                line=line,
                column=column,
            )
        )

    def _codes(self, *elements: HtmlElement | None) -> tuple[Code, ...]:
        identities = [_identity(element) or "" for element in elements if element is not None]
        return tuple(dict.fromkeys(code for one in identities for code in self._around.codes.get(one, ())))

    def _table(self, element: HtmlElement) -> None:
        self._end()
        self._anchor()
        caption = next((child for child in element if child.tag == "caption"), None)
        phrase = phrase_of(caption) if caption is not None and not has_control(caption) else None
        rows = tuple(row for row in map(self._row, rows_of(element)) if any(cell.items for cell in row.cells))
        stray = self._stray(element)
        self._blocks += stray
        if rows or phrase:
            self._blocks.append(
                Table(
                    rows=rows,
                    caption=phrase.text if phrase else "",
                    translations=phrase.translations if phrase else {},
                    condition=condition_of(element) or self._condition,
                    element_id=_identity(element),
                )
            )
        # a cell holds lines only, so what is embedded in one follows the table
        embeds, self._embeds = self._embeds, []
        self._blocks += embeds

    def _stray(self, table: HtmlElement) -> tuple[Block, ...]:
        """Return what stands in a table outside of any cell, which browsers set before the table."""
        writer = _Writer(self._around, self._condition)
        writer._line.text(table.text or "")
        for child in table:
            if isinstance(child.tag, str) and child.tag not in ("tr", "thead", "tbody", "tfoot", "caption", "form"):
                writer._element(child)
            if isinstance(child.tag, str) and child.tag == "caption" and has_control(child):
                writer._children(child)
            writer._line.text(child.tail or "")
        writer._end()
        return tuple(writer._blocks)

    def _row(self, row: HtmlElement) -> Row:
        cells = (child for child in row if child.tag in ("td", "th"))
        made = tuple(self._cell(cell) for cell in cells)
        return Row(cells=made, condition=condition_of(row), element_id=_identity(row))

    def _cell(self, cell: HtmlElement) -> Cell:
        writer = _Writer(self._around)
        with writer._line.translated(translations_of(cell)), writer._line.marked(cell):
            blocks = writer.blocks_of(cell)
        self._embeds += [block for block in blocks if isinstance(block, Embed)]
        return Cell(
            items=_flat(blocks),
            header=cell.tag == "th",
            span=span_of(cell),
            condition=condition_of(cell),
            element_id=_identity(cell),
        )


def _identity(element: HtmlElement) -> str | None:
    return (element.get("id") or "").strip() or None


def _flat(blocks: tuple[Block, ...]) -> tuple[Inline, ...]:
    """Return blocks as the items of a cell: paragraphs and rows parted by line breaks, cells by blanks."""
    lines: list[tuple[Inline, ...]] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            lines.append(block.items)
        elif isinstance(block, Table):
            lines += [(Text(text=block.caption, translations=block.translations),)] if block.caption else []
            lines += [_joined([cell.items for cell in row.cells if cell.items], Text(text=" ")) for row in block.rows]
        elif isinstance(block, Section):
            lines += [(Text(text=block.title, translations=block.translations),)] if block.title else []
            lines.append(_flat(block.content))
    flat = _joined([line for line in lines if line], LineBreak())
    return flat if all(isinstance(block, Paragraph) for block in blocks) else Line().again(flat)


def _joined(groups: list[tuple[Inline, ...]], between: Inline) -> tuple[Inline, ...]:
    joined: list[Inline] = []
    for group in groups:
        joined += [between, *group] if joined else group
    return tuple(joined)


def unit_texts(blocks: tuple[Block, ...]) -> Iterator[tuple[str, str]]:
    """Yield key and spelled unit for every text that repeats or states the unit of the field before it."""
    for items in _lines(blocks):
        for item in items:
            if isinstance(item, Text) and item.unit_of:
                yield item.unit_of, tidy(item.text)


def _lines(blocks: tuple[Block, ...]) -> Iterator[tuple[Inline, ...]]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.items
        elif isinstance(block, Table):
            yield from (cell.items for row in block.rows for cell in row.cells)
        elif isinstance(block, Section):
            yield from _lines(block.content)
