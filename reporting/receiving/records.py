"""What the inbox takes in and hands out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from reporting.receiving.objects import data_set

Via = Literal["c-store", "stow", "folder", "pull"]


class State(StrEnum):
    """What became of a received object."""

    RECEIVED = "received"
    """Safe, and not imported yet."""
    IMPORTED = "imported"
    """A document of the store."""
    KEPT = "kept"
    """No SR: kept as it came, as the site wants it."""
    FAILED = "failed"
    """Kept, but no document can be made of it; `reason` says why."""
    CONFLICT = "conflict"
    """Kept beside an earlier object of the same SOP Instance UID that has other bytes."""


@dataclass(frozen=True)
class Arrival:
    """An object on its way in: a DICOM file, the UIDs it came under (empty where it names none), and whence."""

    content: bytes
    sop_instance_uid: str
    sop_class_uid: str
    via: Via
    source: str
    address: str = ""
    """The network address that it came from, where it came over the network."""
    account: str = ""
    """The account or software that delivered it, where those sign in."""

    @property
    def digest(self) -> str:
        """SHA-256 of the data set; the file header is written anew by each sender, so it does not count."""
        return received_digest(self.content)


def received_digest(content: bytes) -> str:
    """Return what tells a received object from others."""
    return hashlib.sha256(data_set(content)).hexdigest()


def sender(via: str, source: str) -> str:
    """Return who delivers by a way in, as the audit log calls it; the name of a file may hold anything."""
    return via if via == "folder" else f"{via} {source}".strip()


class Entry(BaseModel):
    """A received object as it is listed; `source` is the AE title, address or file that it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int
    sop_instance_uid: str
    sop_class_uid: str
    size: int
    state: State
    reason: str
    via: Via
    source: str
    received_at: str
    settled_at: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A received object that is safe now; `new` is False where the same object was here before."""

    entry: Entry
    new: bool


@dataclass(frozen=True, slots=True)
class CommitmentRequest:
    """A device asked which objects are safe, was told that it will be answered, and waits for the report."""

    transaction_uid: str
    title: str
    address: str
    objects: tuple[tuple[str, str], ...]
    """SOP Class and SOP Instance UID of each."""
    asked_at: str
    due_at: str
    """When to try (again)."""
    attempts: int = 0
    id: int = 0
