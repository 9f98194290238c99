"""Reports as one HTML page that needs nothing else: for the screen, the printer and the archive."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2 import Template as Page

from mrrt.render.heading import criteria, heading, notice, signature
from mrrt.render.outline import Grid, Part, outline
from mrrt.render.ties import pieces
from mrrt.report import Report, ReportStatus
from mrrt.template import Template


@cache
def _page() -> Page:
    environment = Environment(
        loader=PackageLoader("mrrt.render", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pieces"] = pieces
    environment.tests["part"] = lambda block: isinstance(block, Part)
    environment.tests["grid"] = lambda block: isinstance(block, Grid)
    return environment.get_template("report.html")


def render_html(report: Report, template: Template, language: str) -> str:
    """Return the report as a whole HTML page without script or outside address."""
    return _page().render(
        language=language,
        title=template.title_in(language),
        identifier=template.identifier,
        notice=notice(report, language),
        heading=heading(report, language),
        content=outline(report, template, language),
        criteria=criteria(report, language),
        signature=signature(report, language),
        draft=report.status in (ReportStatus.PARTIAL, ReportStatus.REGISTERED),
    )
