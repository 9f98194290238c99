"""Which templates fit a document: told by their own bindings, the best first, with the reason.

1. The answer to `POST` and `GET /documents/{uid}` say the same; what fits fills as many fields as was said.
2. More fields go first; templates without bindings, or whose bindings find nothing, do not fit.
3. A foreign template fits once its page is stored and a folder has its bindings; a retired or broken one does not.
4. Equal questions have equal answers, and change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app

from ..conftest import ROOT
from ..reporting.site import TINY, counting, site, sr, ticking
from .conftest import OWN, V1, TestClient
from .test_templates import HTML

SAMPLE = ROOT / "sr_import" / "samples" / "carotid-example.dcm"
PAGE = (TINY / "template.html").read_bytes()


def send(client: TestClient, content: bytes) -> Any:
    answer = client.post(f"{V1}/documents", content=content, headers={"Content-Type": "application/dicom"})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def names(document: Any) -> list[str]:
    return [one["template"] for one in document["fits"]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An own folder of templates with nothing in it yet."""
    made = tmp_path / "own"
    made.mkdir()
    return made


@pytest.fixture
def own(tmp_path: Path, folder: Path) -> Iterator[TestClient]:
    """A client of a site whose own templates lie in `folder`."""
    app = create_app(site(tmp_path, templates=(folder,)), clock=ticking(), new_id=counting())
    with TestClient(app, OWN) as made:
        yield made


def put_folder(folder: Path, name: str, identifier: str, page: bool = True, **texts: str) -> None:
    (folder / name).mkdir()
    for file in ("bindings.yaml", *(["template.html"] if page else [])):
        text = texts.get(file.partition(".")[0]) or (TINY / file).read_text("utf-8")
        (folder / name / file).write_text(text.replace("1.2.3.4.5", identifier), "utf-8")


def test_the_best_first_with_the_reason(strict: TestClient) -> None:  # 1, 2
    sent = send(strict, SAMPLE.read_bytes())
    assert names(sent) == ["us-carotid-duplex", "tiny-carotid"]
    best, tiny = sent["fits"]
    assert best["fields"] > tiny["fields"] == 2 and tiny["bound"] == 2
    assert tiny["reason"].startswith("2 of its 2 bound fields are filled;")
    assert strict.get(f"{V1}/documents/{sent['sop_instance_uid']}").json()["fits"] == sent["fits"]
    for fit in sent["fits"]:
        body = {"template": fit["template"], "documents": [sent["sop_instance_uid"]]}
        report = strict.post(f"{V1}/reports", json=body).json()
        imported = [key for key, one in report["values"].items() if one["provenance"] == "imported" and one["value"]]
        open_fields = {one["field"] for one in report["ambiguous"]}
        assert len({*imported, *open_fields}) == fit["fields"]


def test_equal_questions_have_equal_answers(strict: TestClient) -> None:  # 4
    first, second = send(strict, sr()), send(strict, sr())
    assert first == second
    at = f"{V1}/documents/{first['sop_instance_uid']}"
    assert strict.get(at).json() == strict.get(at).json()


def test_what_finds_nothing_does_not_fit(own: TestClient, folder: Path) -> None:  # 2
    bindings = (TINY / "bindings.yaml").read_text("utf-8")
    put_folder(folder, "veins", "2.25.801", bindings=bindings.replace("86117002", "32062004"))
    put_folder(folder, "arteries", "2.25.802")
    assert own.put(
        f"{V1}/templates/2.25.803", content=PAGE.replace(b"1.2.3.4.5", b"2.25.803"), headers=HTML
    ).status_code
    assert names(send(own, sr())) == ["us-carotid-duplex", "arteries"]


def test_a_foreign_template(own: TestClient, folder: Path) -> None:  # 3
    put_folder(folder, "theirs", "2.25.804", page=False)
    document = send(own, sr())
    assert "theirs" not in names(document)
    page = PAGE.replace(b"1.2.3.4.5", b"2.25.804")
    assert own.put(f"{V1}/templates/2.25.804", content=page, headers=HTML).status_code == 201
    at = f"{V1}/documents/{document['sop_instance_uid']}"
    found = {one["identifier"]: one["template"] for one in own.get(at).json()["fits"]}
    listed = {one["identifier"]: one["name"] for one in own.get(f"{V1}/templates").json()}
    assert found["2.25.804"] == listed["2.25.804"], "the name that a report is made under"
    assert own.delete(f"{V1}/templates/2.25.804").status_code == 200
    assert "2.25.804" not in {one["identifier"] for one in own.get(at).json()["fits"]}


def test_a_broken_template_is_left_out(own: TestClient, folder: Path) -> None:  # 3
    put_folder(folder, "broken", "2.25.805", bindings="template: 2.25.805\nbindings: [")
    put_folder(folder, "good", "2.25.806")
    assert names(send(own, sr())) == ["us-carotid-duplex", "good"]
    broken = next(one for one in own.get(f"{V1}/templates").json() if one["name"] == "broken")
    assert broken["problems"]
