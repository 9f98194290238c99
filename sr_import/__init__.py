"""DICOM SR in: bytes to Measurements, Measurements to field values."""

from __future__ import annotations

from sr_import.measurement import Document, Measurement, json_line, unreadable_json_line
from sr_import.reading import read

__all__ = ["Document", "Measurement", "json_line", "read", "unreadable_json_line"]
