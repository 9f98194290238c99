"""The German words for what the program calls by names of its own, without a browser.

1. Whatever rule a problem at the template desk can carry has a sentence and a remedy in German.
2. The German texts are about rules that exist, and what they quote of markup is what the program says.
3. Whatever the audit log says of an event has a name at the site desk, and every read of patient data has one.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from api.read_log import READS
from mrrt.check import RULES
from sr_import.rules import RULES as IMPORT_RULES
from tests.conftest import ROOT

MODULE = ROOT / "web" / "rule-words.js"
ENTRY = re.compile(r'^    ([A-Z]+\d+): (\[".*"\]),$', re.MULTILINE)
RULE = re.compile(r"(?:[A-Z]|LC|SB)\d{1,2}")
PACKAGES = ("mrrt", "reporting", "sr_import")
OF_THE_TEMPLATE = {"V5"}
"""A constraint speaks in the words of the template, in its languages."""


def german() -> dict[str, list[str]]:
    entries = ENTRY.findall(MODULE.read_text("utf-8"))
    found = {rule: json.loads(texts) for rule, texts in entries}
    assert len(found) == len(entries), "a rule stands twice"
    return found


def rules_in(path: Path) -> Iterator[str]:
    """Yield what a module calls a rule: by their form, since only templates and imports keep theirs in a table."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and RULE.fullmatch(node.value):
            yield node.value


def rules_of_the_program() -> set[str]:
    modules = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return {rule for path in modules for rule in rules_in(path)}


def test_the_rules_are_found_as_they_are_known() -> None:  # 1
    found = rules_of_the_program()
    assert set(RULES) | {rule.id for rule in IMPORT_RULES if rule.id.startswith("SB")} <= found
    listed = re.findall(r"^\| ([A-Z]+\d+) \|", (ROOT / "docs/reference/logic-yaml.md").read_text("utf-8"), re.MULTILINE)
    assert {"L1", "Y2", "V4", "C2"} <= set(listed) <= found


def test_every_rule_has_its_words() -> None:  # 1, 2
    assert set(german()) == rules_of_the_program() - OF_THE_TEMPLATE


def test_the_words_are_whole_sentences() -> None:  # 2
    for rule, texts in german().items():
        assert len(texts) == 2, rule
        assert all(len(text) > 10 and text.endswith(".") for text in texts), rule


def test_what_is_quoted_is_what_the_program_says() -> None:  # 2
    """Names of elements, attributes and codes are not translated."""
    for rule in RULES.values():
        words = " ".join(german()[rule.id])
        for name in re.findall(
            r"data-[\w-]+|dcterms\.[a-z]+|ORIGTXT|[a-z]+_[a-z_]+\b", f"{rule.description} {rule.mend}"
        ):
            assert name in words, (rule.id, name)


def details_in(path: Path) -> Iterator[str]:
    """Yield the names of details that a module gives the audit log."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        given = next((one.value for one in getattr(call, "keywords", ()) if one.arg == "detail"), None)
        if isinstance(call, ast.Call) and isinstance(given, ast.Dict):
            yield from (str(key.value) for key in given.keys if isinstance(key, ast.Constant))


def test_the_audit_log_is_read_in_german() -> None:  # 3
    texts = (ROOT / "web" / "texts-desk.js").read_text("utf-8")
    named = {kind: set(re.findall(rf"^  {kind}_(\w+): ", texts, re.MULTILINE)) for kind in ("detail", "operation")}
    assert named["operation"] == {*READS, "evaluate_values", "backup", "receive_export"}
    details = {name for path in (ROOT / "reporting").rglob("*.py") for name in details_in(path)}
    assert {"account", "job", "kind", "visits"} <= details
    details |= {"display_name", "roles", "issuer", "subject", "password_hash", "expires_at", "secret"}  # made apart
    details |= {"program", "version", "process", "workers"}
    details |= {"name", "status", "body_digest", "card", "files"}
    assert details | {"operation", "as", "hits", "filters", "made_at", "findings"} <= named["detail"]
