"""Templates of several pages, over HTTP.

1. An archive with parts is imported in any order; circles and missing parts are refused.
2. A choice puts another template into the form; the answer says so; values of what is gone are kept, and not reported.
3. Logic speaks of fields of all alternatives; those that are not there count for nothing.
4. A draft stays on the parts that it was made with.
5. The form of a draft comes in one piece: page, fields with labels, and a name that tells one shape from another.
6. What is chosen in a hidden field puts nothing in; hidden again, nothing of a part is said anywhere.
7. On a later version of the template values stay with their part, wherever it stands; what could be two is set aside.
   So they do beside earlier reports, and between versions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..conftest import ROOT
from .conftest import V1, TestClient
from .test_templates import HTML, ZIP, archive, create

FOLDER = ROOT / "tests" / "fixtures" / "compose"
LOGIC = b"""
template: compose.liver
version: "1"
calculated:
  grade: if lesion = "tumour" then (if details.2.size > 30 then "high" else null) else cyst(details.1.size)
functions:
  cyst: {parameters: [size], expression: if size > 0 then "low" else null}
"""
GOOD = ("nodules", "lung", "signs", "liver", "cyst", "tumour")


def load(client: TestClient, *names: str, logic: bool = False) -> dict[str, Any]:
    files = {f"pages/{name}.html": (FOLDER / f"{name}.html").read_bytes() for name in names}
    if logic:
        files |= {"liver/template.html": files.pop("pages/liver.html"), "liver/logic.yaml": LOGIC}
    answer = client.post(f"{V1}/templates", content=archive(files), headers=ZIP)
    assert answer.status_code == 200, answer.text
    return {Path(one["file"]).stem: one for one in answer.json()}


def edit(client: TestClient, report: str = "r1", **values: Any) -> Any:
    edits = [{"field": key.replace("__", "."), "value": value} for key, value in values.items()]
    answer = client.patch(f"{V1}/reports/{report}", json={"edits": edits})
    assert answer.status_code == 200, answer.text
    return answer.json()


def form(client: TestClient, report: str = "r1") -> str:
    return str(client.get(f"{V1}/reports/{report}/form").text)


def text(client: TestClient, report: str = "r1") -> str:
    return str(client.get(f"{V1}/reports/{report}", headers={"Accept": "text/plain"}).text)


def test_parts_are_imported_in_any_order(strict: TestClient) -> None:  # 1
    outcomes = {name: one["outcome"] for name, one in load(strict, *GOOD).items()}
    assert outcomes == dict.fromkeys(GOOD, "created")
    report = create(strict, "compose.nodules").json()
    changed = edit(strict, left__size="9", e1__size="5", left__edge="smooth")
    assert changed["changed"]["left.size"]["text"] == "9 mm" and not changed["form_changed"]
    assert 'data-field="e1.e1.pattern"' in form(strict) and report["template"]["identifier"] == "compose.nodules"


def test_circles_and_missing_parts(client: TestClient) -> None:  # 1
    results = load(client, "circle-a", "circle-b", "missing", "odd-target", "cyst")
    assert {one["outcome"] for name, one in results.items() if name != "cyst"} == {"refused"}
    said = {name: [problem["message"] for problem in one["problems"]] for name, one in results.items()}
    assert "compose.circle-a > compose.circle-b > compose.circle-a" in said["circle-a"][-1]
    assert "compose.nowhere" in said["missing"][-1] and '"gone"' in said["odd-target"][-1]
    answer = client.put(
        "/IHETemplateService/compose.missing", content=(FOLDER / "missing.html").read_bytes(), headers=HTML
    )
    assert answer.status_code == 422 and answer.json()["problems"][-1]["rule"] == "N6"


def test_a_choice_changes_the_form(strict: TestClient) -> None:  # 2
    load(strict, *GOOD)
    create(strict, "compose.liver")
    assert 'data-field="plain"' in form(strict) and "details.1" not in form(strict)
    cyst = edit(strict, lesion="cyst")
    assert cyst["form_changed"] and cyst["changed"]["plain"] is None
    assert 'data-field="details.1.size"' in form(strict) and 'data-field="plain"' not in form(strict)
    assert not edit(strict, details__1__size="12")["form_changed"]
    assert "12 mm" in text(strict) and "no lesion" not in text(strict)
    tumour = edit(strict, lesion="tumour")
    assert tumour["form_changed"] and tumour["changed"]["details.1.size"] is None
    assert "12 mm" not in text(strict)
    assert "details.1.size" not in strict.get(f"{V1}/reports/r1").json()["values"]
    back = edit(strict, lesion="cyst")
    assert back["changed"]["details.1.size"]["value"] == "12"
    again = edit(strict, lesion="none")
    assert again["form_changed"] and again["changed"]["plain"]["value"] == "no lesion"


def test_what_is_not_in_the_form_is_not_required(strict: TestClient) -> None:  # 2
    load(strict, *GOOD)
    create(strict, "compose.liver")
    missing = edit(strict, lesion="cyst")["problems"]
    assert [one["field"] for one in missing] == ["details.1.wall"]
    assert strict.post(f"{V1}/reports/r1/sign").status_code == 409
    assert edit(strict, lesion="tumour", details__1__wall="thin")["problems"] == []
    signed = strict.post(f"{V1}/reports/r1/sign")
    assert signed.status_code == 200 and "details.1.wall" not in signed.json()["values"]
    assert "thin" not in text(strict)


def test_replacements_in_replacements(strict: TestClient) -> None:  # 2
    load(strict, *GOOD)
    create(strict, "compose.liver")
    changed = edit(strict, lesion="tumour", details__2__spread="nodes")
    assert changed["form_changed"] and 'data-field="details.2.nodes.1.calcified"' in form(strict)
    edit(strict, details__2__nodes__1__calcified=True)
    assert "calcified" in text(strict)
    assert edit(strict, lesion="none")["form_changed"] and "calcified" not in text(strict)


def test_logic_of_all_alternatives(strict: TestClient) -> None:  # 3
    results = load(strict, *GOOD, logic=True)
    assert results["template"]["outcome"] == "created", results["template"]
    create(strict, "liver")
    edit(strict, lesion="tumour")
    assert edit(strict, details__2__size="31")["changed"]["grade"]["value"] == "high"
    assert edit(strict, lesion="none")["changed"]["grade"] is None
    assert edit(strict, lesion="cyst", details__1__size="3")["changed"]["grade"]["value"] == "low"
    assert edit(strict, lesion="tumour")["changed"]["grade"]["value"] == "high"


def test_a_draft_keeps_its_parts(strict: TestClient) -> None:  # 4
    load(strict, *GOOD)
    create(strict, "compose.liver")
    cyst = (
        (FOLDER / "cyst.html")
        .read_bytes()
        .replace(b'id="wall"', b'id="border"')
        .replace(b'for="wall"', b'for="border"')
    )
    at = "/IHETemplateService/compose.cyst?new_version=true"
    assert strict.put(at, content=cyst, headers=HTML).status_code == 200
    edit(strict, lesion="cyst")
    assert 'data-field="details.1.wall"' in form(strict)
    create(strict, "compose.liver")
    edit(strict, "r2", lesion="cyst")
    assert 'data-field="details.1.border"' in form(strict, "r2")


def form_view(client: TestClient, report: str = "r1") -> Any:
    answer = client.get(f"{V1}/reports/{report}/form", headers={"Accept": "application/json"})
    assert answer.status_code == 200 and answer.headers["Vary"] == "Accept"
    return answer.json()


def test_the_form_in_one_piece(strict: TestClient) -> None:  # 5
    load(strict, *GOOD)
    report = create(strict, "compose.liver").json()
    plain = form_view(strict)
    assert (plain["report"], plain["version"], plain["title"]) == ("r1", 1, "CT Liver")
    assert plain["shape"] == report["shape"] and plain["html"] == form(strict)
    cyst = edit(strict, lesion="cyst")
    assert cyst["shape"] != plain["shape"]
    other = form_view(strict)
    assert (other["version"], other["shape"]) == (2, cyst["shape"])
    labels = {field["key"]: field["label"] for field in other["fields"]}
    assert labels["details.1.size"] == "Cyst size" and "plain" not in labels
    assert edit(strict, details__1__size="3")["shape"] == cyst["shape"]
    assert strict.get(f"{V1}/reports/r1").json()["shape"] == cyst["shape"]
    assert edit(strict, lesion="none")["shape"] == form_view(strict)["shape"] == plain["shape"]


def test_the_form_is_of_the_pinned_template(strict: TestClient) -> None:  # 4, 5
    load(strict, *GOOD)
    create(strict, "compose.liver")
    page = (FOLDER / "liver.html").read_bytes().replace(b">Lesion<", b">Focus<")
    assert (
        strict.put("/IHETemplateService/compose.liver?new_version=true", content=page, headers=HTML).status_code == 200
    )
    create(strict, "compose.liver")
    labels = [{field["key"]: field["label"] for field in form_view(strict, name)["fields"]} for name in ("r1", "r2")]
    assert [one["lesion"] for one in labels] == ["Lesion", "Focus"]


def test_the_form_is_json_or_a_page(strict: TestClient) -> None:  # 5
    create(strict, "tiny-carotid")
    kinds = {"*/*": "text/html", "text/html": "text/html", "application/json, text/html;q=0.5": "application/json"}
    for accept, kind in kinds.items():
        answer = strict.get(f"{V1}/reports/r1/form", headers={"Accept": accept})
        assert answer.headers["Content-Type"].partition(";")[0] == kind and answer.headers["Vary"] == "Accept"
    assert strict.get(f"{V1}/reports/r1/form", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize("field", ["details.1.size", "details.2.nodes.1.calcified"])
def test_fields_that_are_not_there_take_values_for_later(strict: TestClient, field: str) -> None:  # 2
    load(strict, *GOOD)
    create(strict, "compose.liver")
    value: Any = True if field.endswith("calcified") else "4"
    edits = {"edits": [{"field": field, "value": value}]}
    assert strict.patch(f"{V1}/reports/r1", json=edits).json()["changed"] == {}
    assert field in strict.get(f"{V1}/reports/r1").json()["irrelevant"]


def hidden_choice(client: TestClient) -> None:
    page = (FOLDER / "liver.html").read_text()
    asked = '<p><label for="any">Any lesion</label> <input type="checkbox" id="any"></p><div data-show-if="any">'
    page = page.replace('<p><label for="lesion">', f'{asked}<p><label for="lesion">').replace(
        '<div id="details">', '</div><div id="details">'
    )
    pages = {f"{name}.html": (FOLDER / f"{name}.html").read_bytes() for name in ("cyst", "tumour", "signs")}
    answer = client.post(f"{V1}/templates", content=archive({**pages, "liver.html": page.encode()}), headers=ZIP)
    assert [one["outcome"] for one in answer.json()] == ["created"] * 4
    create(client, "compose.liver")


def test_a_hidden_choice_puts_nothing_in(strict: TestClient) -> None:  # 6
    hidden_choice(strict)
    assert edit(strict, any=True, lesion="tumour", details__2__spread="nodes")["form_changed"]
    edit(strict, details__2__nodes__1__calcified=True, details__2__size="31")
    hidden = edit(strict, any=False)
    assert hidden["form_changed"] and hidden["changed"]["details.2.size"] is None
    assert "lesion" in hidden["irrelevant"] and "31" not in text(strict)
    assert 'data-field="plain"' in form(strict) and "details.2" not in form(strict)
    rendering = strict.get(f"{V1}/reports/r1/rendering", params={"format": "json"})
    assert "details.2.size" not in rendering.json()["values"]
    back = edit(strict, any=True)
    assert back["form_changed"] and back["changed"]["details.2.size"]["text"] == "31 mm"
    assert 'data-field="details.2.nodes.1.calcified"' in form(strict) and "calcified" in text(strict)


def test_a_hidden_choice_is_signed_as_it_is_shown(strict: TestClient) -> None:  # 6
    hidden_choice(strict)
    edit(strict, any=True, lesion="cyst", details__1__size="12")
    assert edit(strict, any=False)["problems"] == []  # details.1.wall is required where it is shown
    signed = strict.post(f"{V1}/reports/r1/sign")
    assert signed.status_code == 200 and "details.1.size" not in signed.json()["values"]
    found = [strict.get(f"{V1}/reports", params={"value": one}).json() for one in ("details.1.size:>:1", "any:=:false")]
    assert [len(one["reports"]) for one in found] == [0, 1]


CYST, TUMOUR = (f'<embed src="compose.{name}.html" type="text/html">' for name in ("cyst", "tumour"))


def sided(*sides: str) -> str:
    return "".join(
        f'<section id="{side}" data-section-name="{side}"><header class="level1">{side}</header>{CYST}</section>'
        for side in sides
    )


def options(*names: str) -> str:
    offered = "".join(
        f'<option value="{name}" data-template-UID="compose.{name}" data-replacement-element-id="d">{name}</option>'
        for name in names
    )
    return f'<section><select id="kind"><option value=""></option>{offered}</select><div id="d"></div></section>'


def outer(body: str) -> bytes:
    page = (FOLDER / "liver.html").read_text()
    return f"{page[: page.index('<body>')]}<body>{body}</body></html>".encode()


def migrated(client: TestClient, old: str, new: str, **values: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values after another version of a template, and what was set aside."""
    pages = {f"{name}.html": (FOLDER / f"{name}.html").read_bytes() for name in ("cyst", "tumour", "signs")}
    client.post(f"{V1}/templates", content=archive({**pages, "o.html": outer(old)}), headers=ZIP)
    create(client, "compose.liver")
    edit(client, **values)
    at = "/IHETemplateService/compose.liver?new_version=true"
    assert client.put(at, content=outer(new), headers=HTML).status_code == 200
    seen = client.get(f"{V1}/reports/r1/migration").json()
    moved = client.post(f"{V1}/reports/r1/migration", json={"target": seen["target"]}).json()
    assert {one["field"] for one in seen["lost"] if one["text"]} == set(moved["set_aside"])
    return tuple({key: one["value"] for key, one in moved[part].items()} for part in ("values", "set_aside"))


