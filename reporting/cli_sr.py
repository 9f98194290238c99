"""`mrrt sr`: what a DICOM SR says, and the vendor profiles by which it is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from mrrt.code import Code
from mrrt.errors import Unreadable, UsageError
from reporting.cli_lazy import lazily
from reporting.cli_output import FINE, PROBLEMS, UNREADABLE, complain, json_lines, out, say, show_problems, show_table
from reporting.config import settings
from sr_import import Document, Finding, Measurement, json_line, profiles_of, read, unreadable_json_line
from sr_import.profile import Device, Profile
from sr_import.profile_cases import differences
from sr_import.profile_files import shipped_profiles

sr = typer.Typer(cls=lazily({"unmapped": "reporting.cli_unmapped:unmapped"}), no_args_is_help=True)
_HEADS = ("path", "measurement", "value", "unit", "side", "site", "segment", "derivation", "selection")
_FINDING_HEADS = ("path", "finding", "says", "side", "site", "segment")
_PROFILE_HEADS = ("profile", "version", "cases", "applies to")
_RIGHT = frozenset({2})


@sr.callback()
def _sr() -> None:
    """Read DICOM SR documents."""


profile = typer.Typer(no_args_is_help=True, help="Vendor profiles: what a device means by what it sends.")
sr.add_typer(profile, name="profile")


@profile.command("list")
def profile_list(
    folder: Annotated[Path | None, typer.Argument(help="A folder of own profiles.")] = None,
) -> None:
    """List the vendor profiles in the order in which they apply."""
    show_table(_PROFILE_HEADS, map(_profile_row, _profiles(folder)))


@profile.command("test")
def profile_test(
    folder: Annotated[Path | None, typer.Argument(help="A folder of own profiles; else all that are in use.")] = None,
) -> None:
    """Run the worked cases of vendor profiles: a document each, and the measurements that are read from it."""
    profiles = _profiles(folder)
    if folder is not None and not any(folder.glob("*.yaml")):
        raise UsageError(f"{folder}: there is no profile (*.yaml) in this folder")
    tested = [one for one in profiles if folder is None or one not in shipped_profiles()]
    results = [(one, case, tuple(differences(one, case))) for one in tested for case in one.cases]
    for one, case, found in results:
        say(f"{'FAIL' if found else 'pass'} {one.title}: {case.name}", "red" if found else "")
        for difference in found:
            say(f"     {difference}")
    failed = sum(bool(found) for _, _, found in results)
    say(f"{len(results) - failed} passed, {failed} failed")
    raise typer.Exit(PROBLEMS if failed else FINE)


def _profiles(folder: Path | None) -> Sequence[Profile]:
    return profiles_of((folder,) if folder else settings().profiles)


def _profile_row(one: Profile) -> tuple[str, ...]:
    return (one.profile, one.version, str(len(one.cases)), "; ".join(map(_device, one.applies_to)) or "every device")


def _device(device: Device) -> str:
    said = ((name, getattr(device, name)) for name in type(device).model_fields)
    return ", ".join(f"{name} {' or '.join(map(_pattern, values))}" for name, values in said if values)


def _pattern(value: Code | str) -> str:
    return f"{value.scheme} {value.value}" if isinstance(value, Code) else value


@sr.command("read")
def sr_read(
    files: Annotated[list[Path], typer.Argument(help="DICOM SR files.", metavar="FILE...")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and file.")] = False,
    findings: Annotated[bool, typer.Option("--findings", help="Codes, texts, dates and names, too.")] = False,
    profiles: Annotated[
        list[Path] | None, typer.Option(metavar="FOLDER", help="A folder of own vendor profiles; may be repeated.")
    ] = None,
) -> None:
    """List the measurements of SR documents. A file that cannot be read does not stop the others (exit code 3)."""
    used = profiles_of(settings(profiles=tuple(profiles) if profiles else None).profiles)
    raise typer.Exit(max(_read(file, as_json, findings, used) for file in files))


def _read(file: Path, as_json: bool, findings: bool, profiles: Sequence[Profile]) -> int:
    try:
        document = read(file, profiles)
    except Unreadable as error:
        if as_json:
            json_lines([unreadable_json_line(error, str(file))])
        else:
            complain(f"{file}: {error}")
        return UNREADABLE
    if as_json:
        json_lines([json_line(document, str(file), findings=findings)])
    else:
        _show(file, document)
        if findings and document.findings:
            show_table(_FINDING_HEADS, map(_finding_row, document.findings))
    return FINE if document.complete else UNREADABLE


def _show(file: Path, document: Document) -> None:
    title = _name(document.title) or "no title"
    say(f"{file}: {title}, {len(document.measurements)} measurements, SOP Instance {document.sop_instance_uid}", "bold")
    if document.measurements:
        show_table(_HEADS, map(_row, document.measurements), _RIGHT)
    show_problems((one.model_copy(update={"file": str(file)}) for one in document.problems), out())


def _row(item: Measurement) -> tuple[str, ...]:
    value = item.value if item.value is not None else f"({item.absent})"
    names = (_name(code) for code in (item.site, item.segment, item.derivation, item.selection))
    site, *others = names
    return (item.path, _name(item.code), value, item.unit or "", item.laterality or "", site, *others)


def _finding_row(item: Finding) -> tuple[str, ...]:
    said = _name(item.code) or item.text or ""
    return (item.path, _name(item.concept), said, item.laterality or "", _name(item.site), _name(item.segment))


def _name(code: Code | None) -> str:
    return "" if code is None else code.meaning or f"{code.value} ({code.scheme})"
