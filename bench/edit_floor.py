"""What an edit costs if its evaluation costs nothing: how much of the trivial route's throughput is within reach.

    .venv/bin/python bench/edit_floor.py [SECONDS]

Needs wrk (Debian package). As bench/serve_reports.py, with 8 connections and one worker; but the server evaluates two
edits, and from then on takes what they led to again and again: derived values, canonical text, rows and differences
cost nothing. What is left is HTTP, the guard, the transaction with its audit event, digest and commit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import uvicorn

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).parent))

import serve_reports as bench  # noqa: E402

from api.app import from_environment  # noqa: E402
from reporting import store_transaction, workflow  # noqa: E402
from reporting.draft import Draft  # noqa: E402
from tests.reporting.backends import Backend  # noqa: E402
from tests.reporting.site import TEMPLATES  # noqa: E402


class Repeated:
    """A function that is called for the first states of a draft, and then says again what it said of them."""

    def __init__(self, function: Callable[..., Any], place: int) -> None:
        self._function, self._place, self._said = function, place, dict[int, Any]()

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function says of the draft among the arguments, called once for each."""
        state = id(arguments[self._place])
        if state not in self._said:
            self._said[state] = arguments, self._function(*arguments)  # the arguments stay, so that no id comes again
        return self._said[state][1]


def _alternating() -> Callable[..., Draft]:
    """Return what takes the place of `edited`: of two states of a draft it returns the other one."""
    states: list[Draft] = []
    evaluate = workflow.edited

    def edited(draft: Draft, template: Any, edits: Any) -> Draft:
        if len(states) < 2:
            states.append(evaluate(draft, template, edits))
            return states[-1]
        return states[1] if draft is states[0] else states[0]

    return edited


def _serve(port: int) -> None:
    workflow.edited = _alternating()
    workflow.changes = Repeated(workflow.changes, 0)
    store_transaction.canonical = Repeated(store_transaction.canonical, 0)
    store_transaction.changed_rows = Repeated(store_transaction.changed_rows, 1)
    uvicorn.run(from_environment(), host="127.0.0.1", port=port, log_config=None, access_log=False)


def _measure(name: str, folder: Path) -> tuple[float, float]:
    port = bench.free_port()
    around = {
        **os.environ,
        "MRRT_DATABASE_URL": Backend(name, durable=True).url(folder),
        "MRRT_TEMPLATES": str(TEMPLATES),
    }
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, __file__, str(bench.SECONDS), "--serve", str(port)], env=around, stdout=log, stderr=log
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=60) as http:
            _wait(http, server)
            drafts = ", ".join(f'"{bench.draft(http)}"' for _ in range(bench.CONNECTIONS))
        script, root = folder / "edit.lua", f"http://127.0.0.1:{port}"
        script.write_text(bench.WRK % drafts)
        bench.wrk(root, script)
        return bench.per_second(bench.wrk(root, script)), bench.per_second(bench.wrk(f"{root}/healthz"))
    finally:
        server.kill()
        server.wait()


def _wait(http: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            if http.get("/health").json()["templates"]["ready"]:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not start")


def main() -> None:
    print(f"{bench.SECONDS} s each\n               edits/s  trivial/s  share")
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="mrrt-bench-") as folder:
            edits, trivial = _measure(name, Path(folder))
        print(f"{name:<12}{edits:>10.0f}{trivial:>11.0f}{edits / trivial:>7.2f}", flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[3])) if sys.argv[2:3] == ["--serve"] else main()
