"""What has to be known before the first tag is written: ids that are taken, labels that speak for themselves."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from mrrt.code import Code
from mrrt.parse.phrases import tidy
from mrrt.parse.spelled_units import from_spelling
from mrrt.template import Block, Choice, Field, FieldKind, Inline, Paragraph, Section, Table, Template, Text

GROUPS = frozenset({FieldKind.RADIO, FieldKind.CHECKBOX_GROUP})
SELECTS = frozenset({FieldKind.SELECT, FieldKind.SELECT_MULTIPLE})


@dataclass(frozen=True)
class Run:
    """Texts that follow each other and label one field, or none."""

    label_for: str | None
    texts: tuple[Text, ...]


def runs(items: Iterable[Inline]) -> Iterator[Run | Inline]:
    """Yield the items of a line, texts with the same field to label gathered."""
    for label_for, group in groupby(items, lambda item: (item.label_for or "") if isinstance(item, Text) else None):
        if label_for is None:
            yield from group
        else:
            yield Run(label_for or None, tuple(item for item in group if isinstance(item, Text)))


class Plan:
    """What the writer of a page has to know about the whole of it."""

    def __init__(self, template: Template) -> None:
        self.fields = template.field_by_key
        self._labels = _label_runs(template.content)
        self._entries: Mapping[str, tuple[Code, ...]] = {
            entry.origtxt: entry.codes for entry in template.coded_content if entry.origtxt
        }
        choices = {choice.element_id for field in template.fields for choice in field.choices}
        sections = {section.element_id for section in template.sections}
        self._given: set[str] = set()
        self._taken = {key for key in (*self.fields, *choices, *sections, *self._entries) if key}

    def free_id(self, wanted: str) -> str:
        """Return an id that nothing else has, as close to the wanted one as can be; it is taken then."""
        stem = re.sub(r"\s+", "_", wanted)
        candidates = (stem, *(f"{stem}.{number}" for number in range(2, len(self._taken) + 3)))
        found = next(name for name in candidates if name not in self._taken)
        self._taken.add(found)
        return found

    def identity(self, field: Field) -> str | None:
        """Return the id of a field: its key, except where HTML allows none with blanks and nothing refers to it."""
        return None if re.search(r"\s", field.key) and field.key not in self._labels else field.key

    def name(self, field: Field) -> str | None:
        """Return the name of a field; one that codes it in the XML block where its key does not."""
        if field.name:
            return field.name
        return self._coded_name(field) or (None if self.identity(field) else field.key)

    def member_id(self, field: Field, choice: Choice) -> str:
        """Return the id of a member of a group, a new one where it has none of its own."""
        if choice.element_id and choice.element_id not in {*self.fields, *self._given}:
            self._given.add(choice.element_id)
            return choice.element_id
        return self.free_id(f"{field.key}.{choice.value or 'choice'}")

    def accessible_name(self, field: Field) -> str | None:
        """Return the label as an attribute, unless the one text that labels the field says the same."""
        found = self._labels.get(field.key, [])
        return None if found and _speaks_for(found, field) else field.label or None

    def uncoded(self, codes: Iterable[Code], *identities: str | None) -> list[Code]:
        """Return the codes that no entry of the XML block gives to an element of these ids or names."""
        given = {code for identity in identities for code in self._entries.get(identity or "", ())}
        return [code for code in codes if code not in given]

    def header_id(self, section: Section) -> str | None:
        """Return the id that the header of a section has to have, so that the XML block codes the section by it."""
        return self._coding(section.codes, self.uncoded(section.codes, section.element_id))

    def _coded_name(self, field: Field) -> str | None:
        ids = (field.key, *(choice.element_id for choice in field.choices))
        return self._coding(field.codes, self.uncoded(field.codes, *ids))

    def _coding(self, codes: tuple[Code, ...], missing: list[Code]) -> str | None:
        """Return the target of an entry that gives the missing codes, and no code that is not wanted."""
        fitting = (
            target
            for target, given in self._entries.items()
            if missing and missing[0] in given and set(given) <= set(codes) and target not in self.fields
        )
        return next(fitting, None)


def _label_runs(blocks: tuple[Block, ...]) -> Mapping[str, list[tuple[Run, bool]]]:
    """Return the runs that label each field, and whether they stand in a table."""
    found: dict[str, list[tuple[Run, bool]]] = defaultdict(list)
    for items, in_table in _lines(blocks):
        for run in runs(items):
            if isinstance(run, Run) and run.label_for:
                found[run.label_for].append((run, in_table))
    return found


def _lines(blocks: tuple[Block, ...]) -> Iterator[tuple[tuple[Inline, ...], bool]]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.items, False
        elif isinstance(block, Table):
            yield from ((cell.items, True) for row in block.rows for cell in row.cells)
        elif isinstance(block, Section):
            yield from _lines(block.content)


def _speaks_for(found: list[tuple[Run, bool]], field: Field) -> bool:
    run, in_table = found[0]
    said = tidy("".join(text.text for text in run.texts))
    translations = run.texts[0].translations if len(run.texts) == 1 else {}
    one = len(found) == 1 and not in_table and from_spelling(said) is None
    return one and said == field.label and dict(translations) == dict(field.translations)
