"""Vendor profiles from files: those that ship, and those of a site. A file with a mistake is refused whole."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from mrrt.authored import Authored, read_yaml
from mrrt.errors import Refused, Unreadable
from mrrt.problems import Problem
from sr_import.profile import Profile
from sr_import.rules import mend

_RULES = {"extra_forbidden": "SP01", "missing": "SP02"}


def load_profile(text: str, file: str) -> Profile:
    """Read a profile; raises Refused with every problem, each with file, line and how to mend it."""
    authored = read_yaml(text, file)
    try:
        return Profile.model_validate(authored.data)
    except ValidationError as error:
        raise Refused([_problem(authored, one) for one in error.errors()]) from error


def _problem(authored: Authored, error: object) -> Problem:
    assert isinstance(error, dict)
    path, kind = error["loc"], str(error["type"])
    rule = _RULES.get(kind, "SP03")
    name = " > ".join(map(str, path))
    said = {"SP01": f'"{name}" is not a key here', "SP02": f'"{name}" is missing'}
    message = said.get(rule) or f'"{name}": {str(error["msg"]).removeprefix("Value error, ")}'
    return authored.problem(rule, f"{message}.", *path, mend=mend(rule))


@cache
def shipped_profiles() -> tuple[Profile, ...]:
    """Return the profiles that ship; the one for every device comes last."""
    folder = resources.files("sr_import").joinpath("profiles")
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=lambda one: one.name)
    return _ordered(load_profile(one.read_text(encoding="utf-8"), one.name) for one in files)


def profiles_of(folders: Iterable[Path]) -> tuple[Profile, ...]:
    """Return the profiles of a site's folders, in the order of their files, and behind them those that ship.

    A profile of the site takes the place of the shipped one of that name. Raises Unreadable for a folder or file that
    cannot be read, Refused for one with a mistake or two profiles of one name. Files are read once.
    """
    return _profiles_of(tuple(folders))


@cache
def _profiles_of(folders: tuple[Path, ...]) -> tuple[Profile, ...]:
    own = tuple(_read(file) for folder in folders for file in _files(folder))
    names = [one.profile for one in own]
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        place = f"{names.count(doubled[0])} files"
        raise Refused([_doubled(doubled[0], place)])
    return _ordered((*own, *(one for one in shipped_profiles() if one.profile not in names)))


def _doubled(name: str, place: str) -> Problem:
    from sr_import.rules import problem

    return problem("SP04", f'The profile "{name}" stands in {place}.')


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise Unreadable(f'"{folder}" is no folder of vendor profiles.')
    return sorted(folder.glob("*.yaml"))


def _read(file: Path) -> Profile:
    try:
        return load_profile(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{file}: the profile cannot be read: {error}") from error


def _ordered(profiles: Iterable[Profile]) -> tuple[Profile, ...]:
    """Return those for certain devices before those for every one."""
    return tuple(sorted(profiles, key=lambda one: not one.applies_to))
