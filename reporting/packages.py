"""Template folders as one ZIP archive, in and out; what an archive may be is decided before anything is unpacked.

    carotid/template.html    the page; a folder may instead hold one page of another name
    carotid/logic.yaml       carotid/bindings.yaml
    carotid/cases.yaml       carotid/SOURCE.md, further pages: kept with the template as they are

Nothing is ever written to a disk: an archive becomes names and bytes. The same package is always the same archive.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from mrrt.errors import Unreadable
from mrrt.parse.controls import slug

MAX_MEMBERS = 2000
MAX_MEMBER_BYTES = 8 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM = 100_000
"""Below this size no ratio is too good: short texts of blanks do no harm."""
_ARCHIVES = (".zip", ".jar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".rar", ".zst")
_MAGIC = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!", b"BZh", b"\xfd7zXZ")
_DATE = (1980, 1, 1, 0, 0, 0)
PAGE, LOGIC, BINDINGS = "template.html", "logic.yaml", "bindings.yaml"
_PARTS = (PAGE, LOGIC, BINDINGS)


@dataclass(frozen=True)
class Package:
    """A template with all that belongs to it: `files` are the other files of its folder, by path in it.

    `file` says in messages where the page was read; `name` is that of the folder, empty for a page alone.
    """

    file: str
    html: bytes
    name: str = ""
    logic: str | None = None
    bindings: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def unpacked(content: bytes, file: str = "archive") -> dict[str, bytes]:
    """Return the files of a ZIP archive by path; raises Unreadable, with the reason, on one that is not safe.

    Refused are: paths that lead out of the archive, links, encrypted members, archives inside, more than
    2000 members, more than 8 MB in one or 64 MB in all, and members that unpack to more than 100 times their size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise _refusal(file, f"it has {len(members)} members, more than {MAX_MEMBERS}")
            return _contents(archive, members, file)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, UnicodeError) as error:
        raise _refusal(file, "it is no ZIP archive, or a damaged one") from error


def packed(package: Package, name: str) -> bytes:
    """Return a package as a ZIP archive that holds one folder of that name."""
    texts = {PAGE: package.html, LOGIC: package.logic, BINDINGS: package.bindings, **package.files}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in sorted(texts.items()):
            if text is not None:
                info = zipfile.ZipInfo(f"{folder_name(name)}/{path}", _DATE)
                info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, text)
    return target.getvalue()


def folder_name(name: str) -> str:
    """Return a name as one of a folder: no separators, no dots at its ends."""
    return slug(name).strip(".-") or "template"


@dataclass(frozen=True)
class Candidate:
    """A page among files, with the files of its folder where that is a package; `name` is that of the folder."""

    file: str
    html: bytes
    name: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    def package(self) -> Package:
        """Return the package; raises Unreadable where its logic or bindings are no text."""
        logic, bindings = (_text(self.files.get(name), f"{self.name}/{name}") for name in (LOGIC, BINDINGS))
        rest = {path: content for path, content in self.files.items() if path not in _PARTS}
        return Package(self.file, self.html, self.name, logic, bindings, rest)


def candidates_in(files: Mapping[str, bytes]) -> Iterator[Candidate | str]:
    """Yield a candidate for each template among files by path, and the paths that belong to none.

    A folder with template.html is one package with everything below it; so is a folder whose logic or bindings
    stand beside one page of any name. Other pages are templates by themselves.
    """
    roots = sorted(_roots(files), key=len, reverse=True)
    inside: dict[str, dict[str, str]] = defaultdict(dict)
    for path in files:
        root = next((one for one in roots if path.startswith(f"{one}/") or not one), None)
        if root is not None:
            inside[root][path[len(root) + 1 :] if root else path] = path
    for root in sorted(inside):
        yield _package(root, {inner: files[path] for inner, path in inside[root].items()})
    packaged = {path for paths in inside.values() for path in paths.values()}
    for path in sorted(files.keys() - packaged):
        yield Candidate(path, files[path]) if is_page(path) else path


def is_page(path: str) -> bool:
    """Tell by its name whether a file is a page."""
    return PurePosixPath(path).suffix.lower() in (".html", ".htm", ".xhtml")


def _roots(files: Mapping[str, bytes]) -> Iterator[str]:
    folders: dict[str, set[str]] = defaultdict(set)
    for path in files:
        folder, _, name = path.rpartition("/")
        folders[folder].add(name)
    for folder, names in folders.items():
        alone = sum(map(is_page, names)) == 1 and names & {LOGIC, BINDINGS}
        if PAGE in names or alone:
            yield folder


def _package(root: str, files: Mapping[str, bytes]) -> Candidate:
    page = PAGE if PAGE in files else next(path for path in files if "/" not in path and is_page(path))
    rest = {path: content for path, content in files.items() if path != page}
    return Candidate(f"{root}/{page}" if root else page, files[page], PurePosixPath(root).name, rest)


def _text(content: bytes | None, file: str) -> str | None:
    try:
        return None if content is None else content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file}: it is no text in UTF-8. Save it in UTF-8.") from error


def _contents(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], file: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    left = MAX_TOTAL_BYTES
    for member in members:
        path = _safe_path(member, file)
        if member.is_dir() or _is_clutter(path):
            continue
        if path in found:
            raise _refusal(file, f'it holds "{path}" twice')
        found[path] = _content(archive, member, min(left, MAX_MEMBER_BYTES), file)
        left -= len(found[path])
    return found


def _safe_path(member: zipfile.ZipInfo, file: str) -> str:
    path = PurePosixPath(member.filename)
    outside = path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[:1]
    if outside or not path.parts or "\x00" in member.filename or path.parts[0].endswith(":"):
        raise _refusal(file, f'the path "{member.filename}" leads out of it')
    if member.flag_bits & 1:
        raise _refusal(file, f'"{path}" is encrypted')
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _refusal(file, f'"{path}" is a link')
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _refusal(file, f'"{path}" is packed in a way that is not read')
    if path.suffix.lower() in _ARCHIVES:
        raise _refusal(file, f'"{path}" is an archive inside the archive')
    return str(path)


def _is_clutter(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return "__MACOSX" in parts or parts[-1] in (".DS_Store", "Thumbs.db")


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int, file: str) -> bytes:
    # the size that a member claims may be wrong: what counts is what comes out
    with archive.open(member) as source:
        content = source.read(limit + 1)
    if len(content) > limit:
        raise _refusal(file, f'it unpacks to too much at "{member.filename}"')
    if len(content) > _RATIO_FROM and len(content) > MAX_RATIO * max(member.compress_size, 1):
        raise _refusal(file, f'"{member.filename}" unpacks to more than {MAX_RATIO} times its size')
    if content.startswith(_MAGIC):
        raise _refusal(file, f'"{member.filename}" is an archive inside the archive')
    return content


def _refusal(file: str, why: str) -> Unreadable:
    return Unreadable(f"{file}: the archive is refused: {why}. Pack the template folders as a plain ZIP archive.")
