"""What units become in sums, products and roots: enough of UCUM to tell a velocity from a length.

Inside the logic numbers are plain, each in the unit that its input declares. Nothing is converted there, so two units
may meet in a sum or a comparison only if they are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from mrrt.errors import UnitError
from mrrt.units import canonical, convert, same_dimension

_FACTOR = re.compile(r"(?P<atom>(?:\[[^\[\]]*\]|[^\[\]()./0-9+*^-])+)(?P<power>[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as powers of UCUM atoms. Of one that is `scaled`, by a constant factor, only the dimension is known."""

    factors: tuple[tuple[str, int], ...] = ()
    scaled: bool = False

    @property
    def text(self) -> str:
        """The unit as UCUM code."""
        above = [_factor(atom, power) for atom, power in self.factors if power > 0]
        below = [f"/{_factor(atom, -power)}" for atom, power in self.factors if power < 0]
        return (".".join(above) or "1") + "".join(below)

    def times(self, other: Unit, power: int = 1) -> Unit:
        """Return the unit of a product; with power -1 that of a quotient."""
        powers = Counter(dict(self.factors))
        for atom, count in other.factors:
            powers[atom] += power * count
        return Unit(_sorted(powers), self.scaled or other.scaled)

    def to_the(self, power: int) -> Unit:
        """Return the unit of a power."""
        return Unit(tuple((atom, count * power) for atom, count in self.factors if power), self.scaled)

    def root(self) -> Unit | None:
        """Return the unit of a square root, if there is one."""
        if any(count % 2 for _, count in self.factors):
            return None
        return Unit(tuple((atom, count // 2) for atom, count in self.factors), self.scaled)


def _factor(atom: str, power: int) -> str:
    return atom if power == 1 else f"{atom}{power}"


def _sorted(powers: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((atom, power) for atom, power in powers.items() if power))


@lru_cache(maxsize=1024)
def unit_of(code: str) -> Unit:
    """Return the unit of a UCUM code; one that is put together in an unusual way counts as a single atom."""
    powers: Counter[str] = Counter()
    for place, part in enumerate(re.split(r"(?=[./])", canonical(code))):
        sign = -1 if part.startswith("/") else 1
        text = part[1:] if place and part[:1] in (".", "/") else part
        match = _FACTOR.fullmatch(text)
        if match is not None:
            powers[match["atom"]] += sign * int(match["power"] or 1)
        elif text != "1":
            return Unit(((canonical(code), 1),))
    return Unit(_sorted(powers))


Clash = Literal["dimension", "scale"]


@lru_cache(maxsize=1024)
def clash(first: Unit, second: Unit) -> Clash | None:
    """Tell why two units cannot meet in a sum: other dimensions, or one dimension in two scales."""
    if first.factors == second.factors:
        return None
    try:
        if not same_dimension(first.text, second.text):
            return "dimension"
        scaled = first.scaled or second.scaled
        return None if scaled or convert(Decimal(1), first.text, second.text) == 1 else "scale"
    except UnitError:
        return None
