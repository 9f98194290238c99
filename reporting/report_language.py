"""In which language a report is made: one that its template has, or that the engine itself speaks.

In any other, its texts would be in the language of the template and yet be said, in HTML and FHIR, to be in that one.
"""

from __future__ import annotations

from typing import get_args

from mrrt.template import Template
from reporting.errors import WrongQuery
from reporting.import_words import Language


def report_language(template: Template, asked: str, default: str, place: str) -> str:
    """Return the language that is asked for, else the site's, "" for that of the template where it has not got that.

    Raises WrongQuery, at `place`, for one that is asked for and not to be had.
    """
    known = languages(template)
    if not asked:
        return default if default in known else ""
    if asked not in known:
        raise WrongQuery(
            place, f'a report on this template cannot be in "{asked}"', f"Take one of: {', '.join(known)}."
        )
    return asked


def languages(template: Template) -> tuple[str, ...]:
    """Return the languages of a template, its own first, then those of the engine's own words."""
    choices = (choice for field in template.fields for choice in field.choices)
    sections = (one.translations for one in template.sections)
    holders = (template.translations, *sections, *(one.translations for one in template.fields))
    translated = sorted({one for texts in (*holders, *(choice.translations for choice in choices)) for one in texts})
    own = (template.language or "en")[:2].lower()
    return tuple(dict.fromkeys((own, *translated, *get_args(Language))))
