"""Dates and times of DICOM (PS3.5 section 6.2: DA, TM, DT) as ISO 8601, and as moments that can be compared."""

from __future__ import annotations

import re
from datetime import datetime

_DT = re.compile(r"([0-9]{4})([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2})?([0-9]{2}(?:\.[0-9]{1,6})?)?([+-][0-9]{4})?")
_TM = re.compile(r"([0-9]{2})([0-9]{2})?([0-9]{2}(?:\.[0-9]{1,6})?)?")
_OFFSET = re.compile(r"[+-][0-9]{4}")


def iso_date(text: str) -> str:
    """Return a date as ISO 8601; what is no date is returned as it came."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text


def iso_time(text: str) -> str:
    """Return a time as ISO 8601; what is no time is returned as it came."""
    found = _TM.fullmatch(text)
    return ":".join(part for part in found.groups() if part) if found else text


def iso_date_time(text: str) -> str:
    """Return a DT as ISO 8601, as precise as it is; what is none is returned as it came."""
    found = _DT.fullmatch(text)
    if found is None:
        return text
    *parts, offset = found.groups()
    date, time = ("-".join(filter(None, parts[:3])), ":".join(filter(None, parts[3:])))
    zone = f"{offset[:3]}:{offset[3:]}" if offset else ""
    return f"{date}T{time}{zone}" if time else date


def joined(date: str, time: str) -> str | None:
    """Return a DA and a TM as one ISO 8601 text; None without a date."""
    if not date:
        return None
    return f"{iso_date(date)}T{iso_time(time)}" if _TM.fullmatch(time) else iso_date(date)


def moment(text: str | None, offset: str | None = None) -> datetime | None:
    """Return an ISO 8601 text as a moment; `offset` ("+0100") counts where the text has none.

    Moments with and without an offset do not compare; None is what is not precise to the minute.
    """
    try:
        found = datetime.fromisoformat(text or "")
        zone = datetime.strptime(offset, "%z").tzinfo if offset and _OFFSET.fullmatch(offset) else None
    except ValueError:
        return None
    if "T" not in (text or "") or len(text or "") < len("2026-01-14T10:15"):
        return None
    return found if found.tzinfo else found.replace(tzinfo=zone)
