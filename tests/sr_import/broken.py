"""One broken input for each rule of sr_import.rules, named for the rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydicom.dataset import Dataset

from tests.sr_writer import CODES, Carotid, code, coded, document, to_bytes, write

ICA: Mapping[tuple[str, str, str | None], tuple[float, float]] = {("right", "ica", "prox"): (336.0, 126.0)}
ONE = Carotid(velocities=ICA, ratios={})
"""A document of one vessel: three samples and the mean of PSV and EDV."""
PLACE = ("right", "ica", "prox", "psv")


def lost(how: str) -> Carotid:
    """The document of one vessel whose chosen PSV is destroyed."""
    return Carotid(velocities=ICA, ratios={}, lost={PLACE: how})


def vessel(root: Dataset) -> Dataset:
    """The container of the one vessel."""
    return root.ContentSequence[4].ContentSequence[2]


def chosen(root: Dataset) -> Dataset:
    """The chosen PSV of the one vessel, item 1.5.3.5."""
    return vessel(root).ContentSequence[4]


def changed(change: Callable[[Dataset], object]) -> bytes:
    """The document of one vessel after a change."""
    root = document(ONE)
    change(root)
    return to_bytes(root)


def by_reference(*path: int) -> Dataset:
    """An item that refers to another one as the source of the number above it."""
    made = Dataset()
    made.RelationshipType = "INFERRED FROM"
    made.ReferencedContentItemIdentifier = list(path)
    return made


def _qualifier(root: Dataset, value: str, *, keep: bool) -> None:
    item = chosen(root)
    item.NumericValueQualifierCodeSequence = [code((value, "DCM", "Measurement failure"))]
    if not keep:
        item.MeasuredValueSequence = []


def _add(root: Dataset, name: str, value: tuple[str, str, str]) -> None:
    chosen(root).ContentSequence.append(coded("HAS CONCEPT MOD", CODES[name], value))


DOCUMENTS: Mapping[str, Callable[[], bytes]] = {
    "SR01": lambda: changed(lambda root: delattr(root, "ContentSequence")),
    "SR15": lambda: write(ONE)[:-40],
    "SR02": lambda: write(lost("sequence")),
    "SR03": lambda: write(lost("")),
    "SR04": lambda: write(lost("336.0\\335.0")),
    "SR05": lambda: write(lost("1.234,5")),
    "SR06": lambda: changed(lambda root: _qualifier(root, "114006", keep=False)),
    "SR07": lambda: changed(lambda root: _qualifier(root, "114006", keep=True)),
    "SR08": lambda: write(Carotid(velocities=ICA, ratios={}, without_unit=True)),
    "SR09": lambda: write(Carotid(velocities=ICA, ratios={}, unit_scheme="99UNITS")),
    "SR10": lambda: changed(lambda root: _add(root, "laterality", ("1", "99SIDE", "somewhere"))),
    "SR11": lambda: changed(lambda root: [_add(root, "site", CODES[name]) for name in ("cca", "eca")]),
    "SR12": lambda: changed(lambda root: delattr(chosen(root), "ConceptNameCodeSequence")),
    "SR13": lambda: write(ONE).replace(b"ISO_IR 192", b"ISO_IR 999"),
    "SR16": lambda: write(lost("336,0")),
    "SR17": lambda: write(Carotid(velocities=ICA, ratios={}, unit="cm/sec")),
    "SR19": lambda: changed(lambda root: chosen(root).ContentSequence.append(by_reference(1, 9, 9))),
    "SR20": lambda: write(ONE).replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0", 1),
    "SR14": lambda: write(ONE).replace(b"\x08\0\x18\0UI", b"\x08\0\x17\0UI"),
}
