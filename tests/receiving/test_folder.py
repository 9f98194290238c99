"""A watched folder.

1. A file is taken when it is complete, and moved to done/; its bytes are kept.
2. What fails is moved to failed/, with the reason beside it.
3. The same file again is success and nothing new, also after an end between keeping and moving.
4. Files that are still written, links, and what was taken before stay where they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from reporting.receiving.folder import Watcher
from reporting.receiving.inbox import Inbox
from reporting.store import open_store

from ..reporting.site import site, sr, ticking
from ..sr_writer import uid
from .conftest import Place
from .test_storage import ct_image

UID = uid("one/instance")


class Folder:
    """A watched folder that looks when it is told to."""

    def __init__(self, path: Path, **more: bool) -> None:
        self.path = path / "in"
        self.path.mkdir()
        self.store = open_store(site(path).database_url)
        self.inbox = Inbox(self.store, ticking())
        given = {"largest": 100_000, "keep_others": False, **more}
        self.watcher = Watcher(self.path, self.inbox, **given)

    def write(self, name: str, content: bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    def look_twice(self) -> int:
        return self.watcher.look() + self.watcher.look()

    def names(self) -> list[str]:
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*") if path.is_file())

    def reason(self, name: str) -> str:
        return (self.path / "failed" / f"{name}.reason.txt").read_text(encoding="utf-8")

    def document(self, instance: str) -> bytes | None:
        with self.store.reading() as transaction:
            return transaction.document(instance)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_complete_file_is_taken(folder: Folder) -> None:  # 1
    folder.write("a.dcm", sr())
    folder.write("deep/b", sr(instance="two"))
    assert folder.look_twice() == 2
    assert folder.names() == ["done/a.dcm", "done/deep/b"]
    assert folder.document(UID) == (folder.path / "done" / "a.dcm").read_bytes() == sr()


def test_a_growing_file_is_left_alone(folder: Folder) -> None:  # 1
    content = sr()
    for end in (1000, 5000, len(content)):
        folder.write("a.dcm", content[:end])
        assert folder.watcher.look() == 0
    assert folder.watcher.look() == 1
    assert folder.document(UID) == content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"MSH|^~\\&|", "HL7"),
        (sr()[:-500], "missing"),
        (ct_image(), "no structured report"),
        (bytes(100_001), "100001 bytes"),
    ],
    ids=["empty", "hl7", "half", "ct", "large"],
)
def test_what_fails_has_a_reason(folder: Folder, content: bytes, said: str) -> None:  # 2
    folder.write("bad.dcm", content)
    folder.look_twice()
    assert folder.names() == ["failed/bad.dcm", "failed/bad.dcm.reason.txt"]
    assert said in folder.reason("bad.dcm")
    assert (folder.path / "failed" / "bad.dcm").read_bytes() == content


def test_other_bytes_under_a_known_uid_fail(folder: Folder) -> None:  # 2
    folder.write("a.dcm", sr(336.0))
    folder.look_twice()
    folder.write("a.dcm", sr(100.0))
    folder.look_twice()
    assert folder.names() == ["done/a.dcm", "failed/a.dcm", "failed/a.dcm.reason.txt"]
    assert "same SOP Instance UID" in folder.reason("a.dcm")
    assert folder.document(UID) == sr(336.0)


def test_others_are_kept_where_the_site_wants_that(tmp_path: Path) -> None:  # 2
    folder = Folder(tmp_path, keep_others=True)
    folder.write("ct.dcm", ct_image())
    folder.look_twice()
    assert folder.names() == ["done/ct.dcm"]


def test_the_same_again_is_done(folder: Folder) -> None:  # 3
    for _ in range(3):
        folder.write("a.dcm", sr())
        folder.look_twice()
    assert folder.names() == ["done/a.dcm", "done/a.dcm.1", "done/a.dcm.2"]
    assert sum(folder.inbox.counts().values()) == 1


def test_an_end_between_keeping_and_moving(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:  # 3
    folder.write("a.dcm", sr())
    with monkeypatch.context() as patch:
        patch.setattr(Watcher, "_move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            folder.look_twice()
    assert folder.names() == ["a.dcm"]
    folder.look_twice()
    assert folder.names() == ["done/a.dcm"]
    assert sum(folder.inbox.counts().values()) == 1


def test_what_is_no_finished_file_stays(folder: Folder, tmp_path: Path) -> None:  # 4
    for name in (".hidden", "a.dcm.part", "b.TMP"):
        folder.write(name, sr())
    outside = tmp_path / "outside.dcm"
    outside.write_bytes(sr())
    (folder.path / "link.dcm").symlink_to(outside)
    assert folder.look_twice() == 0
    (folder.path / "a.dcm.part").rename(folder.path / "a.dcm")
    folder.look_twice()
    assert (folder.path / "done" / "a.dcm").is_file()
    assert outside.is_file()


def test_a_place_watches_by_itself(place: Callable[..., Place], tmp_path: Path) -> None:  # 1
    folder = tmp_path / "drop"
    folder.mkdir()
    here = place(watch=folder, dicom_port=None)
    (folder / "a.dcm").write_bytes(sr())
    for _ in range(200):
        if here.entries() and here.document(UID):
            break
        time.sleep(0.05)
    assert here.states() == ["imported"]
