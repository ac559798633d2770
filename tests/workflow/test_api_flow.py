"""A content driven by the API alone: started, watched, reviewed with a revision, approved, fetched; one is stopped.
On a real Temporal server, its activities on fakes, and a real database for the requests that are repeated."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.app import create_app
from reelwright.domain.people import Role
from reelwright.storage.database import connect
from tests.console_app import PERSONS, browsing, parts_of
from tests.servers import Servers, copied

from .conftest import FakeStudio, looks

pytestmark = pytest.mark.lengthy
SCRIPT = "One thing.\n\nAnother thing.\n\nThe last thing."
REQUEST = {"script": SCRIPT, "title": "Things <script>", "platforms": ["youtube"], "formats": ["9:16"]}
JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    pool = await connect(await copied(servers.need("postgres")), max_size=4)
    yield pool
    await pool.close()


def api(studio: FakeStudio, pool: Any, role: Role) -> Any:
    parts = parts_of(pool=pool, temporal=studio.temporal, media=lambda: studio.media, caller=PERSONS[role])
    return browsing(create_app(parts), **JSON)


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid.uuid4().hex}


async def until(client: httpx.AsyncClient, path: str, stage: str, revision: int | None = None) -> dict[str, Any]:
    async for _ in looks():
        answer = await client.get(path)
        assert answer.status_code == 200, answer.text
        status: dict[str, Any] = answer.json()
        asked = status["review"]["revision"] if status["review"] else None
        if status["stage"] == stage and revision in (None, asked):
            return status
    raise AssertionError("it looks until it raises")


async def test_from_start_to_files_by_the_api_alone(studio: FakeStudio, pool: Any) -> None:
    async with api(studio, pool, Role.OPERATOR) as client, api(studio, pool, Role.VIEWER) as viewer:
        once = key()
        assert (await viewer.post("/api/v1/contents", json=REQUEST, headers=once)).status_code == 403
        started = await client.post("/api/v1/contents", json=REQUEST, headers=once)
        assert (started.status_code, started.json()["started"]) == (201, True), started.text
        path, content_id = started.headers["location"], started.json()["content_id"]
        again = await client.post("/api/v1/contents", json=REQUEST, headers=once)
        assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
        assert again.json()["content_id"] == content_id and again.headers["location"] == path
        known = await client.post("/api/pipeline/start", json={**REQUEST, "id": content_id}, headers=key())
        assert known.status_code == 422, "the same id with another request (it has no key of its own)"
        early = await client.get(f"{path}/report")
        assert (early.status_code, early.json()["field"]) == (422, "id")

        status = await until(client, path, "review", 0)
        assert (await viewer.get(f"/api/pipeline/status/{content_id}")).json()["stage"] == "review"

        async def listed() -> bool:
            return content_id in [row["content_id"] for row in (await viewer.get("/api/v1/reviews")).json()["items"]]

        async for _ in looks():  # Temporal's lists lag behind
            if await listed():
                break
        shown = (await viewer.get(f"/api/v1/reviews/{content_id}")).json()
        digest = shown["review"]["artifact_sha256"]
        assert digest == status["review"]["artifact_sha256"] == shown["shown"]["artifact_sha256"]
        decision = {"decision": "revise", "artifact_sha256": digest, "note": "make it night", "scenes": [3]}
        where = f"/api/v1/reviews/{content_id}/decision"
        assert (await viewer.post(where, json=decision)).status_code == 403
        forged = await client.post(where, json={**decision, "reviewer": "somebody else"})
        assert (forged.status_code, forged.json()["field"]) == (422, "reviewer")
        revised = await client.post(where, json=decision)
        assert (revised.status_code, revised.json()["reviewer"]) == (200, "operator@example.org"), revised.text

        status = await until(client, path, "review", 1)
        outdated = await client.post(where, json={"decision": "approve", "artifact_sha256": digest})
        assert (outdated.status_code, outdated.json()["type"]) == (409, "/api/problems/outdated")
        assert outdated.json()["field"] == "artifact_sha256"
        digest = status["review"]["artifact_sha256"]
        approved = await client.post(where, json={"decision": "approve", "artifact_sha256": digest})
        assert approved.status_code == 200, approved.text

        status = await until(client, path, "done")
        assert status["ended"] and status["percent"] == 100 and status["posts"][0]["status"] == "posted"
        files = (await viewer.get(f"{path}/files")).json()["items"]
        video = next(file for file in files if file["name"].endswith(".mp4"))
        fetched = await viewer.get(video["url"])
        assert len(fetched.content) == video["size"] == int(fetched.headers["content-length"])
        assert (
            fetched.headers["etag"] == f'"{video["sha256"]}"'
            and "sandbox" in fetched.headers["content-security-policy"]
        )
        assert (await viewer.get(f"{path}/files/nothing.mp4")).status_code == 404
        report = (await viewer.get(f"{path}/report")).json()
        assert (report["status"], report["title"]) == ("done", "Things <script>")
        late = await client.post(where, json={"decision": "approve", "artifact_sha256": digest})
        assert (late.status_code, late.json()["field"]) == (422, "id"), "it does not wait for a review"
        stopped = await client.post(f"{path}/cancel")
        assert stopped.status_code == 422 and "has ended already" in stopped.json()["detail"]
        retried = await client.post("/api/v1/posts/retry", json={"content_id": content_id}, headers=key())
        assert (retried.status_code, retried.json()["field"]) == (404, "platform") or retried.status_code == 422


async def test_a_start_is_stopped_and_an_unknown_one_is_404(studio: FakeStudio, pool: Any) -> None:
    async with api(studio, pool, Role.OPERATOR) as client:
        started = await client.post("/api/pipeline/start", json={**REQUEST, "id": "stop-me"}, headers=key())
        assert started.json()["content_id"] == "stop-me", started.text
        await until(client, "/api/pipeline/status/stop-me", "review")
        stopped = await client.post("/api/pipeline/stop/stop-me")
        assert (stopped.status_code, stopped.json()["workflow_id"]) == (202, "content-stop-me")
        await until(client, "/api/pipeline/status/stop-me", "cancelled")
        for answer in (
            await client.get("/api/v1/contents/nobody-made-it"),
            await client.post("/api/v1/contents/nobody-made-it/cancel"),
            await client.get("/api/v1/reviews/nobody-made-it"),
            await client.post("/api/v1/posts/settle", json={"content_id": "nobody", "platform": "x", "posted": False}),
        ):
            assert (answer.status_code, answer.json()["field"]) == (404, "id"), answer.text
        for wrong, field in (
            ({"topic": "a", "script": "b"}, ""),
            ({}, ""),
            ({**REQUEST, "publish_at": "2020-01-01T00:00:00+00:00"}, "publish_at"),
            ({**REQUEST, "id": "../../etc"}, "id"),
            ({**REQUEST, "platforms": ["myspace"]}, "platforms"),
            ({**REQUEST, "tittle": "x"}, "tittle"),
        ):
            answer = await client.post("/api/v1/contents", json=wrong, headers=key())
            assert answer.status_code == 422, answer.text
            assert not field or answer.json()["field"] == field
