"""A part that takes back the choice which put it there: said, refused at the signature, mended by another choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from reporting.draft import Edit
from reporting.errors import NotReady
from reporting.signing import Signing
from reporting.workflow import Workflow

from .pages import page
from .site import by

MAIN, PART = "1.2.3.4.10", "1.2.3.4.12"
CHOICE = """<p data-mrrt-condition="{condition}"><label for="kind">Kind</label><select id="kind">
<option value=""></option><option value="plain">plain</option>
<option value="odd" data-template-UID="1.2.3.4.12" data-replacement-element-id="slot">odd</option></select></p>
<p id="slot">Nothing more.</p>"""
HIDING = """<p><label for="hide">Hide</label><select id="hide">
<option value="no">no</option><option value="yes" selected>yes</option></select></p>"""


def opened(workflow: Workflow, folder: Path, condition: str, language: str) -> Workflow:
    for identifier, body in ((MAIN, CHOICE.format(condition=condition)), (PART, HIDING)):
        (folder / identifier).mkdir(parents=True)
        (folder / identifier / "template.html").write_bytes(page(identifier, title=identifier, body=body))
    here = Workflow(workflow.store, (folder,))
    here.create("r1", MAIN, [], by(), language)
    here.edit("r1", [Edit(field="kind", value="odd")], by())
    return here


@pytest.mark.parametrize(
    ("language", "said"), [("en", 'in place of "slot" takes back'), ("de", "anstelle von „slot“ steht, nimmt")]
)
def test_it_is_said_and_cannot_be_signed(workflow: Workflow, tmp_path: Path, language: str, said: str) -> None:
    here = opened(workflow, tmp_path / "own", "slot.1.hide!=yes", language)
    [problem] = here.get("r1").problems
    assert (problem.rule, problem.severity) == ("V6", "error") and said in problem.message
    with pytest.raises(NotReady):
        Signing(here.store).sign("r1", by())
    here.edit("r1", [Edit(field="kind", value="plain")], by())
    assert here.get("r1").problems == ()
    Signing(here.store).sign("r1", by())


def test_a_part_that_leaves_its_choice_alone_settles(workflow: Workflow, tmp_path: Path) -> None:
    here = opened(workflow, tmp_path / "own", "slot.1.hide!=maybe", "en")
    assert here.get("r1").problems == () and here.get("r1").values["slot.1.hide"].value == "yes"
