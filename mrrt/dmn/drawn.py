"""A table drawn in logic.yaml as a model of the standard, for other people's editors."""

from __future__ import annotations

from mrrt.dmn.model import (
    Definitions,
    FunctionExpression,
    InputClause,
    Knowledge,
    OutputClause,
    TableExpression,
    TableRule,
    Variable,
)
from mrrt.dmn.table import HitPolicy, table_rows


def drawn_table(text: str, policy: HitPolicy = HitPolicy.UNIQUE) -> TableExpression:
    """Return a drawn table as an expression of the standard. Raises TableError where the text is none.

    DMN has no word for "unknown": read by another engine, a missing input matches no rule but "-".
    """
    rows = [cells for _, cells in table_rows(text)]
    heads, rules = rows[0], rows[1:]
    one = len(heads[1]) == 1
    return TableExpression(
        inputs=tuple(InputClause(head) for head in heads[0]),
        outputs=tuple(OutputClause(None if one else head, label=head if one else None) for head in heads[1]),
        rules=tuple(TableRule(tuple(rule[0]), tuple(rule[1]), tuple(rule[2]) if rule[2:] else ()) for rule in rules),
        hit_policy=policy.value,
        annotations=tuple(heads[2]) if heads[2:] else (),
    )


def drawn_model(name: str, parameters: tuple[str, ...], text: str, policy: HitPolicy = HitPolicy.UNIQUE) -> Definitions:
    """Return a model with one business knowledge model: the table. Raises TableError where the text is none."""
    function = FunctionExpression(tuple(Variable(parameter) for parameter in parameters), drawn_table(text, policy))
    identifier = "table_" + "".join(letter if letter.isalnum() else "_" for letter in name)
    model = Knowledge(identifier, name, Variable(name), (), function)
    return Definitions(name, f"urn:mrrt:{identifier}", elements=(model,))
