"""Short texts of the page with their translations: labels, titles, choices."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mrrt.parse.tree import Element

_LANGUAGES = {
    "en": ("data-english", "data-english-name", "data-en"),
    "de": ("data-german", "data-german-name", "data-de"),
}
TRANSLATIONS = frozenset(name for names in _LANGUAGES.values() for name in names)
"""The attributes that hold a translation."""
_SUPERSCRIPT = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPT = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_RAISED = {"sup": _SUPERSCRIPT, "ups": _SUPERSCRIPT, "sub": _SUBSCRIPT}
_NUMBER = re.compile(r"\s*[-+−]?\d+[-+]?\s*")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_LONG = 1_000
"""From here on the words of a text, each an object of its own, would take too much memory."""
_DASHES = "-–—+•*"
_DASH = re.compile(rf"^[{_DASHES}]\s+(?=\w)")
_WORD = re.compile(r"[^\W\d_]{3,}")


class Phrase(NamedTuple):
    """A text and its translations by two-letter language."""

    text: str = ""
    translations: Mapping[str, str] = MappingProxyType({})

    def __bool__(self) -> bool:
        return bool(self.text)


def collapse(text: str) -> str:
    """Return the text with every run of white space as one blank, the ends kept."""
    if not text.isascii() or len(text) > _LONG:
        return _BLANKS.sub(" ", text)
    if not (middle := " ".join(text.split())):
        return " " if text else ""
    return f"{' ' if text[0].isspace() else ''}{middle}{' ' if text[-1].isspace() else ''}"


def tidy(text: str) -> str:
    """Return a label: blanks collapsed, without the colon at its end or the dash of a list before it."""
    text = collapse(text).strip().rstrip(": ")
    return _DASH.sub("", text) if text[:1] in _DASHES and text else text


def raised(tag: str, text: str) -> str:
    """Return the text of `sup` and `sub` in raised and lowered digits, where it is a number."""
    table = _RAISED.get(tag)
    return text.translate(table) if table and _NUMBER.fullmatch(text) else text


def translations_of(element: Element) -> dict[str, str]:
    """Return the translations an element carries in its attributes (data-english, data-german)."""
    found: dict[str, str] = {}
    if not element.attributes or TRANSLATIONS.isdisjoint(element.attributes):
        return found
    for language, names in _LANGUAGES.items():
        text = next((tidy(value) for name in names if (value := element.get(name))), "")
        if text:
            found[language] = text
    return found


def phrase_of(element: Element) -> Phrase:
    """Return what an element says, with the translations that stand on it or on the one child that says it all."""
    for inner in (element, *element.descendants):
        if inner.attributes and (found := translations_of(inner)) and inner.said == element.said:
            return Phrase(element.said, found)
    return Phrase(element.said)


def joined(parts: Sequence[Phrase]) -> Phrase:
    """Return the phrases as one, "A. carotis interna, PSV"; translated where every part is, or needs no translation."""
    if len(parts) == 1 and not parts[0].translations:
        return parts[0]
    kept: dict[str, Phrase] = {}
    for part in parts:
        if part.text:
            kept.setdefault(part.text, part)
    text = ", ".join(kept)
    if not any(part.translations for part in kept.values()):
        return Phrase(text)
    languages = {language for part in kept.values() for language in part.translations}
    translated = {
        language: ", ".join(part.translations.get(language, part.text) for part in kept.values())
        for language in sorted(languages)
        if all(language in part.translations or _is_neutral(part.text) for part in kept.values())
    }
    return Phrase(text, translated)


def _is_neutral(text: str) -> bool:
    return all(word.isupper() for word in _WORD.findall(text))
