"""The whole application on a temporary database, spoken to over HTTP."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from api.app import create_app
from reporting import passwords

from ..reporting.site import counting, site, ticking

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would rather have httpx2; httpx does the same here
    from starlette.testclient import TestClient

V1 = "/api/v1"
OWN = "http://127.0.0.1:8000"
LARGEST = 400_000
SEEN = {"acknowledge": [{"rule": "C2", "field": "comparison"}]}
"""What a signature of the tiny template needs where its field with ALERT stays empty."""


@pytest.fixture(autouse=True, scope="module")
def quick_passwords() -> Iterator[None]:
    """Hash passwords in no time: each takes a tenth of a second of both processors, and nothing here is about that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """A client of a new site; a mistake of the server is an answer (500), as it is in the field."""
    app = create_app(site(tmp_path, max_body_bytes=LARGEST, events_seconds=0), clock=ticking(), new_id=counting())
    with TestClient(app, OWN, raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[TestClient]:
    """A client that lets a mistake of the server rise into the test."""
    with TestClient(create_app(site(tmp_path, events_seconds=0), clock=ticking(), new_id=counting()), OWN) as made:
        yield made
