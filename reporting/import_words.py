"""What the import says of measurements, in the language of the report: why one was taken, left out or left open.

The import speaks English, and so do stored reports; what is shown is said anew here, and so is what the site desk is
told (site_words.py). A phrase without words in a language stays as it is, so that nothing is lost by it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar

from mrrt.code import Code
from mrrt.code_names import name_said, named, names_said
from mrrt.problems import Problem
from mrrt.report import Source
from mrrt.template import Template
from reporting import document_words, site_words
from sr_import import Ambiguous, Document, Finding, Measurement, Unmatched
from sr_import.matching import Sighting
from sr_import.measurement import Container, Made, ProfileNote

Language = Literal["en", "de"]
"""The languages that have words."""
_BY_HAND = "Read the value on the device and type it in."
_GERMAN: Mapping[str, str] = {
    # why a measurement has no place
    "no binding for this code": "keine Zuordnung für diesen Code",
    "no binding for the container that holds it": "keine Zuordnung für den Abschnitt, in dem er steht",
    "no binding for this code at this site": "keine Zuordnung für diesen Code an diesem Ort",
    "no binding for this segment of the site": "keine Zuordnung für dieses Segment",
    "no binding for this side": "keine Zuordnung für diese Seite",
    "no laterality stated": "keine Seite angegeben",
    "the stated laterality is neither right nor left": "die angegebene Seite ist weder rechts noch links",
    "its document was replaced by one that does not say it again": "sein Dokument wurde durch eines ersetzt, das ihn "
    "nicht mehr nennt",
    "a part of its document is missing": "ein Teil seines Dokuments fehlt",
    r"it says how values spread \((?P<code>.+)\) and is none itself": "er beschreibt eine Streuung ({code}) und ist "
    "selbst kein Messwert",
    # why one was taken
    r"Selection Status: (?P<code>.+)": "Auswahlstatus: {code}",
    r"Derivation: (?P<code>.+)": "Ableitung: {code}",
    r"the latest value, of (?P<at>.+)": "der letzte Wert, von {at}",
    "the first value": "der erste Wert",
    "the only value": "der einzige Wert",
    r"(?P<n>\d+) equal values": "{n} gleiche Werte",
    r"(?P<word>highest|lowest|mean|median|best) of (?P<n>\d+) values": "{word} von {n} Werten",
    r"(?P<word>highest|lowest) of (?P<n>\d+) places, at (?P<place>.+)": "{word} von {n} Orten: {place}",
    r"there (?!is |are )(?P<rest>.+)": "dort {rest}",
    r"second choice, at (?P<place>.+)": "zweite Wahl: {place}",
    r"same sample as (?P<field>.+)": "dieselbe Messung wie {field}",
    r"finding: (?P<code>.+)": "Angabe: {code}",
    r"count of the containers (?P<code>.+)": "Anzahl der Abschnitte {code}",
    r"not stated in (?P<place>.+)": "nicht angegeben in {place}",
    "bound by the code, unit and label of the template": "zugeordnet durch Code, Einheit und Bezeichnung der Vorlage",
    "chosen by the reader": "vom Befunder gewählt",
    # why one is open
    r"(?P<n>\d+) places fit: (?P<places>.+)": "{n} Orte passen: {places}",
    r"(?P<n>\d+) values differ, and nothing says which one counts": "{n} Werte unterscheiden sich, und nichts sagt, "
    "welcher gilt",
    r"(?P<n>\d+) values with that mark differ, and nothing says which one counts": "{n} Werte mit diesem Merkmal "
    "unterscheiden sich, und nichts sagt, welcher gilt",
    r"none of the (?P<n>\d+) values is what the binding takes \((?P<marks>.+)\)": "keiner der {n} Werte ist, was die "
    "Zuordnung nimmt ({marks})",
    r"the (?P<word>highest|lowest) of (?P<n>\d+) places is not known, for at one of them (?P<rest>.+)": "{word} von "
    "{n} Orten ist nicht bekannt, denn an einem: {rest}",
    r"the value that the device chose \((?P<path>[\d.]+)\) cannot be used: (?P<rest>.+)": "der vom Gerät gewählte Wert "
    "({path}) ist nicht verwendbar: {rest}",
    r"the mean \((?P<path>[\d.]+)\) cannot be used: (?P<rest>.+)": "der Mittelwert ({path}) ist nicht verwendbar: "
    "{rest}",
    r"a value \((?P<path>[\d.]+)\) cannot be used: (?P<rest>.+)": "ein Wert ({path}) ist nicht verwendbar: {rest}",
    r"it carries no value \((?P<why>.+)\)": "er enthält keinen Wert ({why})",
    "it has no unit": "er hat keine Einheit",
    r'its unit "(?P<unit>.*)" is not a UCUM code': 'seine Einheit "{unit}" ist kein UCUM-Code',
    "nothing was measured at the chosen place": "am gewählten Ort wurde nichts gemessen",
    r'it tells of an earlier examination \("(?P<code>.+)"\)': 'gehört zu einer früheren Untersuchung ("{code}")',
    r"it was observed on (?P<day>\S+), before the study of (?P<study>\S+)": "wurde am {day} erhoben, vor der "
    "Untersuchung vom {study}",
    r"sum of the totals of (?P<n>\d+) documents": "Summe der Gesamtwerte von {n} Dokumenten",
    r"the totals of (?P<n>\d+) documents cannot be added: (?P<rest>.+)": "die Gesamtwerte von {n} Dokumenten lassen "
    "sich nicht addieren: {rest}",
    r"not every (?P<code>.+) says which it is": "nicht bei jedem Abschnitt {code} ist gesagt, welcher es ist",
    r"some (?P<code>.+) are in several of them": "manche Abschnitte {code} stehen in mehreren davon",
    "one of them states none": "eines davon nennt keinen",
    r"(?P<n>\d+) findings say different things": "{n} Angaben widersprechen sich",
    "no choice stands for what was found": "keine Auswahl entspricht dem Befund",
    # problems of documents and of their matching
    r"(?P<field>.+) was left empty: zero is no signal": "{field} blieb leer: null ist kein Signal",
    r"(?P<field>.+?) was left empty: (?P<value>\S+ \S+) is outside of (?P<low>\S+) to (?P<high>.+)": "{field} blieb "
    "leer: {value} liegt außerhalb von {low} bis {high}",
    r"(?P<field>.+?) was left empty, because (?P<other>.+) has no chosen sample": "{field} blieb leer, weil für "
    "{other} keine Messung gewählt ist",
    r"(?P<field>.+?) was left empty: (?P<rest>.+)": "{field} blieb leer: {rest}",
    r"samples: (?P<samples>.+)": "Messungen: {samples}",
    r"there are (?P<samples>.+)": "es gibt {samples}",
    r"(?P<field>\S.*?) is a (?P<rest>second choice.+)": "{field}: {rest}",
    r'The section "(?P<code>.*)" \((?P<path>[\d.]+)\) states no side': "Der Abschnitt "
    '"{code}" ({path}) nennt keine Seite',
    r'The section "(?P<code>.*)" \((?P<path>[\d.]+)\) states a side that is neither right nor left': "Der Abschnitt "
    '"{code}" ({path}) nennt eine Seite, die weder rechts noch links ist',
    "1 measurement was not placed": "1 Messwert ohne Platz",
    r"(?P<n>\d+) measurements were not placed": "{n} Messwerte ohne Platz",
    r"A part of the document (?P<uid>\S+) is missing": "Ein Teil des Dokuments {uid} fehlt",
    "nothing was filled in from it": "nichts wurde daraus übernommen",
    r"(?P<field>.+): nothing is bound for (?P<found>.+)": "{field}: für {found} ist nichts zugeordnet",
    r"1 of (?P<n>\d+) containers (?P<code>.+) has no place in the template \(number (?P<numbers>.+)\)": "1 von {n} "
    "Abschnitten {code} hat keinen Platz in der Vorlage (Nummer {numbers})",
    r"(?P<n>\d+) of (?P<every>\d+) containers (?P<code>.+) have no place in the template \(number (?P<numbers>.+)\)": ""
    "{n} von {every} Abschnitten {code} haben keinen Platz in der Vorlage (Nummer {numbers})",
    "not filled in": "nicht übernommen",
    # how to mend them
    "Nothing needs to be done.": "Nichts ist zu tun.",
    _BY_HAND: "Den Wert am Gerät ablesen und eingeben.",
    "Send the document from the device once more.": "Das Dokument vom Gerät noch einmal senden.",
    "Type the value in with its unit; no unit is assumed.": "Den Wert mit Einheit eingeben; keine wird angenommen.",
    "Set the device to UCUM units.": "Das Gerät auf UCUM-Einheiten einstellen.",
    "Check the measurement on the device.": "Die Messung am Gerät prüfen.",
    "Check the set-up of the device.": "Die Einstellungen des Geräts prüfen.",
    "Check that it serves the purpose.": "Prüfen, ob das genügt.",
    "Check which one is the last.": "Prüfen, welches das letzte ist.",
    "State on the report whether there was flow.": "Im Befund angeben, ob Fluss vorhanden war.",
    "Compare the value.": "Den Wert vergleichen.",
    "Compare the unit.": "Die Einheit vergleichen.",
    "Read it in the document.": "Im Dokument nachlesen.",
    "extend `values`": "`values` ergänzen",
    **document_words.GERMAN,
    **site_words.GERMAN,
}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        **{"highest": "höchster", "lowest": "niedrigster", "mean": "Mittel", "median": "Median", "best": "bester"},
        **{"selected": "gewählter", "latest": "letzter", "first": "erster", "only": "einziger"},
        **{"unknown": "unbekannt", "error": "nicht messbar", "not-performed": "nicht durchgeführt"},
        **{"right": "rechts", "left": "links", "bilateral": "beidseitig", "unilateral": "einseitig"},
        **{"unsupported": "nicht unterstützt", "not-a-number": "keine Zahl", "temp-unknown": "noch unbekannt"},
    }
}
_FIELD_OF_SAMPLE = re.compile(r"(?<=^same sample as )[^;\s]+")
_PHRASES = {"de": [(re.compile(english, re.DOTALL), german) for english, german in _GERMAN.items()]}


@lru_cache(maxsize=4096)
def said(text: str, language: str) -> str:
    """Return what the import says in another language, as far as there are words for it."""
    if language not in _PHRASES or not text:
        return text
    if text in _GERMAN:
        return _GERMAN[text]
    if f"{text}." in _GERMAN:
        return _GERMAN[f"{text}."].removesuffix(".")
    if text.endswith("."):
        return f"{said(text[:-1], language)}."
    if "; " in text:
        return "; ".join(said(part, language) for part in text.split("; "))
    for pattern, words in _PHRASES[language]:
        if found := pattern.fullmatch(text):
            return words.format(**{name: _part(name, part, language) for name, part in found.groupdict().items()})
    return text


def _part(name: str, part: str, language: str) -> str:
    if name == "list":
        return ", ".join(said(one, language) for one in part.split(", "))
    if name == "marks":
        return ", ".join(_WORDS[language].get(one, one) for one in part.split(", "))
    if name in ("code", "place", "places", "other_place"):
        return name_said(part, language) if name == "code" else names_said(part, language)
    return said(part, language) if name == "rest" else _WORDS[language].get(part, part)


def said_in(text: str, language: Language) -> tuple[str, Language]:
    """Return what is said in a language, and the language that it is in: English where there are no words for it."""
    words = said(text, language)
    return words, language if words != text or not text else "en"


T = TypeVar("T", Unmatched, Ambiguous)


def reasons_said(found: tuple[T, ...], language: str) -> tuple[T, ...]:
    """Return measurements with their reasons, and what they are of, in a language."""
    if language not in _PHRASES:
        return found
    return tuple(
        one.model_copy(update={"reason": said(one.reason, language), **_named(one, language)}) for one in found
    )


def _named(one: Unmatched | Ambiguous, language: str) -> Mapping[str, object]:
    """Return the codes of a measurement, or its candidates, with their names in a language."""
    if isinstance(one, Ambiguous):
        return {"candidates": tuple(each.model_copy(update=_codes(each, language)) for each in one.candidates)}
    return _codes(one, language)


def _codes(one: Sighting, language: str) -> Mapping[str, Code]:
    codes = {"code": one.code, "site": one.site, "segment": one.segment}
    return {key: named(code, language) for key, code in codes.items() if code is not None}


def source_said(source: Source | None, template: Template, language: str) -> Source | None:
    """Return where a value came from, with the rule of its choice in a language and fields by their labels."""
    if source is None or source.rule is None:
        return source
    rule = _FIELD_OF_SAMPLE.sub(lambda found: _label(template, found[0], language), source.rule)
    return source if (words := said(rule, language)) == source.rule else source.model_copy(update={"rule": words})


def _label(template: Template, key: str, language: str) -> str:
    field = template.field_by_key.get(key)
    return (field.label_in(language) if field else "") or key


def document_said(document: Document, language: str) -> Document:
    """Return a document with codes by their names in a language, and what was noted of it in that language."""
    if language not in _PHRASES:
        return document
    return document.model_copy(update={name: _said_within(part, language) for name, part in document})


def _said_within(part: Any, language: str) -> Any:
    """Return a part of a document in a language: its codes by their names, its problems and notes in words."""
    say = _SAY.get(type(part))
    return say(part, language) if say else part


def _item_said(item: Made, language: str) -> Made:
    return item.trusted({name: _said_within(part, language) for name, part in item.__dict__.items()})


def _message_said(problem: Problem, language: str) -> Problem:
    mend = problem.mend and said(problem.mend, language)
    return problem.model_copy(update={"message": said(problem.message, language), "mend": mend})


_SAY: Mapping[type[object], Callable[[Any, str], object]] = {
    tuple: lambda parts, language: tuple(_said_within(part, language) for part in parts),
    Code: named,
    Problem: _message_said,
    ProfileNote: lambda note, language: note.model_copy(update={"rule": said(note.rule, language)}),
    **dict.fromkeys((Measurement, Finding, Container), _item_said),
}


def problems_said(problems: tuple[Problem, ...], template: Template, language: str) -> tuple[Problem, ...]:
    """Return problems of the import in a language, with the labels of fields for their keys."""
    return tuple(_problem_said(one, template, language) for one in problems)


def _problem_said(problem: Problem, template: Template, language: str) -> Problem:
    field = template.field_by_key.get(problem.field or "")
    label = field.label_in(language) if field else ""
    told = _message_said(problem, language)
    if field is None or not label:
        return told
    message = re.sub(rf"(?<!\w){re.escape(field.key)}(?!\w)", lambda _: label, told.message)
    return told.model_copy(update={"message": message})
