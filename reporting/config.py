"""Settings: the one place that reads the environment.

Every setting is a variable `MRRT_...`; docs/reference/command-line.md lists them. Command-line options win.
"""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mrrt.errors import UsageError
from reporting.access import Role, SignIn
from reporting.receiving.peers import Peer, peer
from reporting.statuses import SignOff

_PREFIX = "MRRT_"
_SECRETS = frozenset({"pacs_token"})
"""Variables that have no place among the settings, because they are not to be seen (`secret`)."""
_NEAR = 0.7  # what people misspell is at 0.71 and above; variables of others (MRRT_SERVICE_HOST) are at 0.64 and below
_SHARED_METRICS = "PROMETHEUS_MULTIPROC_DIR"  # the name that prometheus-client looks for


class Settings(BaseSettings):
    """What a site can set."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="forbid")

    database_url: str = Field(default_factory=lambda: f"sqlite:///{_data_folder() / 'mrrt.sqlite'}")
    """SQLAlchemy address of the database."""
    database_password_file: Path | None = None
    """File with the password of the database, for an address that names the user alone."""
    templates: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of own templates, separated like a search path; they go before the shipped ones."""
    profiles: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders of own vendor profiles, separated like a search path; they go before the shipped ones."""
    language: str = ""
    """Language of new reports where the caller names none; empty means that of the template."""
    time_zone: str = ""
    """IANA name of the time zone of the site: times under reports are written in it, and days are days there.

    Where it is empty, times are written in that of the machine, and days are those of UTC.
    """
    host: str = "127.0.0.1"
    """Address that the server listens on."""
    port: int = Field(default=8000, ge=0, le=65535)
    actor: str = Field(default="local user", min_length=1)
    """Who is written into versions and audit events where there is no sign-in, and by commands."""
    sign_in: SignIn = SignIn.NONE
    """How people show who they are: none (this machine only), local (passwords) or oidc (an identity provider)."""
    public_url: str = ""
    """Address under which browsers reach the server, such as https://reports.example; no path."""
    session_idle_minutes: int = Field(default=60, ge=1, le=24 * 60)
    """Minutes without a request after which a browser has to sign in again."""
    session_hours: int = Field(default=12, ge=1, le=24 * 7)
    """Hours after which a browser has to sign in again in any case."""
    oidc_issuer: str = ""
    """Address of the identity provider, exactly as it calls itself (`issuer`)."""
    oidc_client_id: str = ""
    """Name under which the identity provider knows this server."""
    oidc_client_secret: SecretStr = SecretStr("")
    """What this server proves that with; a file is better."""
    oidc_client_secret_file: Path | None = None
    """File that holds the secret, and nothing else."""
    oidc_scopes: str = "openid profile email"
    """What the identity provider is asked for, with blanks between."""
    oidc_roles_claim: str = "roles"
    """Claim of the ID token (and of access tokens) that lists groups or roles; points lead into objects."""
    oidc_roles: Annotated[tuple[tuple[str, Role], ...], NoDecode] = ()
    """Which value of the claim gives which role: VALUE=ROLE, with commas between. None: roles are given here."""
    oidc_audience: str = ""
    """Audience of access tokens (JWT) of the identity provider that software may send; empty: none are taken."""
    sign_off: SignOff = SignOff.SINGLE
    """How many signatures a final report takes: single, or double for a preliminary one and one of somebody else."""
    workers: int = Field(default=1, ge=1, le=64)
    """Processes that `mrrt serve` answers with."""
    shutdown_seconds: int = Field(default=20, ge=1, le=600)
    """How long a server that is told to stop waits for the requests that are being answered."""
    idempotency_hours: int = Field(default=24, ge=1, le=24 * 365)
    """Hours for which it is known what a request with an Idempotency-Key led to."""
    job_days: int = Field(default=7, ge=1, le=3650)
    """Days for which jobs that are over, and their results, are kept."""
    events_seconds: int = Field(default=900, ge=0)
    """Seconds after which a stream of events ends, so that its client comes again and says anew who it is."""
    viewer_url: str = ""
    """Address of an image viewer; {study_instance_uid} in it is replaced, and so is {sop_instance_uid}."""
    trial: bool = False
    """Whether the page counts, for each report, time, keys, clicks, corrections and alerts; no patient, no reader."""
    max_body_bytes: int = Field(default=32 * 1024 * 1024, gt=0)
    """Size up to which the body of a request is read; that of a received object, too."""
    dicom_port: int | None = Field(default=None, ge=0, le=65535)
    """Port on which devices deliver by C-STORE; without one, `mrrt serve` does not listen for DICOM."""
    dicom_host: str = "127.0.0.1"
    """Address on which devices deliver; any other than loopback takes a list of peers."""
    ae_title: str = "MRRT"
    """Own application entity title (PS3.8 section 9.3.2: up to 16 characters, no backslash)."""
    dicom_peers: Annotated[tuple[Peer, ...], NoDecode] = ()
    """Devices that may deliver: TITLE, TITLE@ADDRESS or TITLE@ADDRESS:PORT, with commas between them."""
    dicom_associations: int = Field(default=16, ge=1, le=200)
    """Devices that may be connected at the same time."""
    dicom_certificate: Path | None = None
    """PEM file with the certificate of this server; with it, DICOM is spoken over TLS alone."""
    dicom_key: Path | None = None
    """PEM file with the key of that certificate."""
    dicom_authority: Path | None = None
    """PEM file with the authorities whose certificates devices must show; without it they need none."""
    receive_other: Literal["refuse", "keep"] = "refuse"
    """What happens to objects that are no SR."""
    receive_unreadable: Literal["accept", "refuse"] = "accept"
    """Whether a device is told of an object that is kept safely, but that nobody can read or that is in conflict."""

    audit_repository: str = ""
    """Audit record repository that gets the audit log: tls://HOST or tls://HOST:PORT."""
    audit_authority: Path | None = None
    """PEM file with the authorities that may vouch for it; without it, those of the machine."""
    audit_certificate: Path | None = None
    """PEM file with the certificate that it is shown, where it wants to see one."""
    audit_key: Path | None = None
    """PEM file with the key of that certificate."""

    @field_validator("templates", "profiles", mode="before")
    @classmethod
    def _search_path(cls, given: Any) -> Any:
        return [part for part in given.split(os.pathsep) if part] if isinstance(given, str) else given

    @field_validator("templates", "profiles")
    @classmethod
    def _are_folders(cls, given: tuple[Path, ...]) -> tuple[Path, ...]:
        for folder in given:
            if not folder.is_dir():
                raise ValueError(f'"{folder}" is not a folder')
        return given

    @field_validator("dicom_peers", mode="before")
    @classmethod
    def _peers(cls, given: Any) -> Any:
        parts = given.split(",") if isinstance(given, str) else given
        return [peer(one) if isinstance(one, str) else one for one in parts if not isinstance(one, str) or one.strip()]

    @field_validator("language")
    @classmethod
    def _is_code(cls, given: str) -> str:
        if not re.fullmatch("([a-z]{2})?", given):
            raise ValueError(f'"{given}" is no language; write its two letters, such as en or de')
        return given

    @field_validator("ae_title")
    @classmethod
    def _is_title(cls, given: str) -> str:
        if not re.fullmatch(r"[!-[\]-~]([ -[\]-~]{0,14}[!-[\]-~])?", given):
            raise ValueError(
                f'"{given}" is no application entity title: 1 to 16 letters, digits and signs, no backslash'
            )
        return given

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _mapping(cls, given: Any) -> Any:
        parts = [part for part in given.split(",") if part.strip()] if isinstance(given, str) else given
        for one in parts:
            if isinstance(one, str) and "=" not in one:
                raise ValueError(f'"{one.strip()}" gives no role; write VALUE=ROLE, such as radiologists=signer')
        return [tuple(x.strip() for x in one.rsplit("=", 1)) if isinstance(one, str) else one for one in parts]

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, given: str) -> str:
        try:
            return ZoneInfo(given).key if given else ""
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'"{given}" is no time zone of this machine; write one as Europe/Berlin') from None

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_address(cls, given: str) -> str:
        if given and not given.startswith("https://") and not _is_local_address(given):
            raise ValueError("the address must start with https://, or with http:// on this machine")
        return given

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, given: str) -> str:
        origin = given.rstrip("/").lower()
        if origin.startswith("https://"):
            origin = origin.removesuffix(":443")  # browsers leave it out
        if urlsplit(origin)[2:] != ("", "", "") or "@" in origin:
            raise ValueError("the address has no path, no name and no query")
        return origin

    @model_validator(mode="after")
    def _provider_is_known(self) -> Settings:
        if self.sign_in is SignIn.OIDC and not (self.oidc_issuer and self.oidc_client_id):
            raise ValueError("MRRT_SIGN_IN=oidc takes MRRT_OIDC_ISSUER and MRRT_OIDC_CLIENT_ID")
        if self.oidc_audience and self.oidc_audience == self.oidc_client_id:
            raise ValueError("MRRT_OIDC_AUDIENCE must not be the client id: every ID token would pass for access")
        return self

    @property
    def oidc_secret(self) -> str:
        """The secret of this server at its identity provider; raises UsageError for a file that cannot be read."""
        if self.oidc_client_secret_file is None:
            return self.oidc_client_secret.get_secret_value()
        try:
            return self.oidc_client_secret_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"MRRT_OIDC_CLIENT_SECRET_FILE cannot be read: {type(error).__name__}") from error

    @field_validator("viewer_url")
    @classmethod
    def _names_the_study(cls, given: str) -> str:
        if given and not given.startswith(("https://", "http://")):
            raise ValueError("the address must start with https:// or http://")
        if given and "{study_instance_uid}" not in given:
            raise ValueError("the address must contain {study_instance_uid}")
        return given

    @property
    def zone(self) -> tzinfo:
        """The time zone in which days are meant."""
        return ZoneInfo(self.time_zone) if self.time_zone else UTC

    def now(self) -> datetime:
        """Return the time, in the time zone of the site."""
        return datetime.now(UTC).astimezone(ZoneInfo(self.time_zone) if self.time_zone else None)

    def viewer(self, study_instance_uid: str) -> str | None:
        """Return the address at which the image viewer shows a study; without the part that names one image."""
        address = self.viewer_image(study_instance_uid) or self.viewer_url
        if not address or not study_instance_uid:
            return None
        plain = re.sub(r"[?&][^?&=/#]+=\{sop_instance_uid\}|/?\{sop_instance_uid\}", "", address)
        return plain.replace("{study_instance_uid}", quote(study_instance_uid, safe=""))

    def viewer_image(self, study_instance_uid: str) -> str | None:
        """Return the pattern of the address that shows one image of a study, where the site has one.

        {sop_instance_uid} in it is to be replaced.
        """
        if "{sop_instance_uid}" not in self.viewer_url or not study_instance_uid:
            return None
        return self.viewer_url.replace("{study_instance_uid}", quote(study_instance_uid, safe=""))


