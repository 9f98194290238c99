"""Pages of templates with as many number fields as one likes, in the manner of the published ones."""

from __future__ import annotations

_PER_SECTION = 25


def template(fields: int) -> str:
    """Return a page with so many fields, in sections of 25; its identifier is 2.25.FIELDS."""
    name = f"A template of {fields} fields"
    sections = "".join(_section(first, min(first + _PER_SECTION, fields)) for first in range(0, fields, _PER_SECTION))
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{name}</title>'
        f'<meta name="dcterms.title" content="{name}"><meta name="dcterms.identifier" content="2.25.{fields}">'
        '<meta name="dcterms.language" content="en"><meta name="dcterms.type" content="IMAGE_REPORT_TEMPLATE">'
        '<meta name="dcterms.publisher" content="Example"><meta name="dcterms.date" content="2026-01-01">'
        f"</head><body>{sections}</body></html>"
    )


def _section(first: int, end: int) -> str:
    title = f"Part {first // _PER_SECTION + 1}"
    inputs = "".join(
        f'<p><label for="f{n}">Measure {n}</label>'
        f'<input id="f{n}" name="Measure {n}" type="number" data-field-type="NUMBER" data-field-units="mm"></p>'
        for n in range(first, end)
    )
    return f'<section id="s{first}" data-section-name="{title}"><header>{title}</header>{inputs}</section>'
