"""What codes are called in the language of a report, by one table: mrrt/data/code_names.tsv."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib import resources

from mrrt.code import Code

_LANGUAGE = "de"
"""The language that the table has beside English."""


def named(code: Code, language: str) -> Code:
    """Return the code with its name in a language; as it came where the table does not know it."""
    name = _by_code().get((code.scheme, code.value)) if language == _LANGUAGE else None
    return Code.of(code.scheme, code.value, name) if name else code


def name_said(meaning: str, language: str) -> str:
    """Return what a meaning is called in a language; as it came where the table does not know the whole of it."""
    return _by_meaning().get(meaning.casefold(), meaning) if language == _LANGUAGE else meaning


@lru_cache(maxsize=4096)
def names_said(text: str, language: str) -> str:
    """Return a text in which every meaning of a known code is said in a language; other words stay."""
    if language != _LANGUAGE:
        return text
    return _meanings().sub(lambda found: _by_meaning()[found[0].casefold()], text)


def _rows() -> Iterator[list[str]]:
    text = resources.files("mrrt").joinpath("data", "code_names.tsv").read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _by_code() -> Mapping[tuple[str, str], str]:
    return {(scheme, value): german for scheme, value, _, german in _rows()}


@cache
def _by_meaning() -> Mapping[str, str]:
    return {meaning.casefold(): german for _, _, english, german in _rows() for meaning in english.split("|")}


@cache
def _meanings() -> re.Pattern[str]:
    """Match any meaning as whole words, the longest first."""
    longest_first = sorted(_by_meaning(), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)
