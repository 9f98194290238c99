"""The template library: templates are stored, found, listed, retired and handed out. One use case is one transaction.

A stored template goes before one that lies in a folder and has the same identifier. A page without logic of its own
gets the logic and bindings of the folder that was written for its identifier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mrrt.check import check
from mrrt.compose.links import Resolve
from mrrt.errors import Conflict, MrrtError, NotFound, Outdated
from mrrt.parse import parse
from mrrt.parse.page import read
from mrrt.parse.source import decode
from mrrt.problems import Problem
from reporting.admission import Admitted, admitted, body_digest
from reporting.catalogue import RETIRED, Card, Wanted, card_of, installed_cards
from reporting.errors import BodyChanged, Moved
from reporting.logic_view import LogicView, logic_view
from reporting.packages import Package, folder_name, is_page
from reporting.records import By
from reporting.store import Store
from reporting.store_library import LibraryReading, Stored
from reporting.template_difference import TemplateDifference, field_changes, text_differences
from reporting.templates import (
    Compiled,
    TemplateSummary,
    assembled,
    compiled,
    installed_pages,
    pages_beside,
    pages_by_identifier,
)
from reporting.warming import Warming
from templates_lib.loader import TemplateSource, attached, belongs_to, folders, installed, locate_installed

STORE, RETIRE = "store", "retire"


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a template that was sent: `new` where its identifier was not known before."""

    summary: TemplateSummary
    new: bool
    changed: bool
    problems: tuple[Problem, ...] = ()


