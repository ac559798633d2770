"""Reviews in the console: what waits, what is shown, and decisions on exactly that."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from temporalio.testing import WorkflowEnvironment

from control import links
from reelwright.domain.content.review_rules import ReviewRules
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.people import Caller, Role
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.links import PostgresLinks
from tests.console_app import PERSONS, app_of, browsing
from tests.integration.storage.filing import fresh, open_content
from tests.review_studio import LAYOUT, Handle, question, reviewing, waiting
from tests.servers import Servers
from tests.workflow.conftest import FakeStudio, looks

pytestmark = pytest.mark.lengthy
ANA = Caller(name="ana@example.org", role=Role.REVIEWER, way="session", key="s1")
BOB = Caller(name="bob@example.org", role=Role.REVIEWER, way="session", key="s2")
KEY = SecretStr("k" * 40)


@pytest.fixture
async def studio(servers: Servers, temporal: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[FakeStudio]:
    async with reviewing(servers, temporal, tmp_path) as running:
        yield running


def app_for(studio: FakeStudio, pool: Any, caller: Caller | None = ANA, **more: Any) -> Starlette:
    given = {"extras": {"link_key": KEY}, **more}
    return app_of(
        pool=pool, temporal=studio.temporal, media=lambda: studio.media, caller=caller, layout=LAYOUT, **given
    )


def content_of(handle: Handle) -> str:
    return handle.id.removeprefix("content-")


async def status_of(handle: Handle) -> PipelineStatus:
    return await handle.query("status", result_type=PipelineStatus)


async def gone(handle: Handle) -> PipelineStatus:
    async for _ in looks():
        status = await status_of(handle)
        if status.review is None:
            return status
    raise AssertionError("it looks until it raises")


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form, as a browser sends them."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)"(?: form="decision")? value="([^"]*)"', page))


async def decide(client: httpx.AsyncClient, id: str, page: str, decision: str, **more: Any) -> httpx.Response:
    return await client.post(f"/review/{id}/decide", data={**fields(page), "decision": decision, **more})


async def test_what_waits_is_listed_shown_and_approved_with_the_digest_of_what_was_shown(
    studio: FakeStudio, pool: Any
) -> None:
    studio.makers.verdict = "review"
    handle, wanted = await waiting(studio, title="Tides <script>alert(1)</script>")
    other, _ = await waiting(studio, title="Winds")
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as client:
        listed = await client.get("/review?order=oldest")
        assert listed.status_code == 200 and listed.text.index(f"/review/{id}") < listed.text.index(
            f"/review/{content_of(other)}"
        )
        told = await client.get(f"/reviews/briefs?id={id}")
        assert "a reason" in told.text

        page = await client.get(f"/review/{id}")
        assert page.status_code == 200
        assert "<script>alert" not in page.text and "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
        assert fields(page.text)["artifact"] == wanted.artifact_sha256
        assert "The moon pulls at the sea." in page.text and "a reason" in page.text
        assert "YouTube" in page.text and fields(page.text)["next"] == content_of(other)
        part = await client.get(f"/review/{id}", headers={"X-Part": "1"})
        assert part.text.lstrip().startswith("<article") and "<html" not in part.text

        answer = await decide(client, id, page.text, "approve", reviewer="mallory", by="mallory")
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/review/{content_of(other)}?told=approve&done={id}"
        assert (await gone(handle)).steps["review"] == f"approve by {ANA.name}"

        after = await client.get(answer.headers["location"])
        assert f"<bdi>{id}</bdi></strong> was approved" in after.text
        assert f"/review/{id}" not in (await client.get(f"/review?done={id}")).text
        closed = await client.get(f"/review/{id}")
        assert closed.status_code == 200 and "does not wait for a decision" in closed.text


async def test_a_double_click_is_one_decision_also_when_the_content_has_ended(studio: FakeStudio, pool: Any) -> None:
    handle, _ = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as client:
        page = (await client.get(f"/review/{id}")).text
        first = await decide(client, id, page, "reject", note="No.")
        assert first.status_code == 303
        assert (await handle.result()).status is Stage.REJECTED
        second = await decide(client, id, page, "reject", note="No.")
        assert (first.status_code, second.status_code) == (303, 303)
        other = await decide(client, id, page, "approve")
        assert other.status_code == 409 and "Look again" not in other.text
    assert [one["decision"] for one in studio.catalog.decisions if one["kind"] == "review"] == ["reject"]


async def test_a_decision_on_what_has_changed_since_is_refused_and_never_retried(studio: FakeStudio, pool: Any) -> None:
    handle, first = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as ana, browsing(app_for(studio, pool, BOB)) as bob:
        page = (await ana.get(f"/review/{id}")).text
        answer = await decide(bob, id, (await bob.get(f"/review/{id}")).text, "revise", scene="2")
        assert answer.status_code == 303
        wanted = await question(studio, handle, 1)
        assert wanted.artifact_sha256 != first.artifact_sha256

        answer = await decide(ana, id, page, "approve")
        assert answer.status_code == 409
        assert "has changed since you looked at it" in answer.text and f'href="/review/{id}"' in answer.text
        assert (await status_of(handle)).review == wanted, "nothing was decided"

        page = (await ana.get(f"/review/{id}")).text
        assert "another picture" in page and "compared with revision 0" in page
        answer = await decide(ana, id, page, "approve")
        assert answer.status_code == 303
        assert (await gone(handle)).steps["review"] == f"approve by {ANA.name}"


async def test_a_revision_of_one_scene_draws_one_picture(studio: FakeStudio, pool: Any) -> None:
    handle, _ = await waiting(studio)
    id, drawn = content_of(handle), studio.makers.calls["draw"]
    async with browsing(app_for(studio, pool)) as client:
        page = (await client.get(f"/review/{id}")).text
        nothing = await decide(client, id, page, "revise", note=" ")
        assert nothing.status_code == 422 and 'id="wrong-note"' in nothing.text
        wrong = await decide(client, id, page, "approve", scene=["1", "3"], note="Nice")
        assert wrong.status_code == 422 and "only a revision uses it" in wrong.text
        assert (
            len(re.findall(r'value="[13]" form="decision" checked', wrong.text)) == 2
            and "Nice</textarea>" in wrong.text
        )
        answer = await decide(client, id, page, "revise", scene="3")
        assert answer.status_code == 303
    await question(studio, handle, 1)
    assert studio.makers.calls["draw"] == drawn + 1


async def test_a_text_is_changed_only_where_it_was_written_in(studio: FakeStudio, pool: Any) -> None:
    handle, before = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as client:
        page = (await client.get(f"/review/{id}")).text
        texts = {text.platform.value: text for text in before.texts}
        data = {
            "title-youtube": "Tides, explained",
            "text-youtube": texts["youtube"].text,
            "text-x": texts["x"].text,
            "script": before.text.replace("\n", "\r\n"),
        }
        answer = await decide(client, id, page, "revise", **data)
        assert answer.status_code == 303
    after = {text.platform.value: text for text in (await question(studio, handle, 1)).texts}
    assert after["youtube"].title == "Tides, explained" and after["x"] == texts["x"]


async def test_a_viewer_sees_and_does_not_decide(studio: FakeStudio, pool: Any) -> None:
    handle, wanted = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool, PERSONS[Role.VIEWER])) as client:
        page = await client.get(f"/review/{id}")
        assert page.status_code == 200 and 'id="decision"' not in page.text
        answer = await client.post(
            f"/review/{id}/decide", data={"artifact": wanted.artifact_sha256, "decision": "approve"}
        )
        assert answer.status_code == 403
        assert (await client.post(f"/review/{id}/open")).status_code == 403
    assert (await status_of(handle)).review == wanted
    async with browsing(app_for(studio, pool, None)) as client:
        assert (await client.get(f"/review/{id}")).status_code == 303
        assert (await client.get(f"/contents/{id}/media/{'0' * 64}")).status_code == 303


async def test_two_editors_are_told_of_each_other_until_one_leaves(studio: FakeStudio, pool: Any) -> None:
    handle, _ = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as ana, browsing(app_for(studio, pool, BOB)) as bob:
        assert (await ana.post(f"/review/{id}/open")).text.strip() == ""
        assert "ana@example.org" in (await bob.post(f"/review/{id}/open")).text
        assert "ana@example.org" in (await bob.get(f"/review/{id}")).text
        assert "bob@example.org" in (await ana.get("/review")).text
        assert (await ana.post(f"/review/{id}/close")).status_code == 204
        assert (await bob.post(f"/review/{id}/open")).text.strip() == ""
        await pool.execute("update review_leases set until = now() - interval '1 second' where content_id = $1", id)
        assert "bob@example.org" not in (await ana.get(f"/review/{id}")).text


async def test_files_come_whole_and_in_ranges_and_only_those_that_are_shown(studio: FakeStudio, pool: Any) -> None:
    handle, _ = await waiting(studio)
    id = content_of(handle)
    async with browsing(app_for(studio, pool)) as client:
        page = (await client.get(f"/review/{id}")).text
        address = re.search(rf"/contents/{id}/media/([0-9a-f]{{64}})", page)
        assert address
        sha, data = address[1], studio.media.files[address[1]]
        whole = await client.get(address[0])
        assert (whole.status_code, whole.content) == (200, data)
        assert whole.headers["content-length"] == str(len(data)) and whole.headers["etag"] == f'"{sha}"'
        assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert whole.headers["cache-control"] == "private, max-age=31536000, immutable"
        last = len(data) - 1
        for asked, status, content, told in (
            ("bytes=0-3", 206, data[:4], f"bytes 0-3/{len(data)}"),
            ("bytes=5-", 206, data[5:], f"bytes 5-{last}/{len(data)}"),
            ("bytes=-4", 206, data[-4:], f"bytes {last - 3}-{last}/{len(data)}"),
            (f"bytes={last}-99999", 206, data[-1:], f"bytes {last}-{last}/{len(data)}"),
            (f"bytes={len(data)}-", 416, b"", f"bytes */{len(data)}"),
            ("bytes=0-1,3-4", 200, data, None),
            ("pages=1-2", 200, data, None),
        ):
            answer = await client.get(address[0], headers={"Range": asked})
            assert (answer.status_code, answer.content) == (status, content), asked
            assert answer.headers.get("content-range") == told
        assert (await client.get(address[0], headers={"If-None-Match": f'"{sha}"'})).status_code == 304
        head = await client.head(address[0])
        assert (head.content, head.headers["content-length"]) == (b"", str(len(data)))
        hidden = (await studio.media.put_bytes(b"not of this content", "video/mp4")).sha256
        assert (await client.get(f"/contents/{id}/media/{hidden}")).status_code == 404
        del studio.media.files[sha]
        assert (await client.get(address[0])).status_code == 404


async def link_to(pool: Any, handle: Handle, artifact: str, scope: links.Scope = "view") -> str:
    token, _ = await links.made(
        KEY, PostgresLinks(pool), content_id=content_of(handle), artifact_sha256=artifact, scope=scope,
        life=timedelta(hours=1), by="ana",
    )  # fmt: skip
    return token


async def test_a_clients_link_shows_its_own_item_and_decides_only_with_that_scope(
    studio: FakeStudio, pool: Any
) -> None:
    id = fresh()
    await open_content(PostgresCatalog(pool), id)
    handle, wanted = await waiting(studio, id)
    other, _ = await waiting(studio)
    token = await link_to(pool, handle, wanted.artifact_sha256)
    now = datetime.now(UTC)
    app = app_for(studio, pool, None, clock=lambda: now)
    async with browsing(app) as client:
        assert "The tide comes in." not in (await client.get(f"/c/{id}")).text
        assert (await client.post(f"/c/{id}", data={"token": token[:-3] + "abc"})).status_code == 404
        assert (await client.post(f"/c/{content_of(other)}", data={"token": token})).status_code == 404
        entered = await client.post(f"/c/{id}", data={"token": token})
        assert entered.status_code == 303
        cookie = entered.headers["set-cookie"]
        assert f"Path=/c/{id};" in cookie and "HttpOnly" in cookie and "SameSite=strict" in cookie

        page = await client.get(f"/c/{id}")
        assert page.status_code == 200 and "The tide comes in." in page.text
        assert 'id="decision"' not in page.text and "Cost" not in page.text and "/contents/" not in page.text
        media = re.findall(r'/c/[^"]+/media/[0-9a-f]{64}', page.text)
        assert (await client.get(media[0])).status_code == 200
        data = {"decision": "approve"}
        assert (await client.post(f"/c/{id}/decide", data=data)).status_code == 404
        for inside in (f"/review/{id}", f"/contents/{id}", media[0].replace("/c/", "/contents/")):
            assert (await client.get(inside)).status_code == 303, inside
        hidden = (await studio.media.put_bytes(b"not of this content", "video/mp4")).sha256
        assert (await client.get(f"/c/{id}/media/{hidden}")).status_code == 404
    assert (await status_of(handle)).review == wanted

    async with browsing(app) as client:
        await client.post(f"/c/{id}", data={"token": await link_to(pool, handle, wanted.artifact_sha256, "decide")})
        answer = await client.post(f"/c/{id}/decide", data={"decision": "revise", "scene": "1", "artifact": "0" * 64})
        assert answer.status_code == 303
        assert "sent back" in (await client.get(answer.headers["location"])).text
        said = studio.catalog.decisions[-1]
        assert re.fullmatch(r"revise by link [0-9a-f]{16}", f"{said['decision']} by {said['by']}")
        await question(studio, handle, 1)
        assert (await client.get(f"/c/{id}")).status_code == 404, "it was for the revision before"
        assert (await client.get(media[0])).status_code == 404
    now += timedelta(hours=2)
    async with browsing(app) as client:
        assert (await client.post(f"/c/{id}", data={"token": token})).status_code == 404


async def test_a_form_that_is_too_large_is_not_read(studio: FakeStudio, pool: Any) -> None:
    async with browsing(app_for(studio, pool)) as client:
        answer = await client.post(
            "/review/x/decide", content=b"", headers={"Content-Length": str(1 << 30), "Content-Type": "text/plain"}
        )
        assert answer.status_code == 413


def test_reviewers_of_a_policy_are_compared_with_who_is_signed_in() -> None:
    assert ReviewRules(reviewers=("ana@example.org",)).may_decide(ANA.name, escalated=False)
