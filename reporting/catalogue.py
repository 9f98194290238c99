"""What templates are found by: one card for each, from its metadata and codes, and the question that a search asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mrrt.code import Code
from mrrt.errors import MrrtError, Refused
from mrrt.problems import Problem, Severity
from mrrt.template import Template
from reporting.errors import WrongQuery
from reporting.templates import TemplateSummary, assembled_on_disk, compiled
from templates_lib.loader import installed, read

RETIRED = "RETIRED"
STATUSES = ("ACTIVE", "DRAFT", RETIRED)
_TEXTS = ("title", "publisher", "creator", "license")
_MODALITY = ("rrt:modality", "modality")


class Card(BaseModel):
    """A template as a search sees it: its summary, its codes ("LN 11726-7") and the metadata of its head."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: TemplateSummary
    codes: tuple[str, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = {}


def known_status(status: str, place: str) -> str:
    """Return a status of templates, in any case; raises WrongQuery for another word, which no template would have."""
    if status.strip().upper() in STATUSES:
        return status
    raise WrongQuery(place, f'there is no status "{status}" of templates', f"Take one of: {', '.join(STATUSES)}.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which templates to list. Texts are looked for inside, in any case; the other parts must be equal.

    `modality` is a code or its meaning, `code` a code value or scheme and value with a blank between them.
    """

    title: str | None = None
    identifier: str | None = None
    language: str | None = None
    publisher: str | None = None
    creator: str | None = None
    license: str | None = None
    status: str | None = None
    modality: str | None = None
    code: str | None = None

    def fits(self, card: Card) -> bool:
        """Tell whether a template is wanted."""
        one = card.summary
        parts = [_holds(getattr(one, name), getattr(self, name)) for name in _TEXTS]
        parts += [_equals((getattr(one, name),), getattr(self, name)) for name in ("identifier", "language", "status")]
        return all(parts) and _equals(one.modality, self.modality) and self._has_code(card)

    def _has_code(self, card: Card) -> bool:
        if self.code is None:
            return True
        scheme, _, value = self.code.strip().rpartition(" ")
        if scheme:
            return _said(Code.of(scheme, value)) in card.codes
        return any(known.rpartition(" ")[2] == value for known in card.codes)


def card_of(template: Template, summary: TemplateSummary) -> Card:
    """Return the card of a template; `summary` says where it lies, its metadata are filled in here."""
    stated = {name: _first(template, name) for name in ("publisher", "creator", "license", "date")}
    known = {
        "identifier": template.identifier,
        "title": template.title,
        "translations": template.translations,
        "language": template.language,
        "fields": len(template.fields),
        "modality": tuple(_modality(template)),
        "status": summary.status or template.status or "",
    }
    codes = tuple(sorted({_said(code) for code in _codes(template)}))
    return Card(summary=summary.model_copy(update=stated | known), codes=codes, metadata=template.metadata)


def installed_cards(extra: tuple[Path, ...]) -> Iterator[Card]:
    """Yield the cards of the templates that lie in folders, by name; one that cannot be loaded has problems."""
    return (_installed_card(name, folder, extra) for name, folder in sorted(installed(extra).items()))


def _installed_card(name: str, folder: Path, extra: tuple[Path, ...]) -> Card:
    summary = TemplateSummary(name=name)
    try:
        return card_of(compiled(assembled_on_disk(read(folder), extra)).template, summary)
    except Refused as error:
        problems = error.problems
    except MrrtError as error:
        problems = (Problem(rule="T0", severity=Severity.ERROR, message=str(error), file=str(folder)),)
    return Card(summary=summary.model_copy(update={"problems": problems}))


def _first(template: Template, term: str) -> str:
    return next((text for text in template.metadata.get(term, ()) if text), "")


def _modality(template: Template) -> Iterator[str]:
    for kind, code in template.terms:
        if kind.strip().lower() == "modality":
            yield from filter(None, (code.value, code.meaning))
    for name in _MODALITY:
        yield from filter(None, template.metadata.get(name, ()))


def _codes(template: Template) -> Iterator[Code]:
    yield from (code for field in template.fields for code in field.codes)
    yield from (code for entry in template.coded_content for code in entry.codes)
    yield from (code for _, code in template.terms)


def _said(code: Code) -> str:
    return f"{code.scheme} {code.value}"


def _holds(text: str, wanted: str | None) -> bool:
    return wanted is None or wanted.strip().casefold() in text.casefold()


def _equals(texts: Iterable[str], wanted: str | None) -> bool:
    return wanted is None or wanted.strip().casefold() in {text.casefold() for text in texts}
