"""The API's frame: roles on every operation, problems, bodies, cursors, the document and its reference. No database."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from starlette.routing import Mount

from console.api.app import Api, create_api
from console.api.cursors import Cursors
from console.api.problems import KINDS
from console.api.reference import reference_of
from console.api.routes import operations
from console.api.routing import ApiRoute, Operation
from console.app import create_app
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from tests.console_app import PERSONS, app_of, browsing, parts_of

JSON = {"Accept": "application/json"}
DOCUMENT = create_api(None).openapi()
OPERATIONS = operations()
PUBLIC = {"sign_in", "sign_out"}
"""Operations for everybody, by name."""


def address(operation: Operation) -> str:
    """A path on which the operation answers."""
    filled = re.sub(r"\{(platform)\}", "youtube", operation.path)
    return "/api" + re.sub(r"\{[^}]+\}", "1", filled)


def test_the_api_is_mounted_and_its_routes_are_all_operations() -> None:
    mounts = [route for route in create_app(parts_of()).routes if isinstance(route, Mount)]
    (api,) = [mount.app for mount in mounts if mount.path == "/api"]
    assert isinstance(api, Api)
    for route in api.app.routes:
        assert isinstance(route, ApiRoute), f"{route} was not made with @operation"
        assert isinstance(route.operation.needs, Role) or route.operation.name in PUBLIC, route.path


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_nobody_is_told_401_and_a_lesser_role_403(operation: Operation) -> None:
    if operation.needs is None:
        return
    async with browsing(app_of(caller=None), **JSON) as client:
        answer = await client.request(operation.method, address(operation))
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="reelwright"')
        assert answer.json()["type"] == "/api/problems/not-signed-in"
    lesser = [role for role in Role if not role.includes(operation.needs)]
    if lesser:
        async with browsing(app_of(caller=PERSONS[lesser[-1]]), **JSON) as client:
            answer = await client.request(operation.method, address(operation), content=b"no JSON at all")
            assert answer.status_code == 403, "the role is checked before the body is read"
            assert answer.json()["type"] == "/api/problems/not-allowed"


async def test_what_is_refused_before_an_operation_is_a_problem_too() -> None:
    async with browsing(app_of(), **JSON) as client:
        answer = await client.get("/api/v1/nothing")
        assert (answer.status_code, answer.json()["type"]) == (404, "/api/problems/not-found")
        answer = await client.post("/api/auth/session")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_every_place_that_is_wrong_is_told() -> None:
    body = {"content_id": "x", "platform": "myspace", "account": "../x", "posted": True, "exrta": 1}
    async with browsing(app_of(), **JSON) as client:
        answer = await client.post("/api/v1/posts/settle", json=body)
    problem = answer.json()
    assert answer.status_code == 422
    assert {error["pointer"] for error in problem["errors"]} == {"#/platform", "#/account", "#/exrta"}
    assert (problem["field"], problem["instance"]) == ("platform", "/api/v1/posts/settle")
    assert "2 more" in problem["remedy"]


async def test_a_wrong_parameter_is_named_with_where_it_is() -> None:
    async with browsing(app_of(), **JSON) as client:
        problem = (await client.get("/api/v1/contents?limit=0")).json()
        assert problem["errors"][0]["source"] == "query" and problem["errors"][0]["pointer"] == "#/limit"
        problem = (await client.get("/api/v1/contents?stage=%00")).json()
        assert (problem["field"], problem["status"]) == ("stage", 422)


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b'{"a": NaN}', "application/json", 422),
        (b"\xff\xfe", "application/json", 422),
        (b"[" * 200_000, "application/json", 422),
        (b'{"a":' * 80 + b"1" + b"}" * 80, "application/json", 422),
        (b'{"a": "\\u0000"}', "application/json", 422),
        (b'{"a": "\\ud800"}', "application/json", 422),
        (b"1" * 5_000, "application/json", 422),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"content_id=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "", 415),
    ],
    ids=[
        "cut", "nan", "utf-16", "brackets", "deep", "nul", "surrogate", "digits", "empty", "list", "null", "form",
        "none",
    ],
)  # fmt: skip
async def test_bodies_of_the_wrong_shape(content: bytes, kind: str, status: int) -> None:
    async with browsing(app_of(), **JSON) as client:
        answer = await client.post("/api/v1/posts/settle", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"] or status == 415


async def test_brackets_inside_text_are_no_depth() -> None:
    body = {"content_id": "[" * 500, "platform": "youtube", "posted": False, "x": 1}
    async with browsing(app_of(), **JSON) as client:
        problem = (await client.post("/api/v1/posts/settle", json=body)).json()
    assert problem["field"] == "x"


async def test_a_gigabyte_is_refused_before_it_is_read() -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1_000):
            read += 1_000_000
            yield b" " * 1_000_000

    async with browsing(app_of(), **JSON) as client:
        kind = {"Content-Type": "application/json"}
        answer = await client.post("/api/v1/posts/settle", content=body(), headers=kind)  # no length is said
        assert (answer.status_code, answer.json()["field"]) == (413, "body")
        assert read <= 3_000_000
        read = 0
        said = {**kind, "Content-Length": "1000000000"}
        answer = await client.post("/api/v1/posts/settle", content=body(), headers=said)
        assert answer.status_code == 413


async def test_starting_needs_a_key() -> None:
    async with browsing(app_of(), **JSON) as client:
        for given in ({}, {"Idempotency-Key": "ü" * 3}, {"Idempotency-Key": "x" * 300}):
            answer = await client.post(
                "/api/v1/contents", json={"topic": "tides"}, headers={k: v.encode() for k, v in given.items()}
            )
            assert (answer.status_code, answer.json()["type"]) == (400, "/api/problems/no-key")


def test_cursors_are_of_their_list_and_cannot_be_forged() -> None:
    cursors = Cursors(SecretStr("new,old"))
    cursor = cursors.signed("posts", "2026-01-01T00:00:00+00:00 key")
    assert cursors.opened("posts", cursor) == "2026-01-01T00:00:00+00:00 key"
    assert cursors.opened("posts", Cursors(SecretStr("old")).signed("posts", "x")) == "x", "keys rotate"
    assert cursors.opened("posts", None) is None
    flipped = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for name, given in (
        ("contents", cursor),
        ("posts", flipped),
        ("posts", "x"),
        ("posts", "ü"),
        ("posts", cursor[4:]),
    ):
        with pytest.raises(InvalidInput, match="no cursor of this list"):
            cursors.opened(name, given)
    unset = Cursors(SecretStr(""))
    assert unset.opened("posts", unset.signed("posts", "x")) == "x"
    with pytest.raises(InvalidInput):
        unset.opened("posts", Cursors(SecretStr("guess")).signed("posts", "x"))


# --- the document ----------------------------------------------------------------------------------------------------


def described() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_document_says_who_may_and_every_refusal() -> None:
    for where, operation in described():
        assert operation["x-role"] in {*Role, "none"}, where
        assert operation["description"], f"{where} says nothing of itself"
        assert {"403", "422", "429", "503"} <= set(operation["responses"]), where
        assert "401" in operation["responses"] or operation["x-role"] == "none", where
        if where.startswith("POST") and "Idempotency" in json.dumps(operation.get("parameters", [])):
            assert {"400", "409"} <= set(operation["responses"])
    text = json.dumps(DOCUMENT)
    assert "HTTPValidationError" not in text
    for name in set(re.findall(r'"#/components/(\w+/\w+)"', text)):
        kind, _, model = name.partition("/")
        assert model in DOCUMENT["components"][kind]


@pytest.mark.parametrize(
    "path",
    [
        "POST /pipeline/start", "GET /pipeline/status/{id}", "POST /pipeline/stop/{id}", "GET /config/models",
        "POST /config/models", "POST /config/ab-test", "GET /analytics/performance", "GET /analytics/revenue",
        "GET /analytics/optimization", "GET /auth/session", "POST /auth/login", "POST /auth/logout",
    ],
)  # fmt: skip
def test_the_first_specifications_paths_are_there(path: str) -> None:
    assert path in {where for where, _ in described()}


async def test_the_reference_has_every_operation_and_loads_nothing_of_others() -> None:
    async with browsing(app_of(caller=PERSONS[Role.VIEWER])) as client:
        page = (await client.get("/api/reference")).text
        document = (await client.get("/api/openapi.json")).json()
    for operation in OPERATIONS:
        assert f'id="{operation.name}"' in page
    for name in document["components"]["schemas"]:
        assert f'id="model-{name}"' in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert document["servers"] == [{"url": "/api"}]
    assert sum(map(len, reference_of().tags.values())) == len(OPERATIONS) + 1  # and the document's own


@pytest.mark.parametrize("kind", KINDS)
async def test_a_problems_address_leads_to_its_page(kind: str) -> None:
    async with browsing(app_of(caller=None)) as client:
        answer = await client.get(f"/api/problems/{kind}")
        assert answer.status_code == 200 and KINDS[kind][1][:20] in answer.text.replace("&#39;", "'")
    async with browsing(app_of(caller=None)) as client:
        assert (await client.get("/api/problems/nonsense")).status_code == 404
