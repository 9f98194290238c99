"""Tags and texts of the page that is written."""

from __future__ import annotations

import html
from collections.abc import Mapping

Attributes = Mapping[str, str | bool | None]
"""Attributes by name: a text is a value, True the bare name, None and False leave it out."""

_TRANSLATIONS = {"en": "data-english", "de": "data-german"}


def text(content: str) -> str:
    """Return text as it is written between tags."""
    return html.escape(content, quote=False)


def start(name: str, attributes: Attributes) -> str:
    """Return a start tag."""
    written = "".join(_attribute(key, value) for key, value in attributes.items())
    return f"<{name}{written}>"


def element(name: str, attributes: Attributes, content: str = "") -> str:
    """Return an element; `content` is markup already."""
    return f"{start(name, attributes)}{content}</{name}>"


def translations(texts: Mapping[str, str]) -> dict[str, str | bool | None]:
    """Return the attributes that state translations (data-english, data-german)."""
    return {name: texts[language] for language, name in _TRANSLATIONS.items() if language in texts}


def condition(written: str | None) -> dict[str, str | bool | None]:
    """Return the attribute for a condition: `#id op value` is data-mrrt-condition, anything else data-show-if."""
    if not written:
        return {}
    return {"data-mrrt-condition" if written.startswith("#") else "data-show-if": written}


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(value)}"'
