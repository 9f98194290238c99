"""What the prefixes of a composed page stand for: the template that a part is of, wherever in the page it stands."""

from __future__ import annotations

from collections.abc import Mapping

from lxml.html import HtmlElement

from mrrt.compose.prefix import PREFIX, REPLACES
from mrrt.parse.labels import CONTAINER


def origins_of(root: HtmlElement) -> Mapping[str, str]:
    """Return for each prefix what it stands for in every version of the page.

    The id of an embed, or of what is replaced, is its author's word; numbers are but places, so that the template and
    the section stand for them.
    """
    found: dict[str, str] = {}
    for part in root.iter("div"):
        if prefix := part.get(PREFIX):
            around = next((outer for one in part.iterancestors() if (outer := one.get(PREFIX))), "")
            found[prefix] = found.get(around, around) + _own(part, prefix, around)
    return found


def _own(part: HtmlElement, prefix: str, around: str) -> str:
    replaced = part.get(REPLACES)
    if replaced is None and part.get("id") == prefix.rstrip("_."):
        return prefix.removeprefix(around)
    place = _section(part).removeprefix(around) if replaced is None else replaced.removeprefix(around)
    return f"{place}[{part.get(CONTAINER)}]"


def _section(part: HtmlElement) -> str:
    for one in part.iterancestors():
        if one.tag == "section" or one.get(PREFIX):
            return (one.get("id") or one.get("data-section-name") or "") if one.tag == "section" else ""
    return ""


def origin(key: str, origins: Mapping[str, str]) -> str:
    """Return what a key stands for in every version of its page: the key itself where no part gave it a number."""
    prefix = max((one for one in origins if key.startswith(one)), key=len, default="")
    return origins.get(prefix, "") + key.removeprefix(prefix)
