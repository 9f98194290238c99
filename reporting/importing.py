"""Many templates in one go: each gets a result of its own, and one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.errors import MrrtError, Refused, Unreadable
from mrrt.problems import Problem
from reporting.library import Kept, Library
from reporting.packages import Candidate, candidates_in, unpacked
from reporting.records import By

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
    """Store every template among files by path, and say of each file that is none that it was ignored."""
    found = tuple(candidates_in(files))
    candidates = [one for one in found if isinstance(one, Candidate)]
    ignored = [ImportResult(file=one, outcome="ignored", detail="no template") for one in found if isinstance(one, str)]
    return (*_kept(library, candidates, by, new_version), *ignored)


def import_archive(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store every template of a ZIP archive; raises Unreadable for an archive that is refused as a whole."""
    return import_files(library, unpacked(content), by, new_version=new_version)


def import_page(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store one page."""
    return tuple(_kept(library, [Candidate("page", content)], by, new_version))


def _kept(library: Library, candidates: Iterable[Candidate], by: By, new_version: bool) -> Iterator[ImportResult]:
    for candidate in candidates:
        try:
            yield _result(candidate, library.keep(candidate.package(), by, new_version=new_version))
        except Refused as error:
            count = len(error.problems)
            detail = f"{count} {'problem' if count == 1 else 'problems'}"
            yield ImportResult(file=candidate.file, outcome="refused", detail=detail, problems=error.problems)
        except MrrtError as error:
            outcome: Outcome = "unreadable" if isinstance(error, Unreadable) else "refused"
            yield ImportResult(file=candidate.file, outcome=outcome, detail=str(error))


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
