"""The content tree of a DICOM SR, read from its bytes in one pass.

Only what SR needs is decoded; everything else is stepped over by its length. Every length is checked against what
surrounds it, so half a document never passes for a whole one. Where the bytes end or contradict themselves, reading
stops and what was read so far is kept: items that were not read to their end are marked as incomplete.

Most of an SR says the same again and again (codes, units, modifiers, image references). Bytes that were read once
are looked up, not read a second time (PS3.5 section 7, PS3.3 C.17.3).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from functools import cache

from mrrt.errors import Unreadable
from sr_import.elements import (
    ITEM,
    ITEM_END,
    MAX_DEPTH,
    SEQUENCE_END,
    SHORT,
    UNDEFINED,
    Begun,
    Damage,
    Elements,
    Measured,
    Record,
    halves_swapped,
)
from sr_import.encoding import LONG, Body, body, is_vr
from sr_import.tree import Item, Reference, Tree

_LONGEST_LOOKED_UP = 1024
"""Items longer than this in bytes rarely come twice."""

HEADER = {
    0x00080016: "SOPClassUID",
    0x00080018: "SOPInstanceUID",
    0x00080020: "StudyDate",
    0x00080021: "SeriesDate",
    0x00080023: "ContentDate",
    0x00080030: "StudyTime",
    0x00080033: "ContentTime",
    0x00080050: "AccessionNumber",
    0x00080060: "Modality",
    0x00080070: "Manufacturer",
    0x00080080: "InstitutionName",
    0x00080090: "ReferringPhysicianName",
    0x00080201: "TimezoneOffsetFromUTC",
    0x00081010: "StationName",
    0x00081030: "StudyDescription",
    0x0008103E: "SeriesDescription",
    0x00081090: "ManufacturerModelName",
    0x00100010: "PatientName",
    0x00100020: "PatientID",
    0x00100030: "PatientBirthDate",
    0x00100040: "PatientSex",
    0x00181000: "DeviceSerialNumber",
    0x00181020: "SoftwareVersions",
    0x0020000D: "StudyInstanceUID",
    0x0020000E: "SeriesInstanceUID",
    0x0040A491: "CompletionFlag",
    0x0040A493: "VerificationFlag",
}
"""The attributes of the document itself that are kept, by keyword (PS3.6)."""
PREDECESSORS = "PredecessorSOPInstanceUIDs"
"""The documents that this one replaces, kept as one more text of the header."""

_CHARACTER_SET = 0x00080005
_RELATIONSHIP, _VALUE_TYPE = 0x0040A010, 0x0040A040
_CONCEPT_NAME, _CONCEPT_CODE, _QUALIFIER = 0x0040A043, 0x0040A168, 0x0040A301
_OBSERVED, _REFERS_TO = 0x0040A032, 0x0040DB73
_TEXTS = (0x0040A160, 0x0040A123, 0x0040A120, 0x0040A121, 0x0040A122, 0x0040A124)
_MEASURED, _NUMERIC, _UNITS = 0x0040A300, 0x0040A30A, 0x004008EA
_CONTENT, _TEMPLATES, _TEMPLATE_ID, _PREDECESSORS = 0x0040A730, 0x0040A504, 0x0040DB00, 0x0040A360
_REFERENCES, _REFERENCED_CLASS, _REFERENCED_INSTANCE, _FRAMES = 0x00081199, 0x00081150, 0x00081155, 0x00081160
_GRAPHIC, _TEMPORAL, _COORDINATES = 0x00700023, 0x0040A130, 0x00700022
_SERIES = 0x00081115
_VALUE_TYPES = ("NUM", "CODE", "TEXT", "CONTAINER", "IMAGE", "SCOORD", "UIDREF", "PNAME", "DATE", "TIME", "DATETIME")
_RELATIONSHIPS = ("CONTAINS", "HAS CONCEPT MOD", "HAS PROPERTIES", "HAS OBS CONTEXT", "INFERRED FROM", "SELECTED FROM")
_WORDS = {
    padded.encode(): word
    for word in (*_VALUE_TYPES, *_RELATIONSHIPS)
    for padded in (word, f"{word} ", f"{word}\0")
    if len(padded) % 2 == 0
}
"""The defined terms as they stand in a file, padded to an even length."""


_Action = Callable[["_Reader", Item, int, int], None]


def read_tree(data: bytes) -> Tree:
    """Return the content tree of a DICOM file; raises Unreadable if it is no SR or nothing of it can be read.

    Where only a part can be read, `damage` says why, and items that were cut off are marked as incomplete.
    """
    source = body(data)
    reader = _Reader(source)
    root, damage = Item(), ""
    try:
        reader.document(root)
    except Damage as error:
        damage, root.complete = error.what, False
    damage = damage or source.damage
    _refuse_other_classes(reader.header["SOPClassUID"])
    if damage and not root.children:
        raise Unreadable(f"The DICOM file cannot be read: {damage}; send it from the device once more.")
    if not (reader.header["SOPClassUID"] or root.children or root.value_type):
        raise Unreadable("The DICOM file names no SOP class and has no content; a DICOM SR document was expected.")
    root.value_type = root.value_type or "CONTAINER"
    return Tree(root, reader.header, reader.template, reader.text_trouble, damage, source.oddity)


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


def _refuse_other_classes(sop_class: str) -> None:
    if not sop_class or sop_class.startswith(_SR_CLASSES):
        return
    name = next((name for uid, name in _NAMES_OF_CLASSES if f"{sop_class}.".startswith(f"{uid}.")), "a DICOM object")
    raise Unreadable(f"The file is {name} (SOP class {sop_class}); a DICOM SR document was expected.")


class _Reader(Elements):
    """Reads the data sets of one encoding; `header` and `template` are those of the document."""

    def __init__(self, source: Body) -> None:
        super().__init__(source)
        self.of_items, self.of_root = _actions(source.little)
        self.item_mark, self.item_end, self.sequence_end = map(self.as_read, (ITEM, ITEM_END, SEQUENCE_END))
        self.numeric_mark = struct.pack(f"{self.order}HH", _NUMERIC >> 16, _NUMERIC & 0xFFFF)
        if not source.implicit:
            self.numeric_mark += b"DS"
        self.marks = frozenset({self.item_mark, self.item_end, self.sequence_end})
        self.header = dict.fromkeys((*HEADER.values(), PREDECESSORS), "")
        self.template = ""

    def document(self, root: Item) -> None:
        """Read the whole data set into the root item and the header."""
        end = self._attributes(root, 0, len(self.data), False, 0)
        if self.data[end:].strip(b"\0"):
            raise Damage(end)

    # -- content items

    def _attributes(
        self, item: Item, position: int, end: int, delimited: bool, depth: int, begin: int | None = None
    ) -> int:
        """Read the attributes of one content item and return where it ends. This loop is the hot path.

        `begin` is where the item begins, if what follows may be kept for numeric items that begin in the same way.
        """
        data, unpack, actions, outside = self.data, self.unpack_element, self.of_items, self.known
        if depth == 0:
            actions = self.of_root
        while position < end:
            try:
                tag, vr, length = unpack(data, position)
                start = position + 8
                if vr in LONG:
                    length, start = self.unpack_length(data, start)[0], position + 12
                elif vr not in SHORT and not is_vr(vr):  # the delimiters, and elements that lack their VR
                    length = self.unpack_length(data, position + 4)[0]
            except struct.error:
                break
            stop = -1 if length == UNDEFINED else start + length
            action = actions.get(tag)
            if action is _CHILDREN:
                reader = self if vr != b"UN" else self.of_unknown
                position = reader.children(item, position, start, stop, end, depth)
                continue
            if action is None and (tag in self.marks or tag == 0):
                break
            # what `stop` says of nearly every element, without the call
            position = stop if 0 <= stop <= end else self.stop(position, start, stop, end, vr)
            if action is not None:
                action(self if vr != b"UN" else self.of_unknown, item, start, position)
                if action is _MEASURED_VALUE and begin is not None:
                    self._keep_beginning(item, begin, start, position)
        self.known = outside
        item.value_type = item.value_type or _guessed(item)
        return self._end(position, end, delimited, depth)

    def _begun(self, item: Item, raw: bytes) -> int:
        """Take over what is known of a numeric item but its digits, and return how many of its bytes that are.

        Only bytes that were once read as whole elements are known, and in the same character set the same bytes are
        the same elements. The digits are of the same length, and what follows them is the same.
        """
        digits = raw.find(self.numeric_mark) + 8
        begun = self.known.begun.get(raw[:digits])
        if begun is None:
            return 0
        item.relationship, item.value_type, item.concept, (item.unit, length, rest) = begun
        end = digits + length
        if not raw.startswith(rest, end):
            item.relationship, item.value_type, item.concept, item.unit = "", "", None, None
            return 0
        item.number = self.known.characters.text(raw[digits:end])
        return end + len(rest)

    def _keep_beginning(self, item: Item, begin: int, start: int, stop: int) -> None:
        """Keep what a numeric item says up to the end of its measured value, if that is all it has said."""
        if item.observed or item.children:
            return
        digits = self.data.rfind(self.numeric_mark, start, stop) + 8
        measured = self.known.measured.get(self.data[start:digits])
        head = item.relationship, item.value_type, item.concept
        if measured is not None and item == Item(*head, number=item.number, unit=measured.unit):
            self.known.begun[self.data[begin:digits]] = Begun(*head, measured)

    def _end(self, position: int, end: int, delimited: bool, depth: int) -> int:
        """Return where an item ends; raises Damage where it ends otherwise than it said."""
        if delimited and position + 8 <= end and self.unpack_item(self.data, position)[0] == self.item_end:
            return position + 8
        if delimited or (position != end and depth > 0):
            raise Damage(position)
        return position

    def children(self, item: Item, position: int, start: int, stop: int, end: int, depth: int) -> int:
        """Read the content items of a Content Sequence into the item above them, and return where it ends."""
        if depth >= MAX_DEPTH:
            raise Damage(position, f"its content is nested more than {MAX_DEPTH} levels deep")
        children: list[Item] = []
        try:
            reached = self._children(children, start, min(stop, end) if stop >= 0 else end, stop < 0, depth + 1)
        except Damage:
            if children:
                children[-1].complete = False
            raise
        finally:
            item.children += tuple(children)
        if stop > end:
            raise Damage(position)
        return reached

    def _children(self, children: list[Item], position: int, end: int, delimited: bool, depth: int) -> int:
        data, unpack, items = self.data, self.unpack_item, self.known.items
        while position < end:
            if position + 8 > end:
                raise Damage(position)
            mark, length = unpack(data, position)
            start = position + 8
            if mark != self.item_mark:
                if delimited and mark == self.sequence_end:
                    return start
                raise Damage(position)
            if length > _LONGEST_LOOKED_UP:
                children.append(Item())
                position = self._item(children[-1], start, start, length, end, depth)
                continue
            raw = data[start : start + length]
            child = items.get(raw)
            if child is None:
                child = Item()
                children.append(child)
                begun = self._begun(child, raw) if start + length <= end else 0
                position = self._item(child, start, start + begun, length, end, depth)
                items[raw] = child
            elif start + length > end:
                raise Damage(position)
            else:
                children.append(child)
                position = start + length
        if delimited:
            raise Damage(position)
        return position

    def _item(self, item: Item, start: int, position: int, length: int, end: int, depth: int) -> int:
        """Read an item that begins at `start` from a position on, and return where it ends."""
        if length == UNDEFINED:
            return self._attributes(item, position, end, True, depth)
        stop = start + length
        reached = self._attributes(item, position, min(stop, end), False, depth, None if position > start else start)
        if stop > end:
            raise Damage(start - 8)
        return reached


def _guessed(item: Item) -> str:
    """Return the value type of an item that states none, by what it holds."""
    if item.number is not None:
        return "NUM"
    if item.code is not None:
        return "CODE"
    return "TEXT" if item.text else "CONTAINER" if item.children else ""


# What is done with each attribute -------------------------------------------------------------------------------


def _relationship(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.relationship = _WORDS.get(reader.data[start:stop]) or reader.text(start, stop).upper()


def _value_type(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.value_type = _WORDS.get(reader.data[start:stop]) or reader.text(start, stop).upper()


def _concept(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.concept = reader.code(start, stop)


def _code_value(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.code = reader.code(start, stop)


def _qualifier(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.qualifier = reader.code(start, stop)


def _text(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.text = item.text or reader.text(start, stop)


def _observed(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.observed = reader.text(start, stop)


def _measured(reader: _Reader, item: Item, start: int, stop: int) -> None:
    """Read a measured value; where only its digits differ from one that was read before, only they are read."""
    data = reader.data
    digits = data.rfind(reader.numeric_mark, start, stop) + 8
    known = reader.known.measured.get(data[start:digits]) if digits > 8 else None
    if known is not None and data[digits + known.length : stop] == known.rest:
        item.unit = known.unit if item.unit is None else item.unit
        item.number = reader.text(digits, digits + known.length)
    else:
        _measured_anew(reader, item, start, stop, digits)


def _measured_anew(reader: _Reader, item: Item, start: int, stop: int, digits: int) -> None:
    numbers, unit = [], item.unit
    for record in reader.records(start, stop):
        numbers.append(reader.value(record, _NUMERIC))
        if item.unit is None and _UNITS in record:
            item.unit = reader.code(*record[_UNITS])
    item.number = "\\".join(numbers) if numbers else None
    if len(numbers) == 1 and unit is None and record.get(_NUMERIC, (0, 0))[0] == digits:
        end = record[_NUMERIC][1]
        known = Measured(item.unit, end - digits, reader.data[end:stop])
        reader.known.measured[reader.data[start:digits]] = known


def _references(reader: _Reader, item: Item, start: int, stop: int) -> None:
    raw, known = reader.data[start:stop], reader.known.references
    if raw not in known:
        known[raw] = tuple(_reference(reader, record) for record in reader.records(start, stop))
    item.references = known[raw]


def _reference(reader: _Reader, record: Record) -> Reference:
    return Reference(*(reader.value(record, tag) for tag in (_REFERENCED_CLASS, _REFERENCED_INSTANCE, _FRAMES)))


def _graphic(reader: _Reader, item: Item, start: int, stop: int) -> None:
    item.graphic = reader.text(start, stop)


def _coordinates(reader: _Reader, item: Item, start: int, stop: int) -> None:
    count = (stop - start) // 4
    item.coordinates = struct.unpack_from(f"{reader.order}{count}f", reader.data, start)


def _refers_to(reader: _Reader, item: Item, start: int, stop: int) -> None:
    count = (stop - start) // 4
    item.refers_to = ".".join(map(str, struct.unpack_from(f"{reader.order}{count}L", reader.data, start)))


def _character_set(reader: _Reader, item: Item, start: int, stop: int) -> None:
    reader.declare(reader.data[start:stop].decode("ascii", "replace").strip(" \0"))


def _children(reader: _Reader, item: Item, start: int, stop: int) -> None:
    """Stands for the Content Sequence, which `_Reader.children` reads."""


def _template(reader: _Reader, item: Item, start: int, stop: int) -> None:
    reader.template = next((reader.value(record, _TEMPLATE_ID) for record in reader.records(start, stop)), "")


def _predecessors(reader: _Reader, item: Item, start: int, stop: int) -> None:
    """Keep the documents that this one replaces: Predecessor Documents Sequence, by study and series."""
    found = []
    for study in reader.records(start, stop):
        for series in reader.records(*study.get(_SERIES, (0, 0))):
            for instance in reader.records(*series.get(_REFERENCES, (0, 0))):
                found.append(reader.value(instance, _REFERENCED_INSTANCE))
    reader.header[PREDECESSORS] = "\\".join(uid for uid in found if uid)


def _kept(keyword: str) -> _Action:
    def keep(reader: _Reader, item: Item, start: int, stop: int) -> None:
        reader.header[keyword] = reader.text(start, stop)

    return keep


_CHILDREN: _Action = _children
_MEASURED_VALUE: _Action = _measured
_OF_ITEMS: Mapping[int, _Action] = {
    _CHARACTER_SET: _character_set,
    _RELATIONSHIP: _relationship,
    _VALUE_TYPE: _value_type,
    _CONCEPT_NAME: _concept,
    _CONCEPT_CODE: _code_value,
    _QUALIFIER: _qualifier,
    _OBSERVED: _observed,
    _REFERS_TO: _refers_to,
    **dict.fromkeys(_TEXTS, _text),
    _MEASURED: _MEASURED_VALUE,
    _REFERENCES: _references,
    _GRAPHIC: _graphic,
    _TEMPORAL: _graphic,
    _COORDINATES: _coordinates,
    _CONTENT: _CHILDREN,
}
_OF_ROOT: Mapping[int, _Action] = {
    **{tag: _kept(keyword) for tag, keyword in HEADER.items()},
    **_OF_ITEMS,
    _TEMPLATES: _template,
    _PREDECESSORS: _predecessors,
}


@cache
def _actions(little: bool) -> tuple[Mapping[int, _Action], Mapping[int, _Action]]:
    """Return what is done with each attribute of an item and of the root, by tag as it is read."""
    as_read = halves_swapped if little else int
    of_items, of_root = ({as_read(tag): act for tag, act in table.items()} for table in (_OF_ITEMS, _OF_ROOT))
    return of_items, of_root
