"""Structured radiology reports: MRRT templates, logic that names its source, reports that say where values come from.

The words of the engine are here. What is done with them lives in modules named for it: `mrrt.parse.parse`,
`mrrt.check.check`, `mrrt.logic.load_logic`, `mrrt.entry.start` and `entered`, `mrrt.derive.derive`,
`mrrt.render.render`.
"""

from mrrt.code import Code
from mrrt.errors import Conflict, MrrtError, NotFound, Outdated, Refused, UnitError, Unreadable, UsageError
from mrrt.problems import Problem, Severity
from mrrt.report import DataAbsentReason, Explanation, Patient, Provenance, Report, ReportStatus, Source, Study, Value
from mrrt.template import Choice, Field, FieldKind, Section, Template

__all__ = [
    "Choice",
    "Code",
    "Conflict",
    "DataAbsentReason",
    "Explanation",
    "Field",
    "FieldKind",
    "MrrtError",
    "NotFound",
    "Outdated",
    "Patient",
    "Problem",
    "Provenance",
    "Refused",
    "Report",
    "ReportStatus",
    "Section",
    "Severity",
    "Source",
    "Study",
    "Template",
    "UnitError",
    "Unreadable",
    "UsageError",
    "Value",
]
