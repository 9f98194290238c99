"""Findings to fields: a code to a choice by the map of its binding, a text or date as it is. Never silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mrrt.problems import Problem
from mrrt.report import Provenance, Source, Value
from mrrt.template import FieldKind
from sr_import.bindings import FindingBinding
from sr_import.earlier import why_earlier
from sr_import.fitting import fits
from sr_import.measurement import Document, Finding
from sr_import.numbering import Numbering
from sr_import.rules import problem

_SEVERAL = frozenset({FieldKind.CHECKBOX_GROUP, FieldKind.SELECT_MULTIPLE})
_ONLY = {FieldKind.DATE: "DATE", FieldKind.TIME: "TIME"}
"""Fields that take one kind of finding only."""
_WORDS = frozenset({FieldKind.TEXT, FieldKind.TEXTAREA})
"""Fields that take a code in the words that were sent with it."""
Seen = tuple[Document, Finding]


@dataclass(frozen=True, slots=True)
class FoundFindings:
    """What the findings say about one field: a value, or why there is none although something was said."""

    binding: FindingBinding
    value: Value | None
    seen: tuple[Seen, ...]
    reason: str = ""
    problems: tuple[Problem, ...] = ()


def match_finding(numbering: Numbering, binding: FindingBinding) -> FoundFindings | None:
    """Return what becomes of a field; None where nothing was said about it."""
    seen = tuple(_fitting(numbering, binding))
    if not seen:
        return None
    current = tuple(one for one in seen if not why_earlier(*one))
    if not current:
        return FoundFindings(binding, None, seen, why_earlier(*seen[0]))
    seen = current
    said = [(one, _said(binding, one[1])) for one in seen]
    unknown = tuple(_unknown(binding, finding) for (_, finding), value in said if value is None)
    values = tuple(dict.fromkeys(value for _, value in said if value is not None))
    several = binding.kind in _SEVERAL
    if not values or (len(values) > 1 and not several) or (unknown and not several):
        reason = f"{len(seen)} findings say different things" if values else "no choice stands for what was found"
        return FoundFindings(binding, None, seen, reason, unknown)
    first = next(one for one, value in said if value == values[0])
    return FoundFindings(binding, _value(binding, first, values, several), seen, problems=unknown)


def _fitting(numbering: Numbering, binding: FindingBinding) -> Iterator[Seen]:
    for document in numbering.documents:
        for finding in document.findings:
            says = finding.concept == binding.concept and (finding.code is not None or finding.text is not None)
            if says and fits(binding, finding) and numbering.holds(binding.within, document, finding.path):
                yield document, finding


def _said(binding: FindingBinding, finding: Finding) -> str | None:
    """Return what a finding puts into the field: the choice of its code, or its text, or what its code means."""
    if finding.code is not None:
        in_words = finding.code.meaning if binding.kind in _WORDS and not binding.values else ""
        return binding.values.get(finding.code) or in_words or None
    needed = _ONLY.get(binding.kind, finding.value_type) if binding.kind else finding.value_type
    return finding.text if finding.value_type == needed and not binding.values else None


def _unknown(binding: FindingBinding, finding: Finding) -> Problem:
    said = str(finding.code) if finding.code else f'"{(finding.text or "")[:60]}"'
    return problem("SM12", f"{binding.field}: nothing is bound for {said}.", path=finding.path, field=binding.field)


def _value(binding: FindingBinding, first: Seen, values: tuple[str, ...], several: bool) -> Value:
    document, finding = first
    notes = "; ".join(map(str, finding.applied))
    source = Source(
        document=document.sop_instance_uid,
        path=finding.path,
        device=document.study.device or None,
        received=finding.code.meaning or finding.code.value if finding.code else finding.text,
        rule=f"finding: {binding.concept.meaning or binding.concept.value}{'; ' + notes if notes else ''}",
    )
    return Value(value=values if several else values[0], provenance=Provenance.IMPORTED, source=source)
