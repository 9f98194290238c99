"""Cells that reach down over several rows: what they say is said in each row, and every other cell keeps its column.

A row of a report stands by itself, for the rows above it may be left out as empty: each has to name its artery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mrrt.template import Cell, Text

_Hanging = dict[int, tuple[Cell, int]]
"""By column, the cells that reach down into the next row, and how many rows they have left."""


def laid_out(rows: Iterable[Sequence[tuple[Cell, int]]]) -> Iterator[Sequence[Cell]]:
    """Yield the cells of each row in their columns; they are given with the number of rows that each covers."""
    hanging: _Hanging = {}
    for row in rows:
        cells, hanging = _laid(row, hanging)
        yield cells


def _laid(row: Sequence[tuple[Cell, int]], hanging: _Hanging) -> tuple[list[Cell], _Hanging]:
    cells: list[Cell] = []
    below: _Hanging = {}
    column = 0
    waiting = list(reversed(row))
    while waiting or column in hanging:
        above = column in hanging
        cell, deep = hanging[column] if above else waiting.pop()
        if deep > 1:
            below[column] = (cell, deep - 1)
        cells.append(_again(cell) if above else cell)
        column += cell.span
    return cells, below


def _again(cell: Cell) -> Cell:
    """Return what a cell says once more: its texts, where it has nothing to fill in."""
    texts = [item for item in cell.items if isinstance(item, Text)]
    said = texts if len(texts) == len(cell.items) else ()
    bare = tuple(text.model_copy(update={"element_id": None, "codes": ()}) for text in said)
    return cell.model_copy(update={"items": bare, "element_id": None})
