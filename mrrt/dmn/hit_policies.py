"""Which of the rules that apply count, and how their outputs become one value (DMN 1.5 section 8.2.8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mrrt.errors import MrrtError
from mrrt.feel.builtins import BUILTINS, call_builtin
from mrrt.feel.values import equal

Row = tuple[Any, ...]
"""The outputs of one rule."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The output columns: their names, and their values in order of priority."""

    names: tuple[str | None, ...]
    values: tuple[tuple[Any, ...], ...]

    def whole(self, row: Row) -> Any:
        """Return the one output, or a context of several."""
        return row[0] if len(row) == 1 else dict(zip(self.names, row, strict=True))

    def rank(self, row: Row) -> tuple[int, ...]:
        """Return what orders rows by priority; a value that is not listed comes last."""
        return tuple(_place(value, values) for value, values in zip(row, self.values, strict=True))


def _place(value: Any, values: tuple[Any, ...]) -> int:
    return next((place for place, known in enumerate(values) if equal(value, known) is True), len(values))


Decide = Callable[[list[Row], Outputs], Any]


def _unique(rows: list[Row], outputs: Outputs) -> Any:
    if len(rows) > 1:
        raise MrrtError("several rules of a table with the hit policy UNIQUE apply")
    return outputs.whole(rows[0])


def _any(rows: list[Row], outputs: Outputs) -> Any:
    found = [outputs.whole(row) for row in rows]
    if any(equal(value, found[0]) is not True for value in found):
        raise MrrtError("rules of a table with the hit policy ANY apply and say different things")
    return found[0]


def _first(rows: list[Row], outputs: Outputs) -> Any:
    return outputs.whole(rows[0])


def _priority(rows: list[Row], outputs: Outputs) -> Any:
    return outputs.whole(min(rows, key=outputs.rank))


def _all_rows(rows: list[Row], outputs: Outputs) -> Any:
    return tuple(outputs.whole(row) for row in rows)


def _by_priority(rows: list[Row], outputs: Outputs) -> Any:
    return _all_rows(sorted(rows, key=outputs.rank), outputs)


def _aggregated(function: str) -> Decide:
    def decide(rows: list[Row], outputs: Outputs) -> Any:
        return call_builtin(BUILTINS[function], (_all_rows(rows, outputs),), ())

    return decide


def _count(rows: list[Row], outputs: Outputs) -> Any:
    return Decimal(len(rows))


DECIDE: dict[str, Decide] = {
    "UNIQUE": _unique,
    "ANY": _any,
    "FIRST": _first,
    "PRIORITY": _priority,
    "RULE ORDER": _all_rows,
    "OUTPUT ORDER": _by_priority,
    "COLLECT": _all_rows,
    "COLLECT SUM": _aggregated("sum"),
    "COLLECT MIN": _aggregated("min"),
    "COLLECT MAX": _aggregated("max"),
    "COLLECT COUNT": _count,
}
