"""Days as the site has them: each begins by the clock there, and has 23 or 25 hours where that is changed."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo

from reporting.records import as_text


def begins(day: date, zone: tzinfo) -> str:
    """Return when a day begins, as times are stored; raises OverflowError at the ends of the calendar.

    Where clocks show midnight twice it is the first one, and where they skip it the moment of the change.
    """
    return as_text(datetime.combine(day, time(), zone))
