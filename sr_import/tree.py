"""The content tree of an SR document, in terms of our own; the one module that knows pydicom.

What follows (sr_import.extract) sees nothing but `Tree` and `Item`, so another reader can take this one's place.
"""

from __future__ import annotations

import struct
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.charset import python_encoding as known_character_sets
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.sequence import Sequence as DicomSequence

from mrrt.code import Code
from mrrt.errors import Unreadable
from sr_import.structure import MAX_DEPTH, Body, body, check, first_value

_SR_CLASSES = "1.2.840.10008.5.1.4.1.1.88."
_NAMES_OF_CLASSES = (
    ("1.2.840.10008.5.1.4.1.1.2", "a CT image"),
    ("1.2.840.10008.5.1.4.1.1.4", "an MR image"),
    ("1.2.840.10008.5.1.4.1.1.6", "an ultrasound image"),
    ("1.2.840.10008.5.1.4.1.1.3", "an ultrasound cine loop"),
    ("1.2.840.10008.5.1.4.1.1.7", "a secondary capture image"),
    ("1.2.840.10008.5.1.4.1.1.104", "an encapsulated document"),
    ("1.2.840.10008.1.3.10", "a DICOMDIR"),
)
_WHAT_PYDICOM_RAISES = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RecursionError),
    *(TypeError, ValueError, struct.error),
)
_quiet = threading.Lock()
"""pydicom warns about odd files by way of a process-wide filter, which one thread at a time may set aside."""


@dataclass(frozen=True, slots=True)
class Item:
    """A content item (PS3.3 C.17.3). Text is decoded and stripped of padding, otherwise as it was sent."""

    path: str
    relationship: str
    value_type: str
    concept: Code | None
    children: tuple[Item, ...] = field(default=(), repr=False)
    code: Code | None = None
    """Value of a CODE item."""
    text: str = ""
    """Value of a TEXT, PNAME, DATE, TIME, DATETIME or UIDREF item."""
    number: str | None = None
    """Numeric value of a NUM item: None without a measured value, "" if empty, "1\\2" for several."""
    unit: Code | None = None
    qualifier: Code | None = None
    """Numeric value qualifier (0040,A301): why there is no number, or why to doubt it."""


@dataclass(frozen=True, slots=True)
class Tree:
    """An SR document: its root item and the attributes of its header, by keyword as in PS3.6."""

    root: Item
    header: dict[str, str]
    template: str
    text_trouble: str = ""
    """Why some text may be misspelt: an unknown or wrong character set."""


_HEADER = {
    "SOPClassUID": 0x00080016,
    "SOPInstanceUID": 0x00080018,
    "StudyDate": 0x00080020,
    "ContentDate": 0x00080023,
    "ContentTime": 0x00080033,
    "AccessionNumber": 0x00080050,
    "Manufacturer": 0x00080070,
    "StudyDescription": 0x00081030,
    "ManufacturerModelName": 0x00081090,
    "PatientName": 0x00100010,
    "PatientID": 0x00100020,
    "PatientBirthDate": 0x00100030,
    "PatientSex": 0x00100040,
    "StudyInstanceUID": 0x0020000D,
}
_CHARACTER_SET = 0x00080005
_DEFAULT_REPERTOIRE = ("", "ISO_IR 6", "ISO 2022 IR 6")
_DELIMITERS = {0x5E, 0x3D, 0x5C}
"""What ends the effect of an escape sequence in names and lists: ^, = and backslash (PS3.5 section 6.1.2.5.3)."""
_CODE_VALUES = (0x00080100, 0x00080119, 0x00080120)
_SCHEME, _MEANING = 0x00080102, 0x00080104
_RELATIONSHIP, _VALUE_TYPE, _CONCEPT_NAME, _CONCEPT_CODE = 0x0040A010, 0x0040A040, 0x0040A043, 0x0040A168
_TEXTS = (0x0040A160, 0x0040A123, 0x0040A120, 0x0040A121, 0x0040A122, 0x0040A124)
_MEASURED, _NUMERIC, _UNITS, _QUALIFIER = 0x0040A300, 0x0040A30A, 0x004008EA, 0x0040A301
_CONTENT, _TEMPLATES, _TEMPLATE_ID = 0x0040A730, 0x0040A504, 0x0040DB00
_VALUE_TYPE_BY_CONTENT = ((_MEASURED, "NUM"), (_CONCEPT_CODE, "CODE"), (_TEXTS[0], "TEXT"), (_CONTENT, "CONTAINER"))


def read_tree(data: bytes) -> Tree:
    """Return the content tree of a DICOM file; raises Unreadable if it is no SR or if a part of it is missing."""
    source = body(data)
    _refuse_other_classes(source)
    check(source)
    with _quiet, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _Builder().tree(read_dataset(BytesIO(source.data), source.implicit, source.little))
        except _WHAT_PYDICOM_RAISES as error:
            raise Unreadable(f"The DICOM file is damaged: {type(error).__name__} while its items were read.") from error


def _refuse_other_classes(source: Body) -> None:
    sop_class = (first_value(source, 0x00080016) or b"").decode("ascii", "replace").strip("\0 ")
    if not sop_class or sop_class.startswith(_SR_CLASSES):
        return
    name = next((name for uid, name in _NAMES_OF_CLASSES if f"{sop_class}.".startswith(f"{uid}.")), "a DICOM object")
    raise Unreadable(f"The file is {name} (SOP class {sop_class}); a DICOM SR document was expected.")


