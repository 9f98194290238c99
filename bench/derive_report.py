"""How long a carotid report takes from values to grade, beside reading its SR and rendering it.

.venv/bin/python bench/derive_report.py
"""

from __future__ import annotations

from pathlib import Path

import sr_import
from bench.read_sr import SAMPLE, timed
from mrrt.derive import derive
from mrrt.entry import entered, start
from mrrt.render import render
from templates_lib.loader import find


def main() -> None:
    folder = find("us-carotid-duplex")
    assert folder.bindings is not None
    document = sr_import.read(Path(SAMPLE))
    bindings = sr_import.load_bindings(folder.bindings, "bindings.yaml", folder.template)
    match = sr_import.match([document], bindings)
    filled = start(folder.template).fill(match.values)
    report = derive(filled, folder.template, folder.logic)
    plaque = {"right_plaque": entered(folder.template.field_by_key["right_plaque"], "present")}
    steps = {
        "derive the whole report": lambda: derive(filled, folder.template, folder.logic),
        "edit one field and derive": lambda: derive(report.edit(plaque), folder.template, folder.logic),
        "match measurements to fields": lambda: sr_import.match([document], bindings),
        "render text": lambda: render(report, folder.template, "text"),
        "render HTML": lambda: render(report, folder.template, "html"),
        "read the SR": lambda: sr_import.read(Path(SAMPLE)),
    }
    times = {name: timed(work, 30) for name, work in steps.items()}
    base = times["derive the whole report"]
    for name, took in times.items():
        print(f"{name:<30} {took:8.2f} ms  {took / base:6.2f}")


if __name__ == "__main__":
    main()
