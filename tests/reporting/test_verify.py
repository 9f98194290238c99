"""The check of the audit log finds whatever somebody with the database in hand changes, and names it.

1. A database in order passes, however it came to be.
2. Altered, removed, reordered and inserted rows of the log are named.
3. So is what no longer agrees with the log: versions, documents, renderings, templates, rows of reports.
4. The end of the chain, kept elsewhere, shows that it was cut off.
5. A log of 100,000 rows is checked row by row.
6. Accounts, tokens and clients are what the log says of them.
7. Triggers that are gone are named.
8. So are objects in the inbox that are gone, that never arrived, or that came otherwise than the log says.
"""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from mrrt.errors import UsageError
from mrrt.report import ReportStatus
from reporting.access import Role
from reporting.accounts import Accounts
from reporting.audit_chain import BEGINNING, chained, row_hash
from reporting.audit_check import ChainCheck, Finding, Kind
from reporting.credentials import Credentials
from reporting.draft import Edit, canonical
from reporting.identities import Account, Credential, CredentialKind, mark
from reporting.packages import Package
from reporting.passwords import Passwords
from reporting.receiving.inbox import Inbox
from reporting.receiving.records import Arrival
from reporting.row_check import IdentityCheck
from reporting.sessions import Sessions
from reporting.signing import Signing
from reporting.store import open_store
from reporting.store_tables import report_version
from reporting.verifying import Verification, current_head, verify
from reporting.workflow import Workflow

from ..sr_writer import uid
from .backends import BACKEND
from .site import SEEN, TINY, by, site, sr

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
GUARDED = ("audit_event", "report_version", "rendition", "library_version", "library_file", "template_page")


LIVED: dict[str, Path] = {}
"""By the kind of database, the folder of a site where something happened; tests have copies of it."""


