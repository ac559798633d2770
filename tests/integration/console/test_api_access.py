"""The API for people and programs: signing in, tokens and what they are exchanged for, on a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.access import recognise
from control import people
from control.studio import Books
from reelwright.domain.people import Caller, Role
from reelwright.storage.database import connect
from tests.console_app import ORIGIN, app_of, parts_of
from tests.servers import Servers, copied

PASSWORD = "a long enough sentence"
ADMIN = Caller(name="root", role=Role.ADMIN)


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    """A database of its own: people are looked at all together."""
    pool = await connect(await copied(servers.need("postgres")), max_size=4)
    books: Books = parts_of(pool=pool).books(ADMIN)
    for name, role in (("Ana", Role.ADMIN), ("Ben", Role.OPERATOR)):
        await people.add(books, name, role, by="root")
        await people.set_password(books, name, PASSWORD, by="root")
    yield pool
    await pool.close()


@pytest.fixture
async def program(pool: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client that is no browser and nobody yet."""
    transport = httpx.ASGITransport(app=app_of(pool=pool, recognise=recognise), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def token_of(pool: Any, name: str, role: Role) -> str:
    from datetime import timedelta

    books = parts_of(pool=pool).books(ADMIN)
    token, _ = await people.make_token(books, name, label="test", role=role, life=timedelta(hours=1), by="root")
    return token


async def test_signing_in_and_out(program: httpx.AsyncClient) -> None:
    wrong = await program.post("/api/auth/login", json={"name": "Ana", "password": "not the right one"})
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/api/problems/not-signed-in")
    signed = await program.post("/api/auth/login", json={"name": "Ana", "password": PASSWORD})
    assert (signed.status_code, signed.json()) == (200, {"name": "Ana", "role": "admin", "way": "session"})
    cookie = signed.headers["set-cookie"]
    assert "__Host-reelwright=" in cookie and "HttpOnly" in cookie and "Secure" in cookie
    browser = {"Cookie": cookie.partition(";")[0], "Sec-Fetch-Site": "same-origin"}
    program.cookies.clear()
    assert (await program.get("/api/auth/session", headers=browser)).json()["name"] == "Ana"
    across = await program.post("/api/v1/tokens", json={}, headers={**browser, "Sec-Fetch-Site": "cross-site"})
    assert (across.status_code, across.json()["type"]) == (403, "/api/problems/not-allowed")
    out = await program.post("/api/auth/logout", headers=browser)
    assert out.status_code == 200 and "Max-Age=0" in out.headers["set-cookie"]
    assert (await program.get("/api/auth/session", headers=browser)).status_code == 401


async def test_a_token_is_made_exchanged_and_revoked(program: httpx.AsyncClient, pool: Any) -> None:
    mine = {"Authorization": f"Bearer {await token_of(pool, 'Ana', Role.ADMIN)}"}
    made = await program.post("/api/v1/tokens", json={"label": "import", "role": "viewer"}, headers=mine)
    assert made.status_code == 201, made.text
    reads = {"Authorization": f"Bearer {made.json()['token']}"}
    assert (await program.get("/api/auth/session", headers=reads)).json() == {
        "name": "Ana", "role": "viewer", "way": "token",
    }  # fmt: skip
    assert (await program.post("/api/v1/pauses", json={"platform": "x"}, headers=reads)).status_code == 403
    listed = await program.get("/api/v1/tokens", headers=mine)
    assert made.json()["token"] not in listed.text and "import" in listed.text
    jwt = (await program.post("/api/auth/token", headers=reads)).json()["token"]
    short = {"Authorization": f"Bearer {jwt}"}
    assert (await program.get("/api/auth/session", headers=short)).json()["role"] == "viewer"
    id = made.json()["kept"]["id"]
    assert (await program.delete(f"/api/v1/tokens/{id}", headers=mine)).status_code == 200
    for gone in (reads, short):
        assert (await program.get("/api/auth/session", headers=gone)).status_code == 401


async def test_people_are_an_admins(program: httpx.AsyncClient, pool: Any) -> None:
    admin = {"Authorization": f"Bearer {await token_of(pool, 'Ana', Role.ADMIN)}"}
    ben = {"Authorization": f"Bearer {await token_of(pool, 'Ben', Role.OPERATOR)}"}
    assert (await program.get("/api/v1/people", headers=ben)).status_code == 403
    assert (await program.get("/api/v1/tokens?person=Ana", headers=ben)).status_code == 403
    added = await program.post("/api/v1/people", json={"name": "Cy", "role": "viewer"}, headers=admin)
    assert (added.status_code, added.json()["made_by"]) == (201, "Ana")
    link = (await program.post("/api/v1/people/Cy/password-link", headers=admin)).json()
    assert link["url"].startswith(f"{ORIGIN}/password#")
    changed = await program.put("/api/v1/people/Cy", json={"role": "reviewer", "enabled": False}, headers=admin)
    assert (changed.json()["role"], changed.json()["disabled_at"] is None) == ("reviewer", False)
    assert (await program.put("/api/v1/people/Nobody", json={}, headers=admin)).status_code == 404
    assert (await program.put("/api/v1/people/Cy", json={"role": "king"}, headers=admin)).status_code == 422
    names = [one["name"] for one in (await program.get("/api/v1/people", headers=admin)).json()["items"]]
    assert names == ["Ana", "Ben", "Cy"]
    assert "password" not in {
        key for one in (await program.get("/api/v1/people", headers=admin)).json()["items"] for key in one
    }


async def test_too_many_tries_are_429(program: httpx.AsyncClient) -> None:
    for _ in range(40):
        answer = await program.post("/api/auth/login", json={"name": "Zed", "password": "guess guess guess"})
        if answer.status_code == 429:
            break
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) >= 1
    assert answer.json()["type"] == "/api/problems/too-many"
