"""The coded part of a template as one `text/xml` block (MRRT 8.1.3)."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping

from mrrt.code import Code
from mrrt.template import Template


def xml_block(template: Template) -> str:
    """Return the script element with template_attributes: flag, status, schemes, terms and coded content."""
    lines = ["<template_attributes>", *(f"  {line}" for line in _attributes(template)), "</template_attributes>"]
    return "\n".join(['<script type="text/xml">', *lines, "</script>"])


def _attributes(template: Template) -> Iterator[str]:
    if template.top_level is not None:
        yield f"<top-level-flag>{str(template.top_level).lower()}</top-level-flag>"
    if template.status:
        yield f"<status>{_text(template.status)}</status>"
    if template.users:
        yield f"<user-list>{_text(', '.join(template.users))}</user-list>"
    if template.provider_groups:
        yield f"<provider-group-list>{_text(', '.join(template.provider_groups))}</provider-group-list>"
    yield from _schemes(template.coding_schemes)
    if template.procedure_codes:
        codes = "".join(_code(code, template.coding_schemes) for code in template.procedure_codes)
        yield f"<procedure-code-list>{codes}</procedure-code-list>"
    for kind, code in template.terms:
        yield f'<term type="{_value(kind)}">{_code(code, template.coding_schemes)}</term>'
    yield "<coded_content>"
    for entry in template.coded_content:
        yield from (f"  {line}" for line in _entry(entry.origtxt, entry.codes, template.coding_schemes))
    yield "</coded_content>"


def _schemes(schemes: Mapping[str, str]) -> Iterator[str]:
    if not schemes:
        return
    yield "<coding_schemes>"
    for name, designator in schemes.items():
        yield f'  <coding_scheme name="{_value(name)}" designator="{_value(designator)}"/>'
    yield "</coding_schemes>"


def _entry(origtxt: str, codes: Iterable[Code], schemes: Mapping[str, str]) -> Iterator[str]:
    yield f'<entry ORIGTXT="{_value(origtxt)}">' if origtxt else "<entry>"
    yield from (f"  <term>{_code(code, schemes)}</term>" for code in codes)
    yield "</entry>"


def _code(code: Code, schemes: Mapping[str, str]) -> str:
    scheme = next((name for name in schemes if Code.of(name, code.value) == code), code.scheme)
    return f'<code meaning="{_value(code.meaning)}" value="{_value(code.value)}" scheme="{_value(scheme)}"/>'


def _value(content: str) -> str:
    # "<" ends an attribute value for a strict XML parser, and "</script" would end the block for an HTML parser
    return html.escape(content).replace("&#x27;", "'")


def _text(content: str) -> str:
    return html.escape(content, quote=False)
