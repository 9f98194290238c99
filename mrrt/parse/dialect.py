"""Which of the known ways of writing MRRT a page follows, told by evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mrrt.parse.metadata import first
from mrrt.parse.page import Page
from mrrt.parse.xml_block import XmlBlock

_UUID = re.compile(r"^(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_T_REX_ID = re.compile(r"^[A-Za-z_]+_\d{12,14}$")
_ATTRIBUTES_2026 = ("data-radlex", "data-loinc", "data-ris-source", "data-show-if", "data-ai")


@dataclass(frozen=True)
class Evidence:
    """What the dialects are told by."""

    page: Page
    metadata: Mapping[str, tuple[str, ...]]
    block: XmlBlock

    def has_attribute(self, *names: str) -> bool:
        """Tell whether any element carries one of these attributes."""
        return any(not element.attributes.keys().isdisjoint(names) for element in self.page.elements)


def _drg(evidence: Evidence) -> bool:
    publisher = " ".join(evidence.metadata.get("publisher", ()))
    return (
        first(evidence.metadata, "identifier").startswith("041807.")
        or "Deutsche Röntgengesellschaft" in publisher
        or "DRGagit" in first(evidence.metadata, "license")
    )


def _rsna_2014(evidence: Evidence) -> bool:
    return "radreport.org/template/" in first(evidence.metadata, "identifier")


def _t_rex(evidence: Evidence) -> bool:
    identifier = first(evidence.metadata, "identifier")
    made = any(_T_REX_ID.match(identity) for identity in evidence.page.by_id)
    return (
        made
        or bool(re.match(r"^RPT\d+$", identifier))
        or (bool(_UUID.match(identifier)) and bool(evidence.block.entries))
    )


def _ihe_draft(evidence: Evidence) -> bool:
    old = evidence.has_attribute("data-field-signature-latitude", "data-field-signature-lattitude")
    return old or evidence.block.draft or any(name.startswith("dc:") for name in evidence.page.names)


def _nuance(evidence: Evidence) -> bool:
    has_doctype = bool(re.search(r"<!doctype", evidence.page.source.text[:4096], re.IGNORECASE))
    levels = any("Level1" in (element.get("class") or "").split() for element in evidence.page.elements)
    return not evidence.block.blocks and not has_doctype and levels


def _attribute_2026(evidence: Evidence) -> bool:
    return not evidence.block.blocks and evidence.has_attribute(*_ATTRIBUTES_2026)


def _ihe_ti(evidence: Evidence) -> bool:
    return bool(evidence.block.attributes_elements) and bool(first(evidence.metadata, "identifier"))


DIALECTS: tuple[tuple[str, Callable[[Evidence], bool]], ...] = (
    ("drg", _drg),
    ("rsna-2014", _rsna_2014),
    ("nuance", _nuance),
    ("attribute-2026", _attribute_2026),
    ("ihe-draft", _ihe_draft),
    ("t-rex", _t_rex),
    ("ihe-ti", _ihe_ti),
)
"""Each dialect with its test; the first that holds counts, the most telling evidence comes first."""


def dialect_of(page: Page, metadata: Mapping[str, tuple[str, ...]], block: XmlBlock) -> str:
    """Return the short name of the dialect, or "unknown"."""
    evidence = Evidence(page, metadata, block)
    return next((name for name, holds in DIALECTS if holds(evidence)), "unknown")
