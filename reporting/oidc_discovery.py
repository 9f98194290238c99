"""What an identity provider says about itself, and its keys (OpenID Connect Discovery 1.0), asked for now and then.

A provider that is away, hangs or changes its keys must not hold up those who do not need it.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import Key, KeySet

from reporting.errors import NotSignedIn, ProviderBusy

_PATIENCE = 10.0
_FRESH = timedelta(hours=1)
_RETRY = timedelta(seconds=10)
"""So long neither an unknown key nor a provider that fails makes us ask again."""
_WAITING = 8
"""So many requests may wait for the provider at the same time; a worker has forty threads for everybody."""
_LARGEST = 1_000_000


class Discovery:
    """What the provider said, with the times of asking."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.found: dict[str, Any] | None = None
        self.found_at: datetime | None = None
        self.keys: KeySet | None = None
        self.keys_at: datetime | None = None
        self.tried_at: datetime | None = None
        """When the keys were asked for."""
        self.failed_at: datetime | None = None
        """When the provider said nothing of use about itself."""
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(_WAITING)

    def metadata(self, at: datetime) -> dict[str, Any]:
        """Return what the provider says about itself (OpenID Connect Discovery 1.0); raises NotSignedIn, ProviderBusy.

        What it said an hour ago holds as long as it says nothing new; whether it does is not asked all the time.
        """
        if self.found is not None and self.found_at is not None and at - self.found_at <= _FRESH:
            return self.found
        if not self._failed_lately(at):
            with self._turn(), self._lock:
                self._load_metadata(at)
        if self.found is None:
            raise NotSignedIn("provider: it did not answer a moment ago")
        return self.found

    def key(self, kid: Any, at: datetime) -> Key:
        """Return a key of the provider; one that is not known makes us ask for the keys again, now and then."""
        if self.keys_at is None or at - self.keys_at > _FRESH:
            self._load_keys(at)
        try:
            return _named(self.keys, kid)
        except InvalidKeyIdError:
            self._load_keys(at)
            return _named(self.keys, kid)

    def post(self, address: str, form: Mapping[str, str], auth: httpx.Auth | None) -> dict[str, Any]:
        """Return what the provider answers to a form; raises NotSignedIn or ProviderBusy."""
        with self._turn():
            return _fetched("POST", address, data=form, auth=auth)

    def _load_keys(self, at: datetime) -> None:
        """Ask for the keys, unless that was tried a moment ago; raises NotSignedIn or ProviderBusy."""
        if self._keys_were_asked_for(at):
            return
        address = str(self.metadata(at)["jwks_uri"])
        with self._turn(), self._lock:
            if self.tried_at is not None and at - self.tried_at < _RETRY:
                return
            self.tried_at, began = at, time.monotonic()
            try:
                found = _fetched("GET", address)
            finally:
                self.tried_at = _later(at, began)
            self.keys, self.keys_at = KeySet.import_key_set({"keys": list(found.get("keys") or ())}), at

    def _keys_were_asked_for(self, at: datetime) -> bool:
        """Tell whether the keys were asked for a moment ago; whoever asks first of all is waited for."""
        is_first = self.keys is None and self._lock.locked()
        return not is_first and self.tried_at is not None and at - self.tried_at < _RETRY

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the provider, if not too many do; raises ProviderBusy."""
        if not self._turns.acquire(blocking=False):
            raise ProviderBusy
        try:
            yield
        finally:
            self._turns.release()

    def _failed_lately(self, at: datetime) -> bool:
        failed = self.failed_at
        return failed is not None and at - failed < _RETRY

    def _load_metadata(self, at: datetime) -> None:
        """Ask what the provider says about itself, unless somebody did while we waited for the turn."""
        if self._failed_lately(at) or (self.found_at is not None and at - self.found_at <= _FRESH):
            return
        began = time.monotonic()
        try:
            self.found, self.found_at = self._described(), at
        except NotSignedIn:
            self.failed_at = _later(at, began)
            if self.found is None:
                raise

    def _described(self) -> dict[str, Any]:
        found = _fetched("GET", f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:  # section 4.3
            raise NotSignedIn("provider: it calls itself by another name")
        missing = {"authorization_endpoint", "token_endpoint", "jwks_uri"} - set(found)
        if missing:
            raise NotSignedIn(f"provider: it does not say {', '.join(sorted(missing))}")
        return found


def _later(at: datetime, began: float) -> datetime:
    """Return what time it is after a wait that began at a time: who hangs has to be left alone from the end of it."""
    return at + timedelta(seconds=time.monotonic() - began)


def _named(keys: KeySet | None, kid: Any) -> Key:
    if keys is None or not (kid is None or isinstance(kid, str)):
        raise InvalidKeyIdError("no key")
    return keys.get_by_kid(kid)


def _kind(error: BaseException) -> str:
    """Return the name of an error; where TLS is the matter that of its own, and not that of a lost connection."""
    below: BaseException | None = error
    while below is not None and not isinstance(below, ssl.SSLError):
        below = below.__cause__ or below.__context__
    return type(below or error).__name__


def _fetched(method: str, address: str, **more: Any) -> dict[str, Any]:
    """Return the JSON object at an address; raises NotSignedIn, which repeats nothing of what the provider says."""
    try:
        answer = httpx.request(method, address, timeout=_PATIENCE, headers={"Accept": "application/json"}, **more)
        answer.raise_for_status()
        found = answer.json() if len(answer.content) <= _LARGEST else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise NotSignedIn(f"provider: {_kind(error)}") from error
    if not isinstance(found, dict):
        raise NotSignedIn("provider: it does not answer with an object")
    return found
