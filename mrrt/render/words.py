"""The words that a report needs beside those of its template, by language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

_NONE = timedelta()
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "patient": "Patient",
        "identifier": "ID",
        "born": "born",
        "sex F": "female",
        "sex M": "male",
        "sex O": "other",
        "study": "Study",
        "accession": "Accession",
        "device": "Device",
        "status": "Status",
        "signed": "Signed by",
        "criteria": "Graded by",
        "version": "version of the rules:",
        "unsigned": "DRAFT - not signed",
        "addendum": "Addendum",
        "template": "Template",
        "yes": "yes",
        "decimal": ".",
        "date": "%Y-%m-%d",
        "moment": "{date} {time} {zone}",
        "registered": "registered",
        "partial": "draft",
        "preliminary": "preliminary",
        "final": "final",
        "amended": "amended",
        "corrected": "corrected",
        "appended": "with addendum",
        "cancelled": "cancelled",
        "entered-in-error": "entered in error",
        "void cancelled": "CANCELLED - not to be used",
        "void entered-in-error": "ENTERED IN ERROR - not to be used",
        "not-performed": "not performed",
        "not-applicable": "not applicable",
        "error": "not measurable",
        "asked-unknown": "asked, not known",
        "asked-declined": "declined",
        "not-asked": "not asked",
        "not-permitted": "not permitted",
        "masked": "withheld",
    },
    "de": {
        "patient": "Patient",
        "identifier": "ID",
        "born": "geb.",
        "sex F": "weiblich",
        "sex M": "männlich",
        "sex O": "divers",
        "study": "Untersuchung",
        "accession": "Auftragsnummer",
        "device": "Gerät",
        "status": "Status",
        "signed": "Signiert von",
        "criteria": "Graduiert nach",
        "version": "Version der Regeln:",
        "unsigned": "ENTWURF - nicht signiert",
        "addendum": "Nachtrag",
        "template": "Vorlage",
        "yes": "ja",
        "decimal": ",",
        "date": "%d.%m.%Y",
        "moment": "{date}, {time} Uhr ({zone})",
        "registered": "registriert",
        "partial": "Entwurf",
        "preliminary": "vorläufig",
        "final": "endgültig",
        "amended": "geändert",
        "corrected": "korrigiert",
        "appended": "mit Nachtrag",
        "cancelled": "storniert",
        "entered-in-error": "irrtümlich erstellt",
        "void cancelled": "STORNIERT - nicht zu verwenden",
        "void entered-in-error": "IRRTÜMLICH ERSTELLT - nicht zu verwenden",
        "not-performed": "nicht durchgeführt",
        "not-applicable": "entfällt",
        "error": "nicht messbar",
        "asked-unknown": "erfragt, nicht bekannt",
        "asked-declined": "abgelehnt",
        "not-asked": "nicht erfragt",
        "not-permitted": "nicht erlaubt",
        "masked": "zurückgehalten",
    },
}


def words(language: str) -> Mapping[str, str]:
    """Return the words of a language; English where it has none yet."""
    return _WORDS.get(language, _WORDS["en"])


def date_text(text: str, language: str) -> str:
    """Return an ISO date as the language writes it; any other text as it is."""
    try:
        return date.fromisoformat(text).strftime(words(language)["date"])
    except ValueError:
        return text


def moment_text(text: str, language: str) -> str:
    """Return an ISO time as the language writes it, to the minute and with its zone; any other text as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    word = words(language)
    day, time = moment.strftime(word["date"]), moment.strftime("%H:%M")
    zone = "UTC" if moment.utcoffset() in (None, _NONE) else f"UTC{moment.isoformat()[-6:]}"
    return word["moment"].format(date=day, time=time, zone=zone)
