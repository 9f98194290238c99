"""What a reader enters, checked against the field it is for, and what a report still lacks before signing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from mrrt.entry_texts import refusal
from mrrt.errors import NotHeld, UnitError
from mrrt.feel.values import to_number
from mrrt.problems import Problem, Severity
from mrrt.report import DataAbsentReason, Provenance, Report, Value
from mrrt.template import CompletionAction, Field, FieldKind, Template
from mrrt.units import convert, is_ucum, ucum_of

# What is read is also printed, so digits are those of reports; a number that goes on with a point is no unit's. Nor is
# an exponent a unit: where a field has none of its own, "1e-5" would be 1.
_NUMBER = re.compile(
    r"(?P<number>[-+−]?[0-9]++(?:[.,][0-9]+)?+)\s*+(?P<unit>(?:(?![eE][-+−]?[0-9])[^.,].*)?)", re.DOTALL
)
_BEGINS_UNIT = re.compile(r"(?:/[0-9]*)?(?:10[*^]|[^\W\d_]|[%\[({°]|''?(?![0-9]))")
"""What follows a number is else no unit: of "5-6" and "120/80" the first number would stand alone, and as a
factor of UCUM the 6 of "4 6" would make it 24."""
_SPACED = re.compile(r"(?P<number>[-+−]?[0-9]{1,3}(?:[\s'’][0-9]{3})+(?:[.,][0-9]+)?)(?![0-9])")
_PERHAPS_A_THOUSAND = {
    "comma": re.compile(r"[-+−]?[1-9][0-9]{0,2},[0-9]{3}"),
    "point": re.compile(r"[-+−]?[1-9][0-9]{0,2}\.[0-9]{3}"),
}
"""1234 where the mark groups digits, 1.234 where it is decimal; an import leaves such a number open, too."""
_GROUPS = {"de": "point"}
"""The mark that groups digits in a language: "1.234" is a thousand in German; elsewhere "1,234" is one."""
_LEADING = re.compile(r"(?<![0-9.])0+(?=[0-9])")
"""Zeros that nobody reads: "0180" is 180, in the report, too."""
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?")
"""Of what ISO 8601 allows: "14.30" would be fourteen o'clock, and an offset no form can show."""
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{3})+[.,][0-9]+$")


def start(template: Template, language: str = "") -> Report:
    """Return an empty draft of a template, holding its defaults."""
    defaults = {
        field.key: Value(value=_default(field), unit=field.unit, provenance=Provenance.DEFAULT)
        for field in template.fields
        if field.default is not None and not _is_blank(field, field.default)
    }
    return Report(
        template=template.identifier,
        template_digest=template.digest,
        language=language or template.language or "en",
        defaults=defaults,
    )


def _default(field: Field) -> str | bool | tuple[str, ...] | None:
    if field.kind is FieldKind.CHECKBOX:
        return True
    return field.default


def _is_blank(field: Field, value: Any) -> bool:
    choice = field.choice(value) if isinstance(value, str) else None
    return choice.blank if choice else value in ("", ())


def entered(
    field: Field, raw: Any, *, unit: str | None = None, absent: str | None = None, language: str | None = None
) -> Value:
    """Return what a reader entered into a field as a typed Value.

    Nothing ("" or None, a blank choice) is a typed "no value" with a data absent reason, `unknown` unless another
    one is given. Numbers may have a decimal comma and carry a unit ("1,8 m/s"); they are kept in the field's
    unit. `language` is the one that somebody wrote a number in: its mark for groups of digits is asked about where it
    may be decimal. Raises NotHeld, saying what would be accepted, on anything the field cannot hold.
    """
    if raw is None or raw == [] or (isinstance(raw, str) and (not raw.strip() or _is_blank(field, raw))):
        return Value(value=None, absent=_absent(absent))
    if absent is not None:
        raise NotHeld(f'"{field.key}": a value and a data absent reason exclude each other', "Send one of them.")
    if field.kind is FieldKind.NUMBER:
        return _enter_number(field, raw, unit, language)
    return _ENTER.get(field.kind, _enter_text)(field, raw, unit)


def _absent(reason: str | None) -> DataAbsentReason:
    try:
        return DataAbsentReason(reason or "unknown")
    except ValueError as error:
        raise NotHeld(f'"{reason}" is no data absent reason', f"Known are {', '.join(DataAbsentReason)}.") from error


def _text(field: Field, raw: Any, kind: str) -> str:
    if isinstance(raw, str):
        return raw.strip()
    if isinstance(raw, int | float) and not isinstance(raw, bool) and field.kind is FieldKind.NUMBER:
        return _plain(raw)
    raise refusal(kind, field=field.key, given=_shown(raw))


def _plain(number: float) -> str:
    """Return a number without an exponent: Python writes 0.00001 with one."""
    return f"{Decimal(str(number)):f}" if isinstance(number, float) and math.isfinite(number) else str(number)


