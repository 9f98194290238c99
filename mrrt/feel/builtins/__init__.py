"""The built-in functions of FEEL (DMN 1.5 section 10.3.4), a module for each chapter and one registry.

A null argument makes the result null unless the function says otherwise; so does one of the wrong type.
"""

import mrrt.feel.builtins.booleans
import mrrt.feel.builtins.contexts
import mrrt.feel.builtins.dates
import mrrt.feel.builtins.lists
import mrrt.feel.builtins.numbers
import mrrt.feel.builtins.ranges
import mrrt.feel.builtins.statistics
import mrrt.feel.builtins.strings  # noqa: F401  # importing a chapter registers its functions
from mrrt.feel.builtins.registry import BUILTINS, Builtin, Mismatch, call_builtin

__all__ = ["BUILTINS", "Builtin", "Mismatch", "call_builtin"]
