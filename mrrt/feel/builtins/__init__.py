"""The built-in functions of FEEL (DMN 1.5 section 10.3.4), a module for each chapter and one registry.

A null argument makes the result null unless the function says otherwise; so does one of the wrong type.
"""

from mrrt.feel.builtins import booleans, contexts, dates, lists, numbers, ranges, statistics, strings
from mrrt.feel.builtins.registry import BUILTINS, Builtin, Mismatch, call_builtin

__all__ = ["BUILTINS", "CHAPTERS", "Builtin", "Mismatch", "call_builtin"]

CHAPTERS = (booleans, strings, numbers, lists, statistics, contexts, dates, ranges)
