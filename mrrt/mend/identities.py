"""Menders of ids and labels (F8, F9): every field its own id, every label the id of its field."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator

from mrrt.check.rules import Subject
from mrrt.mend.coding import ENTRY, matches, target_of
from mrrt.mend.edits import Edit, Fix, ending, set_attribute
from mrrt.mend.table import fix, mender
from mrrt.parse.controls import Control, slug
from mrrt.parse.page import Page
from mrrt.parse.spelled_units import from_spelling
from mrrt.parse.tree import Element

_NEAR = ("td", "th", "li", "p", "tr")
"""Elements within which one label and one field belong together, the nearest first."""


_SECTION_CODES = frozenset(
    {
        *("11329-0", "18785-6", "55115-0", "59776-5", "19005-8", "18783-1"),
        *("55111-9", "55752-0", "18834-2", "55114-3", "18782-3"),
    }
)
"""LOINC codes of whole sections, as German and American templates use them."""


class _Ids:
    """The ids of a page, and new ones that nothing has yet."""

    def __init__(self, subject: Subject) -> None:
        self.page = subject.page
        self._taken = Counter({identity: len(elements) for identity, elements in subject.page.by_id.items()})
        self._numbers = Counter[str]()
        """The last number behind an id that was wanted: those before it are not free, and are not tried again."""

    def new(self, wanted: str) -> str:
        """Return the id wanted, or one with "~2", "~3" ... behind it, as the parser makes keys distinct."""
        number = self._numbers[wanted] or 1
        free = wanted if number == 1 else f"{wanted}~{number}"
        while not free or self._taken[free]:
            number += 1
            free = f"{wanted}~{number}"
        self._taken[free] += 1
        self._numbers[wanted] = number
        return free


def _holders(subject: Subject) -> dict[Element, str]:
    """Return the elements whose id is a key, with that key; the fields come first."""
    found: dict[Element, str] = {}
    for control in subject.around.controls.all:
        if (holder := _holder(control)) is not None:
            found[holder] = control.key
    return found | {section: heading.key for section, heading in subject.around.headings.items() if section.get("id")}


def _holder(control: Control) -> Element | None:
    if not control.is_group:
        return control.first
    return control.wrapper if control.wrapper is not None and control.wrapper.get("id") else None


@mender("F8")
def duplicate_ids(subject: Subject) -> Iterator[Fix]:
    ids, holders = _Ids(subject), _holders(subject)
    for identity, elements in subject.page.by_id.items():
        keeper = min(elements, key=lambda one: _rank(subject, one, holders.get(one) == identity))
        for element in elements:
            if element is not keeper:
                key = holders.get(element, identity)
                new = ids.new(key if not re.search(r"\s", key) else slug(key))
                followers = [*_labels(subject, element, new), *_entries(subject, element, keeper, new)]
                edits = [*set_attribute(subject.page, element, "id", new), *followers]
                yield from fix(subject, element, f'the id "{identity}", which is taken, became "{new}"', edits)


def _rank(subject: Subject, element: Element, has_key: bool) -> int:
    """Return who keeps an id that several elements have: the field that is known by it, a section, the first one."""
    return 2 if not has_key else 1 if element in subject.around.headings else 0


def _labels(subject: Subject, element: Element, new: str) -> Iterator[Edit]:
    """Yield the edits of the labels that belong to an element whose id changes."""
    for label, target in subject.around.labels.target.items():
        if target is element and label.get("for") is not None:
            yield from set_attribute(subject.page, label, "for", new)


def _entries(subject: Subject, element: Element, keeper: Element, new: str) -> Iterator[Edit]:
    """Yield the edits of the entries that code a section, and no field, with the id that the section gives up."""
    if element not in subject.around.headings or keeper in subject.around.headings:
        return
    coded = [entry for entry in subject.block.entries if entry.attributes.get("origtxt") == element.get("id")]
    if coded and all(any(code.get("value") in _SECTION_CODES for code in entry.codes) for entry in coded):
        for match in matches(subject, ENTRY):
            if target_of(match) == element.get("id"):
                yield Edit(*match.span("quoted"), f'"{html.escape(new)}"')


@mender("F8", relabels=True)
def missing_ids(subject: Subject) -> Iterator[Fix]:
    ids = _Ids(subject)
    for control in subject.around.controls.all:
        for element in control.elements:
            if (element.get("id") or "").strip() or control.wrapper is not None:
                continue
            value = slug(element.get("value") or "choice")
            new = ids.new(f"{slug(control.key)}_{value}" if control.is_group else control.key)
            if not re.search(r"\s", new):
                yield from fix(
                    subject, element, f'the id "{new}" was added', set_attribute(subject.page, element, "id", new)
                )


@mender("F8", relabels=True)
def dangling_labels(subject: Subject) -> Iterator[Fix]:
    for label in subject.page.named("label"):
        target = (label.get("for") or "").strip()
        if target and target not in subject.page.by_id and (new := _meant(subject, label, target)):
            edits = set_attribute(subject.page, label, "for", new)
            yield from fix(subject, label, f'the label for "{target}", which is nowhere, is for "{new}"', edits)


@mender("F9", relabels=True)
def labels_without_target(subject: Subject) -> Iterator[Fix]:
    for label in subject.page.named("label"):
        aimless = not (label.get("for") or "").strip() and label not in subject.around.labels.target
        if aimless and (new := _beside(subject, label)):
            yield from fix(subject, label, f'the label is for "{new}"', set_attribute(subject.page, label, "for", new))


@mender("F9", relabels=True)
def labels_round_fields(subject: Subject) -> Iterator[Fix]:
    for label, target in subject.around.labels.target.items():
        identity = (target.get("id") or "").strip()
        if target.tag == "input" and target.parent is label and identity and label.get("for") in (None, identity):
            edits = _set_beside(subject.page, label, target, identity)
            yield from fix(subject, label, f'the label round "{identity}" stands beside it', edits)


def _set_beside(page: Page, label: Element, field: Element, identity: str) -> list[Edit]:
    """Return the edits that move an input out of its label, at the end where it stands."""
    tag, own, text = page.tag(label), page.tag(field), page.source.text
    end = ending(page, tag) if tag else None
    if tag is None or own is None or end is None:
        return []
    opening = text[tag.start : tag.end]
    if label.get("for") is None:
        opening = f'{opening[:-1].rstrip()} for="{html.escape(identity)}">'
    if not text[own.end : end.start].strip():
        written = [Edit(tag.start, tag.end, opening)] if label.get("for") is None else []
        return [*written, Edit(own.start, own.start, text[end.start : end.end]), Edit(end.start, end.end, "")]
    if not text[tag.end : own.start].strip():
        return [Edit(tag.start, tag.end, ""), Edit(own.end, own.end, opening)]
    return []


def _meant(subject: Subject, label: Element, target: str) -> str:
    """Return the id that a label means: one that differs in case, the field inside it, or the one beside it."""
    alike = [identity for identity in subject.page.by_id if _loose(identity) == _loose(target)]
    named = [one for one in subject.around.controls.of if one.get("name") == target and one.get("id")]
    if len(alike) == 1:
        return alike[0]
    if len(named) == 1:
        return str(named[0].get("id")).strip()
    inside = subject.around.labels.target.get(label)
    return (inside.get("id") or "").strip() if inside is not None else _beside(subject, label)


def _loose(identity: str) -> str:
    return re.sub(r"\s+", "", identity).lower()


def _beside(subject: Subject, label: Element) -> str:
    """Return the id of the only field that follows a label in the same cell, item, paragraph or row."""
    text = label.said
    if not text or from_spelling(text) is not None:
        return ""
    for around in (node for name in _NEAR for node in label.around() if node.tag == name):
        if around.has_control:
            return _only(subject, label, around)
        if around.tag in ("td", "th") and (cell := around.behind) is not None:
            return _only(subject, label, cell)
    return ""


def _only(subject: Subject, label: Element, around: Element) -> str:
    """Return the id of the only field within an element, if it follows the label and no other label is there."""
    fields = [one for one in (around, *around.descendants) if one.is_control]
    others = [one for one in around.within("label") if one is not label]
    if len(fields) != 1 or others or fields[0] in subject.around.labels.of_element:
        return ""
    follows = label.position < fields[0].position
    return (fields[0].get("id") or "").strip() if follows else ""
