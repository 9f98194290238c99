"""Whom a document is about, as plain attributes of its bytes: what any reader of it must have found.

The import may read odd documents better from one version to the next. Only what leaves nothing to interpret is told
here, so that a difference means that somebody changed what was written down at reception.
"""

from __future__ import annotations

from collections.abc import Mapping

from mrrt.errors import Unreadable
from sr_import.content import read_tree

IDENTIFYING = {
    "patient_id": "PatientID",
    "study_instance_uid": "StudyInstanceUID",
    "accession_number": "AccessionNumber",
}
"""What documents are found by, and the attribute (PS3.6) that it was taken from."""


def differing(content: bytes, written: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of what was written down of a document, and which its bytes certainly do not say."""
    try:
        header = read_tree(content).header
    except Unreadable:
        return ()
    if header["SOPInstanceUID"].encode() not in content:  # compressed: nothing stands in it as it is
        return ()
    return tuple(
        name for name, keyword in IDENTIFYING.items() if _differs(content, header[keyword], _trimmed(written[name]))
    )


def _differs(content: bytes, said: str, written: str) -> bool:
    """Tell whether no reader can have made one of the other; without a value only what stands nowhere was put in."""
    if not said:
        return _is_plain(written) and written.encode() not in content
    return written != said and _is_plain(said) and said.encode() in content


def _is_plain(text: str) -> bool:
    """Tell whether a text is in the default repertoire, and one value: nothing in it depends on who reads it."""
    return bool(text) and text.isascii() and text.isprintable() and "\\" not in text


def _trimmed(text: str) -> str:
    """Return a text without the padding that earlier versions kept."""
    return text.replace("\0", "").strip(" ")
