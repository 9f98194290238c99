"""Units as people spell them on a page, turned into UCUM codes."""

from __future__ import annotations

import re

_ATOMS = {
    **dict.fromkeys(("mm", "cm", "m", "km", "g", "kg", "mg", "s", "ms", "min", "h", "d", "%", "Hz", "kHz", "MHz"), ""),
    **dict.fromkeys(("mL", "dL", "cL", "L", "ml", "dl", "cl", "l", "mmol", "mol", "kPa", "Pa", "Gy", "mGy", "mSv"), ""),
    **dict.fromkeys(("MBq", "kBq", "Bq", "J", "W", "N", "V", "mV", "T", "mT", "K", "keV", "kV", "mA", "deg"), ""),
    "µm": "um",
    "μm": "um",
    "µg": "ug",
    "μg": "ug",
    "µs": "us",
    "mmHg": "mm[Hg]",
    "HU": "[hnsf'U]",
    "HE": "[hnsf'U]",
    "°": "deg",
    "Grad": "deg",
    "°C": "Cel",
    "sec": "s",
    "sek": "s",
    "Sek.": "s",
    "msec": "ms",
    "Min.": "min",
    "Std.": "h",
    "ccm": "cm3",
    "qcm": "cm2",
    "cc": "cm3",
    "bpm": "/min",
    "Schläge": "{beats}",
    "U": "[IU]",
    "IE": "[IU]",
}
_POWERS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·∙⋅*−", "0123456789-....-")
_WHOLE = {"bpm": "/min", "Schläge/min": "/min", "/min": "/min", "1/min": "/min", "mm Hg": "mm[Hg]", "mL/min/1.73m2": ""}
_SINGLE = frozenset("mgslL%°")
"""Single letters that are read as units where nobody declares them; "h" is as often an hour of a clock face."""
_TOKEN = re.compile(r"^[\s\u00a0]*(mm Hg(?![\w])|[^\s,;:()\[\]]+(?:\([^()\s]*\))?)")
_SEPARATOR = re.compile(r"([./])")
_ATOM = re.compile(r"^(.+?)\^?(-?[1-9])?$")


def from_spelling(text: str) -> str | None:
    """Return the UCUM code of a unit as it is spelled on a page ("ml/m²" is "mL/m2"), or None if it is none."""
    spelled = text.strip().strip("\u00a0").translate(_POWERS)
    if not spelled or spelled.isdigit():
        return None
    if spelled in _WHOLE:
        return _WHOLE[spelled] or None
    if " " in spelled:
        return None
    parts = _SEPARATOR.split(spelled.replace("(", "").replace(")", ""))
    if "(" in spelled:
        # "l/(min·m²)": everything in the brackets stands below the line
        head, _, tail = spelled.partition("(")
        parts = [*_SEPARATOR.split(head)[:-1], *_SEPARATOR.split(tail.rstrip(")").replace(".", "/"))]
    codes = [part if part in "./" and part else _atom(part) for part in parts]
    return None if None in codes else "".join(code for code in codes if code)


def _atom(text: str) -> str | None:
    if text == "1":
        return ""
    match = _ATOM.match(text)
    if not match or match.group(1) not in _ATOMS:
        return None
    code = _ATOMS[match.group(1)] or re.sub(r"l$", "L", match.group(1))
    return code + (match.group(2) or "")


def leading(text: str) -> tuple[str, str] | None:
    """Return the unit a text begins with, as spelled and as UCUM, or None."""
    match = _TOKEN.match(text)
    if not match:
        return None
    spelled = match.group(1)
    if len(spelled) == 1 and spelled not in _SINGLE:
        return None
    for candidate in (spelled, spelled.rstrip(".")):
        if code := from_spelling(candidate):
            return text[: match.start(1)] + candidate, code
    return None


def declared(text: str | None) -> str | None:
    """Return the unit of a data-field-units attribute: UCUM where the spelling is known, else as it stands."""
    bare = (text or "").replace("\u00a0", " ").strip()
    return (from_spelling(bare) or bare) if bare else None
