"""What the files of the page may hold: little script, none inline, nothing from elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

WEB = ROOT / "web"
SCRIPTS = sorted(WEB.glob("*.js"))
IMPORT = re.compile(r'^import (?:[^"]* from )?"\./([\w.-]+)";', re.MULTILINE)
FORBIDDEN = {
    "markup from text": re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc)\b"),
    "code from text": re.compile(r"\beval\(|\bnew Function\("),
    "something from elsewhere": re.compile(r"https?://(?!www\.w3\.org/)"),
}


def sent_for(*modules: str) -> set[Path]:
    """Return the modules that a browser fetches for these: what they import, without what is imported when needed."""
    found: set[Path] = set()
    waiting = [WEB / name for name in modules]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [WEB / name for name in IMPORT.findall(path.read_text("utf-8"))]
    return found


@pytest.mark.parametrize("view", ["report-view.js", "start-view.js"])
def test_script_is_small(view: str) -> None:
    paths = sent_for("app.js", view)
    assert sum(len(gzip.compress(path.read_bytes())) for path in paths) < 60_000, "sent; the aim is 120 kB"
    assert sum(path.stat().st_size for path in paths) < 155_000, "read by the browser"


def test_every_module_is_used() -> None:
    texts = "".join(path.read_text("utf-8") for path in [*SCRIPTS, WEB / "index.html"])
    assert [path.name for path in SCRIPTS if path.name not in texts] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_modules_are_short_and_harmless(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 300
    assert [why for why, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_the_page_has_nothing_inline() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://", page)


@pytest.mark.parametrize("planted", ["a.innerHTML = b", "eval('1')", 'import "https://example.org/x.js"'])
def test_the_guard_catches_a_breach(planted: str) -> None:
    assert any(pattern.search(planted) for pattern in FORBIDDEN.values())


def test_every_text_has_both_languages() -> None:
    entries: list[tuple[str, str]] = []
    for path in [WEB / "strings.js", *WEB.glob("texts-*.js")]:
        strings = path.read_text("utf-8")
        table = strings[re.search(r"const TEXTS = \{|addTexts\(\{", strings).start() :]  # type: ignore[union-attr]
        table = table[: re.search(r"\n\}\)?;", table).start()]  # type: ignore[union-attr]
        entries += re.findall(r'^  "?([\w-]+)"?: \[(.*?)\],?$', table, re.MULTILINE | re.DOTALL)
    assert len(entries) > 200
    assert [name for name, texts in entries if len(re.findall(r'"[^"]*"', texts)) != 2] == []
    names = [name for name, _ in entries]
    assert sorted(names) == sorted(set(names)), "no text has two places"
    used = {name for path in SCRIPTS for name in re.findall(r'\bt\("([\w-]+)"', path.read_text("utf-8"))}
    assert used <= set(names)


def texts_of(path: Path) -> set[str]:
    """Return the names of the texts that a module defines."""
    defines = path.name == "strings.js" or path.name.startswith("texts-")
    return set(re.findall(r'^  "?([\w-]+)"?: \[', path.read_text("utf-8"), re.MULTILINE)) if defines else set()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_module_brings_the_texts_that_it_says(path: Path) -> None:
    """What is loaded later by somebody else is no help: the reader would see the name of the text."""
    room = "desk.js" if path.name.startswith(("site-", "template-")) else "report-view.js"
    there = {text for one in sent_for("app.js", room, path.name) for text in texts_of(one)}
    assert set(re.findall(r'\bt\("([\w-]+)"', path.read_text("utf-8"))) - there == set()
