"""Rules about the metadata of a template (M)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml.html import HtmlElement

from mrrt.check.rules import Finding, Subject, at, rule
from mrrt.parse.metadata import TYPE, holders_of, said_by, term_of
from mrrt.problems import Severity

_NEEDED = ("title", "identifier")
_EXPECTED = ("type", "language", "publisher", "date", "creator")
_PLACEHOLDER = re.compile(r"x{3,}|\?{2,}|todo", re.IGNORECASE)
_LANGUAGES = frozenset(
    re.findall(
        "..",
        "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfygagdglgngugv"
        "hahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrmsmtmy"
        "nanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktltntotr"
        "tstttwtyugukuruzvevivowawoxhyiyozazhzu",
    )
)
"""Two-letter codes of ISO 639-1."""


@rule(
    "M2",
    "The metadata name title and identifier, and should name type, language, publisher, date and creator.",
    source="E, D",
    example='<head><meta name="dcterms.title" content="MR knee"></head>',
    mend='Write <meta name="dcterms.TERM" content="..."> into the head.',
    tolerant=Severity.ERROR,
)
def needed_terms(subject: Subject) -> Iterator[Finding]:
    for term in (*_NEEDED, *_EXPECTED):
        if term not in subject.template.metadata:
            yield Finding(f"the template states no dcterms.{term}", 1, 1, lesser=term in _EXPECTED)


@rule(
    "M4",
    "The identifier is stated once, is not empty and no placeholder: every report carries it.",
    source="D, J",
    example='<meta name="dcterms.identifier" content="">',
    mend="Give the template one identifier of its own, best an OID or a UUID.",
    tolerant=Severity.ERROR,
)
def real_identifier(subject: Subject) -> Iterator[Finding]:
    elements = list(_stating(subject, "identifier"))
    for element in elements:
        text = said_by(element)
        if not text:
            yield at(subject, element, "the identifier is empty")
        elif _PLACEHOLDER.search(text):
            yield at(subject, element, f'the identifier "{text}" looks like a placeholder', lesser=True)
    for element in elements[1:]:
        if said_by(element) != said_by(elements[0]):
            yield at(subject, element, "the template states a second identifier; the first one counts")


@rule(
    "M5",
    f"The type is {TYPE}.",
    source="D, S",
    example='<meta name="dcterms.type" content="TEMPLATE">',
    mend=f'Write content="{TYPE}".',
    tolerant=Severity.WARNING,
)
def known_type(subject: Subject) -> Iterator[Finding]:
    for element in _stating(subject, "type"):
        if said_by(element) != TYPE:
            yield at(subject, element, f'the type is "{said_by(element)}"')


@rule(
    "M6",
    "The language is a two-letter code of ISO 639.",
    source="D",
    example='<meta name="dcterms.language" content="german">',
    mend='Write a code such as "en" or "de".',
    tolerant=Severity.WARNING,
)
def known_language(subject: Subject) -> Iterator[Finding]:
    for element in _stating(subject, "language"):
        if said_by(element) not in _LANGUAGES:
            yield at(subject, element, f'"{said_by(element)}" is no two-letter code of a language')


@rule(
    "M7",
    "The date is written yyyy-mm-dd.",
    source="D",
    example='<meta name="dcterms.date" content="31.03.2024">',
    mend='Write a date such as "2024-03-31".',
    tolerant=Severity.WARNING,
)
def iso_date(subject: Subject) -> Iterator[Finding]:
    for element in _stating(subject, "date"):
        if not _is_date(said_by(element)):
            yield at(subject, element, f'"{said_by(element)}" is no date of the form yyyy-mm-dd')


@rule(
    "M8",
    "The template states its rights or its licence.",
    source="D",
    example='<meta name="dcterms.rights" content="">',
    mend="Write dcterms.license with the address of the licence, or dcterms.rights with its text.",
    tolerant=Severity.WARNING,
)
def some_licence(subject: Subject) -> Iterator[Finding]:
    if not any(text for term in ("license", "rights") for text in subject.template.metadata.get(term, ())):
        yield Finding("the template states neither dcterms.license nor dcterms.rights", 1, 1)


def _stating(subject: Subject, term: str) -> Iterator[HtmlElement]:
    return (element for element in holders_of(subject.page) if term_of(element) == term)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == len("2024-03-31")
    except ValueError:
        return False
