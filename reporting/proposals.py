"""What could be done about a measurement that no binding wants: a row for bindings.yaml, or one for a vendor profile.

A proposal is for a person to judge. It never invents a meaning: a private code is proposed to mean a standard one
only where the device gives it nearly the same name, and a field only where unit and words fit.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.code import Code
from mrrt.errors import UnitError
from mrrt.template import Field
from mrrt.units import is_ucum, same_dimension, ucum_of
from reporting.templates import Compiled
from reporting.unmapped import UnmappedLine

_PUBLIC = frozenset({"LN", "SCT", "DCM", "NCIt", "UMLS", "RADLEX", "FMA"})
_LIKE = 0.6
_WORD = re.compile(r"[a-z]+")
_SIDES = ("right", "left")


class Proposal(BaseModel):
    """A row to put into a file, as YAML; `field` is the field that it fills, empty where none of the template fits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["binding", "profile"]
    field: str = ""
    yaml: str
    why: str


def propose(line: UnmappedLine, template: Compiled) -> Proposal | None:
    """Return what could be done about a measurement; None where its device says too little about it."""
    if line.code is None:
        return None
    unit = _known_unit(line.unit)
    if line.code.scheme not in _PUBLIC and (meant := _meant(line.code, template)):
        return _code_row(line.code, meant)
    if unit is None:
        return _unit_row(line, line.code)
    return _binding_row(line, line.code, unit, template)


def _known_unit(sent: str) -> str | None:
    unit = ucum_of(sent) if sent else None
    return unit if unit is not None and is_ucum(unit) else None


def _meant(code: Code, template: Compiled) -> Code | None:
    """Return the code of a binding whose name is nearly that of a private code."""
    known = {binding.code: _alike(code.meaning, binding.code.meaning) for binding in template.bindings.bindings}
    best = max(known, key=lambda one: known[one], default=None)
    return best if best is not None and known[best] >= _LIKE else None


def _code_row(code: Code, meant: Code) -> Proposal:
    row = f"codes:\n  - {{sent: {_short(code)}, meant: {_short(meant)}, because: {_text('name of the code')}}}\n"
    why = f'the device calls its private code "{code.meaning}", and a binding wants "{meant.meaning}"'
    return Proposal(kind="profile", yaml=row, why=why)


def _unit_row(line: UnmappedLine, code: Code) -> Proposal | None:
    if line.unit:
        return None  # a unit that no table knows cannot be converted by any row
    row = f"units:\n  - {{code: {_short(code)}, unit: UNIT, because: {_text('the evidence for it')}}}\n"
    return Proposal(
        kind="profile",
        yaml=row,
        why="the device sends no unit; where there is evidence, a profile may say which one it means instead of UNIT",
    )


def _binding_row(line: UnmappedLine, code: Code, unit: str, template: Compiled) -> Proposal:
    field = _field(line, unit, template)
    names = {"code": code} | {name: one for name in ("site", "segment") if (one := getattr(line, name)) is not None}
    keys = {name: _key_of(one) for name, one in names.items()}
    listed = "".join(f"  {keys[name]}: {_long(one)}\n" for name, one in names.items())
    side = next((one for one in _SIDES if field is not None and one in _words(field.key.replace("_", " "))), None)
    words = [f"{name}: {key}" for name, key in keys.items()]
    words += [f"laterality: {side}"] if side else []
    words += [f"unit: {_text(field.unit if field is not None and field.unit else unit)}"]
    target = field.key if field is not None else "FIELD"
    row = f"codes:\n{listed}bindings:\n  {target}: {{{', '.join(words)}}}\n"
    if field is None:
        return Proposal(kind="binding", yaml=row, why="no free field of the template fits; FIELD is to be its key")
    if field.key == line.assigned_to:
        return Proposal(
            kind="binding", field=field.key, yaml=row, why=f'a reader put it into "{field.label or field.key}"'
        )
    return Proposal(kind="binding", field=field.key, yaml=row, why=f'no binding fills "{field.label or field.key}" yet')


def _field(line: UnmappedLine, unit: str, template: Compiled) -> Field | None:
    """Return the field that a reader gave it, else the one without a binding that fits best by unit and words."""
    given = template.full.field_by_key.get(line.assigned_to)
    if given is not None and (not given.unit or _fits(given.unit, unit)):
        return given
    bound = {binding.field for binding in template.bindings.bindings}
    said = " ".join(one.meaning for one in (line.code, line.site, line.segment) if one is not None)
    free = [one for one in template.full.fields if one.key not in bound and one.unit and _fits(one.unit, unit)]
    best = max(free, key=lambda one: _shared(said, _names(one)), default=None)
    return best if best is not None and _shared(said, _names(best)) > 0 else None


def _fits(wanted: str, unit: str) -> bool:
    try:
        return same_dimension(wanted, unit)
    except UnitError:
        return False


def _names(field: Field) -> str:
    return f"{field.label} {field.key.replace('_', ' ')}"


def _shared(one: str, other: str) -> int:
    return len(_words(one) & _words(other))


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio() if one and other else 0.0


def _key_of(code: Code) -> str:
    return "_".join(_WORD.findall(code.meaning.lower())[:4]) or "code"


def _short(code: Code) -> str:
    return _text(f"{code.scheme} {code.value} {code.meaning}".strip())


def _long(code: Code) -> str:
    return f"{{scheme: {_text(code.scheme)}, value: {_text(code.value)}, meaning: {_text(code.meaning)}}}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
