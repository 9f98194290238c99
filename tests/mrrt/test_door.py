"""The door of the engine is short, and what it promises is there."""

from __future__ import annotations

import inspect

import mrrt


def test_public_names_are_few_and_there() -> None:
    assert sorted(mrrt.__all__, key=str.lower) == sorted(set(mrrt.__all__), key=str.lower)
    assert len(mrrt.__all__) <= 25
    assert [name for name in mrrt.__all__ if not inspect.isclass(getattr(mrrt, name))] == []


def test_public_names_say_what_they_are() -> None:
    undocumented = [name for name in mrrt.__all__ if not (getattr(mrrt, name).__doc__ or "").strip()]
    assert undocumented == []
