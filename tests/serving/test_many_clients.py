"""Many clients edit the same few drafts: no update is lost, every conflict is answered 412.

MRRT_CLIENTS sets how many there are (12 without it; 50 is the long run).
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from ..reporting.backends import BACKEND
from .server import free_port, serving

CLIENTS = int(os.environ.get("MRRT_CLIENTS", "12"))
DRAFTS, EDITS = 10, 12


def edit(
    http: httpx.Client, drafts: list[str], name: int, taken: Counter[tuple[str, int]], answers: Counter[int]
) -> None:
    """Edit drafts in turn, each time from the version that was read; a conflict reads again and tries again."""
    for number in range(EDITS):
        report = drafts[(name + number) % len(drafts)]
        version = int(http.get(f"/reports/{report}").headers["ETag"].strip('"'))
        while True:
            edits = {"edits": [{"field": "conclusion", "value": f"client {name} edit {number}"}]}
            answer = http.patch(f"/reports/{report}", json=edits, headers={"If-Match": f'"{version}"'})
            answers[answer.status_code] += 1
            if answer.status_code == 200:
                taken[report, answer.json()["version"]] += 1
                break
            assert answer.status_code == 412, answer.text
            assert answer.json()["version"] > version and answer.headers["ETag"].strip('"').isdigit()
            version = answer.json()["version"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_update_is_lost(kind: str, tmp_path: Path) -> None:
    BACKEND.name = kind
    database, port = BACKEND.url(tmp_path), free_port()
    BACKEND.name = "sqlite"
    taken: Counter[tuple[str, int]] = Counter()
    answers: Counter[int] = Counter()
    errors: list[Exception] = []
    base = f"http://127.0.0.1:{port}/api/v1"

    def run(name: int) -> None:
        try:
            with httpx.Client(base_url=base, timeout=60) as http:
                edit(http, drafts, name, taken, answers)
        except Exception as error:  # noqa: BLE001  # it is raised in the thread of the test
            errors.append(error)

    with serving(tmp_path / "log", database, port), httpx.Client(base_url=base, timeout=60) as http:
        drafts = [http.post("/reports", json={"template": "tiny-carotid"}).json()["id"] for _ in range(DRAFTS)]
        threads = [threading.Thread(target=run, args=(name,)) for name in range(CLIENTS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
        versions = {report: http.get(f"/reports/{report}").json()["version"] for report in drafts}
    assert errors == []
    rate = answers[200] / took
    print(f"{kind}: {CLIENTS} clients, {answers[200]} edits, {answers[412]} conflicts, {rate:.0f} edits/s")  # noqa: T201
    assert set(answers) <= {200, 412} and answers[200] == CLIENTS * EDITS and answers[412] > 0
    assert set(taken.values()) == {1}, "two clients were told that they made the same version"
    assert sum(versions.values()) == DRAFTS + CLIENTS * EDITS, "an acknowledged edit made no version"
