"""The identity provider (OpenID Connect Core 1.0): people by authorization code, software by its access tokens.

Code flow with PKCE (RFC 7636), state and nonce. All three come from one random secret, which the browser keeps in a
cookie for the minutes that it is away; nothing is stored here. Tokens are JWTs, checked against the provider's keys.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError

from reporting.access import Role
from reporting.accounts import Subject
from reporting.config import Settings
from reporting.errors import NotSignedIn
from reporting.oidc_discovery import Discovery

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures that only the provider can make. Neither "none" nor those with a shared secret are among them."""
LEEWAY = 60
"""Seconds by which the clock of the provider may differ."""
_NAME = 200
"""Characters of what somebody is called."""


class Provider:
    """An identity provider as the settings name it."""

    def __init__(self, site: Settings) -> None:
        self.issuer = site.oidc_issuer
        self._client = site.oidc_client_id
        self._secret = site.oidc_secret
        self._scopes = site.oidc_scopes
        self._audience = site.oidc_audience
        self._claim = site.oidc_roles_claim
        self._roles = site.oidc_roles
        self.discovery = Discovery(site.oidc_issuer)

    @property
    def gives_roles(self) -> bool:
        """Whether roles come from the provider, and are not given here."""
        return bool(self._roles)

    # -- people

    def begin(self, redirect: str, at: datetime) -> tuple[str, str]:
        """Return the address to send a browser to, and the secret that it keeps meanwhile; raises NotSignedIn."""
        secret = secrets.token_urlsafe(32)
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": redirect,
            "scope": self._scopes,
            "state": _part(secret, "state"),
            "nonce": _part(secret, "nonce"),
            "code_challenge": _challenge(_part(secret, "verifier")),
            "code_challenge_method": "S256",
        }
        address = str(self.discovery.metadata(at)["authorization_endpoint"])
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}", secret

    def finish(self, secret: str, state: str, code: str, redirect: str, at: datetime) -> Subject:
        """Return whom the provider vouches for with a code; raises NotSignedIn, whatever is wrong."""
        if not secret or not secrets.compare_digest(_part(secret, "state").encode(), state.encode()):
            raise NotSignedIn("state")
        answer = self._tokens(code, redirect, _part(secret, "verifier"), at)
        token = answer.get("id_token")
        claims = self._claims(token if isinstance(token, str) else "", self._client, at)
        if claims.get("nonce") != _part(secret, "nonce"):
            raise NotSignedIn("nonce")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != self._client:
            raise NotSignedIn("azp")  # OpenID Connect Core section 3.1.3.7, steps 4 and 5
        return self._subject(claims)

    def _tokens(self, code: str, redirect: str, verifier: str, at: datetime) -> dict[str, Any]:
        metadata = self.discovery.metadata(at)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        methods = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        auth = None
        if self._secret and "client_secret_basic" in methods:  # RFC 6749 section 2.3.1
            auth = httpx.BasicAuth(quote(self._client, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": self._client, **({"client_secret": self._secret} if self._secret else {})}
        return self.discovery.post(str(metadata["token_endpoint"]), form, auth)

    # -- software

    def access(self, token: str, at: datetime) -> Subject | None:
        """Return who has an access token that is meant for this server; None where it does not hold."""
        if not self._audience:
            return None
        try:
            return self._subject(self._claims(token, self._audience, at))
        except NotSignedIn:
            return None

    def _subject(self, claims: Mapping[str, Any]) -> Subject:
        names = (claims.get(name) for name in ("preferred_username", "email", "client_id", "azp", "sub"))
        name = next(one for one in names if isinstance(one, str) and one)
        shown = claims.get("name")
        roles = roles_of(claims, self._claim, self._roles) if self._roles else None
        return Subject(self.issuer, claims["sub"], name, _one_line(shown) if isinstance(shown, str) else "", roles)

    # -- tokens and keys

    def _claims(self, token: str, audience: str, at: datetime) -> dict[str, Any]:
        """Return the claims of a token that the provider signed for an audience; raises NotSignedIn."""
        try:
            decoded = jwt.decode(token, lambda given: self.discovery.key(given.headers().get("kid"), at), ALGORITHMS)
            rules = jwt.JWTClaimsRegistry(
                now=int(at.timestamp()),
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": audience},
                sub={"essential": True},
                exp={"essential": True},
            )
            rules.validate(decoded.claims)
        except (JoseError, ValueError, TypeError) as error:
            raise NotSignedIn(f"token: {type(error).__name__}") from error
        return decoded.claims


def roles_of(claims: Mapping[str, Any], claim: str, mapping: tuple[tuple[str, Role], ...]) -> tuple[Role, ...]:
    """Return the roles that the values of a claim give; points in its name lead into objects."""
    found: Any = claims.get(claim)
    if found is None:
        found = claims
        for step in claim.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else str(found or "").split()
    return tuple(sorted({role for value, role in mapping if value in values}))


def _one_line(text: str) -> str:
    """Return what can stand under a report: people may say themselves there what they are called.

    A line of its own in it would be one of the report, and signs that turn the writing round would change what is read.
    """
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))[:_NAME].strip()


def _part(secret: str, name: str) -> str:
    """Return the state, the nonce or the code verifier that belongs to a secret, from which nobody can tell it."""
    return _text(sha256(f"{name} {secret}".encode("utf-8", "surrogatepass")).digest())


def _challenge(verifier: str) -> str:
    return _text(sha256(verifier.encode()).digest())


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
