"""Reports as plain text, for the clipboard and the RIS."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from itertools import chain, zip_longest

from mrrt.render.heading import criteria, heading, notice, signature
from mrrt.render.outline import Grid, Line, Part, outline
from mrrt.render.ties import TIE, tied
from mrrt.report import Report
from mrrt.template import Template

WIDTH = 100


def render_text(report: Report, template: Template, language: str) -> str:
    """Return the report as text of at most 100 columns, tables excepted."""
    title = template.title_in(language)
    void = notice(report, language)
    lines = [title, "=" * _width(title), "", *([void, ""] if void else [])]
    pairs = heading(report, language)
    widest = max(len(label) for label, _ in pairs) + 1
    lines += [f"{label + ':':<{widest}} {text}" for label, text in pairs]
    lines += _blocks(outline(report, template, language))
    graded = criteria(report, language)
    return "\n".join([*lines, "", *([graded] if graded else []), signature(report, language), ""])


def _blocks(blocks: Iterable[Line | Grid | Part]) -> list[str]:
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Part):
            rule = ("=" if block.level < 1 else "-") * _width(block.title)
            lines += ["", block.title, rule, *_blocks(block.content)]
        elif isinstance(block, Grid):
            lines += ["", *_grid(block), ""] if lines and lines[-1] else [*_grid(block), ""]
        else:
            lines += _line(block)
    return lines[:-1] if lines and not lines[-1] else lines


def _line(line: Line) -> list[str]:
    text = f"{line.label}: {line.text}" if line.label else line.text
    head = "- " if line.bullet else ""
    return [
        wrapped
        for number, part in enumerate(text.split("\n"))
        for wrapped in _wrapped(part, head if number == 0 else "  ")
    ]


def _wrapped(text: str, head: str) -> list[str]:
    """Return the text in lines that end where they may."""
    lines = textwrap.wrap(tied(text), WIDTH, initial_indent=head, subsequent_indent="  ", break_long_words=False)
    return [line.replace(TIE, " ") for line in lines] or [""]


def _grid(grid: Grid) -> list[str]:
    rows = [[_cell_lines(text) for text in row] for row in grid.rows]
    widths = [max(_width(text) for row in rows for text in row[column]) for column in range(len(rows[0]))]
    lines = [[_row(each, widths) for each in zip_longest(*row, fillvalue="")] for row in rows]
    if grid.heads:
        lines.insert(grid.heads, ["  ".join("-" * width for width in widths)])
    return [*([grid.caption] if grid.caption else []), *chain.from_iterable(lines)]


def _cell_lines(text: str) -> list[str]:
    """Return the lines of a cell; each stays in its column, for a column may be a side."""
    return [" ".join(line.split()) for line in text.split("\n")]


def _row(texts: Iterable[str], widths: Iterable[int]) -> str:
    padded = (text + " " * (width - _width(text)) for text, width in zip(texts, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return how many columns a text takes: Chinese and Japanese characters take two, accents of their own none."""
    if text.isascii():
        return len(text)
    return sum((unicodedata.east_asian_width(sign) in "WF") + 1 for sign in text if not unicodedata.combining(sign))
