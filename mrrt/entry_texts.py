"""Why a field cannot hold what was entered, in the languages of reports."""

from __future__ import annotations

from collections.abc import Mapping

from mrrt.errors import NotHeld

TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "number": ('"{field}" takes a number, not {given}', "Enter a number such as 120 or 1.8 m/s."),
        "thousand-comma": (
            '"{field}": the comma of {given} may group thousands, or be a decimal comma',
            "Enter {plain}, or {longer} for a decimal comma.",
        ),
        "thousand-point": (
            '"{field}": the point of {given} may group thousands, or be a decimal point',
            "Enter {plain}, or {longer} for a decimal point.",
        ),
        "thousand-space": ('"{field}": the digits of {given} stand in groups', "Enter {plain}, without groups."),
        "choice": ('"{field}" takes one of its choices, not {given}', "Enter one of its choices."),
        "choices": ('"{field}" takes a list of its choices, not {given}', "Enter a list of its choices."),
        "no-choice": ('"{field}" has no choice {given}', "It offers {offered}."),
        "unit": (
            '"{field}" is measured in {unit}: {why}',
            "Enter it in {unit}, or in a unit that can be converted to it.",
        ),
        "checkbox": ('"{field}" takes true or false, not {given}', "Enter true or false."),
        "date": ('"{field}" takes a date, not {given}', "Enter it as year-month-day, for example 2026-01-31."),
        "time": (
            '"{field}" takes a time, not {given}',
            "Enter it as hours:minutes or hours:minutes:seconds, for example 14:30.",
        ),
        "text": ('"{field}" takes text, not {given}', "Enter text."),
    },
    "de": {
        "number": ('"{field}" nimmt eine Zahl, nicht {given}', "Eine Zahl wie 120 oder 1,8 m/s eingeben."),
        "thousand-comma": (
            '"{field}": das Komma in {given} kann Tausender gliedern oder ein Dezimalkomma sein',
            "{plain} eingeben, oder {longer} für ein Dezimalkomma.",
        ),
        "thousand-point": (
            '"{field}": der Punkt in {given} kann Tausender gliedern oder für ein Dezimalkomma stehen',
            "{plain} eingeben, oder {longer} für eine Dezimalzahl.",
        ),
        "thousand-space": ('"{field}": die Ziffern von {given} stehen in Gruppen', "{plain} eingeben, ohne Gruppen."),
        "choice": ('"{field}" nimmt eine der Auswahlmöglichkeiten, nicht {given}', "Eine davon wählen."),
        "choices": ('"{field}" nimmt mehrere der Auswahlmöglichkeiten, nicht {given}', "Einige davon wählen."),
        "no-choice": ('"{field}" bietet {given} nicht an', "Zur Wahl stehen {offered}."),
        "unit": (
            '"{field}" wird in {unit} gemessen, was hier nicht passt ({given})',
            "In {unit} eingeben, oder in einer Einheit, die sich umrechnen lässt.",
        ),
        "checkbox": ('"{field}" nimmt ja oder nein, nicht {given}', "Ja oder nein wählen."),
        "date": ('"{field}" nimmt ein Datum, nicht {given}', "Als Jahr-Monat-Tag eingeben, zum Beispiel 2026-01-31."),
        "time": (
            '"{field}" nimmt eine Uhrzeit, nicht {given}',
            "Als Stunden:Minuten oder Stunden:Minuten:Sekunden eingeben, zum Beispiel 14:30.",
        ),
        "text": ('"{field}" nimmt Text, nicht {given}', "Text eingeben."),
    },
}


def refusal(kind: str, **said: str) -> NotHeld:
    """Return the error that a field cannot hold something; `in_language` says it again in another language."""
    return NotHeld(*_filled("en", kind, said), kind=kind, said=said)


def in_language(error: NotHeld, language: str) -> tuple[str, str]:
    """Return what is wrong and how to mend it, in a language where there are words for it, else in English."""
    if error.kind not in TEXTS.get(language, {}):
        return error.wrong, error.mend
    return _filled(language, error.kind, error.said)


def _filled(language: str, kind: str, said: Mapping[str, str]) -> tuple[str, str]:
    wrong, mend = TEXTS[language][kind]
    return wrong.format(**said), mend.format(**said)
