"""Bindings that nobody wrote: a template's own coded content (ORIGTXT) binds a field where everything agrees.

A number is bound by itself only if

1. its codes are one quantity, at most one site, side and segment;
2. it has a UCUM unit;
3. its label says exactly what its codes mean, word by word or by their initials, and nothing else
   ("Right CCA proximal PSV": Right, Common carotid artery, Proximal, Peak systolic velocity);
4. no other field claims the same codes.

Values that are filled this way carry the flag "automatic_binding". Which of several measurements is meant is never
decided: the field stays empty, and they are shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from mrrt.code import Code
from mrrt.template import Field, FieldKind, Template
from mrrt.units import is_ucum
from sr_import.bindings import Binding, Bindings, Side
from sr_import.concepts import SIDES

_SEGMENTS = frozenset(  # PS3.16 CID 12116
    {
        Code.of("SCT", "40415009", "Proximal"),
        Code.of("NCIt", "C25569", "Middle"),
        Code.of("SCT", "46053002", "Distal"),
        Code.of("SCT", "397421006", "Origin of vessel"),
    }
)
_QUANTITIES = frozenset({"LN", "DCM"})
"""Schemes in which quantities are coded, and never sites."""
_FILLERS = frozenset({"of", "the", "in", "at"})
_WORD = re.compile(r"\w+")


def automatic_bindings(template: Template) -> Bindings:
    """Return the bindings that the codes of a template allow by themselves."""
    claims = Counter(frozenset(field.codes) for field in template.fields if field.codes)
    alone = [field for field in template.fields if field.codes and claims[frozenset(field.codes)] == 1]
    bindings = tuple(binding for field in alone if (binding := _binding(field)))
    return Bindings(template=template.identifier, version="", bindings=bindings)


def _binding(field: Field) -> Binding | None:
    if field.kind is not FieldKind.NUMBER or not field.unit or not is_ucum(field.unit):
        return None
    sides: list[Side] = [SIDES[code] for code in field.codes if code in SIDES]
    segments = [code for code in field.codes if code in _SEGMENTS]
    others = [code for code in field.codes if code not in SIDES and code not in _SEGMENTS]
    quantities, sites = _parted(others)
    if len(quantities) != 1 or max(map(len, (sites, sides, segments))) > 1 or not _agrees(field):
        return None
    return Binding(
        field=field.key,
        code=quantities[0],
        unit=field.unit,
        sites=tuple(sites),
        laterality=sides[0] if sides else None,
        segments=tuple(segments) or None,
        automatic=True,
    )


def _parted(codes: Sequence[Code]) -> tuple[Sequence[Code], Sequence[Code]]:
    """Return quantities and sites; a single code of whatever scheme is the quantity."""
    if len(codes) == 1:
        return codes, ()
    quantities = [code for code in codes if code.scheme in _QUANTITIES]
    return quantities, [code for code in codes if code.scheme not in _QUANTITIES]


def _agrees(field: Field) -> bool:
    """Tell whether the words of the label are those of the codes, or their initials, all of them and no others."""
    label = Counter(_words(field.label))
    label -= Counter(dict.fromkeys(_FILLERS, len(field.label)))
    for unit in _words(field.unit or ""):
        if field.label.rstrip(" :]").endswith(field.unit or " "):
            label[unit] -= 1
    for code in field.codes:
        words = [word for word in _words(code.meaning) if word not in _FILLERS]
        taken = _taken(+label, words)
        if taken is None:
            return False
        label = taken
    return not +label


def _taken(label: Counter[str], words: Sequence[str]) -> Counter[str] | None:
    """Return the label without the words of a meaning, or without their initials; None where it has neither."""
    for form in (Counter(words), Counter(["".join(word[0] for word in words)])):
        if words and form <= label:
            return label - form
    return None


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.casefold())