@pytest.mark.parametrize(
    ("old", "new", "values", "after"),
    [
        (CYST + TUMOUR, TUMOUR + CYST, {"e1__size": "1", "e2__size": "2"}, {"e2.size": "1", "e1.size": "2"}),
        (CYST + TUMOUR, TUMOUR, {"e1__wall": "thin", "e2__size": "2"}, {"e1.size": "2"}),
        (CYST, TUMOUR, {"e1__size": "1"}, {}),
        (sided("Right", "Left"), sided("Left", "Right"), {"e1__size": "1"}, {"e2.size": "1"}),
        (sided("Right", "Left"), sided("Left"), {"e1__size": "1", "e2__size": "2"}, {"e1.size": "2"}),
        (sided("Right"), sided("Left"), {"e1__size": "1"}, {}),
        (
            f"<p>Right: {CYST}</p><p>Left: {CYST}</p>",
            f"<p>Left: {CYST}</p><p>Right: {CYST}</p>",
            {"e1__size": "1", "e2__size": "2"},
            {"e2.size": "1", "e1.size": "2"},
        ),
        (CYST * 2, CYST * 2 + TUMOUR, {"e1__size": "1", "e2__size": "2"}, {"e1.size": "1", "e2.size": "2"}),
        (CYST * 2, CYST * 3, {"e1__size": "1", "e2__size": "2"}, {}),
        (
            CYST.replace(" src", ' id="a" src'),
            CYST + CYST.replace(" src", ' id="a" src'),
            {"a__size": "1"},
            {"a.size": "1"},
        ),
        (
            options("cyst"),
            options("tumour", "cyst"),
            {"kind": "cyst", "d__1__size": "1"},
            {"kind": "cyst", "d.2.size": "1"},
        ),
        (options("cyst"), options("tumour"), {"d__1__size": "1"}, {}),
        (
            sided("Right", "Left"),
            sided("Left", "Right").replace("<embed", '<embed id="l"', 1),
            {"e1__size": "1", "e2__size": "2"},
            {"e2.size": "1", "l.size": "2"},
        ),
    ],
)
def test_values_stay_with_their_part(
    strict: TestClient, old: str, new: str, values: dict[str, str], after: dict[str, str]
) -> None:  # 7
    stands, aside = migrated(strict, old, new, **values)
    assert stands == after
    assert sorted([*stands.values(), *aside.values()]) == sorted(values.values())


