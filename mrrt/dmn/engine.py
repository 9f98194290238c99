"""Evaluates the decisions and services of a model (DMN 1.5 sections 6.2 and 10.4).

Each element sees what it requires, and nothing else. Null has its standard meaning here: a rule whose input is null
does not apply, `if null` takes the else. Tables that are aware of unknown inputs are those of mrrt.dmn.table.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from mrrt.dmn.boxed import Scope, compile_boxed, compile_function, known
from mrrt.dmn.items import component_names, type_of, types_of
from mrrt.dmn.model import Decision, Definitions, Element, FunctionExpression, InputData, Knowledge, Service
from mrrt.dmn.unknown_names import unknown_names
from mrrt.errors import MrrtError, NotFound
from mrrt.feel.compile import Evaluate, UnknownName
from mrrt.feel.limits import EVALUATION, MAX_STEPS, Evaluation, LimitExceeded
from mrrt.feel.types import (
    ContextType,
    FunctionType,
    ListType,
    RangeType,
    Simple,
    Type,
    coerce,
)
from mrrt.feel.values import FunctionValue

Inputs = Mapping[str, Any]


class Model:
    """A model ready to be evaluated, with the models that it imports by their namespaces."""

    def __init__(self, definitions: Definitions, others: Mapping[str, Definitions] | None = None) -> None:
        self.definitions = definitions
        self._by_id = {element.id: element for element in definitions.elements}
        self._compiled: dict[str, Evaluate] = {}
        rest = {space: other for space, other in (others or {}).items() if space != definitions.namespace}
        self.imports = {
            entry.name: Model(rest[entry.namespace], rest) for entry in definitions.imports if entry.namespace in rest
        }
        self._spaces = {entry.namespace: entry.name for entry in definitions.imports}
        self.types = dict(types_of(definitions.items))
        self.members: frozenset[str] = frozenset(component_names(definitions.items))
        for name, model in self.imports.items():
            self.types.update(_prefixed(name, model.types))
            self.members |= model.members | {element.name for element in model.definitions.elements}

    def evaluate(
        self, name: str, inputs: Inputs, *, now: datetime.datetime | None = None, steps: int = MAX_STEPS
    ) -> Any:
        """Return the value of a decision, service or knowledge model by name; raises MrrtError."""
        element = self.find(name)
        value = _guarded(_Run(inputs, Evaluation(now, steps)), self, element)
        if value is None and isinstance(element, Decision):
            self._complain(element)
        return value

    def evaluate_service(self, name: str, inputs: Inputs, *, now: datetime.datetime | None = None) -> dict[str, Any]:
        """Return what a decision service says: the value of each of its output decisions by name."""
        element = self.find(name)
        if not isinstance(element, Service):
            raise NotFound(f'"{name}" is no decision service')
        return _Run(inputs, Evaluation(now)).outcomes(self, element, inputs)

    def find(self, name: str) -> Element:
        """Return what bears a name, a decision first; raises NotFound."""
        named = [element for element in self.definitions.elements if element.name == " ".join(name.split())]
        if not named:
            raise NotFound(f'the model has nothing called "{name}"')
        return next((element for element in named if isinstance(element, Decision)), named[0])

    def _complain(self, element: Decision) -> None:
        """Raise UnknownName where a decision without a value uses a name that nothing defines."""
        unknown = next(unknown_names(element.expression, self.scope(element)), None)
        if unknown is not None:
            raise UnknownName(unknown.name, unknown.position)

    def resolve(self, reference: str) -> tuple[Model, Element, str | None]:
        """Return what a reference means: the model, the element, and the name of the import it comes by."""
        space, _, identifier = reference.rpartition("#")
        if space and space != self.definitions.namespace:
            name = self._spaces.get(space)
            if name not in self.imports:
                raise MrrtError(f'the model "{space}" is not imported, or is not there')
            model, element, _ = self.imports[name].resolve("#" + identifier)
            return model, element, name
        if identifier not in self._by_id:
            raise MrrtError(f'a requirement points to "{reference}", which is not in the model')
        return self, self._by_id[identifier], None

    def required(self, element: Element) -> Iterator[tuple[Model, Element, str | None]]:
        """Yield what an element requires."""
        for reference in element.requires if isinstance(element, Decision | Knowledge) else ():
            yield self.resolve(reference)

    def scope(self, element: Element) -> Scope:
        """Return what the expression of an element may use."""
        names = {by or required.name for _, required, by in self.required(element)}
        own = {element.name} if isinstance(element, Knowledge) else set()
        return Scope(frozenset(names | own), self.members, self.types)

    def compiled(self, element: Decision) -> Evaluate:
        """Return the compiled expression of a decision."""
        if element.id not in self._compiled:
            self._compiled[element.id] = compile_boxed(element.expression, self.scope(element))
        return self._compiled[element.id]


class _Run:
    """One evaluation: its inputs, its budget, and the values found so far."""

    def __init__(self, inputs: Inputs, evaluation: Evaluation) -> None:
        self.inputs = inputs
        self.evaluation = evaluation
        self.values: dict[tuple[int, str], Any] = {}
        self.path: list[str] = []

    def value(self, model: Model, element: Element, by: str | None = None) -> Any:
        """Return the value of an element; raises MrrtError with the path where decisions go round in a circle."""
        key = (id(model), element.id)
        if key in self.values:
            return self.values[key]
        if element.name in self.path and isinstance(element, Decision):
            raise MrrtError("decisions depend on each other: " + " -> ".join([*self.path, element.name]))
        self.path.append(element.name)
        try:
            self.values[key] = self._find(model, element, by)
        finally:
            self.path.pop()
        return self.values[key]

    def _find(self, model: Model, element: Element, by: str | None) -> Any:
        if isinstance(element, InputData):
            return _cast(self._given(element.name, by), element, model)
        if isinstance(element, Knowledge):
            return self._knowledge(model, element)
        if isinstance(element, Service):
            return self._service(model, element)
        if element.expression is None:
            return _cast(self._given(element.name, by), element, model)
        return _cast(model.compiled(element)(self._variables(model, element)), element, model)

    def _given(self, name: str, by: str | None) -> Any:
        """Return an input; that of an imported model may be given by its full name or within a context."""
        inside = self.inputs.get(by) if by else None
        if isinstance(inside, dict) and name in inside:
            return inside[name]
        return self.inputs.get(f"{by}.{name}", self.inputs.get(name))

    def _variables(self, model: Model, element: Element) -> dict[str, Any]:
        variables: dict[str, Any] = {EVALUATION: self.evaluation}
        for owner, required, by in model.required(element):
            value = self.value(owner, required, by)
            if by is None:
                variables[required.name] = value
            else:
                variables.setdefault(by, {})[required.name] = value
        return variables

    def _knowledge(self, model: Model, element: Knowledge) -> FunctionValue:
        definition = element.function or FunctionExpression((), None)
        make = compile_function(definition, model.scope(element))
        variables: dict[str, Any] = {}

        def call(arguments: tuple[Any, ...]) -> Any:
            if not variables:
                variables.update({**self._variables(model, element), element.name: function})
            return _cast(make(variables).call(arguments), element, model)

        function = FunctionValue(tuple(parameter.name for parameter in definition.parameters), call)
        return function

    def _service(self, model: Model, element: Service) -> FunctionValue:
        parameters = [model.resolve(one)[1] for one in (*element.input_data, *element.input_decisions)]
        names = tuple(parameter.name for parameter in parameters)

        def call(arguments: tuple[Any, ...]) -> Any:
            given = dict(zip(names, arguments, strict=True))
            results = _Run(given, self.evaluation).outcomes(model, element, given)
            return _cast(next(iter(results.values())) if len(results) == 1 else results, element, model)

        return FunctionValue(names, call)

    def outcomes(self, model: Model, service: Service, given: Inputs) -> dict[str, Any]:
        """Return the values of a service's output decisions; its input decisions are given."""
        for reference in service.input_decisions:
            owner, element, _ = model.resolve(reference)
            self.values[(id(owner), element.id)] = _cast(given.get(element.name), element, owner)
        found = (model.resolve(reference) for reference in service.outputs)
        return {element.name: _guarded(self, owner, element) for owner, element, _ in found}


