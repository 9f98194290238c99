"""The exceptions of the engine: few, and each is translated once per edge (command line, HTTP).

MrrtError
├── Unreadable    the input is not what it claims to be (exit 3, HTTP 422)
├── Refused       authored content has errors; carries every Problem found (exit 1, HTTP 422)
├── UsageError    the caller asked for something that makes no sense (exit 2, HTTP 400)
│   ├── NotFound  what was named does not exist (exit 2, HTTP 404)
│   └── NotHeld   a field cannot hold what was entered (exit 2, HTTP 422)
├── Conflict      somebody else was first, or the state forbids it (exit 1, HTTP 409)
│   └── Outdated  the caller's copy is older than the stored one (exit 1, HTTP 412)
└── UnitError     a unit is no UCUM code, or two units measure different things
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mrrt.problems import Problem


class MrrtError(Exception):
    """The base of everything the engine raises on purpose; its text is fit to show to a user."""


class Unreadable(MrrtError):
    """The bytes given are not the kind of document that was asked for."""


class Refused(MrrtError):
    """A template, binding or logic file has errors; all of them are in `problems`."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(MrrtError):
    """The request itself makes no sense: an unknown field, a value of the wrong kind."""


class NotFound(UsageError):
    """The template, report or file that was named does not exist."""


class NotHeld(UsageError):
    """A field cannot hold what was entered: `wrong` says why, `mend` what it takes.

    `kind` and `said` name the texts and what fills them, where there are texts in other languages (mrrt.entry_texts).
    """

    def __init__(self, wrong: str, mend: str, *, kind: str = "", said: Mapping[str, str] | None = None) -> None:
        self.wrong = wrong
        self.mend = mend
        self.kind = kind
        self.said = said or {}
        super().__init__(f"{wrong}. {mend}")


class Conflict(MrrtError):
    """The state of the report forbids what was asked, for example an edit after signing."""


class Outdated(Conflict):
    """The caller edits a version that is no longer the latest one."""


class UnitError(MrrtError):
    """A unit is not a UCUM code, or two units have different dimensions."""
