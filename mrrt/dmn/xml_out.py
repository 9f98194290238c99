"""A model written as DMN XML, 1.5 or 1.3; reading it again gives an equal model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from mrrt.dmn.model import (
    Conditional,
    ContextExpression,
    Decision,
    Definitions,
    Expression,
    FilterExpression,
    FunctionExpression,
    InputClause,
    InputData,
    Invocation,
    ItemDefinition,
    Iteration,
    Knowledge,
    ListExpression,
    LiteralExpression,
    OutputClause,
    RelationExpression,
    Service,
    TableExpression,
    Variable,
)
from mrrt.errors import UsageError

NAMESPACES = {
    "1.5": "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "1.3": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}
_LATER = frozenset({"conditional", "filter", "for", "some", "every", "typeConstraint"})
"""What DMN 1.3 does not have."""
Node = etree._Element


def write_model(model: Definitions, version: str = "1.5") -> bytes:
    """Return the XML of a model. Raises UsageError where it holds what that version of DMN does not have."""
    if version not in NAMESPACES:
        raise UsageError(f'DMN "{version}" is not written; known are {", ".join(sorted(NAMESPACES))}')
    namespace = NAMESPACES[version]
    root = etree.Element(f"{{{namespace}}}definitions", nsmap={None: namespace})
    root.set("name", model.name)
    root.set("namespace", model.namespace)
    for entry in model.imports:
        _add(root, "import", name=entry.name, namespace=entry.namespace, importType=namespace)
    for item in model.items:
        _item(_add(root, "itemDefinition"), item)
    kinds: dict[str, str] = {element.id: _REFERENCES[type(element)] for element in model.elements}
    for element in model.elements:
        _ELEMENTS[type(element)](root, element, kinds)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add(parent: Node, tag: str, /, **attributes: str | None) -> Node:
    namespace = etree.QName(parent).namespace
    if tag in _LATER and namespace == NAMESPACES["1.3"]:
        raise UsageError(f"the model has a <{tag}>, which DMN 1.3 does not know: write it as DMN 1.5")
    node = etree.SubElement(parent, f"{{{namespace}}}{tag}")
    for key, value in attributes.items():
        if value is not None:
            node.set(key, value)
    return node


def _text(parent: Node, tag: str, text: str | None, /, **attributes: str | None) -> None:
    """Add a clause or cell that holds a text, unless there is none."""
    if text is not None:
        _add(_add(parent, tag, **attributes), "text").text = text


def _variable(parent: Node, name: str, variable: Variable) -> None:
    _add(parent, name, name=variable.name, typeRef=variable.type)


# -- elements


def _item(node: Node, item: ItemDefinition) -> None:
    node.set("name", item.name)
    if item.parameters is not None:
        function = _add(node, "functionItem", outputTypeRef=item.type)
        for parameter in item.parameters:
            _variable(function, "parameters", parameter)
        return
    if item.collection:
        node.set("isCollection", "true")
    if item.type:
        _add(node, "typeRef").text = item.type
    _text(node, "allowedValues", item.allowed)
    _text(node, "typeConstraint", item.constraint)
    for component in item.components:
        _item(_add(node, "itemComponent"), component)


Kinds = dict[str, str]


def _input_data(root: Node, element: InputData, kinds: Kinds) -> None:
    _variable(_add(root, "inputData", id=element.id, name=element.name), "variable", element.variable)


def _requirements(node: Node, element: Decision | Knowledge, kinds: Kinds) -> None:
    for reference in element.requires:
        kind = kinds.get(reference.rpartition("#")[2], "requiredKnowledge")
        holder = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
        _add(_add(node, holder), kind, href=reference)


def _decision(root: Node, element: Decision, kinds: Kinds) -> None:
    node = _add(root, "decision", id=element.id, name=element.name)
    _variable(node, "variable", element.variable)
    _requirements(node, element, kinds)
    _put(node, element.expression)


def _knowledge(root: Node, element: Knowledge, kinds: Kinds) -> None:
    node = _add(root, "businessKnowledgeModel", id=element.id, name=element.name)
    _variable(node, "variable", element.variable)
    if element.function is not None:
        _function(_add(node, "encapsulatedLogic"), element.function)
    _requirements(node, element, kinds)


def _service(root: Node, element: Service, kinds: Kinds) -> None:
    node = _add(root, "decisionService", id=element.id, name=element.name)
    _variable(node, "variable", element.variable)
    for name, references in (
        ("outputDecision", element.outputs),
        ("encapsulatedDecision", element.encapsulated),
        ("inputDecision", element.input_decisions),
        ("inputData", element.input_data),
    ):
        for reference in references:
            _add(node, name, href=reference)


_ELEMENTS: dict[type, Callable[[Node, Any, Kinds], None]] = {
    InputData: _input_data,
    Decision: _decision,
    Knowledge: _knowledge,
    Service: _service,
}
_REFERENCES: dict[type, str] = {
    InputData: "requiredInput",
    Decision: "requiredDecision",
    Knowledge: "requiredKnowledge",
    Service: "requiredKnowledge",
}


# -- expressions


def _put(parent: Node, expression: Expression | None) -> None:
    """Add an expression to what holds it."""
    if expression is None:
        return
    name, write = _EXPRESSIONS[type(expression)]
    tag = expression.kind if isinstance(expression, Iteration) else name
    node = _add(parent, tag, typeRef=expression.type)
    write(node, expression)


def _literal(node: Node, expression: LiteralExpression) -> None:
    _add(node, "text").text = expression.text


def _context(node: Node, expression: ContextExpression) -> None:
    for variable, part in expression.entries:
        entry = _add(node, "contextEntry")
        if variable is not None:
            _variable(entry, "variable", variable)
        _put(entry, part)


def _relation(node: Node, expression: RelationExpression) -> None:
    for column in expression.columns:
        _variable(node, "column", column)
    for row in expression.rows:
        _list(_add(node, "row"), ListExpression(row))


def _list(node: Node, expression: ListExpression) -> None:
    for item in expression.items:
        _put(node, item)


def _invocation(node: Node, expression: Invocation) -> None:
    _put(node, expression.function)
    for parameter, part in expression.bindings:
        binding = _add(node, "binding")
        _variable(binding, "parameter", parameter)
        _put(binding, part)


def _function(node: Node, expression: FunctionExpression) -> None:
    if expression.kind != "FEEL":
        node.set("kind", expression.kind)
    if expression.type:
        node.set("typeRef", expression.type)
    for parameter in expression.parameters:
        _variable(node, "formalParameter", parameter)
    _put(node, expression.body)


def _conditional(node: Node, expression: Conditional) -> None:
    for name, part in (("if", expression.condition), ("then", expression.then), ("else", expression.otherwise)):
        _put(_add(node, name), part)


def _filter(node: Node, expression: FilterExpression) -> None:
    _put(_add(node, "in"), expression.source)
    _put(_add(node, "match"), expression.match)


def _iteration(node: Node, expression: Iteration) -> None:
    node.set("iteratorVariable", expression.variable)
    _put(_add(node, "in"), expression.source)
    _put(_add(node, "return" if expression.kind == "for" else "satisfies"), expression.body)


def _table(node: Node, table: TableExpression) -> None:
    node.set("hitPolicy", table.hit_policy)
    if table.aggregation:
        node.set("aggregation", table.aggregation)
    for clause in table.inputs:
        _input_clause(node, clause)
    for output in table.outputs:
        _output_clause(node, output)
    for name in table.annotations:
        _add(node, "annotation", name=name)
    for rule in table.rules:
        row = _add(node, "rule")
        for tag, cells in (
            ("inputEntry", rule.inputs),
            ("outputEntry", rule.outputs),
            ("annotationEntry", rule.annotations),
        ):
            for cell in cells:
                _text(row, tag, cell)


def _input_clause(node: Node, clause: InputClause) -> None:
    column = _add(node, "input", label=clause.label)
    _text(column, "inputExpression", clause.text, typeRef=clause.type)
    _text(column, "inputValues", clause.values)


def _output_clause(node: Node, clause: OutputClause) -> None:
    column = _add(node, "output", name=clause.name, typeRef=clause.type, label=clause.label)
    _text(column, "outputValues", clause.values)
    _text(column, "defaultOutputEntry", clause.default)


_EXPRESSIONS: dict[type, tuple[str, Callable[[Node, Any], None]]] = {
    LiteralExpression: ("literalExpression", _literal),
    TableExpression: ("decisionTable", _table),
    ContextExpression: ("context", _context),
    RelationExpression: ("relation", _relation),
    ListExpression: ("list", _list),
    Invocation: ("invocation", _invocation),
    FunctionExpression: ("functionDefinition", _function),
    Conditional: ("conditional", _conditional),
    FilterExpression: ("filter", _filter),
    Iteration: ("", _iteration),
}
