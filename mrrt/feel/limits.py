"""What one evaluation may cost, and what it knows of the world: its clock.

Text bounds the work of an expression, except for loops, lists and functions that call themselves: those pay steps.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from mrrt.errors import MrrtError

MAX_STEPS = 1_000_000
MAX_ITERATIONS = 100_000
MAX_LIST = 200_000
MAX_STRING = 1_000_000
MAX_CALLS = 100
EVALUATION = " evaluation"
"""The variable that carries the evaluation; no FEEL text can spell it."""
TRACE = " trace"
"""The variable under which functions of the model note what they decided; no FEEL text can spell it either."""


class LimitExceeded(MrrtError):
    """An evaluation did more work than is allowed."""


class Evaluation:
    """The budget and the clock of one evaluation."""

    __slots__ = ("calls", "now", "steps")

    def __init__(self, now: datetime.datetime | None = None, steps: int = MAX_STEPS) -> None:
        self.now = now
        self.steps = steps
        self.calls = 0

    def spend(self, steps: int) -> None:
        """Pay for work; raises LimitExceeded."""
        self.steps -= steps
        if self.steps < 0:
            raise LimitExceeded("the evaluation takes too many steps")

    def enter(self) -> None:
        """Begin a call of a function; raises LimitExceeded where calls nest too deeply."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise LimitExceeded(f"functions call each other more than {MAX_CALLS} deep")
        self.spend(1)

    def leave(self) -> None:
        """End a call."""
        self.calls -= 1


def evaluation(variables: Mapping[str, Any]) -> Evaluation:
    """Return the evaluation that the variables belong to, or a new one."""
    found = variables.get(EVALUATION)
    return found if isinstance(found, Evaluation) else Evaluation()


def spend(variables: Mapping[str, Any], steps: int) -> None:
    """Pay for work in the evaluation that the variables belong to; raises LimitExceeded."""
    found = variables.get(EVALUATION)
    if found is not None or steps > MAX_STEPS:
        evaluation(variables).spend(steps)


def measured(value: Any) -> Any:
    """Return the value; raises LimitExceeded if it is too long."""
    if isinstance(value, str):
        if len(value) > MAX_STRING:
            raise LimitExceeded(f"a text is longer than {MAX_STRING} characters")
    elif isinstance(value, tuple) and len(value) > MAX_LIST:
        raise LimitExceeded(f"a list is longer than {MAX_LIST} items")
    return value
