"""The course of a number over time as a small SVG picture, for a line of a table. Pure; equal points, equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from xml.sax.saxutils import escape

Point = tuple[date, float]
_WIDTH, _HEIGHT, _EDGE = 96, 24, 4
_COLOURS = {"dark": ("#9ba2a9", "#8fb8d6"), "light": ("#565d64", "#22587f")}
"""Of the line, and of the latest point."""


def course(points: Sequence[Point], title: str, theme: str = "dark") -> bytes:
    """Return the picture: a line through all points, the latest one marked; `title` is what screen readers hear."""
    line, mark = _COLOURS[theme]
    places = [f"{x:.1f},{y:.1f}" for x, y in _places(points)]
    dots = "".join(_dot(place, line, 1.5) for place in places[:-1]) + "".join(
        _dot(one, mark, 2.5) for one in places[-1:]
    )
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
        f' role="img"><title>{escape(title)}</title>'
        f'<polyline points="{" ".join(places)}" fill="none" stroke="{line}" stroke-width="1.25"/>{dots}</svg>'
    )
    return picture.encode()


def _dot(place: str, colour: str, radius: float) -> str:
    x, _, y = place.partition(",")
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'


def _places(points: Sequence[Point]) -> list[tuple[float, float]]:
    days = _scaled([float(day.toordinal()) for day, _ in points], _WIDTH)
    heights = _scaled([value for _, value in points], _HEIGHT)
    return [(x, _HEIGHT - y) for x, y in zip(days, heights, strict=True)]


def _scaled(numbers: Sequence[float], length: int) -> list[float]:
    """Return places between the edges; equal numbers stand in the middle."""
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    if high == low:
        return [length / 2] * len(numbers)
    return [_EDGE + (number - low) / (high - low) * (length - 2 * _EDGE) for number in numbers]
