"""What a transaction of the store can read and write of the template library."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from reporting import store_tables as tables
from reporting.catalogue import RETIRED, Card
from reporting.records import By
from reporting.store_audit import AuditWriting
from templates_lib.loader import TemplateSource

_LINE = ("version", "status", "action", "digest", "actor", "at")


@dataclass(frozen=True)
class Stored:
    """One version of a stored template: its texts, its card, and what was done to make it."""

    identifier: str
    version: int
    name: str
    status: str
    action: str
    body_digest: str
    source: TemplateSource
    card: Card
    files: Mapping[str, bytes] = field(default_factory=dict)


class LibraryReading:
    """The questions about templates that the store answers."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stored(self, name: str) -> Stored | None:
        """Return the latest version of a stored template by its identifier, else by the name that it has now."""
        named = self.stored_as(name) or self._latest(tables.library_version.c.name == name)
        latest = self.stored_as(named.identifier) if named else None
        return latest if latest and name in (latest.identifier, latest.name) else None

    def stored_as(self, identifier: str) -> Stored | None:
        """Return the latest version of the stored template with this identifier."""
        return self._latest(tables.library_version.c.identifier == identifier)

    def stored_version(self, identifier: str, version: int) -> Stored | None:
        """Return one version of the stored template with this identifier."""
        table = tables.library_version
        return self._latest(sa.and_(table.c.identifier == identifier, table.c.version == version))

    def _latest(self, condition: sa.ColumnElement[bool]) -> Stored | None:
        table = tables.library_version
        query = sa.select(table).where(condition).order_by(table.c.at.desc(), table.c.version.desc()).limit(1)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else self._stored(row)

    def cards(self) -> tuple[Card, ...]:
        """Return the cards of the latest versions of all stored templates, by identifier."""
        table = tables.library_version
        latest = sa.select(table.c.identifier, sa.func.max(table.c.version).label("version"))
        newest = latest.group_by(table.c.identifier).subquery()
        on = sa.and_(newest.c.identifier == table.c.identifier, newest.c.version == table.c.version)
        query = sa.select(table.c.card).select_from(table.join(newest, on)).order_by(table.c.identifier)
        return tuple(Card.model_validate_json(card) for card in self._connection.scalars(query))

    def stored_versions(self) -> tuple[tuple[str, int], ...]:
        """Return the identifiers of all stored templates, retired ones too, each with its latest version."""
        table = tables.library_version
        query = sa.select(table.c.identifier, sa.func.max(table.c.version)).group_by(table.c.identifier)
        return tuple((one, number) for one, number in self._connection.execute(query.order_by(table.c.identifier)))

    def pinned(self) -> tuple[str, ...]:
        """Return the digests of all template texts that reports were made from."""
        column = tables.template_version.c.digest
        return tuple(self._connection.scalars(sa.select(column).order_by(column)))

    def bound(self) -> tuple[tuple[str, bool], ...]:
        """Return the identifiers of all stored templates that are not retired, and whether bindings are stored."""
        table = tables.library_version
        latest = sa.select(table.c.identifier, sa.func.max(table.c.version).label("version"))
        newest = latest.group_by(table.c.identifier).subquery()
        on = sa.and_(newest.c.identifier == table.c.identifier, newest.c.version == table.c.version)
        query = sa.select(table.c.identifier, table.c.bindings.is_not(None)).select_from(table.join(newest, on))
        return tuple((one, bool(has)) for one, has in self._connection.execute(query.where(table.c.status != RETIRED)))

    def template_versions(self, identifier: str) -> tuple[Mapping[str, Any], ...]:
        """Return version, status, action, digest, actor and time of all versions, the newest first."""
        table = tables.library_version
        query = sa.select(*(table.c[name] for name in _LINE)).where(table.c.identifier == identifier)
        rows = self._connection.execute(query.order_by(table.c.version.desc())).mappings()
        return tuple(dict(row) for row in rows)

    def _stored(self, row: RowMapping) -> Stored:
        place = f"{row['name']} (version {row['version']})"
        source = TemplateSource(row["name"], place, place, row["html"], row["logic"], row["bindings"])
        known = {name: row[name] for name in ("identifier", "version", "name", "status", "action", "body_digest")}
        return Stored(**known, source=source, card=Card.model_validate_json(row["card"]), files=self._files(row))

    def _files(self, row: RowMapping) -> Mapping[str, bytes]:
        table = tables.library_file
        query = sa.select(table.c.path, table.c.content).where(
            table.c.identifier == row["identifier"], table.c.version == row["version"]
        )
        return {one.path: one.content for one in self._connection.execute(query.order_by(table.c.path))}


class LibraryWriting(LibraryReading, AuditWriting):
    """The changes that can be made to the template library."""

    def add_template(self, template: Stored, by: By) -> None:
        """Add a version of a template, and the audit event for it."""
        known = ("identifier", "version", "name", "status", "action", "body_digest")
        row = {name: getattr(template, name) for name in known}
        source = template.source
        texts = {"html": source.html, "logic": source.logic, "bindings": source.bindings, "digest": source.digest}
        stamp = {"card": template.card.model_dump_json(), "actor": by.actor, "at": by.at_text}
        self._connection.execute(sa.insert(tables.library_version).values({**row, **texts, **stamp}))
        place = {"identifier": template.identifier, "version": template.version}
        for path, content in template.files.items():
            file = {**place, "path": path, "content": content}
            self._connection.execute(sa.insert(tables.library_file).values(file))
        about: dict[str, Any] = {"template": template.identifier, "digest": source.digest}
        detail = beside({**row, **stamp}, template.files)
        self.audit(template.action, by, version=template.version, detail=detail, **about)


def beside(row: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what the log says of a version besides the digest of its texts: what it is found by, and its files."""
    digests = {path: sha256(content).hexdigest() for path, content in files.items()}
    said = {"card": row["card"], "files": json.dumps(digests, sort_keys=True)}
    marks = {name: sha256(text.encode()).hexdigest() for name, text in said.items()}
    return {**marks, **{name: row[name] for name in ("name", "status", "body_digest")}}
