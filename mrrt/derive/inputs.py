"""How the value of a field enters the logic.

A number is a plain number in the unit that its input declares, a date or time is one of FEEL, all else is as it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import gt, lt
from typing import Any

from mrrt.errors import UnitError
from mrrt.feel.temporal_text import read_date, read_time
from mrrt.feel.values import number_text, to_number
from mrrt.logic import Input
from mrrt.problems import Problem, Severity
from mrrt.report import DataAbsentReason, Value
from mrrt.template import Field, FieldKind
from mrrt.units import convert


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value that stands is not used: the problem, and the data absent reason that the logic sees."""

    problem: Problem
    reason: DataAbsentReason


_MOMENTS: Mapping[FieldKind, tuple[str, Callable[[str], Any]]] = {
    FieldKind.DATE: ("date", read_date),
    FieldKind.TIME: ("time", lambda text: read_time(text) or read_time(f"{text}:00")),  # entered without seconds
}


class Reader:
    """Reads the values of one field; `place` is that of the field in its template."""

    __slots__ = ("_blank", "_field", "_given", "_is_number", "_limits", "_moment", "_plausible", "may_refuse", "place")

    def __init__(self, place: int, field: Field, given: Input) -> None:
        self.place = place
        self._moment = _MOMENTS.get(field.kind)
        self._is_number = field.kind is FieldKind.NUMBER
        self.may_refuse = self._is_number or self._moment is not None
        self._field = field
        self._given = given
        self._plausible = given.plausible
        # what the logic calls plausible is more than what a control of the page is limited to
        self._limits = () if given.plausible is not None else tuple(_limits(field))
        blank: dict[str, bool] = {}
        for choice in field.choices:
            blank.setdefault(choice.value, choice.blank)
        self._blank = frozenset(value for value, is_blank in blank.items() if is_blank)

    def read(self, value: Value) -> tuple[Any, Refusal | None]:
        """Return the FEEL value, None where it is unknown, and why if the value that stands is not used."""
        given = value.value
        if given is None:
            return None, None
        if self._is_number:
            return self._number(str(given), value.unit)
        if self._moment is not None and given not in self._blank:
            return self._read_moment(str(given), *self._moment)
        return (None if isinstance(given, str) and given in self._blank else given), None

    def _read_moment(self, text: str, name: str, read: Callable[[str], Any]) -> tuple[Any, Refusal | None]:
        moment = read(text)
        if moment is not None:
            return moment, None
        message, mend = f'"{text}" is not a {name}', "Correct it or clear it."
        return None, Refusal(self._problem("V1", Severity.ERROR, message, mend), DataAbsentReason.ERROR)

    def _number(self, text: str, unit: str | None) -> tuple[Decimal | None, Refusal | None]:
        number = to_number(text)
        if number is None:
            return None, self._not_a_number(text)
        if self._limits and (beyond := self._beyond(number, unit)) is not None:
            return None, beyond
        wanted = self._given.unit
        if wanted is not None and unit != wanted:
            try:
                number = _in_unit(number, unit or self._field.unit, wanted)
            except UnitError as error:
                return None, self._unsupported(error)
        if self._plausible is not None and self._plausible({"?": number}) is not True:
            return None, self._implausible(number)
        return number, None

    def _beyond(self, number: Decimal, unit: str | None) -> Refusal | None:
        """Return why a number is not one that its control takes; limits are in the unit of the field."""
        own = self._field.unit
        try:
            number = number if own is None or unit is None else convert(number, unit, own)
        except UnitError:
            return None  # that is for what reads it to say
        for word, limit, is_beyond in self._limits:
            if is_beyond(number, limit):
                allowed = f"({number_text(limit)} {own or unit or ''}".rstrip() + ")"
                said = f"{number_text(number)} {own or unit or ''}".rstrip()
                message = f"{said} is {word} what the template allows {allowed} and is not used in calculations"
                problem = self._problem("V3", Severity.WARNING, message, "Check the value and its unit.")
                return Refusal(problem, DataAbsentReason.ERROR)
        return None

    def _not_a_number(self, text: str) -> Refusal:
        message, mend = f'"{text}" is not a number', "Correct it or clear it."
        return Refusal(self._problem("V1", Severity.ERROR, message, mend), DataAbsentReason.NOT_A_NUMBER)

    def _unsupported(self, error: UnitError) -> Refusal:
        message = f"the value is not used in calculations: {error}"
        return Refusal(self._problem("V2", Severity.WARNING, message), DataAbsentReason.UNSUPPORTED)

    def _implausible(self, number: Decimal) -> Refusal:
        unit = self._given.unit or self._field.unit or ""
        message = (
            f"{number_text(number)} {unit} is outside what is plausible ({self._given.plausible_text} {unit}) "
            "and is not used in calculations"
        )
        # Zero is no signal rather than a wrong value; logic may tell the two apart.
        reason = DataAbsentReason.ERROR if number else DataAbsentReason.NOT_PERFORMED
        return Refusal(self._problem("V3", Severity.WARNING, message, "Check the value and its unit."), reason)

    def _problem(self, rule: str, severity: Severity, message: str, mend: str = "") -> Problem:
        return Problem(rule=rule, severity=severity, message=message, field=self._field.key, mend=mend)


def _limits(field: Field) -> Iterator[tuple[str, Decimal, Callable[[Decimal, Decimal], bool]]]:
    """Yield the limits of the control of a field (HTML, min and max of a number), each with what is beyond it.

    Of limits that are reversed nobody knows which one is wrong: they limit nothing (rule F7 finds them).
    """
    if field.kind is not FieldKind.NUMBER:
        return
    least, most = (None if text is None else Decimal(text) for text in (field.minimum, field.maximum))
    if least is not None and (most is None or least <= most):
        yield "below", least, lt
    if most is not None and (least is None or least <= most):
        yield "above", most, gt


def _in_unit(number: Decimal, unit: str | None, wanted: str) -> Decimal:
    if unit == wanted:
        return number
    if unit is None:
        raise UnitError(f"it has no unit, and {wanted} is needed")
    return convert(number, unit, wanted)
