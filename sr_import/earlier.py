"""What a document repeats of an earlier examination: below a heading of priors, or observed before its study.

It is no value of this examination. An observation counts as earlier from two days before the study on: a night, and the
time zones of two clocks, lie between one day and the next.
"""

from __future__ import annotations

from datetime import date, timedelta

from sr_import.concepts import PRIORS, name_of
from sr_import.measurement import Document, Finding, Measurement

_NO_LONGER = timedelta(days=1)
_DAY = len("2026-01-14")


def why_earlier(document: Document, item: Measurement | Finding) -> str:
    """Return why an item is none of this examination, "" where it may be one."""
    heading = next((concept for concept in item.context if concept in PRIORS), None)
    if heading is not None:
        return f'it tells of an earlier examination ("{name_of(heading)}")'
    observed, studied = _day(item.observed), _day(document.study_date_time)
    if observed is None or studied is None or observed >= studied - _NO_LONGER:
        return ""
    return f"it was observed on {observed}, before the study of {studied}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:_DAY])
    except ValueError:
        return None
