"""Tables as grids: which cell names a row, which one a column, and what names the table itself."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml.html import HtmlElement

from mrrt.parse.controls import is_control
from mrrt.parse.flow import has_control, text_before
from mrrt.parse.phrases import Phrase, phrase_of, tidy, visible
from mrrt.parse.spelled_units import from_spelling

_LONGEST_NAME = 80
_MAX_SPAN = 100
_TITLES = frozenset({"b", "strong", "u", "em", "i", "h1", "h2", "h3", "h4", "h5", "h6", "legend"})
_MAY_INTRODUCE = _TITLES | {"p", "div", "span", "label"}


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a table by row and column, spans resolved; None where a row is short."""

    table: HtmlElement
    rows: tuple[tuple[HtmlElement | None, ...], ...]
    at: Mapping[HtmlElement, tuple[int, int]]
    """Row and column of each cell."""

    @cached_property
    def introduction(self) -> Phrase:
        """What stands right before the table and names it."""
        return introduction(self.table)

    def row_heads(self, cell: HtmlElement) -> list[Phrase]:
        """Return what names the row left of a cell: the nearest text, and the first one if the nearest repeats."""
        row, column = self.at[cell]
        heads = self._heads[row]
        nearest = bisect_left(heads, column, key=lambda head: head[0]) - 1
        if nearest < 0:
            return []
        where, phrase = heads[nearest]
        repeats = where > 0 and self._said_in_column[(where, phrase.text)] > 1
        return [heads[0][1], phrase] if repeats else [phrase]

    def column_head(self, cell: HtmlElement) -> Phrase:
        """Return what names the column of a cell: the text above it in the nearest row that is a header row."""
        row, column = self.at[cell]
        above = bisect_left(self._header_rows, row) - 1
        cells = self.rows[self._header_rows[above]] if above >= 0 else ()
        head = cells[column] if column < len(cells) else None
        return phrase_of(head) if head is not None and _names(head) else Phrase()

    def group_head(self, cell: HtmlElement) -> Phrase:
        """Return the text of the nearest row above that holds nothing but one text: a heading inside the table."""
        row, _ = self.at[cell]
        above = bisect_left(self._group_rows, row) - 1
        return phrase_of(self._filled[self._group_rows[above]][0]) if above >= 0 else Phrase()

    @cached_property
    def _heads(self) -> list[list[tuple[int, Phrase]]]:
        """For each row the columns and texts that can name the cells right of them."""
        return [list(_heads(cells)) for cells in self.rows]

    @cached_property
    def _said_in_column(self) -> Counter[tuple[int, str]]:
        return Counter((column, phrase.text) for heads in self._heads for column, phrase in heads)

    @cached_property
    def _filled(self) -> list[list[HtmlElement]]:
        return [[cell for cell in _unique(cells) if has_control(cell) or tidy(visible(cell))] for cells in self.rows]

    @cached_property
    def _group_rows(self) -> list[int]:
        return [number for number, filled in enumerate(self._filled) if len(filled) == 1 and _names(filled[0])]

    @cached_property
    def _header_rows(self) -> list[int]:
        """Rows of texts only that come first, follow an empty row, or consist of `th` throughout."""
        found, begun = [], False
        for number, filled in enumerate(self._filled):
            follows_gap = number > 0 and not self._filled[number - 1]
            below = self._filled[number + 1] if number + 1 < len(self._filled) else []
            reaches_down = any(cell in below for cell in filled)
            texts_only = len(filled) > 1 and not any(has_control(cell) for cell in filled)
            if (
                texts_only
                and not reaches_down
                and (not begun or follows_gap or all(cell.tag == "th" for cell in filled))
            ):
                found.append(number)
            begun = begun or len(filled) > 1
        return found


def _heads(cells: tuple[HtmlElement | None, ...]) -> Iterator[tuple[int, Phrase]]:
    last = None
    for column, cell in enumerate(cells):
        if cell is not None and cell is not last and _names(cell):
            phrase = phrase_of(cell)
            # a unit in a cell of its own belongs to the field before it
            if column == 0 or from_spelling(phrase.text) is None:
                yield column, phrase
        last = cell


def _unique(cells: tuple[HtmlElement | None, ...]) -> list[HtmlElement]:
    return list(dict.fromkeys(cell for cell in cells if cell is not None))


def _names(cell: HtmlElement) -> bool:
    return not has_control(cell) and 0 < len(tidy(visible(cell))) <= _LONGEST_NAME


def rows_of(table: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the rows of a table itself, not those of tables inside it."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot", "form"):
            yield from rows_of(child)


def span_of(cell: HtmlElement, attribute: str = "colspan") -> int:
    """Return how many columns (or rows) a cell covers; what is no number counts as one."""
    text = (cell.get(attribute) or "").strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isascii() and text.isdigit() else 1


def grid_of(table: HtmlElement) -> Grid:
    """Return the grid of a table."""
    at: dict[HtmlElement, tuple[int, int]] = {}
    hanging: _Hanging = {}
    rows = []
    for number, row in enumerate(rows_of(table)):
        cells, hanging = _filled_row(row, hanging)
        for column, cell in enumerate(cells):
            if cell is not None:
                at.setdefault(cell, (number, column))
        rows.append(tuple(cells))
    return Grid(table, tuple(rows), at)


_Hanging = dict[int, tuple[HtmlElement, int]]
"""By column, the cells that reach down into the next row, and how many rows they have left."""


def _filled_row(row: HtmlElement, hanging: _Hanging) -> tuple[list[HtmlElement | None], _Hanging]:
    """Lay the cells of a row side by side, round those that reach down from rows above."""
    cells: list[HtmlElement | None] = []
    below: _Hanging = {}

    def lay(cell: HtmlElement, deep: int) -> None:
        if deep > 1:
            below[len(cells)] = (cell, deep - 1)
        cells.append(cell)

    for cell in (child for child in row if child.tag in ("td", "th")):
        while len(cells) in hanging:
            lay(*hanging[len(cells)])
        for _ in range(span_of(cell)):
            lay(cell, span_of(cell, "rowspan"))
    while len(cells) in hanging:
        lay(*hanging[len(cells)])
    return cells, below


def introduction(block: HtmlElement) -> Phrase:
    """Return what stands right before a block and names it: a caption, bare text ("Rechts:") or a short heading."""
    caption = next((child for child in block if child.tag == "caption"), None)
    if caption is not None and (phrase := phrase_of(caption)):
        return phrase
    if text := tidy(text_before(block)):
        return Phrase(text) if len(text) <= _LONGEST_NAME else Phrase()
    before = block.getprevious()
    while before is not None and (before.tag == "br" or not isinstance(before.tag, str)):
        before = before.getprevious()
    return _heading(before) if before is not None and not (before.tail or "").strip() else Phrase()


def _heading(element: HtmlElement) -> Phrase:
    if is_control(element) or has_control(element):
        return Phrase()
    said = visible(element).strip()
    if not 0 < len(said) <= _LONGEST_NAME:
        return Phrase()
    titles = element.tag in _TITLES or (element.tag == "table" and len(element.xpath(".//td|.//th")) == 1)
    return phrase_of(element) if titles or (element.tag in _MAY_INTRODUCE and said.endswith(":")) else Phrase()
