"""What a spreadsheet would run is a text; everything else stands as it is."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.csv_cells import cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "\uff1d1+1", "\uff20A1"])
def test_a_formula_is_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("said", ["", "normal", "1+1=2", " =1", "\u2212 3", -3, -0.5, None])
def test_everything_else_stands_as_it_is(said: Any) -> None:
    assert cell(said) == said
