"""What two versions of a report say differently, in words that people read. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

from mrrt.report import (
    Addendum,
    DataAbsentReason,
    Model,
    Patient,
    Provenance,
    Report,
    ReportStatus,
    Revision,
    Signature,
    Source,
    Study,
)
from mrrt.template import Template
from reporting.draft import Draft
from reporting.field_places import places_of_parts
from reporting.templates import Compiled
from reporting.views import ValueView, value_views

T = TypeVar("T")


class Said(Model):
    """What one version says in a field: the value, how people read it, and where it came from."""

    value: str | bool | tuple[str, ...] | None
    unit: str | None = None
    text: str = ""
    absent: DataAbsentReason | None = None
    provenance: Provenance
    source: Source | None = None


class FieldDifference(Model):
    """One field that says something else, or comes from somewhere else. `before` is null where it was added."""

    field: str
    label: str
    kind: Literal["added", "removed", "changed"]
    before: Said | None = None
    after: Said | None = None


class StatusChange(Model):
    """Two statuses that differ."""

    before: ReportStatus
    after: ReportStatus


class TextChange(Model):
    """Two texts that differ."""

    before: str
    after: str


class Listed(Model):
    """What a list of names gained and lost."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Identified(Model):
    """Whose report it is, and on which study."""

    patient: Patient
    study: Study


class AboutChange(Model):
    """Two identifications that differ."""

    before: Identified
    after: Identified


class Difference(Model):
    """What a version says differently from an earlier one (or a later one); what is null or empty is the same."""

    report: str
    from_version: int
    to_version: int
    fields: tuple[FieldDifference, ...] = ()
    """In the order of the template; fields that are not relevant say nothing."""
    status: StatusChange | None = None
    template: TextChange | None = None
    """Digests of the template texts that the versions are pinned to."""
    about: AboutChange | None = None
    criteria: Listed = Listed()
    documents: Listed = Listed()
    addenda_added: tuple[Addendum, ...] = ()
    addenda_removed: tuple[Addendum, ...] = ()
    signatures_added: tuple[Signature, ...] = ()
    signatures_removed: tuple[Signature, ...] = ()
    revision_opened: Revision | None = None
    revision_closed: Revision | None = None
    reason: TextChange | None = None

    @property
    def empty(self) -> bool:
        """Whether both versions say the same."""
        place = {"report": self.report, "from_version": self.from_version, "to_version": self.to_version}
        return self == Difference(**place)


def difference(report_id: str, before: tuple[int, Draft, Compiled], after: tuple[int, Draft, Compiled]) -> Difference:
    """Return what the second of two versions says differently; each is its number, draft, and template in its shape."""
    earlier, later = before[1].report, after[1].report
    digests = (before[1].template_version, after[1].template_version)
    return Difference(
        report=report_id,
        from_version=before[0],
        to_version=after[0],
        fields=tuple(_fields(earlier, before[2], later, after[2])),
        status=None if earlier.status is later.status else StatusChange(before=earlier.status, after=later.status),
        template=_texts(*digests),
        about=_about(earlier, later),
        criteria=_listed(earlier.criteria, later.criteria),
        documents=_listed(earlier.documents, later.documents),
        addenda_added=_beyond(later.addenda, earlier.addenda),
        addenda_removed=_beyond(earlier.addenda, later.addenda),
        signatures_added=_beyond(later.signatures, earlier.signatures),
        signatures_removed=_beyond(earlier.signatures, later.signatures),
        revision_opened=None if earlier.revision == later.revision else later.revision,
        revision_closed=None if earlier.revision == later.revision else earlier.revision,
        reason=_texts(earlier.reason, later.reason),
    )


def _fields(earlier: Report, old: Compiled, later: Report, new: Compiled) -> Iterable[FieldDifference]:
    before, after = _relevant(earlier, old.template), _relevant(later, new.template)
    for was, now in _pairs(old, new):
        one, other = _said(before.get(was or "")), _said(after.get(now or ""))
        if one != other:
            kind: Literal["added", "removed", "changed"]
            kind = "added" if one is None else "removed" if other is None else "changed"
            field = new.template.field_by_key[now] if now else old.template.field_by_key[was or ""]
            label = field.label_in(later.language)
            yield FieldDifference(field=field.key, label=label, kind=kind, before=one, after=other)


def _pairs(old: Compiled, new: Compiled) -> Iterable[tuple[str | None, str | None]]:
    """Yield the keys of each field in both versions, of those that only the older one has at the end."""
    parts, known = places_of_parts(old, new), new.template.field_by_key
    places = {field.key: parts.get(field.key, field.key) for field in old.template.fields}
    earlier = {now: was for was, now in places.items()}
    yield from ((earlier.get(field.key), field.key) for field in new.template.fields)
    yield from ((was, None) for was, now in places.items() if now not in known)


def _relevant(report: Report, template: Template) -> Mapping[str, ValueView]:
    views = value_views(report, template)
    return {key: view for key, view in views.items() if key not in report.irrelevant}


def _said(view: ValueView | None) -> Said | None:
    return None if view is None else Said(**{name: getattr(view, name) for name in Said.model_fields})


def _about(earlier: Report, later: Report) -> AboutChange | None:
    before, after = (Identified(patient=one.patient, study=one.study) for one in (earlier, later))
    return None if before == after else AboutChange(before=before, after=after)


def _texts(before: str, after: str) -> TextChange | None:
    return None if before == after else TextChange(before=before, after=after)


def _listed(before: tuple[str, ...], after: tuple[str, ...]) -> Listed:
    return Listed(added=_beyond(after, before), removed=_beyond(before, after))


def _beyond(longer: tuple[T, ...], shorter: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(one for one in longer if one not in shorter)
