"""YAML that people write (bindings, logic, cases), read with the place of everything in it.

A top-level `for each` names lists; an entry whose key holds `{name}` is repeated for every item of the list,
with `{name}` replaced in the key and in everything below it. Laterality is thereby written once:

    for each:
      side: [right, left]
    bindings:
      "{side}_eca_psv": {code: psv, site: eca, laterality: "{side}"}

An item may carry attributes (`side: {right: {label: Right}}`), reached as `{side.label}`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError

from mrrt.errors import Refused
from mrrt.problems import Problem, Severity

Place = tuple[int, int]
_MARK = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?\}")


class _Constructor(RoundTripConstructor):
    """Reads numbers as they are written: 124.9 is a decimal, and 50_69 is a code, no number."""

    def number(self, node: Any) -> Any:
        try:
            number = Decimal(node.value)
        except InvalidOperation:
            return node.value
        whole = number.as_tuple().exponent == 0
        return node.value if "_" in node.value else int(number) if whole else number


for _tag in ("int", "float"):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_tag}", _Constructor.number)


class Authored:
    """The data of a YAML file, plain and expanded, with the line and column of every entry."""

    def __init__(self, data: dict[str, Any], places: Mapping[tuple[str, ...], Place], file: str) -> None:
        self.data = data
        self.file = file
        self._places = places

    def place(self, *path: object) -> Place:
        """Return line and column, from 1, of the entry or of the nearest one around it that is known."""
        wanted = tuple(str(step) for step in path)
        return next((self._places[p] for n in range(len(wanted), -1, -1) if (p := wanted[:n]) in self._places), (1, 1))

    def problem(
        self,
        rule: str,
        message: str,
        *path: object,
        mend: str = "",
        field: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a Problem that points at an entry."""
        line, column = self.place(*path)
        return Problem(
            rule=rule,
            severity=severity,
            message=message,
            mend=mend,
            file=self.file,
            line=line,
            column=column,
            field=field,
        )


def read_yaml(text: str, file: str) -> Authored:
    """Read and expand YAML 1.2; raises Refused, with line and column, on text that is no YAML mapping."""
    try:
        reader = YAML(typ="rt")
        reader.Constructor = _Constructor
        loaded = reader.load(StringIO(text))
    except MarkedYAMLError as error:
        raise Refused([_syntax_problem(error, file)]) from error
    if not isinstance(loaded, CommentedMap):
        message = "the file holds no mapping at its top level"
        raise Refused([Problem(rule="Y1", severity=Severity.ERROR, message=message, file=file, line=1, column=1)])
    places: dict[tuple[str, ...], Place] = {}
    data = _plain(loaded, (), places)
    return Authored(_expanded(data, places, file), places, file)


def _syntax_problem(error: MarkedYAMLError, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    return Problem(
        rule="Y1",
        severity=Severity.ERROR,
        message=f"this is not YAML: {' '.join(str(part) for part in (error.context, error.problem) if part)}",
        mend="Check quotes, colons and indentation at this place; a key may stand only once.",
        file=file,
        line=mark.line + 1 if mark else None,
        column=mark.column + 1 if mark else None,
    )


def _plain(node: Any, path: tuple[str, ...], places: dict[tuple[str, ...], Place]) -> Any:
    """Turn ruamel's nodes into plain dicts and lists, noting where each entry stands."""
    if isinstance(node, CommentedMap):
        for key in node:
            line, column = node.lc.key(key)
            places[(*path, str(key))] = (line + 1, column + 1)
        return {str(key): _plain(value, (*path, str(key)), places) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            line, column = node.lc.item(index)
            places[(*path, str(index))] = (line + 1, column + 1)
        return [_plain(value, (*path, str(index)), places) for index, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    return str(node) if isinstance(node, str) else node


def _expanded(data: dict[str, Any], places: dict[tuple[str, ...], Place], file: str) -> dict[str, Any]:
    lists = data.pop("for each", None) or {}
    if not isinstance(lists, dict) or not all(_is_list_of_items(entry) for entry in lists.values()):
        line, column = places[("for each",)]
        raise Refused(
            [
                Problem(
                    rule="Y2",
                    severity=Severity.ERROR,
                    message='"for each" must map names to lists',
                    mend="Write it as in: side: [right, left].",
                    file=file,
                    line=line,
                    column=column,
                )
            ]
        )
    items = {name: entry if isinstance(entry, dict) else {key: {} for key in entry} for name, entry in lists.items()}
    return {key: _expand(value, (key,), items, places) for key, value in data.items()}


def _is_list_of_items(entry: Any) -> bool:
    """Tell whether this is a list of names, or a mapping from names to attributes."""
    if isinstance(entry, dict):
        return all(attributes is None or isinstance(attributes, dict) for attributes in entry.values())
    return isinstance(entry, list) and not any(isinstance(item, dict | list | None) for item in entry)


def _expand(
    node: Any, path: tuple[str, ...], items: Mapping[str, Mapping[str, Any]], places: dict[tuple[str, ...], Place]
) -> Any:
    if isinstance(node, list):
        return [_expand(value, (*path, str(index)), items, places) for index, value in enumerate(node)]
    if not isinstance(node, dict):
        return node
    result: dict[str, Any] = {}
    for key, value in node.items():
        for chosen in _combinations(key, items):
            name = _replace(key, chosen, items)
            if chosen:
                _copy_places((*path, key), (*path, name), places)
            inner = _replaced(value, chosen, items) if chosen else value
            result[name] = _expand(inner, (*path, name), items, places)
    return result


def _combinations(key: str, items: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    names = list(dict.fromkeys(match.group(1) for match in _MARK.finditer(key) if match.group(1) in items))
    return (dict(zip(names, values, strict=True)) for values in itertools.product(*(items[name] for name in names)))


def _replaced(node: Any, chosen: Mapping[str, str], items: Mapping[str, Mapping[str, Any]]) -> Any:
    if isinstance(node, dict):
        return {_replace(key, chosen, items): _replaced(value, chosen, items) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, chosen, items) for value in node]
    return _replace(node, chosen, items) if isinstance(node, str) else node


def _replace(text: str, chosen: Mapping[str, str], items: Mapping[str, Mapping[str, Any]]) -> str:
    def one(match: re.Match[str]) -> str:
        name, attribute = match.group(1), match.group(2)
        if name not in chosen:
            return match.group(0)
        item = chosen[name]
        if not attribute:
            return str(item)
        return str((items[name][item] or {}).get(attribute, match.group(0)))

    return _MARK.sub(one, text)


def _copy_places(old: tuple[str, ...], new: tuple[str, ...], places: dict[tuple[str, ...], Place]) -> None:
    for path in [path for path in places if path[: len(old)] == old]:
        places.setdefault((*new, *path[len(old) :]), places[path])
