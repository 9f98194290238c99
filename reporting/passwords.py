"""Passwords: hashed with Argon2id (RFC 9106), compared in time that says nothing, few at the same time."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mrrt.errors import UsageError

SHORTEST, LONGEST = 12, 256
"""Characters of a password (NIST SP 800-63B section 3.1.1: length counts, rules of composition do not)."""
_AT_ONCE = 2
"""Each takes 64 MiB of memory and a processor, which a crowd that signs in must not take from everybody else."""


class Passwords:
    """Makes and checks the hashes that are stored; a stored one says with which parameters it was made."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(_AT_ONCE)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def warm(self) -> None:
        """Make beforehand what the first unknown name would have to wait for."""
        _ = self._nobody

    def hashed(self, password: str) -> str:
        """Return what to store for a password."""
        with self._turns:
            return self._hasher.hash(_normal(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Tell whether the password is the one of a hash; without a hash it takes as long, and is not."""
        with self._turns:
            try:
                found = self._hasher.verify(kept or self._nobody, _normal(password))
            except (VerificationError, InvalidHashError):
                return False
        return found and kept is not None

    def outdated(self, kept: str) -> bool:
        """Tell whether a hash was made with other parameters than those of today."""
        return self._hasher.check_needs_rehash(kept)


def refuse_weak(password: str, name: str) -> None:
    """Raise UsageError for a password that is too short, too long, or made of the name."""
    length = len(_normal(password))
    if not SHORTEST <= length <= LONGEST:
        raise UsageError(f"a password has {SHORTEST} to {LONGEST} characters")
    rest = _normal(password).casefold().replace(name.casefold(), "")
    if len(rest) < SHORTEST // 2 or len(set(rest)) < 4:
        raise UsageError("the password is too easy to guess: it is little more than the name, or one sign repeated")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
