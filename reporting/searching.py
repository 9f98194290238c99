"""What people write when they search, as the store compares it; wrong queries say what, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict, Field

from mrrt.feel.values import to_number
from mrrt.report import ReportStatus
from reporting.draft import Printable
from reporting.errors import WrongQuery
from reporting.records import Condition, Filter, as_text
from reporting.site_days import begins

_DAY_OR_TIME = "a day of the site (of UTC where it has no time zone), or a time with its offset from UTC"
_SIGNED = f"when the version that stands for readers outside was signed: {_DAY_OR_TIME}"


class Search(BaseModel):
    """Which reports to find; everything that is named has to hold.

    `value` is FIELD:OPERATOR:VALUE; operators are = and != for numbers, choices and texts, < <= > >= for numbers in the
    unit of the field, and prefix for the beginning of a text. A field without a value meets no condition; while a
    revision is open, the values are those of the signed version. Days are those of the site, by its time zone, and
    belong to the period that they end; times have an offset from UTC.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: tuple[ReportStatus, ...] = Field(default=(), max_length=len(ReportStatus))
    signed_status: tuple[ReportStatus, ...] = Field(
        default=(), max_length=len(ReportStatus), description="status of the version that stands for readers outside"
    )
    template: Printable | None = Field(default=None, description="name or identifier")
    patient: Printable | None = Field(default=None, description="identifier of the patient")
    patient_name: Printable | None = Field(default=None, description="beginning of the name, family name first")
    accession: Printable | None = Field(default=None, description="accession number")
    study: Printable | None = Field(default=None, description="Study Instance UID")
    author: Printable | None = Field(default=None, description="account that made the draft")
    signed_by: Printable | None = Field(default=None, description="name under the signature, or account")
    study_from: Printable | None = Field(default=None, description="a day, as the study has it")
    study_to: Printable | None = Field(default=None, description="a day, as the study has it")
    created_from: Printable | None = Field(default=None, description=_DAY_OR_TIME)
    created_to: Printable | None = Field(default=None, description=_DAY_OR_TIME)
    updated_from: Printable | None = Field(default=None, description=_DAY_OR_TIME)
    updated_to: Printable | None = Field(default=None, description=_DAY_OR_TIME)
    signed_from: Printable | None = Field(default=None, description=_SIGNED)
    signed_to: Printable | None = Field(default=None, description=_SIGNED)
    revision: bool | None = Field(default=None, description="whether a revision is open")
    value: tuple[Printable, ...] = Field(default=(), max_length=10, description="FIELD:OPERATOR:VALUE")

    def filter(self, place: str, before: tuple[str, str] | None = None, zone: tzinfo = UTC) -> Filter:
        """Return what the store looks for; days are those of `zone`.

        Raises WrongQuery, which names the parameter with `place` before it.
        """
        return Filter(
            status=tuple(dict.fromkeys(self.status)),
            signed_status=tuple(dict.fromkeys(self.signed_status)),
            template=self.template,
            patient_id=self.patient,
            patient_name=None if self.patient_name is None else name_key(self.patient_name),
            accession_number=self.accession,
            study_instance_uid=self.study,
            author=self.author,
            signed_by=self.signed_by,
            study_date=days(self.study_from, self.study_to, f"{place}.study"),
            created_at=period(self.created_from, self.created_to, f"{place}.created", zone),
            updated_at=period(self.updated_from, self.updated_to, f"{place}.updated", zone),
            signed_at=period(self.signed_from, self.signed_to, f"{place}.signed", zone),
            revision=self.revision,
            values=conditions(self.value, f"{place}.value"),
            before=before,
        )


_CONDITION = re.compile(r"(?P<field>.+?):(?P<operator>!=|<=|>=|=|<|>|prefix):(?P<text>.*)", re.DOTALL)
_FORM = "Write FIELD:OPERATOR:VALUE, for example right_ica_prox_psv:>=:230 or right_plaque:=:present."
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ORDER = ("<", "<=", ">", ">=")


def name_key(name: str) -> str:
    """Return a patient's name as it is searched for: small letters, blanks between its parts (DICOM has ^ there).

    A letter and its marks are one character, however they were written (NFC): some keyboards and devices part them.
    """
    small = normalize("NFC", normalize("NFC", name).casefold())
    return " ".join(re.split(r"[\s^,]+", small)).strip()


def conditions(written: Sequence[str], place: str) -> tuple[Condition, ...]:
    """Return conditions on values as people write them; raises WrongQuery."""
    return tuple(_condition(text, f"{place}.{number}") for number, text in enumerate(written))


def _condition(written: str, place: str) -> Condition:
    match = _CONDITION.fullmatch(written)
    if match is None:
        raise WrongQuery(place, "this is no condition on a value", _FORM)
    operator: Any = match["operator"]
    number = to_number(match["text"])
    if operator in _ORDER and number is None:
        raise WrongQuery(place, f"{operator} compares numbers", "Write a number such as 230 or 1.8, without a unit.")
    if operator == "prefix" and not match["text"]:
        raise WrongQuery(place, "the beginning of a text is missing", _FORM)
    return Condition(match["field"], operator, match["text"], None if number is None else float(number))


def period(start: str | None, end: str | None, place: str, zone: tzinfo = UTC) -> tuple[str | None, str | None]:
    """Return a period of time as the store compares it: its first moment, and the first one after it.

    Each end is a day of `zone`, which belongs to the period, or a time with its offset from UTC. Raises WrongQuery.
    """
    after = None if end is None else _moment(end, f"{place}_to", zone, end=True)
    return in_order(None if start is None else _moment(start, f"{place}_from", zone), after, f"{place}_to")


def days(start: str | None, end: str | None, place: str) -> tuple[str | None, str | None]:
    """Return a period of days, both of which belong to it, as the store compares days. Raises WrongQuery."""
    after = None if end is None else _day(end, f"{place}_to", end=True)
    return in_order(None if start is None else _day(start, f"{place}_from"), after, f"{place}_to")


def in_order(start: str | None, after: str | None, place: str) -> tuple[str | None, str | None]:
    """Return a period; raises WrongQuery where it ends before it begins: nothing found would look like an answer."""
    if start is not None and after is not None and after < start:
        raise WrongQuery(place, "the period ends before it begins", "Name a later end, or an earlier beginning.")
    return start, after


def _day(text: str, place: str, *, end: bool = False) -> str:
    try:
        if not _DAY.fullmatch(text):
            raise ValueError("another form")
        return (date.fromisoformat(text) + timedelta(days=end)).isoformat()
    except (ValueError, OverflowError) as error:
        raise WrongQuery(place, "this is no day", "Write it as 2026-01-31.") from error


def _moment(text: str, place: str, zone: tzinfo, *, end: bool = False) -> str:
    try:
        if _DAY.fullmatch(text):
            return begins(date.fromisoformat(text) + timedelta(days=end), zone)
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise ValueError("no offset")
        return as_text(at.astimezone(UTC) + timedelta(microseconds=end))
    except (ValueError, OverflowError) as error:
        mend = "Write a day as 2026-01-31, or a time with its offset as 2026-01-31T08:00:00Z."
        raise WrongQuery(place, "this is neither a day nor a time with its offset", mend) from error
