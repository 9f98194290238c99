"""A small identity provider on loopback: discovery, authorize, token with PKCE, and keys, as OpenID Connect has them.

It signs in whoever `person` says without asking. `spoil` changes header and claims of the next tokens; `forge` makes
something else of a signed one. What it does otherwise is right, and it refuses what it should.
"""

from __future__ import annotations

import base64
import secrets
import socket
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "mrrt at example", "s3cret:/+ %"
Spoil = Callable[[dict[str, Any], dict[str, Any]], None]


def _unspoilt(_header: dict[str, Any], _claims: dict[str, Any]) -> None:
    return None


class Provider:
    """The provider; `start` and `stop` it."""

    def __init__(self) -> None:
        self.keys = KeySet([RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, auto_kid=False)])
        self.shown = self.keys
        self.person: dict[str, Any] = {"sub": "0815", "preferred_username": "E.Muster", "name": "Dr. Erika Muster"}
        self.spoil: Spoil = _unspoilt
        self.forge: Callable[[str], str] = lambda token: token
        self.asked_for_keys = 0
        self._codes: dict[str, dict[str, str]] = {}
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._listener = listener
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_level="warning", ws="none"))
        self._thread = threading.Thread(target=self._server.run, args=([listener],), daemon=True)

    def start(self) -> None:
        """Serve, and return when requests are answered."""
        self._listener.listen()
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self._listener.close()

    def token(self, audience: str, key: RSAKey | None = None, **more: Any) -> str:
        """Return a signed token for an audience."""
        now = int(time.time())
        claims = {"iss": self.address, "aud": audience, "iat": now, "exp": now + 300, **self.person, **more}
        header = {"alg": "RS256", "kid": "one"}
        self.spoil(header, claims)
        return self.forge(jwt.encode(header, claims, key or self.keys.keys[0]))  # type: ignore[arg-type]

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/.well-known/openid-configuration", self._discovery)
        app.add_api_route("/authorize", self._authorize)
        app.add_api_route("/token", self._token, methods=["POST"])
        app.add_api_route("/keys", self._jwks)
        return app

    def _discovery(self) -> dict[str, Any]:
        said = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        places = {name: f"{self.address}/{path}" for name, path in said.items()}
        return {"issuer": self.address, **places, "token_endpoint_auth_methods_supported": ["client_secret_basic"]}

    def _jwks(self) -> dict[str, Any]:
        self.asked_for_keys += 1
        return dict(self.shown.as_dict(private=False))

    def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        known = asked.get("client_id") == CLIENT and asked.get("response_type") == "code"
        if not known or asked.get("code_challenge_method") != "S256" or "openid" not in asked.get("scope", "").split():
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 303)

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        given = base64.b64decode(request.headers.get("Authorization", "Basic ").split(" ")[1]).decode()
        asked = self._codes.pop(form.get("code", ""), None)  # a code counts once
        if [unquote(part) for part in given.split(":")] != [CLIENT, SECRET]:
            return JSONResponse({"error": "invalid_client"}, 401)
        proof = base64.urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if asked is None or proof != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"id_token": self.token(CLIENT, nonce=asked["nonce"]), "access_token": "x", "token_type": "Bearer"}
        )
