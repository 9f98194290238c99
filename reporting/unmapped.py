"""The unmapped inbox: what devices measure and no binding wants, added up for each device model; no patient in it.

A line is one kind of measurement of one device model, for one template: how often it came, when, and between which
values. proposals.py says what could be done about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel, ConfigDict

from mrrt.code import Code
from sr_import import Document, Unmatched

_Key = tuple[str | None, ...]


class UnmappedLine(BaseModel):
    """One kind of measurement that no binding of a template wants, over all documents of a device model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: str
    manufacturer: str
    model: str
    code: Code | None
    site: Code | None
    segment: Code | None
    unit: str
    """As sent; empty where none was."""
    reason: str
    """Why no binding wanted the latest of them."""
    count: int
    lowest: str | None
    """The lowest and the highest value that came, as decimals; None where none was a number."""
    highest: str | None
    first_seen: str
    last_seen: str
    assigned_to: str = ""
    """The field that a reader gave the latest of them by hand; empty where nobody did."""


def tally(
    unmatched: Iterable[Unmatched], documents: Sequence[Document], template: str, at: str
) -> tuple[UnmappedLine, ...]:
    """Return a line for each kind of measurement that was not matched in these documents."""
    devices = {one.sop_instance_uid: one.equipment for one in documents if one.complete}
    lines: dict[_Key, UnmappedLine] = {}
    for item in unmatched:
        if item.document not in devices:
            continue
        device, value = devices[item.document], _number(item.value)
        one = UnmappedLine(
            template=template,
            manufacturer=device.manufacturer,
            model=device.model,
            **{name: getattr(item, name) for name in ("code", "site", "segment", "reason")},
            unit=item.unit or "",
            count=1,
            lowest=value,
            highest=value,
            first_seen=at,
            last_seen=at,
        )
        key = _key(one)
        lines[key] = together(lines[key], one) if key in lines else one
    return tuple(lines.values())


def together(before: UnmappedLine, after: UnmappedLine) -> UnmappedLine:
    """Return two counts of the same kind as one."""
    values = [Decimal(one) for one in (before.lowest, before.highest, after.lowest, after.highest) if one is not None]
    return after.model_copy(
        update={
            "count": before.count + after.count,
            "lowest": str(min(values)) if values else None,
            "highest": str(max(values)) if values else None,
            "first_seen": min(before.first_seen, after.first_seen),
            "last_seen": max(before.last_seen, after.last_seen),
            "assigned_to": after.assigned_to or before.assigned_to,
        }
    )


def _key(line: UnmappedLine) -> _Key:
    codes = (line.code, line.site, line.segment)
    return (line.manufacturer, line.model, line.unit, *(f"{one.scheme} {one.value}" if one else None for one in codes))


def _number(text: str | None) -> str | None:
    try:
        return text if text is not None and Decimal(text).is_finite() else None
    except InvalidOperation:
        return None
