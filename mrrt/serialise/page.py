"""A Template as a page: its head, and its sections, tables and paragraphs in their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from mrrt.parse.ancestry import both
from mrrt.serialise.controls import control
from mrrt.serialise.markup import Attributes, condition, element, start, text, translations
from mrrt.serialise.plan import GROUPS, Plan, Run, runs
from mrrt.serialise.xml_block import xml_block
from mrrt.template import Block, Cell, Embed, Field, FieldPlace, Inline, Paragraph, Row, Section, Table, Template, Text

_TERMS = frozenset(
    {
        *(
            "abstract",
            "accessrights",
            "accrualmethod",
            "accrualperiodicity",
            "accrualpolicy",
            "alternative",
            "audience",
        ),
        *("available", "bibliographiccitation", "conformsto", "contributor", "coverage", "created", "creator", "date"),
        *("dateaccepted", "datecopyrighted", "datesubmitted", "description", "educationlevel", "extent", "format"),
        *("hasformat", "haspart", "hasversion", "identifier", "instructionalmethod", "isformatof", "ispartof"),
        *("isreferencedby", "isreplacedby", "isrequiredby", "issued", "isversionof", "language", "license", "mediator"),
        *("medium", "modified", "provenance", "publisher", "references", "relation", "replaces", "requires", "rights"),
        *("rightsholder", "source", "spatial", "subject", "tableofcontents", "temporal", "title", "type", "valid"),
    }
)
"""The terms of Dublin Core, in lower case; what is none of them is written under its bare name."""


def serialise(template: Template) -> str:
    """Return a template as canonical MRRT: one HTML5 page that reads as an equal template again.

    JavaScript is not written, since no template keeps it; neither are source lines, the dialect and the digest.
    The page is valid HTML5 as far as the template is: a title that nobody stated is missing here too.
    """
    plan = Plan(template)
    body = "\n".join(_Writer(plan).blocks(template.content, None))
    parts = ["<head>", *_head(template), "</head>", "<body>", body, "</body>"]
    return (
        "<!DOCTYPE html>\n" + element("html", {"lang": template.language or None}, "\n".join(["", *parts, ""])) + "\n"
    )


def _head(template: Template) -> Iterator[str]:
    yield start("meta", {"charset": "utf-8"})
    yield element("title", translations(template.translations), text(template.title))
    for name, values in template.metadata.items():
        prefixed = f"dcterms.{name}" if name in _TERMS else name
        yield from (start("meta", {"name": prefixed, "content": value}) for value in values)
    yield xml_block(template)


class _Writer:
    """Writes blocks, each with the condition that stands round it already."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def blocks(self, content: Iterable[Block], inherited: str | None) -> Iterator[str]:
        """Yield the markup of blocks; the items of a list stand in one list."""
        for listed, group in groupby(content, lambda block: isinstance(block, Paragraph) and block.bullet):
            written = [self._block(block, inherited) for block in group]
            yield from ["<ul>", *written, "</ul>"] if listed else written

    def _block(self, block: Block, inherited: str | None) -> str:
        if isinstance(block, Section):
            return self._section(block, inherited)
        if isinstance(block, Table):
            return self._table(block, inherited)
        attributes = _placed(block)
        if isinstance(block, Embed):
            return start("embed", {"src": block.src, "type": "text/html", **attributes})
        items = self._line(block.items, both(inherited, block.condition))
        return element("li" if block.bullet else "p", attributes, items)

    def _section(self, section: Section, inherited: str | None) -> str:
        level: Attributes = {"class": f"level{section.level}" if section.level < 10 else None}
        attributes: Attributes = {
            **_placed(section),
            **level,
            "data-section-name": section.name or None,
            "data-section-required": "true" if section.required else None,
        }
        identity = {"id": self._plan.header_id(section)}
        header = element("header", {**identity, **level, **translations(section.translations)}, text(section.title))
        inside = self.blocks(section.content, both(inherited, section.condition))
        return element("section", attributes, "\n".join(["", *([header] if section.title else []), *inside, ""]))

    def _table(self, table: Table, inherited: str | None) -> str:
        around = both(inherited, table.condition)
        caption = element("caption", translations(table.translations), text(table.caption))
        rows = (self._row(row, both(around, row.condition)) for row in table.rows)
        return element("table", _placed(table), "\n".join(["", *([caption] if table.caption else []), *rows, ""]))

    def _row(self, row: Row, around: str | None) -> str:
        return element(
            "tr", _placed(row), "".join(self._cell(cell, both(around, cell.condition)) for cell in row.cells)
        )

    def _cell(self, cell: Cell, around: str | None) -> str:
        span: Attributes = {"colspan": str(cell.span) if cell.span > 1 else None}
        return element("th" if cell.header else "td", {**_placed(cell), **span}, self._line(cell.items, around))

    def _line(self, items: tuple[Inline, ...], around: str | None) -> str:
        for begins, item in enumerate(items):
            field = self._opened_by(item) if isinstance(item, Text) else None
            if field and (place := FieldPlace(key=field.key)) in items[begins:]:
                ends = items.index(place, begins)
                inside = (item.model_copy(update={"element_id": None}), *items[begins + 1 : ends])
                whole = control(field, self._plan, around, self._line(inside, field.condition))
                return self._line(items[:begins], around) + whole + self._line(items[ends + 1 :], around)
        return "".join(self._item(item, around) for item in runs(items))

    def _opened_by(self, said: Text) -> Field | None:
        """Return the group whose element a text stands in: before its choices, and under its id."""
        field = self._plan.fields.get(said.element_id or "")
        return field if field is not None and field.kind in GROUPS else None

    def _item(self, item: Run | Inline, around: str | None) -> str:
        if isinstance(item, Run):
            return _run(item)
        if isinstance(item, FieldPlace):
            return control(self._plan.fields[item.key], self._plan, around)
        return "<br>"


def _placed(block: Section | Table | Paragraph | Embed | Row | Cell) -> Attributes:
    """Return the id and the condition of a block."""
    return {"id": block.element_id, **condition(block.condition)}


def _run(run: Run) -> str:
    if not run.label_for:
        return "".join(_text(one) for one in run.texts)
    if len(run.texts) == 1:
        (only,) = run.texts
        return element("label", {"for": run.label_for, **_said(only)}, _marked(only))
    return element("label", {"for": run.label_for}, "".join(_text(one) for one in run.texts))


def _text(one: Text) -> str:
    said = _said(one)
    return element("span", said, _marked(one)) if any(said.values()) else _marked(one)


def _said(one: Text) -> Attributes:
    return {"id": one.element_id, **translations(one.translations), **condition(one.condition), "hidden": one.hidden}


def _marked(one: Text) -> str:
    written = text(one.text)
    written = element("mark", {}, written) if one.filling_only else written
    return element("strong", {}, written) if one.emphasis else written
