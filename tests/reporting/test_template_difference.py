"""What two versions of a template say differently.

1. Fields: added, removed, changed in each property that readers or logic notice; moving a field changes nothing.
2. Texts: applying the difference to the earlier text gives the later one, for any two texts.
3. Of stored templates: by number, against the one before or any other; what is not there is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.errors import NotFound
from mrrt.parse import parse
from reporting.library import Library
from reporting.packages import Package
from reporting.template_difference import TextDifference, field_changes, text_differences
from reporting.workflow import Workflow

from .site import TINY, by

PAGE = (
    '<!DOCTYPE html><html><head><title>T</title><meta name="dcterms.title" content="T">'
    '<meta name="dcterms.identifier" content="2.25.77"><meta name="dcterms.language" content="en"></head><body>'
    '<section id="s" data-section-name="Findings"><p><label for="psv">PSV</label>'
    '<input id="psv" name="PSV" type="number" data-field-type="NUMBER" data-field-units="cm/s" min="0" max="900"></p>'
    '<p><label for="plaque">Plaque</label><select id="plaque" name="Plaque" data-field-type="SELECTION_LIST">'
    '<option value="no">no</option><option value="yes">yes</option></select></p></section></body></html>'
)


def said(before: str, after: str) -> list[tuple[str, str, list[tuple[str, str | None, str | None]]]]:
    changes = field_changes(parse(before.encode(), "a"), parse(after.encode(), "b"))
    return [(one.field, one.kind, [(c.name, c.before, c.after) for c in one.changes]) for one in changes]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('max="900"', 'max="700"', ("psv", [("maximum", "900", "700")])),
        ('units="cm/s"', 'units="m/s"', ("psv", [("unit", "cm/s", "m/s")])),
        (">PSV<", ">Peak velocity<", ("psv", [("label", "PSV", "Peak velocity")])),
        (
            '<option value="yes">yes</option>',
            '<option value="yes">present</option>',
            ("plaque", [("choices", "no, yes", "no, present (yes)")]),
        ),
        (
            'type="number" data',
            'type="number" required data',
            ("psv", [("required", "false", "true")]),
        ),
    ],
)  # fmt: skip
def test_a_property_that_differs_is_named(old: str, new: str, expected: tuple[str, object]) -> None:  # 1
    assert old in PAGE
    assert said(PAGE, PAGE.replace(old, new)) == [(expected[0], "changed", expected[1])]


def test_added_removed_and_moved(  # 1
) -> None:
    first, rest = PAGE.index("<p>"), PAGE.index("<p>", PAGE.index("<p>") + 1)
    end = PAGE.index("</section>")
    paragraphs = PAGE[first:rest], PAGE[rest:end]
    without = PAGE[:first] + paragraphs[1] + PAGE[end:]
    assert said(PAGE, without) == [("psv", "removed", [])]
    assert said(without, PAGE) == [("psv", "added", [])]
    assert said(PAGE, PAGE[:first] + paragraphs[1] + paragraphs[0] + PAGE[end:]) == []


LINES = st.lists(st.sampled_from(["a", "b", "c", "", "<p>x</p>"]), min_size=1, max_size=30)


def applied(old: Sequence[str], difference: TextDifference) -> list[str]:
    """Return the later text, made of the earlier one and the difference alone."""
    made, at = [], 0
    for line in (line for part in difference.parts for line in part):
        if line.before is not None:
            made += old[at : line.before - 1]
            at = line.before
            assert old[line.before - 1] == line.text
        if line.after is not None:
            if line.before is None:  # what stands before an added line and is the same comes first
                gap = line.after - 1 - len(made)
                made += old[at : at + gap]
                at += gap
            assert len(made) == line.after - 1
            made.append(line.text)
    return made + list(old[at:])


@given(LINES, LINES)
def test_the_difference_makes_the_one_of_the_other(old: list[str], new: list[str]) -> None:  # 2
    found = text_differences({"f": "\n".join(old) + "\n"}, {"f": "\n".join(new) + "\n"})
    if old == new:
        assert found == ()
    else:
        [difference] = found
        assert applied(old, difference) == new
        assert difference.added - difference.removed == len(new) - len(old)


@pytest.fixture
def library(workflow: Workflow) -> Library:
    html, logic = (TINY / "template.html").read_bytes(), (TINY / "logic.yaml").read_text("utf-8")
    bindings = (TINY / "bindings.yaml").read_text("utf-8")
    for page in (html, html.replace(b"</body>", b"<p>One more line</p>\n</body>")):
        workflow.library.keep(Package("template.html", page, "tiny-carotid", logic, bindings), by(), new_version=True)
    return workflow.library


def test_of_stored_templates(library: Library, workflow: Workflow, tmp_path: Path) -> None:  # 3
    difference = library.difference("tiny-carotid", 2)
    assert (difference.earlier, difference.later, difference.fields) == (1, 2, ())
    [text] = difference.texts
    assert (text.file, text.added) == ("template.html", 1)
    assert "One more line" in "".join(line.text for part in text.parts for line in part if line.kind == "added")
    assert library.difference("tiny-carotid", 1, 2).texts[0].removed == 1
    for name, number in (("tiny-carotid", 1), ("tiny-carotid", 9), ("us-carotid-duplex", 2), ("nobody", 2)):
        with pytest.raises(NotFound):
            library.difference(name, number)
