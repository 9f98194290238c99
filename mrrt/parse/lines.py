"""One line of a page while it is being written: texts and fields, white space collapsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from mrrt.code import Code
from mrrt.parse.ancestry import both, condition_of, is_hidden
from mrrt.parse.phrases import collapse, tidy
from mrrt.parse.spelled_units import leading
from mrrt.parse.tree import Element
from mrrt.template import FieldPlace, Inline, LineBreak, Text

_EMPHASIS = frozenset({"b", "strong", "em", "i", "u"})


class Style(NamedTuple):
    """What the elements round a text do to it."""

    label_for: str | None = None
    emphasis: bool = False
    filling_only: bool = False
    hidden: bool = False
    condition: str | None = None
    dropped: bool = False
    """Left out: it stands in a choice already."""

    def within(self, element: Element, *, inline: bool = False) -> Style:
        """Return the style within an element. The condition of a block belongs to the block, not to its texts."""
        tag = element.tag
        if not element.attributes and tag not in _EMPHASIS and tag != "mark":
            return self
        emphasis, filling_only = self.emphasis or tag in _EMPHASIS, self.filling_only or tag == "mark"
        hidden = self.hidden or is_hidden(element)
        condition = both(self.condition, condition_of(element) if inline else None)
        if (emphasis, filling_only, hidden, condition) == self[1:5]:
            return self
        return self._replace(emphasis=emphasis, filling_only=filling_only, hidden=hidden, condition=condition)


_PLAIN = Style()
BREAK = LineBreak()
"""The line break; there is but this one, so that it can be told by `is`."""


@dataclass(frozen=True, slots=True)
class Name:
    """The id of an element whose first text has not come yet, and its codes; `kept` if it stays without any text."""

    identity: str
    codes: tuple[Code, ...]
    kept: bool


@dataclass(slots=True)
class _Run:
    """A text that may still grow."""

    text: str
    style: Style = _PLAIN
    translations: Mapping[str, str] | None = None
    name: Name | None = None
    unit_of: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether more text of the same style may join it."""
        return not self.translations and self.name is None

    @classmethod
    def of(cls, text: Text) -> _Run:
        """Return a text that was finished, to go on with; whether it is a unit is found out anew."""
        style = Style(text.label_for, text.emphasis, text.filling_only, text.hidden, text.condition)
        name = Name(text.element_id, text.codes, kept=False) if text.element_id is not None else None
        return cls(text.text, style, text.translations, name)

    def finished(self) -> Text:
        """Return the text as the model has it."""
        style, name = self.style, self.name
        if style is _PLAIN and self.is_open and self.unit_of is None:
            return Text(text=self.text)
        return Text(
            text=self.text,
            translations=self.translations or {},
            label_for=style.label_for,
            unit_of=self.unit_of,
            emphasis=style.emphasis,
            filling_only=style.filling_only,
            hidden=style.hidden,
            condition=style.condition,
            codes=name.codes if name else (),
            element_id=name.identity if name else None,
        )


_Item = _Run | FieldPlace | LineBreak


class _Entered(NamedTuple):
    """What an element changes, and what held before it."""

    style: Style
    name_before: Name | None
    name: Name | None
    translated: bool


class Line:
    """Gathers the items of a paragraph or cell; `taken` hands them over and begins a new line."""

    def __init__(self) -> None:
        self.style = _PLAIN
        self._items: list[_Item] = []
        self._translations: Mapping[str, str] = {}
        self._name: Name | None = None
        self._expected = ""

    def text(self, text: str) -> None:
        """Add text in the state that the elements round it have set."""
        text = collapse(text)
        if not text or self._skipped(text) or self.style.dropped:
            return
        if text == " ":
            self._blank()
            return
        self._append(_Run(text, self.style, self._translations, self._name))
        self._translations, self._name = {}, None

    def add(self, item: FieldPlace | LineBreak) -> None:
        """Add a field or a line break."""
        self._expected = ""
        self._items.append(item)

    def skip_next(self, text: str) -> None:
        """Leave out the next text if it is this one: the text behind a radio button is a choice already."""
        self._expected = text

    def taken(self) -> tuple[Inline, ...]:
        """Return the items of the line, with units told from other text, and begin a new one."""
        items, self._items, self._expected = self._items, [], ""
        if not items:
            return ()
        trimmed = _trimmed(list(_with_units(items)))
        return tuple([item.finished() if isinstance(item, _Run) else item for item in trimmed])

    def again(self, items: Iterable[Inline]) -> tuple[Inline, ...]:
        """Return items of several lines as one line, cut into texts as if it had been read so from a page."""
        for item in items:
            if item.type != "text":
                self.add(item)
            elif item.text.strip() or item.element_id:
                self._append(_Run.of(item))
            else:
                self._blank()
        return self.taken()

    def enter(self, style: Style, translations: Mapping[str, str], name: Name | None = None) -> _Entered:
        """Begin an element: the first text within gets its translations and its name, all get its style.

        `leave` ends it, and takes what is returned here.
        """
        entered = _Entered(self.style, self._name, name, bool(translations))
        self.style = style
        self._translations = translations or self._translations
        self._name = name or self._name
        return entered

    def leave(self, entered: _Entered) -> None:
        """End an element; a name that no text took is kept with an empty one, if something refers to it."""
        self.style = entered.style
        if entered.translated:
            self._translations = {}
        if entered.name is not None and self._name is entered.name:
            if entered.name.kept:
                self._items.append(_Run("", name=entered.name))
            self._name = entered.name_before

    def _skipped(self, text: str) -> bool:
        if not self._expected:
            return False
        skipped = tidy(text) == self._expected
        if text != " ":
            self._expected = ""
        return skipped

    def _blank(self) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(last, _Run):
            last.text += "" if last.text.endswith(" ") else " "
        elif last is not None and last is not BREAK:
            self._items.append(_Run(" "))

    def _append(self, run: _Run) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(last, _Run) and last.is_open and run.is_open and last.style == run.style:
            # both are collapsed already, so that only the seam can hold a blank too many
            last.text += run.text[1:] if last.text.endswith(" ") and run.text.startswith(" ") else run.text
        else:
            self._items.append(run)


def _with_units(items: list[_Item]) -> Iterator[_Item]:
    """Yield the items, with the unit right behind a field cut off from what follows it."""
    key = None
    for item in items:
        if not isinstance(item, _Run):
            yield item
            key = item.key if item.type == "field" else None
            continue
        if key is not None and item.style.label_for in (None, key) and (unit := leading(item.text)):
            spelled, _ = unit
            rest, item.text, item.unit_of = item.text[len(spelled) :], spelled, key
            yield item
            if rest:
                yield _Run(rest)
        else:
            yield item
        key = None


def _trimmed(items: list[_Item]) -> list[_Item]:
    """Take blanks off the ends of the line and of every break in it, and breaks off its ends."""
    trimmed: list[_Item] = []
    last = len(items) - 1
    for position, item in enumerate(items):
        if isinstance(item, _Run):
            if position == 0 or items[position - 1] is BREAK:
                item.text = item.text.lstrip()
            if position == last or items[position + 1] is BREAK:
                item.text = item.text.rstrip()
            if not item.text and item.name is None:
                continue
        trimmed.append(item)
    while trimmed and trimmed[0] is BREAK:
        trimmed.pop(0)
    while trimmed and trimmed[-1] is BREAK:
        trimmed.pop()
    return trimmed
