"""The orders in which lists of reports can be had: one table for the search and the worklist.

Each is that of a column which has an index; reports that are equal in it follow by their ids, in the same direction.
A minus before the name turns the order round.
"""

from __future__ import annotations

from enum import StrEnum

_COLUMNS = {
    **{"created": "created_at", "changed": "updated_at", "study_date": "study_date", "patient": "patient_key"},
    **{"template": "template_name", "status": "status"},
}


class Sort(StrEnum):
    """What a search is sorted by: `-` puts the largest, the latest first."""

    CREATED = "created"
    CREATED_LAST = "-created"
    CHANGED = "changed"
    CHANGED_LAST = "-changed"
    STUDY_DATE = "study_date"
    STUDY_DATE_LAST = "-study_date"
    PATIENT = "patient"
    PATIENT_LAST = "-patient"
    TEMPLATE = "template"
    TEMPLATE_LAST = "-template"
    STATUS = "status"
    STATUS_LAST = "-status"

    @property
    def column(self) -> str:
        """The column of the heads of reports that it is the order of."""
        return _COLUMNS[self.value.removeprefix("-")]

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.value.startswith("-")


class WaitingSort(StrEnum):
    """What a list of the worklist is sorted by: all that each of them shows."""

    CHANGED = "changed"
    CHANGED_LAST = "-changed"
    STUDY_DATE = "study_date"
    STUDY_DATE_LAST = "-study_date"
    PATIENT = "patient"
    PATIENT_LAST = "-patient"

    @property
    def of_reports(self) -> Sort:
        """The same order of reports."""
        return Sort(self.value)
