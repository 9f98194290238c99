"""Exceptions of the application that carry more than a message; the edges translate them with the engine's own.

Conflict (mrrt.errors)
├── NotReady     the report cannot be signed; carries the Problems that forbid it (HTTP 409)
├── BodyChanged  a template has another body than the stored one of its identifier (HTTP 409)
└── Moved        an Outdated that knows the version that is stored now (HTTP 412)
UsageError (mrrt.errors)
├── WrongValues  some edits of a request cannot be made; carries all of them, and none was made (HTTP 422)
├── WrongQuery   a search cannot be understood; says what, where and how to mend it (HTTP 422)
└── KeyReused    an idempotency key was used for another request before (HTTP 422)
MrrtError (mrrt.errors)
├── NotSignedIn   nobody knows who asks: no sign-in, or one that does not hold (HTTP 401)
├── Forbidden     who asks is known, and may not (HTTP 403)
│   └── WrongToken  a request of a browser without the token of its session (HTTP 403)
├── TooMany       too many attempts to sign in; carries the seconds to wait (HTTP 429)
├── Unavailable   the database cannot be used at this moment (exit 3, HTTP 503)
│   └── ProviderBusy  too many wait for the identity provider already
├── Undelivered   an audit record repository did not take what was sent (exit 3)
├── NoRoom        the disk does not take what is to be written (exit 3)
└── OAuthRefusal  a request for an access token that RFC 6749 section 5.2 refuses (HTTP 400 or 401)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mrrt.errors import Conflict, MrrtError, Outdated, UsageError
from mrrt.problems import Problem


class Unavailable(MrrtError):
    """The database is away, locked or full; `reason` is in its own words, for whoever runs it and nobody else."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("The database cannot be used at this moment. Try again later.")


class ProviderBusy(Unavailable):
    """So many requests wait for the identity provider that no more may: each holds a thread that others need."""

    def __init__(self) -> None:
        self.reason = "the identity provider does not answer in time"
        MrrtError.__init__(self, "The identity provider takes long to answer. Try again in a moment.")


class NotReady(Conflict):
    """Problems of severity error stand between the draft and its signature."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(f"The report cannot be signed: {count} {'problem is' if count == 1 else 'problems are'} left.")


@dataclass(frozen=True, slots=True)
class WrongValue:
    """An edit that cannot be made: its place among the edits, its field, what is wrong and how to mend it.

    `label` is empty where the template has no such field.
    """

    place: int
    field: str
    label: str
    message: str
    mend: str

    def __str__(self) -> str:
        return f"{self.message}. {self.mend}"


class WrongValues(UsageError):
    """Fields cannot hold what was entered, or are not there; none of the edits was made.

    `part` names the part of the request that they are in; where it is an object, a field is the place in it.
    """

    def __init__(self, wrong: Iterable[WrongValue], part: str = "edits") -> None:
        self.wrong = tuple(wrong)
        self.part = part
        super().__init__("\n".join(str(one) for one in self.wrong))


class WrongQuery(UsageError):
    """A search cannot be understood: `place` is the parameter, `wrong` what is the matter, `mend` what it takes."""

    def __init__(self, place: str, wrong: str, mend: str) -> None:
        self.place = place
        self.wrong = wrong
        self.mend = mend
        super().__init__(f"{place}: {wrong}. {mend}")


class KeyReused(UsageError):
    """An idempotency key stands for one request; it came with another one."""

    def __init__(self) -> None:
        super().__init__("The Idempotency-Key was used for another request before. Take a new key for each request.")


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


class NotSignedIn(MrrtError):
    """Nobody knows who asks."""


class Forbidden(MrrtError):
    """Who asks has no role that permits it."""


class WrongToken(Forbidden):
    """A browser sent a request that changes something without the token that only our own page knows."""


class TooMany(MrrtError):
    """So many attempts to sign in failed that the next one has to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = max(1, seconds)
        super().__init__("Too many attempts to sign in. Wait, then try again.")


class Undelivered(MrrtError):
    """An audit record repository did not take what was sent; nothing is lost, it is sent again."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} did not take the audit events: {reason}.")


class NoRoom(MrrtError):
    """The disk is full, read-only or broken: what is to be written cannot be."""


class OAuthRefusal(MrrtError):
    """A request for an access token is refused; `code` is the error of RFC 6749 section 5.2."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
