"""The course of a number as a picture: in its frame, the latest point at the right, equal numbers in the middle."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.render.course import course

DAYS = st.dates(date(1990, 1, 1), date(2030, 1, 1))
VALUES = st.floats(-1e9, 1e9)


def dots(picture: bytes) -> list[tuple[float, float]]:
    found = ElementTree.fromstring(picture).findall("{*}circle")  # it is our own
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in found]


@given(st.lists(st.tuples(DAYS, VALUES), max_size=12))
def test_every_point_is_in_the_frame(points: list[tuple[date, float]]) -> None:
    picture = course(points, "x")
    assert len(dots(picture)) == len(points) and picture == course(points, "x")
    assert all(4 <= x <= 92 and 4 <= y <= 20 for x, y in dots(picture))


def test_higher_numbers_stand_higher_and_later_ones_further_right() -> None:
    picture = course([(date(2022, 1, 1), 100.0), (date(2023, 1, 1), 300.0), (date(2024, 1, 1), 200.0)], "PSV")
    assert dots(picture) == [(4.0, 20.0), (48.0, 4.0), (92.0, 12.0)]


def test_equal_numbers_stand_in_the_middle() -> None:
    assert dots(course([(date(2024, 1, 1), 5.0), (date(2024, 1, 1), 5.0)], "x")) == [(48.0, 12.0)] * 2


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_label_with_markup_stays_text(theme: str) -> None:
    picture = course([(date(2024, 1, 1), 1.0)], "<script>1</script> & more", theme)
    title = ElementTree.fromstring(picture).find("{*}title")  # it is our own
    assert title is not None and title.text == "<script>1</script> & more" and b"<script" not in picture
