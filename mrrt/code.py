"""Coded concepts, compared by scheme and value alone (DICOM PS3.16 section 8; PS3.3 section 8)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, model_validator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Designators that all name SNOMED; the retired "SNOMED-RT style" values are mapped one by one.
_SNOMED_RETIRED = frozenset({"SRT", "SNM3", "99SDM", "SNOMED-RT"})
_SCHEME_ALIASES = {
    "SNOMED": "SCT",
    "SNOMEDCT": "SCT",
    "SNOMED-CT": "SCT",
    "LOINC": "LN",
    "NCIT": "NCIt",
    "RADLEX": "RADLEX",
    "UCUM": "UCUM",
    "2.16.840.1.113883.6.96": "SCT",
    "2.16.840.1.113883.6.1": "LN",
    "2.16.840.1.113883.6.8": "UCUM",
    "1.2.840.10008.2.16.4": "DCM",
}
"""Other names of schemes, among them the UIDs of PS3.16 section 8."""
_RADLEX_ADDRESS = re.compile(r"^https?://(?:www\.)?radlex\.org/RID/(RID\d+)$", re.IGNORECASE)


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files("mrrt").joinpath("data", name).read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _snomed_retired() -> Mapping[str, str]:
    """Map each retired SNOMED value ("T-45300") to its SNOMED CT concept."""
    return {srt: sct for srt, sct, *_ in _rows("srt_to_sct.tsv")}


@cache
def _synonyms() -> Mapping[tuple[str, str], tuple[str, str]]:
    """Map codes that no public table maps, each with its source in mrrt/data/synonyms.tsv."""
    return {(scheme, value): (to_scheme, to_value) for scheme, value, to_scheme, to_value, *_ in _rows("synonyms.tsv")}


@cache
def _titles() -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
    """Map each retired title to all that it stood for, each with its source in mrrt/data/titles.tsv."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for scheme, value, to_scheme, to_value, *_ in _rows("titles.tsv"):
        found.setdefault((scheme, value), set()).add((to_scheme, to_value))
    return {retired: frozenset(titles) for retired, titles in found.items()}


def same_title(first: Code, second: Code) -> bool:
    """Tell whether two document titles can mean the same kind of document.

    A retired title stood for a whole context group: (125100, DCM) is any title of PS3.16 CID 12100.
    """
    one, two = (first.scheme, first.value), (second.scheme, second.value)
    return first == second or two in _titles().get(one, ()) or one in _titles().get(two, ())


@lru_cache(maxsize=65536)
def normalise(scheme: str, value: str) -> tuple[str, str]:
    """Return the (scheme, value) under which a code is compared.

    Retired SNOMED designators become SCT, LOINC becomes LN, RadLex addresses become RID numbers, and the
    synonyms of mrrt/data/synonyms.tsv apply last. What no table knows is returned as it came.
    """
    scheme, value = scheme.strip(), value.strip()
    scheme = _SCHEME_ALIASES.get(scheme.upper(), scheme)
    if scheme in _SNOMED_RETIRED:
        known = _snomed_retired().get(value)
        scheme, value = ("SCT", known) if known else ("SCT" if value.isdigit() else "SRT", value)
    if match := _RADLEX_ADDRESS.match(value):
        value = match.group(1).upper()
    return _synonyms().get((scheme, value), (scheme, value))


class Code(BaseModel):
    """A coded concept: scheme and value are normalised on construction, the meaning is for display only.

    Two codes are equal, and hash equally, when scheme and value are: `Code(scheme="SRT", value="T-45300")`
    is `Code(scheme="SCT", value="86117002")`. The coding scheme version is not kept, because vendors send
    one where others send none (PS3.3 section 8.3 makes it optional for versioned schemes).
    """

    model_config = ConfigDict(frozen=True)

    scheme: str
    value: str
    meaning: str = ""

    @model_validator(mode="before")
    @classmethod
    def _normalise(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("scheme"), str) and isinstance(data.get("value"), str):
            scheme, value = normalise(data["scheme"], data["value"])
            return {**data, "scheme": scheme, "value": value}
        return data

    @classmethod
    def of(cls, scheme: str, value: str, meaning: str = "") -> Code:
        """Return the code, the same object for the same three strings."""
        return _interned(scheme, value, meaning)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Code):
            return NotImplemented
        return self.scheme == other.scheme and self.value == other.value

    def __hash__(self) -> int:
        return hash((self.scheme, self.value))

    def __str__(self) -> str:
        return f'({self.value}, {self.scheme}, "{self.meaning}")'


@lru_cache(maxsize=65536)
def _interned(scheme: str, value: str, meaning: str) -> Code:
    return Code(scheme=scheme, value=value, meaning=meaning)
