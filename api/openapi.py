"""What the OpenAPI document says beside what FastAPI finds by itself, so that clients can be generated from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.permissions import NEEDED
from api.problems import documented, with_schemas
from reporting.identity import Open

Json = dict[str, Any]
_ETAG = {"ETag": "The version, in quotes; If-Match takes it."}
_LOCATION = {"Location": "The address of what was made."}
_CHANGES = (
    *(
        "get_report",
        "get_report_version",
        "edit_report",
        "add_documents",
        "acknowledge_alerts",
        "sign_report",
        "sign_preliminary",
    ),
    *("open_revision", "discard_revision", "add_addendum", "cancel_report", "withdraw_report", "decline_late"),
    *("migrate_report", "get_template", "retrieve_template", "retire_template"),
)
HEADERS: Mapping[str, Mapping[str, str]] = {
    **dict.fromkeys(_CHANGES, _ETAG),
    **dict.fromkeys(("create_report", "put_template", "store_template"), _ETAG | _LOCATION),
    **dict.fromkeys(("receive_document", "create_job", "create_account"), _LOCATION),
    "get_rendering": {
        "ETag": "Version and digest of the rendering, in quotes; that of a signed version holds for good."
    },
    "list_audit_events": {"X-Next-Cursor": "The cursor of the next page, in the formats that have no place for it."},
}
"""Headers of answers that went well, by operation."""
_SCHEMES: Json = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token, or an access token of a client."},
    "client": {
        "type": "oauth2",
        "description": "Access tokens for software (RFC 6749 section 4.4).",
        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/oauth/token", "scopes": {}}},
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "mrrt_session",
        "description": "A browser. What changes something also needs X-CSRF-Token; over TLS the cookie is __Host-mrrt.",
    },
}


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation, by which generated clients call it."""
    return route.name


def install(app: FastAPI) -> None:
    """Let the application describe itself in full, once."""
    made: list[Json] = []

    def described() -> Json:
        if not made:
            made.append(completed(with_schemas(FastAPI.openapi(app))))
        return made[0]

    app.openapi = described  # type: ignore[method-assign]


def completed(document: Json) -> Json:
    """Return the document with headers, ways to sign in, names for schemas, and examples in full."""
    document = _renamed(document)
    document["components"]["securitySchemes"] = _SCHEMES
    schemas = document["components"]["schemas"]
    for operations in document["paths"].values():
        for method, operation in operations.items():
            name = operation["operationId"]
            operation["security"] = [] if NEEDED[name] is Open.ANYONE else [{one: []} for one in _SCHEMES]
            if "requestBody" in operation:
                operation["responses"].setdefault("415", documented(415)[415])
            for status, answer in operation["responses"].items():
                if status[0] == "2":
                    _describe_headers(answer, HEADERS.get(name, {}))
                    _fill_examples(answer, schemas)
            if "412" in operation["responses"]:
                _describe_headers(operation["responses"]["412"], {"ETag": "The version that is stored now."})
            if method == "get" and "ETag" in HEADERS.get(name, {}):
                _describe_conditional(operation)
    return document


def _describe_conditional(operation: Json) -> None:
    """Say that who has the content in hand gets 304 (api/conditional.py)."""
    says = "ETags of what the caller has; where one of them still holds, the answer is 304 without content."
    header = {"name": "If-None-Match", "in": "header", "required": False, "description": says}
    operation.setdefault("parameters", []).append({**header, "schema": {"type": "string"}, "example": '"3"'})
    operation["responses"]["304"] = {"description": HTTPStatus(304).phrase}
    _describe_headers(operation["responses"]["304"], _ETAG)


def _renamed(document: Json) -> Json:
    """Give schemas of one name in two modules names that are short and differ, as the titles have to."""
    text = json.dumps(document)
    for long in [name for name in document["components"]["schemas"] if "__" in name]:
        *_, module, name = long.split("__")
        short = "".join(word.capitalize() for word in module.split("_")) + name
        text = text.replace(f'"{long}"', f'"{short}"').replace(f'/schemas/{long}"', f'/schemas/{short}"')
    renamed: Json = json.loads(text)
    for name, schema in renamed["components"]["schemas"].items():
        schema["title"] = name
    return renamed


def _describe_headers(answer: Json, headers: Mapping[str, str]) -> None:
    for name, says in headers.items():
        answer.setdefault("headers", {})[name] = {"schema": {"type": "string"}, "description": says}


def _fill_examples(answer: Json, schemas: Json) -> None:
    for content in answer.get("content", {}).values():
        if "schema" in content and "example" in content:
            content["example"] = _in_full(content["example"], content["schema"], schemas)


def _in_full(example: Any, schema: Json, schemas: Json) -> Any:
    """Return an example with the nulls that answers have and that are left out where it is written."""
    schema = _resolved(schema, schemas)
    if isinstance(example, list) and isinstance(schema.get("items"), dict):
        return [_in_full(one, schema["items"], schemas) for one in example]
    if not isinstance(example, dict):
        return example
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    parts = {name: known.get(name, others) for name in example}
    full = {
        name: _in_full(one, parts[name], schemas) if isinstance(parts[name], dict) else one
        for name, one in example.items()
    }
    missing = (name for name in schema.get("required", ()) if name not in full)
    return full | {name: None for name in missing if {"type": "null"} in known[name].get("anyOf", ())}


def _resolved(schema: Json, schemas: Json) -> Json:
    """Return what a reference leads to; of something that may be null what it is otherwise."""
    while True:
        choices = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
        if "$ref" in schema:
            schema = schemas[schema["$ref"].rpartition("/")[2]]
        elif len(choices) == 1:
            schema = choices[0]
        else:
            return schema
