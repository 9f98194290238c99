"""Dates, times and durations (DMN 1.5 sections 10.3.2.3.4 to 10.3.2.3.9).

Python's own types end at the year 9999 and at microseconds; FEEL has years of nine digits, negative ones too, and
keeps the name of a time zone. Months are no fixed number of days, so there are two kinds of duration.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

MAX_YEAR = 999_999_999
NANOS = 1_000_000_000
DAY = 86_400
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_EPOCH = datetime.date(2000, 1, 1).toordinal()

Zone = int | str | None
"""Seconds east of Greenwich, the name of a time zone, or none (local time)."""


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A day of the proleptic Gregorian calendar."""

    year: int
    month: int
    day: int

    def number(self) -> int:
        """Return the days since 2000-01-01."""
        cycles, year = divmod(self.year - 2000, _CYCLE_YEARS)
        return cycles * _CYCLE_DAYS + datetime.date(2000 + year, self.month, self.day).toordinal() - _EPOCH

    def python(self) -> datetime.date:
        """Return a day of the same place in the calendar's cycle of 400 years."""
        return datetime.date(2000 + (self.year - 2000) % _CYCLE_YEARS, self.month, self.day)


@dataclass(frozen=True, slots=True)
class Time:
    """A time of day, local or in a zone."""

    hour: int
    minute: int
    second: int
    nano: int = 0
    zone: Zone = None

    def nanos(self) -> int:
        """Return the nanoseconds since midnight, as the clock on the wall shows them."""
        return (self.hour * 3600 + self.minute * 60 + self.second) * NANOS + self.nano


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and a time of day."""

    date: Date
    time: Time


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True, order=True)
class Nanos:
    """A days and time duration."""

    nanos: int


Temporal = Date | Time | DateTime | Months | Nanos
KINDS = (Date, Time, DateTime, Months, Nanos)


def make_date(year: int, month: int, day: int) -> Date | None:
    """Return the date, or nothing if there is no such day."""
    if abs(year) > MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        return None
    return Date(year, month, day)


def days_in(year: int, month: int) -> int:
    """Return the length of a month in days."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def date_of(number: int) -> Date | None:
    """Return the date that is so many days after 2000-01-01."""
    cycles, rest = divmod(number, _CYCLE_DAYS)
    day = datetime.date.fromordinal(_EPOCH + rest)
    return make_date(day.year + cycles * _CYCLE_YEARS, day.month, day.day)


def time_of(nanos: int, zone: Zone) -> Time:
    """Return the time of day so many nanoseconds after midnight, going round the clock."""
    seconds, nano = divmod(nanos % (DAY * NANOS), NANOS)
    return Time(seconds // 3600, seconds // 60 % 60, seconds % 60, nano, zone)


def from_python(moment: datetime.datetime) -> DateTime:
    """Return the FEEL value of a Python date and time."""
    offset = moment.utcoffset()
    zone: Zone = None if offset is None else int(offset.total_seconds())
    if isinstance(moment.tzinfo, ZoneInfo) and moment.tzinfo.key:
        zone = moment.tzinfo.key
    time = Time(moment.hour, moment.minute, moment.second, moment.microsecond * 1000, zone)
    return DateTime(Date(moment.year, moment.month, moment.day), time)


@lru_cache(maxsize=1024)
def zone_info(name: str) -> ZoneInfo | None:
    """Return a time zone of the IANA database."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def offset(date: Date | None, time: Time) -> int | None:
    """Return the seconds east of Greenwich. A time without a date takes what its zone kept on 2000-01-01."""
    if not isinstance(time.zone, str):
        return time.zone
    zone = zone_info(time.zone)
    if zone is None:
        return None
    day = datetime.date(2000, 1, 1) if date is None else _near(date)
    clock = datetime.time(time.hour, time.minute, time.second, tzinfo=zone)
    found = datetime.datetime.combine(day, clock).utcoffset()
    return None if found is None else int(found.total_seconds())


def offset_at(moment: DateTime, name: str) -> int:
    """Return what a zone keeps at a moment in UTC; unlike that of a wall clock this is never in doubt."""
    zone = zone_info(name)
    clock = datetime.time(moment.time.hour, moment.time.minute, moment.time.second, tzinfo=datetime.UTC)
    local = datetime.datetime.combine(_near(moment.date), clock).astimezone(zone)
    return int((local.utcoffset() or datetime.timedelta()).total_seconds())


def _near(date: Date) -> datetime.date:
    """Return the date itself, or where Python has no such year one that falls alike."""
    if date.year < 2:
        return datetime.date(2, date.month, min(date.day, 28))
    return datetime.date(date.year, date.month, date.day) if date.year < 9999 else date.python()


def instant(value: Date | Time | DateTime) -> int | None:
    """Return nanoseconds that order values of one kind: in UTC if they have a zone, of the wall clock if not."""
    if isinstance(value, Date):
        return value.number() * DAY * NANOS
    date, time = (value.date, value.time) if isinstance(value, DateTime) else (None, value)
    wall = (date.number() if date else 0) * DAY * NANOS + time.nanos()
    return wall - (offset(date, time) or 0) * NANOS


def is_local(value: Time | DateTime) -> bool:
    """Tell whether a value has no zone."""
    return (value.time if isinstance(value, DateTime) else value).zone is None


def add_months(value: Date, months: int) -> Date | None:
    """Return the date so many months later; the day is cut to the length of the month."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    return make_date(year, month + 1, min(value.day, days_in(year, month + 1)))


def add_nanos(value: DateTime, nanos: int) -> DateTime | None:
    """Return the date and time so much later by the clock on the wall."""
    days, rest = divmod(value.time.nanos() + nanos, DAY * NANOS)
    date = date_of(value.date.number() + days)
    return None if date is None else DateTime(date, time_of(rest, value.time.zone))


def midnight(date: Date, zone: Zone = None) -> DateTime:
    """Return the beginning of a day."""
    return DateTime(date, Time(0, 0, 0, 0, zone))


def months_between(start: Date, end: Date) -> int:
    """Return the whole months from one date to another (the function years and months duration)."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    return months + 1 if months < 0 and end.day > start.day else months


def same_fields(left: Temporal, right: Temporal) -> bool:
    """Tell whether two values agree in every part, the zone included (the function is())."""
    return type(left) is type(right) and left == right
