"""Dates, times and durations as text: ISO 8601 as XML Schema has it, and time zones by name after an @."""

from __future__ import annotations

import re

from mrrt.feel.temporal import (
    DAY,
    NANOS,
    Date,
    DateTime,
    Months,
    Nanos,
    Temporal,
    Time,
    Zone,
    add_nanos,
    make_date,
    midnight,
    zone_info,
)

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:(Z|z)|([+-])(\d\d):(\d\d)(?::(\d\d))?|@([A-Za-z0-9_+\-/]+))?", re.ASCII
)
_MONTHS = re.compile(r"(-)?P(?=\d)(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_NANOS = re.compile(
    r"(-)?P(?=\d|T\d)(?:(\d{1,15})D)?(?:T(?=[\d])(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d+))?S)?)?",
    re.ASCII,
)
_MAX_OFFSET = 18 * 3600


def read_temporal(text: str) -> Temporal | None:
    """Return what an at-literal means (DMN 1.5 grammar rule 64)."""
    for read in (read_date, read_date_time, read_time, read_duration):
        value = read(text)
        if value is not None:
            return value
    return None


def read_date(text: str) -> Date | None:
    """Read 2026-11-22."""
    match = _DATE.fullmatch(text)
    return None if match is None else make_date(*(int(part) for part in match.groups()))


def read_time(text: str) -> Time | None:
    """Read 10:15:30.5, with Z, +01:00 or @Europe/Paris behind it."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = (int(part) for part in match.groups()[:3])
    nano = int((match.group(4) or "0").ljust(9, "0")[:9])
    if (hour, minute, second, nano) == (24, 0, 0, 0):
        hour = 0
    zone, known = _zone(match)
    return Time(hour, minute, second, nano, zone) if known and hour < 24 and minute < 60 and second < 60 else None


def _zone(match: re.Match[str]) -> tuple[Zone, bool]:
    """Return the zone of a time, and whether it is one."""
    utc, sign, hours, minutes, seconds, name = match.groups()[4:]
    if name:
        return name, zone_info(name) is not None
    if utc:
        return 0, True
    if not sign:
        return None, True
    offset = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
    return (-offset if sign == "-" else offset), offset <= _MAX_OFFSET and int(minutes) < 60 and int(seconds or 0) < 60


def read_date_time(text: str) -> DateTime | None:
    """Read a date, T and a time; 24:00:00 is the beginning of the next day."""
    day, mark, clock = text.partition("T")
    date, time = read_date(day), read_time(clock)
    if not mark or date is None or time is None:
        return None
    value = DateTime(date, time)
    return add_nanos(value, DAY * NANOS) if clock.startswith("24") else value


def read_date_or_midnight(text: str) -> DateTime | None:
    """Read a date and time; a date alone is its midnight."""
    date = read_date(text)
    return read_date_time(text) if date is None else midnight(date)


def read_duration(text: str) -> Months | Nanos | None:
    """Read P1Y2M or P1DT2H3M4.5S."""
    match = _MONTHS.fullmatch(text)
    if match:
        sign, years, months = match.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return Months(-total if sign else total)
    match = _NANOS.fullmatch(text)
    if match is None:
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    whole = int(days or 0) * DAY + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    nanos = whole * NANOS + int((fraction or "0").ljust(9, "0")[:9])
    return Nanos(-nanos if sign else nanos)


def temporal_text(value: Temporal) -> str:
    """Return a value as the FEEL function string() does."""
    if isinstance(value, Date):
        return f"{'-' if value.year < 0 else ''}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"
    if isinstance(value, Time):
        return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_fraction(value.nano)}{zone_text(value.zone)}"
    if isinstance(value, DateTime):
        return f"{temporal_text(value.date)}T{temporal_text(value.time)}"
    return _months_text(value.months) if isinstance(value, Months) else _nanos_text(value.nanos)


def _fraction(nano: int) -> str:
    return f".{nano:09d}".rstrip("0") if nano else ""


def zone_text(zone: Zone) -> str:
    """Return a zone as it stands behind a time."""
    if zone is None:
        return ""
    if isinstance(zone, str):
        return f"@{zone}"
    if zone == 0:
        return "Z"
    hours, rest = divmod(abs(zone), 3600)
    seconds = f":{rest % 60:02d}" if rest % 60 else ""
    return f"{'-' if zone < 0 else '+'}{hours:02d}:{rest // 60:02d}{seconds}"


def _months_text(total: int) -> str:
    years, months = divmod(abs(total), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{'-' if total < 0 else ''}P{text or '0M'}"


def _nanos_text(total: int) -> str:
    seconds, nano = divmod(abs(total), NANOS)
    days, rest = divmod(seconds, DAY)
    hours, minutes, second = rest // 3600, rest // 60 % 60, rest % 60
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{second}{_fraction(nano)}S" if second or nano else ""
    text = (f"{days}D" if days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if total < 0 else ''}P{text or 'T0S'}"