class _Builder:
    """Turns data sets into items, children first, so that every item is complete when it is made."""

    def __init__(self) -> None:
        self.text_trouble = ""

    def tree(self, dataset: Dataset) -> Tree:
        sets = self._character_sets(dataset, ("ascii",))
        header = {keyword: self._text(dataset, tag, sets) for keyword, tag in _HEADER.items()}
        templates = _sequence(dataset, _TEMPLATES)
        template = self._text(templates[0], _TEMPLATE_ID, sets) if templates else ""
        if not (header["SOPClassUID"] or _CONTENT in dataset or _VALUE_TYPE in dataset):
            raise Unreadable("The DICOM file names no SOP class and has no content; a DICOM SR document was expected.")
        return Tree(self._items(dataset, sets), header, template, self.text_trouble)

    def _items(self, root: Dataset, sets: tuple[str, ...]) -> Item:
        nodes = [(root, "1", sets, 0)]
        parents = [0]
        position = 0
        while position < len(nodes):
            dataset, path, sets, depth = nodes[position]
            if depth > MAX_DEPTH:
                raise Unreadable(f"The content tree is more than {MAX_DEPTH} levels deep; no SR template needs that.")
            for number, child in enumerate(_sequence(dataset, _CONTENT), start=1):
                nodes.append((child, f"{path}.{number}", self._character_sets(child, sets), depth + 1))
                parents.append(position)
            position += 1
        return self._assembled(nodes, parents)

    def _assembled(self, nodes: list[tuple[Dataset, str, tuple[str, ...], int]], parents: list[int]) -> Item:
        children: list[list[Item]] = [[] for _ in nodes]
        for position in range(len(nodes) - 1, 0, -1):
            dataset, path, sets, _ = nodes[position]
            item = self._item(dataset, path, sets, tuple(reversed(children[position])))
            children[parents[position]].append(item)
        dataset, path, sets, _ = nodes[0]
        return self._item(dataset, path, sets, tuple(reversed(children[0])))

    def _item(self, dataset: Dataset, path: str, sets: tuple[str, ...], children: tuple[Item, ...]) -> Item:
        value_type = self._text(dataset, _VALUE_TYPE, sets).upper() or _guessed_value_type(dataset, path)
        number, unit = self._measured(dataset, sets) if value_type == "NUM" else (None, None)
        return Item(
            path=path,
            relationship=self._text(dataset, _RELATIONSHIP, sets).upper(),
            value_type=value_type,
            concept=self._code(dataset, _CONCEPT_NAME, sets),
            children=children,
            code=self._code(dataset, _CONCEPT_CODE, sets) if value_type == "CODE" else None,
            text=next((text for tag in _TEXTS if (text := self._text(dataset, tag, sets))), ""),
            number=number,
            unit=unit,
            qualifier=self._code(dataset, _QUALIFIER, sets) if value_type == "NUM" else None,
        )

    def _measured(self, dataset: Dataset, sets: tuple[str, ...]) -> tuple[str | None, Code | None]:
        values = _sequence(dataset, _MEASURED)
        if not values:
            return None, None
        number = "\\".join(self._text(value, _NUMERIC, sets) for value in values)
        return number, self._code(values[0], _UNITS, sets)

    def _code(self, dataset: Dataset, tag: int, sets: tuple[str, ...]) -> Code | None:
        for entry in _sequence(dataset, tag)[:1]:
            value = next((text for part in _CODE_VALUES if (text := self._text(entry, part, sets))), "")
            if value:
                return Code.of(self._text(entry, _SCHEME, sets), value, self._text(entry, _MEANING, sets))
        return None

    def _text(self, dataset: Dataset, tag: int, sets: tuple[str, ...]) -> str:
        element = dataset.get_item(tag)
        value = None if element is None else element.value
        if not isinstance(value, bytes):
            return ""
        return self._decoded(value, sets).strip(" \0")

    def _decoded(self, value: bytes, sets: tuple[str, ...]) -> str:
        """Decode text; what the declared character set cannot hold is read as UTF-8, else as Latin 1."""
        if value.isascii() and b"\x1b" not in value:
            return value.decode("ascii")
        try:
            text = decode_bytes(value, sets, _DELIMITERS) if b"\x1b" in value else value.decode(sets[0])
            if "\ufffd" not in text:
                return text
        except (UnicodeError, LookupError):
            pass
        self.text_trouble = self.text_trouble or "text does not agree with the declared character set"
        try:
            return value.decode("utf-8")
        except UnicodeError:
            return value.decode("latin-1")

    def _character_sets(self, dataset: Dataset, inherited: tuple[str, ...]) -> tuple[str, ...]:
        element = dataset.get_item(_CHARACTER_SET)
        if element is None or not isinstance(element.value, bytes):
            return inherited
        names = [name.strip(" \0") for name in element.value.decode("ascii", "replace").split("\\")]
        unknown = [name for name in names if name not in known_character_sets]
        if unknown:
            self.text_trouble = f'the character set "{unknown[0]}" is not known'
        first, *others = [name for name in names if name not in unknown] or [""]
        converted = convert_encodings([first, *others])
        return ("ascii" if first in _DEFAULT_REPERTOIRE else converted[0], *converted[1:])


def _guessed_value_type(dataset: Dataset, path: str) -> str:
    if path == "1":
        return "CONTAINER"
    return next((value_type for tag, value_type in _VALUE_TYPE_BY_CONTENT if tag in dataset), "")


def _sequence(dataset: Dataset, tag: int) -> Sequence[Dataset]:
    if tag not in dataset:
        return ()
    value = dataset[tag].value
    return value if isinstance(value, DicomSequence) else ()


def walk(root: Item) -> Iterator[Item]:
    """Yield an item and all items below it, in the order of the document, without recursion."""
    stack = [root]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(item.children))
