"""Attributes that the model has no word of its own for: they are kept as they stand."""

from __future__ import annotations

from mrrt.parse.phrases import TRANSLATIONS
from mrrt.parse.tree import Element

_FIELD = (
    *("type", "action", "completion-action", "signature-latitude", "signature-lattitude", "merge-flag", "units"),
    *("merge-identifier", "verbal-trigger"),
)
_READ = frozenset(
    {
        *("id", "name", "type", "value", "min", "max", "step", "title", "required", "readonly", "disabled", "hidden"),
        *("checked", "selected", "multiple", "list", "label", "for", "style"),
        *("aria-label", "aria-labelledby", "role"),
        *(f"data-field-{name}" for name in _FIELD),
        *("date-field-units", "data-merge-identifier", "data-mrrt-condition", "data-show-if"),
        *("data-radlex", "data-loinc", "data-template-uid", "data-replacement-element-id"),
        *TRANSLATIONS,
    }
)


def kept_attributes(element: Element) -> dict[str, str]:
    """Return the attributes of an element that no other part of the parser reads; handlers are listed elsewhere."""
    return {name: value for name, value in element.attributes.items() if name not in _READ and name[:2] != "on"}
