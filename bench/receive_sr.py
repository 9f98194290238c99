"""How many SR documents a second arrive from stock storescu: at our receiver, and at a stock pynetdicom SCP.

    .venv/bin/python bench/receive_sr.py [COUNT]

Documents of three sizes, COUNT (500) of each in one association (COUNT / 10 for the stock SCP), on loopback, in one
run. "At best" is our receiver answering without keeping anything, so mostly storescu reading and sending files. Ours
answers when the object is committed to its database with synchronous FULL, and imports it afterwards: how
many are imported a second, first to last, is shown, too. The stock SCP decodes nothing and keeps nothing. storescu
looks into all files before it sends the first one; that time is measured by itself (nothing listens) and taken off
for everybody.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from reporting.receiving.records import Entry, State  # noqa: E402
from reporting.store import Store, open_store  # noqa: E402
from tests.sr_writer import Carotid, write  # noqa: E402

STOCK = """
import sys
from pynetdicom import AE, AllStoragePresentationContexts, evt
ae = AE("MRRT")
ae.supported_contexts = AllStoragePresentationContexts
server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, lambda event: 0)])
print("listens for DICOM on 127.0.0.1:%d" % server.server_address[1], file=sys.stderr, flush=True)
sys.stdin.read()
"""
AT_BEST = """
import sys
from datetime import UTC, datetime
from reporting.config import Settings
from reporting.receiving.dicom import DicomService
from reporting.receiving.inbox import Inbox
from reporting.store import open_store
site = Settings(dicom_port=0, database_url=sys.argv[1])
service = DicomService(site, Inbox(open_store(site.database_url), lambda: datetime.now(UTC)))
service._stored = lambda request, device: 0
service.start()
print("listens for DICOM on 127.0.0.1:%d" % service.port, file=sys.stderr, flush=True)
sys.stdin.read()
"""

SAMPLES = (0, 1, 6)
"""Samples for each velocity of the documents; 0 stands for one velocity on each side."""
WARM = 20
"""Objects that are sent and imported before the others, which count."""
FEW = {("right", "ica", "prox"): (336.0, 126.0), ("left", "ica", "prox"): (80.0, 30.0)}


def files(folder: Path, samples: int, count: int) -> list[Path]:
    """Write documents of one size."""
    paths = [folder / f"{samples}-{number}.dcm" for number in range(count)]
    for path in paths:
        made = Carotid(instance=path.stem, samples=samples or 1)
        path.write_bytes(write(made if samples else replace(made, velocities=FEW, ratios={})))
    return paths


@contextmanager
def listening(command: Sequence[str], log: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a receiver; yields it with its port."""
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stream)
    try:
        until = time.monotonic() + 60
        while not (found := re.search(r"127\.0\.0\.1:(\d+)", log.read_text(encoding="utf-8"))):
            if time.monotonic() > until or process.poll() is not None:
                raise SystemExit(f"the receiver did not start: {log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        yield process, found[1]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def sent(port: str, paths: Sequence[Path]) -> float:
    """Send files in one association and return the seconds it took, less those before the first was sent."""
    return _storescu(port, paths, True) - _storescu("1", paths, False)


def _storescu(port: str, paths: Sequence[Path], listens: bool) -> float:
    program = shutil.which("storescu")
    if program is None:
        raise SystemExit("storescu of dcmtk is not installed")
    start = time.perf_counter()
    command = [program, "-R", "-aec", "MRRT", "127.0.0.1", port, *map(str, paths)]
    done = subprocess.run(command, check=False, capture_output=True)
    if listens and done.returncode:
        raise SystemExit(done.stderr.decode())
    return time.perf_counter() - start


def ours(folder: Path, paths: Sequence[Path]) -> tuple[float, float]:
    """Return how many objects were acknowledged and imported in a second."""
    address = f"sqlite:///{folder / 'mrrt.sqlite'}"
    command = [sys.executable, "-m", "reporting.cli", "receive", "--port", "0", "--database-url", address]
    with listening(command, folder / "ours.log") as (_, port):
        sent(port, paths[:WARM])
        store = open_store(address)
        imported(store, WARM)  # both processes are at work, as they are for all but the first objects of a day
        took = sent(port, paths[WARM:])
        done = imported(store, len(paths))[WARM:]
        store.close()
    first = min(entry.received_at for entry in done)
    last = max(entry.settled_at or "" for entry in done)
    span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return len(done) / took, len(done) / span.total_seconds()


def imported(store: Store, count: int) -> list[Entry]:
    """Wait until so many objects are imported, and return them in the order in which they came."""
    while True:
        with store.reading() as transaction:
            done = transaction.entries((State.IMPORTED,), 100_000)
        if len(done) == count:
            return sorted(done, key=lambda entry: entry.id)
        time.sleep(0.1)


def other(script: str, folder: Path, paths: Sequence[Path]) -> float:
    """Return how many objects a receiver that keeps nothing acknowledges in a second."""
    command = [sys.executable, "-c", script, f"sqlite:///{folder / 'other.sqlite'}"]
    with listening(command, folder / "other.log") as (_, port):
        sent(port, paths[:1])
        return len(paths) / sent(port, paths)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; objects a second")
    print(f"{'size':>8}{'acknowledged':>14}{'imported':>10}{'at best':>9}{'stock SCP':>11}{'ratio':>7}")
    for samples in SAMPLES:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            paths = files(folder, samples, count + WARM)
            (acknowledged, imported), best = ours(folder, paths), other(AT_BEST, folder, paths)
            plain = other(STOCK, folder, paths[: count // 10])
            size = f"{paths[0].stat().st_size / 1000:.0f} kB"
            ratio = acknowledged / plain
            print(f"{size:>8}{acknowledged:>14.0f}{imported:>10.0f}{best:>9.0f}{plain:>11.0f}{ratio:>7.1f}")


if __name__ == "__main__":
    main()
