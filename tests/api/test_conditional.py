"""Who asks again for what has not changed is told so.

1. 304 has no content; ETag, Vary and the headers that browsers see stay.
2. An ETag holds as long as the answer would be the same, and no longer.
3. The log knows that somebody has the content in hand.
4. A rendering has a tag of its own bytes: it holds for good once they are signed, and it is no other format's.
"""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from mrrt.render import FORMATS

from ..reporting.pages import page
from .conftest import SEEN, V1, TestClient

AT = f"{V1}/reports/r1"


def patch(client: TestClient, text: str) -> None:
    assert client.patch(AT, json={"edits": [{"field": "conclusion", "value": text}]}).status_code == 200


def asked(client: TestClient, address: str, tag: str) -> int:
    return client.get(address, headers={"If-None-Match": tag}).status_code


@pytest.fixture
def report(strict: TestClient) -> TestClient:
    assert strict.post(f"{V1}/reports", json={"template": "tiny-carotid"}).headers["ETag"] == '"1"'
    return strict


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', '"a,b", "1"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_caller_has_is_not_sent_again(report: TestClient, tag: str, method: str) -> None:  # 1
    whole = report.get(AT)
    answer = report.request(method, AT, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")
    of_content = {"content-length", "content-type", "x-request-id"}
    assert {name: text for name, text in whole.headers.items() if name not in of_content} == {
        name: text for name, text in answer.headers.items() if name != "x-request-id"
    }
    assert answer.headers["ETag"] == '"1"' and answer.headers["Vary"] == "Accept"


@pytest.mark.parametrize("tag", ['"2"', '"11"', "1", '"', ""])
def test_other_tags_change_nothing(report: TestClient, tag: str) -> None:  # 1
    assert asked(report, AT, tag) == 200
    assert report.get(AT, headers={"If-None-Match": '"1"', "Accept": "text/plain"}).status_code == 200, "that is JSON's"
    assert report.get(f"{V1}/reports/none", headers={"If-None-Match": "*"}).status_code == 404


def test_a_tag_holds_until_the_answer_differs(report: TestClient) -> None:  # 2
    patch(report, "normal")
    assert (asked(report, AT, '"1"'), asked(report, AT, '"2"')) == (200, 304)
    first = report.get(f"{AT}/versions/2")
    assert asked(report, f"{AT}/versions/2", first.headers["ETag"]) == 304
    report.post(f"{AT}/sign", json=SEEN)
    again = report.get(f"{AT}/versions/2", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200 and again.json()["stands"] and not first.json()["stands"]
    assert asked(report, f"{AT}/versions/2", again.headers["ETag"]) == 304
    late = report.post(f"{AT}/addenda", json={"text": "more"}, headers={"If-Match": again.headers["ETag"]})
    assert (late.status_code, late.json()["version"]) == (412, 3), "an earlier version is not the one to change"


def test_templates(strict: TestClient) -> None:  # 2
    part, whole = f"{V1}/templates/part", f"{V1}/templates/whole"
    embed = '<embed src="part.html" type="text/html">'
    html = {"Content-Type": "text/html"}

    def store(address: str, body: str) -> None:
        content = page(address.rpartition("/")[2], body=f"<p>{body}</p>")
        answer = strict.put(f"{address}?new_version=true", content=content, headers=html)
        assert answer.status_code in (200, 201), answer.text

    store(part, '<label for="a">A</label><input type="text" id="a">')
    store(whole, '<label for="own">Own</label><input type="text" id="own">' + embed)
    tag = strict.get(whole).headers["ETag"]
    assert (
        asked(strict, whole, tag)
        == asked(strict, part, '"1"')
        == asked(strict, "/IHETemplateService/part", '"1"')
        == 304
    )
    store(part, '<label for="b">B</label><input type="text" id="b">')
    assert asked(strict, part, '"1"') == asked(strict, "/IHETemplateService/part", '"1"') == 200
    now = strict.get(whole, headers={"If-None-Match": tag})
    assert now.status_code == 200 and "e1.b" in [one["key"] for one in now.json()["fields"]]
    assert (tag[:2], now.headers["ETag"][:2]) == ('"1', '"1'), "the version is the same, what it embeds is not"
    taken = strict.delete(whole, headers={"If-Match": now.headers["ETag"]})
    assert taken.status_code == 200, "the version in the tag is that of the template"


def test_a_read_of_what_is_in_hand_is_in_the_log(report: TestClient) -> None:  # 3
    asked(report, AT, '"1"')
    asked(report, AT, '"7"')
    found = report.get(f"{V1}/audit?action=read&order=oldest").json()["events"]
    said = [(one["version"], json.loads(one["detail"])) for one in found]
    plain = {"operation": "get_report", "as": "application/json"}
    assert said == [(1, plain | {"unchanged": True}), (1, plain)]


@pytest.mark.parametrize("name", FORMATS)
def test_a_rendering_in_hand_is_not_sent_again(report: TestClient, name: str) -> None:  # 1, 4
    at = f"{AT}/rendering?format={name}"
    whole = report.get(at)
    tag = whole.headers["ETag"]
    assert tag == f'"1.{sha256(whole.content).hexdigest()}"', "strong, of the version and its very bytes"
    answer = report.get(at, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert report.head(at).headers["ETag"] == tag
    others = {report.get(f"{AT}/rendering?format={other}").headers["ETag"] for other in FORMATS if other != name}
    assert tag not in others | {report.get(AT).headers["ETag"]}
    patch(report, "normal")
    again = report.get(at, headers={"If-None-Match": tag})
    assert again.status_code == 200 and again.content != whole.content


def test_what_was_signed_is_in_hand_for_good(report: TestClient) -> None:  # 2, 4
    text = {"Accept": "text/plain"}
    patch(report, "normal")
    version = report.post(f"{AT}/sign", json=SEEN).json()["version"]
    tag = report.get(AT, headers=text).headers["ETag"]
    ways = (AT, f"{AT}?version=signed", f"{AT}/versions/{version}", f"{AT}/rendering?version={version}")
    assert [report.get(one, headers=text | {"If-None-Match": tag}).status_code for one in ways] == [304] * 4
    assert report.post(f"{AT}/revision", json={"kind": "amended", "reason": "more"}).status_code == 200
    patch(report, "other")
    assert report.get(AT, headers=text | {"If-None-Match": tag}).status_code == 304, "the revision is open"
    report.post(f"{AT}/sign", json=SEEN)
    held = [report.get(one, headers=text | {"If-None-Match": tag}).status_code for one in ways]
    assert held == [200, 200, 304, 304]


def test_the_log_says_which_version_of_a_rendering_is_in_hand(report: TestClient) -> None:  # 3, 4
    at = f"{AT}/rendering?format=text"
    tag = report.get(at).headers["ETag"]
    asked(report, at, tag)
    found = report.get(f"{V1}/audit?action=render&order=oldest").json()["events"]
    said = [(one["version"], json.loads(one["detail"]).get("unchanged", False)) for one in found]
    assert said == [(1, False), (1, True)]
