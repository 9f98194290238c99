"""Writing a Template as one canonical MRRT page."""

from mrrt.serialise.page import serialise

__all__ = ["serialise"]
