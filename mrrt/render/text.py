"""Reports as plain text, for the clipboard and the RIS."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from mrrt.render.heading import criteria, heading, signature
from mrrt.render.outline import Grid, Line, Part, outline
from mrrt.report import Report
from mrrt.template import Template

WIDTH = 100


def render_text(report: Report, template: Template, language: str) -> str:
    """Return the report as text of at most 100 columns, tables excepted."""
    title = template.title_in(language)
    lines = [title, "=" * len(title), ""]
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
            rule = ("=" if block.level < 1 else "-") * len(block.title)
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
        for wrapped in textwrap.wrap(
            part, WIDTH, initial_indent=head if number == 0 else "  ", subsequent_indent="  ", break_long_words=False
        )
        or [""]
    ]


def _grid(grid: Grid) -> list[str]:
    widths = [max(len(row[column]) for row in grid.rows) for column in range(len(grid.rows[0]))]
    rows = [
        "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip() for row in grid.rows
    ]
    if grid.heads:
        rows.insert(grid.heads, "  ".join("-" * width for width in widths))
    return [grid.caption, *rows] if grid.caption else rows
