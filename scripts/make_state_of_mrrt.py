"""Writes docs/explanation/state-of-mrrt.md from the corpus in ../shared; --check only says whether it is stale."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from mrrt.check import RULES, check
from mrrt.mend import mend
from mrrt.mend.left import LEFT

ROOT = Path(__file__).parent.parent
CORPUS = ROOT.parent / "shared" / "corpus" / "mrrt"
TARGET = ROOT / "docs" / "explanation" / "state-of-mrrt.md"
HEAD = """# The state of MRRT

What `mrrt check` finds in {count} templates of the German radiological society, and what is left of it after
`mrrt check --fix`. Figures are files, problems in brackets. Made by `scripts/make_state_of_mrrt.py`.

| rule | what | before | after | why the rest stays |
|---|---|---|---|---|
"""


def page() -> str:
    files: dict[str, Counter[str]] = {"before": Counter(), "after": Counter()}
    problems: dict[str, Counter[str]] = {"before": Counter(), "after": Counter()}
    paths = sorted(CORPUS.glob("*.html"))
    for path in paths:
        source = path.read_bytes()
        for when, found in (("before", check(source, path.name)), ("after", mend(source, path.name).left)):
            files[when].update({problem.rule for problem in found})
            problems[when].update(problem.rule for problem in found)
    rows = []
    for rule in RULES.values():
        if files["before"][rule.id] or files["after"][rule.id]:
            figures = (f"{files[when][rule.id]} ({problems[when][rule.id]})" for when in ("before", "after"))
            why = LEFT.get(rule.id, "") if files["after"][rule.id] else ""
            cells = (rule.id, rule.description, *figures, why.replace("<", "&lt;"))
            rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    sums = " | ".join(str(problems[when].total()) for when in ("before", "after"))
    return HEAD.format(count=len(paths)) + "".join(rows) + f"| all | problems | {sums} | |\n"


if __name__ == "__main__":
    if not CORPUS.is_dir():
        print("the corpus (../shared) is not on this machine; nothing was made")
    elif "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != page())
    else:
        TARGET.write_text(page(), encoding="utf-8")
