"""From the values of a report to what follows from them: calculated values, relevance, requirements, problems.

`derive` does the whole, or only what depends on the fields that changed; both give the same report. `plan` is what is
known before any report is: who depends on whom. `results` says in what form a calculated value is kept and used.
"""

from __future__ import annotations

from collections.abc import Collection

from mrrt.derive.derivation import Derivation, basis
from mrrt.derive.plan import plan_of
from mrrt.logic import Logic
from mrrt.report import Report
from mrrt.template import Template

__all__ = ["derive"]


def derive(report: Report, template: Template, logic: Logic, changed: Collection[str] | None = None) -> Report:
    """Return the report with everything that follows from its values.

    Calculated values are those of the present inputs alone: what an earlier state of the inputs led to is gone. An
    input that is missing, implausible or in an unknown unit is unknown, and so is what depends on it, unless all
    it could be leads to the same. A value that the reader typed over a calculated one stands, and what depends on
    it follows the reader.

    With `changed`, the keys of all fields whose typed, imported or default value is another one than when the report
    was last derived, only what depends on them is evaluated. The result is that of a whole derivation. A report that
    was derived with another logic, template or language, or never, is derived whole.
    """
    plan = plan_of(template, logic)
    known = changed if plan.incremental and report.basis == basis(plan, report) else None
    return report.model_copy(update=Derivation(report, plan, known).run())
