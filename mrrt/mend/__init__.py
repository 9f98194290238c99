"""Mending MRRT templates in their own source text: small edits, nothing that changes what a template asks."""

from mrrt.mend.run import Done, Mended, mend

__all__ = ["Done", "Mended", "mend"]
