"""Templates made of several pages: `embed`, and options that put another template in place of an element."""

from mrrt.compose.composer import Composed, compose
from mrrt.compose.links import Replacement, chosen, reachable
from mrrt.compose.origins import Origin, origin

__all__ = ["Composed", "Origin", "Replacement", "chosen", "compose", "origin", "reachable"]
