"""From characters to names, words and symbols (DMN 1.5 grammar rules 22 to 36).

FEEL names may contain spaces, so a text can only be read knowing which names exist: the longest known name that
stands at a place wins ("ica psv" before "ica").
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

from mrrt.errors import MrrtError
from mrrt.feel.builtins import BUILTINS

_START = "A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
_START += "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_PART = _START + r"0-9\u00b7\u0300-\u036f\u203f\u2040'" + r"\w"

SPACE = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
WORD = re.compile(rf"[{_START}][{_PART}]*|\?")
_PART_NEXT = re.compile(rf"[{_PART}]")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
COMPARE = re.compile(r"<=|>=|!=|<|>|=")
_LABEL = re.compile(rf"([{_START}][^:,()\[\]{{}}\"<>=]*?)\s*:(?!:)")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
KEYWORDS = frozenset(
    {"if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between"}
    | {"null", "true", "false", "instance", "of", "function"}
)
MAX_LENGTH = 20_000


class FeelSyntaxError(MrrtError):
    """The text is not FEEL; `position` counts characters from 0."""

    def __init__(self, message: str, text: str, position: int) -> None:
        self.position = position
        near = text[position : position + 20].split("\n")[0]
        super().__init__(f"{message} at character {position + 1}" + (f' (near "{near}")' if near else " (the end)"))


class Scanner:
    """A text and the place in it; `locals` are the names that the text itself has introduced so far."""

    def __init__(self, text: str, names: frozenset[str], members: frozenset[str]) -> None:
        if len(text) > MAX_LENGTH:
            raise FeelSyntaxError(f"the expression is longer than {MAX_LENGTH} characters", text, MAX_LENGTH)
        self.text = text
        self.at = 0
        self.locals: list[str] = []
        self.keys: list[str] = sorted(members)
        """What may follow a dot: names of components, keys of the contexts read so far."""
        self.known = _known(names)

    def error(self, message: str) -> FeelSyntaxError:
        """Return the error that says what is wrong here."""
        return FeelSyntaxError(message, self.text, self.at)

    def space(self) -> None:
        """Skip white space and comments."""
        match = SPACE.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def next_is(self, *symbols: str) -> bool:
        """Tell whether one of the symbols is next."""
        self.space()
        return self.text.startswith(symbols, self.at)

    def take(self, symbol: str) -> bool:
        """Consume a symbol if it is next."""
        if not self.next_is(symbol):
            return False
        self.at += len(symbol)
        return True

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Consume what a pattern matches here."""
        self.space()
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def word(self, *words: str) -> bool:
        """Consume the words if they are next, each a whole word."""
        start = self.at
        for word in words:
            found = self.match(WORD)
            if found is None or found.group() != word:
                self.at = start
                return False
        return True

    def expect(self, symbol: str) -> None:
        """Consume a symbol or raise."""
        if not self.take(symbol):
            raise self.error(f'"{symbol}" is missing')

    def expect_word(self, word: str) -> None:
        """Consume a word or raise."""
        if not self.word(word):
            raise self.error(f'"{word}" is missing')

    def known_name(self, extra: list[str]) -> str | None:
        """Consume the longest known name that is no single word."""
        self.space()
        for name in sorted(extra, key=len, reverse=True):
            if not WORD.fullmatch(name) and name and (match := _pattern(name).match(self.text, self.at)):
                if _runs_on(name) and _PART_NEXT.match(self.text, match.end()):
                    continue
                self.at = match.end()
                return name
        match = self.known.match(self.text, self.at) if self.known else None
        if match is None:
            return None
        self.at = match.end()
        return " ".join(match.group().split())

    def name(self) -> str | None:
        """Consume a name: the longest known one, else a single word."""
        return self.known_name(self.locals) or self.single_word()

    def single_word(self) -> str | None:
        """Consume a word that is no keyword."""
        start = self.at
        found = self.match(WORD)
        if found is None or found.group() in KEYWORDS:
            self.at = start
            return None
        return found.group()

    def words(self) -> str | None:
        """Consume a new name: all words up to a keyword or symbol."""
        found: list[str] = []
        while word := self.single_word():
            found.append(word)
        return " ".join(found) or None

    def member(self) -> str:
        """Consume the name behind a dot; two words in a row can only be one name there."""
        name = self.known_name([*self.locals, *self.keys])
        if name is None and (name := self.words()) is None:
            raise self.error("a name is missing")
        return name

    def label(self) -> str | None:
        """Consume "name:" if it is next; the name may have spaces and signs, as it ends at the colon."""
        found = self.match(_LABEL)
        return " ".join(found.group(1).split()) if found else None

    def string(self) -> str | None:
        """Consume a string literal."""
        found = self.match(STRING)
        return None if found is None else _unescaped(found.group(1))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_unescape, text)
    return _SURROGATES.sub(lambda pair: pair.group().encode("utf-16", "surrogatepass").decode("utf-16"), plain)


def _unescape(match: re.Match[str]) -> str:
    short, long, letter = match.groups()
    if long and int(long, 16) > 0x10FFFF:
        return str(match.group())
    if short or long:
        return chr(int(short or long, 16))
    return _ESCAPED.get(letter, "\\" + letter)


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_spelling(name))


def _spelling(name: str) -> str:
    return r"\s+".join(re.escape(word) for word in name.split())


def _runs_on(name: str) -> bool:
    """Tell whether a name ends as a word does, and so must not be followed by more of one."""
    return _PART_NEXT.match(name[-1]) is not None


@lru_cache(maxsize=1024)
def _known(names: frozenset[str]) -> re.Pattern[str] | None:
    """Return what finds the names that are no single word, the longest first.

    Built-in names that hold an "and" count only where they are called: "date and time" may be two conditions.
    """
    calls = {name: _spelling(name) + (r"(?=\s*\()" if " and " in name else "") for name in BUILTINS if " " in name}
    given = {name: _spelling(name) for name in names if name.strip() and not WORD.fullmatch(name)}
    spelled = {**calls, **given}
    ordered = sorted(spelled, key=len, reverse=True)
    # The class of letters is large and slow to compile: neighbours share what must not follow them.
    groups = ((word, "|".join(spelled[name] for name in group)) for word, group in groupby(ordered, _runs_on))
    parts = [f"(?:{either})(?![{_PART}])" if word else either for word, either in groups]
    return re.compile("|".join(parts)) if ordered else None
