"""DMN XML 1.1 to 1.5 read into a model; the versions differ in their namespace and in what they have, not in shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lxml import etree

from mrrt.dmn.model import (
    Conditional,
    ContextExpression,
    Decision,
    Definitions,
    Element,
    Expression,
    FilterExpression,
    FunctionExpression,
    Import,
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
    TableRule,
    Variable,
)
from mrrt.errors import Unreadable

MAX_BYTES = 32 * 1024 * 1024
MAX_NESTING = 100
Node = etree._Element


def read_model(source: bytes) -> Definitions:
    """Read a model; raises Unreadable with the line where the XML is broken or is no DMN."""
    if len(source) > MAX_BYTES:
        raise Unreadable(f"the model is larger than {MAX_BYTES} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"the model is no XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("the model declares a document type, which could name other files: it is refused")
    if _tag(root) != "definitions" or "/spec/DMN/" not in (etree.QName(root).namespace or ""):
        raise Unreadable("the document is no DMN model: its root is not <definitions> of DMN")
    return Definitions(
        name=root.get("name", ""),
        namespace=root.get("namespace", ""),
        items=tuple(_item(child) for child in _all(root, "itemDefinition")),
        elements=tuple(_ELEMENTS[_tag(child)](child) for child in _children(root) if _tag(child) in _ELEMENTS),
        imports=tuple(_import(child) for child in _all(root, "import")),
    )


# -- finding things


def _tag(node: Node) -> str:
    return etree.QName(node).localname


def _children(node: Node) -> Iterator[Node]:
    return (child for child in node if isinstance(child.tag, str))


def _all(node: Node, name: str) -> Iterator[Node]:
    return (child for child in _children(node) if _tag(child) == name)


def _one(node: Node, name: str) -> Node | None:
    return next(_all(node, name), None)


def _need(node: Node, name: str) -> Node:
    found = _one(node, name)
    if found is None:
        raise _broken(node, f"<{name}> is missing in <{_tag(node)}>")
    return found


def _broken(node: Node, message: str) -> Unreadable:
    return Unreadable(f"line {node.sourceline}: {message}")


def _text(node: Node | None) -> str | None:
    """Return the FEEL text of a clause or cell, which stands in a <text>."""
    if node is None:
        return None
    found = _one(node, "text")
    return (found.text or "").strip() if found is not None else None


def _kind(node: Node) -> str | None:
    """Return the name of a type: an attribute since DMN 1.2, which may bear a prefix."""
    child = _one(node, "typeRef")
    name = (child.text or "").strip() if child is not None else node.get("typeRef")
    if not name:
        return None
    prefix, colon, rest = name.partition(":")
    return rest if colon and (prefix in node.nsmap or prefix == "feel") else name


def _named(node: Node) -> str:
    name = node.get("name")
    if name is None:
        raise _broken(node, f"<{_tag(node)}> has no name")
    return " ".join(name.split())


def _id(node: Node) -> str:
    """Return the id of an element; one that bears none goes by its name, which nothing can refer to."""
    return node.get("id") or f"{_tag(node)} {_named(node)}"


def _variable(node: Node, name: str) -> Variable:
    found = _one(node, "variable")
    return Variable(name, None if found is None else _kind(found))


def _references(node: Node, *names: str) -> tuple[str, ...]:
    return tuple(child.get("href", "") for child in _children(node) if _tag(child) in names)


# -- elements


def _import(node: Node) -> Import:
    return Import(node.get("name", ""), node.get("namespace", ""))


def _item(node: Node) -> ItemDefinition:
    function = _one(node, "functionItem")
    if function is not None:
        parameters = tuple(Variable(_named(child), _kind(child)) for child in _all(function, "parameters"))
        return ItemDefinition(_named(node), function.get("outputTypeRef"), parameters=parameters)
    return ItemDefinition(
        name=_named(node),
        type=_kind(node),
        allowed=_text(_one(node, "allowedValues")),
        constraint=_text(_one(node, "typeConstraint")),
        components=tuple(_item(child) for child in _all(node, "itemComponent")),
        collection=node.get("isCollection") == "true",
    )


def _input_data(node: Node) -> Element:
    return InputData(_id(node), _named(node), _variable(node, _named(node)))


def _required(node: Node) -> tuple[str, ...]:
    wanted = ("informationRequirement", "knowledgeRequirement")
    return tuple(
        reference
        for child in _children(node)
        if _tag(child) in wanted
        for reference in _references(child, "requiredInput", "requiredDecision", "requiredKnowledge")
    )


def _decision(node: Node) -> Element:
    variable = _variable(node, _named(node))
    return Decision(_id(node), _named(node), variable, _required(node), _inner(node))


def _knowledge(node: Node) -> Element:
    logic = _one(node, "encapsulatedLogic")
    function = None if logic is None else _function(logic)
    return Knowledge(_id(node), _named(node), _variable(node, _named(node)), _required(node), function)


def _service(node: Node) -> Element:
    return Service(
        _id(node),
        _named(node),
        _variable(node, _named(node)),
        outputs=_references(node, "outputDecision"),
        encapsulated=_references(node, "encapsulatedDecision"),
        input_decisions=_references(node, "inputDecision"),
        input_data=_references(node, "inputData"),
    )


_ELEMENTS: dict[str, Callable[[Node], Element]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}


# -- expressions


def _inner(node: Node) -> Expression | None:
    """Return the expression in a node; nothing if there is none."""
    if sum(1 for _ in node.iterancestors()) > MAX_NESTING:
        raise _broken(node, f"expressions are nested deeper than {MAX_NESTING}")
    return next((_EXPRESSIONS[_tag(child)](child) for child in _children(node) if _tag(child) in _EXPRESSIONS), None)


def _needed(node: Node, name: str | None = None) -> Expression:
    holder = _need(node, name) if name else node
    found = _inner(holder)
    if found is None:
        raise _broken(holder, f"<{_tag(holder)}> holds no expression")
    return found


def _literal(node: Node) -> Expression:
    return LiteralExpression(_text(node) or "", _kind(node))


def _entry(node: Node) -> tuple[Variable | None, Expression]:
    found = _one(node, "variable")
    return (None if found is None else Variable(_named(found), _kind(found))), _needed(node)


def _context(node: Node) -> Expression:
    return ContextExpression(tuple(_entry(child) for child in _all(node, "contextEntry")), _kind(node))


def _relation(node: Node) -> Expression:
    columns = tuple(Variable(_named(child), _kind(child)) for child in _all(node, "column"))
    rows = tuple(_items(row) for row in _all(node, "row"))
    if any(len(row) != len(columns) for row in rows):
        raise _broken(node, "a row of the relation has not the columns of its head")
    return RelationExpression(columns, rows, _kind(node))


def _items(node: Node) -> tuple[Expression, ...]:
    return tuple(_EXPRESSIONS[_tag(child)](child) for child in _children(node) if _tag(child) in _EXPRESSIONS)


def _list(node: Node) -> Expression:
    return ListExpression(_items(node), _kind(node))


def _binding(node: Node) -> tuple[Variable, Expression | None]:
    parameter = _need(node, "parameter")
    return Variable(_named(parameter), _kind(parameter)), _inner(node)


def _invocation(node: Node) -> Expression:
    bindings = tuple(_binding(child) for child in _all(node, "binding"))
    return Invocation(_needed(node), bindings, _kind(node))


def _function(node: Node) -> FunctionExpression:
    parameters = tuple(Variable(_named(child), _kind(child)) for child in _all(node, "formalParameter"))
    return FunctionExpression(parameters, _inner(node), node.get("kind", "FEEL"), _kind(node))


def _conditional(node: Node) -> Expression:
    return Conditional(_needed(node, "if"), _needed(node, "then"), _needed(node, "else"), _kind(node))


def _filter(node: Node) -> Expression:
    return FilterExpression(_needed(node, "in"), _needed(node, "match"), _kind(node))


def _iteration(node: Node) -> Expression:
    kind = _tag(node)
    body = _needed(node, "return" if kind == "for" else "satisfies")
    return Iteration(kind, node.get("iteratorVariable", "item"), _needed(node, "in"), body, _kind(node))


def _input_clause(node: Node) -> InputClause:
    expression = _need(node, "inputExpression")
    values = _text(_one(node, "inputValues"))
    return InputClause(_text(expression) or "", _kind(expression), values, node.get("label"))


def _output_clause(node: Node) -> OutputClause:
    default, values = _one(node, "defaultOutputEntry"), _text(_one(node, "outputValues"))
    return OutputClause(node.get("name"), _kind(node), values, _text(default), node.get("label"))


def _rule(node: Node) -> TableRule:
    return TableRule(
        tuple(_text(child) or "-" for child in _all(node, "inputEntry")),
        tuple(_text(child) or "" for child in _all(node, "outputEntry")),
        tuple(_text(child) or "" for child in _all(node, "annotationEntry")),
    )


def _table(node: Node) -> Expression:
    inputs = tuple(_input_clause(child) for child in _all(node, "input"))
    outputs = tuple(_output_clause(child) for child in _all(node, "output"))
    rules = []
    for child in _all(node, "rule"):
        rule = _rule(child)
        if (len(rule.inputs), len(rule.outputs)) != (len(inputs), len(outputs)):
            raise _broken(child, "the rule has not the columns of its table")
        rules.append(rule)
    return TableExpression(
        inputs,
        outputs,
        tuple(rules),
        node.get("hitPolicy", "UNIQUE"),
        node.get("aggregation"),
        tuple(child.get("name", "") for child in _all(node, "annotation")),
        _kind(node),
    )


_EXPRESSIONS: dict[str, Callable[[Node], Expression]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "relation": _relation,
    "list": _list,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
