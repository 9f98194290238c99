"""What the template desk asks.

1. Tables are shown as written, each with its proof: complete, or with inputs that no rule is for; cases are run.
2. A template without logic of its own has empty lists; one that is not there is a 404.
3. A page is looked over without being stored: problems by its lines, a mended version, its form without script.
"""

from __future__ import annotations

import pytest

from ..conftest import ROOT
from .conftest import V1, TestClient

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


def test_what_conditions_say_is_said_in_the_language_that_is_asked_for(client: TestClient) -> None:  # 1
    said = [
        {
            one["message"]
            for one in client.get(f"{V1}/template-desk/logic/us-carotid-duplex?language={code}").json()["conditions"]
        }
        for code in ("en", "de")
    ]
    assert said[0] != said[1]


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
