"""Which templates fit an SR document: those whose own bindings find values in it, the one with most fields first.

Nothing is said about document titles or devices. The bindings of a template are asked as they are when a report is
made from it, so that what fits here fills there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from mrrt.report import Model
from reporting.templates import Compiled
from sr_import import Document, match

_REASON = "{fields} of its {bound} bound fields are filled; {measurements} of {valued} measurements have a place."


class Fit(Model):
    """A template that a document fills, and how far."""

    template: str
    """Name under which a report is made from it."""
    identifier: str
    title: str
    language: str = ""
    fields: int
    """Fields that get a value, or would if the reader chose one of several measurements."""
    bound: int
    """Fields that the bindings of the template speak of."""
    measurements: int
    """Measurements with a value that have a place in it."""
    reason: str


def fits(documents: Sequence[Document], templates: Iterable[Compiled]) -> tuple[Fit, ...]:
    """Return the templates that the documents fill, the best first: by fields, measurements, then title."""
    found = [fit for template in templates if (fit := _fit(documents, template)) is not None]
    return tuple(sorted(found, key=lambda fit: (-fit.fields, -fit.measurements, fit.title, fit.template)))


def _fit(documents: Sequence[Document], template: Compiled) -> Fit | None:
    bindings = template.bindings
    if not bindings.bindings:
        return None
    answer = match(documents, bindings)
    fields = len(
        {key for key, value in answer.values.items() if value.value is not None}
        | {one.field for one in answer.ambiguous}
    )
    if not fields:
        return None
    valued = sum(1 for _ in _with_value(documents))
    measurements = valued - len(answer.unmatched)
    bound = len(bindings.bindings)
    return Fit(
        template=template.source.name,
        identifier=template.template.identifier,
        title=template.template.title,
        language=template.template.language or "",
        fields=fields,
        bound=bound,
        measurements=measurements,
        reason=_REASON.format(fields=fields, bound=bound, measurements=measurements, valued=valued),
    )


def _with_value(documents: Iterable[Document]) -> Iterator[object]:
    """Yield what `match` looks at: measurements with a value that repeat no other."""
    for document in documents:
        yield from (one for one in document.measurements if one.value is not None and one.repeat_of is None)
