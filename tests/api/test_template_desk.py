"""What the template desk asks.

1. Tables are shown as written, each with its proof: complete, or with inputs that no rule is for; cases are run.
2. A template without logic of its own has empty lists; one that is not there is a 404.
3. A page is looked over without being stored: problems by its lines, a mended version, its form without script.
4. A package is looked over without being stored: what would become of each template, with its problems; what embeds
   another one of the package; what needs a new version; one template in full; the whole of it mended.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from ..conftest import ROOT
from ..reporting.site import TINY
from .conftest import V1, TestClient
from .test_composition import FOLDER, GOOD
from .test_templates import HTML, ZIP, archive

PAGE = (ROOT / "tests" / "fixtures" / "serve" / "chest.html").read_bytes()


def test_the_logic_of_a_template(client: TestClient) -> None:  # 1
    found = client.get(f"{V1}/template-desk/logic/us-carotid-duplex").json()
    tables = {one["name"]: one for one in found["tables"]}
    assert len(tables) > 5 and all(one["rules"] and one["inputs"] and one["outputs"] for one in tables.values())
    assert any(one["criteria"] for one in tables.values()) and any(one["source"] for one in tables.values())
    assert all(one["proof"]["unreachable"] == [] for one in tables.values()), "refused when the logic is loaded"
    assert any(one["proof"]["complete"] is True for one in tables.values())
    assert all(one["proof"]["gaps"] for one in tables.values() if one["proof"]["complete"] is False)
    assert {one["field"] for one in found["calculations"]} >= {"right_ica_grade", "left_ica_grade"}
    assert {one["kind"] for one in found["conditions"]} >= {"alert"}
    assert len(found["cases"]) > 20 and all(one["passed"] for one in found["cases"])
    assert all(one["expected"] for one in found["cases"])
    assert (
        any(one["values"].get("right_ica_prox_psv") for one in found["cases"])
        and "Where the numbers come from" in found["sources"]
    )


def test_what_conditions_say_is_said_in_the_language_that_is_asked_for(client: TestClient) -> None:  # 1
    said = [
        {
            one["message"]
            for one in client.get(f"{V1}/template-desk/logic/us-carotid-duplex?language={code}").json()["conditions"]
        }
        for code in ("en", "de")
    ]
    assert said[0] != said[1]
    german = client.get(f"{V1}/template-desk/logic/us-carotid-duplex?language=de").json()
    assert german["labels"]["right_ica_prox_psv"] == "ACI proximal rechts PSV"
    english = client.get(f"{V1}/template-desk/logic/us-carotid-duplex").json()
    both = zip(english["calculations"], german["calculations"], strict=True)
    assert any(one["label"] != other["label"] for one, other in both)


def test_templates_without_logic_and_none(client: TestClient) -> None:  # 2
    client.post(f"{V1}/templates", content=PAGE, headers={"Content-Type": "text/html"})
    found = client.get(f"{V1}/template-desk/logic/http%3A%2F%2Fexample.org%2Ftemplate%2F7")
    assert found.status_code == 200 and found.json()["tables"] == found.json()["cases"] == []
    assert client.get(f"{V1}/template-desk/logic/nowhere").status_code == 404


def test_a_page_is_looked_over(client: TestClient) -> None:  # 3
    page = PAGE.replace(b'<meta name="dcterms.language" content="en">', b"").replace(
        b"<p>", b'<p onclick="hit()"><script>hit()</script>'
    )
    answer = client.post(f"{V1}/template-desk/pages", content=page, headers={"Content-Type": "text/html"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["title"] == "CT Chest" and found["text"].encode() == page
    assert [one["label"] for one in found["fields"]] == ["Side"]
    lines = found["text"].splitlines()
    assert all(1 <= one["line"] <= len(lines) for one in found["problems"] if one["line"]) and found["problems"]
    assert "hit" not in found["form"] and 'data-field="side"' in found["form"]
    assert found["mended"] and len(found["left"]) < len(found["problems"]) and found["done"]
    assert client.get(f"{V1}/templates?identifier=http://example.org/template/7").json() == [], "it is not stored"


@pytest.mark.parametrize(("content", "kind", "status"), [(b"%PDF-1.7", "text/html", 422), (PAGE, "image/png", 415)])
def test_what_is_no_page(client: TestClient, content: bytes, kind: str, status: int) -> None:  # 3
    answer = client.post(f"{V1}/template-desk/pages", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status and answer.json()["detail"]


TEXTS = {f"tiny/{path.name}": path.read_bytes() for path in TINY.iterdir()}


def looked_over(client: TestClient, files: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    answer = client.post(f"{V1}/template-desk/packages", content=archive(files), headers=ZIP)
    assert answer.status_code == 200, answer.text
    return {one["file"]: one for one in answer.json()}


def stored(client: TestClient) -> int:
    return sum(one["origin"] == "stored" for one in client.get(f"{V1}/templates").json())


def test_a_package_is_looked_over_and_not_stored(client: TestClient) -> None:  # 4
    gap = (
        TEXTS["tiny/logic.yaml"]
        .replace(b"    table: |", b"    complete: true\n    table: |")
        .replace(b">= 125", b"> 125")
    )
    before = client.get(f"{V1}/audit").json()["events"]
    found = looked_over(
        client, {**TEXTS, "tiny/logic.yaml": gap, "a/template.html": PAGE, "read me.txt": b"hello", "b.html": b"%PDF"}
    )
    outcomes = {file: one["outcome"] for file, one in found.items()}
    assert outcomes == {
        **{"tiny/template.html": "refused", "a/template.html": "created"},
        **{"read me.txt": "ignored", "b.html": "unreadable"},
    }
    assert found["tiny/template.html"]["files"] == ["bindings.yaml", "cases.yaml", "logic.yaml"]
    [problem] = [one for one in found["tiny/template.html"]["problems"] if one["severity"] == "error"]
    assert "125" in problem["message"] and problem["line"] and problem["file"].endswith("logic.yaml")
    assert (found["a/template.html"]["version"], found["a/template.html"]["title"]) == (1, "CT Chest")
    assert stored(client) == 0
    log = client.get(f"{V1}/audit").json()["events"]
    assert {one["action"] for one in log[: len(log) - len(before)]} <= {"read-audit"}


def test_what_embeds_another_template_of_the_package(client: TestClient) -> None:  # 4
    files = {f"pages/{name}.html": (FOLDER / f"{name}.html").read_bytes() for name in GOOD}
    assert {one["outcome"] for one in looked_over(client, files).values()} == {"created"}
    files.pop("pages/lung.html")
    found = looked_over(client, files)["pages/nodules.html"]
    assert found["outcome"] == "refused" and "N6" in {one["rule"] for one in found["problems"]}
    assert stored(client) == 0


def test_what_is_taken_only_as_a_new_version(client: TestClient) -> None:  # 4
    client.post(f"{V1}/templates", content=PAGE, headers=HTML)
    changed = PAGE.replace(b"</section>", b"<p>More.</p></section>")
    same = looked_over(client, {"same.html": PAGE})["same.html"]
    assert (same["outcome"], same["needs_new_version"]) == ("unchanged", False)
    line = looked_over(client, {"changed.html": changed})["changed.html"]
    assert (line["outcome"], line["needs_new_version"], line["version"]) == ("updated", True, 2)
    [alone] = client.post(f"{V1}/template-desk/packages", content=changed, headers=HTML).json()
    assert (alone["file"], alone["needs_new_version"]) == ("page", True)
    assert client.get(f"{V1}/templates/{line['name'].replace('/', '%2F')}/versions").json()[0]["version"] == 1


def test_one_template_of_a_package_in_full_and_all_of_it_mended(client: TestClient) -> None:  # 4
    flawed = PAGE.replace(b'<meta name="dcterms.language" content="en">', b"")
    files = {**TEXTS, "chest/template.html": flawed, "chest/SOURCE.md": "Größe".encode(), "c.html": b"%PDF"}
    content = archive(files)
    at = f"{V1}/template-desk/packages"
    opened = client.post(f"{at}/texts?file=tiny/template.html", content=content, headers=ZIP).json()
    assert opened["texts"]["logic.yaml"].encode() == TEXTS["tiny/logic.yaml"] and opened["page"]["fields"]
    chest = client.post(f"{at}/texts?file=chest/template.html", content=content, headers=ZIP).json()
    assert chest["page"]["mended"] and chest["texts"] == {"SOURCE.md": "Größe"}
    assert client.post(f"{at}/texts?file=none", content=content, headers=ZIP).status_code == 404
    answer = client.post(f"{at}/mended", content=content, headers=ZIP)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as mended:
        texts = {name: mended.read(name) for name in mended.namelist()}
    assert texts["chest/template.html"].decode() == chest["page"]["mended"] and texts.keys() == files.keys()
    assert {name for name in files if texts[name] != files[name]} <= {"chest/template.html", "tiny/template.html"}
    assert client.post(f"{at}/mended", content=PAGE, headers=HTML).status_code == 415
    assert client.post(at, content=b"no archive", headers=ZIP).status_code == 422
