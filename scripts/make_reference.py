"""Writes docs/reference/problems.md from the tables of rules; with --check it only says whether that is needed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import sr_import.rules
from mrrt.check import RULES
from mrrt.check.rules import Rule
from mrrt.mend.left import LEFT
from mrrt.mend.table import MENDERS

TARGET = Path(__file__).parent.parent / "docs" / "reference" / "problems.md"
HEAD = """# Problems

What `mrrt` can find wrong, by rule. Every problem carries its rule, a severity, a place, and how to mend it. This page
is made by `scripts/make_reference.py` from the tables that the program itself uses.

Problems of logic files (L) and of values (V, C) are listed with [logic.yaml](logic-yaml.md).
"""
TEMPLATES = """
## Templates

`mrrt check` has two profiles. `tolerant` (the default) calls an error only what makes a template unusable; `mrrt`
judges by the letter of the profile. The letter in brackets says whence a rule is known: S samples of IHE, D the
guideline of the German radiological society, E the EasyRad implementation, X the OpenMRS schema, J django-mrrt, L a
slide deck, R inferred from real templates.

D is about the document, H about its HTML, M about metadata, X about the XML block, S about sections, F about fields,
N about templates in templates and conditions, K about what fields mean. Some breaches of a rule weigh less than the
table says: what is merely spelled in an older way is information, whatever the rule.

Rules marked "in composition" are found where [pages are put together](composition.md): on import, when a report is
made, and never in a page alone.

T0 (error) stands for a file that cannot be read at all: it is missing, no HTML, too large or nested too deep. It has no
place in a page, and its message says what was expected instead; `mrrt check` ends with exit code 3. Conditions that a
page carries as attributes are held to the rules L20 to L22 of [logic.yaml](logic-yaml.md), as warnings.

The last column says whether `mrrt check --fix` mends it, and what it leaves and why.
"""
LETTERS = "DHMXSFNK"
DOCUMENTS = """
## DICOM SR, bindings and matching

SR: a received document. SB: a bindings file. SM: the matching of the two.
"""


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def mended(rule: str) -> str:
    """Return what mending does about a rule."""
    left = LEFT.get(rule, "").replace("<", "&lt;").replace("& ", "&amp; ")
    if any(mender.rule == rule for mender in MENDERS):
        return f"in part: {left}" if left else "yes"
    return f"no: {left}"


def composing(rule: Rule) -> str:
    """Return when a rule is found broken, if not in a page alone."""
    if not rule.composing:
        return ""
    return " (in a page, and in composition)" if rule.find else " (in composition)"


def page() -> str:
    rules = sorted(RULES.values(), key=lambda rule: (LETTERS.index(rule.id[0]), int(rule.id[1:])))
    checks = (
        (
            *(r.id, r.tolerant, r.mrrt, f"{r.description} [{r.source}]{composing(r)}", f"`{r.example}`"),
            *(r.mend.replace("<", "&lt;"), mended(r.id)),
        )
        for r in rules
    )
    imports = ((r.id, r.severity, r.what, r.mend) for r in sr_import.rules.RULES)
    return (
        HEAD
        + TEMPLATES
        + "\n"
        + table(("rule", "tolerant", "mrrt", "what", "broken", "how to mend it", "`--fix`"), checks)
        + DOCUMENTS
        + "\n"
        + table(("rule", "severity", "what", "how to mend it"), imports)
    )


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(TARGET.read_text(encoding="utf-8") != page())
    TARGET.write_text(page(), encoding="utf-8")
