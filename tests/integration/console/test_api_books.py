"""The API on a real database: lists, channels over their versions, feeds, accounts, and requests that are repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from console.api.routing import operation
from console.app import create_app
from control.temporal.port import CallFailed, Code
from reelwright.domain.formats import Platform
from reelwright.domain.people import Role
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.api_requests import KEPT, PostgresApiRequests
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import transaction
from reelwright.storage.vault import Vault
from tests.console_app import PERSONS, NoTemporal, browsing, parts_of

from ..storage.filing import fresh, open_content

KEY = Fernet.generate_key().decode()
JSON = {"Accept": "application/json"}


def app(pool: Any, role: Role = Role.ADMIN, **more: Any) -> Any:
    return create_app(parts_of(pool=pool, caller=PERSONS[role], secret_key=KEY, **more))


@pytest.fixture
async def client(pool: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(app(pool), **JSON) as client:
        yield client


# --- lists -----------------------------------------------------------------------------------------------------------


async def test_contents_come_by_pages_and_a_forged_cursor_is_refused(
    client: httpx.AsyncClient, catalog: PostgresCatalog
) -> None:
    made = [fresh() for _ in range(5)]
    for content_id in made:
        await open_content(catalog, content_id)
        await catalog.close_content(content_id, status="done", result_json="{}")
    seen: list[str] = []
    path: str | None = "/api/v1/contents?limit=2&channel=default"
    while path and len(seen) < 200:
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        seen += [row["content_id"] for row in page["items"]]
        assert ("next" in answer.links) == (page["next"] is not None)
        path = answer.links["next"]["url"] if page["next"] else None
        if set(made) <= set(seen):
            break
    assert [id for id in seen if id in made] == made[::-1]
    cursor = (await client.get("/api/v1/contents?limit=1")).json()["next"]
    for forged in (cursor[:-2] + "xx", cursor + "A", "!"):
        answer = await client.get("/api/v1/contents", params={"after": forged})
        assert (answer.status_code, answer.json()["field"]) == (422, "after")
        assert answer.json()["errors"][0]["source"] == "query"


async def test_accounts_are_listed_without_their_secrets(client: httpx.AsyncClient, pool: Any) -> None:
    store = PostgresAccountStore(pool, Vault(SecretStr(KEY)))
    name = fresh()
    token = StoredToken(access_token=SecretStr("hush-access-1234"), refresh_token=SecretStr("hush-refresh-5678"))
    await store.put(AccountInfo(platform=Platform.YOUTUBE, name=name), token)
    answer = await client.get("/api/v1/accounts?platform=youtube")
    assert answer.status_code == 200, answer.text
    assert "hush" not in answer.text and name in answer.text
    when = await client.put(f"/api/v1/accounts/youtube/{name}/best-time", json={"best_time": "18:30 Europe/Berlin"})
    assert when.status_code == 200 and when.json()["next"]
    wrong = await client.put(f"/api/v1/accounts/youtube/{name}/best-time", json={"best_time": "half past six"})
    assert wrong.status_code == 422
    assert (await client.delete(f"/api/v1/accounts/youtube/{name}")).status_code == 200
    assert (await client.delete(f"/api/v1/accounts/youtube/{name}")).status_code == 404


async def test_pauses_quotas_costs_budgets_and_records(client: httpx.AsyncClient) -> None:
    paused = await client.post("/api/v1/pauses", json={"platform": "linkedin", "note": "<b>holiday</b>"})
    assert [(one["platform"], one["by"]) for one in paused.json()["items"] if one["platform"] == "linkedin"] == [
        ("linkedin", "admin@example.org")
    ]
    resumed = (await client.delete("/api/v1/pauses/linkedin")).json()
    assert (resumed["ended"], resumed["woken"]) == (True, 0)
    assert (await client.get("/api/v1/quota?platform=youtube")).status_code == 200
    limit = await client.put("/api/v1/quota/youtube/uploads", json={"limit": 7})
    known = [row["bucket"] for row in (await client.get("/api/v1/quota?platform=youtube")).json()["items"]]
    assert limit.status_code == (200 if "uploads" in known else 404)
    assert (await client.put("/api/v1/quota/youtube/nonsense", json={"limit": 7})).status_code == 404
    channel = fresh()
    changed = (await client.put(f"/api/v1/budgets/{channel}", json={"per_day": 2.5})).json()
    assert (changed["version"], changed["items"][0]["day"]["limit_usd"]) == (1, "2.500000")
    assert changed["items"][0]["day"]["spent_usd"] == "0.000000"
    gone = (await client.put(f"/api/v1/budgets/{channel}", json={"per_day": None})).json()
    assert gone["version"] == 2
    assert (await client.put(f"/api/v1/budgets/{channel}", json={"per_day": -1})).status_code == 422
    assert (await client.put(f"/api/v1/budgets/{channel}", json={})).json()["field"] == "budget"
    for by in ("day", "channel", "provider", "content"):
        assert (await client.get(f"/api/v1/costs?by={by}&since=2026-01-01")).status_code == 200
    assert (await client.get("/api/v1/costs?since=yesterday")).status_code == 422
    assert (await client.get("/api/v1/purchases/unknown")).status_code == 200
    assert (await client.post("/api/v1/purchases/999999/settle", json={"usd": 0})).status_code in (404, 422)
    audit = (await client.get("/api/v1/audit", params={"about": "linkedin"})).json()["items"]
    assert [(row["action"], row["who"]) for row in audit[:2]] == [
        ("resume", "admin@example.org"), ("pause", "admin@example.org"),
    ]  # fmt: skip
    assert (await client.get("/api/v1/audit/verify")).json()["broken"] is None
    assert (await client.get(f"/api/v1/evidence/{fresh()}")).status_code == 404


async def test_consents_and_what_is_declared_of_media(client: httpx.AsyncClient) -> None:
    body = {"person": "Ana", "use": "cutaways", "document_sha256": "ab" * 32, "expires": "2030-01-01"}
    made = await client.post("/api/v1/consents", json=body)
    assert (made.status_code, made.json()["added_by"]) == (201, "admin@example.org"), made.text
    revoked = await client.post(f"/api/v1/consents/{made.json()['id']}/revoke", json={"note": "asked to"})
    assert revoked.json()["revoked_by"] == "admin@example.org"
    assert (await client.post("/api/v1/consents/99999999/revoke", json={})).status_code == 404
    assert (await client.get("/api/v1/media?kind=clip")).status_code == 200
    assert (await client.get(f"/api/v1/media/{'0' * 64}")).status_code == 404
    assert (await client.put(f"/api/v1/media/{'0' * 64}/rights", json={"licence": "CC0-1.0"})).status_code == 404


async def test_feeds(client: httpx.AsyncClient) -> None:
    name, channel = fresh(), fresh()
    body = {"url": "https://example.org/feed.xml", "channel": channel, "name": name, "request": {"platforms": []}}
    made = await client.post("/api/v1/feeds", json=body)
    assert made.status_code == 201, made.text
    assert made.json()["source"]["request"] == {"platforms": []}
    wrong = (await client.post("/api/v1/feeds", json={**body, "request": {"platfroms": []}})).json()
    assert wrong["status"] == 422 and "platfroms" in wrong["detail"]
    paused = await client.post(f"/api/v1/feeds/{name}/pause", json={"note": "too much"})
    assert paused.json()["paused_by"] == "admin@example.org"
    assert (await client.post(f"/api/v1/feeds/{name}/resume")).json()["paused_at"] is None
    assert (await client.get(f"/api/v1/feeds/{name}/items?state=started")).json() == {"items": []}
    assert name in (await client.get(f"/api/v1/feeds?channel={channel}")).text
    assert (await client.delete(f"/api/v1/feeds/{name}")).status_code == 200
    assert (await client.get(f"/api/v1/feeds/{name}")).status_code == 404


# --- channels --------------------------------------------------------------------------------------------------------


async def test_two_people_change_a_channel_and_the_second_is_told(client: httpx.AsyncClient) -> None:
    name = fresh()
    path, body = f"/api/v1/channels/{name}", {"name": name, "description": "first", "languages": ["en"]}
    missing = await client.put(path, json=body)
    assert (missing.status_code, missing.json()["field"]) == (428, "If-Match")
    first = await client.put(path, json=body, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["etag"], first.json()["new"]) == (200, '"1"', True), first.text
    anna = await client.put(path, json={**body, "description": "Anna's"}, headers={"If-Match": first.headers["etag"]})
    assert anna.headers["etag"] == '"2"'
    late = await client.put(path, json={**body, "description": "Ben's"}, headers={"If-Match": first.headers["etag"]})
    assert (late.status_code, late.json()["type"], late.headers["etag"]) == (412, "/api/problems/changed", '"2"')
    shown = await client.get(path)
    assert (shown.json()["config"]["description"], shown.headers["etag"]) == ("Anna's", '"2"')
    nonsense = await client.put(path, json=body, headers={"If-Match": "*"})
    assert nonsense.status_code == 412
    back = await client.post(f"{path}/rollback", json={"version": 1}, headers={"If-Match": '"2"'})
    assert (back.json()["version"], back.json()["restored"]) == (3, 1)
    assert [one["version"] for one in (await client.get(f"{path}/versions")).json()["items"]] == [3, 2, 1]
    diff = (await client.get(f"{path}/diff?before=1&after=2")).json()
    assert diff["items"] == [{"field": "description", "before": "first", "after": "Anna's"}]
    assert (await client.get(f"{path}?version=9")).status_code == 404
    assert (await client.get(f"/api/v1/channels/{fresh()}")).status_code == 404


async def test_a_channel_is_checked_as_its_file_is(client: httpx.AsyncClient) -> None:
    name, seen = fresh(), {"If-Match": '"0"'}
    for change, field in (
        ({"moderation": "nobody-knows-it"}, "moderation"),
        ({"providers": {"writing": ["nonsense"]}}, "providers.writing"),
        ({"languages": ["xx"]}, "languages"),
        ({"languagse": ["en"]}, "languagse"),
        ({"extends": "nobody-applied-it"}, "extends"),
    ):
        answer = await client.put(f"/api/v1/channels/{name}", json={"name": name, **change}, headers=seen)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    other = await client.put(f"/api/v1/channels/{name}", json={"name": "another"}, headers=seen)
    assert (other.status_code, other.json()["field"]) == (422, "name")
    assert (await client.get(f"/api/v1/channels/{name}")).status_code == 404, "nothing was applied"


async def test_models_are_chosen_by_channel(client: httpx.AsyncClient) -> None:
    name = fresh()
    known = (await client.get("/api/config/models")).json()["known"]["writing"]
    made = await client.post("/api/config/models", json={"channel": name, "providers": {"writing": known[:1]}})
    assert (made.status_code, made.json()["config"]["providers"]) == (200, {"writing": known[:1]})
    rows = (await client.get("/api/config/models")).json()["items"]
    assert {row["channel"]: row["providers"] for row in rows}[name] == {"writing": known[:1]}
    wrong = await client.post("/api/config/models", json={"channel": name, "providers": {"writing": ["x"]}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "providers.writing")
    assert (await client.get("/api/config/ab-test")).json() == {"offered": False, "items": []}
    wanted = {"channel": name, "varies": "hook", "variants": ["a", "b"]}
    assert (await client.post("/api/config/ab-test", json=wanted)).json()["type"] == "/api/problems/not-offered"


# --- repeated requests -----------------------------------------------------------------------------------------------


async def test_a_request_sent_again_is_done_once_and_answered_as_it_was(client: httpx.AsyncClient) -> None:
    key, body = {"Idempotency-Key": fresh()}, {"person": "Ben", "use": "all", "document_sha256": "cd" * 32}
    first = await client.post("/api/v1/consents", json=body, headers=key)
    again = await client.post("/api/v1/consents", json=body, headers={"Idempotency-Key": f'"{key["Idempotency-Key"]}"'})
    assert first.status_code == 201 and "idempotent-replayed" not in first.headers
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    other = await client.post("/api/v1/consents", json={**body, "use": "none"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (422, "/api/problems/key-reused")
    elsewhere = await client.post("/api/v1/pauses", json={"platform": "x"}, headers=key)
    assert elsewhere.status_code == 422


async def test_a_key_is_its_senders_own(pool: Any) -> None:
    key, body = {"Idempotency-Key": fresh()}, {"person": "Cy", "use": "all", "document_sha256": "ef" * 32}
    made = []
    for role in (Role.ADMIN, Role.OPERATOR):
        async with browsing(app(pool, role), **JSON) as client:
            made.append((await client.post("/api/v1/consents", json=body, headers=key)).json())
    assert made[0]["id"] != made[1]["id"] and made[1]["added_by"] == "operator@example.org"


async def test_a_refused_request_leaves_its_key_free(client: httpx.AsyncClient) -> None:
    key, body = {"Idempotency-Key": fresh()}, {"person": "Di", "use": "all", "document_sha256": "12" * 32}
    refused = await client.post(
        "/api/v1/consents", json={**body, "given": "2026-02-01", "expires": "2026-01-01"}, headers=key
    )
    assert refused.status_code == 422
    assert (await client.post("/api/v1/consents", json=body, headers=key)).status_code == 201


async def test_while_it_is_being_done_the_same_request_is_told_to_wait(pool: Any) -> None:
    entered, leave, times = asyncio.Event(), asyncio.Event(), 0

    @operation("POST", "/v1/slow", needs=Role.VIEWER, tag="Test", answers=None)
    async def slow() -> None:
        nonlocal times
        times += 1
        entered.set()
        await leave.wait()

    served = app(pool)
    slow.mount(next(route.app.app for route in served.routes if getattr(route, "path", "") == "/api"))
    key = {"Idempotency-Key": fresh()}
    async with browsing(served, **JSON) as client:
        first = asyncio.create_task(client.post("/api/v1/slow", headers=key))
        await entered.wait()
        second = await client.post("/api/v1/slow", headers=key)
        assert (second.status_code, second.headers["retry-after"]) == (409, "1")
        leave.set()
        assert (await first).status_code == 200
        third = await client.post("/api/v1/slow", headers=key)
    assert (third.status_code, third.headers["idempotent-replayed"], times) == (200, "true", 1)


async def test_a_fault_leaves_the_key_free(pool: Any) -> None:
    @operation("POST", "/v1/broken", needs=Role.VIEWER, tag="Test", answers=None)
    async def broken() -> None:
        raise RuntimeError("password=hunter2")

    served = app(pool)
    broken.mount(next(route.app.app for route in served.routes if getattr(route, "path", "") == "/api"))
    key = {"Idempotency-Key": fresh()}
    async with browsing(served, **JSON) as client:
        for _ in range(2):
            answer = await client.post("/api/v1/broken", headers=key)
            assert (answer.status_code, answer.json()["type"]) == (500, "/api/problems/fault")
            assert "hunter2" not in answer.text


async def test_what_a_dead_process_had_begun_is_taken_over_only_where_that_is_harmless(pool: Any) -> None:
    requests, key = PostgresApiRequests(pool, lease_s=0.0), fresh()
    digest = "0" * 64
    begun = await requests.claim("token:a", key, digest, repeatable=True)
    assert begun.kind == "mine"
    assert (await requests.claim("token:a", key, digest, repeatable=False)).kind == "lost"
    taken = await requests.claim("token:a", key, digest, repeatable=True)
    assert taken.kind == "mine" and taken.holder != begun.holder
    await requests.answered("token:a", key, begun.holder, status=200, headers={}, answer="late")
    assert (await requests.claim("token:a", key, digest, repeatable=False)).kind == "lost", (
        "the late answer is not kept"
    )
    await requests.answered("token:a", key, taken.holder, status=201, headers={"location": "/x"}, answer="ok")
    kept = await requests.claim("token:a", key, digest, repeatable=False)
    assert (kept.kind, kept.status, kept.headers, kept.answer) == ("answered", 201, {"location": "/x"}, "ok")


async def test_old_answers_are_deleted(pool: Any) -> None:
    requests, key = PostgresApiRequests(pool), fresh()
    await requests.claim("token:a", key, "0" * 64, repeatable=True)
    await requests.prune()
    assert (await requests.claim("token:a", key, "0" * 64, repeatable=True)).kind == "running", "a new one stays"
    async with transaction(pool) as connection:
        await connection.execute(
            "update api_requests set begun_at = now() - $2::interval - interval '1 s' where key = $1", key, KEPT
        )
    assert await requests.prune() >= 1
    assert (await requests.claim("token:a", key, "0" * 64, repeatable=True)).kind == "mine"


# --- media -----------------------------------------------------------------------------------------------------------


async def test_a_file_that_is_no_media_is_refused_at_its_field(pool: Any, tmp_path: Path) -> None:
    class Refusing:
        async def add(self, path: Path, *, name: str, field: str, workdir: Path, progress: Any) -> Any:
            from reelwright.domain.errors import InvalidInput

            assert (path.read_bytes(), path.suffix, name) == (b"no picture", ".jpg", "beach.jpg")
            raise InvalidInput("it is no picture", field=field, remedy="send another")

    parts = parts_of(pool=pool, secret_key=KEY)
    from dataclasses import replace

    def studio(caller: Any) -> Any:
        return replace(parts_of(pool=pool).studio(caller), intake=Refusing)

    async with browsing(create_app(replace(parts, studio=studio)), **JSON) as client:
        answer = await client.post("/api/v1/media?name=beach.jpg", content=b"no picture")
    assert (answer.status_code, answer.json()["field"]) == (422, "body")


# --- batches ---------------------------------------------------------------------------------------------------------


class Kept:
    """A workflow that was started, or was not."""

    def __init__(self, id: str, known: bool) -> None:
        self.id, self.known, self.signals = id, known, list[str]()

    async def signal(self, name: str, value: Any = None) -> None:
        if not self.known:
            raise CallFailed("no such workflow", Code.NOT_FOUND)
        self.signals.append(name)


class Starting(NoTemporal):
    """A Temporal server that notes what is started."""

    def __init__(self) -> None:
        self.started = dict[str, Kept]()

    async def start(self, workflow: str, arg: Any, how: Any, *, result_type: Any) -> Any:
        return self.started.setdefault(how.id, Kept(how.id, True))

    def handle(self, id: str, result_type: type[Any]) -> Any:
        return self.started.get(id, Kept(id, False))


async def test_a_batch_is_checked_whole_started_once_and_told(pool: Any) -> None:
    temporal, key = Starting(), {"Idempotency-Key": fresh()}
    good = {"topic": "tides", "platforms": []}
    async with browsing(app(pool, Role.OPERATOR, temporal=temporal), **JSON) as client:
        bad = [good, {**good, "publish_at": "2020-01-01T00:00:00Z"}, {**good, "id": "a"}, {**good, "id": "a"}]
        refused = await client.post("/api/v1/batches", json={"items": bad}, headers=key)
        assert (refused.status_code, refused.json()["field"]) == (422, "items"), refused.text
        assert [error["pointer"] for error in refused.json()["errors"]] == ["#/items/1/publish_at", "#/items/3/id"]
        typed = await client.post("/api/v1/batches", json={"items": [good, {"tpoic": 1}]}, headers=key)
        assert typed.json()["errors"][0]["pointer"].startswith("#/items/1"), typed.text
        assert not temporal.started
        begun = await client.post("/api/v1/batches", json={"items": [good] * 3}, headers=key)
        again = await client.post("/api/v1/batches", json={"items": [good] * 3}, headers=key)
        assert begun.status_code == again.status_code == 202 and begun.json()["id"] == again.json()["id"]
        assert (begun.json()["counts"], begun.json()["made_by"]) == ({"waiting": 3}, "operator@example.org")
        path = f"/api/v1/batches/{begun.json()['id']}"
        first = (await client.get(f"{path}?limit=2")).json()
        rest = (await client.get(path, params={"after": first["next"]})).json()
        assert [item["number"] for item in first["items"] + rest["items"]] == [1, 2, 3] and rest["next"] is None
        assert begun.json()["id"] in (await client.get("/api/v1/batches")).text
        assert (await client.post(f"{path}/pause")).status_code == 202
        (workflow,) = temporal.started.values()
        assert workflow.signals == ["pause"]
        temporal.started.clear()
        ended = await client.post(f"{path}/stop")
        assert (ended.status_code, ended.json()["field"]) == (422, "id")
        assert (await client.post(f"{path}/explode")).status_code == 422
        assert (await client.get("/api/v1/batches/00000000")).status_code == 404
        key, act = {"Idempotency-Key": fresh()}, {"action": "approve", "ids": ["a"]}
        assert (await client.post("/api/v1/batches/act", json=act, headers=key)).status_code == 422
        act = {"action": "cancel", "ids": ["a", "b"]}
        done = await client.post("/api/v1/batches/act", json=act, headers=key)
        assert (done.status_code, done.json()["counts"]) == (202, {"waiting": 2}), done.text
