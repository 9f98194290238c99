"""UCUM units: conversion in exact decimals; pint and ucumvert are imported when first needed."""

from __future__ import annotations

import re
import threading
from decimal import Decimal, localcontext
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from mrrt.errors import UnitError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON = frozenset(
    {"1", "%", "deg", "mm", "cm", "m", "mm2", "cm2", "mL", "L", "s", "ms", "min", "/min", "a", "d", "wk"}
    | {"cm/s", "m/s", "mm/s", "cm/s2", "mL/min", "L/min", "mm[Hg]", "kPa", "g", "kg", "mGy", "mGy.cm", "mSv"}
    | {"kV", "mA", "Hz", "kHz", "MHz", "kg/m2", "mL/m2", "g/m2", "[hnsf'U]"}
)
"""Codes that are recognised without loading the UCUM grammar, which takes a second; a test proves each of them."""

_TURN = threading.RLock()
"""Parser and registry are made and used by one thread at a time: a unit that was refused while another thread was at it
would be remembered as none."""
_ANNOTATION = re.compile(r"\{[^{}]*\}")


@lru_cache(maxsize=4096)
def canonical(unit: str) -> str:
    """Return the unit without UCUM annotations: "{ratio}/1", "{ratio}" and "1" are all "1".

    Annotations do not change the meaning of a unit (UCUM section 6).
    """
    bare = _ANNOTATION.sub("", unit.strip()) or "1"
    bare = f"1{bare}" if bare.startswith("/") else bare
    return bare.removesuffix("/1") or "1"


@cache
def _spellings() -> Mapping[str, tuple[str, str]]:
    """Map each known spelling to its UCUM code and where it counts; the sources stand in mrrt/data/units.tsv."""
    text = resources.files("mrrt").joinpath("data", "units.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {spelling: (code, where) for spelling, code, where, *_ in rows}


@lru_cache(maxsize=4096)
def ucum_of(unit: str, scheme: str = "UCUM") -> str | None:
    """Return the UCUM code that a unit of a coding scheme stands for, None where no table knows.

    A code that is sent as UCUM counts as such, whatever its version, unless it is a known misspelling of one. A unit
    of any other scheme, or of none (""), counts only where mrrt/data/units.tsv lists its spelling.
    """
    code, where = _spellings().get(unit, (unit, ""))
    if scheme.upper() == "UCUM":
        return code
    return code if where == "any" else None


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry(non_int_type=Decimal)


@lru_cache(maxsize=4096)
def _parsed(unit: str) -> Any | None:
    """Return a unit as a quantity, None where it is none; a refusal takes as long to find, so it is remembered too."""
    import pint
    from lark.exceptions import LarkError

    bare = canonical(unit)
    try:
        with _TURN:
            return _registry().from_ucum("1" if bare == "1" else bare)
    except (LarkError, pint.errors.PintError, KeyError, ValueError):
        return None


def _quantity(unit: str) -> Any:
    quantity = _parsed(unit)
    if quantity is None:
        raise UnitError(f'"{unit}" is not a UCUM unit')
    return quantity


def is_ucum(unit: str) -> bool:
    """Tell whether the text is a UCUM unit."""
    return unit in COMMON or _parsed(unit) is not None


@lru_cache(maxsize=4096)
def same_dimension(first: str, second: str) -> bool:
    """Tell whether values of one unit can be converted to the other; raises UnitError on no unit at all."""
    if canonical(first) == canonical(second):
        return True
    with _TURN:
        return bool(_quantity(first).dimensionality == _quantity(second).dimensionality)


@lru_cache(maxsize=4096)
def _line(source: str, target: str) -> tuple[Decimal, Decimal]:
    """Return factor and offset of target = factor * source + offset."""
    if not same_dimension(source, target):
        raise UnitError(f'"{source}" and "{target}" measure different things and cannot be converted')
    with _TURN:
        zero, one = (_at(number, source, target) for number in (Decimal(0), Decimal(1)))
    return Decimal(one) - Decimal(zero), Decimal(zero)


def _at(number: Decimal, source: str, target: str) -> Decimal:
    """Return a number of one unit in another one, as the registry has it."""
    quantity = _registry().Quantity(number * Decimal(_quantity(source).magnitude), _quantity(source).units)
    return Decimal(quantity.to(_quantity(target).units).magnitude) / Decimal(_quantity(target).magnitude)


def convert(value: Decimal, source: str, target: str) -> Decimal:
    """Convert a value between UCUM units, in decimals ("2.67" m/s is "267" cm/s).

    Equal units return the value untouched, trailing zeros included. Raises UnitError where a unit is no
    UCUM code or the dimensions differ.
    """
    if canonical(source) == canonical(target):
        return value
    factor, offset = _line(source, target)
    with localcontext() as context:
        context.prec = 34
        return plain(value * factor + offset)


def plain(value: Decimal) -> Decimal:
    """Return the number without exponent and without needless trailing zeros."""
    short = value.normalize()
    return (
        short.quantize(Decimal(1)) if isinstance(exponent := short.as_tuple().exponent, int) and exponent > 0 else short
    )
