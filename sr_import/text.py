"""Text of a DICOM file: what its bytes say in the declared character set (PS3.5 section 6.1, PS3.3 C.12.1.1.2)."""

from __future__ import annotations

_PLAIN = {"": "ascii", "ISO_IR 6": "ascii", "ISO 2022 IR 6": "ascii", "ISO_IR 192": "utf-8", "ISO_IR 100": "latin-1"}
"""Character sets that need no library: the default repertoire and the two that nearly all devices declare."""
_LATIN_9 = {"ISO_IR 203": "iso8859_15", "ISO 2022 IR 203": "iso8859_15"}
"""What pydicom's table lacks: Latin 9, with the euro and the French oe; its escape sequence is ESC - b."""
_ALONE = frozenset({"ISO_IR 192", "GB18030", "GBK"})
"""Character sets beside which no other may stand, and which know no escape sequences."""
_ESCAPE = b"\x1b"
_DELIMITERS = (b"^", b"=", b"\\")
"""What ends the effect of an escape sequence in names and lists (PS3.5 section 6.1.2.5.3)."""


class CharacterSet:
    """One value of Specific Character Set, and what went wrong with texts in it."""

    def __init__(self, declared: str = "") -> None:
        self.declared = declared
        self.trouble = ""
        """Why some text may be misspelt: the character set is unknown, or text does not agree with it."""
        self._encodings = self._known(declared)

    def _known(self, declared: str) -> tuple[str, ...]:
        if declared in _PLAIN:
            return (_PLAIN[declared],)
        from pydicom.charset import python_encoding  # few files need the table, and loading it takes a while

        names = [name.strip(" \0") for name in declared.split("\\")]
        encodings = python_encoding | _LATIN_9 | _PLAIN
        if unknown := [name for name in names if name not in encodings]:
            self.trouble = f'the character set "{unknown[0]}" is not known'
        known = [name for name in names if name not in unknown] or [""]
        known = known[:1] if known[0] in _ALONE else [name for name in known if name not in _ALONE]
        return tuple(encodings[name] for name in known)

    def text(self, value: bytes) -> str:
        """Return the text without padding; what the character set cannot hold is read as UTF-8, else as Latin 1.

        NUL, which no text of DICOM has (PS3.5 section 6.1.3), is left out: PostgreSQL keeps no text with it.
        """
        if value.isascii() and _ESCAPE not in value:
            return value.decode("ascii").replace("\0", "").strip(" ")
        return self._decoded(value).replace("\0", "").strip(" ")

    def _decoded(self, value: bytes) -> str:
        try:
            if _ESCAPE not in value:
                return self._doubted(value, value.decode(self._encodings[0]))
            head, *pieces = value.split(_ESCAPE)
            return head.decode(self._encodings[0]) + "".join(map(self._extended, pieces))
        except UnicodeError:
            self.trouble = self.trouble or "text does not agree with the declared character set"
        try:
            return value.decode("utf-8")
        except UnicodeError:
            return value.decode("latin-1")

    def _doubted(self, value: bytes, text: str) -> str:
        """Return the text; bytes that are UTF-8, which other texts hardly ever are, may be misread: note that."""
        if self.trouble or self.declared in _ALONE or len(text) < len(value):  # several bytes were one character
            return text
        try:
            value.decode("utf-8")
        except UnicodeError:
            return text
        self.trouble = f"text looks like UTF-8, and {self.declared or 'no character set'} is declared"
        return text

    def _extended(self, piece: bytes) -> str:
        """Decode what follows an escape sequence; raises UnicodeError where it was not declared."""
        from pydicom.charset import CODES_TO_ENCODINGS, default_encoding

        length = 3 if piece[:2] in (b"$(", b"$)") else 2
        encoding = {**CODES_TO_ENCODINGS, b"\x1b-b": "iso8859_15"}.get(_ESCAPE + piece[:length], "")
        if encoding == default_encoding:
            return piece[length:].decode("ascii")
        if encoding not in self._encodings:
            raise UnicodeError("an escape sequence was not declared")
        if encoding.startswith("iso2022"):  # these codecs read the escape sequence themselves
            return (_ESCAPE + piece).decode(encoding)
        text = piece[length:]
        end = min((place for mark in _DELIMITERS if (place := text.find(mark)) >= 0), default=len(text))
        return text[:end].decode(encoding) + text[end:].decode(self._encodings[0])
