"""The ways in that a process keeps open: DICOM and a watched folder, and the import of what they bring."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mrrt.errors import UsageError
from reporting.config import Settings
from reporting.receiving.dicom import DicomService
from reporting.receiving.folder import Watcher
from reporting.receiving.import_process import ImportProcess
from reporting.receiving.importer import Importer
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import State
from reporting.receiving.stow import Storing
from reporting.store import Store


class ReceptionState(BaseModel):
    """How the ways in are doing: counts of the inbox by state, and what the DICOM service did since it began."""

    model_config = ConfigDict(frozen=True)

    importing: bool
    error: str
    """Kind of the error that import stumbled on last, empty while all is well."""
    inbox: dict[State, int]
    dicom: dict[str, int] | None = None
    """None where this process does not listen for DICOM."""


class Reception:
    """Receives as the settings say, until it is stopped; imports `apart`, in a process of its own, or in a thread."""

    def __init__(
        self,
        site: Settings,
        store: Store,
        clock: Callable[[], datetime],
        folder: Path | None = None,
        *,
        apart: bool = False,
    ) -> None:
        self.inbox = Inbox(store, clock)
        keep_others = site.receive_other == "keep"
        self.storing = Storing(self.inbox, keep_others, site.receive_unreadable == "refuse")
        self._importer = ImportProcess(self.inbox, site.database_url) if apart else Importer(self.inbox)
        self.dicom = None if site.dicom_port is None else DicomService(site, self.inbox)
        self._watcher = None
        if folder is not None:
            if not folder.is_dir():
                raise UsageError(f'"{folder}" is not a folder')
            self._watcher = Watcher(folder, self.inbox, largest=site.max_body_bytes, keep_others=keep_others)

    def start(self) -> None:
        """Begin; what an earlier process received and did not import comes first."""
        for part in (self._importer, self._watcher, self.dicom):
            if part is not None:
                part.start()

    def stop(self) -> None:
        """End: first the ways in, then the import."""
        for part in (self.dicom, self._watcher, self._importer):
            if part is not None:
                part.stop()

    @property
    def importing(self) -> bool:
        """Whether what comes in is imported."""
        return self._importer.alive

    @property
    def state(self) -> ReceptionState:
        """How it is doing."""
        return ReceptionState(
            importing=self.importing,
            error=self._importer.last_error,
            inbox=self.inbox.counts(),
            dicom=None if self.dicom is None else self.dicom.traffic,
        )