@pytest.fixture
def lived(backend: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    """A site where something happened: documents, reports signed, revised and withdrawn, a template stored."""
    if backend not in LIVED:
        folder = tmp_path_factory.mktemp("lived")
        store = open_store(site(folder).database_url)
        live(Workflow(store, site(folder).templates))
        store.close()
        LIVED[backend] = folder
    BACKEND.copy(LIVED[backend], tmp_path)
    store = open_store(site(tmp_path).database_url)
    yield Workflow(store, site(tmp_path).templates)
    store.close()


def live(workflow: Workflow) -> None:
    signing = Signing(workflow.store)
    uid = workflow.receive(sr(), by()).document.sop_instance_uid or ""
    page, files = (TINY / "template.html").read_bytes(), {"SOURCE.md": b"# Who says so"}
    workflow.library.keep(Package("own", page, files=files), by(), identifier="1.2.3.4.5")
    for number in range(1, 4):
        workflow.create(f"r{number}", "tiny-carotid", [uid], by())
        workflow.edit(f"r{number}", [Edit(field="conclusion", value="normal")], by())
    signing.sign("r1", by(), acknowledging=SEEN)
    signing.revise("r1", ReportStatus.CORRECTED, "wrong side", by())
    signing.discard("r1", by())
    signing.sign("r2", by(), acknowledging=SEEN)
    signing.append("r2", "as discussed", by())


def tampered(workflow: Workflow, tmp_path: Path, *changes: tuple[str | sa.Update, dict[str, Any]]) -> Verification:
    """Change a database as somebody who holds it can, and check it."""
    engine = sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        without, again = triggers(connection)
        for statement in without:
            connection.exec_driver_sql(statement)
        for sql, values in changes:
            assert connection.execute(sa.text(sql) if isinstance(sql, str) else sql, values).rowcount > 0, sql
        for statement in again:
            connection.exec_driver_sql(statement)
    return verify(workflow.store)


def triggers(connection: sa.Connection) -> tuple[list[str], list[str]]:
    """Return the statements that take the triggers away, and those that a careful intruder puts them back with."""
    if connection.dialect.name == "postgresql":
        off, on = ([f"ALTER TABLE {table} {word} TRIGGER USER" for table in GUARDED] for word in ("DISABLE", "ENABLE"))
        return off, on
    found = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    return [f"DROP TRIGGER {name}" for name, _ in found], [sql for _, sql in found]


def named(verification: Verification) -> list[tuple[Kind, Any]]:
    """Return what was found and where, in short."""
    assert verification.intact is (not verification.findings) and verification.count == len(verification.findings)
    return [
        (one.kind, one.event or one.document or one.template or f"{one.report}/{one.version}")
        for one in verification.findings
    ]


def rows(workflow: Workflow) -> dict[int, dict[str, Any]]:
    with workflow.store.reading() as transaction:
        return {row["id"]: dict(row) for row in transaction.chain()}


def test_a_database_in_order_passes(lived: Workflow) -> None:  # 1
    seen: list[tuple[int, int]] = []
    result = verify(lived.store, progress=lambda done, total: seen.append((done, total)))
    assert result.findings == () and result.intact
    assert (result.events, result.reports, result.versions) == (13, 3, 11) and result.stored == 3
    assert result.head == current_head(lived.store) and seen == [(13, 13)]


def test_an_open_revision_passes(lived: Workflow, tmp_path: Path) -> None:  # 1, 3
    """Its report is found by what is signed until the revision is closed."""
    signing = Signing(lived.store)
    signing.revise("r2", ReportStatus.CORRECTED, "wrong side", by())
    lived.edit("r2", [Edit(field="conclusion", value="stenosis"), Edit(field="left_psv", value="99")], by())
    assert verify(lived.store).findings == ()
    change = "UPDATE report_value SET text = :text, token = :token WHERE report_id = 'r2' AND field = 'conclusion'"
    said = {"text": "stenosis", "token": "stenosis"}
    assert tampered(lived, tmp_path, (change, said)).findings != (), "which is not signed"


def test_an_empty_database_passes(workflow: Workflow) -> None:  # 1
    result = verify(workflow.store)
    assert result.intact and (result.events, result.head.hash) == (0, BEGINNING)


@pytest.mark.parametrize("column", ["actor", "at", "action", "outcome", "source", "request_id", "previous", "hash"])
def test_an_altered_row_is_named(lived: Workflow, tmp_path: Path, column: str) -> None:  # 2
    found = tampered(lived, tmp_path, (f"UPDATE audit_event SET {column} = 'other' WHERE id = 5", {}))
    assert (Kind.ALTERED, 5) in named(found) and {one.event for one in found.findings} == {5}


def test_an_altered_row_with_a_new_hash_is_named(lived: Workflow, tmp_path: Path) -> None:  # 2
    row = rows(lived)[5] | {"actor": "somebody else"}
    values = {"hash": row_hash(row["previous"], row), "actor": row["actor"]}
    found = tampered(lived, tmp_path, ("UPDATE audit_event SET actor = :actor, hash = :hash WHERE id = 5", values))
    assert named(found) == [(Kind.ALTERED, 5), (Kind.DISAGREES, 5)], "its version names who it was"


@pytest.mark.parametrize("gone", [[1], [4], [4, 5, 6]])
def test_removed_rows_are_named(lived: Workflow, tmp_path: Path, gone: list[int]) -> None:  # 2
    changes = [(f"DELETE FROM audit_event WHERE id = {number}", {}) for number in gone]
    found = named(tampered(lived, tmp_path, *changes))
    assert found[0] == (Kind.REMOVED, gone[0])
    assert {kind for kind, _ in found[1:]} == {Kind.INSERTED}, "what they told of has no event now"


def test_a_removed_row_is_named_where_the_others_close_the_gap(lived: Workflow, tmp_path: Path) -> None:  # 2
    changes = [("DELETE FROM audit_event WHERE id = 4", {})]
    changes += [(f"UPDATE audit_event SET id = {number - 1} WHERE id = {number}", {}) for number in range(5, 14)]
    assert named(tampered(lived, tmp_path, *changes))[0] == (Kind.REORDERED, 4)


def test_reordered_rows_are_named(lived: Workflow, tmp_path: Path) -> None:  # 2
    changes = [(f"UPDATE audit_event SET id = {new} WHERE id = {old}", {}) for old, new in ((6, 99), (7, 6), (99, 7))]
    found = tampered(lived, tmp_path, *changes)
    assert named(found) == [(Kind.REORDERED, 6), (Kind.REORDERED, 7)]
    assert "written as number 7" in found.findings[0].message


def test_an_inserted_row_is_named(lived: Workflow, tmp_path: Path) -> None:  # 2
    before = rows(lived)
    forged = chained({**before[3], "actor": "ghost", "digest": None}, before[5])
    columns = ", ".join(forged)
    changes = [(f"UPDATE audit_event SET id = {number + 1} WHERE id = {number}", {}) for number in range(13, 5, -1)]
    insert = f"INSERT INTO audit_event ({columns}) VALUES ({', '.join(f':{name}' for name in forged)})"
    found = named(tampered(lived, tmp_path, *changes, (insert, forged)))
    assert found[:2] == [(Kind.INSERTED, 6), (Kind.REORDERED, 7)]


def test_a_cut_off_end_is_seen_by_what_has_no_event(lived: Workflow, tmp_path: Path) -> None:  # 2, 3
    head = current_head(lived.store)
    found = tampered(lived, tmp_path, ("DELETE FROM audit_event WHERE id > 11", {}))
    assert named(found) == [(Kind.INSERTED, "r2/3"), (Kind.INSERTED, "r2/4")]
    assert next(one.kind for one in verify(lived.store, [head.hash]).findings) is Kind.REMOVED


def test_a_head_that_was_kept_elsewhere(lived: Workflow) -> None:  # 4
    early = current_head(lived.store)
    lived.create("r9", "tiny-carotid", [], by())
    assert verify(lived.store, [early.hash, current_head(lived.store).hash, BEGINNING]).intact
    [finding] = verify(lived.store, ["a" * 64]).findings
    assert finding.kind is Kind.REMOVED and "aaaa" in finding.message
    with pytest.raises(UsageError, match="64 digits"):
        verify(lived.store, ["A" * 64])


VERSION = "report_id = 'r1' AND version = 3"
STAMP = ("actor", "at", "action")
REPEATED = ("patient_id", "patient_name", "patient_key", "accession_number", "study_instance_uid", "study_date")
REPEATED += ("author", "created_at", "updated_at", "preliminary_actor", "revision", "template")
SIGNED = ("signed_by", "signed_at", "signed_actor")
BESIDE = ("name", "status", "body_digest", "card", "actor", "at")
FOUND_BY = ("patient_id", "study_instance_uid", "accession_number")
STORED: list[tuple[str, Kind, str]] = [
    (f"UPDATE report_version SET document = '{{' WHERE {VERSION}", Kind.ALTERED, "r1/3"),
    (f"UPDATE report_version SET status = 'amended' WHERE {VERSION}", Kind.DISAGREES, "r1/3"),
    (f"UPDATE report_version SET status = '' WHERE {VERSION}", Kind.DISAGREES, "r1/3"),
    *((f"UPDATE report_version SET {name} = 'other' WHERE {VERSION}", Kind.DISAGREES, "") for name in STAMP),
    *((f"UPDATE report_version SET {name} = '' WHERE {VERSION}", Kind.DISAGREES, "") for name in STAMP),
    *((f"UPDATE report SET {name} = 'other' WHERE id = 'r2'", Kind.DISAGREES, "r2/None") for name in REPEATED),
    *((f"UPDATE report SET {name} = NULL WHERE id = 'r2'", Kind.DISAGREES, "r2/None") for name in SIGNED),
    *((f"UPDATE report SET {name} = 'ghost' WHERE id = 'r3'", Kind.DISAGREES, "r3/None") for name in SIGNED),
    ("UPDATE report SET signed_by = 'other' WHERE id = 'r2'", Kind.DISAGREES, "r2/None"),
    ("UPDATE report_value SET number = '1', number_real = 1 WHERE number IS NOT NULL", Kind.DISAGREES, "r1/None"),
    ("UPDATE report_value SET number_real = 1 WHERE number IS NOT NULL", Kind.DISAGREES, "r1/None"),
    ("UPDATE report_value SET token = 'other' WHERE field = 'conclusion'", Kind.DISAGREES, "r1/None"),
    ("DELETE FROM report_value WHERE field = 'conclusion' AND report_id = 'r1'", Kind.DISAGREES, "r1/None"),
    ("UPDATE report_value SET field = 'other' WHERE field = 'conclusion'", Kind.DISAGREES, "r1/None"),
    ("DELETE FROM report_document WHERE report_id = 'r3'", Kind.DISAGREES, "r3/None"),
    (f"UPDATE rendition SET content = content || content WHERE {VERSION} AND format = 'text'", Kind.ALTERED, "r1/3"),
    (f"DELETE FROM rendition WHERE {VERSION} AND format = 'html'", Kind.REMOVED, "r1/3"),
    (
        f"INSERT INTO rendition SELECT report_id, version, 'pdf', media_type, content FROM rendition WHERE {VERSION} "
        "AND format = 'text'",
        Kind.INSERTED,
        "r1/3",
    ),
    (
        "INSERT INTO rendition SELECT report_id, 2, format, media_type, content FROM rendition "
        f"WHERE {VERSION} AND format = 'text'",
        Kind.INSERTED,
        "r1/2",
    ),
    (f"UPDATE rendition SET media_type = 'text/html' WHERE {VERSION} AND format = 'text'", Kind.DISAGREES, "r1/3"),
    ("DELETE FROM report_version WHERE report_id = 'r3' AND version = 2", Kind.REMOVED, "r3/2"),
    ("UPDATE report SET status = 'final' WHERE id = 'r3'", Kind.DISAGREES, "r3/None"),
    ("UPDATE report SET version = 1 WHERE id = 'r3'", Kind.DISAGREES, "r3/None"),
    ("UPDATE report SET signed_version = NULL WHERE id = 'r2'", Kind.DISAGREES, "r2/None"),
    ("UPDATE report SET signed_version = 3 WHERE id = 'r2'", Kind.DISAGREES, "r2/None"),
    ("UPDATE sr_document SET content = content || content", Kind.ALTERED, ""),
    *((f"UPDATE sr_document SET {name} = 'OTHER-1'", Kind.DISAGREES, "") for name in FOUND_BY),
    *((f"UPDATE sr_document SET {name} = ''", Kind.DISAGREES, "") for name in FOUND_BY[:2]),
    ("UPDATE sr_document SET received_at = '2020'", Kind.DISAGREES, ""),
    ("UPDATE library_version SET html = html || html", Kind.ALTERED, ""),
    ("UPDATE library_version SET digest = ''", Kind.ALTERED, ""),
    *((f"UPDATE library_version SET {name} = '{{}}'", Kind.DISAGREES, "") for name in BESIDE),
    ("UPDATE library_file SET path = 'other.md'", Kind.DISAGREES, ""),
    ("UPDATE library_file SET content = content || content", Kind.DISAGREES, ""),
    ("DELETE FROM library_file", Kind.DISAGREES, ""),
    ("UPDATE template_version SET html = html || html", Kind.ALTERED, "tiny-carotid"),
]


@pytest.mark.parametrize(("sql", "kind", "place"), STORED, ids=lambda one: str(one)[:40])
def test_what_does_not_agree_with_the_log_is_named(
    lived: Workflow, tmp_path: Path, sql: str, kind: Kind, place: str
) -> None:  # 3
    found = named(tampered(lived, tmp_path, (sql, {})))
    assert any(one == kind and (not place or where == place) for one, where in found), found


def test_an_altered_word_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    with lived.store.reading() as transaction:
        said = canonical(transaction.report_version("r1", 3).draft)
    assert "normal" in said
    table = report_version
    change = sa.update(table).where(table.c.report_id == "r1", table.c.version == 3)
    change = change.values(document=said.replace("normal", "occluded"))
    assert (Kind.ALTERED, "r1/3") in named(tampered(lived, tmp_path, (change, {})))


@pytest.mark.parametrize("written", ["CAST(x'7bff' AS TEXT)", "x'7bff'", "substr(document, 1, 20)"])
def test_bytes_that_are_no_text_are_named(lived: Workflow, tmp_path: Path, written: str) -> None:  # 3
    if BACKEND.name != "sqlite":
        pytest.skip("PostgreSQL takes no bytes that are no text")
    sql = f"UPDATE report_version SET document = {written} WHERE {VERSION}"
    assert (Kind.ALTERED, "r1/3") in named(tampered(lived, tmp_path, (sql, {})))
    sql = "UPDATE audit_event SET actor = CAST(x'ff' AS TEXT) WHERE id = 2"
    assert (Kind.ALTERED, 2) in named(tampered(lived, tmp_path, (sql, {})))


ODD = ("audit_event.actor", "report.status", "report.version", "report_value.number_real", "report_version.actor")
ODD += ("report_version.version", "library_version.card", "library_file.version", "sr_document.title")


@pytest.mark.parametrize("place", ODD)
def test_what_no_column_of_its_type_can_hold_is_named(lived: Workflow, tmp_path: Path, place: str) -> None:  # 3
    """SQLite keeps bytes in columns of texts and of numbers; nothing in it can be compared then."""
    if BACKEND.name != "sqlite":
        pytest.skip("PostgreSQL holds to the types of columns")
    table, column = place.split(".")
    unchecked(tmp_path, f"UPDATE {table} SET {column} = x'ff00' WHERE rowid = (SELECT min(rowid) FROM {table})")
    [finding] = verify(lived.store).findings
    assert finding.kind is Kind.ALTERED and f'"{table}"' in finding.message and f": {column}." in finding.message


def test_an_altered_document_with_a_new_digest_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    with lived.store.reading() as transaction:
        [(_, versions)] = [one for one in transaction.reports_to_check() if one[0].report == "r3"]
    assert len(versions) == 2
    values = {"document": "{}", "digest": sha256(b"{}").hexdigest()}
    sql = "UPDATE report_version SET document = :document, digest = :digest WHERE report_id = 'r3' AND version = 1"
    assert (Kind.ALTERED, "r3/1") in named(tampered(lived, tmp_path, (sql, values)))


def test_a_removed_document_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    assert (Kind.REMOVED, 1) in named(tampered(lived, tmp_path, ("DELETE FROM sr_document", {})))


def test_a_report_without_versions_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    sql = "DELETE FROM report_version WHERE report_id = 'r3'"
    found = tampered(lived, tmp_path, (sql, {}))
    assert "lost all its versions" in " ".join(one.message for one in found.findings)


IDENTITIES: list[tuple[str, Kind, str]] = [
    ("UPDATE account SET roles = '[\"administrator\", \"signer\"]' WHERE name = 'olga'", Kind.DISAGREES, "olga"),
    ("UPDATE account SET disabled = true WHERE name = 'admin'", Kind.DISAGREES, "admin"),
    ("UPDATE account SET disabled = false WHERE name = 'olga'", Kind.DISAGREES, "olga"),
    ("UPDATE account SET name = 'ghost' WHERE name = 'olga'", Kind.INSERTED, "ghost"),
    ("DELETE FROM account WHERE name = 'olga'", Kind.REMOVED, "olga"),
    ("UPDATE account SET roles = '[\"adm' WHERE name = 'admin'", Kind.DISAGREES, "roles"),
    ("UPDATE account SET roles = '[[], 7]' WHERE name = 'admin'", Kind.DISAGREES, "roles"),
    ("UPDATE credential SET roles = '' WHERE name = 'room 2'", Kind.DISAGREES, "roles"),
    ("UPDATE credential SET kind = 'other' WHERE name = 'room 2'", Kind.REMOVED, "Token"),
    ("UPDATE credential SET roles = '[\"signer\"]' WHERE name = 'room 2'", Kind.DISAGREES, "roles"),
    ("UPDATE credential SET revoked_at = NULL WHERE name = 'lost'", Kind.DISAGREES, "revoked"),
    ("UPDATE account SET password_hash = 'other' WHERE name = 'admin'", Kind.DISAGREES, "password_hash"),
    ("UPDATE account SET password_hash = 'other' WHERE name = 'ann'", Kind.DISAGREES, "password_hash"),
    ("UPDATE account SET password_hash = 'other' WHERE name = 'olga'", Kind.DISAGREES, "password_hash"),
    ("UPDATE account SET issuer = 'https://own', subject = 'x' WHERE name = 'olga'", Kind.DISAGREES, "issuer"),
    ("UPDATE account SET display_name = 'Dr. Other' WHERE name = 'olga'", Kind.DISAGREES, "display_name"),
    ("UPDATE credential SET digest = 'other' WHERE name = 'room 2'", Kind.DISAGREES, "secret"),
    ("UPDATE credential SET digest = 'other' WHERE kind = 'client'", Kind.DISAGREES, "secret"),
    ("UPDATE credential SET expires_at = '2099' WHERE name = 'room 2'", Kind.DISAGREES, "expires_at"),
    ("UPDATE credential SET id = 'ghost' WHERE name = 'room 2'", Kind.INSERTED, "ghost"),
    ("DELETE FROM credential WHERE name = 'lost'", Kind.REMOVED, "Token"),
    ("UPDATE credential SET roles = '[\"signer\"]' WHERE kind = 'access'", Kind.INSERTED, "Access token"),
]


@pytest.fixture
def peopled(workflow: Workflow) -> Workflow:
    """A site that people and programs may sign in to."""
    accounts = Accounts(workflow.store, Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)))
    accounts.add("admin", "", [Role.ADMINISTRATOR], by(), "a long enough phrase")
    accounts.add("olga", "", [Role.READER], by())
    accounts.add("ann", "", [Role.READER], by(), "a long enough phrase")
    accounts.change("ann", by(), password="another long phrase")
    accounts.change("olga", by(), roles=[Role.AUTHOR], disabled=True)
    credentials = Credentials(workflow.store)
    credentials.make("room 2", [Role.DEVICE], by())
    credentials.revoke(credentials.make("lost", [Role.READER], by()).id, by())
    client = credentials.make("ris", [Role.READER], by(), client=True)
    credentials.exchange(client.id, client.secret, "", by())
    return workflow


