"""How long a carotid report takes from values to grade, whole and after an edit, and whether an edit stays as cheap.

.venv/bin/python bench/derive_report.py [LOGIC]

LOGIC is another logic.yaml for the carotid template, such as an earlier one. Each figure is the median of many runs, of
the time that the processor gave to them: other work on the machine does not count. The edits at the end are of reports
with 100, 1,000 and 10,000 fields, half of them velocities and half grades, where each velocity has one grade.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import sr_import
from bench.read_sr import SAMPLE
from mrrt.derive import derive
from mrrt.derive.explain import explain
from mrrt.entry import entered, start
from mrrt.logic import Logic, load_logic
from mrrt.render import render
from mrrt.report import Provenance, Report, Value
from mrrt.template import Field, FieldKind, Section, Template
from templates_lib.loader import find

_TABLE = """
template: many
functions:
  grade:
    criteria: Bench
    parameters: [psv]
    table: |
      | psv        || grade      |
      | < 125      || "none"     |
      | [125..230] || "moderate" |
      | > 230      || "severe"   |
calculated:
"""


def microseconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median time of a call that the processor gave to it."""
    took = []
    for _ in range(rounds):
        begun = time.thread_time_ns()
        work()
        took.append(time.thread_time_ns() - begun)
    return median(took) / 1000


def wide(fields: int) -> tuple[Template, Logic, Report]:
    """Return a template of so many fields, half of them calculated from the other half, and a report that is full."""
    pairs = range(fields // 2)
    keys = [Field(key=f"v{n}", kind=FieldKind.NUMBER, unit="cm/s", section=f"s{n % 50}") for n in pairs]
    keys += [Field(key=f"g{n}", kind=FieldKind.TEXT, section=f"s{n % 50}") for n in pairs]
    sections = tuple(Section(key=f"s{n}", name=f"s{n}") for n in range(50))
    template = Template(identifier="many", title="", fields=tuple(keys), content=sections, digest=str(fields))
    lines = [f'  g{n}: "grade(psv: v{n})"\n' for n in pairs]
    relevant = [f'  s{n}: "v{n} != 6"\n' for n in range(50)]
    text = _TABLE + "".join(lines) + "relevant:\n" + "".join(relevant)
    logic = load_logic(text, "logic.yaml", template)
    typed = {f"v{n}": Value(value="300", unit="cm/s", provenance=Provenance.IMPORTED) for n in pairs}
    return template, logic, derive(start(template).fill(typed), template, logic)


def edit_of(fields: int) -> float:
    """Return how long an edit of one velocity takes, with the derivation of its grade."""
    template, logic, report = wide(fields)
    slow = {"v1": Value(value="100", unit="cm/s")}
    return microseconds(lambda: derive(report.edit(dict(slow)), template, logic, slow), 300)


def carotid(other: str | None) -> None:
    folder = find("us-carotid-duplex")
    assert folder.bindings is not None
    text = Path(other).read_text(encoding="utf-8") if other else None
    logic = load_logic(text, str(other), folder.template) if text else folder.logic
    document = sr_import.read(Path(SAMPLE))
    bindings = sr_import.load_bindings(folder.bindings, "bindings.yaml", folder.template)
    match = sr_import.match([document], bindings)
    filled = start(folder.template).fill(match.values)
    report = derive(filled, folder.template, logic)
    plaque = {"right_plaque": entered(folder.template.field_by_key["right_plaque"], "present")}
    edited = report.edit(dict(plaque))
    steps: dict[str, Callable[[], object]] = {
        "derive the whole report": lambda: derive(filled, folder.template, logic),
        "edit one field and derive": lambda: derive(report.edit(dict(plaque)), folder.template, logic, plaque),
        "the same, derived whole": lambda: derive(edited, folder.template, logic),
        "explain a grade in full": lambda: explain(report, folder.template, logic, "right_ica_grade"),
        "match measurements to fields": lambda: sr_import.match([document], bindings),
        "render text": lambda: render(report, folder.template, "text"),
        "render HTML": lambda: render(report, folder.template, "html"),
        "read the SR": lambda: sr_import.read(Path(SAMPLE)),
    }
    times = {name: microseconds(work, 200) for name, work in steps.items()}
    base = times["derive the whole report"]
    print(f"{len(folder.template.fields)} fields, {len(logic.calculations)} calculations, {len(match.values)} imported")
    for name, took in times.items():
        print(f"{name:<30} {took:8.0f} µs  {took / base:6.2f}")


def main() -> None:
    carotid(sys.argv[1] if len(sys.argv) > 1 else None)
    for fields in (100, 1_000, 10_000):
        print(f"{f'edit one of {fields:,} fields':<30} {edit_of(fields):8.0f} µs")


if __name__ == "__main__":
    main()
