"""Regular expressions: the language of XPath (XML Schema part 2, appendix F) put into that of RE2.

RE2 takes time linear in the text, whatever the pattern; so there are no back-references. What differs is rewritten:
the dot, \\i and \\c, Unicode blocks, and subtraction in character classes ([a-z-[aeiou]]).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from mrrt.feel.builtins.registry import Mismatch

_BLOCKS = {
    "BasicLatin": (0x00, 0x7F),
    "Latin-1Supplement": (0x80, 0xFF),
    "LatinExtended-A": (0x100, 0x17F),
    "LatinExtended-B": (0x180, 0x24F),
    "IPAExtensions": (0x250, 0x2AF),
    "SpacingModifierLetters": (0x2B0, 0x2FF),
    "CombiningDiacriticalMarks": (0x300, 0x36F),
    "Greek": (0x370, 0x3FF),
    "GreekandCoptic": (0x370, 0x3FF),
    "Cyrillic": (0x400, 0x4FF),
    "Armenian": (0x530, 0x58F),
    "Hebrew": (0x590, 0x5FF),
    "Arabic": (0x600, 0x6FF),
    "Devanagari": (0x900, 0x97F),
    "Thai": (0xE00, 0xE7F),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
}
_CLASSES = {"i": r"\p{L}_:", "c": r"\p{L}\p{N}\p{M}_:.\x{B7}\-", "d": r"\p{Nd}", "w": r"\p{L}\p{M}\p{N}\p{S}"}
_PLAIN_ESCAPES = frozenset("nrtsSpPDW\\|.?*+(){}[]^$-/\"'&,;:<>=!@#%~` ")
_CONTROL = {"n": 10, "r": 13, "t": 9}

Ranges = list[tuple[int, int]]


@lru_cache(maxsize=1024)
def compiled(pattern: str, flags: str) -> Any:
    """Return the compiled pattern; raises Mismatch where pattern or flags are wrong."""
    import re2

    if not set(flags) <= set("smixq"):
        raise Mismatch
    options = re2.Options()
    options.log_errors = False
    source = re.escape(pattern) if "q" in flags else _Translation(pattern, flags).whole()
    kept = "".join(flag for flag in "im" if flag in flags)
    try:
        return re2.compile(f"(?{kept}){source}" if kept else source, options=options)
    except re2.error as error:
        raise Mismatch from error


class _Translation:
    def __init__(self, pattern: str, flags: str) -> None:
        self.text = _without_space(pattern) if "x" in flags else pattern
        self.dot = "(?s:.)" if "s" in flags else r"[^\n\r]"
        self.at = 0

    def whole(self) -> str:
        """Translate the pattern."""
        parts: list[str] = []
        while self.at < len(self.text):
            character = self._next()
            if character == "\\":
                parts.append(self._escape(inside=False))
            elif character == "[":
                parts.append(self._class())
            else:
                parts.append(self.dot if character == "." else character)
        return "".join(parts)

    def _next(self) -> str:
        if self.at >= len(self.text):
            raise Mismatch
        self.at += 1
        return self.text[self.at - 1]

    def _escape(self, *, inside: bool) -> str:
        """Translate what a backslash begins; `inside` a character class."""
        letter = self._next()
        if letter in "pP":
            return self._category(letter, inside=inside)
        if letter.lower() in _CLASSES and letter not in "DW":
            body = _CLASSES[letter.lower()]
            if inside and letter.isupper():
                raise Mismatch
            return body if inside else f"[{'^' if letter.isupper() else ''}{body}]"
        if letter not in _PLAIN_ESCAPES:
            raise Mismatch
        return {"D": r"\P{Nd}", "W": r"\pP\pZ\pC" if inside else r"[\pP\pZ\pC]"}.get(
            letter, "\\" + letter if not letter.isspace() else letter
        )

    def _category(self, letter: str, *, inside: bool) -> str:
        end = self.text.find("}", self.at)
        if self._next() != "{" or end < 0:
            raise Mismatch
        name = self.text[self.at : end]
        self.at = end + 1
        if not name.startswith("Is"):
            return f"\\{letter}{{{name}}}"
        if name[2:] not in _BLOCKS or (inside and letter == "P"):
            raise Mismatch
        body = _written([_BLOCKS[name[2:]]])
        return body if inside else f"[{'^' if letter == 'P' else ''}{body}]"

    def _class(self) -> str:
        """Translate a character class, the opening bracket of which is read."""
        negated = self.text.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        while True:
            character = self._next()
            if character == "]" and parts:
                return f"[{'^' if negated else ''}{''.join(parts)}]"
            if character == "-" and self.text.startswith("[", self.at):
                return self._difference("".join(parts), negated)
            if character in "[]":
                raise Mismatch
            parts.append(self._escape(inside=True) if character == "\\" else character)

    def _difference(self, body: str, negated: bool) -> str:
        self.at += 1
        taken = _ranges(self._class())
        if self._next() != "]":
            raise Mismatch
        kept = _ranges(f"[{'^' if negated else ''}{body}]")
        result = _intersection(kept, _complement(taken))
        return f"[{_written(result)}]" if result else r"[^\x{0}-\x{10FFFF}]"


def _without_space(pattern: str) -> str:
    """Drop white space outside of character classes (flag x)."""
    kept, depth = [], 0
    for place, character in enumerate(pattern):
        escaped = place > 0 and pattern[place - 1] == "\\"
        if character in "[]" and not escaped:
            depth = max(0, depth + (1 if character == "[" else -1))
        if depth or not character.isspace():
            kept.append(character)
    return "".join(kept)


def _ranges(source: str) -> Ranges:
    """Return the code points of a class that names single characters and ranges only."""
    body = source[1:-1]
    negated = body.startswith("^")
    tokens = re.findall(r"\\x\{[0-9A-Fa-f]+\}|\\.|.", body[negated:], re.DOTALL)
    found, place = [], 0
    while place < len(tokens):
        low = high = _point(tokens[place])
        if tokens[place + 1 : place + 2] == ["-"] and place + 2 < len(tokens):
            high = _point(tokens[place + 2])
            place += 2
        found.append((low, high))
        place += 1
    return _complement(found) if negated else found


def _point(token: str) -> int:
    if token.startswith("\\x{"):
        return int(token[3:-1], 16)
    if not token.startswith("\\"):
        return ord(token)
    if token[1] in _CONTROL:
        return _CONTROL[token[1]]
    if token[1].isalnum():
        raise Mismatch
    return ord(token[1])


def _complement(ranges: Ranges) -> Ranges:
    result, at = [], 0
    for low, high in sorted(ranges):
        if low > at:
            result.append((at, low - 1))
        at = max(at, high + 1)
    return [*result, (at, 0x10FFFF)] if at <= 0x10FFFF else result


def _intersection(left: Ranges, right: Ranges) -> Ranges:
    pairs = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return [(low, high) for low, high in pairs if low <= high]


def _written(ranges: Ranges) -> str:
    return "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges)


def expanded(template: str, groups: tuple[str, ...]) -> str:
    """Return a replacement with $0, $1, ... put in; raises Mismatch where a $ stands alone."""
    result, place = [], 0
    while place < len(template):
        character = template[place]
        place += 1
        if character == "$":
            number, place = _group_number(template, place, len(groups))
            result.append(groups[number] if number < len(groups) else "")
        elif character == "\\" and template[place : place + 1] in ("\\", "$"):
            result.append(template[place])
            place += 1
        else:
            result.append(character)
    return "".join(result)


def _group_number(template: str, place: int, groups: int) -> tuple[int, int]:
    """Read the number of a group: as many digits as name a group that exists."""
    if not template[place : place + 1].isdigit():
        raise Mismatch
    number = int(template[place])
    place += 1
    while template[place : place + 1].isdigit() and number * 10 + int(template[place]) < groups:
        number = number * 10 + int(template[place])
        place += 1
    return number, place
