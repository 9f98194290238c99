"""What the logic says of a value that it cannot use, as people read it: of which field, in the language of the report.

The logic speaks English of the value alone, and so do stored reports; field, side and words are put in where shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mrrt.problems import Problem, Severity
from mrrt.template import Template

_OF_VALUES = frozenset({"V1", "V2", "V3"})
_OF_RULES = frozenset({"V4", "V5", "V6"})
"""Their messages are in the language of the report already, and name what they speak of."""
_IMPLAUSIBLE = re.compile(
    r"(?P<value>.+) is outside what is plausible \((?P<range>.+)\) and is not used in calculations"
)
_BEYOND = re.compile(
    r"(?P<value>.+) is (?P<where>below|above) what the template allows \((?P<limit>.+)\) "
    r"and is not used in calculations"
)
_RANGE = re.compile(r"\[([^\]\[]+?)\.\.([^\]\[]+?)\]")
_KINDS = {"number": "keine Zahl", "date": "kein Datum", "time": "keine Uhrzeit"}
_MENDS = {
    "Check the value and its unit.": "Wert und Einheit prüfen.",
    "Correct it or clear it.": "Berichtigen oder löschen.",
    "Correct one of the values.": "Einen der Werte berichtigen.",
}
_UNSETTLED = {
    "en": (
        'The form never settles: what stands in place of "{parts}" takes back the choice that put it there.',
        "Choose otherwise, and have the template mended: no part may hide or change its own choice.",
    ),
    "de": (
        "Das Formular kommt nie zur Ruhe: Was anstelle von „{parts}“ steht, nimmt seine Auswahl zurück.",
        "Anders wählen und die Vorlage ausbessern lassen: Kein Teil darf seine eigene Auswahl verbergen oder ändern.",
    ),
}
_UNUSED = "the value is not used in calculations: "
_UNITS = {
    r'"(?P<unit>.*)" is not a UCUM unit': "„{unit}“ ist keine UCUM-Einheit",
    r'"(?P<one>.*)" and "(?P<other>.*)" measure different things and cannot be converted': "„{one}“ und „{other}“ "
    "messen Verschiedenes und lassen sich nicht umrechnen",
    "it has no unit, and (?P<wanted>.*) is needed": "er hat keine Einheit, und {wanted} ist nötig",
}
"""Why a value cannot be brought into the unit of the logic (rule V2)."""


def values_said(problems: tuple[Problem, ...], template: Template, language: str) -> tuple[Problem, ...]:
    """Return problems, with those that speak of a single value in the words of a language; the others as they are."""
    return tuple(_said(one, template, language) if one.rule in _OF_VALUES | _OF_RULES else one for one in problems)


def unsettled(parts: Sequence[str], language: str) -> Problem:
    """Return the problem of a draft whose choices put parts in that take these choices out again; it forbids signing.

    `parts` are the ids of the elements that are replaced, and are not, in turn.
    """
    message, mend = _UNSETTLED.get(language, _UNSETTLED["en"])
    said = message.format(parts=", ".join(parts))
    return Problem(rule="V6", severity=Severity.ERROR, message=said, mend=mend)


def _said(problem: Problem, template: Template, language: str) -> Problem:
    mend = _MENDS.get(problem.mend, problem.mend) if language == "de" else problem.mend
    if problem.rule in _OF_RULES:
        return problem.model_copy(update={"mend": mend})
    field = template.field_by_key.get(problem.field or "")
    label = field.label_in(language) if field else problem.field
    message = (_german if language == "de" else _english)(problem.message)
    said = f"{label}: {message}" if label else message
    end = "." if mend and not said.endswith(".") else ""  # the remedy is a sentence of its own, and stands behind it
    return problem.model_copy(update={"message": said + end, "mend": mend})


def _english(message: str) -> str:
    found = _IMPLAUSIBLE.fullmatch(message)
    if found is None:
        return message
    return message.replace(found["range"], _range(found["range"], "to", "or"))


def _german(message: str) -> str:
    if found := _IMPLAUSIBLE.fullmatch(message):
        span = _decimal(_range(found["range"], "bis", "oder"))
        return f"{_decimal(found['value'])} liegt außerhalb des Plausiblen ({span}) und geht in keine Berechnung ein"
    if found := _BEYOND.fullmatch(message):
        where = "unter" if found["where"] == "below" else "über"
        value, limit = _decimal(found["value"]), _decimal(found["limit"])
        return f"{value} liegt {where} dem, was die Vorlage zulässt ({limit}), und geht in keine Berechnung ein"
    if found := re.fullmatch(r'"(?P<value>.*)" is not a (?P<kind>.+)', message, re.DOTALL):
        return f"„{found['value']}“ ist {_KINDS.get(found['kind'], found['kind'])}"
    reason = message.removeprefix(_UNUSED)
    return message if reason == message else f"der Wert geht in keine Berechnung ein: {_of_unit(reason)}"


def _of_unit(reason: str) -> str:
    found = ((re.fullmatch(english, reason, re.DOTALL), german) for english, german in _UNITS.items())
    return next((german.format(**match.groupdict()) for match, german in found if match), reason)


def _range(text: str, to: str, either: str) -> str:
    return _RANGE.sub(rf"\1 {to} \2", text).replace(", ", f" {either} ")


def _decimal(text: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", ",", text)
