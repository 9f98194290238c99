"""Reading the parts of a logic file: every problem is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from mrrt.authored import Authored
from mrrt.errors import MrrtError
from mrrt.feel import Compiler, FeelSyntaxError, UserFunction, parse_expression, parse_unary_tests
from mrrt.feel.builtins import BUILTINS
from mrrt.feel.compile import Evaluate
from mrrt.feel.names import calls, entries_read, variables
from mrrt.feel.nodes import Call, Node
from mrrt.logic.form import PARTS, SCHEMAS, Part, fits
from mrrt.logic.model import CALCULATED, GIVEN, Expression
from mrrt.problems import Problem


class Reading:
    """What the readers of all parts share: the file, the problems found so far, the functions defined so far."""

    def __init__(self, source: Authored) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.functions: dict[str, UserFunction] = {}
        self._entries: dict[str, dict[str, Any]] = {}
        entries = source.data.get("functions")
        self.declared = frozenset(entries if isinstance(entries, dict) else ())
        """The names of all functions of the file, wherever they stand in it."""

    def problem(
        self,
        rule: str,
        message: str,
        *path: object,
        mend: str = "",
        field: str | None = None,
        line: int | None = None,
    ) -> None:
        """Note a problem at the place that the path leads to, or at a line that is known better."""
        found = self.source.problem(rule, message, *path, mend=mend, field=field)
        self.problems.append(found if line is None else found.model_copy(update={"line": line, "column": 1}))

    def mapping(self, name: str) -> dict[str, Any]:
        """Return the entries of one part of the file that have its form; what has not is noted (rule L1)."""
        if name not in self._entries:
            entry = self.source.data.get(name) or {}
            if not isinstance(entry, dict):
                self.problem("L1", f'"{name}" must be a mapping', name)
                entry = {}
            self._entries[name] = {key: one for key, one in entry.items() if self._well_formed(name, key, one)}
        return self._entries[name]

    def _well_formed(self, name: str, key: str, entry: Any) -> bool:
        """Tell whether an entry has the form of its part (rule L1); one without keys may be left empty."""
        part = PARTS[name]
        if part.value is not None and (not part.keys or not isinstance(entry, dict)):
            if not fits(entry, SCHEMAS[part.value]):
                self.problem("L1", f'"{key}" must be {part.value}', name, key)
                return False
            return True
        needs_nothing = not part.one_of and not any(one.needed for one in part.keys.values())
        if entry is None and needs_nothing:
            return True
        if not isinstance(entry, dict):
            self.problem("L1", f'"{key}" must be a mapping of {listed(part.keys)}', name, key)
            return False
        return self._known_keys(part, entry, name, key) and self._whole(part, entry, name, key)

    def _known_keys(self, part: Part, entry: dict[str, Any], *path: str) -> bool:
        """Tell whether all that an entry needs is there, in its shape; keys that it must not have are noted too."""
        for key in sorted(entry.keys() - part.keys):
            self.problem("L1", f'"{key}" is not known here', *path, key, mend=f"Known are {listed(part.keys)}.")
        wrong = [
            key
            for key, form in part.keys.items()
            if (form.needed or key in entry) and not fits(entry.get(key), SCHEMAS[form.value])
        ]
        for key in wrong:
            self.problem("L1", f'"{key}" must be {part.keys[key].value}', *path, key)
        return not wrong

    def _whole(self, part: Part, entry: dict[str, Any], *path: str) -> bool:
        """Tell whether an entry has exactly one of the groups of keys of its part."""
        given = {key for group in part.one_of for key in group} & entry.keys()
        if not part.one_of or any(given == set(group) for group in part.one_of):
            return True
        ways = ", or ".join(" with ".join(f"`{key}`" for key in group) for group in part.one_of)
        self.problem("L1", f'"{path[-1]}" needs either {ways}', *path, mend="Write one of the two, and not both.")
        return False

    def compiler(self) -> Compiler:
        """Return a compiler that knows the functions defined so far."""
        return Compiler(self.functions, unknown_if=True)

    def test(self, text: str, *path: str) -> Evaluate | None:
        """Return a compiled unary test, or None where it cannot be read (rule L6)."""
        try:
            return Compiler().compile(parse_unary_tests(text))
        except MrrtError as error:
            self.problem("L6", f'"{text}" is no test: {error}', *path, mend='Write a range such as "[5..700]".')
            return None

    def expression(self, written: Any, names: frozenset[str], *path: str) -> Expression | None:
        """Return a compiled expression, or None where it is wrong; what is wrong is noted."""
        text = feel_text(written)
        node = self.parse(text, names, *path)
        if node is None or not self.defined(called_in([node])):
            return None
        entries = set(entries_read(node, CALCULATED))
        if not self._are_calculated(entries, *path):
            return None
        reads = frozenset(name.name for name in variables(node)) | {entry for entry in entries if entry}
        decision = node.function if isinstance(node, Call) and node.function in self.functions else text
        return Expression(text, node, self.compiler().compile(node), reads, decision)

    def _are_calculated(self, entries: Iterable[str | None], *path: str) -> bool:
        """Tell whether what is read of `calculated value` is calculated here (rule L8): single entries."""
        known = self.mapping("calculated").keys()
        wrong = [entry for entry in entries if entry not in known]
        for entry in wrong:
            message = f'"{CALCULATED}" has no entry "{entry}": nothing here calculates it'
            mend = closest(entry or "", known) or f"Write {CALCULATED}.KEY, with a key of `calculated`."
            self.problem("L8", message if entry else f'"{CALCULATED}" is read one entry at a time', *path, mend=mend)
        return not wrong

    def parse(self, text: str, names: frozenset[str], *path: str) -> Node | None:
        """Return the tree of an expression, or None where it cannot be read or names what does not exist."""
        try:
            node = parse_expression(text, frozenset({*names, *self.declared}))
        except FeelSyntaxError as error:
            unseen = sorted(name for name in GIVEN - names if name in text)
            mend = f'A function sees its parameters alone: hand over "{unseen[0]}" as one.' if unseen else ""
            self.problem("L6", f'"{_short(text)}" is not FEEL: {error}', *path, mend=mend)
            return None
        return node if self.check_names([node], names, *path) else None

    def defined(self, called: Iterable[str]) -> bool:
        """Tell whether all functions called are defined by now; one that is declared and not, has its own problem."""
        return all(name in self.functions or name in BUILTINS for name in called)

    def check_names(self, parts: Iterable[Node], names: frozenset[str], *path: str) -> bool:
        """Tell whether every name and function in the parts exists; those that do not are noted (rules L8, L9)."""
        before = len(self.problems)
        known = names | GIVEN
        for part in parts:
            for name in variables(part):
                if name.name not in known:
                    self.problem("L8", f'nothing here is called "{name.name}"', *path, mend=closest(name.name, known))
            for call in calls(part):
                self._check_call(call, *path)
        return len(self.problems) == before

    def _check_call(self, call: Call, *path: str) -> None:
        if call.function in self.functions:
            parameters = self.functions[call.function].parameters
            wrong = set(call.names) - set(parameters)
            if wrong or (not call.names and len(call.arguments) != len(parameters)):
                message = f'"{call.function}" is called with other parameters than it has'
                self.problem("L9", message, *path, mend=f"It takes {', '.join(parameters)}.")
        elif call.function not in BUILTINS and call.function not in self.declared:
            known = frozenset({*self.declared, *BUILTINS})
            message = f'no function is called "{call.function}"'
            self.problem("L8", message, *path, mend=closest(call.function, known))


def feel_text(written: Any) -> str:
    """Return an expression as text: YAML reads true and 5 as what they are."""
    return str(written).lower() if isinstance(written, bool) else str(written)


def called_in(parts: Iterable[Node]) -> tuple[str, ...]:
    """Return the names of the functions that are called, each once."""
    return tuple(dict.fromkeys(call.function for part in parts for call in calls(part)))


def listed(names: Iterable[str]) -> str:
    """Return names as one sorted list for a sentence."""
    return ", ".join(sorted(str(name) for name in names))


def closest(name: str, known: Iterable[str]) -> str:
    """Return the question whether a similar name was meant, or nothing."""
    near = get_close_matches(name, sorted(known), n=1)
    return f'Did you mean "{near[0]}"?' if near else ""


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."
