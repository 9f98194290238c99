"""Concepts of DICOM PS3.16 by which content items say what a measurement is, of what, and who made it."""

from __future__ import annotations

from collections.abc import Mapping

from mrrt.code import Code
from mrrt.report import DataAbsentReason
from sr_import.measurement import Laterality

# Modifiers and properties of a measurement: TID 300, TID 310, TID 5103, TID 5104, TID 1501.
FINDING_SITE = Code.of("SCT", "363698007", "Finding Site")
LATERALITY = Code.of("SCT", "272741003", "Laterality")
SEGMENT = Code.of("SCT", "106233006", "Topographical modifier")
BRANCH = Code.of("DCM", "125101", "Vessel Branch")
METHOD = Code.of("SCT", "370129005", "Measurement Method")
IMAGE_MODE = Code.of("SCT", "399264008", "Image Mode")
DERIVATION = Code.of("DCM", "121401", "Derivation")
SELECTION = Code.of("DCM", "121404", "Selection Status")
NORMALITY = Code.of("DCM", "121402", "Normality")
TRACKING_IDENTIFIER = Code.of("DCM", "112039", "Tracking Identifier")
TRACKING_UID = Code.of("DCM", "112040", "Tracking Unique Identifier")
FETUS_ID = Code.of("LN", "11951-1", "Fetus ID")
TIME_POINT = Code.of("UMLS", "C2348792", "Time Point")

PRIORS = frozenset(  # PS3.16 CID 7001, and the codes of DCM that it had before
    {
        Code.of("LN", "55114-3", "Prior Imaging Procedure Descriptions"),
        Code.of("LN", "18834-2", "Radiology Comparison study"),
        Code.of("DCM", "121066", "Prior Procedure Descriptions"),
        Code.of("DCM", "121068", "Previous Findings"),
    }
)
"""Headings of what is said about earlier examinations."""

SPREAD = frozenset(  # PS3.16 CID 7464, 225, 226 and 227
    {
        Code.of("SCT", "386136009", "Standard Deviation"),
        Code.of("UMLS", "C1711260", "Variance"),
        Code.of("UMLS", "C0681921", "Coefficient of Variance"),
        Code.of("DCM", "126051", "Skewness"),
        Code.of("DCM", "126052", "Kurtosis"),
        Code.of("SCT", "371884006", "+/-, range of measurement uncertainty"),
        Code.of("SCT", "371885007", "-, range of lower measurement uncertainty"),
        Code.of("SCT", "371886008", "+, range of upper measurement uncertainty"),
        Code.of("DCM", "121414", "Standard deviation of population"),
        Code.of("DCM", "121417", "2 Sigma deviation of population"),
        Code.of("DCM", "130614", "Interquartile Range of population"),
        Code.of("DCM", "130615", "Interquartile Range to Median ratio of population"),
        Code.of("DCM", "121415", "Percentile Ranking of measurement"),
        Code.of("DCM", "121416", "Z-Score of measurement"),
    }
)
"""Derivations that say how values lie about each other: a number with one of them is no value of its quantity."""

OF_PLACE = frozenset({FINDING_SITE, LATERALITY, SEGMENT, BRANCH, METHOD, IMAGE_MODE})
"""What holds for everything below the item that states it."""
OF_ITEM = frozenset({DERIVATION, SELECTION, NORMALITY})
"""What holds for the item alone that states it."""
NAMES = frozenset({TRACKING_IDENTIFIER, TRACKING_UID, FETUS_ID, TIME_POINT})
"""Texts that hold for everything below the item that states them."""

# Observers: TID 1002 to 1004.
OBSERVER_TYPE = Code.of("DCM", "121005", "Observer Type")
DEVICE = Code.of("DCM", "121007", "Device")
PERSON_OBSERVER = Code.of("DCM", "121008", "Person Observer Name")
DEVICE_OBSERVER = Code.of("DCM", "121012", "Device Observer UID")
OBSERVER_PARTS: Mapping[Code, str] = {
    OBSERVER_TYPE: "type",
    PERSON_OBSERVER: "name",
    Code.of("DCM", "121009", "Person Observer's Organization Name"): "organization",
    Code.of("DCM", "121010", "Person Observer's Role in the Organization"): "role",
    Code.of("DCM", "121011", "Person Observer's Role in this Procedure"): "role",
    DEVICE_OBSERVER: "uid",
    Code.of("DCM", "121013", "Device Observer Name"): "name",
    Code.of("DCM", "121014", "Device Observer Manufacturer"): "manufacturer",
    Code.of("DCM", "121015", "Device Observer Model Name"): "model",
    Code.of("DCM", "121016", "Device Observer Serial Number"): "serial_number",
    Code.of("DCM", "121017", "Device Observer Physical Location During Observation"): "location",
    Code.of("DCM", "113876", "Device Role in Procedure"): "role",
}
"""Each item of an observer, and the attribute of Observer that it becomes."""

SIDES: Mapping[Code, Laterality] = {  # PS3.16 CID 244; for mammography CID 6022 names the breast
    Code.of("SCT", "24028007"): "right",
    Code.of("SCT", "7771000"): "left",
    Code.of("SCT", "51440002"): "bilateral",
    Code.of("SCT", "66459002"): "unilateral",
    Code.of("SCT", "73056007"): "right",
    Code.of("SCT", "80248007"): "left",
    Code.of("SCT", "63762007"): "bilateral",
}
HEADING_SCHEMES = frozenset({"DCM", "LN"})
"""Schemes in which headings are coded, and never sites."""
WHY_ABSENT: Mapping[Code, DataAbsentReason] = {  # PS3.16 CID 42
    Code.of("DCM", "114000"): DataAbsentReason.NOT_A_NUMBER,
    Code.of("DCM", "114001"): DataAbsentReason.NEGATIVE_INFINITY,
    Code.of("DCM", "114002"): DataAbsentReason.POSITIVE_INFINITY,
    Code.of("DCM", "114003"): DataAbsentReason.ERROR,
    Code.of("DCM", "114004"): DataAbsentReason.ERROR,
    Code.of("DCM", "114005"): DataAbsentReason.ERROR,
    Code.of("DCM", "114006"): DataAbsentReason.ERROR,
    Code.of("DCM", "114007"): DataAbsentReason.NOT_PERFORMED,
    Code.of("DCM", "114008"): DataAbsentReason.ERROR,
    Code.of("DCM", "114009"): DataAbsentReason.ERROR,
}


def name_of(code: Code | None) -> str:
    """Return how a measurement is called in a message."""
    return "A measurement without a name" if code is None else code.meaning or f"{code.value} ({code.scheme})"
