"""Store over the web: the objects of one request, each with its own result (PS3.18 section 10.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from mrrt.errors import MrrtError
from reporting.logs import kind_and_places
from reporting.receiving.inbox import Inbox
from reporting.receiving.objects import identity, is_sr
from reporting.receiving.records import Arrival, State
from reporting.records import By
from sr_import import read

_log = structlog.get_logger("mrrt.receiving")
_NO_RESOURCES, _CLASS_NOT_SUPPORTED, _NOT_UNDERSTOOD, _OTHER_STUDY = 0xA700, 0x0122, 0xC000, 0xA900


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one object; `failure` is a reason of PS3.3 section C.14.1.1, None where it was stored."""

    sop_class_uid: str
    sop_instance_uid: str
    failure: int | None


@dataclass(frozen=True)
class Storing:
    """How objects are stored: `keep_others` keeps what is no SR, `refuse_unreadable` tells senders of what failed."""

    inbox: Inbox
    keep_others: bool
    refuse_unreadable: bool

    def store(self, contents: Sequence[bytes], by: By, study: str = "") -> tuple[Stored, ...]:
        """Keep each of the objects, of one study if that is given; those that are stored are safe."""
        return tuple(self._one(content, by, study) for content in contents)

    def _one(self, content: bytes, by: By, study: str) -> Stored:
        sop_class, uid = identity(content)
        try:
            failure = self._failure(content, sop_class, uid, by, study)
        except Exception as error:  # noqa: BLE001  # one object must not take the others with it
            _log.error("object not kept", **kind_and_places(error))
            failure = _NO_RESOURCES
        return Stored(sop_class, uid, failure)

    def _failure(self, content: bytes, sop_class: str, uid: str, by: By, study: str) -> int | None:
        if sop_class and not is_sr(sop_class) and not self.keep_others:
            return _CLASS_NOT_SUPPORTED
        if study and _study(content) not in (study, None):
            return _OTHER_STUDY
        kept = self.inbox.keep(Arrival(content, uid, sop_class, "stow", by.source, by.source, by.actor))
        if not uid:  # nobody could refer to it, so the sender has to know
            return _NOT_UNDERSTOOD
        if self.refuse_unreadable:
            settled = self.inbox.settle(kept.entry.id)
            return _NOT_UNDERSTOOD if settled.state in (State.FAILED, State.CONFLICT) else None
        return None


def _study(content: bytes) -> str | None:
    """Return the study of an SR; None where it cannot be told."""
    try:
        return read(content).study_instance_uid
    except MrrtError:
        return None


def as_json(results: Sequence[Stored]) -> dict[str, Any]:
    """Return the answer in the DICOM JSON model (PS3.18 table 10.5.3-2 and annex F)."""
    answer = {}
    failed = [_failed(one, one.failure) for one in results if one.failure is not None]
    stored = [_names(one) for one in results if one.failure is None]
    if failed:
        answer["00081198"] = {"vr": "SQ", "Value": failed}
    if stored:
        answer["00081199"] = {"vr": "SQ", "Value": stored}
    return answer


def _failed(one: Stored, reason: int) -> dict[str, Any]:
    return _names(one) | {"00081197": {"vr": "US", "Value": [reason]}}


def _names(one: Stored) -> dict[str, Any]:
    uids = {"00081150": one.sop_class_uid, "00081155": one.sop_instance_uid}
    return {tag: {"vr": "UI"} | ({"Value": [uid]} if uid else {}) for tag, uid in uids.items()}