def _enter_number(field: Field, raw: Any, unit: str | None, language: str | None) -> Value:
    text = _text(field, raw, "number")
    if spaced := _SPACED.match(text):
        plain = re.sub(r"[\s'’]", "", spaced["number"])
        raise refusal("thousand-space", field=field.key, given=_shown(raw), plain=plain)
    match = _NUMBER.fullmatch(text)
    if match is None or _GROUPED.match(text):
        raise refusal("number", field=field.key, given=_shown(raw))
    mark = _GROUPS.get(language or "", "comma")
    if isinstance(raw, str) and _PERHAPS_A_THOUSAND[mark].fullmatch(match["number"]):
        said = {"plain": re.sub("[.,]", "", match["number"]), "longer": match["number"] + "0"}
        raise refusal(f"thousand-{mark}", field=field.key, given=_shown(raw), **said)
    number = _LEADING.sub("", match["number"].replace(",", ".").replace("−", "-").removeprefix("+"))
    written = match["unit"].strip()
    given = ucum_of(written, "") or written or unit or field.unit
    if written and not (_BEGINS_UNIT.match(written) and (field.unit or is_ucum(given or ""))):
        raise refusal("number", field=field.key, given=_shown(raw))
    if given == field.unit or field.unit is None:
        return Value(value=number, unit=given)
    try:
        value = to_number(number)
        assert value is not None
        return Value(value=f"{convert(value, given or '1', field.unit):f}", unit=field.unit)
    except UnitError as error:
        why = str(error).rstrip(".")
        raise refusal("unit", field=field.key, unit=field.unit, given=_shown(raw), why=why) from error


def _enter_choice(field: Field, raw: Any, unit: str | None) -> Value:
    text = _text(field, raw, "choice")
    if field.choice(text) is None and not field.free_text:
        raise _no_choice(field, raw)
    return Value(value=text)


def _enter_choices(field: Field, raw: Any, unit: str | None) -> Value:
    items: Sequence[Any] = raw if isinstance(raw, list | tuple) else [raw]
    texts = tuple(dict.fromkeys(_text(field, item, "choices") for item in items))
    for text in texts:
        if field.choices and field.choice(text) is None and not field.free_text:
            raise _no_choice(field, text)
    return Value(value=texts)


def _no_choice(field: Field, raw: Any) -> NotHeld:
    return refusal("no-choice", field=field.key, given=_shown(raw), offered=_offered(field))


def _enter_checkbox(field: Field, raw: Any, unit: str | None) -> Value:
    known = {"true": True, "false": False, "yes": True, "no": False}
    value = raw if isinstance(raw, bool) else known.get(str(raw).lower())
    if value is None:
        raise refusal("checkbox", field=field.key, given=_shown(raw))
    return Value(value=value)


def _enter_date(field: Field, raw: Any, unit: str | None) -> Value:
    text = _text(field, raw, "date")
    try:
        return Value(value=date.fromisoformat(text).isoformat())
    except ValueError as error:
        raise refusal("date", field=field.key, given=_shown(raw)) from error


def _enter_time(field: Field, raw: Any, unit: str | None) -> Value:
    text = _text(field, raw, "time")
    try:
        if not _TIME.fullmatch(text):
            raise ValueError(text)
        moment = time.fromisoformat(text if text[2] == ":" else f"0{text}")
    except ValueError as error:
        raise refusal("time", field=field.key, given=_shown(raw)) from error
    return Value(value=moment.isoformat("seconds" if moment.second else "minutes"))


def _enter_text(field: Field, raw: Any, unit: str | None) -> Value:
    if not isinstance(raw, str):
        raise refusal("text", field=field.key, given=_shown(raw))
    return Value(value=raw.replace("\r\n", "\n"))


_ENTER = {
    FieldKind.SELECT: _enter_choice,
    FieldKind.RADIO: _enter_choice,
    FieldKind.SELECT_MULTIPLE: _enter_choices,
    FieldKind.CHECKBOX_GROUP: _enter_choices,
    FieldKind.CHECKBOX: _enter_checkbox,
    FieldKind.DATE: _enter_date,
    FieldKind.TIME: _enter_time,
}


def _shown(raw: Any) -> str:
    text = str(raw)
    return f'"{text}"' if len(text) <= 40 else f'"{text[:37]}..."'


def _offered(field: Field) -> str:
    return ", ".join(f'"{choice.value}"' for choice in field.choices if not choice.blank)


def completion(report: Report, template: Template) -> tuple[Problem, ...]:
    """Return what stands between the draft and its signature, besides the problems of the logic.

    An empty field that is required, or whose completion action is PROHIBIT, is an error; ALERT is a warning
    (MRRT data-field-completion-action). Fields that are not relevant ask for nothing.
    """
    return tuple(_completion(report, template))


_LACKING = {
    "en": {"C1": "must be filled", "C2": "is empty"},
    "de": {"C1": "muss ausgefüllt werden", "C2": "ist leer"},
}


_ASKING = frozenset({CompletionAction.PROHIBIT, CompletionAction.ALERT})


def _completion(report: Report, template: Template) -> Iterator[Problem]:
    said = _LACKING.get(report.language, _LACKING["en"])
    for field in template.fields:
        required = field.required or field.key in report.required
        if not required and field.completion_action not in _ASKING:
            continue
        value = report.value(field.key)
        given = value is not None and value.value is not None
        if given or field.key in report.irrelevant:
            continue
        label = field.label_in(report.language) or field.key
        if required or field.completion_action is CompletionAction.PROHIBIT:
            yield Problem(rule="C1", severity=Severity.ERROR, message=f'"{label}" {said["C1"]}', field=field.key)
        else:
            yield Problem(rule="C2", severity=Severity.WARNING, message=f'"{label}" {said["C2"]}', field=field.key)
