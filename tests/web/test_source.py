"""What the files of the page may hold: little script, none inline, nothing from elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

WEB = ROOT / "web"
SCRIPTS = sorted(WEB.glob("*.js"))
FORBIDDEN = {
    "markup from text": re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc)\b"),
    "code from text": re.compile(r"\beval\(|\bnew Function\("),
    "something from elsewhere": re.compile(r"https?://(?!www\.w3\.org/)"),
}


def test_script_is_small() -> None:
    assert sum(path.stat().st_size for path in SCRIPTS) < 104_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in SCRIPTS) < 43_000, "as a compressing server sends it"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_modules_are_short_and_harmless(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) < 250
    assert [why for why, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def test_the_page_has_nothing_inline() -> None:
    page = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://", page)


@pytest.mark.parametrize("planted", ["a.innerHTML = b", "eval('1')", 'import "https://example.org/x.js"'])
def test_the_guard_catches_a_breach(planted: str) -> None:
    assert any(pattern.search(planted) for pattern in FORBIDDEN.values())


def test_every_text_has_both_languages() -> None:
    strings = (WEB / "strings.js").read_text("utf-8")
    table = strings[strings.index("const TEXTS") : strings.index("\n};")]
    entries = re.findall(r"^  (\w+): \[(.*?)\],?$", table, re.MULTILINE | re.DOTALL)
    assert len(entries) > 80
    assert [name for name, texts in entries if len(re.findall(r'"[^"]*"', texts)) != 2] == []
    used = {name for path in SCRIPTS for name in re.findall(r'\bt\("(\w+)"', path.read_text("utf-8"))}
    assert used <= {name for name, _ in entries}
