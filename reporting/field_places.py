"""Where the fields of one version of a template are in another. Pure, and never a guess: what could be two is none,
unless all that tells them apart is their order, and there are as many as before.

A key that an author wrote is trusted. The keys of a part that is but numbered are not: the first part of a page may be
another one in its next version, or the same one of the other side.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping

from mrrt.compose import origin
from mrrt.template import Field
from reporting.templates import Compiled

_Signs = Mapping[str, tuple[str, str]]
"""By key, the place of a field of a part, and what it is called."""


class _Version:
    """The fields of one version: those whose keys an author wrote, and the places of those in parts."""

    def __init__(self, version: Compiled) -> None:
        template = version.full
        told = {field.key: origin(field.key, version.origins) for field in template.fields}
        self.fields = template.fields
        self.written = [field for field in template.fields if told[field.key].written == field.key]
        self.numbered = [key for key, said in told.items() if said.written != key]
        self.signs = {
            field.key: (told[field.key].place, _said(field))
            for field in template.fields
            if told[field.key].place != field.key
        }


def places_of(old: Compiled, new: Compiled) -> dict[str, str]:
    """Return the key of each old field in the new template: the same, else that of the one with its codes or label."""
    was, now = _Version(old), _Version(new)
    places = _of_parts(was, now)
    for sign in (_by_codes, _by_label):
        signs = {field.key: sign(field) for field in was.written}
        places |= _once(signs, {field.key: sign(field) for field in now.fields}, places)
    return places


def places_of_parts(old: Compiled, new: Compiled) -> Mapping[str, str | None]:
    """Return the keys of the fields of numbered parts in another version, None for those that are not there."""
    if old.source.digest == new.source.digest or not old.origins:
        return {}
    was = _Version(old)
    found = _of_parts(was, _Version(new))
    return {key: found.get(key) for key in was.numbered}


def _of_parts(was: _Version, now: _Version) -> dict[str, str]:
    """Return where fields are by their keys, and those of parts by template, section and what they are called."""
    known = {field.key for field in now.written}
    places = {field.key: field.key for field in was.written if field.key in known}
    places |= _once(was.signs, now.signs, places)
    before, after = ({key: place for key, (place, _) in one.signs.items()} for one in (was, now))
    places |= _once(before, after, places)
    return places | _in_order(was.signs, now.signs, places)


def _once(before: Mapping[str, Hashable], after: Mapping[str, Hashable], places: Mapping[str, str]) -> dict[str, str]:
    """Return which fields without a place are the only ones with their sign, before and after, of all fields."""
    counts, taken = (Counter(before.values()), Counter(after.values())), set(places.values())
    there = {sign: key for key, sign in after.items() if key not in taken}
    return {
        key: there[sign]
        for key, sign in before.items()
        if key not in places and sign in there and sign is not None and all(count[sign] == 1 for count in counts)
    }


def _in_order(before: _Signs, after: _Signs, places: Mapping[str, str]) -> dict[str, str]:
    """Return the places of fields that nothing but their order tells apart, where there are as many as before."""
    groups, taken = [_by_place(one) for one in (before, after)], set(places.values())
    found: dict[str, str] = {}
    for place, keys in groups[0].items():
        there = groups[1].get(place, [])
        labels = {before[key][1] for key in keys} | {after[key][1] for key in there}
        if len(keys) == len(there) and len(labels) == 1 and places.keys().isdisjoint(keys) and taken.isdisjoint(there):
            found |= dict(zip(keys, there, strict=True))
    return found


def _by_place(signs: _Signs) -> Mapping[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for key, (place, _) in signs.items():
        found[place].append(key)
    return found


def _by_codes(field: Field) -> Hashable | None:
    return (field.kind, frozenset((code.scheme, code.value) for code in field.codes)) if field.codes else None


def _by_label(field: Field) -> Hashable | None:
    return (field.kind, field.section, _said(field)) if field.label.strip() else None


def _said(field: Field) -> str:
    return " ".join(field.label.casefold().split())
