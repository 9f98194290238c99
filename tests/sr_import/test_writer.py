"""The documents that the tests write are what they claim to be, in the eyes of two independent programs."""

from __future__ import annotations

import subprocess
from importlib import resources
from pathlib import Path

import pytest

from sr_import import load_bindings, match, read
from tests.conftest import require_program
from tests.sr_writer import Carotid, write

CONFORMANT = {
    "plain": Carotid(),
    "retired codes": Carotid(retired_codes=True),
    "twice": Carotid(twice=True),
    "selection as modifier": Carotid(selection_relationship="HAS CONCEPT MOD"),
    "m/s": Carotid(unit="m/s"),
    "unit version": Carotid(unit_version="1.4"),
    "no sides": Carotid(sides={}),
    "implicit": Carotid(implicit=True),
    "latin 1": Carotid(character_set="ISO_IR 100", patient_name="MÜLLER^ÉVA"),
    "lost": Carotid(lost={("right", "ica", "prox", "psv"): "sequence"}),
}
BROKEN = Carotid(lost={("right", "ica", "prox", "psv"): ""})


def _run(program: str, content: bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "written.dcm"
    file.write_bytes(content)
    return subprocess.run([require_program(program), str(file)], capture_output=True, encoding="latin-1", check=False)


def _errors(result: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in (result.stdout + result.stderr).splitlines() if line.startswith("Error")]


@pytest.mark.peer
@pytest.mark.parametrize("name", CONFORMANT)
def test_dciodvfy_finds_no_error(name: str, tmp_path: Path) -> None:
    result = _run("dciodvfy", write(CONFORMANT[name]), tmp_path)
    assert "ComprehensiveSR" in result.stdout + result.stderr
    assert _errors(result) == []


@pytest.mark.peer
@pytest.mark.parametrize("name", CONFORMANT)
def test_dsrdump_reads_it(name: str, tmp_path: Path) -> None:
    result = _run("dsrdump", write(CONFORMANT[name]), tmp_path)
    assert result.returncode == 0, result.stderr
    assert "US Carotid Arteries Report" in result.stdout or "Vascular Ultrasound" in result.stdout


@pytest.mark.peer
def test_both_programs_notice_an_empty_value(tmp_path: Path) -> None:
    assert _errors(_run("dciodvfy", write(BROKEN), tmp_path)) != []
    assert _run("dsrdump", write(BROKEN), tmp_path).returncode != 0


def _sample() -> bytes:
    return resources.files("sr_import").joinpath("samples", "carotid-example.dcm").read_bytes()


def test_the_shipped_sample_is_what_the_writer_makes() -> None:
    assert _sample() == write(Carotid())


def test_the_shipped_sample_is_severe_on_the_right_and_moderate_on_the_left() -> None:
    text = (Path(__file__).parent / "carotid_bindings.yaml").read_text(encoding="utf-8")
    values = match([read(_sample())], load_bindings(text, "carotid_bindings.yaml", None)).values
    shown = [values[f"{side} worst {quantity}"].value for side in ("right", "left") for quantity in ("PSV", "EDV")]
    assert shown == ["336.0", "126.0", "182.0", "61.0"]


def test_the_writer_is_reproducible() -> None:
    assert write(Carotid()) == write(Carotid())
    assert write(Carotid()) != write(Carotid(unit="m/s"))
