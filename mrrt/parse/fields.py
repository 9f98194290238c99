"""The fields of a template, each with label, choices, unit, limits and codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from mrrt.code import Code
from mrrt.parse.ancestry import Inherited
from mrrt.parse.attributes import kept_attributes
from mrrt.parse.choices import attribute_codes, choices_of, default_of, stated_mappings
from mrrt.parse.content import Surroundings
from mrrt.parse.controls import Control, Controls
from mrrt.parse.phrases import Phrase, collapse, translations_of
from mrrt.parse.sections import is_true
from mrrt.parse.spelled_units import declared, from_spelling
from mrrt.parse.tree import Element
from mrrt.template import Choice, CompletionAction, Field, FieldKind

COMPLETION = (
    "data-field-completion-action",
    "data-field-signature-latitude",
    "data-field-signature-lattitude",
)
_COMPLETION_ACTIONS = {
    "NONE": CompletionAction.NONE,
    "UNRESTRICTED": CompletionAction.NONE,
    "SILENT": CompletionAction.NONE,
    "ALERT": CompletionAction.ALERT,
    "PROHIBIT": CompletionAction.PROHIBIT,
}
_MERGE_IDENTIFIERS = ("data-field-merge-identifier", "data-merge-identifier", "data-ris-source")
_FREE_TEXT = re.compile(r"^(.+?)_free_?text$", re.IGNORECASE)
_DECIMAL = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_CDE = re.compile(r"^RDE\d+$")


def fields_of(around: Surroundings, dialect: str) -> Iterator[FieldReading]:
    """Yield all fields in the order of the page."""
    names, twins = around.labels.labels(), twins_of(around.controls)
    for control in around.controls.all:
        yield FieldReading(around, control, names[control.key], twins, dialect)


def twins_of(controls: Controls) -> Mapping[str, str]:
    """Return for each text field named for a selection, "X_FreeText", the key of that selection."""
    named = [(control, match) for control in controls.all if (match := _FREE_TEXT.match(control.key))]
    if not named:
        return {}
    known = {identity: control.key for control in controls.all for identity in _identities(control)}
    found = {control.key: known.get(match.group(1), "") for control, match in named}
    return {key: selection for key, selection in found.items() if selection}


def _identities(control: Control) -> Iterator[str]:
    yield from ((holder.get(name) or "").strip() for name in ("name", "id") for holder in control.holders)
    yield control.key


@dataclass(frozen=True, eq=False)
class FieldReading:
    """What a page says of one field; each part is read when it is first asked for."""

    _around: Surroundings
    control: Control
    name: Phrase
    _twins: Mapping[str, str]
    _dialect: str

    @property
    def key(self) -> str:
        """The key of the field."""
        return self.control.key

    @property
    def kind(self) -> FieldKind:
        """What a reader can put into it."""
        return self.control.kind

    @property
    def label(self) -> str:
        """What it is called."""
        return self.name.text

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """Its choices."""
        return choices_of(self._around.page, self.control, self._around.labels, self._around.codes)

    @cached_property
    def unit(self) -> str | None:
        """Its unit, as stated or as spelled behind it."""
        return _unit(self.control, self._around)

    @property
    def codes(self) -> tuple[Code, ...]:
        """Its codes."""
        return _codes(self._around, self.control, self._default)

    @property
    def _default(self) -> str | tuple[str, ...] | None:
        held_by_merging = self._dialect == "nuance" and self._merge_identifier
        return None if held_by_merging else default_of(self.control, self._around.labels)

    @property
    def _merge_identifier(self) -> str | None:
        return _merge_identifier(self.control.first, self._dialect)

    @property
    def _inherited(self) -> Inherited:
        return self._around.ancestry.of(self.control.first)

    @property
    def hidden(self) -> bool:
        """Whether the page does not show it."""
        return self._inherited.hidden or (self.control.first.get("type") or "").strip().lower() == "hidden"

    @property
    def free_text_of(self) -> str | None:
        """The key of the selection whose free text it is."""
        return self._twins.get(self.key)

    @property
    def _free_text_key(self) -> str | None:
        return next((key for key, selection in self._twins.items() if selection == self.key), None)

    def whole(self) -> Field:
        """Return the field with all its parts."""
        control, around = self.control, self._around
        element, stated = control.first, control.stated
        get = element.attributes.get
        line, column = around.page.place(element)
        merge, default, inherited = self._merge_identifier, self._default, self._inherited
        holder = control.wrapper if control.wrapper is not None else element
        twin = self._free_text_key if self._twins and self.free_text_of is None else None
        return Field(
            key=control.key,
            kind=control.kind,
            label=self.name.text,
            hint=collapse(get("title") or get("placeholder") or "").strip(),
            unit=self.unit,
            choices=self.choices,
            default=None if is_cde(default) else default,
            required=control.carries("required"),
            completion_action=_completion_action(stated),
            merge=is_true(stated.get("data-field-merge-flag")) or merge is not None,
            merge_identifier=merge,
            minimum=_limit(get("min")),
            maximum=_limit(get("max")),
            step=_limit(get("step")),
            free_text=twin is not None or (bool(get("list")) and bool(self.choices)),
            free_text_key=twin,
            free_text_of=self.free_text_of,
            verbal_trigger=stated.get("data-field-verbal-trigger", "").strip() or None,
            hidden=self.hidden,
            read_only=control.carries("readonly", "disabled"),
            section=around.headings[element.section].key if element.section is not None else None,
            condition=inherited.condition,
            codes=_codes(around, control, default),
            element_id=holder.identity or None,
            name=get("name", "").strip() or None,
            line=line,
            column=column,
            **stated_mappings(
                translations={**translations_of(element), **self.name.translations},
                attributes={} if control.is_group and holder is element else _kept(holder),
            ),
        )


def _unit(control: Control, around: Surroundings) -> str | None:
    if control.kind not in (FieldKind.NUMBER, FieldKind.TEXT):
        return None
    if stated := declared(control.first.get("data-field-units") or control.first.get("date-field-units")):
        return stated
    spelled = around.unit_behind(control)
    # behind a text field a single letter is more likely a word than a unit
    if control.kind is FieldKind.TEXT and len(spelled) < 2 and spelled != "%":
        return None
    return from_spelling(spelled)


def _completion_action(stated: Mapping[str, str]) -> CompletionAction:
    text = next((text for name in COMPLETION if (text := stated.get(name))), "")
    return _COMPLETION_ACTIONS.get(text.strip().upper(), CompletionAction.NONE)


def known_completion_action(text: str) -> bool:
    """Tell whether a completion action, current or of the draft, is one that the profile names."""
    return not text.strip() or text.strip().upper() in _COMPLETION_ACTIONS


def _merge_identifier(element: Element, dialect: str) -> str | None:
    stated = next((value.strip() for name in _MERGE_IDENTIFIERS if (value := element.get(name))), "")
    if not stated and dialect == "nuance" and (name := element.get("name")) and name == element.get("value"):
        # PowerScribe exports a merge field as a text that holds its own name
        return name.strip()
    return stated or None


def _limit(text: str | None) -> str | None:
    text = text.strip() if text else ""
    return text if text and _DECIMAL.fullmatch(text) else None


def is_cde(default: object) -> bool:
    """Tell whether a default is the id of a common data element ("RDE196"), as T-Rex writes: a code, no answer."""
    return isinstance(default, str) and bool(_CDE.match(default))


def _kept(holder: Element) -> dict[str, str]:
    kept = kept_attributes(holder)
    if not holder.get("title"):
        kept.pop("placeholder", None)
    return kept


def _codes(around: Surroundings, control: Control, default: object) -> tuple[Code, ...]:
    holders = control.holders
    found: list[Code] = []
    if around.codes:
        names = dict.fromkeys([control.key, *(holder.get(name) or "" for name in ("id", "name") for holder in holders)])
        found += [code for name in names for code in around.codes.get(name.strip(), ())]
    found += [code for holder in holders for code in attribute_codes(holder)]
    stated = [Code.of("RADELEMENT", str(default))] if is_cde(default) else []
    return (*dict.fromkeys(found), *stated) if found or stated else ()
