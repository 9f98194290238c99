"""Whether a template may enter the library: it is checked, compiled, and told from the one that is there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mrrt.check import checked
from mrrt.errors import Refused, UsageError
from mrrt.parse.page import Page, read
from mrrt.problems import Problem, has_errors
from mrrt.template import Template
from reporting.packages import Package
from reporting.templates import compiled
from templates_lib.loader import TemplateSource


@dataclass(frozen=True, slots=True)
class Admitted:
    """A template that may be stored; `problems` are what is not quite right with it."""

    source: TemplateSource
    template: Template
    body_digest: str
    problems: tuple[Problem, ...]


def admitted(package: Package, source: TemplateSource, identifier: str | None = None) -> Admitted:
    """Return what may be stored of a package.

    Raises Unreadable where the page is none, UsageError where it has another identifier than the one stated, and
    Refused with all its problems where one of them is an error.
    """
    template, problems = checked(package.html, package.file)
    if identifier is not None and template.identifier != identifier:
        raise UsageError(f'the address names "{identifier}", the page is identified as "{template.identifier}"')
    if has_errors(problems):
        raise Refused(problems)
    made = compiled(source)
    return Admitted(source, made.template, body_digest(read(package.html, package.file)), (*problems, *made.problems))


def body_digest(page: Page) -> str:
    """Return the SHA-256 of the body as it is written; how its lines end makes no difference."""
    text, tags = page.source.text, page.tags
    start = next((tag.start for tag in tags if tag.name == "body" and not tag.closing), None)
    if start is None:
        start = next((tag.end for tag in tags if tag.name == "head" and tag.closing), 0)
    end = next((tag.start for tag in reversed(tags) if tag.name in ("body", "html") and tag.closing), len(text))
    end = next((tag.start for tag in reversed(tags) if tag.name == "body" and tag.closing), end)
    body = text[start:end].replace("\r\n", "\n").strip()
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
