"""Exceptions of the application that carry more than a message; the edges translate them with the engine's own.

Conflict (mrrt.errors)
├── NotReady     the report cannot be signed; carries the Problems that forbid it (HTTP 409)
├── BodyChanged  a template has another body than the stored one of its identifier (HTTP 409)
└── Moved        an Outdated that knows the version that is stored now (HTTP 412)
"""

from __future__ import annotations

from collections.abc import Iterable

from mrrt.errors import Conflict, Outdated
from mrrt.problems import Problem


class NotReady(Conflict):
    """Problems of severity error stand between the draft and its signature."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"The report cannot be signed: {count} {'problem is' if count == 1 else 'problems are'} left.")


class BodyChanged(Conflict):
    """A page has another body than the stored one of the same identifier, and was not sent as a new version."""

    def __init__(self, identifier: str) -> None:
        super().__init__(
            f'The body of "{identifier}" differs from the stored one. Give a changed template its own identifier, '
            "or say that this is a new version. A change of the head alone is taken as it is."
        )


class Moved(Outdated):
    """Somebody else changed the report, or the template, after the caller read it."""

    def __init__(self, given: int, version: int, what: str = "report") -> None:
        self.version = version
        super().__init__(f"The {what} is at version {version} now, not at {given}; read it again.")