def test_what_earlier_versions_noted_of_accounts_passes() -> None:  # 6
    """They told that there is another password, and not which."""
    earlier = [
        {"action": "add-account", "detail": '{"account":"sam","roles":["reader"]}'},
        {"action": "change-account", "detail": '{"account":"sam","password_hash":true}'},
        {"action": "make-token", "detail": '{"id":"1","kind":"token","name":"ris","roles":["reader"]}'},
    ]
    check = IdentityCheck()
    assert len(list(check.seen(earlier))) == 3
    at = {"created_at": "2026", "changed_at": "2026"}
    sam = Account(name="sam", display_name="Sam", roles=(Role.READER,), has_password=True, issuer="x", **at)
    made = {
        "kind": CredentialKind.TOKEN,
        "name": "ris",
        "roles": (Role.READER,),
        "created_by": "a",
        "created_at": "2026",
    }
    stored = [sam], [Credential(id="1", expires_at="2027", **made)], {"sam": "kept"}, {"1": "kept"}
    assert list(check.findings(*stored)) == []
    list(
        check.seen(
            [{"action": "change-account", "detail": json.dumps({"account": "sam", "password_hash": mark("kept")})}]
        )
    )
    assert list(check.findings(*stored)) == []
    assert list(check.findings(*stored[:2], {"sam": "other"}, stored[3])) != []


