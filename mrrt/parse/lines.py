"""One line of a page while it is being written: texts and fields, white space collapsed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from lxml.html import HtmlElement

from mrrt.code import Code
from mrrt.parse.ancestry import condition_of, is_hidden
from mrrt.parse.phrases import collapse, tidy
from mrrt.parse.spelled_units import leading
from mrrt.template import FieldPlace, Inline, LineBreak, Text

_EMPHASIS = frozenset({"b", "strong", "em", "i", "u"})


@dataclass(frozen=True)
class _Name:
    """The id of an element whose first text has not come yet, and its codes."""

    identity: str
    codes: tuple[Code, ...]


class Line:
    """Gathers the items of a paragraph or cell; `taken` hands them over and begins a new line."""

    def __init__(self) -> None:
        self._items: list[Inline] = []
        self._translations: Mapping[str, str] = {}
        self._label_for: str | None = None
        self._drop = False
        self._emphasis = False
        self._filling_only = False
        self._hidden = False
        self._condition: str | None = None
        self._name: _Name | None = None
        self._expected = ""

    def text(self, text: str) -> None:
        """Add text in the state that the elements round it have set."""
        text = collapse(text)
        if not text or self._skipped(text) or self._drop:
            return
        if not text.strip():
            self._blank()
            return
        self._append(
            Text(
                text=text,
                translations=self._translations,
                label_for=self._label_for,
                emphasis=self._emphasis,
                filling_only=self._filling_only,
                hidden=self._hidden,
                condition=self._condition,
                codes=self._name.codes if self._name else (),
                element_id=self._name.identity if self._name else None,
            )
        )
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
        return tuple(_trimmed(list(_with_units(items))))

    def again(self, items: Iterable[Inline]) -> tuple[Inline, ...]:
        """Return items of several lines as one line, cut into texts as if it had been read so from a page."""
        for item in items:
            if not isinstance(item, Text):
                self.add(item)
            elif item.text.strip() or item.element_id:
                self._append(item.model_copy(update={"unit_of": None}))
            else:
                self._blank()
        return self.taken()

    @contextmanager
    def translated(self, translations: Mapping[str, str]) -> Iterator[None]:
        """Give these translations to the first text within."""
        before = self._translations
        self._translations = translations or before
        yield
        self._translations = {} if translations else self._translations

    @contextmanager
    def marked(self, element: HtmlElement, inline: bool = False) -> Iterator[None]:
        """Note what an element does to the texts within: emphasis, help that is not exported, hidden text.

        The condition of an inline element is one of its texts; that of a block belongs to the block.
        """
        before = self._emphasis, self._filling_only, self._hidden, self._condition
        self._emphasis = self._emphasis or element.tag in _EMPHASIS
        self._filling_only = self._filling_only or element.tag == "mark"
        self._hidden = self._hidden or is_hidden(element)
        self._condition = (condition_of(element) if inline else None) or self._condition
        yield
        self._emphasis, self._filling_only, self._hidden, self._condition = before

    @contextmanager
    def named(self, identity: str | None, codes: tuple[Code, ...], keep: bool) -> Iterator[None]:
        """Give an id and its codes to the first text within; with `keep` to an empty one if there is none."""
        if identity is None:
            yield
            return
        before, self._name = self._name, _Name(identity, codes)
        mine = self._name
        yield
        if self._name is mine and keep:
            self._items.append(Text(text="", codes=codes, element_id=identity))
        if self._name is mine:
            self._name = before

    @contextmanager
    def labelling(self, key: str | None, drop: bool) -> Iterator[None]:
        """Note which field the texts within label; those of a choice are dropped, as they stand in the choice."""
        before = self._label_for, self._drop
        self._label_for, self._drop = key or self._label_for, drop or self._drop
        yield
        self._label_for, self._drop = before

    def _skipped(self, text: str) -> bool:
        skipped = bool(self._expected) and tidy(text) == self._expected
        if text.strip():
            self._expected = ""
        return skipped

    def _blank(self) -> None:
        last = self._items[-1] if self._items else None
        if isinstance(last, Text) and not last.text.endswith(" "):
            self._items[-1] = last.model_copy(update={"text": f"{last.text} "})
        elif isinstance(last, FieldPlace):
            self._items.append(Text(text=" "))

    def _append(self, text: Text) -> None:
        last = self._items[-1] if self._items else None
        plain = not text.translations and text.element_id is None
        open_ended = isinstance(last, Text) and not last.translations and last.element_id is None
        if plain and open_ended and isinstance(last, Text) and _state(last) == _state(text):
            # both are collapsed already, so that only the seam can hold a blank too many
            more = text.text[1:] if last.text.endswith(" ") and text.text.startswith(" ") else text.text
            self._items[-1] = last.model_copy(update={"text": last.text + more})
        else:
            self._items.append(text)


def _state(text: Text) -> tuple[object, ...]:
    return text.label_for, text.emphasis, text.filling_only, text.hidden, text.condition


def _with_units(items: list[Inline]) -> Iterator[Inline]:
    before: Inline | None = None
    for item in items:
        unit = leading(item.text) if isinstance(item, Text) and isinstance(before, FieldPlace) else None
        if unit and isinstance(item, Text) and isinstance(before, FieldPlace) and item.label_for in (None, before.key):
            spelled, _ = unit
            yield item.model_copy(update={"text": spelled, "unit_of": before.key})
            if rest := item.text[len(spelled) :]:
                yield Text(text=rest)
        else:
            yield item
        before = item


def _trimmed(items: list[Inline]) -> list[Inline]:
    """Take blanks off the ends of the line and of every break in it, and breaks off its ends."""
    trimmed: list[Inline] = []
    for position, item in enumerate(items):
        if isinstance(item, Text):
            starts = position == 0 or isinstance(items[position - 1], LineBreak)
            ends = position == len(items) - 1 or isinstance(items[position + 1], LineBreak)
            text = item.text.lstrip() if starts else item.text
            text = text.rstrip() if ends else text
            kept = item if text == item.text else item.model_copy(update={"text": text})
            trimmed += [kept] if text or item.element_id else []
        else:
            trimmed.append(item)
    while trimmed and isinstance(trimmed[0], LineBreak):
        trimmed.pop(0)
    while trimmed and isinstance(trimmed[-1], LineBreak):
        trimmed.pop()
    return trimmed
