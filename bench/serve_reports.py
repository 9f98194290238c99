"""How long one edit takes over HTTP, how many a second, beside a route that does nothing; and whole reports a second.

    .venv/bin/python bench/serve_reports.py [SECONDS]

Needs wrk (Debian package). `mrrt serve` on loopback, with SQLite and PostgreSQL, one worker and two; every commit waits
for the disk as it does in the field (SQLite synchronous FULL; PostgreSQL fsync on). For each of the four:

- `edit`: wrk with one connection, one after the other: PATCH of a velocity of a carotid report that is filled from
  an SR; in milliseconds at the client.
- `edits/s`: wrk with 8 connections, each on a report of its own; `trivial/s`: wrk on /healthz in the same way;
  `share` is the ratio of the two. wrk takes a core of the machine for itself, in both.
- `reports/s`: create from a document, edit, sign, fetch as text; 4 clients at a time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.reporting.backends import Backend  # noqa: E402
from tests.serving.server import free_port, serving  # noqa: E402

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
CONNECTIONS = 8
SAMPLE = (ROOT / "sr_import" / "samples" / "carotid-example.dcm").read_bytes()
WRK = """
local reports = {%s}
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
local turn = 0
function request()
  turn = turn + 1
  local report = reports[(turn + number * 4) %% #reports + 1]
  local body = string.format('{"edits": [{"field": "right_ica_prox_psv", "value": "%%d"}]}', 100 + (turn * 37) %% 300)
  return wrk.format("PATCH", "/api/v1/reports/" .. report, {["Content-Type"] = "application/json"}, body)
end
function done(summary, latency)
  io.write(string.format("percentiles %%f %%f\\n", latency:percentile(50) / 1000, latency:percentile(95) / 1000))
end
"""


def wrk(address: str, script: Path | None = None, connections: int = CONNECTIONS) -> str:
    """Return what wrk says; every answer must be a success."""
    more = ["-s", str(script)] if script else []
    size = [f"-t{min(connections, 2)}", f"-c{connections}", f"-d{SECONDS}s"]
    said = subprocess.run(
        ["wrk", *size, "--timeout", "30s", *more, address], capture_output=True, text=True, check=True
    ).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    return said


def numbers(pattern: str, said: str) -> list[float]:
    found = re.search(pattern, said)
    assert found, said
    return [float(text) for text in found.groups()]


def per_second(said: str) -> float:
    return numbers(r"Requests/sec:\s*([\d.]+)", said)[0]


def draft(http: httpx.Client) -> str:
    uid = http.post("/documents", content=SAMPLE, headers={"Content-Type": "application/dicom"}).json()
    wanted = {"template": "us-carotid-duplex", "documents": [uid["sop_instance_uid"]], "language": "en"}
    answer = http.post("/reports", json=wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def whole(http: httpx.Client) -> None:
    """Create, edit, sign and render one report."""
    report = draft(http)
    edit = {"edits": [{"field": "right_plaque", "value": "present"}, {"field": "left_plaque", "value": "present"}]}
    assert http.patch(f"/reports/{report}", json=edit).status_code == 200
    alerts = http.get(f"/reports/{report}").json()["alerts"]
    seen = [{"rule": one["rule"], "field": one["field"], "reason": "Told."} for one in alerts]
    assert http.post(f"/reports/{report}/sign", json={"acknowledge": seen}).status_code == 200
    assert "stenosis" in http.get(f"/reports/{report}/rendering?format=text").text


def reports_per_second(base: str, clients: int = 4) -> float:
    made = [0] * clients
    until = time.perf_counter() + SECONDS

    def run(number: int) -> None:
        with httpx.Client(base_url=base, timeout=60) as http:
            while time.perf_counter() < until:
                whole(http)
                made[number] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(made) / SECONDS


def measured(database: str, workers: int, folder: Path) -> Sequence[float]:
    port = free_port()
    base = f"http://127.0.0.1:{port}/api/v1"
    settings = {"MRRT_WORKERS": str(workers)}
    with serving(folder / "log", database, port, **settings), httpx.Client(base_url=base, timeout=60) as http:
        while not http.get("/health").json()["templates"]["ready"]:
            time.sleep(0.2)
        for _ in range(workers * 4):
            whole(http)  # every worker has seen the template
        root, script = base.removesuffix("/api/v1"), folder / "edit.lua"
        script.write_text(WRK % f'"{draft(http)}"')
        wrk(root, script, connections=1)  # both workers have seen it
        one = wrk(root, script, connections=1)
        script.write_text(WRK % ", ".join(f'"{draft(http)}"' for _ in range(CONNECTIONS)))
        many = per_second(wrk(root, script))
        trivial = per_second(wrk(f"{root}/healthz"))
        made = reports_per_second(base)
    return *numbers(r"percentiles ([\d.]+) ([\d.]+)", one), many, trivial, many / trivial, made


def main() -> None:
    if not shutil.which("wrk"):
        raise SystemExit("wrk is not installed (Debian package wrk)")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {SECONDS} s each")
    print("                          edit p50    p95   edits/s  trivial/s  share  reports/s")
    for name in ("sqlite", "postgresql"):
        for workers in (1, 2):
            with tempfile.TemporaryDirectory(prefix="mrrt-bench-") as folder:
                database = Backend(name, durable=True).url(Path(folder))
                p50, p95, many, trivial, share, made = measured(database, workers, Path(folder))
            label = f"{name}, {workers} worker{'s' * (workers > 1)}"
            print(
                f"{label:<24}{p50:>8.1f}{p95:>9.1f}{many:>10.0f}{trivial:>11.0f}{share:>7.2f}{made:>11.1f}", flush=True
            )


if __name__ == "__main__":
    main()
