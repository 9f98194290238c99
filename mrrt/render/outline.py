"""What a finished report says, in the order of its template's page, before any format is chosen.

Empty fields are left out together with their labels and units; so are rows, tables and sections in which nothing
was filled. Text of the page that belongs to no field stays, as MRRT asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mrrt.conditions import each
from mrrt.render.heading import addenda
from mrrt.render.words import date_text, words
from mrrt.report import DataAbsentReason, Report, Value
from mrrt.template import (
    Block,
    Cell,
    Field,
    FieldKind,
    FieldPlace,
    Inline,
    LineBreak,
    Paragraph,
    Row,
    Section,
    Table,
    Template,
    Text,
)

_SILENT = frozenset({DataAbsentReason.UNKNOWN, DataAbsentReason.TEMP_UNKNOWN})
"""Reasons that are not printed: nobody said anything worth reading."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `label` precedes it where the text is the value of a field."""

    text: str
    label: str = ""
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; the first `heads` rows are column heads."""

    rows: tuple[tuple[str, ...], ...]
    heads: int = 0
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A section with a title, lines, grids and parts."""

    title: str
    level: int
    content: tuple[Line | Grid | Part, ...]


def outline(report: Report, template: Template, language: str) -> tuple[Line | Grid | Part, ...]:
    """Return what the report says in a language: the page of its template, then its addenda."""
    added = (Part(title, 1, (Line(text), Line(by))) for title, text, by in addenda(report, language))
    return (*_Writer(report, template, language).blocks(template.content), *added)


def display(report: Report, template: Template, key: str, language: str) -> str:
    """Return the value of a field as people read it ("336.6 cm/s", "stenosis 50-69 %"); "" for none."""
    field, value = template.field_by_key[key], report.value(key)
    return "" if value is None else shown(field, value, language)


def shown(field: Field, value: Value, language: str) -> str:
    """Return a value as people read it: choices by their text, numbers with unit and the language's decimal mark."""
    if value.value is None:
        silent = value.absent is None or value.absent in _SILENT
        return "" if silent else words(language).get(str(value.absent), str(value.absent))
    if isinstance(value.value, bool):
        said = field.choices[0].text_in(language) if field.choices else words(language)["yes"]
        return said if value.value else ""
    if isinstance(value.value, tuple):
        return ", ".join(_choice_text(field, item, language) for item in value.value)
    if field.kind is FieldKind.DATE:
        return date_text(value.value, language)
    if value.unit is None and field.kind is not FieldKind.NUMBER:
        return _choice_text(field, value.value, language)
    number = value.value.replace(".", words(language)["decimal"])
    return number if value.unit in (None, "", "1") else f"{number} {value.unit}"


def _choice_text(field: Field, value: str, language: str) -> str:
    choice = field.choice(value)
    return choice.text_in(language) if choice else value


class _Writer:
    def __init__(self, report: Report, template: Template, language: str) -> None:
        self.report = report
        self.template = template
        self.language = language

    def blocks(self, blocks: Iterable[Block]) -> Iterable[Line | Grid | Part]:
        for block in blocks:
            if self._fails(block):
                continue
            if isinstance(block, Section):
                yield from self._section(block)
            elif isinstance(block, Table):
                yield from self._table(block)
            elif isinstance(block, Paragraph):
                yield from self._paragraph(block)

    def _fails(self, part: Block | Row | Cell | Text) -> bool:
        return not self.report.failing_conditions.isdisjoint(each(part.condition))

    def _section(self, section: Section) -> Iterable[Part]:
        content = tuple(self.blocks(section.content))
        if content and section.key not in self.report.irrelevant:
            yield Part(section.title_in(self.language), section.level, content)

    # -- paragraphs

    def _paragraph(self, paragraph: Paragraph) -> Iterable[Line]:
        """Yield a line for each labelled field, and one for each run of plain text and fields between them."""
        if self._fields(paragraph.items) and not self._filled(paragraph.items):
            return
        label, run = "", ""
        for item in (*paragraph.items, LineBreak()):
            if isinstance(item, Text) and item.label_for is not None:
                yield from _line(run, label, paragraph.bullet)
                run, label = "", self._text(item).strip().rstrip(" :") if self._value(item.label_for) else ""
            elif isinstance(item, LineBreak):
                yield from _line(run, label, paragraph.bullet)
                run, label = "", ""
            else:
                run = _joined(run, self._inline(item), isinstance(item, FieldPlace))

    def _inline(self, item: Inline) -> str:
        if isinstance(item, FieldPlace):
            return self._value(item.key)
        return self._text(item) if isinstance(item, Text) else "\n"

    def _text(self, text: Text) -> str:
        hidden = text.hidden or self._fails(text)
        silent = hidden or text.unit_of is not None or text.filling_only
        return "" if silent else text.text_in(self.language)

    # -- tables

    def _table(self, table: Table) -> Iterable[Grid]:
        kept = [row for row in table.rows if self._row_says_something(row)]
        if not any(self._filled(cell.items) for row in kept for cell in row.cells) and any(
            self._fields(cell.items) for row in table.rows for cell in row.cells
        ):
            return
        heads = next((n for n, row in enumerate(kept) if not all(_is_head(cell) for cell in row.cells)), 0)
        rows = _without_empty_columns(
            [[text for cell in row.cells for text in self._cell(cell)] for row in kept], heads
        )
        if rows:
            yield Grid(tuple(tuple(row) for row in rows), heads, table.caption)

    def _row_says_something(self, row: Row) -> bool:
        if self._fails(row):
            return False
        items = [item for cell in row.cells for item in cell.items]
        return self._filled(items) if self._fields(items) else any(self._inline(item).strip() for item in items)

    def _cell(self, cell: Cell) -> tuple[str, ...]:
        text = ""
        for item in cell.items if not self._fails(cell) else ():
            if self._says(item):
                text = _joined(text, self._inline(item), isinstance(item, FieldPlace))
        return (" ".join(text.split(" ")).strip(), *([""] * (cell.span - 1)))

    def _says(self, item: Inline) -> bool:
        return not (isinstance(item, Text) and item.label_for is not None and not self._value(item.label_for))

    # -- fields

    def _fields(self, items: Iterable[Inline]) -> list[str]:
        return [item.key for item in items if isinstance(item, FieldPlace)]

    def _filled(self, items: Iterable[Inline]) -> bool:
        return any(self._value(key) for key in self._fields(items))

    def _value(self, key: str) -> str:
        if key in self.report.irrelevant or key not in self.template.field_by_key:
            return ""
        return display(self.report, self.template, key, self.language)


def _joined(run: str, part: str, is_value: bool) -> str:
    """Append what follows on the page. Texts carry the blanks around them; values have none of their own."""
    touches = is_value and part and run and (run[-1].isalnum() or run[-1] in "%)")
    return f"{run} {part}" if touches else run + part


def _line(text: str, label: str, bullet: bool) -> Iterable[Line]:
    """Yield the line unless it is empty; a text that already begins with its label is not labelled twice."""
    text = text.strip()
    if text:
        yield Line(text, "" if text.startswith(f"{label}:") else label, bullet)


def _is_head(cell: Cell) -> bool:
    return cell.header or not cell.items


def _without_empty_columns(rows: list[list[str]], heads: int) -> list[list[str]]:
    """Drop the columns that say nothing below their head."""
    width = max((len(row) for row in rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows]
    kept = [column for column in range(width) if any(row[column] for row in padded[heads:])]
    return [[row[column] for column in kept] for row in padded]
