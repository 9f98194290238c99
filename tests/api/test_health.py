"""`/health` says whether the server works, and how far its templates are compiled; it never waits for them."""

from __future__ import annotations

import time
from pathlib import Path

from api.app import create_app

from ..reporting.site import TINY, site
from .conftest import OWN, V1, TestClient

MANY = 40


def test_the_server_answers_while_templates_are_compiled(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    page = (TINY / "template.html").read_text("utf-8")
    for number in range(MANY):
        (folder / f"t{number:02}").mkdir(parents=True)
        changed = page.replace("1.2.3.4.5", f"2.25.77{number:02}").replace("</body>", f"<p>{time.time_ns()}</p></body>")
        (folder / f"t{number:02}" / "template.html").write_text(changed, "utf-8")
    app = create_app(site(tmp_path, templates=(folder,)))
    with TestClient(app, OWN) as client:
        first = client.get(f"{V1}/health").json()
        assert first["status"] == "ok" and first["templates"]["compiled"] < MANY and not first["templates"]["ready"]
        states = [first["templates"]]
        while not states[-1]["ready"]:
            states.append(client.get(f"{V1}/health").json()["templates"])
        counts = [state["compiled"] for state in states]
        assert counts == sorted(counts) and counts[-1] >= MANY
        began = time.perf_counter()
        assert len(client.get(f"{V1}/templates").json()) == counts[-1]
        assert time.perf_counter() - began < 2


def test_a_server_that_ends_early_ends_at_once(tmp_path: Path) -> None:
    began = time.perf_counter()
    with TestClient(create_app(site(tmp_path)), OWN) as client:
        assert client.get(f"{V1}/health").status_code == 200
    assert time.perf_counter() - began < 20
