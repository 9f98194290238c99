"""Hostile input, generated: what somebody could send to make the reader slow, large or wrong.

Run as a program it reads one case and prints a JSON object: what came of it, seconds of the processor, peak megabytes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mrrt.check import checked
from mrrt.errors import Unreadable

_FIELD = "<section><input id=a>"
_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
_PAGE = f"<!DOCTYPE html><html><head><title>Größe</title></head><body>{_FIELD}</body></html>"


def _xml(text: str) -> bytes:
    return f'<!DOCTYPE html><head><script type="text/xml">{text}</script></head><body>{_FIELD}'.encode()


def _attributes(count: int) -> bytes:
    return f"<input {' '.join(f'a{n}=1' for n in range(count))}>".encode()


CASES: dict[str, Callable[[], bytes | str]] = {
    "relax-ng": lambda: b'<grammar xmlns="http://relaxng.org/ns/structure/1.0"><start/></grammar>',
    "brackets": lambda: b"Findings: [normal | abnormal] [# mL] {comment} [<date>]",
    "brackets-long": lambda: b"[" + b"a;" * 2_000_000,
    "pdf": lambda: b"%PDF-1.7\n" + b"\x00" * 100_000,
    "empty": lambda: b"",
    "nested-divs-50-mb": lambda: b"<div>" * 10_000_000,
    "nested-divs": lambda: _FIELD.encode() + b"<div>" * 29_000,
    "billion-laughs": lambda: _xml(f'<!DOCTYPE z [<!ENTITY l0 "lol">{_LAUGHS}]><status>&l11;</status>'),
    "billion-laughs-in-front": f'<!DOCTYPE z [<!ENTITY l0 "lol">{_LAUGHS}]>{_PAGE}&l11;'.encode,
    "script-in-script": lambda: _xml('<script type="text/xml"><script type="text/xml"><status>DRAFT</status>'),
    "utf-16-bom": lambda: _PAGE.encode("utf-16"),
    "utf-16-le": lambda: _PAGE.encode("utf-16-le"),
    "utf-16-be": lambda: _PAGE.encode("utf-16-be"),
    "lone-surrogate-text": lambda: _PAGE.replace("ß", "ß\ud800"),
    "lone-surrogate-bytes": lambda: _PAGE.replace("ß", "ß\ud800").encode("utf-8", "surrogatepass"),
    "nul-bytes": lambda: _PAGE.encode().replace(b"id=a", b"id=\x00a"),
    "inputs-28000": lambda: _FIELD.encode() + b"<input>" * 28_000,
    "inputs-1900": lambda: _FIELD.encode() + b"<input>" * 1_900,
    "inputs-one-id": lambda: _FIELD.encode() + b"<input id=a>" * 1_900,
    "radios": lambda: _FIELD.encode() + b"<input type=radio name=r>" * 20_000,
    "inputs-in-table": lambda: b"<table>" + b"<tr><td>x<td>y<td><input>" * 1_900,
    "labels": lambda: _FIELD.encode() + b"<label for=a>x</label>" * 14_000,
    "options-100000": lambda: _FIELD.encode() + b"<select>" + b"<option>x" * 100_000,
    "options": lambda: _FIELD.encode() + b"<select>" + b"<option>x" * 20_000,
    "attribute-value": lambda: b'<section><input id=a title="' + b"x " * 1_900_000 + b'">',
    "attribute-colons": lambda: b'<section><input id=a title="' + b": x" * 1_000_000 + b'">',
    "attributes-200": lambda: _FIELD.encode() + _attributes(200) * 1_000,
    "attributes": lambda: _FIELD.encode() + _attributes(200_000),
    "text": lambda: _FIELD.encode() + b"a:( " * 900_000,
    "doctypes": lambda: _FIELD.encode() + b"<!doctype " * 29_000,
    "comments": lambda: b"<!---->" * 29_000 + b"x" + _PAGE.encode(),
    "open-codes": lambda: _xml("<code" + " " * 3_000_000),
    "declarations": lambda: _xml("<?xml " * 29_000),
    "subsets": lambda: _xml("<!DOCTYPE [" * 29_000),
    "entries": lambda: _xml('<entry ORIGTXT="a"><code value="1" scheme="S" meaning="M">' * 20_000),
    "open-attributes": lambda: _FIELD.encode() + b'<a b="' * 29_000,
    "open-comments": lambda: _FIELD.encode() + b"<!--" * 29_000,
    "bare-signs": lambda: _FIELD.encode() + b"< 1" * 29_000,
    "end-tags": lambda: _FIELD.encode() + b"</p></b></td>" * 9_000,
    "formatting": lambda: _FIELD.encode() + b"<b><p>" * 90,
    "references": lambda: _FIELD.encode() + b"&lt" * 30_000,
    "references-900000": lambda: _FIELD.encode() + b"&lt" * 900_000,
    "embeds": lambda: _FIELD.encode() + b"<embed>x" * 29_000,
    "empty-sections": lambda: b"<section></section>" * 14_000,
}


def run(name: str) -> dict[str, object]:
    """Read and check one case; say what came of it, how many seconds of the processor it took, and the memory in MB.

    The memory is the peak of the whole process, the input and the libraries included.
    """
    source = CASES[name]()
    begun = time.process_time()
    try:
        template, problems = checked(source, name)
        came = f"{len(template.fields)} fields, {len(problems)} problems"
    except Unreadable as error:
        came = f"refused: {error}"
    took = time.process_time() - begun
    return {"case": name, "came": came, "seconds": round(took, 3), "megabytes": _peak()}


def _peak() -> int:
    # getrusage would count the process that started this one
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM")), 0)


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1])))  # noqa: T201
