"""Tables as grids: which cell names a row, which one a column, and what names the table itself."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mrrt.parse.flow import text_before
from mrrt.parse.phrases import Phrase, phrase_of, tidy
from mrrt.parse.spelled_units import from_spelling
from mrrt.parse.tree import Element

_LONGEST_NAME = 80
_MAX_SPAN = 100
GROUPS = ("thead", "tbody", "tfoot", "form")
"""What rows stand in, if not in their table itself."""
_TITLES = frozenset({"b", "strong", "u", "em", "i", "h1", "h2", "h3", "h4", "h5", "h6", "legend"})
_MAY_INTRODUCE = _TITLES | {"p", "div", "span", "label"}


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a table by row and column, spans resolved; None where a row is short."""

    table: Element
    rows: tuple[tuple[Element | None, ...], ...]
    at: Mapping[Element, tuple[int, int]]
    """Row and column of each cell."""

    @cached_property
    def introduction(self) -> Phrase:
        """What stands right before the table and names it."""
        return introduction(self.table)

    def row_heads(self, cell: Element) -> list[Phrase]:
        """Return what names the row left of a cell: the nearest text, and the first one if the nearest repeats."""
        row, column = self.at[cell]
        heads = self._heads[row]
        nearest = bisect_left(heads, column, key=lambda head: head[0]) - 1
        if nearest < 0:
            return []
        where, phrase = heads[nearest]
        repeats = where > 0 and self._said_in_column[(where, phrase.text)] > 1
        return [heads[0][1], phrase] if repeats else [phrase]

    def column_head(self, cell: Element) -> Phrase:
        """Return what names the column of a cell: the text above it in the nearest row that is a header row."""
        row, column = self.at[cell]
        above = bisect_left(self._header_rows, row) - 1
        cells = self.rows[self._header_rows[above]] if above >= 0 else ()
        head = cells[column] if column < len(cells) else None
        return phrase_of(head) if head is not None and _names(head) else Phrase()

    def group_head(self, cell: Element) -> Phrase:
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
    def _filled(self) -> list[list[Element]]:
        return [[cell for cell in _unique(cells) if cell.has_control or cell.said] for cells in self.rows]

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
            texts_only = len(filled) > 1 and not any(cell.has_control for cell in filled)
            if (
                texts_only
                and not reaches_down
                and (not begun or follows_gap or all(cell.tag == "th" for cell in filled))
            ):
                found.append(number)
            begun = begun or len(filled) > 1
        return found


def _heads(cells: tuple[Element | None, ...]) -> Iterator[tuple[int, Phrase]]:
    last = None
    for column, cell in enumerate(cells):
        if cell is not None and cell is not last and _names(cell):
            phrase = phrase_of(cell)
            # a unit in a cell of its own belongs to the field before it
            if column == 0 or from_spelling(phrase.text) is None:
                yield column, phrase
        last = cell


def _unique(cells: tuple[Element | None, ...]) -> list[Element]:
    return list(dict.fromkeys(cell for cell in cells if cell is not None))


def _names(cell: Element) -> bool:
    return not cell.has_control and 0 < len(cell.said) <= _LONGEST_NAME


def rows_of(table: Element) -> Iterator[Element]:
    """Yield the rows of a table itself, not those of tables inside it."""
    for child in table.children:
        if child.tag == "tr":
            yield child
        elif child.tag in GROUPS:
            yield from rows_of(child)


def span_of(cell: Element, attribute: str = "colspan") -> int:
    """Return how many columns (or rows) a cell covers; what is no number counts as one."""
    if attribute not in cell.attributes:
        return 1
    text = cell.attributes[attribute].strip()
    return min(max(int(text), 1), _MAX_SPAN) if text.isascii() and text.isdigit() else 1


def grid_of(table: Element) -> Grid:
    """Return the grid of a table."""
    at: dict[Element, tuple[int, int]] = {}
    hanging: _Hanging = {}
    rows = []
    for number, row in enumerate(rows_of(table)):
        cells, hanging = _filled_row(row, hanging)
        for column, cell in enumerate(cells):
            if cell is not None:
                at.setdefault(cell, (number, column))
        rows.append(tuple(cells))
    return Grid(table, tuple(rows), at)


_Hanging = dict[int, tuple[Element, int]]
"""By column, the cells that reach down into the next row, and how many rows they have left."""


def _filled_row(row: Element, hanging: _Hanging) -> tuple[list[Element | None], _Hanging]:
    """Lay the cells of a row side by side, round those that reach down from rows above."""
    cells: list[Element | None] = []
    below: _Hanging = {}

    def lay(cell: Element, deep: int) -> None:
        if deep > 1:
            below[len(cells)] = (cell, deep - 1)
        cells.append(cell)

    for cell in row.children:
        if cell.tag in ("td", "th"):
            while len(cells) in hanging:
                lay(*hanging[len(cells)])
            deep = span_of(cell, "rowspan")
            for _ in range(span_of(cell)):
                lay(cell, deep)
    while len(cells) in hanging:
        lay(*hanging[len(cells)])
    return cells, below


def introduction(block: Element) -> Phrase:
    """Return what stands right before a block and names it: a caption, bare text ("Rechts:") or a short heading."""
    caption = next((child for child in block.children if child.tag == "caption"), None)
    if caption is not None and (phrase := phrase_of(caption)):
        return phrase
    if text := tidy(text_before(block)):
        return Phrase(text) if len(text) <= _LONGEST_NAME else Phrase()
    before = block.before
    while before is not None and before.tag in ("br", ""):
        before = before.before
    return _heading(before) if before is not None and not before.tail.strip() else Phrase()


def _heading(element: Element) -> Phrase:
    if element.is_control or element.has_control:
        return Phrase()
    said = element.visible.strip()
    if not 0 < len(said) <= _LONGEST_NAME:
        return Phrase()
    titles = element.tag in _TITLES or (element.tag == "table" and len(element.within("td", "th")) == 1)
    return phrase_of(element) if titles or (element.tag in _MAY_INTRODUCE and said.endswith(":")) else Phrase()