def test_a_password_that_is_hashed_anew_is_in_the_log(peopled: Workflow) -> None:  # 6
    hours = timedelta(hours=1)
    later = Passwords(PasswordHasher(time_cost=2, memory_cost=64, parallelism=1))
    Sessions(peopled.store, later, hours, hours).sign_in("ann", "another long phrase", by())
    with peopled.store.reading() as transaction:
        [event] = [one for one in transaction.audit_log() if "rehashed" in one.detail]
        assert str(transaction.password_hash("ann")) not in event.detail and "argon2" not in event.detail
    assert (event.action, event.actor) == ("change-account", "ann")
    assert verify(peopled.store).findings == ()


def test_accounts_and_tokens_in_order_pass(peopled: Workflow) -> None:  # 6
    assert verify(peopled.store).findings == ()


@pytest.mark.parametrize(("sql", "kind", "said"), IDENTITIES, ids=lambda one: str(one)[:40])
def test_rights_that_the_log_does_not_account_for_are_named(
    peopled: Workflow, tmp_path: Path, sql: str, kind: Kind, said: str
) -> None:  # 6
    found = tampered(peopled, tmp_path, (sql, {}))
    assert any(one.kind is kind and said in one.message for one in found.findings), found


def test_missing_triggers_are_named(lived: Workflow, tmp_path: Path) -> None:  # 7
    with sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(next(one for one in triggers(connection)[0] if "audit_event" in one))
    [finding] = verify(lived.store).findings
    assert finding.kind is Kind.REMOVED and '"audit_event"' in finding.message


