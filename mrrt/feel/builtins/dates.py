"""Dates, times and durations made and taken apart (DMN 1.5 sections 10.3.4.1, 10.3.4.7 and 10.3.4.8)."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from mrrt.feel.builtins.registry import Mismatch, builtin, number, single, text, whole
from mrrt.feel.temporal import (
    NANOS,
    Date,
    DateTime,
    Months,
    Nanos,
    Time,
    Zone,
    from_python,
    make_date,
    midnight,
    months_between,
    zone_info,
)
from mrrt.feel.temporal_text import read_date, read_date_or_midnight, read_duration, read_time

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MAX_OFFSET = 18 * 3600


def _day(value: Any) -> Date:
    value = single(value)
    if isinstance(value, DateTime):
        return value.date
    if isinstance(value, Date):
        return value
    raise Mismatch


@builtin("date", "from")
def _date(source: Any) -> Date | None:
    source = single(source)
    return read_date(source) if isinstance(source, str) else _day(source)


@builtin("date", "year", "month", "day")
def _date_of(year: Any, month: Any, day: Any) -> Date | None:
    return make_date(whole(year), whole(month), whole(day))


@builtin("time", "from")
def _time(source: Any) -> Time | None:
    source = single(source)
    if isinstance(source, DateTime):
        return source.time
    if isinstance(source, Date):
        return Time(0, 0, 0, 0, 0)
    return source if isinstance(source, Time) else read_time(text(source))


@builtin("time", "hour", "minute", "second", "offset", optional=1)
def _time_of(hour: Any, minute: Any, second: Any, offset: Any = None) -> Time:
    seconds = number(second)
    parts = (whole(hour), whole(minute), int(seconds))
    if not (0 <= parts[0] < 24 and 0 <= parts[1] < 60 and 0 <= seconds < 60):
        raise Mismatch
    return Time(*parts, int((seconds - int(seconds)) * NANOS), _offset(offset))


def _offset(value: Any) -> Zone:
    """Return the zone that a days and time duration, or the name of a zone, says."""
    value = single(value)
    if isinstance(value, Nanos) and abs(value.nanos) <= _MAX_OFFSET * NANOS:
        return value.nanos // NANOS
    if value is None or (isinstance(value, str) and zone_info(value)):
        return value
    raise Mismatch


@builtin("date and time", "from")
def _date_time(source: Any) -> DateTime | None:
    source = single(source)
    if isinstance(source, DateTime):
        return source
    return midnight(source, 0) if isinstance(source, Date) else read_date_or_midnight(text(source))


@builtin("date and time", "date", "time")
def _date_time_of(date: Any, time: Any) -> DateTime:
    clock = single(time)
    if not isinstance(clock, Time):
        raise Mismatch
    return DateTime(_day(date), clock)


@builtin("date and time", "year", "month", "day", "hour", "minute", "second", "offset", optional=1)
@builtin("date and time", "year", "month", "day", "hour", "minute", "second", "timezone", optional=1)
def _date_time_parts(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, zone: Any = None) -> Any:
    date = _date_of(year, month, day)
    return None if date is None else DateTime(date, _time_of(hour, minute, second, zone))


@builtin("duration", "from")
def _duration(source: Any) -> Months | Nanos | None:
    source = single(source)
    return source if isinstance(source, Months | Nanos) else read_duration(text(source))


@builtin("years and months duration", "from", "to")
def _between(start: Any, end: Any) -> Months:
    return Months(months_between(_day(start), _day(end)))


@builtin("day of year", "date")
def _day_of_year(date: Any) -> Decimal:
    return Decimal(_day(date).python().timetuple().tm_yday)


@builtin("day of week", "date")
def _day_of_week(date: Any) -> str:
    return _DAYS[_day(date).python().weekday()]


@builtin("month of year", "date")
def _month_of_year(date: Any) -> str:
    return _MONTHS[_day(date).month - 1]


@builtin("week of year", "date")
def _week_of_year(date: Any) -> Decimal:
    return Decimal(_day(date).python().isocalendar().week)


def _no_clock() -> None:
    """Give null: only an evaluation has a clock, see CLOCK."""


builtin("now")(_no_clock)
builtin("today")(_no_clock)

CLOCK: dict[str, Callable[[datetime.datetime], Any]] = {
    "now": from_python,
    "today": lambda moment: from_python(moment).date,
}
"""What now() and today() make of the clock of the evaluation (DMN 1.5 section 10.3.4.12)."""
