"""multipart/related bodies as DICOMweb uses them: each part one DICOM file (RFC 2387, PS3.18 section 8.6.1)."""

from __future__ import annotations

from email.message import Message

from mrrt.errors import UsageError

DICOM = "application/dicom"
RELATED = "multipart/related"
MOST = 2000
"""Parts of one body; a study has a few documents, and a part may be four bytes long."""


def parts(body: bytes, content_type: str) -> tuple[bytes, ...]:
    """Return the DICOM files of a body; a body that is one file by itself is that file.

    Raises UsageError for another media type, for a part that is no DICOM, for too many, and for a body that is cut off.
    """
    header = Message()
    header["Content-Type"] = content_type
    kind = header.get_content_type()
    if kind == DICOM:
        return (body,)
    boundary = header.get_param("boundary")
    if kind != RELATED or not isinstance(boundary, str) or not boundary:
        raise UsageError(f'the body must be {DICOM}, or {RELATED}; type="{DICOM}" with a boundary')
    return tuple(_content(piece) for piece in _pieces(body, boundary.encode("utf-8", "replace")))


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """Return what stands between the delimiters, headers included."""
    delimiter = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(delimiter, MOST + 2)[1:]
    if len(pieces) > MOST + 1:
        raise UsageError(f"the body has more than {MOST} parts; send them in several requests")
    if not any(piece.startswith(b"--") for piece in pieces):
        raise UsageError("the body is cut off: its closing boundary is missing")
    end = next(place for place, piece in enumerate(pieces) if piece.startswith(b"--"))
    return pieces[:end]


def _content(piece: bytes) -> bytes:
    # White space may follow a boundary; then come the headers, if there are any, and an empty line.
    lines, found, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
    if not found:
        raise UsageError("a part of the body has no empty line between its headers and its content")
    kind = _media_type(lines)
    if kind not in ("", DICOM):
        raise UsageError(f'a part of the body is "{kind}"; only {DICOM} is stored')
    return content


def _media_type(lines: bytes) -> str:
    for line in lines.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    return ""
