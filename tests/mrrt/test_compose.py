"""Composition.

1. Embedded pages, nested and repeated, become one template with keys, codes, conditions and labels of its own.
2. Circles are refused with their path; what is not found is an error; a top-level template in another is a doubt.
3. Prefixes never collide; keys of the page around do not change.
4. Options put other templates in place: of a block, a cell, a row, a part of a paragraph; nested; several at once.
5. Composing again changes nothing.
6. What is composed reads like any page: parse, check and the safe rendition see the same fields.
7. A part stands under every condition of what is around it, whichever way it is put there.
8. What stands twice is called by what is around it, as sides are.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mrrt.check import check
from mrrt.compose import Composed, Replacement, chosen, compose, reachable
from mrrt.compose.links import MAX_PAGES
from mrrt.conditions import conditions_around, conditions_of
from mrrt.errors import Refused, Unreadable
from mrrt.parse import parse
from mrrt.problems import Severity
from mrrt.report import Value
from mrrt.safe_html import safe_html

FOLDER = Path(__file__).parent.parent / "fixtures" / "compose"
PAGES = {f"compose.{path.stem}": path.read_bytes() for path in FOLDER.glob("*.html")}
CYST, TUMOUR = Replacement("details", "compose.cyst"), Replacement("details", "compose.tumour")
SIGNS = Replacement("details.2.nodes", "compose.signs")


def composed(name: str, *active: Replacement, every: bool = False) -> Composed:
    return compose(PAGES[f"compose.{name}"], f"{name}.html", PAGES.get, active, every=every)


def keys(made: Composed) -> list[str]:
    return [field.key for field in made.template.fields]


def small(body: str, identifier: str = "small") -> bytes:
    return (
        f'<html><head><meta name="dcterms.identifier" content="{identifier}"></head><body>{body}</body></html>'.encode()
    )


def test_nested_and_repeated() -> None:  # 1
    made = composed("nodules")
    lung = ["size", "edge", "followup", "e1.pattern", "e1.calcified", "e1.signs.input.1"]
    assert keys(made) == ["size", *(f"e1.{key}" for key in lung), *(f"left.{key}" for key in lung), "summary"]
    assert made.problems == () and set(made.pages) == {"compose.lung", "compose.signs"}
    fields = made.template.field_by_key
    assert fields["left.size"].label.endswith("Size") and fields["left.e1.calcified"].choices[0].value == "calcified"
    assert [choice.value for choice in fields["e1.edge"].choices] == ["smooth", "spiculated"]
    assert [choice.value for choice in fields["left.followup"].choices] == ["3 months", "6 months"]
    assert [section.key for section in made.template.sections][:3] == ["findings", "e1.lung", "e1.e1.signs"]


def test_codes_are_merged() -> None:  # 1
    template = composed("nodules").template
    codes = {key: [code.value for code in template.field_by_key[key].codes] for key in ("size", "e1.size", "left.size")}
    assert codes == {"size": ["RID13432"], "e1.size": ["246116008"], "left.size": ["246116008"]}
    assert set(template.coding_schemes) == {"RADLEX", "SNOMEDCT"}
    assert (template.identifier, template.title, template.top_level) == (
        "compose.nodules",
        "CT Chest with nodules",
        True,
    )


def test_conditions_speak_of_the_embedded_fields() -> None:  # 1
    fields = composed("nodules").template.field_by_key
    assert fields["left.followup"].condition == "#left.size ge 8"
    assert fields["e1.e1.pattern"].condition == "e1.e1.calcified"


def test_text_round_an_embed_stays_in_order() -> None:  # 1
    text = composed("nodules").html.decode()
    places = [text.index(part) for part in ("Right lung:", 'id="e1.lung"', "as far as seen.", 'id="left.lung"')]
    assert places == sorted(places)


@pytest.mark.parametrize(("name", "path"), [("circle-a", "a > b > a"), ("circle-b", "b > a > b")])
def test_circles(name: str, path: str) -> None:  # 2
    with pytest.raises(Refused) as refused:
        composed(name)
    (problem,) = refused.value.problems
    assert problem.rule == "N3" and problem.line
    assert " > ".join(f"compose.circle-{one}" for one in path.split(" > ")) in problem.message


def test_a_circle_by_choice() -> None:  # 2
    option = (
        '<select id="s"><option value="1" data-template-uid="{}" data-replacement-element-id="t">x</option></select>'
    )
    body = f'<section>{option}<div id="t">y</div></section>'
    pages = {"a": small(body.format("b"), "a"), "b": small(body.format("a"), "b")}
    with pytest.raises(Refused, match="a > b > a"):
        compose(pages["a"], "a", pages.get, every=True)


@pytest.mark.parametrize(
    ("name", "rule", "said"), [("missing", "N6", "compose.nowhere"), ("odd-target", "N3", '"gone"')]
)
def test_what_is_not_there(name: str, rule: str, said: str) -> None:  # 2
    made = composed(name, every=True)
    (problem,) = made.problems
    assert (problem.rule, problem.severity) == (rule, Severity.ERROR) and said in problem.message
    assert keys(made) == ["x"]


def test_an_option_whose_template_is_not_there() -> None:  # 2
    made = compose(PAGES["compose.table"], "t", {}.get, every=True)
    assert [one.rule for one in made.problems] == ["N6", "N6"]


def test_an_option_that_names_a_file() -> None:  # 4
    page = PAGES["compose.liver"].replace(b'"compose.cyst"', b'"compose.cyst.html"')
    template = compose(page, "p", PAGES.get).template
    active = chosen(template, {"lesion": Value(value="cyst")}.get)
    assert active == {CYST} and "details.1.wall" in keys(compose(page, "p", PAGES.get, active))


def test_a_part_that_cannot_be_read() -> None:  # 2
    made = compose(small('<section><embed src="x.html"><input id="i"></section>'), "p", {"x": b"%PDF-1.7"}.get)
    assert made.problems[0].rule == "N6" and "PDF" in made.problems[0].message and keys(made) == ["i"]


def test_a_page_that_cannot_be_read() -> None:  # 2
    with pytest.raises(Unreadable):
        compose(b"%PDF-1.7", "p", PAGES.get)
    with pytest.raises(Unreadable):
        reachable(b"%PDF-1.7", "p", PAGES.get)


def test_a_top_level_template_as_a_part() -> None:  # 2
    made = compose(small('<section><embed src="compose.liver.html"></section>'), "p", PAGES.get)
    assert [(one.rule, one.severity) for one in made.problems] == [("N5", Severity.WARNING)]
    assert "e1.lesion" in keys(made)


def test_too_many_parts() -> None:  # 2
    many = small("<section>" + '<embed src="x.html"></embed>' * (MAX_PAGES + 1) + "</section>")
    with pytest.raises(Refused, match=r"\[N7\].*more than 200 parts"):
        compose(many, "p", {"x": small("<p>x</p>")}.get)
    deep = {str(n): small(f'<section><embed src="{n + 1}.html"></section>', str(n)) for n in range(40)}
    with pytest.raises(Refused, match="more than 16 deep"):
        compose(deep["0"], "p", deep.get)
    wide = {str(n): small(f"<section>{f'<embed src={n + 1}.html></embed>' * 10}</section>", str(n)) for n in range(12)}
    with pytest.raises(Refused, match="parts"):
        compose(wide["0"], "p", wide.get)
    big = small(f"<section>{'x' * 1_500_000}</section>", "big")
    with pytest.raises(Refused, match="bytes"):
        compose(small("<section>" + "<embed src=big.html></embed>" * 3 + "</section>"), "p", {"big": big}.get)


def test_prefixes_do_not_collide() -> None:  # 3
    assert keys(composed("collision")) == ["e1.size", "twice", "twice~2", "e1_.size", "e1_.wall"]
    before = parse(PAGES["compose.collision"])
    after = composed("collision").template.field_by_key
    assert {field.key: field.label for field in before.fields}.items() <= {k: f.label for k, f in after.items()}.items()


def test_another_encoding() -> None:  # 1
    made = composed("latin")
    assert made.template.title == "Größe" and "Maß" in made.html.decode() and keys(made) == ["e1.size", "e1.wall"]


def test_without_a_choice_the_page_stays() -> None:  # 4
    made = composed("liver")
    assert made.html == PAGES["compose.liver"] and keys(made) == ["lesion", "plain", "grade", "summary"]


@pytest.mark.parametrize(
    ("active", "inside"),
    [
        ((CYST,), ["details.1.size", "details.1.wall"]),
        ((TUMOUR,), ["details.2.size", "details.2.spread", "details.2.free"]),
        ((SIGNS,), ["plain"]),
        (
            (TUMOUR, SIGNS),
            [
                "details.2.size",
                "details.2.spread",
                *(f"details.2.nodes.1.{key}" for key in ("pattern", "calcified", "signs.input.1")),
            ],
        ),
    ],
)
def test_choices_replace(active: tuple[Replacement, ...], inside: list[str]) -> None:  # 4
    made = composed("liver", *active)
    assert keys(made) == ["lesion", *inside, "grade", "summary"] and made.problems == ()


def test_every_alternative_at_once() -> None:  # 4
    full = set(keys(composed("liver", every=True)))
    for active in ((), (CYST,), (TUMOUR,), (TUMOUR, SIGNS), (CYST, TUMOUR)):
        assert set(keys(composed("liver", *active))) <= full


def test_cells_and_rows() -> None:  # 4
    cell, row = (Replacement(target, "compose.cyst") for target in ("cell", "row"))
    assert keys(composed("table", cell)) == ["cell.1.size", "cell.1.wall", "left", "k"]
    assert keys(composed("table", row)) == ["right", "row.1.size", "row.1.wall", "k"]
    assert keys(composed("table", cell, row)) == ["cell.1.size", "cell.1.wall", "row.1.size", "row.1.wall", "k"]
    assert len(keys(composed("table", every=True))) == 7


def test_choices_ask_for_replacements() -> None:  # 4
    template = composed("liver").template
    stand = {"lesion": Value(value="cyst")}
    assert chosen(template, stand.get) == {CYST}
    assert chosen(template, {"lesion": Value(value="none")}.get) == frozenset() == chosen(template, {}.get)
    assert chosen(template, {"lesion": Value(value=("cyst", "tumour"))}.get) == {CYST, TUMOUR}


def test_pages_that_are_reachable() -> None:  # 1
    assert set(reachable(PAGES["compose.liver"], "p", PAGES.get)) == {"compose.cyst", "compose.tumour", "compose.signs"}
    assert set(reachable(PAGES["compose.circle-a"], "p", PAGES.get)) == {"compose.circle-a", "compose.circle-b"}
    assert reachable(PAGES["compose.missing"], "p", PAGES.get) == {}


@pytest.mark.parametrize("name", ["nodules", "liver", "table", "collision", "latin", "missing"])
def test_the_page_reads_like_any_other(name: str) -> None:  # 6
    made = composed(name, CYST, TUMOUR)
    assert made.template == parse(made.html, f"{name}.html")
    assert all(f'data-field="{key}"' in safe_html(made.html, made.template) for key in keys(made))
    wrong = {problem.rule for problem in check(made.html) if problem.severity is Severity.ERROR}
    assert wrong <= {"N1"}


BLOCKS = ["<p>a <embed src='{}.html'> b</p>", "<embed src='{}.html'><p>c</p>", "<p><b>d<embed src='{}.html'></b>e</p>"]
FIELDS = [
    "<input id='k'>",
    "<input name='n'>",
    "<input>",
    "<input type='radio' name='r'>",
    "<section>z<input></section>",
]


@st.composite
def libraries(draw: st.DrawFn) -> dict[str, bytes]:
    """Pages "0" to "4" that embed only later ones, with fields of all sorts."""
    pages = {}
    for number in range(5):
        later = st.sampled_from([str(one) for one in range(number + 1, 6)])
        embed = st.tuples(st.sampled_from(BLOCKS), later).map(lambda pair: pair[0].format(pair[1]))
        parts = draw(st.lists(st.one_of(embed, st.sampled_from(FIELDS)), max_size=4))
        pages[str(number)] = small(f"<section>{''.join(parts)}<input id='own'></section>", str(number))
    return pages


@given(libraries())
def test_composing_again_changes_nothing(pages: dict[str, bytes]) -> None:  # 5
    once = compose(pages["0"], "0", pages.get)
    again = compose(once.html, "0", pages.get)
    assert again.html == once.html and again.template == once.template
    assert len(set(keys(once))) == len(keys(once))
    alone = [field.key for field in parse(pages["0"]).fields]
    assert [key for key in keys(once) if key in alone] == alone


@pytest.mark.parametrize("active", [(), (CYST,), (TUMOUR,), (TUMOUR, SIGNS), (CYST, TUMOUR)])
def test_composing_a_choice_again_changes_nothing(active: tuple[Replacement, ...]) -> None:  # 5
    once = composed("liver", *active)
    again = compose(once.html, "liver.html", PAGES.get, active)
    assert again.html == once.html


def test_every_alternative_again_changes_nothing() -> None:  # 5
    for name in ("liver", "table", "nodules"):
        once = composed(name, every=True)
        assert compose(once.html, name, PAGES.get, every=True).html == once.html


CONDITIONAL = (
    "<section><input type='checkbox' id='any'><select id='kind'><option value=''></option>"
    "<option value='cyst' data-template-uid='part' data-replacement-element-id='details'>cyst</option></select>{}"
    "</section>"
)
HELD = [
    "<p data-show-if='any'>Details: <span id='details'>none</span></p>",
    "<p>Details: <b data-show-if='any'><span id='details'>none</span></b></p>",
    "<div data-mrrt-condition='#any eq true'><p data-show-if='kind'><i id='details'></i></p></div>",
    "<table data-show-if='any'><tr><td id='details'></td></tr></table>",
    "<embed id='e' src='part.html' data-show-if='any'>",
    "<p>Details: <span data-show-if='any'><embed id='e' src='part.html'></span></p>",
    "<p data-show-if='any'>Details: <embed id='e' src='part.html' data-mrrt-condition='#kind eq cyst'></p>",
]


@pytest.mark.parametrize("body", HELD)
@pytest.mark.parametrize("every", [False, True])
def test_conditions_round_a_part_hold_for_it(body: str, every: bool) -> None:  # 7
    part = small("<section><p data-show-if='wall'><input id='size'></p><input id='wall'></section>", "part")
    active = (Replacement("details", "part"),)
    made = compose(small(CONDITIONAL.format(body)), "p", {"part": part}.get, active, every=every).template
    (key,) = (field.key for field in made.fields if field.key.endswith(".size"))
    held = conditions_around(made)[key]
    assert f"{key[:-4]}wall" in held and held & {"any", "#any eq true"}
    assert held <= set(conditions_of(made)[0])


def test_a_condition_is_moved_in_either_notation() -> None:  # 7
    part = (
        "<section><input id='a'><p data-show-if='#a ge 1'><input id='b'></p>"
        "<p data-mrrt-condition='a=2'><input id='c'></p></section>"
    )
    made = compose(small("<section><embed src='part.html'></section>"), "p", {"part": small(part, "part")}.get).template
    assert [field.condition for field in made.fields] == [None, "#e1.a ge 1", "e1.a=2"]


def test_what_is_replaced_goes_with_its_condition() -> None:  # 7
    for replaced in (
        "<div id='details' data-show-if='any'>x</div>",
        "<table><tr><td id='details' data-show-if='any'>x",
    ):
        page, pages = (
            small(CONDITIONAL.format(replaced)),
            {"part": small("<section><input id='size'></section>", "part")},
        )
        made = compose(page, "p", pages.get, (Replacement("details", "part"),)).template
        assert "details.1.size" in made.field_by_key and not list(conditions_around(made))


BESIDE = "<embed src='part.html' type='text/html'>"
TWICE = [
    f"<section><header>Right</header>{BESIDE}</section><section><header>Left</header>{BESIDE}</section>",
    f"<section><h2>Right</h2>{BESIDE}<h2>Left</h2>{BESIDE}</section>",
    f"<section><p>Right: {BESIDE}</p><p>Left: {BESIDE}</p></section>",
    f"<table><tr><th></th><th>Right</th><th>Left</th></tr><tr><th>Cyst</th><td>{BESIDE}</td><td>{BESIDE}</td></tr></table>",
    f"<table><tr><th>Right</th><td>{BESIDE}</td></tr><tr><th>Left</th><td>{BESIDE}</td></tr></table>",
]


@pytest.mark.parametrize("body", TWICE)
@pytest.mark.parametrize("inner", ["{}", "<section><header>Kidney</header>{}</section>"])
def test_labels_of_a_part_that_stands_twice(body: str, inner: str) -> None:  # 8
    field = "<p><label for='size'>Cyst size</label> <input id='size'></p><p>Wall <input id='wall'></p>"
    fields = compose(small(body), "p", {"part": small(inner.format(field), "part")}.get).template.field_by_key
    for key, label in (("size", "Cyst size"), ("wall", "Wall")):
        right, left = (fields[f"{prefix}.{key}"].label for prefix in ("e1", "e2"))
        assert right.startswith("Right, ") and left.startswith("Left, ") and right.endswith(label), (right, left)
        assert right.removeprefix("Right, ") == left.removeprefix("Left, ")
