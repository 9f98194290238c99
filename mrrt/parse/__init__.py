"""Reading MRRT templates of every dialect into one model."""

from mrrt.parse.build import parse

__all__ = ["parse"]
