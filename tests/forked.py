"""`mrrt` as a process of its own, without the seconds that Python needs to import everything anew each time.

A parent that has imported the program waits at a socket; every run is a fork of it with arguments, environment, folder
and streams of its own. What is left out is the start of Python itself, which the servers of the tests and the tutorial
still go through. Run as a program this file is the command `mrrt` for shells: `forked.py SOCKET ARGUMENTS...`.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
_SECONDS = 120
"""A command that takes longer is killed, and has the exit code of that."""
_KILLED = 137


def _serve(address: str) -> None:
    import signal
    import warnings

    from reporting import cli

    for module in sorted((ROOT / "reporting").glob("cli_*.py")):
        __import__(f"reporting.{module.stem}")
    for name in ("reporting.store", "reporting.library", "alembic.command"):
        __import__(name)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, "a program with threads cannot be forked"
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"{address}.new")
        listener.listen(64)
        Path(f"{address}.new").rename(address)  # it is there only when it answers
        while True:
            connection, _ = listener.accept()
            if os.fork():
                connection.close()
                continue
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            given, streams = _received(connection)
            signal.alarm(_SECONDS)
            if "error" in given["environment"].get("PYTHONWARNINGS", ""):
                warnings.simplefilter("error")
            code = _run(cli.main, given, streams)
            connection.sendall(bytes([code]))
            os._exit(code)


def _received(connection: socket.socket) -> tuple[dict[str, Any], list[int]]:
    fds = array.array("i")
    data, more, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * fds.itemsize))
    for level, kind, content in more:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    while not data.endswith(b"\n"):
        data += connection.recv(1 << 20)
    return json.loads(data), list(fds)


def _run(main: Callable[[], None], given: Mapping[str, Any], streams: list[int]) -> int:
    os.environ.clear()
    os.environ.update(given["environment"])
    os.chdir(given["folder"])
    time.tzset()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.argv = ["mrrt", *given["arguments"]]
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", errors=errors, closefd=False)  # noqa: SIM115  # as Python's own streams
        for number, (mode, errors) in enumerate([("r", "strict"), ("w", "strict"), ("w", "backslashreplace")])
    )
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    else:
        code = 0
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError):
            stream.flush()
    return code


def _ask(address: str, arguments: list[str], folder: str, environment: Mapping[str, str], streams: list[int]) -> int:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(address)
        given = {"arguments": arguments, "folder": folder, "environment": dict(environment)}
        data = json.dumps(given).encode() + b"\n"
        sent = connection.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams).tobytes())])
        connection.sendall(data[sent:])
        answer = connection.recv(1)
    return answer[0] if answer else _KILLED


_address = ""


def address() -> str:
    """Return the socket of the parent of this test process, which is started when it is first asked for."""
    global _address  # noqa: PLW0603  # one parent for each process of the tests
    if not _address:
        folder = Path(tempfile.mkdtemp(prefix="mrrt-forked-"))
        _address = str(folder / "socket")
        process = subprocess.Popen([sys.executable, __file__, "serve", _address], cwd=ROOT)

        def stop() -> None:
            process.kill()
            process.wait()
            Path(_address).unlink(missing_ok=True)
            folder.rmdir()

        atexit.register(stop)
        until = time.monotonic() + 120
        while not Path(_address).exists():
            assert process.poll() is None and time.monotonic() < until, "the parent of forked programs did not start"
            time.sleep(0.02)
    return _address


def forked(
    *arguments: object, folder: Path = ROOT, environment: Mapping[str, str] | None = None, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `mrrt` with arguments, and return its exit code and what it wrote."""
    words = [str(one) for one in arguments]
    around = os.environ if environment is None else environment
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        into.write(given.encode())
        into.seek(0)
        code = _ask(address(), words, str(folder), around, [into.fileno(), out.fileno(), err.fileno()])
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode("utf-8", "replace").replace("\r\n", "\n"))
    return subprocess.CompletedProcess(["mrrt", *words], code, *texts)


def command(folder: Path) -> Path:
    """Write the command `mrrt` for shells into a folder, and return the folder; servers are started the long way."""
    program = Path(sys.prefix) / "bin" / "mrrt"
    short = folder / "mrrt"
    short.write_text(
        f'#!/bin/sh\ncase "$1" in serve|receive) exec "{program}" "$@";; esac\n'
        f'exec "{sys.executable}" -S -E "{__file__}" "{address()}" "$@"\n'
    )
    short.chmod(0o755)
    return folder


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        sys.path.insert(0, str(ROOT))
        _serve(sys.argv[2])
    sys.exit(_ask(sys.argv[1], sys.argv[2:], str(Path.cwd()), os.environ, [0, 1, 2]))
