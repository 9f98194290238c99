"""Bytes in, text out: what is no template is refused here, with a word on what it is."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from mrrt.errors import Unreadable

MAX_BYTES = 4 * 1024 * 1024
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_UTF_16 = {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
"""How a page of UTF-16 begins that has no byte order mark."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_CHARACTER = re.compile("[\x01-\x08\x0b\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold, and a browser would not show."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f\ufffd]")
_BROKEN = re.compile("\ufffd+")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_SINGLE_BYTE = re.compile(r"^(?:iso-?8859-?\d{1,2}|windows-125\d|cp125\d|latin-?\d)$", re.IGNORECASE)
_ROOT = re.compile(
    r"^(?>\s+|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE[^>]*>)*+<(?:[\w.-]+:)?([\w.-]+)",
    re.DOTALL | re.IGNORECASE,
)
_BRACKETS_WITHIN = 20_000
_BRACKETS = re.compile(r"\[[^\[\]\n]{1,200}?[|;#][^\[\]\n]{0,200}\]|\[<\w+>\]")
_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
)
_XML_ROOTS = {
    "grammar": "a RELAX NG grammar (the RSNA library of 2009 to 2012), which is no MRRT page",
    "clinicaldocument": "a CDA document",
    "questionnaire": "a FHIR Questionnaire",
    "definitions": "a DMN or BPMN model",
    "templates": "the answer to an MRRT query (RAD-105), which lists templates but is none",
}


@dataclass(frozen=True)
class Source:
    """A decoded page: its text, the encoding it was read in, and the SHA-256 of its bytes."""

    text: str
    encoding: str
    digest: str


def decode(source: bytes | str, file: str) -> Source:
    """Return the text of a page.

    The byte order mark decides the encoding, then the meta charset, then UTF-8, then Windows-1252.
    Raises Unreadable, naming what the input is, on anything that cannot be an HTML page.
    """
    raw = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else bytes(source)
    _refuse_bytes(raw, file)
    # half of a surrogate pair is no character; a text that holds one is read with the sign for that
    text, encoding = _text(raw) if isinstance(source, bytes) else (_SURROGATE.sub("\ufffd", source), "utf-8")
    _refuse_text(text, file)
    return Source(text, encoding, hashlib.sha256(raw).hexdigest())


def characters(text: str) -> str:
    """Return the text with a sign in place of what is no character of XML; every other character keeps its place."""
    return _NO_CHARACTER.sub("\ufffd", text).replace("\f", " ")  # a form feed is white space to HTML


def refusal(file: str, what: str, mend: str = "Give the HTML page of an MRRT template.") -> Unreadable:
    """Return the exception that says what the input is instead of a template."""
    return Unreadable(f"{file}: {what}. {mend}")


def _refuse_bytes(raw: bytes, file: str) -> None:
    if len(raw) > MAX_BYTES:
        mend = "Take images and libraries out of the page."
        raise refusal(file, f"the file has {len(raw)} bytes, more than the {MAX_BYTES} a template may have", mend)
    if not raw.strip():
        raise refusal(file, "the file is empty")
    for magic, what in _MAGIC:
        if raw.startswith(magic):
            raise refusal(file, f"this is {what}")
    if raw[128:132] == b"DICM":
        raise refusal(file, "this is a DICOM file")
    if b"\x00" in raw and not raw.startswith((b"\xff\xfe", b"\xfe\xff", *_UTF_16)):
        raise refusal(file, "this is binary data")


def _text(raw: bytes) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(encoding, "replace"), encoding
    for start, encoding in _UTF_16.items():
        if raw.startswith(start):
            return raw.decode(encoding, "replace"), encoding
    declared = _CHARSET.search(raw[:8192])
    if declared and _SINGLE_BYTE.match(name := declared.group(1).decode("ascii").lower()):
        # HTML reads every Latin-1 label as Windows-1252
        encoding = "cp1252" if name.endswith(("8859-1", "88591", "latin1", "latin-1")) else name
        try:
            return raw.decode(encoding, "replace"), encoding
        except LookupError:
            pass
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        text = raw.decode("utf-8", "replace")
    broken = sum(1 for _ in _BROKEN.finditer(text))
    whole = sum(1 for _ in _NOT_ASCII.finditer(text))
    # a page of UTF-8 with a few broken signs stays one; in Windows-1252 hardly any two signs make a third
    return (text, "utf-8") if whole > broken else (raw.decode("cp1252", "replace"), "cp1252")


def _refuse_text(text: str, file: str) -> None:
    brackets = _BRACKETS.search(text[:_BRACKETS_WITHIN])
    if "\x00" in text:
        raise refusal(file, "this is binary data")
    start = text.lstrip()[:1]
    if start in ("{", "[") and not re.search(r"<(?:html|body|section|input|select)\b", text, re.IGNORECASE):
        raise refusal(file, "this is plain text in bracket notation" if brackets else "this is JSON")
    if not re.search(r"<[a-zA-Z!?]", text):
        what = "plain text in bracket notation, such as [a | b]" if brackets else "plain text"
        raise refusal(file, f"this is {what}, and no HTML page")
    root = _ROOT.match(text[:65536])
    if root and (what := _XML_ROOTS.get(root.group(1).lower(), "")):
        raise refusal(file, f"this is {what}")
    if "http://relaxng.org/ns/structure" in text:
        raise refusal(file, f"this is {_XML_ROOTS['grammar']}")
