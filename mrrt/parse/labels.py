"""What a field is called: its label, else what its table says, else the text before it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from mrrt.parse.controls import Control, Controls, is_control
from mrrt.parse.flow import stops_behind, text_before, text_behind
from mrrt.parse.page import Page
from mrrt.parse.phrases import Phrase, joined, phrase_of, tidy, translations_of
from mrrt.parse.spelled_units import from_spelling, leading
from mrrt.parse.tables import Grid, grid_of, introduction
from mrrt.template import FieldKind

_NO_NAME = re.compile(r"^[^\w]+|[\s(\[,;/]+$")
_WEAK = re.compile(r"^(?:[^a-zA-ZÄÖÜäöüß]*|[a-zäöüß]{1,4})$")


@dataclass(frozen=True)
class _Name:
    """A label, and what may be set before it where it does not tell two fields apart; the nearest comes last."""

    parts: tuple[Phrase, ...]
    around: tuple[Phrase, ...] = ()
    family: HtmlElement | None = None
    """The table whose rows and columns gave the label."""

    @classmethod
    def of(cls, parts: list[Phrase], around: list[Phrase], family: HtmlElement | None = None) -> _Name:
        """Return a name, with what is empty or said already left out of its surroundings."""
        said = {part.text for part in parts}
        kept = {part.text: part for part in around if part and part.text not in said}
        return cls(tuple(parts), tuple(kept.values()), family)

    @property
    def is_weak(self) -> bool:
        """Tell whether the label alone says little: a number, or a small word such as "vom"."""
        return bool(_WEAK.match(self.joined(0).text))

    @property
    def whole(self) -> str:
        """The label with all its surroundings."""
        return self.joined(len(self.around)).text

    def joined(self, depth: int) -> Phrase:
        """Return the label with so many of its surroundings before it."""
        return joined([*self.around[len(self.around) - depth :], *self.parts])


class Labels:
    """The labels of one page."""

    def __init__(self, page: Page, controls: Controls) -> None:
        self._page = page
        self._controls = controls
        self._grids: dict[HtmlElement, Grid] = {}
        self.of_element: dict[HtmlElement, HtmlElement] = {}
        """The label element of each control element that has one."""
        self.target: dict[HtmlElement, HtmlElement] = {}
        """The control element of each label element that has one."""
        for label in page.named("label"):
            self._bind(label)

    def _bind(self, label: HtmlElement) -> None:
        target = self._by_for(label)
        if target is None:
            target = next((inner for inner in label.iterdescendants() if inner in self._controls.of), None)
        if target is None:
            return
        self.target[label] = target
        old = self.of_element.get(target)
        # of several labels the nearest one before the control names it; one behind it is mostly its unit
        if old is None or self._page.order[label] < self._page.order[target]:
            self.of_element[target] = label

    def _by_for(self, label: HtmlElement) -> HtmlElement | None:
        found = [
            element
            for element in self._page.by_id.get((label.get("for") or "").strip(), [])
            if element in self._controls.of
        ]
        behind = [element for element in found if self._page.order[element] > self._page.order[label]]
        return behind[0] if behind else found[-1] if found else None

    def labels(self) -> Mapping[str, Phrase]:
        """Return the label of every field by its key, as long as it takes to tell the fields apart.

        Fields of one table grow together, so that its labels are alike in form; where no surrounding tells two
        fields apart ("Bildqualität" and the free text behind it) they keep the short label.
        """
        names = {control.key: self._name(control) for control in self._controls.all}
        depth = {key: int(name.is_weak) for key, name in names.items()}
        while True:
            said = {key: name.joined(depth[key]) for key, name in names.items()}
            unclear = {key for keys in _alike(said) if len({names[key].whole for key in keys}) > 1 for key in keys}
            growing = {key for key in unclear if depth[key] < len(names[key].around)}
            if not growing:
                return said
            for key in growing:
                depth[key] += 1
            self._level(names, depth, growing)

    @staticmethod
    def _level(names: Mapping[str, _Name], depth: dict[str, int], grown: set[str]) -> None:
        """Let the other fields of a table follow those of its labels that had to grow."""
        reached: dict[HtmlElement, int] = {}
        for key in grown:
            if (family := names[key].family) is not None:
                reached[family] = max(depth[key], reached.get(family, 0))
        for key, name in names.items():
            if name.family in reached:
                depth[key] = min(max(depth[key], reached[name.family]), len(name.around))

    def member(self, element: HtmlElement) -> Phrase:
        """Return the text of one checkbox or radio button: its label, else the text behind it, else its column."""
        label = self.of_element.get(element)
        if label is not None and (phrase := phrase_of(label)):
            return phrase
        if text := tidy(text_behind(element)):
            return Phrase(text)
        if value := tidy(element.get("value") or ""):
            return Phrase(value, translations_of(element))
        cell = _cell(element)
        return self._grid(cell).column_head(cell) if cell is not None else Phrase()

    def _name(self, control: Control) -> _Name:
        if accessible := self._accessible(control):
            return _Name.of([accessible], [])
        cell = _cell(control.first)
        direct = self._direct(control)
        if direct:
            return _Name.of([direct], [*self._around(cell), *self._row(cell)] if cell is not None else [])
        own = self._own(control.first)
        if control.kind is FieldKind.CHECKBOX and (said := self.member(control.first)):
            own = said
        if cell is not None and (parts := self._in_table(control, cell, own)):
            return _Name.of(parts, self._around(cell), self._grid(cell).table)
        found = own or self._fallback(control)
        return _Name.of([found], [self._section_title(control.first)])

    def _accessible(self, control: Control) -> Phrase:
        """Return the name that an author gave for readers who cannot see the page; it is whole, and comes first."""
        holder = control.wrapper if control.is_group else control.first
        if holder is None:
            return Phrase()
        # the order of the W3C computation of accessible names: aria-labelledby, aria-label, then label elements
        aria = tidy(self._text_by_ids(holder.get("aria-labelledby") or "") or holder.get("aria-label") or "")
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

    def _own(self, element: HtmlElement) -> Phrase:
        before = element.getprevious()
        if before is not None and before.tag == "label" and before not in self.target:
            return phrase_of(before)
        text = text_before(element)
        if stops_behind(element) and (unit := leading(text)):
            text = text[len(unit[0]) :]
        text = _NO_NAME.sub("", tidy(text)).strip()
        return Phrase(tidy(text)) if len(re.findall(r"[^\W\d_]", text)) > 1 else Phrase()

    def _in_table(self, control: Control, cell: HtmlElement, own: Phrase) -> list[Phrase]:
        grid = self._grid(cell)
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

    def _row(self, cell: HtmlElement) -> list[Phrase]:
        grid = self._grid(cell)
        return [grid.introduction, grid.group_head(cell), *grid.row_heads(cell)]

    def _around(self, cell: HtmlElement) -> list[Phrase]:
        """Return what names the cells round the table of a cell, the outermost first."""
        outer = _cell(self._grid(cell).table)
        if outer is None:
            title = self._section_title(cell)
            return [title] if title else []
        grid = self._grid(outer)
        named = [*self._around(outer), grid.introduction, *grid.row_heads(outer), grid.column_head(outer)]
        return [part for part in named if part]

    def _grid(self, cell: HtmlElement) -> Grid:
        table = next(cell.iterancestors("table"))
        if table not in self._grids:
            self._grids[table] = grid_of(table)
        return self._grids[table]

    def _fallback(self, control: Control) -> Phrase:
        """Return the text before the block of a field, else its title, its hint, or the title of its section."""
        block = next(control.first.iterancestors("p", "div", "li", "fieldset"), None)
        inside = islice(filter(is_control, block.iter()), len(control.elements) + 1) if block is not None else ()
        if block is not None and len(list(inside)) == len(control.elements):
            legend = next((child for child in block if child.tag == "legend"), None)
            if found := phrase_of(legend) if legend is not None else introduction(block):
                return found
        for attribute in ("title", "placeholder"):
            if text := tidy(control.first.get(attribute) or ""):
                return Phrase(text, translations_of(control.first))
        return self._section_title(control.first)

    def _section_title(self, element: HtmlElement) -> Phrase:
        section = next(element.iterancestors("section"), None)
        header = next(section.iterchildren("header"), None) if section is not None else None
        return phrase_of(header) if header is not None else Phrase()


def _said_by(label: HtmlElement, holder: HtmlElement) -> Phrase:
    """Return the text of a label; of one round its control what stands before that, for behind it comes the unit."""
    if label in holder.iterancestors("label") and (before := tidy(text_before(holder))):
        return Phrase(before, translations_of(label))
    return phrase_of(label)


def _cell(element: HtmlElement) -> HtmlElement | None:
    cell = next(element.iterancestors("td", "th"), None)
    row = cell.getparent() if cell is not None else None
    # a cell outside of any row, or a row outside of any table, names nothing
    proper = row is not None and row.tag == "tr" and next(row.iterancestors("table"), None) is not None
    return cell if proper else None


def _alike(said: Mapping[str, Phrase]) -> list[list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for key, phrase in said.items():
        groups[phrase.text].append(key)
    return list(groups.values())
