"""Rules about the metadata of a template (M)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from mrrt.check.rules import Finding, Subject, at, rule
from mrrt.parse.metadata import TYPE, holders_of, said_by, term_of
from mrrt.parse.tree import Element
from mrrt.problems import Severity

_NEEDED = ("title", "identifier")
_EXPECTED = ("type", "language", "publisher", "date", "creator")
_PROFILE = frozenset({*_NEEDED, *_EXPECTED, "rights", "license", "contributor", "relation"})
"""Table 8.1.1-1."""
_OF_HTML = frozenset({"viewport", "generator", "author", "robots"})
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
        if term not in subject.metadata:
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
    if not any(text for term in ("license", "rights") for text in subject.metadata.get(term, ())):
        yield Finding("the template states neither dcterms.license nor dcterms.rights", 1, 1)


@rule(
    "M1",
    "Terms are written dcterms.TERM in lower case.",
    source="E",
    example='<meta name="dc:Title" content="MR knee">',
    mend="Write the name as dcterms.title and the like; every spelling is read alike.",
    tolerant=Severity.INFORMATION,
)
def usual_names(subject: Subject) -> Iterator[Finding]:
    for element in holders_of(subject.page):
        stated = (element.get("name") or element.get("property") or "").strip() or element.tag
        if term_of(element) and not re.fullmatch(r"dcterms\.[a-z][A-Za-z]+", stated):
            yield at(subject, element, f'the term is written "{stated}"')
        elif stated == "dcterms.licence":
            yield at(subject, element, 'the term is misspelt "dcterms.licence"')


@rule(
    "M3",
    "Terms beyond those of the profile (description, subject, abstract and others) are extensions.",
    source="D, E",
    example='<meta name="dcterms.description" content="For the knee">',
    mend="Nothing needs to be done; the term is kept.",
    tolerant=Severity.INFORMATION,
)
def extension_terms(subject: Subject) -> Iterator[Finding]:
    for element in holders_of(subject.page):
        if (term := term_of(element)) and term not in _PROFILE:
            yield at(subject, element, f"dcterms.{term} is no term of the profile")


@rule(
    "M9",
    "A changed body gets a new identifier, and says in dcterms.relation what it replaces, not itself.",
    source="J",
    example='<meta name="dcterms.identifier" content="2.25.42"> <meta name="dcterms.relation" content="2.25.42">',
    mend="Give the changed template an identifier of its own, or take the relation out.",
    tolerant=Severity.WARNING,
)
def new_identifiers(subject: Subject) -> Iterator[Finding]:
    # whether the body changed is known only where templates are stored; a page alone can but name itself
    for element in _stating(subject, "relation"):
        if said_by(element) and said_by(element) == subject.identifier:
            yield at(subject, element, "the template is related to itself")


@rule(
    "M10",
    "Meta elements that are no Dublin Core are kept as they stand.",
    source="R",
    example='<meta name="rrt:modality" content="MR">',
    mend="Nothing needs to be done; say modality and body part in the terms of the XML block as well.",
    tolerant=Severity.INFORMATION,
)
def other_metadata(subject: Subject) -> Iterator[Finding]:
    for element in subject.page.named("meta"):
        if (name := (element.get("name") or "").strip()) and term_of(element) is None and name.lower() not in _OF_HTML:
            yield at(subject, element, f'the meta element "{name}" is no term of the profile')


def _stating(subject: Subject, term: str) -> Iterator[Element]:
    return (element for element in holders_of(subject.page) if term_of(element) == term)


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and len(text) == len("2024-03-31")
    except ValueError:
        return False
