"""SR documents described in a few words of YAML, as the worked cases of vendor profiles have them.

    document:
      manufacturer: EXAMPLE
      title: LN 24616-5 US Carotid Arteries Report
      content:
        - container: LN 59776-5 Findings
          content:
            - {code: SCT 272741003 Laterality, is: SCT 24028007 Right}
            - {num: LN 11726-7 Peak Systolic Velocity, is: "336.0", unit: UCUM cm/s}

A code is its scheme, its value and, behind them, its meaning. Equal descriptions give equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, ConfigDict, model_validator
from pydantic import Field as Attribute

from mrrt.code import Code
from mrrt.report import Model
from sr_import.numbers import is_plain

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_RELATIONSHIP = "CONTAINS"
_VALUES = {"TEXT": "TextValue", "DATE": "Date", "TIME": "Time", "PNAME": "PersonName", "UIDREF": "UID"}
_CLASS = "1.2.840.10008.5.1.4.1.1.88.33"
_NUMERIC_VALUE, _LONGEST_DS = 0x0040A30A, 16


def code_of(text: Any) -> Any:
    """Return the code of "SCHEME VALUE MEANING"; raises ValueError for anything else."""
    if isinstance(text, Code):
        return text
    parts = text.split(None, 2) if isinstance(text, str) else []
    if len(parts) < 2:
        raise ValueError(f'"{text}" is no code; write scheme, value and meaning, such as LN 11726-7 Peak Velocity')
    return Code.of(parts[0], parts[1], parts[2] if len(parts) > 2 else "")


CodeText = Annotated[Code, BeforeValidator(code_of)]


class SentCode(Model):
    """A code as it is put into the bytes: not normalised."""

    scheme: str
    value: str
    meaning: str = ""
    version: str = ""

    @model_validator(mode="before")
    @classmethod
    def _of_text(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        code_of(given)
        scheme, value, *meaning = given.split(None, 2)
        name, _, version = scheme.partition("|")
        return {"scheme": name, "value": value, "meaning": meaning[0] if meaning else "", "version": version}


class DescribedItem(Model):
    """One content item: its concept under the name of its value type, `is` for the value."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    container: SentCode | None = None
    num: SentCode | None = None
    code: SentCode | None = None
    text: SentCode | None = None
    date: SentCode | None = None
    pname: SentCode | None = None
    uidref: SentCode | None = None
    value: str | None = Attribute(default=None, alias="is")
    unit: SentCode | None = None
    relationship: str | None = Attribute(default=None, alias="as")
    content: tuple[DescribedItem, ...] = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> DescribedItem:
        given = self.kinds()
        if len(given) != 1:
            raise ValueError(f"an item is exactly one of {', '.join(_KINDS)}")
        if given[0] == "code" and self.value is not None:
            code_of(self.value)
        return self

    def kinds(self) -> list[str]:
        """Return the value types that are given."""
        return [kind for kind in _KINDS if getattr(self, kind) is not None]


_KINDS = ("container", "num", "code", "text", "date", "pname", "uidref")


class Described(Model):
    """A document."""

    manufacturer: str = ""
    model: str = ""
    software: str = ""
    title: SentCode = SentCode(scheme="LN", value="18748-4", meaning="Diagnostic Imaging Report")
    template: str = ""
    content: tuple[DescribedItem, ...]


def written(described: Described) -> bytes:
    """Return the bytes of a DICOM file that says what is described (Comprehensive SR, explicit VR)."""
    from pydicom.dataset import FileMetaDataset  # loading it takes a while, and only cases need it
    from pydicom.uid import ExplicitVRLittleEndian

    root = _item(DescribedItem(container=described.title, content=described.content), "")
    _header(root, described)
    root.file_meta = FileMetaDataset()
    root.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    target = BytesIO()
    root.save_as(target, enforce_file_format=True)
    return target.getvalue()


def _header(root: Dataset, described: Described) -> None:
    root.SpecificCharacterSet, root.Modality = "ISO_IR 192", "SR"
    root.SOPClassUID, root.SOPInstanceUID = _CLASS, "2.25.1"
    root.StudyInstanceUID, root.SeriesInstanceUID = "2.25.2", "2.25.3"
    root.ContentDate, root.ContentTime, root.CompletionFlag = "20260114", "101500", "COMPLETE"
    root.Manufacturer, root.ManufacturerModelName = described.manufacturer, described.model
    root.SoftwareVersions = described.software
    if described.template:
        root.ContentTemplateSequence = [_dataset(MappingResource="DCMR", TemplateIdentifier=described.template)]


def _item(described: DescribedItem, relationship: str = _RELATIONSHIP) -> Dataset:
    (kind,) = described.kinds()
    usual = "HAS CONCEPT MOD" if kind == "code" else relationship
    made = _dataset(ValueType=kind.upper(), ConceptNameCodeSequence=[_code(getattr(described, kind))])
    if stated := usual if described.relationship is None else described.relationship:
        made.RelationshipType = stated
    _put_value(made, kind, described)
    if described.content:
        made.ContentSequence = [_item(one) for one in described.content]
    return made


def _put_value(made: Dataset, kind: str, described: DescribedItem) -> None:
    if kind == "num":
        made.MeasuredValueSequence = list(_measured(described))
    elif kind == "code":
        made.ConceptCodeSequence = [_code(SentCode.model_validate(described.value or ""))]
    elif kind != "container":
        setattr(made, _VALUES[kind.upper()], described.value or "")


def _measured(described: DescribedItem) -> Iterable[Dataset]:
    if described.value is None:
        return
    measured = _dataset()
    allowed = is_plain(described.value) and len(described.value) <= _LONGEST_DS
    measured.add_new(_NUMERIC_VALUE, "DS" if allowed else "LO", described.value)
    if described.unit is not None:
        measured.MeasurementUnitsCodeSequence = [_code(described.unit)]
    yield measured


def _code(code: SentCode) -> Dataset:
    made = _dataset(CodeValue=code.value, CodingSchemeDesignator=code.scheme, CodeMeaning=code.meaning or code.value)
    if code.version:
        made.CodingSchemeVersion = code.version
    return made


def _dataset(**attributes: Any) -> Dataset:
    from pydicom.dataset import Dataset

    made = Dataset()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made
