"""FEEL, the expression language of DMN 1.5: parsed once, compiled to closures, three-valued."""

from mrrt.feel.compile import Compiler, UnknownName, UserFunction
from mrrt.feel.limits import LimitExceeded
from mrrt.feel.parse import FeelSyntaxError, parse_expression, parse_unary_tests

__all__ = [
    "Compiler",
    "FeelSyntaxError",
    "LimitExceeded",
    "UnknownName",
    "UserFunction",
    "parse_expression",
    "parse_unary_tests",
]