class VersionLine(BaseModel):
    """One line of a template's history; `digest` is that of its page, logic and bindings together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    status: str
    action: str
    digest: str
    actor: str
    at: str


@dataclass(frozen=True, slots=True)
class Library:
    """The use cases on the templates of one site; `folders` hold its own, besides the shipped ones."""

    store: Store
    folders: tuple[Path, ...] = ()

    def search(self, wanted: Wanted, offset: int = 0, limit: int | None = None) -> tuple[Card, ...]:
        """Return the cards of all templates that are wanted, those in folders first."""
        with self.store.reading() as transaction:
            stored = transaction.cards()
        known = {card.summary.identifier for card in stored}
        cards = [card for card in installed_cards(self.folders) if card.summary.identifier not in known]
        found = [card for card in (*cards, *stored) if wanted.fits(card)]
        return tuple(found[offset : None if limit is None else offset + limit])

    def warming(self) -> Warming:
        """Return what compiles ahead the templates that lie in folders, and the stored ones that have bindings."""
        return Warming(chain(installed_cards(self.folders), self._usable(self._bound_in_store)))

    def bound(self) -> Iterator[Compiled]:
        """Yield the templates that measurements can fill: those with bindings, foreign ones included.

        Retired templates and those that cannot be used are left out.
        """
        folders_of_own = [name for name, at in installed(self.folders).items() if (at / "bindings.yaml").is_file()]
        return self._usable(lambda: [*self._bound_in_store(), *sorted(folders_of_own)])

    def _bound_in_store(self) -> list[str]:
        attached_to = {belongs_to(folder) for folder in folders(self.folders) if (folder / "bindings.yaml").is_file()}
        with self.store.reading() as transaction:
            return [name for name, has in transaction.bound() if has or name in attached_to]

    def _usable(self, names: Callable[[], Iterable[str]]) -> Iterator[Compiled]:
        """Yield each template once; the list of templates says why one cannot be used."""
        seen = set()
        for name in names():
            with suppress(MrrtError):
                template = compiled(self.usable(name))
                if template.template.identifier not in seen:
                    seen.add(template.template.identifier)
                    yield template

    def source(self, name: str) -> TemplateSource:
        """Return the texts of a template by name or identifier; raises NotFound."""
        with self.store.reading() as transaction:
            return find(transaction, name, self.folders)

    def usable(self, name: str) -> TemplateSource:
        """Return the texts of a template for a new report; raises NotFound, or Conflict for a retired one."""
        with self.store.reading() as transaction:
            source = find(transaction, name, self.folders)
            refuse_retired(transaction, name, compiled(source).template.status)
        return source

    def version(self, name: str) -> int | None:
        """Return the version of a stored template, None for one that lies in a folder; raises NotFound."""
        with self.store.reading() as transaction:
            stored = transaction.stored(name)
        if stored is None:
            locate_installed(name, self.folders)
        return stored.version if stored else None

    def tag(self, name: str) -> str | None:
        """Return what tells this state of a stored template from every other, None for one in a folder; or NotFound.

        It is the version; after a point comes what it is put together from where not all of that is stored with it.
        """
        with self.store.reading() as transaction:
            stored = transaction.stored(name)
            whole = find(transaction, name, self.folders)
        if stored is None:
            return None
        alone = whole.digest == stored.source.digest
        return str(stored.version) if alone else f"{stored.version}.{whole.digest[:16]}"

    def versions(self, name: str) -> tuple[VersionLine, ...]:
        """Return the versions of a stored template, the newest first, none of one in a folder; raises NotFound."""
        with self.store.reading() as transaction:
            stored = transaction.stored(name)
            rows = transaction.template_versions(stored.identifier) if stored else ()
        if stored is None:
            locate_installed(name, self.folders)
        return tuple(VersionLine.model_validate(row) for row in rows)

    def difference(self, name: str, number: int, earlier: int | None = None) -> TemplateDifference:
        """Return what a version of a stored template says differently from another, the one before; raises NotFound."""
        with self.store.reading() as transaction:
            latest = transaction.stored(name)
            if latest is None:
                raise NotFound(f'"{name}" is not stored here, so that it has no versions')
            later = _version(transaction, latest, number)
            before = _version(transaction, latest, number - 1 if earlier is None else earlier)
        pages = [parse(one.source.html, one.source.page) for one in (before, later)]
        return TemplateDifference(
            earlier=before.version,
            later=later.version,
            fields=field_changes(*pages),
            texts=text_differences(_texts(before), _texts(later)),
        )

    def problems(self, name: str, profile: Literal["tolerant", "mrrt"] = "tolerant") -> tuple[Problem, ...]:
        """Return what is not quite right with the page of a template; raises NotFound."""
        source = self.source(name)
        return check(source.html, source.page, profile)

    def logic(self, name: str, language: str = "en") -> LogicView:
        """Return the logic of a template with its proofs and its worked cases run; raises NotFound."""
        return logic_view(compiled(self.source(name)), self.package(name).files.get("cases.yaml"), language)

    def package(self, name: str) -> Package:
        """Return a template with all that belongs to it; raises NotFound."""
        with self.store.reading() as transaction:
            stored = transaction.stored(name)
            source = find(transaction, name, self.folders)
        files = stored.files if stored else _files(installed(self.folders).get(source.name))
        beside = _own_pages(files)
        further = {
            f"pages/{folder_name(identifier)}.html": content
            for identifier, content in source.pages
            if beside(identifier) is None
        }
        return Package(source.page, source.html, source.name, source.logic, source.bindings, {**further, **files})

    def keep(
        self,
        package: Package,
        by: By,
        *,
        identifier: str | None = None,
        new_version: bool = False,
        version: int | None = None,
    ) -> Kept:
        """Store a template under the identifier that it states, as version 1 or as the next one.

        `identifier` is the one that it was sent for, `version` the one that the caller has in hand. A page alone
        leaves the logic, bindings and files that are stored. Storing the same again changes nothing. Raises
        Unreadable, Refused, UsageError as `admitted` does, Moved or Outdated for another version than the stored
        one, BodyChanged for another body that was not sent as a new version, Conflict for a retired template or
        for a name that another template has.
        """
        with self.store.writing() as transaction:
            before = transaction.stored_as(parse(package.html, package.file).identifier)
            _refuse_outdated(before, version)
            elsewhere = (_stored_pages(transaction), installed_pages(self.folders))
            whole = _without_known_pages(_completed(package, before), elsewhere)
            places = (_own_pages(whole.files), *elsewhere)
            ready = admitted(whole, assembled(self._source(whole, before), *places), identifier)
            if before is not None and before.action != RETIRE and _same(whole, before):
                return Kept(before.card.summary, new=False, changed=False, problems=ready.problems)
            if not new_version:
                self._refuse_changed(ready, before)
            self._refuse_taken_name(transaction, ready)
            made = _made(ready, whole, before)
            transaction.add_template(made, by)
        return Kept(made.card.summary, new=before is None, changed=True, problems=ready.problems)

    def retire(self, name: str, by: By, version: int | None = None) -> TemplateSummary:
        """Retire a stored template: no new report is made from it, open drafts go on. Raises NotFound, Moved."""
        with self.store.writing() as transaction:
            before = _present(transaction, name)
            _refuse_outdated(before, version)
            if before.action == RETIRE:
                return before.card.summary
            number = before.version + 1
            summary = before.card.summary.model_copy(update={"status": RETIRED, "version": number})
            card = before.card.model_copy(update={"summary": summary})
            after = replace(before, version=number, status=RETIRED, action=RETIRE, card=card)
            transaction.add_template(after, by)
        return summary

    def _source(self, package: Package, before: Stored | None) -> TemplateSource:
        identifier = parse(package.html, package.file).identifier
        folder = _written_for(identifier, self.folders)
        name = package.name or (before.name if before else "") or (folder.name if folder else identifier)
        return TemplateSource(name, package.file, package.file, package.html, package.logic, package.bindings)

    def _refuse_changed(self, ready: Admitted, before: Stored | None) -> None:
        identifier = ready.template.identifier
        if before is not None and before.action == RETIRE:
            raise Conflict(f'"{identifier}" is retired. To bring it back, say that this is a new version.')
        known = before.body_digest if before else _installed_body(identifier, self.folders)
        if known is not None and known != ready.body_digest:
            raise BodyChanged(identifier)

    def _refuse_taken_name(self, transaction: LibraryReading, ready: Admitted) -> None:
        name, identifier = ready.source.name, ready.template.identifier
        other = transaction.stored(name)
        taken = other is not None and other.identifier != identifier
        if not taken and other is None and (folder := installed(self.folders).get(name)) is not None:
            taken = parse((folder / "template.html").read_bytes(), str(folder)).identifier != identifier
        if taken:
            raise Conflict(f'Another template has the name "{name}". Rename the folder.')


def find(transaction: LibraryReading, name: str, extra: tuple[Path, ...]) -> TemplateSource:
    """Return the texts of a template, stored or in a folder, by name or identifier; raises NotFound."""
    stored = transaction.stored(name)
    if stored is None:
        source = locate_installed(name, extra)
        return assembled(source, _stored_pages(transaction), pages_beside(source), installed_pages(extra))
    source = stored.source
    if source.logic is None and source.bindings is None:
        folder = _written_for(stored.identifier, extra, stored.name)
        if folder is not None:
            logic, bindings = attached(folder)
            source = replace(source, logic=logic, bindings=bindings)
    return assembled(source, _own_pages(stored.files), _stored_pages(transaction), installed_pages(extra))


def _version(transaction: LibraryReading, of: Stored, number: int) -> Stored:
    found = transaction.stored_version(of.identifier, number)
    if found is None:
        raise NotFound(f'"{of.name}" has no version {number}')
    return found


def _texts(stored: Stored) -> dict[str, str]:
    """Return the texts of a version by file."""
    source = stored.source
    own = {"template.html": decode(source.html, source.page).text, "logic.yaml": source.logic}
    further = {name: content.decode("utf-8", "replace") for name, content in stored.files.items()}
    texts = {**own, "bindings.yaml": source.bindings, **further}
    return {name: text for name, text in texts.items() if text is not None}


def _own_pages(files: Mapping[str, bytes]) -> Resolve:
    return pages_by_identifier({path: content for path, content in files.items() if is_page(path)}).get


def _stored_pages(transaction: LibraryReading) -> Resolve:
    def resolve(identifier: str) -> bytes | None:
        stored = transaction.stored_as(identifier)
        return stored.source.html if stored else None

    return resolve


def refuse_retired(transaction: LibraryReading, name: str, status: str | None) -> None:
    """Raise Conflict where no new report may be made from a template; `status` is that of its page."""
    stored = transaction.stored(name)
    if RETIRED in (status, stored.status if stored else None):
        raise Conflict(f'The template "{name}" is retired and not to be used for new reports.')


def _present(transaction: LibraryReading, name: str) -> Stored:
    stored = transaction.stored(name)
    if stored is None:
        raise NotFound(f'there is no stored template "{name}"')
    return stored


def _written_for(identifier: str, extra: tuple[Path, ...], name: str | None = None) -> Path | None:
    """Return the folder whose logic or bindings attach to an identifier; `name` is that of the folder, if known."""
    known = (folder for folder in folders(extra) if name is None or folder.name == name)
    return next((folder for folder in known if identifier and belongs_to(folder) == identifier), None)


def _refuse_outdated(before: Stored | None, version: int | None) -> None:
    if version is None:
        return
    if before is None:
        raise Outdated("There is no such template; leave If-Match out to store the first version.")
    if before.version != version:
        raise Moved(version, before.version, "template")


def _completed(package: Package, before: Stored | None) -> Package:
    """Return the package; a page alone is sent for what is stored with it."""
    if before is None or package.name:
        return package
    texts = before.source
    return replace(package, logic=texts.logic, bindings=texts.bindings, files=before.files)


def _without_known_pages(package: Package, places: tuple[Resolve, ...]) -> Package:
    """Return the package without the pages in it that are known in the same words elsewhere: exports carry them."""
    known = {
        path
        for path, content in package.files.items()
        if path.startswith("pages/") and is_page(path) and _is_known(path, content, places)
    }
    return replace(package, files={path: content for path, content in package.files.items() if path not in known})


def _is_known(path: str, content: bytes, places: tuple[Resolve, ...]) -> bool:
    return any(place(identifier) == content for identifier in pages_by_identifier({path: content}) for place in places)


def _same(package: Package, before: Stored) -> bool:
    source = before.source
    texts = (package.html, package.logic, package.bindings, dict(package.files))
    renamed = package.name not in ("", before.name)
    return not renamed and texts == (source.html, source.logic, source.bindings, dict(before.files))


def _made(ready: Admitted, package: Package, before: Stored | None) -> Stored:
    number, status = (before.version if before else 0) + 1, ready.template.status or "ACTIVE"
    summary = TemplateSummary(name=ready.source.name, origin="stored", version=number, status=status)
    return Stored(
        identifier=ready.template.identifier,
        version=number,
        name=ready.source.name,
        status=status,
        action=STORE,
        body_digest=ready.body_digest,
        source=replace(ready.source, pages=()),
        card=card_of(ready.template, summary),
        files=package.files,
    )


def _installed_body(identifier: str, extra: tuple[Path, ...]) -> str | None:
    try:
        source = locate_installed(identifier, extra)
    except NotFound:
        return None
    return body_digest(read(source.html, source.page))


def _files(folder: Path | None) -> dict[str, bytes]:
    own = ("template.html", "logic.yaml", "bindings.yaml")
    found = sorted(folder.rglob("*")) if folder else []
    inside = {path.relative_to(folder).as_posix(): path for path in found if path.is_file()} if folder else {}
    return {name: path.read_bytes() for name, path in inside.items() if name not in own}