def unchecked(tmp_path: Path, *statements: str) -> None:
    """Change a database as somebody can who switches its own checks off."""
    off, on = ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
    if BACKEND.name == "postgresql":
        off, on = ("SET session_replication_role = replica", "SET session_replication_role = DEFAULT")
    with sa.create_engine(site(tmp_path).database_url, poolclass=sa.NullPool).connect() as connection:
        without, again = ([], []) if BACKEND.name == "postgresql" else triggers(connection)
        for statement in (off, *without, *statements, *again, on):
            connection.exec_driver_sql(statement)
        connection.commit()


def test_lost_template_texts_are_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    unchecked(tmp_path, "DELETE FROM template_version")
    found = verify(lived.store).findings
    assert [(one.kind, one.report) for one in found] == [(Kind.REMOVED, name) for name in ("r1", "r2", "r3")]


def test_a_report_that_is_gone_is_named_by_what_is_left_of_it(lived: Workflow, tmp_path: Path) -> None:  # 3
    """No list shows it any more, though all its versions are there."""
    unchecked(tmp_path, "DELETE FROM report WHERE id = 'r1'")
    found = verify(lived.store).findings
    assert {(one.kind, one.report) for one in found} == {(Kind.REMOVED, "r1")}
    assert '"report_version"' in " ".join(one.message for one in found)


