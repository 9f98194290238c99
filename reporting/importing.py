"""Many templates in one go: each gets a result of its own, and one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.compose import compose
from mrrt.errors import MrrtError, Refused, Unreadable
from mrrt.problems import Problem
from reporting.library import Kept, Library
from reporting.packages import Candidate, candidates_in, unpacked
from reporting.records import By
from reporting.templates import pages_by_identifier

PART = "N6"
"""The rule that a template breaks which embeds one that is not there."""
Outcome = Literal["created", "updated", "unchanged", "refused", "unreadable", "ignored"]


class ImportResult(BaseModel):
    """What became of one file: stored under `identifier` as `version`, or not, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    outcome: Outcome
    identifier: str = ""
    name: str = ""
    title: str = ""
    version: int | None = None
    detail: str = ""
    problems: tuple[Problem, ...] = ()


def import_files(
    library: Library, files: Mapping[str, bytes], by: By, *, new_version: bool = False
) -> tuple[ImportResult, ...]:
    """Store every template among files by path, and say of each file that is none that it was ignored.

    A template that embeds another one of the same files is stored after that one.
    """
    found = tuple(candidates_in(files))
    candidates = [one for one in found if isinstance(one, Candidate)]
    ignored = [ImportResult(file=one, outcome="ignored", detail="no template") for one in found if isinstance(one, str)]
    return (*_all_kept(library, candidates, by, new_version), *ignored)


def import_archive(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store every template of a ZIP archive; raises Unreadable for an archive that is refused as a whole."""
    return import_files(library, unpacked(content), by, new_version=new_version)


def import_page(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store one page."""
    return (_kept(library, Candidate("page", content), by, new_version),)


def _all_kept(library: Library, candidates: Sequence[Candidate], by: By, new_version: bool) -> tuple[ImportResult, ...]:
    """Store candidates, those that lack a part again after the others, for as long as that helps."""
    results: dict[int, ImportResult] = {}
    waiting = dict(enumerate(candidates))
    progress = True
    while waiting and progress:
        made = {number: _kept(library, one, by, new_version) for number, one in waiting.items()}
        results |= made
        lacking = {number: one for number, one in waiting.items() if _lacks_part(made[number])}
        waiting, progress = lacking, len(lacking) < len(waiting)
    pages = pages_by_identifier({one.file: one.html for one in waiting.values()})
    results |= {number: _in_circle(results[number], one, pages) for number, one in waiting.items()}
    return tuple(results[number] for number in sorted(results))


def _lacks_part(result: ImportResult) -> bool:
    return result.outcome == "refused" and any(problem.rule == PART for problem in result.problems)


def _in_circle(result: ImportResult, candidate: Candidate, pages: Mapping[str, bytes]) -> ImportResult:
    """Return the result with the path of the circle, if that is why a part is lacking."""
    try:
        compose(candidate.html, candidate.file, pages.get, every=True)
    except Refused as error:
        return result.model_copy(update={"problems": error.problems, "detail": _counted(error.problems)})
    return result


def _kept(library: Library, candidate: Candidate, by: By, new_version: bool) -> ImportResult:
    try:
        return _result(candidate, library.keep(candidate.package(), by, new_version=new_version))
    except Refused as error:
        problems = error.problems
        return ImportResult(file=candidate.file, outcome="refused", detail=_counted(problems), problems=problems)
    except MrrtError as error:
        outcome: Outcome = "unreadable" if isinstance(error, Unreadable) else "refused"
        return ImportResult(file=candidate.file, outcome=outcome, detail=str(error))


def _counted(problems: Sequence[Problem]) -> str:
    return f"{len(problems)} {'problem' if len(problems) == 1 else 'problems'}"


def _result(candidate: Candidate, kept: Kept) -> ImportResult:
    outcome: Outcome = "created" if kept.new else "updated" if kept.changed else "unchanged"
    one = kept.summary
    return ImportResult(
        file=candidate.file,
        outcome=outcome,
        identifier=one.identifier,
        name=one.name,
        title=one.title,
        version=one.version,
        problems=kept.problems,
    )
