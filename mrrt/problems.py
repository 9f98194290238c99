"""Problems are values: what is wrong with authored content, where, and how to mend it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """How much a Problem matters; an error stops loading or signing, the others do not."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Problem(BaseModel):
    """One thing wrong in a template, a logic file, an SR or a report.

    `rule` is stable and documented in docs/reference/problems.md. `line` and `column` count from 1.
    `path` is the position in an SR tree ("1.5.2.3"), `field` the key of a template field.
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    severity: Severity
    message: str
    mend: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    path: str | None = None

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        about = " ".join(part for part in (self.path, self.field) if part)
        head = " ".join(part for part in (place, f"{self.severity} [{self.rule}]", about) if part)
        message = self.message if self.message.endswith((".", "?", "!")) else f"{self.message}."
        return f"{head}: {message}" + (f" {self.mend}" if self.mend else "")


def has_errors(problems: Iterable[Problem]) -> bool:
    """Tell whether any of the problems is of severity error."""
    return any(problem.severity is Severity.ERROR for problem in problems)