@pytest.mark.parametrize("table", ["report_version", "report_value", "report_document", "rendition"])
def test_rows_of_a_report_that_never_was_are_named(lived: Workflow, tmp_path: Path, table: str) -> None:  # 3
    unchecked(tmp_path, f"UPDATE {table} SET report_id = 'ghost' WHERE report_id = 'r1'")
    found = [one for one in verify(lived.store).findings if one.report == "ghost"]
    assert found and f'"{table}"' in found[0].message


def test_a_template_version_that_is_gone_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    """The version before would be used again, with what it says about grades."""
    page = (TINY / "template.html").read_bytes().replace(b"Tiny", b"Tinier")
    lived.library.keep(Package("own", page), by(), identifier="1.2.3.4.5", new_version=True)
    assert verify(lived.store).findings == ()
    unchecked(tmp_path, "DELETE FROM library_file WHERE version = 2", "DELETE FROM library_version WHERE version = 2")
    [finding] = verify(lived.store).findings
    assert (finding.kind, finding.template, finding.version) == (Kind.REMOVED, "1.2.3.4.5", 2)


def test_a_retired_template_that_is_offered_again_is_named(lived: Workflow, tmp_path: Path) -> None:  # 3
    lived.library.retire("1.2.3.4.5", by())
    assert verify(lived.store).findings == ()
    change = "UPDATE library_version SET status = 'ACTIVE' WHERE action = 'retire'"
    [finding] = tampered(lived, tmp_path, (change, {})).findings
    assert finding.kind is Kind.DISAGREES and "status" in finding.message and finding.version == 2


