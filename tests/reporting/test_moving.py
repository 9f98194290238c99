"""A draft moves on to a later version of its template, on a real database.

1. A draft stays pinned until somebody asks; the preview changes nothing.
2. What is typed goes along: under the same key, under the key of the field with the same codes, else of the same label.
3. What has no place any more is set aside with the reason, not dropped; nothing is guessed where two would fit.
4. Measurements fill the new version again, and logic derives it again.
5. Only the version that was previewed is moved to; a signed report does not move.
6. The rows that a report is found by follow, through a whole life: the check finds nothing, and nothing is to rebuild.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from mrrt.errors import Conflict
from mrrt.report import ReportStatus
from reporting import store_tables as tables
from reporting.draft import Edit
from reporting.job_kinds import RebuildParameters, Run, rebuild_values
from reporting.moving import Moving, fate
from reporting.records import Filter
from reporting.signing import Signing
from reporting.templates import compiled
from reporting.verifying import verified
from reporting.workflow import Workflow

from .site import SEEN, TINY, by, sr


class Site:
    """A site whose template folder can be rewritten."""

    def __init__(self, workflow: Workflow, folder: Path) -> None:
        self.page = folder / "tiny-carotid" / "template.html"
        shutil.copytree(TINY, self.page.parent)
        self.workflow = Workflow(workflow.store, (folder,))
        self.moving = Moving(workflow.store, (folder,))
        self.signing = Signing(workflow.store)

    def rewrite(self, *changes: tuple[str, str]) -> None:
        """Change the page of the template, and everything that speaks of its fields."""
        paths = list(self.page.parent.iterdir())
        for before, after in changes:
            assert any(before in path.read_text("utf-8") for path in paths), before
            for path in paths:
                path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")

    def move(self) -> object:
        """Move the draft on to what the preview names."""
        return self.moving.migrate("r1", self.moving.preview("r1").target, by())


@pytest.fixture
def here(workflow: Workflow, tmp_path: Path) -> Site:
    made = Site(workflow, tmp_path / "own")
    uid = made.workflow.receive(sr(), by()).document.sop_instance_uid
    made.workflow.create("r1", "tiny-carotid", [uid or ""], by())
    values = {"conclusion": "stenosis", "character": "soft", "plaque": "present", "left_psv": "70"}
    made.workflow.edit("r1", [Edit(field=key, value=value) for key, value in values.items()], by())
    return made


def typed(here: Site) -> dict[str, object]:
    return {key: one.value for key, one in here.workflow.get("r1").values.items() if one.provenance == "typed"}


def test_a_draft_stays_until_somebody_asks(here: Site) -> None:  # 1
    assert here.moving.preview("r1").current
    here.rewrite(("<title>Tiny carotid", "<title>Tinier carotid"))
    before = here.workflow.get("r1")
    view = here.moving.preview("r1")
    assert not view.current and (view.moved, view.lost, view.new, view.kept) == ((), (), (), 8)
    assert here.workflow.get("r1") == before
    here.move()
    after = here.workflow.get("r1")
    assert (after.version, after.template.version) == (3, view.target) and here.moving.preview("r1").current
    assert after.values == before.values and after.explanations == before.explanations
    assert here.moving.migrate("r1", view.target, by()).version == 3, "moving there again changes nothing"


def test_a_field_with_a_new_key_is_found_by_its_label(here: Site) -> None:  # 2
    here.rewrite(
        ('for="conclusion"', 'for="summary"'), ('id="conclusion" name="conclusion"', 'id="summary" name="summary"')
    )
    [moved] = here.moving.preview("r1").moved
    assert (moved.field, moved.to, moved.label) == ("conclusion", "summary", "Conclusion")
    here.move()
    assert typed(here) == {"summary": "stenosis", "character": "soft", "plaque": "present", "left_psv": "70"}


def test_a_lost_field_is_set_aside(here: Site) -> None:  # 3
    line = '    <p><label for="methods">Methods</label>'
    here.workflow.edit("r1", [Edit(field="methods", value=("bmode",))], by())
    here.rewrite(
        (line, '    <p><label for="technique">How it was done</label>'),
        ('id="methods" name="methods"', 'id="technique" name="technique"'),
    )
    view = here.moving.preview("r1")
    [lost], [new] = view.lost, view.new
    assert (lost.field, lost.label, lost.text) == ("methods", "Methods", "B mode") and "no such field" in lost.reason
    assert (new.field, new.label) == ("technique", "How it was done")
    here.move()
    after = here.workflow.get("r1")
    assert after.set_aside["methods"].value == ("bmode",) and "technique" not in after.values


def test_a_choice_that_is_gone_is_set_aside(here: Site) -> None:  # 3
    here.rewrite(
        ('<option value="present">present</option>', '<option value="some">some</option>'),
        ('plaque = "present"', 'plaque = "some"'),
    )
    [lost] = here.moving.preview("r1").lost
    assert (lost.field, lost.text) == ("plaque", "present") and 'no choice "present"' in lost.reason
    here.move()
    view = here.workflow.get("r1")
    assert "plaque" not in view.values and view.set_aside["plaque"].value == "present"


def test_a_unit_that_changes_is_converted(here: Site) -> None:  # 2
    here.rewrite(
        (
            'id="left_psv" name="left_psv" data-field-units="cm/s"',
            'id="left_psv" name="left_psv" data-field-units="m/s"',
        )
    )
    here.move()
    value = here.workflow.get("r1").values["left_psv"]
    assert (value.value, value.unit, value.text) == ("0.7", "m/s", "0.7 m/s")


def test_what_could_be_two_is_none(here: Site) -> None:  # 3
    old = compiled(here.workflow.library.source("tiny-carotid"))
    here.rewrite(
        (
            '<p><label for="conclusion">Conclusion</label>',
            '<p><label for="a">Conclusion</label> <textarea id="a"></textarea><br><label for="b">Conclusion</label>',
        ),
        ('id="conclusion" name="conclusion"', 'id="b" name="b"'),
    )
    new = compiled(here.workflow.library.source("tiny-carotid"))
    with here.workflow.store.reading() as transaction:
        draft = transaction.report("r1").draft
    assert "conclusion" not in fate(draft, old, new).places
    assert [one.field for one in fate(draft, old, new).lost] == ["conclusion"]


def test_measurements_and_logic_fill_the_new_version(here: Site) -> None:  # 4
    logic = here.page.parent / "logic.yaml"
    logic.write_text(logic.read_text("utf-8").replace("125", "400"), "utf-8")
    assert here.workflow.get("r1").values["right_grade"].value == "above"
    here.move()
    after = here.workflow.get("r1").values
    assert after["right_grade"].value == "below" and after["right_psv"].value == "336.0"


def test_only_what_was_previewed(here: Site) -> None:  # 5
    seen = here.moving.preview("r1").target
    here.rewrite(("<title>Tiny carotid", "<title>Tinier carotid"))
    with pytest.raises(Conflict, match="changed again"):
        here.moving.migrate("r1", seen, by())


def test_a_signed_report_does_not_move(here: Site) -> None:  # 5
    here.signing.sign("r1", by(), acknowledging=SEEN)
    here.rewrite(("<title>Tiny carotid", "<title>Tinier carotid"))
    view = here.moving.preview("r1")
    assert (view.current, view.kept, view.new) == (False, 0, ())
    with pytest.raises(Conflict, match="final"):
        here.move()


def refuse_stale_rows(here: Site) -> None:
    with here.workflow.store.reading() as transaction:
        assert verified(transaction).findings == ()
    made = rebuild_values(Run(here.workflow, by(), lambda *_: None), RebuildParameters())
    assert ", 0 differed" in made.message


def test_lists_call_the_template_as_its_version_does(here: Site) -> None:  # 6
    def titles() -> list[str]:
        found = [one.template_title for one in here.workflow.search(Filter(), 10)]
        refuse_stale_rows(here)
        return found

    here.rewrite(('content="Tiny carotid"', 'content="Tinier carotid"'))
    assert titles() == ["Tiny carotid"], "it is pinned to the earlier version"
    here.move()
    assert titles() == ["Tinier carotid"]
    here.signing.sign("r1", by(), acknowledging=SEEN)
    here.rewrite(("Tinier", "Tiniest"))
    here.signing.revise("r1", ReportStatus.CORRECTED, "the wrong side", by())
    here.move()
    assert titles() == ["Tiniest carotid"]
    here.signing.discard("r1", by())
    assert titles() == ["Tinier carotid"], "what stands again was made from that version"


def test_a_title_that_was_left_behind_follows_with_the_next_edit(here: Site) -> None:  # 6
    with here.workflow.store.writing() as transaction:  # as earlier versions left it
        transaction._connection.execute(sa.update(tables.report).values(template_title="An earlier title"))
    here.workflow.edit("r1", [Edit(field="conclusion", value="another")], by())
    assert [one.template_title for one in here.workflow.search(Filter(), 10)] == ["Tiny carotid"]


def test_rows_follow(here: Site) -> None:  # 6
    def edit(text: str) -> None:
        here.workflow.edit("r1", [Edit(field="conclusion", value=text)], by())
        refuse_stale_rows(here)

    here.rewrite(("Conclusion", "Conclusions"))
    here.move()
    refuse_stale_rows(here)
    here.signing.sign("r1", by(), acknowledging=SEEN, preliminary=True)
    edit("other")
    here.signing.sign("r1", by(), acknowledging=SEEN)
    here.rewrite(("Conclusions", "Conclusive"))
    for leave in (here.signing.discard, here.signing.sign):
        here.signing.revise("r1", ReportStatus.CORRECTED, "the wrong side", by())
        here.move()
        edit("another")
        leave("r1", by())
        refuse_stale_rows(here)
    here.signing.withdraw("r1", "another patient", by())
    refuse_stale_rows(here)
