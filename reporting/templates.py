"""Templates as the application uses them: page, logic and bindings together, compiled once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mrrt.adoption import adopt
from mrrt.compose import Composed, Origin, Replacement, chosen, compose, reachable
from mrrt.compose.links import Resolve
from mrrt.errors import NotFound, Refused, Unreadable
from mrrt.logic import Logic, load_logic, own_logic
from mrrt.parse import parse
from mrrt.problems import Problem, has_errors
from mrrt.report import Report, Value
from mrrt.safe_html import safe_html
from mrrt.template import Template, Translations
from sr_import import Bindings, automatic_bindings, load_bindings
from templates_lib.loader import TemplateSource, locate_installed, read_pages


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template with its logic and bindings, ready for use.

    `template` and `html` are in the shape that the replacements in `active` give them; `full` has every field that
    the template can have in any shape, and is what logic and bindings speak of.
    """

    source: TemplateSource
    template: Template
    logic: Logic
    bindings: Bindings
    full: Template
    html: bytes
    active: frozenset[Replacement] = frozenset()
    fixed: bool = True
    """No choice changes the shape."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """What the prefixes of its parts stand for in every version of the template."""
    problems: tuple[Problem, ...] = ()
    """Doubts about how the template is put together."""

    @property
    def shape(self) -> str:
        """A name of the shape: the same for the same form of the same texts, another where a choice changes it."""
        parts = sorted((one.target, one.template) for one in self.active)
        return sha256(repr((self.source.digest, parts)).encode()).hexdigest()[:16]


class TemplateSummary(BaseModel):
    """One line of the list of templates; `problems` say why a template of the site cannot be used.

    `origin` tells templates that lie in folders from those that were stored; only the latter have a `version`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    identifier: str = ""
    title: str = ""
    translations: Translations = Field(default_factory=dict)
    """The title in other languages."""
    language: str = ""
    fields: int = 0
    problems: tuple[Problem, ...] = ()
    origin: Literal["installed", "stored"] = "installed"
    version: int | None = None
    status: str = ""
    publisher: str = ""
    creator: str = ""
    license: str = ""
    date: str = ""
    modality: tuple[str, ...] = ()
    """Code and meaning of the modality, as the template states them."""


def compiled(source: TemplateSource) -> Compiled:
    """Compile the texts of a template folder. Raises Unreadable or Refused; equal texts are compiled once."""
    with _TURNS[hash(source) % len(_TURNS)]:
        return _compiled(source)


_TURNS = tuple(threading.Lock() for _ in range(32))
"""Who asks for a template that another thread is compiling waits for it, and does not do it again."""


@lru_cache(maxsize=256)
def _compiled(source: TemplateSource) -> Compiled:
    every = _composed(source, every=True)
    if has_errors(every.problems):
        raise Refused(every.problems)
    text, full = source.logic, every.template
    logic = own_logic(full) if text is None else load_logic(text, source.file("logic.yaml"), full)
    full = adopt(full, logic.choices)
    text = source.bindings
    bindings = automatic_bindings(full) if text is None else load_bindings(text, source.file("bindings.yaml"), full)
    base = _composed(source)
    fixed = base.html == every.html
    template = full if fixed else adopt(base.template, logic.choices)
    known: dict[str, Any] = {"fixed": fixed, "origins": every.origins, "problems": every.problems}
    return Compiled(source, template, logic, bindings, full, base.html, **known)


def shaped(template: Compiled, report: Report) -> Compiled:
    """Return the template in the shape that the values of a report give it: a pure function of what is chosen.

    What is chosen in a field that is hidden puts nothing in.
    """
    if template.fixed:
        return template
    active: frozenset[Replacement] = frozenset()
    while True:
        shape = _shape(template.source, active)
        grown = active | chosen(shape.template, _shown(report))
        if grown == active:
            return shape
        active = grown


def _shown(report: Report) -> Callable[[str], Value | None]:
    return lambda key: None if key in report.irrelevant else report.value(key)


@lru_cache(maxsize=256)
def _shape(source: TemplateSource, active: frozenset[Replacement]) -> Compiled:
    base = compiled(source)
    if not active:
        return base
    composed = _composed(source, active)
    return replace(base, template=adopt(composed.template, base.logic.choices), html=composed.html, active=active)


def _composed(source: TemplateSource, active: frozenset[Replacement] = frozenset(), *, every: bool = False) -> Composed:
    return compose(source.html, source.page, dict(source.pages).get, active, every=every)


def field_keys(source: TemplateSource) -> frozenset[str]:
    """Return the fields of a template in all its shapes, without compiling it; raises Unreadable."""
    return frozenset(_composed(source, every=True).template.field_by_key)


@lru_cache(maxsize=64)
def form(source: TemplateSource, active: frozenset[Replacement] = frozenset()) -> str:
    """Return the page, in the shape that replacements give it, as a fragment of HTML that is safe to show."""
    shape = _shape(source, active)
    return safe_html(shape.html, shape.template)


def installed_template(name: str, extra: Iterable[Path]) -> Compiled:
    """Return an installed template by its name or identifier; raises NotFound."""
    return compiled(assembled_on_disk(locate_installed(name, extra), extra))


def assembled_on_disk(source: TemplateSource, extra: Iterable[Path]) -> TemplateSource:
    """Return the texts of a template that was read from files, with those of all pages that it refers to."""
    return assembled(source, pages_beside(source), installed_pages(extra))


def assembled(source: TemplateSource, *places: Resolve) -> TemplateSource:
    """Return the texts of a template with those of all pages that it refers to, from the first place that has them."""

    def resolve(identifier: str) -> bytes | None:
        return next((page for place in places if (page := place(identifier)) is not None), None)

    pages = reachable(source.html, source.page, resolve)
    return replace(source, pages=tuple(sorted(pages.items()))) if pages else source


def pages_beside(source: TemplateSource) -> Resolve:
    """Return how pages are found in the folder that a template was read from; only for one that was."""
    # read only if there is something to look for: the folder may hold many pages
    pages = cache(lambda: pages_by_identifier(read_pages(Path(source.folder))))
    return lambda identifier: pages().get(identifier)


def installed_pages(extra: Iterable[Path]) -> Resolve:
    """Return how pages are found among the installed templates."""
    return lambda identifier: _installed_page(identifier, extra)


def pages_by_identifier(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return pages by the identifier that each states, and by its file name where no other states that."""
    named = {PurePosixPath(path).stem: content for path, content in files.items()}
    stated = {_identifier(path, content): content for path, content in files.items()}
    return {name: content for name, content in {**named, **stated}.items() if name}


def _identifier(path: str, content: bytes) -> str:
    try:
        return parse(content, path).identifier
    except Unreadable:
        return ""


def _installed_page(identifier: str, extra: Iterable[Path]) -> bytes | None:
    try:
        return locate_installed(identifier, extra).html
    except NotFound:
        return None