def settings(**given: Any) -> Settings:
    """Return the settings of the environment, with those given on the command line (not None) above them.

    Raises UsageError that names each wrong setting.
    """
    if misspelt := list(_misspelt(os.environ)):
        raise UsageError("wrong settings:\n" + "\n".join(misspelt))
    try:
        site = Settings(**{key: value for key, value in given.items() if value is not None})
        if site.database_password_file is None:
            return site
        return site.model_copy(update={"database_url": _with_password(site.database_url, site.database_password_file)})
    except ValidationError as error:
        lines = [f"{_named(one['loc'])}{one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
        raise UsageError("wrong settings:\n" + "\n".join(lines)) from error


def _misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with variables that are called nearly as a setting: what they say would go unheard."""
    known = {*Settings.model_fields, *_SECRETS}
    for name in sorted(environment):
        said = name.lower().removeprefix(_PREFIX.lower())
        if said == name.lower() or said in known:
            continue
        if near := get_close_matches(said, known, n=1, cutoff=_NEAR):
            yield f"{name}: there is no such setting; write {_PREFIX}{near[0].upper()}, or call the variable otherwise"


def _with_password(address: str, file: Path) -> str:
    """Return the address of the database with the password that a file holds."""
    try:
        password = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{_PREFIX}DATABASE_PASSWORD_FILE: {file} cannot be read") from error
    parts = urlsplit(address)
    user, at, host = parts.netloc.rpartition("@")
    if not password or not at or not user or ":" in user:
        raise UsageError(
            f"{_PREFIX}DATABASE_PASSWORD_FILE: the file holds a password, and MRRT_DATABASE_URL names the user without "
            "one: postgresql://mrrt@host/mrrt"
        )
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}"))


def _named(place: tuple[int | str, ...]) -> str:
    return f"{_PREFIX}{str(place[0]).upper()}: " if place else ""


def refuse_open_door(site: Settings) -> None:
    """Raise UsageError where other machines could reach a server that does not know who they are."""
    if site.sign_in is SignIn.NONE and site.public_url and not _is_local_address(site.public_url):
        raise UsageError(
            f"the server does not answer under {site.public_url} without sign-in: everybody who can reach the proxy "
            "could read and sign reports; set MRRT_SIGN_IN, or leave MRRT_PUBLIC_URL out"
        )
    if is_loopback(site.host):
        return
    if site.sign_in is SignIn.NONE:
        raise UsageError(
            f"the server does not listen on {site.host} without sign-in: everybody who can reach that address could "
            "read and sign reports; set MRRT_SIGN_IN, or use 127.0.0.1, ::1 or localhost"
        )
    if not site.public_url:
        raise UsageError(
            f"the server does not listen on {site.host} without MRRT_PUBLIC_URL, the address that browsers use"
        )


def secret(name: str) -> str:
    """Return what a variable holds that has no place among the settings, because it is not to be seen; "" if unset."""
    return os.environ.get(name, "")


def export(chosen: Mapping[str, Any]) -> None:
    """Write settings into the environment, for a server process that reads its own."""
    for key, value in chosen.items():
        if value is not None:
            os.environ[_PREFIX + key.upper()] = str(value)


def share_metrics(folder: Path) -> None:
    """Let the workers of a server keep their figures in a folder; before any of them counts anything."""
    os.environ[_SHARED_METRICS] = str(folder)


def shared_metrics() -> Path | None:
    """Return the folder in which the workers of this server keep their figures, None where there is one worker."""
    folder = os.environ.get(_SHARED_METRICS)
    return Path(folder) if folder else None


def is_loopback(host: str) -> bool:
    """Tell whether only programs of this machine can reach a server that listens on the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_local_address(address: str) -> bool:
    try:
        return address.startswith("http://") and is_loopback(urlsplit(address).hostname or "")
    except ValueError:
        return False


def _data_folder() -> Path:
    """Return the folder where programs of this user keep their data on this kind of system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "mrrt"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "mrrt"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "mrrt"