def _guarded(run: _Run, model: Model, element: Element) -> Any:
    run.evaluation.enter()
    try:
        return run.value(model, element)
    except RecursionError:
        raise LimitExceeded("the evaluation nests too deeply") from None
    finally:
        run.evaluation.leave()


def _cast(value: Any, element: Element, model: Model) -> Any:
    """Coerce a value to the type that the element declares; a function's own type says what it gives."""
    kind = element.variable.type
    if not known(kind, model.types):
        return value
    wanted = type_of(kind)
    found = model.types.get(kind or "")
    if isinstance(found, FunctionType) and not isinstance(value, FunctionValue):
        wanted = found.result
    return coerce(value, wanted, model.types)


def _prefixed(name: str, types: Mapping[str, Type]) -> dict[str, Type]:
    """Return imported types under their full names, their references to each other included."""
    return {f"{name}.{key}": _renamed(kind, name, types) for key, kind in types.items()}


def _renamed(kind: Type, name: str, types: Mapping[str, Type]) -> Type:
    def again(inner: Type) -> Type:
        return _renamed(inner, name, types)

    if isinstance(kind, Simple):
        return Simple(f"{name}.{kind.name}") if kind.name in types else kind
    if isinstance(kind, ListType | RangeType):
        return type(kind)(again(kind.item))
    if isinstance(kind, ContextType):
        return ContextType(tuple((key, again(entry)) for key, entry in kind.entries))
    if isinstance(kind, FunctionType):
        return FunctionType(tuple(again(parameter) for parameter in kind.parameters), again(kind.result))
    return type(kind)(again(kind.base), kind.allows)
