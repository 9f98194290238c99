"""Writes two parts of docs/reference/feel.md: the functions that there are, and the figures of the conformance kit.

The second part needs the kit: give the folder that holds run_tck.py and dmn-tck. Without it that part is kept.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from mrrt.feel.builtins import BUILTINS
from mrrt.feel.builtins.registry import Signature

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "docs" / "reference" / "feel.md"
MARK = "## Conformance\n"
FUNCTIONS = "## Functions\n"
CHAPTERS = {
    "booleans": "Booleans",
    "strings": "Strings",
    "numbers": "Numbers",
    "lists": "Lists",
    "statistics": "Lists reduced to a value",
    "contexts": "Contexts",
    "dates": "Dates, times and durations",
    "ranges": "Ranges",
}
MISSES = {
    "3/1111-feel-matches-function/1111-feel-matches-function-test-01.xml#K2-MatchesFunc-17/K2-MatchesFunc-17": (
        "a back-reference, which RE2 leaves out so that no pattern can take for ever"
    ),
}
"""What of the kit is missed, and why. A miss that is not listed here keeps the page from being written."""


def page(kit: Path | None) -> str:
    """Return the page: what people wrote before its functions is kept, and without the kit its figures too."""
    text = TARGET.read_text(encoding="utf-8")
    figures = conformance(results(kit)) if kit else text[text.index(MARK) :]
    return text[: text.index(FUNCTIONS)] + functions() + figures


def functions() -> str:
    lines = [FUNCTIONS, "\n", "Brackets stand around what may be left out.\n", "\n"]
    for module, title in CHAPTERS.items():
        found = [
            _call(name, signature)
            for name, builtin in sorted(BUILTINS.items())
            for signature in builtin.signatures
            if signature.function.__module__.endswith("." + module)
        ]
        lines.append(f"**{title}**: {', '.join(dict.fromkeys(found))}.\n\n")
    return "".join(lines)


def _call(name: str, signature: Signature) -> str:
    needed = len(signature.parameters) - signature.optional
    parts = [part if place < needed else f"[{part}]" for place, part in enumerate(signature.parameters)]
    more = ", ..." if signature.variadic or signature.items else ""
    return f"`{name}({', '.join(parts)}{more})`"


def results(kit: Path) -> list[dict[str, Any]]:
    """Run the kit and return its rows."""
    engine = f"{Path(sys.prefix) / 'bin' / 'mrrt'} dmn serve"
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "results.json"
        command = [sys.executable, str(kit / "run_tck.py"), "--root", str(kit / "dmn-tck")]
        subprocess.run([*command, "--engine-cmd", engine, "--out", str(out)], check=True, stdout=subprocess.DEVNULL)
        rows: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["rows"]
    return rows


def conformance(rows: list[dict[str, Any]]) -> str:
    """Return the figures by folder; what expects null is counted apart, as an engine without answers passes it."""
    whole, passed, solid, solid_passed = Counter(), Counter(), Counter(), Counter()
    for row in rows:
        for key in ((row["level"], row["folder"]), (row["level"], "all")):
            whole[key] += 1
            passed[key] += row["pass"]
            solid[key] += not row["nil"]
            solid_passed[key] += row["pass"] and not row["nil"]
    lines = [
        MARK,
        "\n",
        _INTRODUCTION,
        "\n",
        "| level | folder | results | of these not null |\n",
        "|---|---|---|---|\n",
    ]
    for key in sorted(whole, key=lambda one: (one[0], one[1] != "all", one[1])):
        counts = f"{passed[key]} of {whole[key]} | {solid_passed[key]} of {solid[key]}"
        lines.append(f"| {key[0]} | {key[1]} | {counts} |\n")
    return "".join([*lines, *_misses(rows)])


def _misses(rows: list[dict[str, Any]]) -> list[str]:
    """Return what is missed, each with its reason; raises KeyError on a miss without one."""
    missed = sorted(row["key"] for row in rows if not row["pass"])
    told = [f"- `{key.rpartition('#')[2]}` of {key.split('/')[1]}: {MISSES[key]}.\n" for key in missed]
    return ["\n", "Missed:\n", "\n", *told] if told else []


_INTRODUCTION = """Figures of the DMN Technology Compatibility Kit, for the folders that were at hand. Cases that
expect null are counted in the first figure only: an engine that never answers would pass them.
"""

if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    text = page(Path(arguments[0]) if arguments else None)
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
