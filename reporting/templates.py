"""Templates as the application uses them: page, logic and bindings together, compiled once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.logic import Logic
from mrrt.problems import Problem
from mrrt.safe_html import safe_html
from mrrt.template import Template
from sr_import import Bindings, load_bindings
from templates_lib.loader import TemplateSource, load_source, locate_installed

_NO_BINDINGS = Bindings(template="", version="", bindings=())


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template with its logic and bindings, ready for use."""

    source: TemplateSource
    template: Template
    logic: Logic
    bindings: Bindings


class TemplateSummary(BaseModel):
    """One line of the list of templates; `problems` say why a template of the site cannot be used.

    `origin` tells templates that lie in folders from those that were stored; only the latter have a `version`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    identifier: str = ""
    title: str = ""
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


@lru_cache(maxsize=64)
def compiled(source: TemplateSource) -> Compiled:
    """Compile the texts of a template folder. Raises Unreadable or Refused; equal texts are compiled once."""
    loaded = load_source(source)
    text, template = source.bindings, loaded.template
    bindings = _NO_BINDINGS if text is None else load_bindings(text, source.file("bindings.yaml"), template)
    return Compiled(source, loaded.template, loaded.logic, bindings)


@lru_cache(maxsize=64)
def form(source: TemplateSource) -> str:
    """Return the page as a fragment of HTML that is safe to show; its scripts are gone."""
    return safe_html(source.html, compiled(source).template)


def installed_template(name: str, extra: Iterable[Path]) -> Compiled:
    """Return an installed template by its name or identifier; raises NotFound."""
    return compiled(locate_installed(name, extra))
