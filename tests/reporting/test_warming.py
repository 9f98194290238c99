"""Templates are compiled ahead: each once, in the background, without holding anybody up.

1. The state tells how far it is; stopping ends it after the template in hand.
2. A template that cannot be compiled, or a mistake of ours, ends neither the thread's work nor the server.
3. Two threads that ask for the same template get the same one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from structlog.testing import capture_logs

from reporting.catalogue import installed_cards
from reporting.templates import compiled
from reporting.warming import Warming
from templates_lib.loader import installed, locate_installed

from ..conftest import ROOT
from .site import TEMPLATES

COMPOSE = ROOT / "tests" / "fixtures" / "compose"


class Steps:
    """Work whose every step waits until the test lets it go on."""

    def __init__(self, steps: int) -> None:
        self.go = [threading.Event() for _ in range(steps)]
        self.begun = [threading.Event() for _ in range(steps)]

    def __iter__(self) -> Iterator[int]:
        for number, go in enumerate(self.go):
            self.begun[number].set()
            assert go.wait(20)
            yield number


def test_state_and_end() -> None:  # 1
    steps = Steps(2)
    warming = Warming(steps)
    warming.start()
    assert steps.begun[0].wait(20)
    assert (warming.state.ready, warming.state.compiled) == (False, 0)
    steps.go[0].set()
    assert steps.begun[1].wait(20)
    assert (warming.state.ready, warming.state.compiled) == (False, 1)
    steps.go[1].set()
    warming.stop()
    assert warming.state.compiled == 2


def test_stopping_leaves_the_rest() -> None:  # 1
    steps = Steps(3)
    warming = Warming(steps)
    warming.start()
    assert steps.begun[0].wait(20)
    threading.Timer(0.05, steps.go[0].set).start()
    warming.stop()
    assert not steps.begun[1].is_set() and not warming.state.ready


def test_a_mistake_of_ours_is_logged_and_the_server_goes_on() -> None:  # 2
    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("a page about GARCIA")

    warming = Warming(broken())
    with capture_logs() as lines:
        warming.start()
        warming.stop()
    assert warming.state.compiled == 1
    assert [line["event"] for line in lines] == ["templates not compiled ahead"]
    assert lines[0]["exception"] == "RuntimeError" and "GARCIA" not in str(lines)


def test_a_broken_template_stops_nothing(tmp_path: Path) -> None:  # 2
    for name in ("aaa", "zzz"):
        (tmp_path / name).mkdir()
    (tmp_path / "aaa" / "template.html").write_text("no page at all")
    (tmp_path / "zzz" / "template.html").write_bytes((TEMPLATES / "tiny-carotid" / "template.html").read_bytes())
    warming = Warming(installed_cards((tmp_path,)))
    warming.start()
    for _ in range(200):
        if warming.state.ready:
            break
        threading.Event().wait(0.1)
    warming.stop()
    assert warming.state.ready and warming.state.compiled == len(installed((tmp_path,)))


def test_pages_in_folders_are_put_together_for_the_list(tmp_path: Path) -> None:  # 2
    for name in ("liver", "cyst", "tumour", "signs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "template.html").write_bytes((COMPOSE / f"{name}.html").read_bytes())
    cards = {card.summary.name: card.summary for card in installed_cards((tmp_path,))}
    assert cards["liver"].title == "CT Liver" and cards["liver"].problems == ()


def test_the_same_template_is_compiled_once_for_all_threads() -> None:  # 3
    source = locate_installed("tiny-carotid", (TEMPLATES,))
    fresh = replace(source, html=source.html + b"<!-- not seen before -->")
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda _: compiled(fresh), range(12)))
    assert len({id(one) for one in made}) == 1
