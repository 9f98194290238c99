"""Examples for signing in, accounts, tokens and clients; a test proves that each is valid for its route."""

from __future__ import annotations

from typing import Any

_AT = "2026-01-30T09:12:44.120000+00:00"
SIGN_IN = {"name": "e.muster", "password": "a long phrase that only I know"}
SESSION = {
    "name": "e.muster",
    "display_name": "Dr. Erika Muster",
    "kind": "person",
    "roles": ["signer"],
    "permissions": [
        "evaluate",
        "read-reports",
        "read-templates",
        "send-documents",
        "sign",
        "sign-preliminary",
        "write-reports",
    ],
    "csrf_token": "3Dkqf0x0m6s3mMShHq6Ycj1xkF4l1mWmYd3o7yFf2hQ",
    "methods": ["password", "oidc"],
    "time_zone": "Europe/Berlin",
}
NEW_PASSWORD = {"present": "a long phrase that only I know", "new": "another phrase, longer than that"}
ACCOUNT = {
    "name": "e.muster",
    "display_name": "Dr. Erika Muster",
    "roles": ["signer"],
    "disabled": False,
    "has_password": True,
    "issuer": None,
    "subject": None,
    "created_at": _AT,
    "changed_at": _AT,
}
ACCOUNTS = [ACCOUNT]
NEW_ACCOUNT = {
    "name": "e.muster",
    "display_name": "Dr. Erika Muster",
    "roles": ["signer"],
    "password": "a long phrase to begin with",
}
CHANGE = {"roles": ["author"], "disabled": False}
NEW_TOKEN = {"name": "ultrasound room 2", "roles": ["device"], "kind": "token", "expires_at": "2027-01-30T00:00:00Z"}
TOKEN = {
    "id": "5b0c8d1e2f3a4b5c",
    "kind": "token",
    "name": "ultrasound room 2",
    "roles": ["device"],
    "client": None,
    "created_by": "admin",
    "created_at": _AT,
    "expires_at": "2027-01-30T00:00:00.000000+00:00",
    "revoked_at": None,
    "last_used_at": None,
}
TOKENS = [TOKEN]
MADE = TOKEN | {"secret": "mrrt_(43 random letters, shown once)"}
REVOKED = TOKEN | {"revoked_at": _AT}
ACCESS = {
    "access_token": "mrrt_(43 random letters)",
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "reader",
}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The client proves itself by HTTP Basic, or by client_id and client_secret in the form.",
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "scope": {"type": "string"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string"},
                    },
                },
                "example": {"grant_type": "client_credentials", "scope": "reader"},
            }
        },
    }
}
