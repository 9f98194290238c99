"""Finds template folders and loads what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from mrrt.adoption import adopt
from mrrt.authored import read_yaml
from mrrt.errors import NotFound, Refused, Unreadable
from mrrt.logic import Logic, load_logic, own_logic
from mrrt.parse import parse
from mrrt.template import Template

SHIPPED = Path(__file__).parent


@dataclass(frozen=True)
class TemplateSource:
    """The texts of a template folder as they were read: all that a report has to be pinned to.

    `html` are the bytes of the MRRT page, `logic` and `bindings` the YAML texts, `pages` the other pages, by
    identifier, that the page embeds or that its options put in place of an element. `page` and `folder` say in
    messages where they were read.
    """

    name: str
    page: str
    folder: str
    html: bytes
    logic: str | None = None
    bindings: str | None = None
    pages: tuple[tuple[str, bytes], ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over all the texts; equal for equal texts, wherever they lie."""
        digest = hashlib.sha256()
        for text in (self.html, self.logic, self.bindings, *(part for page in sorted(self.pages) for part in page)):
            data = text.encode() if isinstance(text, str) else text
            digest.update(b"-" if data is None else b"%d:%s" % (len(data), data))
        return digest.hexdigest()

    def file(self, name: str) -> str:
        """Return the path of one of the folder's files, for messages."""
        return str(Path(self.folder) / name)


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """A template with all that belongs to it, parsed and compiled."""

    source: TemplateSource
    template: Template
    logic: Logic

    @property
    def name(self) -> str:
        """The name of the folder, under which the template is asked for."""
        return self.source.name

    @property
    def html(self) -> bytes:
        """The bytes of the MRRT page."""
        return self.source.html

    @property
    def bindings(self) -> str | None:
        """The YAML text of the bindings."""
        return self.source.bindings


def folders(extra: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield all template folders: the given ones first, then those that the product ships."""
    for root in (*extra, SHIPPED):
        inner = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        yield from (path for path in (root, *inner) if _is_template_folder(path))


def installed(extra: Iterable[Path] = ()) -> dict[str, Path]:
    """Return the folders that hold a template of their own, by name; the given ones hide shipped ones."""
    named = [(folder.name, folder) for folder in folders(extra) if (folder / "template.html").is_file()]
    return dict(reversed(named))


def find(name: str, extra: Iterable[Path] = ()) -> TemplateFolder:
    """Load a template by folder path, `.html` file, or name or identifier of an installed one.

    A template that is no file of ours (a foreign one) gets the bindings and logic of the installed folder that
    names its dcterms.identifier. Raises NotFound, Unreadable or Refused.
    """
    return load_source(locate(name, extra))


def locate(name: str, extra: Iterable[Path] = ()) -> TemplateSource:
    """Read the texts of a template that is named as in `find`, without parsing or compiling them."""
    extra = tuple(extra)
    path = Path(name)
    if path.is_file():
        return _foreign(path, extra)
    if (path / "template.html").is_file():
        return read(path)
    return locate_installed(name, extra)


def locate_installed(name: str, extra: Iterable[Path] = ()) -> TemplateSource:
    """Read the texts of an installed template by its name or identifier; never a path, so fit for the API."""
    known = installed(extra)
    if name in known:
        return read(known[name])
    for identifier in (belongs_to, _states):
        if (folder := next((one for one in known.values() if name and identifier(one) == name), None)) is not None:
            return read(folder)
    listed = ", ".join(sorted(known))
    raise NotFound(f'there is no template "{name}"; those in folders are {listed}')


def read(folder: Path, page: Path | None = None) -> TemplateSource:
    """Read the texts of a folder; `page` is the template itself where the folder holds none (a foreign one).

    Raises NotFound or Unreadable.
    """
    page = page or folder / "template.html"
    if not page.is_file():
        raise NotFound(f'"{folder}" holds no template.html; name the page that it belongs to')
    return TemplateSource(folder.resolve().name, str(page), str(folder), _bytes(page), *attached(folder))


def attached(folder: Path) -> tuple[str | None, str | None]:
    """Return the YAML texts of a folder's logic and bindings; raises Unreadable."""
    return _text(folder / "logic.yaml"), _text(folder / "bindings.yaml")


def read_pages(folder: Path) -> dict[str, bytes]:
    """Read the pages of a folder, by their names; one that is no folder has none."""
    found = sorted(folder.glob("*.html")) if folder.is_dir() else []
    return {path.name: _bytes(path) for path in found if path.is_file()}


def load(folder: Path, page: Path | None = None) -> TemplateFolder:
    """Load a template folder, read as in `read`."""
    return load_source(read(folder, page))


def load_source(source: TemplateSource) -> TemplateFolder:
    """Parse the page and compile the logic. Raises Unreadable or Refused."""
    template = parse(source.html, source.page)
    text = source.logic
    logic = own_logic(template) if text is None else load_logic(text, source.file("logic.yaml"), template)
    return TemplateFolder(source, adopt(template, logic.choices), logic)


def belongs_to(folder: Path) -> str | None:
    """Return the identifier of the template that a folder's logic or bindings attach to."""
    for name in ("bindings.yaml", "logic.yaml"):
        with suppress(Unreadable):  # it is told when this folder is wanted; a look for another one goes on
            text = _text(folder / name)
            if text is not None and (identifier := _named_in(text)) is not None:
                return identifier
    return None


@lru_cache(maxsize=1024)
def _named_in(text: str) -> str | None:
    """Return the template that a YAML text names, None where it is no YAML; every look for a template asks."""
    try:
        return str(read_yaml(text, "").data.get("template", ""))
    except Refused:
        return None


def _states(folder: Path) -> str:
    """Return the identifier that the page of a folder states; a folder may hold nothing but a page."""
    try:
        return _identifier(_bytes(folder / "template.html"))
    except Unreadable:
        return ""


@lru_cache(maxsize=1024)
def _identifier(html: bytes) -> str:
    try:
        return parse(html, "").identifier
    except Unreadable:
        return ""


def _foreign(page: Path, extra: tuple[Path, ...]) -> TemplateSource:
    if page.name == "template.html":
        return read(page.parent)
    html = _bytes(page)
    identifier = parse(html, str(page)).identifier
    for folder in (page.parent, *folders(extra)):
        if identifier and belongs_to(folder) == identifier:
            return read(folder, page)
    return TemplateSource(page.stem, str(page), str(page.parent), html)


def _is_template_folder(path: Path) -> bool:
    return any((path / name).is_file() for name in ("template.html", "bindings.yaml", "logic.yaml"))


def _text(path: Path) -> str | None:
    """Return the text of a file, None where there is no such file; raises Unreadable."""
    if not path.is_file():
        return None
    try:
        return _bytes(path).decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path}: it is no text in UTF-8. Save it in UTF-8.") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path}: cannot be opened: {error.strerror or error}") from error
