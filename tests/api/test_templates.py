"""Our own template resources.

1. Search, versions, problems, source, package of stored templates and of those in folders.
2. DELETE retires: no new reports, open drafts go on, the template can be brought back as a new version.
3. A stored template makes reports; a foreign page gets the logic that a folder holds for its identifier.
4. An archive or a page is imported with a result for each file.
5. Names stay unique.
"""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.app import create_app

from ..conftest import ROOT
from ..reporting.pages import CHOICE, URL, page
from ..reporting.site import TINY, site
from .conftest import OWN, V1, TestClient
from .test_error_shape import assert_problem

FOREIGN = ROOT / "tests" / "fixtures" / "foreign" / "carotid-page.html"
AT = f"{V1}/templates/{quote(URL, safe='')}"
HTML = {"Content-Type": "text/html"}
ZIP = {"Content-Type": "application/zip"}


def put(client: TestClient, content: bytes, query: str = "", **headers: str) -> Any:
    return client.put(f"{AT}{query}", content=content, headers={**HTML, **headers})


def archive(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in files.items():
            made.writestr(path, content)
    return target.getvalue()


def create(client: TestClient, template: str) -> Any:
    return client.post(f"{V1}/reports", json={"template": template})


def test_store_find_and_read(strict: TestClient) -> None:  # 1
    made = put(strict, page())
    assert made.status_code == 201 and made.headers["ETag"] == '"1"' and made.headers["Location"] == AT
    body = made.json()
    assert (body["origin"], body["version"], body["status"], body["fields"]) == ("stored", 1, "ACTIVE", 1)
    assert body["modality"] == ["RID10321", "computed tomography"]
    listed = strict.get(f"{V1}/templates").json()
    names = [one["name"] for one in listed]
    assert {"tiny-carotid", "us-carotid-duplex", URL} <= set(names)
    assert {"de": "Duplexsonographie der Karotiden"} in [one["translations"] for one in listed]
    assert [one["name"] for one in strict.get(f"{V1}/templates?title=chest").json()] == [URL]
    assert strict.get(AT).headers["ETag"] == '"1"'
    found = strict.get(f"{AT}/problems?profile=mrrt").json()
    assert [one for one in found if one["severity"] == "error"] == []
    assert "ETag" not in strict.get(f"{V1}/templates/tiny-carotid").headers


@pytest.mark.parametrize("where", [f"{V1}/templates", "/IHETemplateService/"])
def test_a_status_that_there_is_not_is_refused(client: TestClient, where: str) -> None:  # 1
    answer = client.get(f"{where}?status=RETIERD")
    assert_problem(answer, 422)
    (error,) = answer.json()["errors"]
    assert (error["place"], error["mend"]) == ("query.status", "Take one of: ACTIVE, DRAFT, RETIRED.")
    assert client.get(f"{where}?status=draft").status_code == 200


def test_a_template_that_there_is_not(client: TestClient) -> None:  # 1
    said = client.get(f"{V1}/templates/nothing").json()["detail"]
    assert said == 'there is no template "nothing"; those in folders are ct-dose, tiny-carotid, us-carotid-duplex'


def test_versions(strict: TestClient) -> None:  # 1
    put(strict, page())
    put(strict, page(publisher="Another Hospital"), **{"If-Match": '"1"'})
    lines = strict.get(f"{AT}/versions").json()
    assert [(one["version"], one["action"], one["actor"]) for one in lines] == [
        (2, "store", "local user"),
        (1, "store", "local user"),
    ]
    assert lines[0]["digest"] != lines[1]["digest"]
    assert strict.get(f"{V1}/templates/tiny-carotid/versions").json() == [], "it lies in a folder"


def test_refusals(client: TestClient) -> None:  # 1
    assert put(client, page("1.2.3")).status_code == 400
    assert put(client, page(), **{"Content-Type": "application/json"}).status_code == 415
    assert put(client, page(status="LIVE")).status_code == 422
    assert put(client, page(), **{"If-Match": '"1"'}).status_code == 412
    put(client, page())
    assert put(client, page(body="<p>other</p>")).status_code == 409
    assert put(client, page(body="<p>other</p>"), "?new_version=true").status_code == 200
    assert client.delete(AT, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(f"{V1}/templates/9.9.9").status_code == 404


def test_retire(strict: TestClient) -> None:  # 2
    put(strict, page())
    assert create(strict, URL).status_code == 201
    gone = strict.delete(AT, headers={"If-Match": '"1"'})
    assert gone.status_code == 200 and gone.json()["status"] == "RETIRED" and gone.headers["ETag"] == '"2"'
    assert strict.delete(AT).json()["version"] == 2
    refused = create(strict, URL)
    assert refused.status_code == 409 and "retired" in refused.json()["detail"]
    edit = {"edits": [{"field": "side", "value": "left"}]}
    assert strict.patch(f"{V1}/reports/r1", json=edit).status_code == 200
    assert strict.post(f"{V1}/reports/r1/sign").status_code == 200
    assert [one["name"] for one in strict.get(f"{V1}/templates?status=RETIRED").json()] == [URL]
    assert put(strict, page()).status_code == 409
    assert put(strict, page(), "?new_version=true").json()["version"] == 3
    assert create(strict, URL).status_code == 201


def test_a_page_that_is_retired_itself(client: TestClient) -> None:  # 2
    assert put(client, page(status="RETIRED")).json()["status"] == "RETIRED"
    assert create(client, URL).status_code == 409


def test_templates_in_folders_cannot_be_retired(client: TestClient) -> None:  # 2
    assert client.delete(f"{V1}/templates/tiny-carotid").status_code == 404


def test_a_folder_that_cannot_be_read_keeps_no_other_from_being_found(tmp_path: Path) -> None:  # 1
    mine = tmp_path / "templates" / "aaa"
    shutil.copytree(TINY, mine)
    page_of_it = mine / "template.html"
    page_of_it.write_bytes(page_of_it.read_bytes().replace(b"1.2.3.4.5", b"1.2.3.4.6"))
    for name in ("bindings.yaml", "logic.yaml"):
        (mine / name).write_bytes("# Aufklärung\n".encode("latin-1"))
    folders = (mine.parent, TINY.parent)
    with TestClient(create_app(site(tmp_path, templates=folders)), OWN, raise_server_exceptions=False) as client:
        listed = {one["name"]: one["problems"] for one in client.get(f"{V1}/templates").json()}
        assert listed["aaa"][0]["message"].endswith("logic.yaml: it is no text in UTF-8. Save it in UTF-8.")
        assert not listed["us-carotid-duplex"]
        assert client.get(f"{V1}/templates/1.2.3.4.5").json()["identifier"] == "1.2.3.4.5"
        assert_problem(client.get(f"{V1}/templates/aaa"), 422)


def test_a_draft_stays_pinned(strict: TestClient) -> None:  # 3
    put(strict, page())
    create(strict, URL)
    pinned = strict.get(f"{V1}/reports/r1").json()["template"]["version"]
    put(strict, page(body=CHOICE.replace("left", "LEFT")), "?new_version=true")
    assert strict.get(f"{V1}/reports/r1").json()["template"]["version"] == pinned
    assert "LEFT" not in strict.get(f"{V1}/reports/r1/form").text and "LEFT" in strict.get(f"{AT}/form").text
    edit = {"edits": [{"field": "side", "value": "left"}]}
    assert strict.patch(f"{V1}/reports/r1", json=edit).status_code == 200


def test_a_foreign_page_gets_the_logic_written_for_it(strict: TestClient) -> None:  # 3
    content = FOREIGN.read_bytes()
    (result,) = strict.post(f"{V1}/templates", content=content, headers=HTML).json()
    assert result["outcome"] == "created", result
    assert result["name"] == "drg-us-carotis"
    for name in (result["identifier"], "drg-us-carotis"):
        report = create(strict, name).json()
        edit = {"edits": [{"field": "us_ac_raci_psv", "value": "260"}]}
        changed = strict.patch(f"{V1}/reports/{report['id']}", json=edit).json()["changed"]
        assert changed["us_ac_raci_stenosis"]["provenance"] == "calculated"


def test_an_archive_with_good_and_bad_files(client: TestClient) -> None:  # 4
    tiny = {f"own/{path.name}": path.read_bytes() for path in TINY.iterdir()}
    tiny["own/template.html"] = tiny["own/template.html"].replace(b"1.2.3.4.5", b"1.2.3.4.6")
    for name in ("logic.yaml", "bindings.yaml"):
        tiny[f"own/{name}"] = tiny[f"own/{name}"].replace(b"1.2.3.4.5", b"1.2.3.4.6")
    files = {**tiny, "pages/good.html": page(), "pages/bad.html": b"<p>no template</p>", "pages/notes.txt": b"hello"}
    files |= {"pages/wrong.html": page("1.2.3", status="LIVE"), "own/SOURCE.md": b"where it is from"}
    answer = client.post(f"{V1}/templates", content=archive(files), headers=ZIP)
    assert answer.status_code == 200
    outcomes = {one["file"]: one["outcome"] for one in answer.json()}
    assert outcomes == {
        "own/template.html": "created",
        "pages/good.html": "created",
        "pages/bad.html": "unreadable",
        "pages/wrong.html": "refused",
        "pages/notes.txt": "ignored",
    }
    assert any(one["rule"] == "X4" for result in answer.json() for one in result["problems"])
    again = client.post(f"{V1}/templates", content=archive(files), headers=ZIP).json()
    assert [one["outcome"] for one in again if one["outcome"] in ("created", "updated")] == []
    report = create(client, "own").json()
    edit = {"edits": [{"field": "right_psv", "value": "130"}]}
    assert client.patch(f"{V1}/reports/{report['id']}", json=edit).json()["changed"]["right_grade"]["value"] == "above"


def test_a_package_goes_out_and_in_again(client: TestClient) -> None:  # 4
    answer = client.get(f"{V1}/templates/tiny-carotid/package")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tiny-carotid.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert {name.partition("/")[2] for name in packed.namelist()} == {path.name for path in TINY.iterdir()}
    (result,) = client.post(f"{V1}/templates", content=answer.content, headers=ZIP).json()
    assert (result["outcome"], result["name"]) == ("created", "tiny-carotid")
    assert client.get(f"{V1}/templates/tiny-carotid/package").content == answer.content
    assert create(client, "tiny-carotid").status_code == 201


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", archive({"../x.html": page()})])
def test_archives_that_are_refused(client: TestClient, content: bytes) -> None:  # 4
    answer = client.post(f"{V1}/templates", content=content, headers=ZIP)
    assert answer.status_code == 422 and "archive is refused" in answer.json()["detail"]
    assert_problem(answer)


def test_names_are_not_taken_twice(client: TestClient) -> None:  # 5
    answer = client.post(f"{V1}/templates", content=archive({"tiny-carotid/template.html": page()}), headers=ZIP)
    (result,) = answer.json()
    assert result["outcome"] == "refused" and "tiny-carotid" in result["detail"]
