"""The types behind `instance of` and parameters (DMN 1.5 grammar rules 52 to 56)."""

from __future__ import annotations

from mrrt.feel.scan import Scanner
from mrrt.feel.types import ContextType, FunctionType, ListType, RangeType, Simple, Type

_WITH_AND = ("date and time", "days and time duration", "years and months duration")


class TypeParser(Scanner):
    """Reads types."""

    def type(self) -> Type:
        """type = list<type> | range<type> | context<name: type, ...> | function<type, ...> -> type | name"""
        for word, wrap in (("list", ListType), ("range", RangeType)):
            if self._generic(word):
                item = self.type()
                self.expect(">")
                return wrap(item)
        if self._generic("context"):
            return self._context_type()
        return self._function_type() if self._generic("function") else Simple(self._type_name())

    def _generic(self, word: str) -> bool:
        start = self.at
        if self.word(word) and self.take("<"):
            return True
        self.at = start
        return False

    def _context_type(self) -> Type:
        entries: list[tuple[str, Type]] = []
        while not self.take(">"):
            if entries:
                self.expect(",")
            name = self.label()
            if name is None:
                raise self.error("a name and a colon are missing")
            entries.append((name, self.type()))
        return ContextType(tuple(entries))

    def _function_type(self) -> Type:
        parameters: list[Type] = []
        while not self.take(">"):
            if parameters:
                self.expect(",")
            parameters.append(self.type())
        self.expect("->")
        return FunctionType(tuple(parameters), self.type())

    def _type_name(self) -> str:
        for name in _WITH_AND:
            if self.word(*name.split()):
                return name
        if self.word("function"):
            return "function"
        if self.word("null"):
            return "Null"
        name = self.known_name([]) or self.words() or ""
        while name and self.next_is(".") and not self.next_is(".."):
            self.at += 1
            name += "." + self.member()
        if not name:
            raise self.error("a type is missing")
        return name
