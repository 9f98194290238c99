"""Commands that are imported when they are called: `mrrt check` need not wait for a database library."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup


def lazily(places: Mapping[str, str]) -> type[TyperGroup]:
    """Return a group of commands that also has those of the places, "module:name" of a function or Typer by command."""

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*super().list_commands(ctx), *places]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            if cmd_name not in places:
                return super().get_command(ctx, cmd_name)
            return _loaded(cmd_name, places[cmd_name])

    return Group


def _loaded(name: str, place: str) -> Any:
    module, _, attribute = place.partition(":")
    target = getattr(import_module(module), attribute)
    around = typer.Typer(add_completion=False, callback=lambda: None)
    if isinstance(target, typer.Typer):
        around.add_typer(target, name=name)
    else:
        around.command(name)(target)
    group = typer.main.get_command(around)
    assert isinstance(group, TyperGroup)
    return group.commands[name]
