"""Settings: what the environment says, what the command line says above it, and what is wrong with either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mrrt.errors import UsageError
from reporting.config import Settings, is_loopback, settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"MRRT_{name.upper()}", raising=False)


def test_defaults_keep_the_data_with_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert settings().database_url == f"sqlite:///{tmp_path / 'mrrt' / 'mrrt.sqlite'}"
    assert is_loopback(settings().host)


def test_the_command_line_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MRRT_PORT", "8001")
    assert settings().port == 8001
    assert settings(port=8002, host=None).port == 8002


def test_templates_are_a_search_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    monkeypatch.setenv("MRRT_TEMPLATES", f"{first}:{second}")
    assert settings().templates == (first, second)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("PORT", "70000"),
        ("LANGUAGE", "german"),
        ("TEMPLATES", "/no/such/folder"),
        ("ACTOR", ""),
        ("VIEWER_URL", "https://viewer.example/"),
        ("VIEWER_URL", "javascript:{study_instance_uid}"),
        ("MAX_BODY_BYTES", "0"),
        ("TIME_ZONE", "Mainz"),
        ("TIME_ZONE", "../../etc/passwd"),
        ("TIME_ZONE", "Europe"),
    ],
)
def test_wrong_settings_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"MRRT_{name}", value)
    with pytest.raises(UsageError, match=f"MRRT_{name}"):
        settings()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SIGN_OF", "SIGN_OFF"),
        ("SIGNIN", "SIGN_IN"),
        ("DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE"),
        ("DICOM_PEER", "DICOM_PEERS"),
        ("ISSUER", "OIDC_ISSUER"),
        ("PACS_TOKENS", "PACS_TOKEN"),
    ],
)
def test_a_misspelt_setting_is_not_left_out(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    monkeypatch.setenv(f"MRRT_{name}", "double")
    with pytest.raises(UsageError, match=f"MRRT_{name}: there is no such setting; write MRRT_{meant},"):
        settings()


@pytest.mark.parametrize("name", ["KILLS", "CLIENTS", "SERVICE_HOST", "PORT_8000_TCP_ADDR", "PACS_TOKEN", "IMAGE_TAG"])
def test_variables_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"MRRT_{name}", "10")
    assert settings() == Settings()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LANGUAGE", "german", 'MRRT_LANGUAGE: "german" is no language; write its two letters'),
        ("AE_TITLE", "NAME\\PATH", "MRRT_AE_TITLE: .* is no application entity title: 1 to 16"),
        ("OIDC_ROLES", "radiologists", 'MRRT_OIDC_ROLES: "radiologists" gives no role; write VALUE=ROLE'),
        ("TEMPLATES", "/no/such/folder", 'MRRT_TEMPLATES: "/no/such/folder" is not a folder'),
    ],
)
def test_what_is_wrong_is_said_in_words(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"MRRT_{name}", value)
    with pytest.raises(UsageError, match=said):
        settings()


def test_the_time_of_the_site() -> None:
    now = Settings(time_zone="Asia/Kolkata").now()
    assert now.utcoffset() == timedelta(hours=5, minutes=30) and abs(now - datetime.now(UTC)) < timedelta(minutes=1)
    assert Settings().now().utcoffset() == datetime.now().astimezone().utcoffset(), "that of the machine"


def test_the_viewer_address_holds_the_study_and_nothing_else() -> None:
    site = Settings(viewer_url="https://viewer.example/?study={study_instance_uid}")
    assert site.viewer("1.2&x=<y>") == "https://viewer.example/?study=1.2%26x%3D%3Cy%3E"
    assert site.viewer("") is None and Settings().viewer("1.2") is None


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("radiology.example", False),
        ("", False),
    ],
)
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_password_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret/with:signs@\n")
    given = {"database_password_file": file}
    address = settings(
        database_url="postgresql://mrrt@db.example.org:5432/mrrt?sslmode=verify-full", **given
    ).database_url
    assert address == "postgresql://mrrt:s3cret%2Fwith%3Asigns%40@db.example.org:5432/mrrt?sslmode=verify-full"
    assert settings(database_url="postgresql://mrrt@/x?host=/run", **given).database_url.startswith(
        "postgresql://mrrt:s3"
    )


@pytest.mark.parametrize(
    ("address", "content"),
    [
        ("postgresql://mrrt@host/mrrt", None),
        ("postgresql://mrrt@host/mrrt", ""),
        ("postgresql://host/mrrt", "secret"),
        ("postgresql://mrrt:other@host/mrrt", "secret"),
        ("sqlite:///file", "secret"),
    ],
)
def test_a_password_file_that_does_not_fit(tmp_path: Path, address: str, content: str | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    with pytest.raises(UsageError, match="DATABASE_PASSWORD_FILE") as caught:
        settings(database_url=address, database_password_file=file)
    assert "secret" not in str(caught.value) and "other" not in str(caught.value)
