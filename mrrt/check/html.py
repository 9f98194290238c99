"""Rule H1: the page is HTML without errors."""

from __future__ import annotations

from collections.abc import Iterator

from mrrt.check.html_tokens import token_faults
from mrrt.check.html_tree import tree_faults
from mrrt.check.rules import Finding, Subject, rule
from mrrt.problems import Severity


@rule(
    "H1",
    "The page is HTML without parse errors: tags nest and are closed, attributes and references are well written.",
    source="D",
    example="<td>5 < 10</p></td>",
    mend="Correct the markup at that place; browsers guess what was meant, and not all programs guess alike.",
    tolerant=Severity.WARNING,
)
def well_written(subject: Subject) -> Iterator[Finding]:
    faults = {*token_faults(subject.page), *tree_faults(subject.page)}
    for offset, message in sorted(faults):
        yield Finding(message, *subject.page.position(offset))
