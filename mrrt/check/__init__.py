"""Checking MRRT templates: every problem, with its place and how to mend it."""

from mrrt.check.rules import RULES
from mrrt.check.run import check, checked, json_line, outlined, problem_line

__all__ = ["RULES", "check", "checked", "json_line", "outlined", "problem_line"]