def filled(workflow: Workflow, *uids: str) -> Inbox:
    """Let objects come in, which wait for their import."""
    inbox = Inbox(workflow.store, lambda: by().at, quiet=True)
    for name in uids:
        inbox.keep(Arrival(f"bytes {name}".encode(), name, COMPREHENSIVE_SR, "c-store", "US1", "192.0.2.7"))
    return inbox


def test_a_received_object_that_is_not_what_came_in_is_named(workflow: Workflow, tmp_path: Path) -> None:  # 8
    filled(workflow, "1.2.3", "1.2.4")
    assert verify(workflow.store).findings == ()
    text, gone = ("UPDATE received_object SET content = :content WHERE id = :id", {"content": b"x", "id": 1}), None
    found = tampered(workflow, tmp_path, text, (text[0], {"content": gone, "id": 2}))
    assert named(found) == [(Kind.ALTERED, "1.2.3"), (Kind.REMOVED, "1.2.4")]


def test_a_received_object_that_is_gone_is_named(workflow: Workflow, tmp_path: Path) -> None:  # 8
    """Its device was told that it is safe, whether it was imported already or not."""
    inbox = filled(workflow, "1.2.3", "1.2.4", "")
    content = sr()
    inbox.keep(Arrival(content, uid("one/instance"), COMPREHENSIVE_SR, "c-store", "US1"))
    while inbox.import_waiting():
        pass
    assert verify(workflow.store).findings == ()
    findings = tampered(workflow, tmp_path, ("DELETE FROM received_object WHERE id IN (1, 3, 4)", {})).findings
    assert [(one.kind, one.document, one.event) for one in findings] == [
        (Kind.REMOVED, "1.2.3", 1),
        (Kind.REMOVED, None, 3),
        (Kind.REMOVED, uid("one/instance"), 4),
    ]
    assert "Received object 1 (1.2.3) is gone" in findings[0].message and "audit event 1" in findings[0].message


