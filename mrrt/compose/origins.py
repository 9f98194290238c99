"""What the prefixes of a composed page stand for: the template that a part is of, wherever in the page it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lxml.html import HtmlElement

from mrrt.compose.prefix import PREFIX, REPLACES
from mrrt.parse.labels import CONTAINER


class Origin(NamedTuple):
    """What a prefix stands for in every version of a page."""

    written: str
    """By the ids that authors wrote; where a part is but numbered, by its place."""
    place: str
    """By the templates of the parts, and the sections and replaced elements that they stand in."""


def origins_of(root: HtmlElement) -> Mapping[str, Origin]:
    """Return for each prefix of a composed page what it stands for."""
    found = {"": Origin("", "")}
    for part in root.iter("div"):
        if prefix := part.get(PREFIX):
            around = next((given for one in part.iterancestors() if (given := one.get(PREFIX))), "")
            place = f"{_place(part).removeprefix(around)}[{part.get(CONTAINER)}]"
            own = prefix.removeprefix(around) if _is_written(part, prefix) else place
            outer = found.get(around, Origin(around, around))
            found[prefix] = Origin(outer.written + own, outer.place + place)
    return found


def _is_written(part: HtmlElement, prefix: str) -> bool:
    """Tell whether a prefix is the id of an embed; the number of any other part changes with what is before it."""
    return part.get(REPLACES) is None and part.get("id") == prefix.rstrip("_.")


def _place(part: HtmlElement) -> str:
    """Return what a part replaces, or the section of its page that it stands in."""
    if replaced := part.get(REPLACES):
        return replaced
    for one in part.iterancestors():
        if one.tag == "section":
            return one.get("id") or one.get("data-section-name") or ""
        if one.get(PREFIX):
            break
    return ""


def origin(key: str, origins: Mapping[str, Origin]) -> Origin:
    """Return what a key stands for in every version of its page."""
    prefix = max((one for one in origins if key.startswith(one)), key=len, default="")
    written, place = origins.get(prefix, Origin("", ""))
    local = key.removeprefix(prefix)
    return Origin(written + local, place + local)
