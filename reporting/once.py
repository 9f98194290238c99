"""Requests that may be sent again and are done once: what an idempotency key led to, kept with what was made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256

from reporting.records import By


@dataclass(slots=True)
class Once:
    """A request with an idempotency key; `replayed` is set where it had been done before.

    `operation` is what the request does, `body` what it says; the same key with another of them is refused. Keys
    belong to an actor and are kept for `hours`.
    """

    key: str
    operation: str
    body: str
    hours: int = 24
    replayed: bool = field(default=False, init=False)

    @property
    def digest(self) -> str:
        """What tells one request from another."""
        return sha256(f"{self.operation}\n{self.body}".encode()).hexdigest()

    def oldest(self, by: By) -> str:
        """Return the time before which keys are forgotten."""
        return (By(by.actor, by.at - timedelta(hours=self.hours))).at_text