def test_that_it_came_again_does_not_hide_that_it_was_gone(workflow: Workflow, tmp_path: Path) -> None:  # 8
    filled(workflow, "1.2.3")
    tampered(workflow, tmp_path, ("DELETE FROM received_object", {}))
    filled(workflow, "1.2.3")
    [finding] = verify(workflow.store).findings
    assert (finding.kind, finding.event) == (Kind.REMOVED, 1)


def test_a_received_object_that_never_arrived_is_named(workflow: Workflow, tmp_path: Path) -> None:  # 8
    filled(workflow, "1.2.3")
    columns = "sop_class_uid, digest, content, size, state, reason, via, source, received_at"
    put_in = f"INSERT INTO received_object (id, sop_instance_uid, {columns}) SELECT :id, :uid, {columns} FROM "
    copies = [(f"{put_in} received_object WHERE id = 1", {"id": number, "uid": f"9.{number}"}) for number in (-5, 77)]
    found = tampered(workflow, tmp_path, *copies)
    assert named(found) == [(Kind.INSERTED, "9.-5"), (Kind.INSERTED, "9.77")]
    assert "Received object 77" in found.findings[1].message


@pytest.mark.parametrize("changed", ["received_at = '2026-01-29'", "source = 'US2'", "via = 'stow'"])
def test_a_received_object_that_came_otherwise_is_named(workflow: Workflow, tmp_path: Path, changed: str) -> None:  # 8
    filled(workflow, "1.2.3")
    [finding] = tampered(workflow, tmp_path, (f"UPDATE received_object SET {changed}", {})).findings
    assert (finding.kind, finding.document, finding.event) == (Kind.DISAGREES, "1.2.3", 1)
    assert changed.split()[0].replace("via", "sender").replace("source", "sender") in finding.message


def log(length: int) -> Iterator[dict[str, Any]]:
    row: dict[str, Any] | None = None
    for number in range(length):
        text = {
            "at": "2026-01-30",
            "actor": "a",
            "action": "read",
            "outcome": "success",
            "source": "",
            "request_id": "",
        }
        nothing = dict.fromkeys(("report_id", "version", "document", "template", "digest"))
        row = chained({**text, **nothing, "detail": f'{{"n":{number}}}'}, row)
        yield row


def test_a_long_log_takes_no_room() -> None:  # 5
    tracemalloc.start()
    began = time.perf_counter()
    check = ChainCheck()
    findings: list[Finding] = list(check.findings(log(20_000)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert findings == [] and check.rows == 20_000 and most < 2_000_000
    assert time.perf_counter() - began < 60


def test_many_moved_rows_are_one_finding() -> None:  # 5
    shifted = ({**row, "id": row["id"] - 1} for row in log(3000) if row["id"] != 10)
    first = ({**row, "id": row["id"] + 1} if row["id"] < 9 else row for row in shifted)
    findings = list(ChainCheck().findings(sorted(first, key=lambda row: row["id"])))
    assert 0 < len(findings) < 20
