"""DICOM SR in: bytes to Measurements, Measurements to field values."""

from __future__ import annotations

from sr_import.automatic import automatic_bindings
from sr_import.bindings import Binding, Bindings, load_bindings
from sr_import.matching import Ambiguous, Match, Sighting, Unmatched, match
from sr_import.measurement import Document, Finding, Measurement, json_line, unreadable_json_line
from sr_import.profile_files import profiles_of
from sr_import.reading import read, read_whole

__all__ = [
    "Ambiguous",
    "Binding",
    "Bindings",
    "Document",
    "Finding",
    "Match",
    "Measurement",
    "Sighting",
    "Unmatched",
    "automatic_bindings",
    "json_line",
    "load_bindings",
    "match",
    "profiles_of",
    "read",
    "read_whole",
    "unreadable_json_line",
]
