"""A second reader of SR documents: a full walk by pydicom, written without a look at ours, to compare with."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import pydicom
from pydicom.dataset import Dataset

from mrrt.code import Code
from sr_import.tree import Tree, walk

Row = tuple[object, ...]

_TEXTS = ("TextValue", "PersonName", "DateTime", "Date", "Time", "UID")


def rows_by_pydicom(data: bytes) -> list[Row]:
    """Return what each content item says, in the order of the document."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_rows(pydicom.dcmread(BytesIO(data), force=True), "1"))


def _rows(item: Dataset, path: str) -> Iterator[Row]:
    measured = _sequence(item, "MeasuredValueSequence")
    yield (
        path,
        _plain(item, "RelationshipType").upper(),
        _plain(item, "ValueType").upper() or ("CONTAINER" if path == "1" else _implied(item)),
        _code(item, "ConceptNameCodeSequence"),
        _code(item, "ConceptCodeSequence"),
        next((text for name in _TEXTS if (text := _plain(item, name))), ""),
        "\\".join(_numeric(value) for value in measured) if measured else None,
        _code(measured[0], "MeasurementUnitsCodeSequence") if measured else None,
        _code(item, "NumericValueQualifierCodeSequence"),
        tuple(_plain(one, "ReferencedSOPInstanceUID") for one in _sequence(item, "ReferencedSOPSequence")),
        tuple(item.get("GraphicData", None) or ()),
    )
    for place, child in enumerate(_sequence(item, "ContentSequence"), start=1):
        yield from _rows(child, f"{path}.{place}")


def _implied(item: Dataset) -> str:
    """The value type of an item that states none."""
    if _sequence(item, "MeasuredValueSequence"):
        return "NUM"
    if _code(item, "ConceptCodeSequence"):
        return "CODE"
    if any(_plain(item, name) for name in _TEXTS):
        return "TEXT"
    return "CONTAINER" if _sequence(item, "ContentSequence") else ""


def _sequence(item: Dataset, name: str) -> Sequence[Dataset]:
    return item.get(name) or []


def _plain(item: Dataset, name: str) -> str:
    value = item.get(name)
    if isinstance(value, pydicom.multival.MultiValue):
        return "\\".join(map(str, value))
    return "" if value is None else str(value).strip(" \0")


def _numeric(value: Dataset) -> str:
    """The number as it was sent: pydicom keeps the text of a DS beside its value."""
    raw = value.get_item("NumericValue") if "NumericValue" in value else None
    return "" if raw is None or raw.value is None else _sent(raw.value)


def _sent(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip(" \0")
    if isinstance(value, pydicom.multival.MultiValue):
        return "\\".join(_sent(one) for one in value)
    return str(getattr(value, "original_string", value)).strip(" \0")


def _code(item: Dataset, name: str) -> tuple[str, str] | None:
    for entry in _sequence(item, name)[:1]:
        value = next(
            (text for part in ("CodeValue", "LongCodeValue", "URNCodeValue") if (text := _plain(entry, part))), ""
        )
        if value:
            code = Code.of(_plain(entry, "CodingSchemeDesignator"), value)
            return code.scheme, code.value
    return None


def rows_by_us(tree: Tree) -> list[Row]:
    """Return what our reader found, in the same form."""
    return [
        (
            path,
            item.relationship,
            item.value_type,
            _pair(item.concept),
            _pair(item.code),
            item.text,
            item.number,
            _pair(item.unit),
            _pair(item.qualifier),
            tuple(reference.sop_instance_uid for reference in item.references),
            item.coordinates,
        )
        for path, item in walk(tree.root)
    ]


def _pair(code: Code | None) -> tuple[str, str] | None:
    return None if code is None else (code.scheme, code.value)
