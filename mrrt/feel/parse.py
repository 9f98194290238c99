"""FEEL text to syntax tree (DMN 1.5 section 10.3.1.2), by recursive descent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from functools import lru_cache

from mrrt.feel import nodes
from mrrt.feel.nodes import Node
from mrrt.feel.parse_types import TypeParser
from mrrt.feel.scan import COMPARE, MAX_LENGTH, NUMBER, FeelSyntaxError
from mrrt.feel.temporal_text import read_temporal
from mrrt.feel.types import ANY, Type
from mrrt.feel.values import NUMBERS

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "FeelSyntaxError", "parse_expression", "parse_unary_tests"]

MAX_DEPTH = 50
MAX_TRIES = 100_000
"""How many parts are read, those included that turn out to be something else."""


@lru_cache(maxsize=4096)
def parse_expression(text: str, names: frozenset[str] = frozenset(), members: frozenset[str] = frozenset()) -> Node:
    """Parse a FEEL expression; raises FeelSyntaxError.

    `names` are the variables and functions in scope, `members` the names that may follow a dot.
    """
    return _Parser(text, names, members).whole(_Parser.expression)


@lru_cache(maxsize=4096)
def parse_unary_tests(
    text: str, names: frozenset[str] = frozenset(), members: frozenset[str] = frozenset()
) -> nodes.UnaryTests:
    """Parse the cell of a decision table ("< 125", "[125..230]", "not("a")", "-"); raises FeelSyntaxError."""
    tests = _Parser(text, names, members).whole(_Parser.unary_tests)
    assert isinstance(tests, nodes.UnaryTests)
    return tests


class _Parser(TypeParser):
    def __init__(self, text: str, names: frozenset[str], members: frozenset[str]) -> None:
        super().__init__(text, names, members)
        self.depth = 0
        self.tries = 0
        self.ends_range = False
        """An opening bracket closes the range that is being read, as in [1..5[; it is no filter."""

    def whole(self, rule: Callable[[_Parser], Node]) -> Node:
        """Apply a rule to the whole text."""
        node = rule(self)
        self.space()
        if self.at < len(self.text):
            raise self.error("unexpected text")
        return node

    # -- expressions, the loosest binding first

    def expression(self) -> Node:
        """expression = if | for | some/every | function | disjunction"""
        self.depth += 1
        self.tries += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"the expression is nested deeper than {MAX_DEPTH}")
        if self.tries > MAX_TRIES:
            raise self.error("the expression can be read in too many ways")
        try:
            return self._statement() or self._disjunction()
        finally:
            self.depth -= 1

    def _statement(self) -> Node | None:
        start = self.at
        if self.known_name(self.locals):  # A name such as "for review" is no loop.
            self.at = start
            return None
        for word, read in _STATEMENTS.items():
            if self.word(word):
                return read(self)
        return None

    def _if(self) -> Node:
        condition = self.expression()
        self.expect_word("then")
        then = self.expression()
        self.expect_word("else")
        return nodes.If(condition, then, self.expression())

    def _for(self) -> Node:
        iterators = self._iterators()
        self.expect_word("return")
        self.locals.append("partial")
        body = self.expression()
        self._forget(len(iterators) + 1)
        return nodes.For(iterators, body)

    def _some(self) -> Node:
        return self._quantified(every=False)

    def _every(self) -> Node:
        return self._quantified(every=True)

    def _quantified(self, *, every: bool) -> Node:
        iterators = self._iterators()
        self.expect_word("satisfies")
        condition = self.expression()
        self._forget(len(iterators))
        return nodes.Quantified(every, iterators, condition)

    def _iterators(self) -> tuple[tuple[str, Node], ...]:
        found: list[tuple[str, Node]] = []
        while not found or self.take(","):
            name = self.words()
            if name is None:
                raise self.error("a variable name is missing")
            self.expect_word("in")
            source = self.expression()
            if self.take(".."):
                source = nodes.Span(source, self.expression())
            found.append((name, source))
            self.locals.append(name)
        return tuple(found)

    def _forget(self, count: int) -> None:
        del self.locals[len(self.locals) - count :]

    def _function(self) -> Node:
        self.expect("(")
        parameters: list[tuple[str, Type]] = []
        while not self.take(")"):
            if parameters:
                self.expect(",")
            name = self.words()
            if name is None:
                raise self.error("a parameter name is missing")
            parameters.append((name, self.type() if self.take(":") else ANY))
        if self.word("external"):
            raise self.error("functions of other languages (external) are not run")
        self.locals += [name for name, _ in parameters]
        body = self.expression()
        self._forget(len(parameters))
        return nodes.Function(tuple(parameters), body)

    def _disjunction(self) -> Node:
        node = self._conjunction()
        while self.word("or"):
            node = nodes.Logical("or", node, self._conjunction())
        return node

    def _conjunction(self) -> Node:
        node = self._comparison()
        while self.word("and"):
            node = nodes.Logical("and", node, self._comparison())
        return node

    def _comparison(self) -> Node:
        node = self._sum()
        while True:
            if match := self.match(COMPARE):
                node = nodes.Comparison(match.group(), node, self._sum())
            elif self.word("between"):
                low = self._sum()
                self.expect_word("and")
                node = nodes.Membership(node, nodes.UnaryTests((nodes.Range(low, self._sum(), True, True),)))
            elif self.word("instance", "of"):
                node = nodes.InstanceOf(node, self.type())
            elif self.word("in"):
                node = nodes.Membership(node, self._tests_of_in())
            else:
                return node

    def _tests_of_in(self) -> nodes.UnaryTests:
        start = self.at
        if self.take("("):
            tests = self._positive_tests()
            # "(1..5)" is a range, "(1, 5)" a list of tests: whoever closes with ")" right here is a list.
            if self.take(")"):
                return nodes.UnaryTests(tests)
            self.at = start
        return nodes.UnaryTests((self._test(operand=True),))

    def _sum(self) -> Node:
        node = self._product()
        while self.next_is("+", "-"):
            operator = self.text[self.at]
            self.at += 1
            node = nodes.Arithmetic(operator, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._power()
        while self.next_is("*", "/") and not self.next_is("**"):
            operator = self.text[self.at]
            self.at += 1
            node = nodes.Arithmetic(operator, node, self._power())
        return node

    def _power(self) -> Node:
        node = self._negation()
        while self.take("**"):
            node = nodes.Arithmetic("**", node, self._negation())
        return node

    def _negation(self) -> Node:
        minuses = 0
        while self.take("-"):
            minuses += 1
        node = self._postfix()
        for _ in range(2 - minuses % 2 if minuses else 0):
            node = nodes.Negation(node)
        return node

    def _postfix(self) -> Node:
        node = self._primary()
        while True:
            if self.next_is(".") and not self.next_is(".."):
                self.at += 1
                node = nodes.Path(node, self.member())
            elif not self.ends_range and self.take("["):
                node = self._filter(node)
            elif self.take("("):
                node = self._call(node)
            else:
                return node

    def _filter(self, operand: Node) -> Node:
        self.locals.append("item")
        condition = self.expression()
        self.locals.pop()
        self.expect("]")
        return nodes.Filter(operand, condition)

    def _call(self, function: Node) -> Node:
        arguments: list[Node] = []
        names: list[str] = []
        while not self.take(")"):
            if arguments:
                self.expect(",")
            if name := self.label():
                names.append(name)
            arguments.append(self.expression())
        if names and len(names) != len(arguments):
            raise self.error("either all arguments are named or none")
        if isinstance(function, nodes.Name) and function.name not in self.locals:
            return nodes.Call(function.name, tuple(arguments), tuple(names), function.position)
        return nodes.Invoke(function, tuple(arguments), tuple(names))

    # -- primaries

    def _primary(self) -> Node:
        if match := self.match(NUMBER):
            return nodes.Literal(_number(match.group()))
        if (text := self.string()) is not None:
            return nodes.Literal(text)
        if self.take("@"):
            return self._at_literal()
        position = self.at
        if name := self.known_name(self.locals):
            return nodes.Name(name, position)
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.word(word):
                return nodes.Literal(value)
        if self.next_is("[", "(", "]"):
            return self._bracketed()
        if self.take("{"):
            return self._context()
        word_found = self.single_word()
        if word_found is None:
            return self._nested_statement()
        return nodes.Name(word_found, position)

    def _nested_statement(self) -> Node:
        """Read what may stand behind an operator too: 1 + if a then b else c."""
        node = self._statement()
        if node is None:
            raise self.error("an expression is missing")
        return node

    def _at_literal(self) -> Node:
        text = self.string()
        if text is None:
            raise self.error("a text in quotes is missing")
        return nodes.Literal(read_temporal(text))

    def _bracketed(self) -> Node:
        """Read a range, a list or an expression in parentheses, which begin alike."""
        ends_range, self.ends_range = self.ends_range, False
        try:
            return self._inside_brackets()
        finally:
            self.ends_range = ends_range

    def _inside_brackets(self) -> Node:
        opening = self.text[self.at]
        self.at += 1
        if opening == "[" and self.take("]"):
            return nodes.ListOf(())
        if opening == "(" and (match := self.match(COMPARE)):
            operand = self._sum()
            self.expect(")")
            return nodes.OpenRange(match.group(), operand)
        first = self.expression()
        if self.take(".."):
            high, closing = self._end_of_range()
            return nodes.Range(first, high, opening == "[", closing == "]")
        if opening == "(":
            self.expect(")")
            return first
        if opening == "]":
            raise self.error('".." is missing')
        return self._list(first)

    def _list(self, first: Node) -> Node:
        items = [first]
        while self.take(","):
            items.append(self.expression())
        self.expect("]")
        return nodes.ListOf(tuple(items))

    def _end_of_range(self) -> tuple[Node, str]:
        """Read the upper end and what closes it; "[" closes it where it cannot begin a filter."""
        start, depth, local = self.at, self.depth, len(self.locals)
        try:
            return self.expression(), self._closing_of_range()
        except FeelSyntaxError:
            if self.depth > MAX_DEPTH or self.tries > MAX_TRIES:
                raise
            self.at, self.depth, self.ends_range = start, depth, True
            del self.locals[local:]
            return self.expression(), self._closing_of_range()

    def _closing_of_range(self) -> str:
        for symbol in "])[":
            if self.take(symbol):
                return symbol
        raise self.error("the range is not closed")

    def _context(self) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self.take("}"):
            if entries:
                self.expect(",")
            key = self._key()
            entries.append((key, self.expression()))
            self.locals.append(key)
            self.keys.append(key)
        self._forget(len(entries))
        return nodes.Context(tuple(entries))

    def _key(self) -> str:
        text = self.string()
        if text is not None:
            self.expect(":")
            return text
        key = self.label()
        if key is None:
            raise self.error("a key and a colon are missing")
        return key

    # -- unary tests

    def unary_tests(self) -> Node:
        """unary tests = "-" | not(tests) | tests"""
        self.space()
        if self.text[self.at :].strip() == "-":
            self.at = len(self.text)
            return nodes.UnaryTests(())
        start = self.at
        if self.word("not") and self.take("("):
            tests = self._positive_tests()
            if self.take(")") and not self.text[self.at :].strip():
                return nodes.UnaryTests(tests, negated=True)
        self.at = start
        return nodes.UnaryTests(self._positive_tests())

    def _positive_tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self.take(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self, *, operand: bool = False) -> Node:
        match = self.match(COMPARE)
        if match is None:
            return self._sum() if operand else self.expression()
        position = match.start()
        return nodes.Comparison(match.group(), nodes.Name("?", position), self._sum())


_STATEMENTS: dict[str, Callable[[_Parser], Node]] = {
    "if": _Parser._if,
    "for": _Parser._for,
    "some": _Parser._some,
    "every": _Parser._every,
    "function": _Parser._function,
}


def _number(text: str) -> Decimal | None:
    """Return the number in 34 digits; nothing where it is too large."""
    try:
        return NUMBERS.create_decimal(text)
    except DecimalException:
        return None
