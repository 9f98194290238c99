"""The lines above a report: whose it is, of which study, and how far it has come."""

from __future__ import annotations

from mrrt.person_name import name_said
from mrrt.render.words import date_text, moment_text, words
from mrrt.report import Report, ReportStatus

_UNSIGNED = frozenset({ReportStatus.REGISTERED, ReportStatus.PARTIAL, ReportStatus.CANCELLED})

_REVISED = frozenset({ReportStatus.AMENDED, ReportStatus.CORRECTED})


def heading(report: Report, language: str) -> tuple[tuple[str, str], ...]:
    """Return label and text of each line of the heading; what is not known has no line."""
    word, patient, study = words(language), report.patient, report.study
    born = date_text(patient.birth_date, language)
    name = name_said(patient.name)
    who = [name, f"{word['born']} {born}"]
    who += [word.get(f"sex {patient.sex}", patient.sex), f"{word['identifier']} {patient.identifier}"]
    given = [bool(name), bool(patient.birth_date), bool(patient.sex), bool(patient.identifier)]
    lines = (
        (word["patient"], ", ".join(part for part, known in zip(who, given, strict=True) if known)),
        (word["study"], " ".join(part for part in (study.description, date_text(study.date, language)) if part)),
        (word["accession"], study.accession_number),
        (word["device"], study.device),
        (word["status"], _status(report, language)),
    )
    return tuple((label, text) for label, text in lines if text)


def notice(report: Report, language: str) -> str:
    """Return what stands above everything of a report that nobody may act on, cancelled or withdrawn; else ""."""
    return words(language).get(f"void {report.status}", "")


def criteria(report: Report, language: str) -> str:
    """Return which rule sets graded the report, with their version; "" where none did."""
    word = words(language)
    if not report.criteria:
        return ""
    version = f" ({word['version']} {report.logic_version})" if report.logic_version else ""
    return f"{word['criteria']} {', '.join(report.criteria)}{version}"


def signature(report: Report, language: str) -> str:
    """Return the last line: who signed, as what and when, or that nobody has."""
    word = words(language)
    if report.status in _UNSIGNED or not report.signed_by:
        return word["unsigned"]
    if len(report.signatures) < 2 and report.status is ReportStatus.FINAL:
        return f"{word['signed']} {report.signed_by}, {moment_text(report.signed_at or '', language)}"
    signed = (f"{one.by} ({word[one.status]}), {moment_text(one.at, language)}" for one in report.signatures)
    return f"{word['signed']} " + "; ".join(signed)


def addenda(report: Report, language: str) -> tuple[tuple[str, str, str], ...]:
    """Return title, text and author of each addendum, the first one first."""
    word, many = words(language)["addendum"], len(report.addenda) > 1
    return tuple(
        (f"{word} {number}" if many else word, one.text, f"{one.by}, {moment_text(one.at, language)}")
        for number, one in enumerate(report.addenda, 1)
    )


def _status(report: Report, language: str) -> str:
    """Return how far the report has come; what became of a signed one goes with the reason."""
    word = words(language)
    said = word[report.status]
    revised = _revised(report)
    if revised is not None:
        return f"{word[revised]}: {report.reason}; {said}"
    if report.revision is not None:
        said = f"{said} ({word[report.revision.kind]}: {report.revision.reason})"
    return f"{said}: {report.reason}" if report.reason else said


def _revised(report: Report) -> ReportStatus | None:
    """Return what a report with an addendum was before it: amended or corrected, with a reason; else None."""
    if report.status is not ReportStatus.APPENDED or not report.reason:
        return None
    before = [one.status for one in report.signatures if one.status in _REVISED]
    return before[-1] if before else None
