"""Stored codes for the options of a page that we may not edit (a foreign template).

A page may store one finding under different codes on its two sides. The `choices` of its logic file say what each
option means; the template is then the same for everything that follows, and the page stays untouched:

    choices:
      left_plaque: {"-1": null, "0": none, "1": present}

`null` marks an option that only stands for "not answered".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mrrt.authored import Authored
from mrrt.problems import Problem
from mrrt.template import Choice, Field, Template

Codes = Mapping[str, Mapping[str, str | None]]
"""For each field: the value an option has in the page, and the code it is stored under."""


def adopt(template: Template, codes: Codes) -> Template:
    """Return the template with the options of these fields stored under their codes."""
    if not codes:
        return template
    fields = tuple(_adopted(field, codes[field.key]) if field.key in codes else field for field in template.fields)
    # Not model_copy: it would carry over what the old template has worked out from its fields.
    kept = {name: getattr(template, name) for name in Template.model_fields}
    return Template(**(kept | {"fields": fields}))


def _adopted(field: Field, codes: Mapping[str, str | None]) -> Field:
    choices = tuple(_coded(choice, codes) for choice in field.choices)
    default = field.default
    if isinstance(default, str):
        default = codes.get(default, default)
    elif default is not None:
        default = tuple(code for item in default if (code := codes.get(item, item)) is not None)
    return field.model_copy(update={"choices": choices, "default": default})


def _coded(choice: Choice, codes: Mapping[str, str | None]) -> Choice:
    code = codes.get(choice.value, choice.value)
    return choice.model_copy(update={"blank": True} if code is None else {"value": code, "blank": False})


def read_codes(source: Authored, template: Template) -> tuple[Codes, tuple[Problem, ...]]:
    """Read the `choices` of a logic file; every option of a named field must be given a code (rule L13)."""
    problems: list[Problem] = []
    codes: dict[str, dict[str, str | None]] = {}
    entries = source.data.get("choices") or {}
    if not isinstance(entries, dict):
        return {}, (source.problem("L1", '"choices" must be a mapping', "choices"),)
    for key, entry in entries.items():
        field = template.field_by_key.get(key)
        offered = {choice.value for choice in field.choices} if field else set()
        problems += _wrong(source, key, entry, offered)
        if isinstance(entry, dict):
            codes[key] = {value: None if code is None else str(code) for value, code in entry.items()}
    return codes, tuple(problems)


def _wrong(source: Authored, key: str, entry: Any, offered: set[str]) -> list[Problem]:
    if not offered:
        return [source.problem("L13", f'the template has no selection "{key}"', "choices", key, field=key)]
    if not isinstance(entry, dict):
        return [source.problem("L13", "a mapping from options to codes is missing", "choices", key, field=key)]
    listed = ", ".join(f'"{value}"' for value in sorted(offered))
    unknown = [
        source.problem("L13", f'"{value}" is no option of "{key}"', "choices", key, value, mend=f"It has {listed}.")
        for value in entry
        if value not in offered
    ]
    left = ", ".join(f'"{value}"' for value in sorted(offered - entry.keys()))
    mend = "Give every option a code, or null where it means that nothing was answered."
    missing = [source.problem("L13", f'"{key}": no code for {left}', "choices", key, mend=mend, field=key)]
    return unknown + (missing if left else [])
