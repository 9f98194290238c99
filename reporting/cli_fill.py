"""`mrrt fill` and `mrrt demo`: from SR documents to a report, without a server or a database."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from mrrt.errors import Unreadable, UsageError
from mrrt.problems import Problem
from mrrt.render import FORMATS, render
from mrrt.report import Provenance
from mrrt.template import FieldKind, Template
from reporting.cli_output import err, say, show_problems, write_file
from reporting.config import Settings, settings
from reporting.draft import Draft, Edit, begin, edited, open_problems
from reporting.explaining import explained_json
from reporting.report_language import report_language
from reporting.templates import Compiled, assembled_on_disk, compiled, shaped
from reporting.views import filled_json
from reporting.writing import writing
from sr_import import Document, profiles_of, read, read_whole
from templates_lib.loader import TemplateSource, locate

_SAMPLE = ("samples", "carotid-example.dcm")
_DEMO_TEMPLATE = "us-carotid-duplex"
_MANY = 4
_SEVERAL = frozenset({FieldKind.CHECKBOX_GROUP, FieldKind.SELECT_MULTIPLE})


def fill(
    template: Annotated[str, typer.Argument(help="A folder, an .html file, or the name or identifier of a template.")],
    sr: Annotated[list[Path] | None, typer.Option(metavar="FILE", help="A DICOM SR file; may be repeated.")] = None,
    put: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help='Enter a value, "FIELD=" clears; may be repeated.'),
    ] = None,
    name: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "text",
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write to this file.")] = None,
    language: Annotated[str, typer.Option(help="Two-letter language of the report.")] = "",
    database_url: Annotated[
        str | None, typer.Option(help="SQLAlchemy address of the database that holds stored templates.")
    ] = None,
) -> None:
    """Fill a report from SR documents and entered values, and print it."""
    site = settings(language=language or None, database_url=database_url)
    if name not in FORMATS:
        raise UsageError(f'"{name}" is no output format; known are {", ".join(FORMATS)}')
    chosen = compiled(_source(template, site))
    spoken = report_language(chosen.full, language, site.language, "--language")
    draft = begin(chosen, [_document(path, site) for path in sr or ()], spoken)
    draft = edited(draft, chosen, _edits(put or (), chosen.full))
    chosen = shaped(chosen, draft.report)
    content = _content(draft, chosen, name)
    if output is None:
        sys.stdout.write(content.decode())
    else:
        write_file(output, content)
    if name != "json":
        _summarise(draft, chosen)


def _source(name: str, site: Settings) -> TemplateSource:
    """Return the texts of a template: a file or folder first, then what is stored, then what lies in folders."""
    is_path = Path(name).is_file() or (Path(name) / "template.html").is_file()
    if is_path or not _may_be_stored(site):
        return assembled_on_disk(locate(name, site.templates), site.templates)
    from reporting.library import Library
    from reporting.store import open_store

    store = open_store(site.database_url)
    try:
        return Library(store, site.templates).usable(name)
    finally:
        store.close()


def _may_be_stored(site: Settings) -> bool:
    """Tell whether there is a database to look into: a report for the screen is no reason to make one.

    The library for databases takes longer to load than a report to fill, so it is not asked without need.
    """
    file = site.database_url.removeprefix("sqlite:///")
    if file != site.database_url and not Path(file).is_file():
        return False
    from reporting.store import is_made

    return is_made(site.database_url)


def demo(
    folder: Annotated[Path, typer.Option("--out", help="Folder for the written reports.")] = Path("out"),
) -> None:
    """Fill the shipped carotid template from the shipped sample, and write it as text, HTML and JSON."""
    chosen = compiled(locate(_DEMO_TEMPLATE))
    sample = resources.files("sr_import").joinpath(*_SAMPLE).read_bytes()
    draft = begin(chosen, [read(sample)])
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, kind in FORMATS.items():
        write_file(folder / f"carotid{kind.suffix}", _content(draft, chosen, name))
    sys.stdout.write(_content(draft, chosen, "text").decode())
    say()
    say(f"Written: {', '.join(str(folder / f'carotid{kind.suffix}') for kind in FORMATS.values())}")


def _document(path: Path, site: Settings) -> Document:
    try:
        return read_whole(path, profiles_of(site.profiles))
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from error


def _edits(put: Iterable[str], template: Template) -> Sequence[Edit]:
    """Return the edits of --set; a field of several choices takes several, any other field only one."""
    given: dict[str, list[str]] = {}
    for text in put:
        key, sign, value = text.partition("=")
        if not sign:
            raise UsageError(f'--set takes FIELD=VALUE, not "{text}"')
        given.setdefault(key.strip(), []).append(value)
    return [_edit(key, values, template) for key, values in given.items()]


def _edit(key: str, values: list[str], template: Template) -> Edit:
    field = template.field_by_key.get(key)
    several = field is not None and field.kind in _SEVERAL
    if len(values) > 1 and not several:
        raise UsageError(f'"{key}" is set twice')
    try:
        return Edit(field=key, value=tuple(filter(None, values)) if several else values[0])
    except ValidationError as error:
        raise UsageError(f'"{key}": {error.errors()[0]["msg"]}') from error


def _content(draft: Draft, chosen: Compiled, name: str) -> bytes:
    if name == "json":
        answer = filled_json(draft, chosen.template)
        answer["explain"] = explained_json(draft.report, chosen)
        return (json.dumps(answer, ensure_ascii=False, indent=2) + "\n").encode()
    return render(draft.report, chosen.template, name)


def _summarise(draft: Draft, chosen: Compiled) -> None:
    """Tell people on standard error what the report does not show: what was not placed, and what is wrong."""
    values = draft.report.values.values()
    imported = sum(value.provenance is Provenance.IMPORTED and value.value is not None for value in values)
    console = err()
    if draft.report.documents:
        counts = f"{imported} values imported, {len(draft.unmatched)} measurements fit no field"
        console.print(f"{counts}, {len(draft.ambiguous)} fields are ambiguous", style="dim")
    for key in sorted(draft.report.typed.keys() & draft.report.irrelevant):
        console.print(f"{key}: not in the report: the form as it is filled does not show this field", markup=False)
    problems = (*open_problems(draft.report, chosen.template), *draft.problems)
    explained = {problem.field for problem in problems}
    for one in draft.ambiguous:
        if one.field not in explained:
            console.print(f"{one.field}: left empty: {one.reason} ({len(one.candidates)} candidates)", markup=False)
    show_problems(_folded(problems), console)


def _folded(problems: Iterable[Problem]) -> Iterable[Problem]:
    """Fold what a rule says of many measurements that no field asks about into one line."""
    problems = tuple(problems)
    counts = Counter(problem.rule for problem in problems if problem.field is None)
    shown: set[str] = set()
    for problem in problems:
        if problem.field is not None or counts[problem.rule] < _MANY:
            yield problem
        elif problem.rule not in shown:
            shown.add(problem.rule)
            more = f"and {counts[problem.rule] - 1} more like it; `mrrt sr read` lists all"
            yield problem.model_copy(update={"message": f"{problem.message.rstrip('.')} ({more})."})