def test_versions_compare_parts_with_themselves(strict: TestClient) -> None:  # 7
    migrated(strict, sided("Right", "Left"), sided("Left", "Right"), e1__size="1", e2__size="2")
    assert strict.get(f"{V1}/reports/r1/versions/3/difference", params={"from": 2}).json()["fields"] == []
    edit(strict, e1__size="5")
    [found] = strict.get(f"{V1}/reports/r1/versions/4/difference", params={"from": 2}).json()["fields"]
    assert (found["label"], found["before"]["text"], found["after"]["text"]) == ("Left, Cyst size", "2 mm", "5 mm")


def test_earlier_reports_compare_parts_with_themselves(strict: TestClient) -> None:  # 7
    def make(day: str, **values: str) -> str:
        study = {"study_instance_uid": f"2.25.{day[:4]}", "date": day}
        about = {"patient": {"identifier": "MINE"}, "study": study}
        made = strict.post(f"{V1}/reports", json={"template": "compose.liver", "about": about}).json()["id"]
        edit(strict, made, **values)
        return str(made)

    pages = {f"{name}.html": (FOLDER / f"{name}.html").read_bytes() for name in ("cyst", "tumour", "signs")}
    strict.post(f"{V1}/templates", content=archive({**pages, "o.html": outer(sided("Right", "Left"))}), headers=ZIP)
    earlier = make("2024-03-01", e1__size="10", e2__size="20", e1__wall="thin", e2__wall="thin")
    assert strict.post(f"{V1}/reports/{earlier}/sign").status_code == 200
    at = "/IHETemplateService/compose.liver?new_version=true"
    assert strict.put(at, content=outer(sided("Left", "Right")), headers=HTML).status_code == 200
    now = make("2026-03-01", e1__size="20", e2__size="11")
    lines = strict.get(f"{V1}/reports/{now}/history").json()["lines"]
    said = [(one["label"], one["before"], one["now"]) for one in lines if one["number"]]
    assert said == [("Left, Cyst size", ["20 mm"], "20 mm"), ("Right, Cyst size", ["10 mm"], "11 mm")]
