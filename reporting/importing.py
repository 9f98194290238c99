"""Many templates in one go: each gets a result of its own, and one that is refused does not stop the others.

What would become of them can be asked before: nothing is stored then.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.compose import compose
from mrrt.errors import MrrtError, NotFound, Refused, Unreadable
from mrrt.mend import mend
from mrrt.problems import Problem
from reporting.errors import Unavailable
from reporting.library import Kept, Library
from reporting.packages import Candidate, candidates_in, is_page, unpacked
from reporting.page_view import PageView, page_view
from reporting.records import By
from reporting.templates import pages_by_identifier
from reporting.trying import trying

PART = "N6"
"""The rule that a template breaks which embeds one that is not there."""
PAGE_ALONE = "page"
"""What a page is called that came without a name."""
_TEXTS = frozenset({"logic.yaml", "bindings.yaml", "cases.yaml", "SOURCE.md"})
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


class LookedOver(ImportResult):
    """What would become of one file: `outcome` and `version` are those of a later import, `problems` stand already.

    `needs_new_version` tells that it is taken only as a new version; `files` is what comes with its page.
    """

    needs_new_version: bool = False
    files: tuple[str, ...] = ()


class Opened(BaseModel):
    """One template of a package in full: its page looked over, and its other texts by file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: PageView
    texts: dict[str, str]


def import_files(
    library: Library, files: Mapping[str, bytes], by: By, *, new_version: bool = False
) -> tuple[ImportResult, ...]:
    """Store every template among files by path, and say of each file that is none that it was ignored.

    A template that embeds another one of the same files is stored after that one.
    """
    return _imported(library, tuple(candidates_in(files)), by, new_version)


def _imported(
    library: Library, found: Sequence[Candidate | str], by: By, new_version: bool
) -> tuple[ImportResult, ...]:
    candidates = [one for one in found if isinstance(one, Candidate)]
    ignored = [ImportResult(file=one, outcome="ignored", detail="no template") for one in found if isinstance(one, str)]
    return (*_all_kept(library, candidates, by, new_version), *ignored)


def import_archive(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store every template of a ZIP archive; raises Unreadable for an archive that is refused as a whole."""
    return import_files(library, unpacked(content), by, new_version=new_version)


def look_over(library: Library, content: bytes, by: By, *, archive: bool) -> tuple[LookedOver, ...]:
    """Say what storing a page or an archive would lead to, and store nothing; raises Unreadable as importing does."""
    found = _found(content, archive)
    results = [_tried(library, found, by, new_version) for new_version in (False, True)]
    files = {one.file: tuple(sorted(one.files)) for one in found if isinstance(one, Candidate)}
    return tuple(
        LookedOver(
            **later.model_dump(),
            needs_new_version=(now.outcome, later.outcome) == ("refused", "updated"),
            files=files.get(later.file, ()),
        )
        for now, later in zip(*results, strict=True)
    )


def open_up(content: bytes, file: str, *, archive: bool) -> Opened:
    """Return one template of what somebody wants to import; raises NotFound, and Unreadable where it is none."""
    for one in _found(content, archive):
        if isinstance(one, Candidate) and one.file == file:
            texts = {name: text.decode("utf-8", "replace") for name, text in one.files.items() if name in _TEXTS}
            return Opened(page=page_view(one.html), texts=texts)
    raise NotFound(f'there is no template "{file}" in it')


def mended_archive(content: bytes) -> bytes:
    """Return an archive with every page in it mended as far as that changes nothing of what it asks."""
    files = unpacked(content)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for path, text in files.items():
            made.writestr(path, _mended(text, path) if is_page(path) else text)
    return target.getvalue()


def _mended(page: bytes, path: str) -> bytes:
    try:
        found = mend(page, path)
    except MrrtError:
        return page  # the import says why it cannot be read
    return found.text.encode() if found.done else page


def _found(content: bytes, archive: bool) -> list[Candidate | str]:
    return list(candidates_in(unpacked(content))) if archive else [Candidate(PAGE_ALONE, content)]


def _tried(library: Library, found: Sequence[Candidate | str], by: By, new_version: bool) -> tuple[ImportResult, ...]:
    with trying(library) as tried:
        return _imported(tried, found, by, new_version)


def import_page(library: Library, content: bytes, by: By, *, new_version: bool = False) -> tuple[ImportResult, ...]:
    """Store one page."""
    return (_kept(library, Candidate(PAGE_ALONE, content), by, new_version),)


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
    except Unavailable:
        raise  # nothing is wrong with the template
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
