"""Reports as text, HTML and JSON. Each format is one module; the same report always gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mrrt.errors import UsageError
from mrrt.render.html import render_html
from mrrt.render.json import render_json
from mrrt.render.outline import display, shown
from mrrt.render.text import render_text
from mrrt.report import Report
from mrrt.template import Template


@dataclass(frozen=True, slots=True)
class Format:
    """An output format."""

    media_type: str
    suffix: str
    render: Callable[[Report, Template, str], str]


FORMATS: Mapping[str, Format] = {
    "text": Format("text/plain; charset=utf-8", ".txt", render_text),
    "html": Format("text/html; charset=utf-8", ".html", render_html),
    "json": Format("application/json", ".json", render_json),
}


def render(report: Report, template: Template, name: str) -> bytes:
    """Render a report in one of FORMATS, in the language that it is written in; raises UsageError."""
    if name not in FORMATS:
        raise UsageError(f'"{name}" is no output format; known are {", ".join(FORMATS)}')
    return FORMATS[name].render(report, template, report.language).encode()


__all__ = ["FORMATS", "Format", "display", "render", "shown"]
