"""What a field is called: its label, else what its table says, else the text before it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from mrrt.parse.controls import Control, Controls
from mrrt.parse.flow import stops_behind, text_before, text_behind
from mrrt.parse.page import Page
from mrrt.parse.phrases import Phrase, joined, phrase_of, tidy, translations_of
from mrrt.parse.spelled_units import from_spelling, leading
from mrrt.parse.tables import Grid, grid_of, introduction
from mrrt.parse.tree import Element
from mrrt.template import FieldKind

CONTAINER = "data-mrrt-template"
"""Attribute of the element that holds an embedded page: the identifier of its template."""
_NO_NAME = re.compile(r"^[^\w]+|[\s(\[,;/]+$")
_LETTER = re.compile(r"[^\W\d_]")
_WEAK = re.compile(r"^(?:[^a-zA-ZÄÖÜäöüß]*|[a-zäöüß]{1,4})$")


@dataclass(eq=False)
class _Name:
    """A label, and what may be set before it where it does not tell two fields apart; the nearest comes last."""

    parts: Sequence[Phrase]
    short: Phrase
    """The label alone."""
    around: Sequence[Phrase]
    family: Element | None = None
    """The table whose rows and columns gave the label."""

    @classmethod
    def of(cls, parts: list[Phrase], around: list[Phrase], family: Element | None = None) -> _Name:
        """Return a name, with what is empty or said already left out of its surroundings."""
        said = [part.text for part in parts]
        kept = {part.text: part for part in around if part.text and part.text not in said}
        return cls(parts, joined(parts), list(kept.values()), family)

    @property
    def is_weak(self) -> bool:
        """Tell whether the label alone says little: a number, or a small word such as "vom"."""
        return bool(_WEAK.match(self.short.text))

    @cached_property
    def whole(self) -> str:
        """The label with all its surroundings."""
        return self.joined(len(self.around)).text

    def joined(self, depth: int) -> Phrase:
        """Return the label with so many of its surroundings before it."""
        return joined([*self.around[len(self.around) - depth :], *self.parts]) if depth else self.short


class _Place(NamedTuple):
    """A cell in the grid of its table."""

    grid: Grid
    cell: Element

    def row(self) -> list[Phrase]:
        """Return what names the row of the cell."""
        return [self.grid.introduction, self.grid.group_head(self.cell), *self.grid.row_heads(self.cell)]


class Labels:
    """The labels of one page."""

    def __init__(self, page: Page, controls: Controls) -> None:
        self._page = page
        self._controls = controls
        self._grids: dict[Element, Grid] = {}
        self._outer: dict[Element, list[Phrase]] = {}
        self._titled: dict[Element, list[Phrase]] = {}
        self.of_element: dict[Element, Element] = {}
        """The label element of each control element that has one."""
        self.target: dict[Element, Element] = {}
        """The control element of each label element that has one."""
        for label in page.named("label"):
            self._bind(label)

    def _bind(self, label: Element) -> None:
        target = self._by_for(label)
        if target is None:
            target = next((inner for inner in label.descendants if inner in self._controls.of), None)
        if target is None:
            return
        self.target[label] = target
        old = self.of_element.get(target)
        # of several labels the nearest one before the control names it; one behind it is mostly its unit
        if old is None or label.position < target.position:
            self.of_element[target] = label

    def _by_for(self, label: Element) -> Element | None:
        found = [
            element
            for element in self._page.by_id.get((label.get("for") or "").strip(), [])
            if element in self._controls.of
        ]
        behind = [element for element in found if element.position > label.position]
        return behind[0] if behind else found[-1] if found else None

    def labels(self) -> Mapping[str, Phrase]:
        """Return the label of every field by its key, as long as it takes to tell the fields apart.

        Fields of one table grow together, so that its labels are alike in form; where no surrounding tells two
        fields apart ("Bildqualität" and the free text behind it) they keep the short label.
        """
        names = {control.key: self._name(control) for control in self._controls.all}
        depth = {key: int(name.is_weak) for key, name in names.items()}
        said = {key: name.joined(depth[key]) for key, name in names.items()}
        while growing := {key for key in _unclear(said, names) if depth[key] < len(names[key].around)}:
            before = {**depth}
            for key in growing:
                depth[key] += 1
            self._level(names, depth, growing)
            said |= {key: names[key].joined(deep) for key, deep in depth.items() if deep != before[key]}
        return said

    @staticmethod
    def _level(names: Mapping[str, _Name], depth: dict[str, int], grown: set[str]) -> None:
        """Let the other fields of a table follow those of its labels that had to grow."""
        reached: dict[Element, int] = {}
        for key in grown:
            if (family := names[key].family) is not None:
                reached[family] = max(depth[key], reached.get(family, 0))
        for key, name in names.items():
            if name.family in reached:
                depth[key] = min(max(depth[key], reached[name.family]), len(name.around))

    def member(self, element: Element) -> Phrase:
        """Return the text of one checkbox or radio button: its label, else the text behind it, else its column."""
        label = self.of_element.get(element)
        if label is not None and (phrase := phrase_of(label)):
            return phrase
        if text := tidy(text_behind(element)):
            return Phrase(text)
        if value := tidy(element.get("value") or ""):
            return Phrase(value, translations_of(element))
        place = self._place(element)
        return place.grid.column_head(place.cell) if place is not None else Phrase()

    def _name(self, control: Control) -> _Name:
        if accessible := self._accessible(control):
            return _Name.of([accessible], [])
        place = self._place(control.first)
        if direct := self._direct(control):
            cell = [*self._round_cell(place), *place.row()] if place is not None else []
            return _Name.of([direct], [*self._titles(control.first), *cell])
        own = self._own(control.first)
        if control.kind is FieldKind.CHECKBOX and (said := self.member(control.first)):
            own = said
        if place is not None and (parts := self._in_table(control, place, own)):
            return _Name.of(parts, [*self._titles(control.first), *self._round_cell(place)], place.grid.table)
        found = own or self._fallback(control)
        return _Name.of([found], self._titles(control.first))

    def _accessible(self, control: Control) -> Phrase:
        """Return the name that an author gave for readers who cannot see the page; it is whole, and comes first."""
        holder = control.wrapper if control.is_group else control.first
        if holder is None:
            return Phrase()
        # the order of the W3C computation of accessible names: aria-labelledby, aria-label, then label elements
        named, stated = holder.get("aria-labelledby"), holder.get("aria-label")
        if not (named or stated):
            return Phrase()
        aria = tidy(self._text_by_ids(named or "") or stated or "")
        return Phrase(aria, translations_of(holder)) if aria else Phrase()

    def _direct(self, control: Control) -> Phrase:
        holder = control.wrapper if control.is_group else control.first
        if holder is None:
            return Phrase()
        label = self.of_element.get(holder)
        if label is not None and (phrase := _said_by(label, holder)) and from_spelling(phrase.text) is None:
            return Phrase(phrase.text, {**translations_of(control.first), **phrase.translations})
        return Phrase()

    def _text_by_ids(self, identities: str) -> str:
        found = (self._page.by_id[identity][0] for identity in identities.split() if identity in self._page.by_id)
        return " ".join(phrase_of(element).text for element in found)

    def _own(self, element: Element) -> Phrase:
        before = element.before
        if before is not None and before.tag == "label" and before not in self.target:
            return phrase_of(before)
        text = text_before(element)
        if stops_behind(element) and (unit := leading(text)):
            text = text[len(unit[0]) :]
        text = _NO_NAME.sub("", tidy(text)).strip()
        return Phrase(tidy(text)) if len(_LETTER.findall(text)) > 1 else Phrase()

    @staticmethod
    def _in_table(control: Control, place: _Place, own: Phrase) -> list[Phrase]:
        grid, cell = place
        if control.is_group:
            # the columns name its choices; the text in its own cell names it only where no other cell does
            heads = grid.row_heads(cell) or [part for part in (own,) if part]
        else:
            inside = own or grid.column_head(cell)
            heads = [part for part in (*grid.row_heads(cell), inside) if part]
        group = grid.group_head(cell)
        if not heads and not group:
            return []
        return [part for part in (grid.introduction, group, *heads) if part]

    def _around(self, grid: Grid) -> list[Phrase]:
        """Return what names the cells round a table, the outermost first."""
        if grid.table not in self._outer:
            outer = self._place(grid.table)
            named = self._named_round(outer) if outer is not None else [self._section_title(grid.table)]
            self._outer[grid.table] = [part for part in named if part]
        return self._outer[grid.table]

    def _round_cell(self, place: _Place) -> list[Phrase]:
        return [*self._around(place.grid), place.grid.column_head(place.cell)]

    def _titles(self, element: Element) -> list[Phrase]:
        """Return the titles of all sections and parts round an element, the outermost first."""
        holder = next((one for one in element.around() if one.tag == "section" or one.get(CONTAINER)), None)
        if holder is None:
            return []
        if holder not in self._titled:
            own = introduction(holder) if holder.get(CONTAINER) else _title_of(holder)
            self._titled[holder] = [*self._titles(holder), own]
        return self._titled[holder]

    def _named_round(self, outer: _Place) -> list[Phrase]:
        grid, cell = outer
        return [*self._around(grid), grid.introduction, *grid.row_heads(cell), grid.column_head(cell)]

    def _place(self, element: Element) -> _Place | None:
        """Return the cell that an element stands in; one that is no part of the grid of a table names nothing."""
        cell = element.nearest("td", "th")
        table = cell.nearest("table") if cell is not None else None
        if cell is None or table is None:
            return None
        if table not in self._grids:
            self._grids[table] = grid_of(table)
        grid = self._grids[table]
        return _Place(grid, cell) if cell in grid.at else None

    def _fallback(self, control: Control) -> Phrase:
        """Return the text before the block of a field, else its title, its hint, or the title of its section."""
        block = control.first.nearest("p", "div", "li", "fieldset")
        inside = (inner for inner in (block.descendants if block is not None else ()) if inner.is_control)
        if block is not None and len(list(islice(inside, len(control.elements) + 1))) == len(control.elements):
            legend = next((child for child in block.children if child.tag == "legend"), None)
            if found := phrase_of(legend) if legend is not None else introduction(block):
                return found
        for attribute in ("title", "placeholder"):
            if text := tidy(control.first.get(attribute) or ""):
                return Phrase(text, translations_of(control.first))
        return self._section_title(control.first)

    def _section_title(self, element: Element) -> Phrase:
        return _title_of(element.section) if element.section is not None else Phrase()


def _title_of(section: Element) -> Phrase:
    header = next((child for child in section.children if child.tag == "header"), None)
    return phrase_of(header) if header is not None else Phrase()


def _said_by(label: Element, holder: Element) -> Phrase:
    """Return the text of a label; of one round its control what stands before that, for behind it comes the unit."""
    if label in holder.around() and (before := tidy(text_before(holder))):
        return Phrase(before, translations_of(label))
    return phrase_of(label)


def _unclear(said: Mapping[str, Phrase], names: Mapping[str, _Name]) -> Iterator[str]:
    """Yield the keys of fields that are called alike, although their surroundings tell them apart."""
    groups: dict[str, list[str]] = defaultdict(list)
    for key, phrase in said.items():
        groups[phrase.text].append(key)
    for keys in groups.values():
        if len(keys) > 1 and len({names[key].whole for key in keys}) > 1:
            yield from keys
