"""Short texts of the page with their translations: labels, titles, choices."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml.html import HtmlElement

_LANGUAGES = {
    "en": ("data-english", "data-english-name", "data-en"),
    "de": ("data-german", "data-german-name", "data-de"),
}
TRANSLATIONS = frozenset(name for names in _LANGUAGES.values() for name in names)
"""The attributes that hold a translation."""
_UNSEEN = {"script", "style", "select", "option", "optgroup", "textarea", "button", "datalist", "template", "noscript"}
_SUPERSCRIPT = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_SUBSCRIPT = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")
_DASH = re.compile(r"^[-–—+•*]\s+(?=\w)")
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Phrase:
    """A text and its translations by two-letter language."""

    text: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.text)


def collapse(text: str) -> str:
    """Return the text with every run of white space as one blank, the ends kept."""
    return _BLANKS.sub(" ", text)


def tidy(text: str) -> str:
    """Return a label: blanks collapsed, without the colon at its end or the dash of a list before it."""
    text = collapse(text).strip().rstrip(": ")
    return _DASH.sub("", text) if text[:1] in "-–—+•*" else text


def raised(element: HtmlElement, text: str) -> str:
    """Return the text of `sup` and `sub` in raised and lowered digits, where it is a number."""
    table = {"sup": _SUPERSCRIPT, "ups": _SUPERSCRIPT, "sub": _SUBSCRIPT}.get(str(element.tag))
    return text.translate(table) if table and re.fullmatch(r"\s*[-+−]?\d+[-+]?\s*", text) else text


def visible(element: HtmlElement) -> str:
    """Return the text a reader sees in an element, options, buttons and scripts left out."""
    return "".join(_visible(element))


def _visible(element: HtmlElement) -> Iterator[str]:
    if element.text:
        yield raised(element, element.text)
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield "\n" if child.tag == "br" else ""
            yield from _visible(child)
        yield child.tail or ""


def translations_of(element: HtmlElement) -> dict[str, str]:
    """Return the translations an element carries in its attributes (data-english, data-german)."""
    found: dict[str, str] = {}
    if TRANSLATIONS.isdisjoint(element.keys()):
        return found
    for language, names in _LANGUAGES.items():
        text = next((tidy(value) for name in names if (value := element.get(name))), "")
        if text:
            found[language] = text
    return found


def phrase_of(element: HtmlElement) -> Phrase:
    """Return what an element says, with the translations that stand on it or on the one child that says it all."""
    text = tidy(visible(element))
    for inner in element.iter():
        if isinstance(inner.tag, str) and (found := translations_of(inner)) and tidy(visible(inner)) == text:
            return Phrase(text, found)
    return Phrase(text, {})


def joined(parts: Iterable[Phrase]) -> Phrase:
    """Return the phrases as one, "A. carotis interna, PSV"; translated where every part is, or needs no translation."""
    kept: list[Phrase] = []
    for part in parts:
        if part and all(part.text != other.text for other in kept):
            kept.append(part)
    languages = {language for part in kept for language in part.translations}
    translated = {
        language: ", ".join(part.translations.get(language, part.text) for part in kept)
        for language in sorted(languages)
        if all(language in part.translations or _is_neutral(part.text) for part in kept)
    }
    return Phrase(", ".join(part.text for part in kept), translated)


def _is_neutral(text: str) -> bool:
    return all(word.isupper() for word in _WORD.findall(text))
