"""What stands on one line: a number with its unit, and with the sign or the range before it.

"50-" at the end of a line and "69 %" on the next one can be misread, and so can a value without its unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

TIE = "\0"
"""Stands for a blank at which no line ends; no text of a report has it."""
_TIED = re.compile(r"(?<=\d) (?=[%°/\[]|[^\W\d_])|(?<=[<>≤≥=±]) (?=\d)")
_RANGE = re.compile(r"\d[-–]\d")


def tied(text: str) -> str:
    """Return the text with ties for the blanks at which no line ends."""
    return _TIED.sub(TIE, text)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, and of each whether no line may end within it."""
    loose = ""
    for part in re.split(r"(\s+)", tied(text)):
        if TIE in part or _RANGE.search(part):
            yield loose, False
            yield part.replace(TIE, " "), True
            loose = ""
        else:
            loose += part
    yield loose, False
