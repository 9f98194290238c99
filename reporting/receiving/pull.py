"""Pull from a PACS: QIDO-RS finds the documents, WADO-RS fetches those that are not here yet (PS3.18)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import requests
from dicomweb_client.api import DICOMwebClient

from mrrt.errors import MrrtError, Unreadable, UsageError
from reporting.errors import Unavailable
from reporting.receiving.inbox import Inbox
from reporting.receiving.multipart import parts
from reporting.receiving.objects import identity
from reporting.receiving.records import Arrival, Entry

_ACCEPT = 'multipart/related; type="application/dicom"; transfer-syntax=*'
_PAGE = 200
_SECONDS = 60
_ATTEMPTS, _WAIT = 3, 100
"""How often a query is tried, and the milliseconds that are doubled between attempts."""
_NO_TLS = (
    "it speaks no TLS, or its certificate is of no authority that is known here; "
    "REQUESTS_CA_BUNDLE names a PEM file with others"
)
_Found = Mapping[str, Any]
"""One match in the DICOM JSON model."""
_STUDY, _SERIES, _INSTANCE = "0020000D", "0020000E", "00080018"


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became of one document of the PACS: fetched as `entry`, here already (`known`), or not fetched and why."""

    sop_instance_uid: str
    entry: Entry | None = None
    known: bool = False
    error: str = ""


class Pacs:
    """A PACS by the address of its DICOMweb service; `token` is sent as bearer token where it is given."""

    def __init__(self, qido: str, wado: str = "", token: str = "") -> None:
        if not qido.startswith(("http://", "https://")):
            raise UsageError(f'"{qido}" is no address of a PACS: it must start with https:// or http://')
        self._wado = (wado or qido).rstrip("/")
        self._session = requests.Session()
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._qido = DICOMwebClient(url=qido.rstrip("/"), session=self._session, timeout=_SECONDS)
        self._qido.set_http_retry_params(max_attempts=_ATTEMPTS, wait_exponential_multiplier=_WAIT)

    def pull(self, inbox: Inbox, since: date, modality: str) -> Iterator[Pulled]:
        """Fetch the documents of studies since a day, one after the other; each is safe and imported when it is named.

        Raises Unreadable where the PACS cannot be asked.
        """
        source = self._wado.partition("://")[2].partition("/")[0].rpartition("@")[2]
        for study, series in self._series(since, modality):
            for uid in self._instances(study, series):
                yield (
                    Pulled(uid, known=True) if inbox.has_document(uid) else self._one(inbox, source, study, series, uid)
                )

    def _one(self, inbox: Inbox, source: str, study: str, series: str, uid: str) -> Pulled:
        try:
            content = self._fetched(f"{self._wado}/studies/{study}/series/{series}/instances/{uid}")
            sop_class, named = identity(content)
            kept = inbox.keep(Arrival(content, named or uid, sop_class, "pull", source))
        except Unavailable:
            raise  # it is not the PACS that is away
        except (requests.RequestException, MrrtError) as error:
            return Pulled(uid, error=f"could not be fetched: {_said(error)}")
        return Pulled(uid, entry=inbox.settle(kept.entry.id))

    def _fetched(self, address: str) -> bytes:
        answer = self._session.get(address, headers={"Accept": _ACCEPT}, timeout=_SECONDS)
        answer.raise_for_status()
        found = parts(answer.content, answer.headers.get("Content-Type", ""))
        if len(found) != 1:
            raise Unreadable(f"the PACS sent {len(found)} objects where one was asked for")
        return found[0]

    def _series(self, since: date, modality: str) -> Iterator[tuple[str, str]]:
        wanted = {"StudyDate": f"{since:%Y%m%d}-", "Modality": modality}

        def ask(start: int) -> Sequence[_Found]:
            return self._qido.search_for_series(limit=_PAGE, offset=start, search_filters=wanted)

        for found in _all(ask, _SERIES):
            yield _text(found, _STUDY), _text(found, _SERIES)

    def _instances(self, study: str, series: str) -> Iterator[str]:
        def ask(start: int) -> Sequence[_Found]:
            return self._qido.search_for_instances(study, series, limit=_PAGE, offset=start)

        for found in _all(ask, _INSTANCE):
            yield _text(found, _INSTANCE)


def _all(ask: Callable[[int], Sequence[_Found]], key: str) -> Iterator[_Found]:
    """Yield what all pages of an answer hold; a page without anything new is the last one."""
    seen: set[str] = set()
    while True:
        try:
            page = ask(len(seen))
        except (requests.RequestException, ValueError) as error:
            raise Unreadable(f"the PACS cannot be asked: {_said(error)}") from error
        new = [found for found in page if _text(found, key) not in seen]
        yield from new
        seen.update(_text(found, key) for found in new)
        if not new or len(page) < _PAGE:
            return


def _text(found: _Found, tag: str) -> str:
    values = found.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _said(error: Exception) -> str:
    """Return an error in one line; that of a status without the page that came with it."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.exceptions.SSLError):
        return _NO_TLS
    if isinstance(error, requests.ConnectionError):
        return "nothing answers at its address"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
