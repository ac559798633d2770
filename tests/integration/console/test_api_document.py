"""The API keeps what its OpenAPI document says: requests made of the document, good ones and bad ones, find no 500, no
status that is not documented, and no answer of another shape. In this process, on a real database; Temporal knows no
content here (tests/workflow/test_api_flow.py has one that does)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.api.app import create_api
from control.studio import Studio
from control.temporal.port import CallFailed, Code
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Caller
from reelwright.storage.contents import PostgresContents
from tests import depth
from tests.console_app import ORIGIN, NoTemporal, app_of

pytestmark = pytest.mark.lengthy
SCHEMA = schemathesis.openapi.from_dict(create_api(None).openapi())
OPERATIONS = [one for found in SCHEMA.get_all_operations() if (one := found.ok()).path != "/openapi.json"]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20


class Nothing:
    """A workflow that is not there."""

    def __init__(self, id: str) -> None:
        self.id = id

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **given: Any) -> Any:
            raise CallFailed("there is no such workflow", Code.NOT_FOUND)

        return call


class Empty(NoTemporal):
    """A Temporal server that knows nothing, and forgets what it is given."""

    def handle(self, id: str, result_type: type[Any]) -> Any:
        return Nothing(id)

    async def start(self, *args: Any, **given: Any) -> Any:
        return Nothing("started")


class Refusing:
    """Takes no file in, whatever it is."""

    async def add(self, path: Path, *, field: str, **given: Any) -> Any:
        raise InvalidInput("it is no media", field=field, remedy="send another")


def without(*args: Any) -> Any:
    raise AssertionError("it is not needed here")


@pytest.fixture(scope="module")
async def client(pool: Any) -> AsyncIterator[httpx.AsyncClient]:
    def studio(caller: Caller) -> Studio:
        return Studio(Empty(), PostgresContents(pool), without, without, Refusing, caller)

    app = app_of(pool=pool, studio=studio, secret_key=Fernet.generate_key().decode())
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        yield client


async def sent(client: httpx.AsyncClient, case: Case) -> httpx.Response:
    """The case's request, as httpx sends it. What HTTP cannot carry is left out."""
    given = case.as_transport_kwargs(base_url=f"{ORIGIN}/api")
    headers = {
        name: value
        for name, value in (given.get("headers") or {}).items()
        if value.isascii() and value.isprintable() and name.isascii()
    }
    body: dict[str, Any] = {}
    if "json" in given:
        body["json"] = given["json"]
    elif isinstance(given.get("data"), bytes | str):
        body["content"] = given["data"]
    return await client.request(given["method"], given["url"], params=given.get("params"), headers=headers, **body)


@pytest.mark.sample(24)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@settings(
    depth.examples(EXAMPLES),
    phases=(Phase.generate,),
    suppress_health_check=[*HealthCheck],
    database=None,
)
@given(data=st.data())
async def test_requests_made_of_the_document(client: httpx.AsyncClient, operation: Any, data: st.DataObject) -> None:
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    try:
        strategy = operation.as_strategy(generation_mode=mode)
    except Exception as error:
        if "Impossible" not in type(error).__name__ and "Unsatisfiable" not in type(error).__name__:
            raise
        strategy = operation.as_strategy()
    case: Case = data.draw(strategy)
    answer = await sent(client, case)
    case.validate_response(answer, checks=CHECKS)
