"""The template library.

1. Versions, files and pinned pages cannot be changed or removed, even with SQL; every change is audited.
2. A template is found by its identifier, and by the name that it has now.
3. A page alone keeps the logic and files that are stored with it; logic that does not fit it is refused.
4. Two who store at once: the second is told.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from mrrt.errors import Conflict, NotFound, Outdated, Refused
from reporting.errors import BodyChanged, Moved
from reporting.library import Library
from reporting.packages import Package
from reporting.workflow import Workflow

from .pages import CHOICE, URL, page
from .site import by, site

LOGIC = f'template: "{URL}"\nrelevant: {{side: 1 = 1}}\n'
WITH_PART = f"{CHOICE}<embed src='part.html' type='text/html'>"


@pytest.fixture
def library(workflow: Workflow) -> Library:
    return workflow.library


def whole(name: str = "chest", html: bytes | None = None, logic: str | None = LOGIC) -> Package:
    return Package("x", html or page(), name, logic, None, {"SOURCE.md": b"from a book"})


@pytest.mark.parametrize("table", ["library_version", "library_file", "template_page"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET identifier = 'x'", "DELETE FROM {}"])
def test_history_cannot_be_rewritten(workflow: Workflow, tmp_path: Path, table: str, sql: str) -> None:  # 1
    workflow.library.keep(Package("part", page("part", body="<p>part</p>")), by())
    workflow.library.keep(whole(html=page(body=WITH_PART)), by())
    workflow.create("r1", URL, [], by())
    with (
        sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).connect() as connection,
        pytest.raises(sa.exc.IntegrityError, match="only added"),
    ):
        connection.execute(sa.text(sql.format(table)))


def test_every_change_is_audited(library: Library, tmp_path: Path) -> None:  # 1
    library.keep(whole(), by("a"))
    library.keep(whole(), by("b"))
    library.retire(URL, by("c"))
    with sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).connect() as connection:
        rows = connection.execute(sa.text("SELECT actor, action, version, template FROM audit_event ORDER BY id"))
        assert [tuple(row) for row in rows] == [("a", "store", 1, URL), ("c", "retire", 2, URL)]


def test_names(library: Library) -> None:  # 2
    library.keep(whole("chest"), by())
    assert library.source("chest").html == library.source(URL).html == page()
    library.keep(whole("thorax"), by(seconds=1))
    assert library.source("thorax").name == "thorax"
    with pytest.raises(NotFound):
        library.source("chest")
    library.keep(Package("x", page("1.2.3"), "chest"), by(seconds=2))
    with pytest.raises(Conflict, match="name"):
        library.keep(Package("x", page("1.2.4"), "thorax"), by(seconds=3))


def test_a_page_alone_keeps_what_belongs_to_it(library: Library) -> None:  # 3
    library.keep(whole(), by())
    library.keep(Package("y", page(publisher="Another Hospital")), by(seconds=1), identifier=URL)
    package = library.package("chest")
    assert (package.logic, package.files) == (LOGIC, {"SOURCE.md": b"from a book"})
    with pytest.raises(Refused) as refused:
        other = page(body=CHOICE.replace('"side"', '"flank"'))
        library.keep(Package("y", other), by(seconds=2), new_version=True)
    assert any("side" in problem.message for problem in refused.value.problems)


def test_changed_logic_is_the_next_version(library: Library) -> None:  # 3
    library.keep(whole(), by())
    kept = library.keep(whole(logic=LOGIC.replace("1 = 1", "2 = 2")), by(seconds=1))
    assert (kept.new, kept.changed, kept.summary.version) == (False, True, 2)
    first, second = (line.digest for line in library.versions(URL))
    assert first != second


def test_two_at_once(library: Library) -> None:  # 4
    with pytest.raises(Outdated):
        library.keep(whole(), by(), version=1)
    library.keep(whole(), by())
    library.keep(whole(html=page(publisher="A")), by(seconds=1), version=1)
    with pytest.raises(Moved, match="The template is at version 2"):
        library.keep(whole(html=page(publisher="B")), by(seconds=2), version=1)
    with pytest.raises(BodyChanged):
        library.keep(whole(html=page(body=f"{CHOICE}<p>more</p>")), by(seconds=3), version=2)
