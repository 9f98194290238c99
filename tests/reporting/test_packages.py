"""Archives and packages.

1. What is packed is unpacked to the same, and is always the same archive.
2. Archives that would do harm are refused, with the reason: outside paths, links, encryption, bombs, archives inside.
3. Templates are found among files: folders with all that belongs to them, foreign pages, pages alone.
"""

from __future__ import annotations

import io
import struct
import warnings
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.errors import Unreadable
from reporting import packages
from reporting.packages import Candidate, Package, candidates_in, packed, unpacked


def archive(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that stands there twice is what is tested
        for name, content in members:
            made.writestr(name, content)
    return target.getvalue()


def link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("a/link")
    info.external_attr = 0o120777 << 16
    return info


def encrypted() -> bytes:
    content = bytearray(archive(("a.html", b"x")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(signature) + offset
        content[place : place + 2] = struct.pack("<H", 1)
    return bytes(content)


FULL = Package("x", b"<html></html>", "carotid", "a: 1", "b: ü", {"cases.yaml": b"c", "pages/more.html": b"d"})


def test_round_trip() -> None:  # 1
    content = packed(FULL, FULL.name)
    assert content == packed(FULL, FULL.name)
    (candidate,) = candidates_in(unpacked(content))
    assert isinstance(candidate, Candidate)
    again = candidate.package()
    assert (again.html, again.logic, again.bindings, again.files) == (FULL.html, FULL.logic, FULL.bindings, FULL.files)
    assert again.name == "carotid" and again.file == "carotid/template.html"


@pytest.mark.parametrize(("name", "folder"), [("../x", "x"), ("http://a/b c", "http-a-b-c"), ("..", "template")])
def test_names_of_folders(name: str, folder: str) -> None:  # 1
    assert {path.partition("/")[0] for path in unpacked(packed(FULL, name))} == {folder}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no ZIP archive"),
        (b"PK\x03\x04 and so on", "no ZIP archive"),
        (archive(("../x.html", b"x")), "leads out"),
        (archive(("a/../../x.html", b"x")), "leads out"),
        (archive(("/etc/x.html", b"x")), "leads out"),
        (archive(("C:/x.html", b"x")), "leads out"),
        (archive(("a\\..\\x.html", b"x")), "leads out"),
        (archive((link(), b"/etc/passwd")), "is a link"),
        (archive(("a/inner.zip", b"x")), "archive inside"),
        (archive(("a/inner.html", archive(("b", b"c")))), "archive inside"),
        (archive(("a.html", b"x"), ("a.html", b"y")), "twice"),
        (archive(("bomb.html", b"\0" * 7_000_000)), "100 times"),
        (archive(("large.html", b"\0" * 9_000_000)), "too much"),
        (archive(*((f"{n}.txt", b"") for n in range(2001))), "2001 members"),
        (archive(("a.html", b"x"), method=zipfile.ZIP_BZIP2), "packed in a way"),
        (encrypted(), "encrypted"),
        (archive(("a.html", b"hello" * 99))[:-30], "no ZIP archive"),
    ],
    # Archives carry the time they were made at: as names of tests they would differ from worker to worker.
    ids=lambda value: value if isinstance(value, str) else "archive",
)
def test_archives_that_are_refused(content: bytes, why: str) -> None:  # 2
    with pytest.raises(Unreadable, match=why):
        unpacked(content, "upload")


def test_many_small_members_are_too_much(monkeypatch: pytest.MonkeyPatch) -> None:  # 2
    monkeypatch.setattr(packages, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(Unreadable, match="too much"):
        unpacked(archive(*((f"{n}.txt", b"x" * 300) for n in range(4))))


def test_a_member_that_claims_to_be_small() -> None:  # 2
    content = bytearray(archive(("a.html", b"x" * 500_000)))
    place = content.index(b"PK\x01\x02") + 24
    content[place : place + 4] = struct.pack("<I", 10)
    with pytest.raises(Unreadable, match="refused"):
        unpacked(bytes(content))


@given(st.binary(max_size=300), st.integers(0, 250), st.binary(min_size=1, max_size=4))
def test_damaged_archives(noise: bytes, place: int, change: bytes) -> None:  # 2
    good = bytearray(packed(FULL, "x"))
    good[place : place + len(change)] = change
    for content in (noise, b"PK\x03\x04" + noise, bytes(good)):
        try:
            unpacked(content)
        except Unreadable as error:
            assert "archive is refused" in str(error)


def test_what_systems_add_is_left_out() -> None:  # 2
    files = archive(("__MACOSX/._a.html", b"x"), ("a/.DS_Store", b"x"), ("a/b.html", b"y"))
    assert unpacked(files) == {"a/b.html": b"y"}


def test_templates_among_files() -> None:  # 3
    files = {
        "own/template.html": b"1",
        "own/logic.yaml": b"l",
        "own/pages/part.html": b"2",
        "foreign/anything.html": b"3",
        "foreign/bindings.yaml": b"b",
        "loose/one.html": b"4",
        "loose/two.htm": b"5",
        "loose/readme.txt": b"6",
    }
    found = list(candidates_in(files))
    pages = {one.file: (one.name, sorted(one.files)) for one in found if isinstance(one, Candidate)}
    assert pages == {
        "own/template.html": ("own", ["logic.yaml", "pages/part.html"]),
        "foreign/anything.html": ("foreign", ["bindings.yaml"]),
        "loose/one.html": ("", []),
        "loose/two.htm": ("", []),
    }
    assert [one for one in found if isinstance(one, str)] == ["loose/readme.txt"]


def test_logic_that_is_no_text() -> None:  # 3
    (candidate,) = candidates_in({"own/template.html": b"1", "own/logic.yaml": b"\xff\xfe\xff"})
    assert isinstance(candidate, Candidate)
    with pytest.raises(Unreadable, match="UTF-8"):
        candidate.package()
