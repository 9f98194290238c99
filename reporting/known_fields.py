"""Which fields a search may name: those that values are stored of, and those of every template that there is or was.

A search for any other field would find nothing without a word, and whoever counts reports would trust the zero. A
field that values are stored of is looked up in their index; templates are read only for one that has none.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from hashlib import sha256
from pathlib import Path

from mrrt.errors import MrrtError
from reporting.errors import Unavailable, WrongQuery
from reporting.library import find
from reporting.memo import Memo
from reporting.records import Condition, Filter
from reporting.store_transaction import Reading
from reporting.templates import assembled_on_disk, field_keys
from templates_lib.loader import TemplateSource, installed, read

_of_template: Memo[frozenset[str]] = Memo(4096)
_of_all: Memo[frozenset[str]] = Memo(4)
_MEND = "Take the key of a field; GET /api/v1/templates/NAME lists those of a template."


def refuse_unknown(transaction: Reading, folders: tuple[Path, ...], wanted: Filter, place: str) -> None:
    """Raise WrongQuery for the first condition that no report can meet; `place` is that of the search.

    Nothing has the field, or what is stored of it is of another kind: numbers, where a text is looked for.
    """
    for number, one in enumerate(wanted.values):
        if wrong := _other_kind(one, *transaction.kinds_of_values(one.field)):
            raise WrongQuery(f"{place}.value.{number}", *wrong)
    fields = [(number, one.field) for number, one in enumerate(wanted.values)]
    without_values = [(number, field) for number, field in fields if not transaction.has_values(field)]
    if not without_values:
        return
    known = _known(transaction, folders)
    for number, field in without_values:
        if field not in known:
            said = f'there is no field "{field}", neither in a template nor in a report'
            raise WrongQuery(f"{place}.value.{number}", said, _mend(field, known))


def _other_kind(condition: Condition, numbers: bool, texts: bool) -> tuple[str, str] | None:
    """Return what is wrong with a condition, and how to mend it, where a field has values but none to compare with."""
    if numbers and not texts:
        if condition.operator == "prefix":
            return f'"{condition.field}" holds numbers, and prefix compares texts', "Write =, !=, <, <=, > or >=."
        if condition.number is None:
            mend = "Write a number with a point, such as 125.5, without a unit."
            return f'"{condition.field}" holds numbers, and "{condition.text}" is none', mend
    if texts and not numbers and condition.operator in ("<", "<=", ">", ">="):
        said = f'"{condition.field}" holds texts, and {condition.operator} compares numbers'
        return said, "Write =, != or prefix."
    return None


def _mend(field: str, known: frozenset[str]) -> str:
    spelled = {key.casefold(): key for key in sorted(known, reverse=True)}
    near = get_close_matches(field.casefold(), spelled, n=1, cutoff=0.7)
    return f"Write {spelled[near[0]]}, if that is meant." if near else _MEND


def _known(transaction: Reading, folders: tuple[Path, ...]) -> frozenset[str]:
    """Return the fields of all templates: in folders, stored, retired, and as reports are pinned to them."""
    in_folders = [read(folder) for _, folder in sorted(installed(folders).items())]
    stored, pinned = transaction.stored_versions(), transaction.pinned()
    state = repr(([one.digest for one in in_folders], stored, pinned))

    def gathered() -> frozenset[str]:
        sources = (
            *(partial(assembled_on_disk, one, folders) for one in in_folders),
            *(partial(find, transaction, identifier, folders) for identifier, _ in stored),
            *(partial(transaction.template, digest) for digest in pinned),
        )
        return frozenset().union(*(_keys(one) for one in sources))

    return _of_all.get(sha256(state.encode()).hexdigest(), gathered)


def _keys(read_source: Callable[[], TemplateSource]) -> frozenset[str]:
    """Return the fields of a template, none of one that cannot be used."""
    try:
        source = read_source()
        return _of_template.get(source.digest, partial(field_keys, source))
    except Unavailable:
        raise
    except MrrtError:
        return frozenset()
