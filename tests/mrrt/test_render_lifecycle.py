"""What a report prints about its own life: who signed as what, why it was changed, and what was added."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mrrt.render import render
from mrrt.report import Addendum, Report, ReportStatus, Revision, Signature

from .test_render import FILLED, TEMPLATE

FIRST = Signature(status=ReportStatus.PRELIMINARY, by="Dr. Young", at="2026-03-01T09:00:00Z")
SECOND = Signature(status=ReportStatus.FINAL, by="Dr. Old", at="2026-03-01T10:00:00Z")
SIGNED: dict[str, Any] = {"status": ReportStatus.FINAL, "signed_by": "Dr. Old", "signed_at": SECOND.at}


def said(language: str = "en", **changes: Any) -> str:
    """Return the text of the filled report with these changes."""
    return render(FILLED.model_copy(update={"language": language, **changes}), TEMPLATE, "text").decode()


def test_two_signatures() -> None:
    text = said(**SIGNED, signatures=(FIRST, SECOND))
    assert text.endswith(
        "Signed by Dr. Young (preliminary), 2026-03-01 09:00 UTC; Dr. Old (final), 2026-03-01 10:00 UTC\n"
    )
    assert "Status:  final" in text


def test_one_signature_is_short() -> None:
    assert said(**SIGNED, signatures=(SECOND,)).endswith("Signed by Dr. Old, 2026-03-01 10:00 UTC\n")


def test_a_preliminary_report_says_so() -> None:
    text = said(status=ReportStatus.PRELIMINARY, signatures=(FIRST,), signed_by=FIRST.by, signed_at=FIRST.at)
    assert "Status:  preliminary" in text and text.endswith("Dr. Young (preliminary), 2026-03-01 09:00 UTC\n")


def test_an_addendum_does_not_hide_that_the_report_was_corrected() -> None:
    third = Signature(status=ReportStatus.CORRECTED, by="Dr. Old", at="2026-03-02T10:00:00Z")
    last = third.model_copy(update={"status": ReportStatus.APPENDED})
    changes = SIGNED | {"status": ReportStatus.APPENDED, "addenda": (Addendum(text="Told.", by="Dr. Old", at=last.at),)}
    corrected = said(**changes, signatures=(SECOND, third, last), reason="wrong side")
    assert "Status:  corrected: wrong side; with addendum\n" in corrected
    assert "Status:  with addendum\n" in said(**changes, signatures=(SECOND, last))
    german = said("de", **changes, signatures=(SECOND, third, last), reason="falsche Seite")
    assert "korrigiert: falsche Seite; mit Nachtrag\n" in german


def test_addenda_follow_the_report() -> None:
    notes = tuple(
        Addendum(text=text, by="Dr. Old", at=SECOND.at) for text in ("Told by telephone.", "And <b>again</b>.")
    )
    changes = SIGNED | {"status": ReportStatus.APPENDED, "addenda": notes, "signatures": (SECOND,)}
    text = said(**changes)
    assert (
        text.index("Impression") < text.index("Addendum 1\n----------\nTold by telephone.") < text.index("Addendum 2")
    )
    assert "Nachtrag\n--------\nTold" in said("de", **changes | {"addenda": notes[:1]})
    page = render(FILLED.model_copy(update=changes), TEMPLATE, "html").decode()
    assert "And &lt;b&gt;again&lt;/b&gt;." in page and "<b>" not in page
    document = json.loads(render(FILLED.model_copy(update=changes), TEMPLATE, "json"))
    assert [one["text"] for one in document["addenda"]] == ["Told by telephone.", "And <b>again</b>."]


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (ReportStatus.CORRECTED, "Status:  corrected: wrong side"),
        (ReportStatus.AMENDED, "Status:  amended: wrong side"),
        (ReportStatus.CANCELLED, "Status:  cancelled: wrong side"),
        (ReportStatus.ENTERED_IN_ERROR, "Status:  entered in error: wrong side"),
    ],
)
def test_the_reason_stands_with_the_status(status: ReportStatus, line: str) -> None:
    assert line in said(status=status, reason="wrong side", signed_by="Dr. Old", signatures=(SECOND,))


@pytest.mark.parametrize(
    ("status", "english", "german"),
    [
        (ReportStatus.CANCELLED, "CANCELLED - not to be used", "STORNIERT - nicht zu verwenden"),
        (
            ReportStatus.ENTERED_IN_ERROR,
            "ENTERED IN ERROR - not to be used",
            "IRRTÜMLICH ERSTELLT - nicht zu verwenden",
        ),
    ],
)
def test_what_nobody_may_act_on_says_so_above_everything(status: ReportStatus, english: str, german: str) -> None:
    changes = {"status": status, "reason": "wrong side", "signed_by": "Dr. Old", "signatures": (SECOND,)}
    for language, notice in (("en", english), ("de", german)):
        title, _, _, void, *_ = said(language, **changes).splitlines()
        assert (title, void) == (TEMPLATE.title_in(language), notice)
    page = render(FILLED.model_copy(update=changes), TEMPLATE, "html").decode()
    assert page.index("</h1>") < page.index(f'<p class="void">{english}</p>') < page.index("<dl>")


@pytest.mark.parametrize("status", sorted(set(ReportStatus) - {ReportStatus.CANCELLED, ReportStatus.ENTERED_IN_ERROR}))
def test_no_other_report_says_so(status: ReportStatus) -> None:
    changes = {"status": status, "reason": "wrong side", "signed_by": "Dr. Old", "signatures": (SECOND,)}
    page = render(FILLED.model_copy(update=changes), TEMPLATE, "html").decode()
    assert "not to be used" not in said(**changes) + page and 'class="void"' not in page


def test_an_open_revision_is_a_draft() -> None:
    revision = Revision(
        kind=ReportStatus.CORRECTED,
        reason="wrong side",
        version=3,
        status=ReportStatus.FINAL,
        by="Dr. Old",
        at=SECOND.at,
    )
    text = said(revision=revision, signatures=(SECOND,))
    assert "Status:  draft (corrected: wrong side)" in text and text.endswith("DRAFT - not signed\n")


def test_what_was_stored_before_signatures_were_kept_still_prints() -> None:
    known = Report.model_validate(
        json.loads(FILLED.model_dump_json()) | {"status": "final", "signed_by": "A", "signed_at": "t"}
    )
    assert render(known, TEMPLATE, "text").decode().endswith("Signed by A, t\n")


def test_times_are_written_as_the_language_does() -> None:
    signed = {**SIGNED, "signatures": (SECOND,)}
    assert said(language="de", **signed).endswith("Signiert von Dr. Old, 01.03.2026, 10:00 Uhr (UTC)\n")
    elsewhere = SECOND.model_copy(update={"at": "2026-03-01T10:00:59.123456+05:30"})
    both = said(**{**SIGNED, "signatures": (FIRST, elsewhere)})
    assert "Dr. Old (final), 2026-03-01 10:00 UTC+05:30" in both
