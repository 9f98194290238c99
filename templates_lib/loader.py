"""Finds template folders and loads what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mrrt.parse import parse

from mrrt.authored import read_yaml
from mrrt.errors import NotFound, Refused
from mrrt.logic import Logic, load_logic
from mrrt.template import Template

SHIPPED = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class TemplateFolder:
    """A template with all that belongs to it; `html` are the bytes of the MRRT page, `bindings` the YAML text."""

    name: str
    template: Template
    html: bytes
    logic: Logic
    bindings: str | None = None
    folder: Path | None = None


def folders(extra: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield all template folders: the given ones first, then those that the product ships."""
    for root in (*extra, SHIPPED):
        inner = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
        yield from (path for path in (root, *inner) if _is_template_folder(path))


def find(name: str, extra: Iterable[Path] = ()) -> TemplateFolder:
    """Load a template by folder path, `.html` file, or name or identifier of an installed one.

    A template that is no file of ours (a foreign one) gets the bindings and logic of the installed folder that
    names its dcterms.identifier. Raises NotFound, Unreadable or Refused.
    """
    extra = tuple(extra)
    path = Path(name)
    if path.is_file():
        return _foreign(path, extra)
    if (path / "template.html").is_file():
        return load(path)
    for folder in folders(extra):
        if name in (folder.name, belongs_to(folder)) and (folder / "template.html").is_file():
            return load(folder)
    known = ", ".join(sorted({folder.name for folder in folders(extra) if (folder / "template.html").is_file()}))
    raise NotFound(f'there is no template "{name}": neither a file nor a folder, nor one of the installed: {known}')


def load(folder: Path, page: Path | None = None) -> TemplateFolder:
    """Load a template folder; `page` is the template itself where the folder holds none (a foreign one)."""
    page = page or folder / "template.html"
    html = page.read_bytes()
    template = parse(html, str(page))
    logic, bindings = _text(folder / "logic.yaml"), _text(folder / "bindings.yaml")
    return TemplateFolder(
        name=folder.name,
        template=template,
        html=html,
        logic=load_logic(logic, str(folder / "logic.yaml"), template) if logic else Logic(),
        bindings=bindings,
        folder=folder,
    )


def belongs_to(folder: Path) -> str | None:
    """Return the identifier of the template that a folder's logic or bindings attach to."""
    for name in ("bindings.yaml", "logic.yaml"):
        text = _text(folder / name)
        if text is not None:
            try:
                return str(read_yaml(text, str(folder / name)).data.get("template", ""))
            except Refused:
                continue
    return None


def _foreign(page: Path, extra: tuple[Path, ...]) -> TemplateFolder:
    if page.name == "template.html":
        return load(page.parent)
    html = page.read_bytes()
    template = parse(html, str(page))
    for folder in (page.parent, *folders(extra)):
        if template.identifier and belongs_to(folder) == template.identifier:
            return load(folder, page)
    return TemplateFolder(name=page.stem, template=template, html=html, logic=Logic())


def _is_template_folder(path: Path) -> bool:
    return any((path / name).is_file() for name in ("template.html", "bindings.yaml", "logic.yaml"))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
