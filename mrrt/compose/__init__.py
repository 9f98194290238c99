"""Templates made of several pages: `embed`, and options that put another template in place of an element."""

from mrrt.compose.composer import Composed, compose
from mrrt.compose.links import Replacement, chosen, reachable
from mrrt.compose.origins import origin

__all__ = ["Composed", "Replacement", "chosen", "compose", "origin", "reachable"]
