"""A report as its readers see it: what the API answers with, and `mrrt fill --format json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mrrt.code import Code
from mrrt.problems import Problem
from mrrt.render import shown
from mrrt.report import (
    Acknowledgement,
    Addendum,
    DataAbsentReason,
    Explanation,
    Model,
    Patient,
    Provenance,
    Report,
    ReportStatus,
    Revision,
    Signature,
    Source,
    Study,
    Value,
)
from mrrt.template import Field, Template
from reporting.draft import Draft, open_problems
from reporting.fitting import Fit
from reporting.import_words import document_said, problems_said, reasons_said, source_said
from reporting.lifecycle import unanswered
from reporting.records import Record
from reporting.statuses import Action, allowed
from reporting.templates import Compiled, form, shaped
from reporting.value_words import values_said
from sr_import import Ambiguous, Unmatched
from sr_import import Document as Document


class CoveredView(Model):
    """What a typed value covers: the imported or calculated one beneath it."""

    value: str | bool | tuple[str, ...] | None
    unit: str | None = None
    text: str = ""
    provenance: Provenance
    source: Source | None = None


class ValueView(Model):
    """A value with `text`, as people read it."""

    value: str | bool | tuple[str, ...] | None
    unit: str | None = None
    text: str = ""
    absent: DataAbsentReason | None = None
    provenance: Provenance
    source: Source | None = None
    covered: CoveredView | None = None


class TemplateView(Model):
    """Which template a report was made from; `version` is the digest of its texts."""

    name: str
    identifier: str
    title: str
    version: str


class Standing(Model):
    """The version of a report that readers outside see."""

    version: int
    status: ReportStatus


class ReportView(Model):
    """A report at one version, with everything that a screen needs."""

    id: str
    version: int
    status: ReportStatus
    language: str
    template: TemplateView
    patient: Patient
    study: Study
    viewer: str | None = None
    """Address at which the site's image viewer shows the study."""
    trial: bool = False
    """Whether the site takes part in a trial, so that the page counts what its reader does."""
    viewer_image: str | None = None
    """Address at which that viewer shows one image; {sop_instance_uid} in it is to be replaced."""
    documents: tuple[str, ...] = ()
    shape: str = ""
    """Names the form that the report has by its values; while it stays the same, so does the form."""
    values: Mapping[str, ValueView]
    explanations: Mapping[str, Explanation]
    irrelevant: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    signed_by: str | None = None
    signed_at: str | None = None
    signatures: tuple[Signature, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()
    alerts: tuple[Problem, ...] = ()
    """What has to be acknowledged, with a reason, before the report can be signed."""
    addenda: tuple[Addendum, ...] = ()
    revision: Revision | None = None
    """Set while a signed report is being amended or corrected."""
    reason: str = ""
    stands: Standing | None = None
    """The version that readers outside see, as long as it is not this one."""
    actions: tuple[Action, ...] = ()
    """What the status and the site's sign-off allow; whether the caller may do it is another question."""
    set_aside: Mapping[str, Value] = {}
    """Typed values whose fields a later version of the template does not have."""
    author: str = ""
    created_at: str
    updated_at: str


class Changes(Model):
    """What one change of a report led to; null stands for a value or an explanation that is gone.

    `changed` and `explanations` hold only what differs from before, the other parts are whole.
    """

    version: int
    changed: Mapping[str, ValueView | None]
    explanations: Mapping[str, Explanation | None]
    irrelevant: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    status: ReportStatus = ReportStatus.PARTIAL
    alerts: tuple[Problem, ...] = ()
    """What has to be acknowledged, with a reason, before the report can be signed."""
    unmatched: tuple[Unmatched, ...] | None = None
    """Only where SR documents were added."""
    ambiguous: tuple[Ambiguous, ...] | None = None
    form_changed: bool = False
    """A chosen option put another template into the page, or took it out: the form has to be fetched anew."""
    shape: str = ""
    """Names the form that the report has now."""


class FormView(Model):
    """The form of a report in the shape that its values give it: the page, and the fields that are in it.

    Keys, labels and choices are those of the template version that the report is pinned to.
    """

    report: str
    version: int
    """Version of the report that the form belongs to."""
    shape: str
    """Names the form; a report or an edit that answers with another name has another form by now."""
    title: str
    translations: Mapping[str, str] = {}
    """The title in other languages, by their codes."""
    fields: tuple[Field, ...]
    html: str
    """The page as a fragment of HTML without script; controls carry the key of their field in `data-field`."""


class ReceiptView(Model):
    """What a received SR document is and holds."""

    sop_instance_uid: str
    title: Code | None
    template: str | None
    patient: Patient
    study: Study
    measurements: int
    problems: tuple[Problem, ...] = ()
    fits: tuple[Fit, ...] = ()
    """The templates that the document fills, the best first."""


class DocumentView(Document):
    """A received SR document, and the templates that it fills, the best first."""

    fits: tuple[Fit, ...] = ()


def document_view(document: Document, fits: tuple[Fit, ...], language: str = "en") -> DocumentView:
    """Return a document as its readers see it; names of codes and problems in a language, as far as there are words."""
    return DocumentView(**dict(document_said(document, language)), fits=fits)


def receipt_view(document: Document, fits: tuple[Fit, ...], language: str = "en") -> ReceiptView:
    """Return the summary of a document that was received, in a language as `document_view` does."""
    document = document_said(document, language)
    return ReceiptView(
        sop_instance_uid=document.sop_instance_uid or "",
        title=document.title,
        template=document.template,
        patient=document.patient,
        study=document.study,
        measurements=len(document.measurements),
        problems=document.problems,
        fits=fits,
    )


def report_view(record: Record, template: Compiled, viewer: str | None = None) -> ReportView:
    """Return a stored report as its readers see it."""
    report = record.draft.report
    return ReportView(
        **content(record.draft, template),
        id=record.id,
        version=record.version,
        status=report.status,
        viewer=viewer,
        signed_by=report.signed_by,
        signed_at=report.signed_at,
        signatures=report.signatures,
        acknowledged=report.acknowledged,
        addenda=report.addenda,
        revision=report.revision,
        reason=report.reason,
        stands=_standing(record),
        actions=allowed(report),
        set_aside=report.set_aside,
        author=record.author,
        created_at=record.created_at,
        updated_at=record.updated_at,
    )


def content(draft: Draft, template: Compiled) -> dict[str, Any]:
    """Return the parts of a view that follow from values and template alone, whether or not the report is stored."""
    report = draft.report
    problems = open_problems(report, template.template)
    return {
        "language": report.language,
        "template": TemplateView(
            name=template.source.name,
            identifier=template.template.identifier,
            title=template.template.title,
            version=draft.template_version,
        ),
        "patient": report.patient,
        "study": report.study,
        "documents": report.documents,
        "shape": template.shape,
        "values": value_views(report, template.template),
        "explanations": report.explanations,
        "irrelevant": tuple(sorted(report.irrelevant)),
        "required": tuple(sorted(report.required)),
        "criteria": report.criteria,
        "problems": _problems_said(draft, template.template, problems),
        "unmatched": reasons_said(draft.unmatched, report.language),
        "ambiguous": reasons_said(draft.ambiguous, report.language),
        "alerts": unanswered(report, template, problems),
    }


def _problems_said(draft: Draft, template: Template, open_ones: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Return what is open and what the import noted, in the language of the report."""
    language = draft.report.language
    return (*values_said(open_ones, template, language), *problems_said(draft.problems, template, language))


def _standing(record: Record) -> Standing | None:
    if record.signed_version in (None, record.version) or record.signed_status is None:
        return None
    return Standing(version=record.signed_version, status=record.signed_status)


def changes(before: Draft, after: Record, template: Compiled) -> Changes:
    """Return what became different between a draft and the version that followed it."""
    draft, report = after.draft, after.draft.report
    earlier, shape = shaped(template, before.report), shaped(template, report)
    problems = open_problems(report, shape.template)
    refilled = before.report.documents != report.documents
    return Changes(
        version=after.version,
        changed=_changed_values(before.report, earlier.template, report, shape.template),
        explanations=_difference(before.report.explanations, report.explanations),
        irrelevant=tuple(sorted(report.irrelevant)),
        required=tuple(sorted(report.required)),
        criteria=report.criteria,
        problems=_problems_said(draft, shape.template, problems),
        status=report.status,
        alerts=unanswered(report, shape, problems),
        unmatched=reasons_said(draft.unmatched, report.language) if refilled else None,
        ambiguous=reasons_said(draft.ambiguous, report.language) if refilled else None,
        form_changed=earlier.active != shape.active,
        shape=shape.shape,
    )


def form_view(record: Record, template: Compiled) -> FormView:
    """Return the form of a report; `template` is in the shape that the values of the report give it."""
    page = template.template
    return FormView(
        report=record.id,
        version=record.version,
        shape=template.shape,
        title=page.title,
        translations=page.translations,
        fields=page.fields,
        html=form(template.source, template.active),
    )


def value_views(report: Report, template: Template) -> dict[str, ValueView]:
    """Return the values that stand, in the order of the template, each with its text and what it covers.

    Intermediate results of the logic, which no field of the template shows, are left to the explanations.
    """
    values = report.values
    fields = (field for field in template.fields if field.key in values)
    return {field.key: _value_view(field, values[field.key], report, template) for field in fields}


def _changed_values(before: Report, earlier: Template, after: Report, later: Template) -> dict[str, ValueView | None]:
    """Return the values that read differently now, and None for those that are gone."""
    if earlier is not later or before.language != after.language:
        return _difference(value_views(before, earlier), value_views(after, later))
    changed: dict[str, ValueView | None] = {}
    touched = after.touched_since(before)
    for field in later.fields if touched else ():
        key = field.key
        if key not in touched:
            continue
        one = after.value(key)
        if before.value(key) != one or before.covered(key) != after.covered(key):
            changed[key] = None if one is None else _value_view(field, one, after, later)
    return changed


def filled_json(draft: Draft, template: Template) -> dict[str, Any]:
    """Return what `mrrt fill --format json` prints: what the report says, calculated values apart from those put in."""
    report = draft.report
    said = {key: value for key, value in sorted(report.values.items()) if key not in report.irrelevant}
    put_in = {key: value for key, value in said.items() if value.provenance is not Provenance.CALCULATED}
    return {
        "template": report.template,
        "status": report.status.value,
        "values": {key: _plain(value) for key, value in put_in.items()},
        "derived": {key: _plain(value) for key, value in said.items() if key not in put_in},
        "explain": {key: one.model_dump(mode="json") for key, one in sorted(report.explanations.items())},
        "unmatched": [one.model_dump(mode="json") for one in draft.unmatched],
        "ambiguous": [one.model_dump(mode="json") for one in draft.ambiguous],
        "problems": [
            one.model_dump(mode="json", exclude_none=True)
            for one in (*open_problems(report, template), *draft.problems)
        ],
    }


def _plain(value: Value) -> dict[str, Any]:
    data = value.model_dump(mode="json")
    source = value.source.model_dump(mode="json", exclude_none=True) if value.source else None
    kept = {name: data[name] for name in ("value", "unit", "provenance")} | {"source": source}
    return kept if value.absent is None else kept | {"absent": value.absent.value}


def _value_view(field: Field, value: Value, report: Report, template: Template) -> ValueView:
    covered = report.covered(field.key)
    beneath = None
    if covered is not None:
        parts = covered.model_dump(exclude={"source", "absent"})
        source = source_said(covered.source, template, report.language)
        beneath = CoveredView(**parts, source=source, text=shown(field, covered, report.language))
    text, source = shown(field, value, report.language), source_said(value.source, template, report.language)
    return ValueView(**value.model_dump(exclude={"source"}), source=source, text=text, covered=beneath)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries that are new or different, and None for those that are gone."""
    changed = {key: value for key, value in after.items() if (was := before.get(key)) is not value and was != value}
    return changed | dict.fromkeys(key for key in before if key not in after)
