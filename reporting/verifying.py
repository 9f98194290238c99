"""The check of a whole database: the chain of the audit log, and everything stored against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from mrrt.errors import UsageError
from reporting.audit_check import (
    ChainCheck,
    Finding,
    Head,
    Kind,
    missing_marks,
    report_findings,
    stored_findings,
)
from reporting.row_check import IdentityCheck, access_findings
from reporting.store import Store
from reporting.store_erase import ERASE, ERASE_DOCUMENT
from reporting.store_holds import MisfitHold
from reporting.store_transaction import Reading
from reporting.store_verify_inbox import Misfit

MOST = 1000
"""So many findings are listed; all are counted."""
_STEP = 1000
_HASH_DIGITS = 64
Progress = Callable[[int, int], None]


class Verification(BaseModel):
    """What the check found: nothing, or what is wrong, in the order in which it was seen."""

    model_config = ConfigDict(frozen=True)

    intact: bool
    events: int
    """Rows of the audit log."""
    head: Head
    """The end of the chain."""
    reports: int
    versions: int
    stored: int
    """Documents and templates that were compared with their digests."""
    count: int
    """How many findings there are; `findings` lists the first of them."""
    findings: tuple[Finding, ...]


def verify(store: Store, heads: Sequence[str] = (), progress: Progress | None = None) -> Verification:
    """Check a database in one state of it, while others write.

    `heads` are hashes that were once the end of the chain; `progress` is told how much of how much is done, and may
    raise an exception to stop. Raises UsageError for a head that is no hash.
    """
    with store.reading() as transaction:
        return verified(transaction, heads, progress)


def verified(transaction: Reading, heads: Sequence[str] = (), progress: Progress | None = None) -> Verification:
    """Check what a transaction sees."""
    for one in heads:
        _refuse_no_hash(one)
    check, counts = ChainCheck(heads), dict.fromkeys(("reports", "versions", "stored"), 0)
    rows = _counted(transaction.chain(), transaction.last_audit_number(), progress)
    kept: list[Finding] = []
    count = 0
    with transaction.damaged_too():
        for count, finding in enumerate(_all(transaction, check, rows, heads, counts), 1):
            if count <= MOST:
                kept.append(finding)
    found = {"count": count, "findings": tuple(kept), "intact": count == 0}
    return Verification(events=check.rows, head=check.head, **counts, **found)


def current_head(store: Store) -> Head:
    """Return the end of the chain, to be kept elsewhere."""
    with store.reading() as transaction:
        return transaction.head()


def _all(
    transaction: Reading,
    check: ChainCheck,
    rows: Iterable[Mapping[str, Any]],
    heads: Sequence[str],
    counts: dict[str, int],
) -> Iterator[Finding]:
    readable = True
    for table, key, names in transaction.of_another_type():
        readable = False
        said = f'Row {key} of "{table}" holds what mrrt can not have written: {", ".join(names)}.'
        yield Finding(kind=Kind.ALTERED, message=f"{said} Nothing else can be checked until that is mended.")
    if not readable:
        return
    identities = IdentityCheck()
    yield from check.findings(identities.seen(rows))
    yield from missing_marks(check, heads)
    yield from _unguarded(transaction)
    for head, versions in transaction.reports_to_check():
        counts["reports"] += 1
        counts["versions"] += len(versions)
        yield from report_findings(head, versions)
    reports, documents = transaction.erased(ERASE), transaction.erased(ERASE_DOCUMENT)
    for report, version, event in transaction.lost_versions():
        if report in reports:
            continue
        said = f"Version {version} of report {report} is gone; audit event {event} tells of it."
        yield Finding(kind=Kind.REMOVED, report=report, version=version, event=event, message=said)
    for uid, event in transaction.lost_documents():
        if event < documents.get(uid, 0):
            continue
        said = f"Document {uid} is gone; audit event {event} tells of it."
        yield Finding(kind=Kind.REMOVED, document=uid, event=event, message=said)
    for what, name, event in transaction.there_again(reports, documents):
        said = f"{what.capitalize()} {name} was erased by audit event {event}, and is there: it was put in."
        yield Finding(kind=Kind.INSERTED, event=event, message=said, **{what: name})
    for identifier, version, event in transaction.lost_templates():
        said = f"Version {version} of template {identifier} is gone; audit event {event} tells of it."
        yield Finding(kind=Kind.REMOVED, template=identifier, version=version, event=event, message=said)
    for thing in transaction.stored_to_check():
        counts["stored"] += 1
        yield from stored_findings([thing])
    for report, digest in transaction.lost_texts():
        said = f"The template texts {digest[:8]} are gone; report {report} was made from them."
        yield Finding(kind=Kind.REMOVED, report=report, message=said)
    for _, findings in transaction.rows_to_check():
        yield from findings
    yield from _without_parent(transaction)
    yield from _inbox(transaction)
    yield from _holds(transaction)
    credentials = transaction.credentials(access=True)
    hashes = transaction.password_hashes(), transaction.secret_digests()
    yield from identities.findings(transaction.accounts(), credentials, *hashes)
    yield from access_findings(credentials)


def _inbox(transaction: Reading) -> Iterator[Finding]:
    for number, uid, there in transaction.damaged_objects():
        kind, what = (Kind.ALTERED, "is not what came in") if there else (Kind.REMOVED, "has lost what came in")
        yield Finding(kind=kind, document=uid, message=f"{_called(number, uid)} {what}.")
    for one in transaction.misfit_objects():
        kind, said = _misfit(one, "tells that it arrived")
        message = f"{_called(one.number, one.uid)} {said}."
        yield Finding(kind=kind, document=one.uid or None, event=one.event, message=message)


def _holds(transaction: Reading) -> Iterator[Finding]:
    for one in transaction.misfit_holds():
        kind, said = _misfit(one, "tells of it, and none that it was lifted")
        yield Finding(kind=kind, event=one.event, message=f"Hold {one.number} {said}.")


def _misfit(one: Misfit | MisfitHold, told: str) -> tuple[Kind, str]:
    """Return what is wrong with a row that does not fit the log; `told` is what the event of one that is gone says."""
    if one.event is None:
        return Kind.INSERTED, "has no audit event: it was put in, or its event removed"
    if one.other:
        return Kind.DISAGREES, f"is not what audit event {one.event} tells: {', '.join(one.other)}"
    return Kind.REMOVED, f"is gone; audit event {one.event} {told}"


def _called(number: int | None, uid: str) -> str:
    named = "Received object" if number is None else f"Received object {number}"
    return f"{named} ({uid or 'without a SOP Instance UID'})"


def _without_parent(transaction: Reading) -> Iterator[Finding]:
    for table, other, key in transaction.without_parent():
        what = " ".join(str(part) for part in key.values())
        said = f'Rows of "{table}" belong to {other} {what}, which is not there: it was removed, or they were put in.'
        yield Finding(kind=Kind.REMOVED, report=key.get("report_id"), version=key.get("version"), message=said)


def _unguarded(transaction: Reading) -> Iterator[Finding]:
    for table in transaction.missing_guards():
        said = f'The triggers that keep the rows of "{table}" from being changed or removed are gone or switched off.'
        yield Finding(kind=Kind.REMOVED, message=said)


def _counted(rows: Iterable[Mapping[str, Any]], total: int, progress: Progress | None) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows, 1):
        yield row
        if progress is not None and (number % _STEP == 0 or number == total):
            progress(number, total)


def _refuse_no_hash(text: str) -> None:
    if len(text) != _HASH_DIGITS or set(text) - set("0123456789abcdef"):
        raise UsageError("a head is the hash of an audit event: 64 digits of 0-9 and a-f, as --print-head prints it")
