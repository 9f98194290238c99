"""A report beside the patient's earlier ones.

1. Only signed reports of the same patient and template, of other and earlier studies; their standing version. Somebody
   with another date of birth is another patient, whatever the identifier says.
2. What each field said, the difference of numbers with its sign, and in percent; what is spelled otherwise, or was
   said in another language, is no change.
3. A course is drawn from two numbers on; what is no field, or has no course, is a 404; an outdated version a 412.
4. The formats of the list are those that render.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from ..reporting.site import sr
from .conftest import SEEN, V1, TestClient

FIELD = "right_psv"


def made(
    client: TestClient, psv: float, day: str, *, patient: str = "MINE", sign: bool = True, **person: str
) -> dict[str, Any]:
    """Make a report of a study of its own, and sign it."""
    about = {
        "patient": {"identifier": patient, **person},
        "study": {"study_instance_uid": f"2.25.{day[:4]}", "date": day},
    }
    draft = client.post(f"{V1}/reports", json={"template": "tiny-carotid", "about": about}).json()
    edits = {"edits": [{"field": FIELD, "value": str(psv)}, {"field": "conclusion", "value": "as before"}]}
    assert client.patch(f"{V1}/reports/{draft['id']}", json=edits).status_code == 200
    if sign:
        answer = client.post(f"{V1}/reports/{draft['id']}/sign", json=SEEN)
        assert answer.status_code == 200, answer.text
    report: dict[str, Any] = client.get(f"{V1}/reports/{draft['id']}").json()
    return report


def line(view: dict[str, Any], field: str = FIELD) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in view["lines"] if one["field"] == field)
    return found


def test_what_it_said_before(client: TestClient) -> None:  # 1, 2
    older = made(client, 200, "2023-03-01")
    old = made(client, 160, "2024-03-01")
    made(client, 90, "2024-03-01", patient="OTHER")
    made(client, 70, "2025-03-01", sign=False)
    made(client, 80, "2027-03-01")
    now = made(client, 120, "2026-03-01", sign=False)
    view = client.get(f"{V1}/reports/{now['id']}/history").json()
    assert [one["report"] for one in view["earlier"]] == [old["id"], older["id"]]
    found = line(view)
    assert found["before"] == ["160 cm/s", "200 cm/s"] and found["now"] == "120 cm/s" and found["changed"] is True
    assert (found["change"], found["percent"], found["points"]) == ("-40", "−25", 3)


def test_another_date_of_birth_is_another_patient(client: TestClient) -> None:  # 1
    made(client, 200, "2023-03-01", birth_date="1950-01-02", name="EXAMPLE^ADELE")
    unsure = made(client, 160, "2024-03-01", name="EXAMPLE^A")
    now = made(client, 120, "2026-03-01", sign=False, birth_date="1961-01-02", name="EXAMPLE^BERTA")
    view = client.get(f"{V1}/reports/{now['id']}/history").json()
    assert [(one["report"], one["patient_name"]) for one in view["earlier"]] == [(unsure["id"], "EXAMPLE^A")]
    assert line(view)["before"] == ["160 cm/s"]


def test_another_spelling_is_no_change(client: TestClient) -> None:  # 2
    for psv, day, language in (("160.0", "2024-03-01", "de"), ("160", "2026-03-01", "en")):
        about = {"patient": {"identifier": "SAME"}, "study": {"study_instance_uid": f"2.25.{day[:4]}", "date": day}}
        wanted = {"template": "tiny-carotid", "about": about, "language": language}
        report = client.post(f"{V1}/reports", json=wanted).json()["id"]
        given = {FIELD: psv, "plaque": "none", "conclusion": "as before"}
        edits = [{"field": key, "value": value} for key, value in given.items()]
        client.patch(f"{V1}/reports/{report}", json={"edits": edits}).raise_for_status()
        if language == "de":
            client.post(f"{V1}/reports/{report}/sign", json=SEEN).raise_for_status()
    view = client.get(f"{V1}/reports/{report}/history").json()
    assert [one["field"] for one in view["lines"] if one["changed"]] == []
    found = line(view)
    assert (found["before"], found["now"], found["change"], found["percent"]) == (["160.0 cm/s"], "160 cm/s", "0", None)
    assert line(view, "plaque")["before"] == [line(view, "plaque")["now"]]


def test_a_first_report_has_nothing_beside_it(client: TestClient) -> None:  # 1
    now = made(client, 120, "2026-03-01", sign=False)
    view = client.get(f"{V1}/reports/{now['id']}/history").json()
    assert (view["earlier"], view["lines"]) == ([], [])
    draft = client.post(f"{V1}/reports", json={"template": "tiny-carotid"}).json()
    assert client.get(f"{V1}/reports/{draft['id']}/history").json()["earlier"] == []


def test_a_revision_shows_the_version_that_stands(client: TestClient) -> None:  # 1
    old = made(client, 160, "2024-03-01")
    client.post(f"{V1}/reports/{old['id']}/revision", json={"kind": "corrected", "reason": "typing error"})
    client.patch(f"{V1}/reports/{old['id']}", json={"edits": [{"field": FIELD, "value": "999"}]})
    now = made(client, 120, "2026-03-01", sign=False)
    assert line(client.get(f"{V1}/reports/{now['id']}/history").json())["before"] == ["160 cm/s"]


def test_the_course_is_a_picture(client: TestClient) -> None:  # 3
    made(client, 160, "2024-03-01")
    now = made(client, 120, "2026-03-01", sign=False)
    place = f"{V1}/reports/{now['id']}/history"
    answer = client.get(f"{place}/{FIELD}?theme=light&version={now['version']}")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    picture = ElementTree.fromstring(answer.content)  # it is our own
    assert len(picture.findall("{*}circle")) == 2
    assert answer.content == client.get(f"{place}/{FIELD}?theme=light").content
    assert client.get(f"{place}/{FIELD}?version=1").status_code == 412
    for wrong in ("nothing", "comparison"):
        assert client.get(f"{place}/{wrong}").status_code == 404
    assert client.get(f"{place}/{FIELD}?theme=pink").status_code == 422


def test_formats(client: TestClient) -> None:  # 4
    draft = client.post(f"{V1}/reports", json={"template": "tiny-carotid"}).json()
    formats = client.get(f"{V1}/formats").json()
    assert {"text", "html", "json"} <= {one["name"] for one in formats}
    for one in formats:
        answer = client.get(f"{V1}/reports/{draft['id']}/rendering?format={one['name']}")
        assert answer.headers["Content-Type"].partition(";")[0] == one["media_type"].partition(";")[0]


def test_an_sr_without_identifier_is_nobodys_history(client: TestClient) -> None:  # 1
    receipt = client.post(f"{V1}/documents", content=sr(), headers={"Content-Type": "application/dicom"}).json()
    wanted = {"template": "tiny-carotid", "documents": [receipt["sop_instance_uid"]]}
    report = client.post(f"{V1}/reports", json=wanted).json()
    assert client.get(f"{V1}/reports/{report['id']}/history").status_code == 200
