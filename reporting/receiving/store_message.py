"""C-STORE requests and their answers as bytes (PS3.7 sections 6.3 and 9.3.1, PS3.8 section 9.3.5 and annex E)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

_DATA_PDU = 0x04
_COMMAND, _LAST = 0x01, 0x02
_C_STORE_REQUEST, _C_STORE_ANSWER = 0x0001, 0x8001
_NO_DATA_SET = 0x0101
_CLASS, _FIELD, _MESSAGE, _ANSWERED, _DATA_SET, _STATUS, _INSTANCE = (
    0x0002,
    0x0100,
    0x0110,
    0x0120,
    0x0800,
    0x0900,
    0x1000,
)
_LONGEST_PDU = 1 << 20
_ENVELOPES = 1 << 16
"""Bytes that headers and the command may take beside the largest object."""

Piece = Callable[[int, int], bytes | None]
"""Gives the bytes from one place to another of what comes in, None where the connection ends before."""


@dataclass(slots=True)
class StoreRequest:
    """A request to store an object, with its data set exactly as it was sent."""

    context_id: int
    message_id: int
    sop_class_uid: str
    sop_instance_uid: str
    data: bytes
    transfer_syntax: str = ""


def request_in(piece: Piece, largest: int) -> tuple[StoreRequest, int] | None:
    """Return the storage request that comes in, and its length with all headers; None where something else comes."""
    place, command, parts, context = 0, bytearray(), list[bytes](), -1
    known: dict[int, bytes] | None = None
    while place < largest + _ENVELOPES:
        head = piece(place, place + 6)
        kind, length = struct.unpack(">BxL", head) if head is not None else (0, 0)
        body = piece(place + 6, place + 6 + length) if kind == _DATA_PDU and length <= _LONGEST_PDU else None
        if body is None:
            return None
        place += 6 + length
        for identifier, flags, value in _values(body):
            if (flags & _COMMAND == 0) != (known is not None) or context not in (-1, identifier):
                return None
            context = identifier
            if known is not None:
                parts.append(value)
                if flags & _LAST:
                    return _request(context, known, b"".join(parts)), place
                continue
            command += value
            if flags & _LAST:
                known = _command(command)
                if not _is_store(known):
                    return None
    return None


def _values(body: bytes) -> list[tuple[int, int, bytes]]:
    """Return the presentation data values of a PDU: context, control header and fragment each; none where it is odd."""
    place, found = 0, []
    while place + 6 <= len(body):
        length, context, flags = struct.unpack_from(">LBB", body, place)
        end = place + 4 + length
        if length < 2 or end > len(body):
            return [(-1, _COMMAND | _LAST, b"")]
        found.append((context, flags, body[place + 6 : end]))
        place = end
    return found if place == len(body) and found else [(-1, _COMMAND | _LAST, b"")]


def _command(data: bytes | bytearray) -> dict[int, bytes]:
    """Return the elements of a command set, which is implicit little endian and of group 0000."""
    place, found = 0, {}
    while place + 8 <= len(data):
        group, element, length = struct.unpack_from("<HHL", data, place)
        if group != 0:
            return {}
        found[element] = bytes(data[place + 8 : place + 8 + length])
        place += 8 + length
    return found if place == len(data) else {}


def _is_store(command: dict[int, bytes]) -> bool:
    numbers = (_number(command, _FIELD), _number(command, _MESSAGE), _number(command, _DATA_SET))
    if numbers[0] != _C_STORE_REQUEST or numbers[1] < 0 or numbers[2] in (-1, _NO_DATA_SET):
        return False
    return bool(_uid(command, _CLASS)) and bool(_uid(command, _INSTANCE))


def _number(command: dict[int, bytes], element: int) -> int:
    value = command.get(element, b"")
    return int.from_bytes(value, "little") if len(value) == 2 else -1


def _uid(command: dict[int, bytes], element: int) -> str:
    """Return a unique identifier; nothing where it is none."""
    text = command.get(element, b"").rstrip(b"\0 ")
    return text.decode() if len(text) <= 64 and text and not text.strip(b"0123456789.") else ""


def _request(context: int, command: dict[int, bytes], data: bytes) -> StoreRequest:
    return StoreRequest(context, _number(command, _MESSAGE), _uid(command, _CLASS), _uid(command, _INSTANCE), data)


def answer(request: StoreRequest, status: int) -> bytes:
    """Return the answer to a request, as the one PDU that it takes."""
    elements = b"".join(
        (
            _element(_CLASS, request.sop_class_uid.encode()),
            _element(_FIELD, struct.pack("<H", _C_STORE_ANSWER)),
            _element(_ANSWERED, struct.pack("<H", request.message_id)),
            _element(_DATA_SET, struct.pack("<H", _NO_DATA_SET)),
            _element(_STATUS, struct.pack("<H", status)),
            _element(_INSTANCE, request.sop_instance_uid.encode()),
        )
    )
    command = _element(0x0000, struct.pack("<L", len(elements))) + elements
    value = struct.pack(">LBB", len(command) + 2, request.context_id, _COMMAND | _LAST) + command
    return struct.pack(">BxL", _DATA_PDU, len(value)) + value


def _element(number: int, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    return struct.pack("<HHL", 0, number, len(value)) + value
