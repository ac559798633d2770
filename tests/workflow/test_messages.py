"""What messages do: a word on an open post, news of a publication, floods, and runs that an earlier release left."""

from __future__ import annotations

import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.publishing.posting import PublicationStatus
from workers import pools
from workers.pools import cpu_workers, media_worker

from .conftest import ONE_FORMAT, FakeStudio, eventually
from .test_content_pipeline import SCRIPT, until
from .test_handlers import failed_tasks, plain, send_signal
from .test_publishing import in_stage, publication, stage_of
from .unguarded import UnguardedPipeline

pytestmark = pytest.mark.lengthy

Handle = WorkflowHandle[Any, Any]
REQUEST = ContentRequest(script=SCRIPT, auto_approve=True, formats=ONE_FORMAT)
LARGE = 2**80 + 1


async def parked(studio: FakeStudio, content_id: str) -> tuple[Handle, Handle]:
    """A content, and its publication whose outcome a person is asked about."""
    studio.youtube.fail_before, studio.youtube.untold = 1, True
    content = await studio.start(REQUEST, f"content-{content_id}")
    post = await publication(studio, content_id)
    await in_stage(post, "parked")
    return content, post


async def noted(handle: Handle, text: str) -> PublicationStatus:
    """The status once it has a note with this text."""

    async def there() -> bool:
        return any(text in note for note in (await stage_of(handle)).notes)

    await eventually(there)
    return await stage_of(handle)


@pytest.mark.parametrize(
    ("told", "post_id", "url"),
    [
        (7123456789012345678, "7123456789012345678", ""),
        (LARGE, str(LARGE), ""),
        ({"post_id": 122_101_234_567, "url": "https://a.test/p", "by": "ana"}, "122101234567", "https://a.test/p"),
        ("urn:li:share:7", "urn:li:share:7", ""),
    ],
)
@pytest.mark.sample(1)
async def test_a_number_is_an_id(studio: FakeStudio, told: Any, post_id: str, url: str) -> None:
    content, post = await parked(studio, uuid.uuid4().hex[:12])
    await send_signal(post, "posted", [plain(told)])
    assert (await post.result())["post_id"] == post_id
    result = await content.result()
    assert (result.posts[0].post_id, result.posts[0].url) == (post_id, url)
    assert studio.youtube.posts == []


async def test_what_is_no_id_is_noted_with_what_is_wanted(studio: FakeStudio) -> None:
    content, post = await parked(studio, "no-id")
    for told, said in [
        (1.8e18, "lost digits"),
        (True, "an id is text or a whole number"),
        (None, "signal posted: ignored: input: it is missing; give the post's id"),
        ("", "1 to 200 characters"),
        (-5, "an id is text or a whole number"),
        ("https://youtu.be/abc", "this is an address"),
        ({"id": "v1"}, "post_id: it is required"),
        ({"post_id": {"id": "v1"}}, "post_id: an id is text"),
        ({"post_id": "v1", "url": "javascript:alert(1)"}, "url: "),
        ("v" * 201, "1 to 200 characters"),
    ]:
        await send_signal(post, "posted", [plain(told)])
        status = await noted(post, said)
        assert status.stage == "parked", told
    for told, said in [
        ({"post_id": "v1"}, "signal not_posted: ignored: post_id: there is no such field; give nothing, the name"),
        (7, "signal not_posted: ignored"),
        ({"by": ["ana"]}, "by: "),
    ]:
        await send_signal(post, "not_posted", [plain(told)])
        assert (await noted(post, said)).stage == "parked", told
    assert await failed_tasks(post) == []
    await post.signal("not_posted", "  Ana\u202e\u0007 B. ")
    assert (await content.result()).status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert "settled by Ana B.: not posted" in (await stage_of(post)).notes


async def test_news_is_taken_for_a_publication_that_is_waited_for(studio: FakeStudio) -> None:
    await studio.gate.pause(REQUEST.platforms[0], "", by="ana", note="")
    waiting = await studio.start(ContentRequest(script=SCRIPT))
    await until(waiting, Stage.REVIEW)
    news = {"platform": "youtube", "account": "default", "text": "it is early"}
    await waiting.signal("publication_news", news)
    status = await waiting.query("status", result_type=PipelineStatus)
    assert "post to youtube" not in status.steps
    assert status.notes == (
        "signal publication_news: ignored: platform: this content waits for no post to youtube (default)",
    )

    handle = await studio.start(REQUEST, "content-news")
    post = await publication(studio, "news")
    await in_stage(post, "paused")
    await until(handle, Stage.PUBLISHING)
    await handle.signal("publication_news", news | {"text": "a\u0000b\n" + "long " * 100_000})
    status = await handle.query("status", result_type=PipelineStatus)
    assert "input: 500," in status.notes[-1]
    await handle.signal("publication_news", news | {"text": "a\u0000b\n" + "long " * 1_000})
    for other in ({"platform": "x"}, {"account": "other"}, {"account": "default\n\u001b[31m"}):
        await handle.signal("publication_news", news | other | {"text": "not ours"})
    status = await handle.query("status", result_type=PipelineStatus)
    assert status.steps["post to youtube"].startswith("ab long long")
    assert len(status.steps["post to youtube"]) == 300
    assert {name for name in status.steps if name.startswith("post to")} == {"post to youtube"}
    assert len([note for note in status.notes if "waits for no post" in note]) == 3
    await studio.gate.resume(REQUEST.platforms[0], "")
    await post.signal("resume")
    assert (await handle.result()).status is Stage.DONE
    await waiting.cancel()


async def test_a_flood_of_signals_does_not_grow_the_board(studio: FakeStudio) -> None:
    handle = await studio.start(ContentRequest(script=SCRIPT))
    await until(handle, Stage.REVIEW)
    for number in range(100):
        await send_signal(handle, "review", [])
        await send_signal(handle, f"no-such-{number}", [plain(number)])
        await send_signal(handle, "publication_news", [plain({"platform": f"p{number}"})])
    status = await handle.query("status", result_type=PipelineStatus)
    assert len(status.notes) == 10
    assert any(note.endswith("(100 times)") for note in status.notes)
    assert await failed_tasks(handle) == []
    await handle.signal("review", {"decision": "reject", "reviewer": "ana"})
    assert (await handle.result()).status is Stage.REJECTED


async def serve(studio: FakeStudio, stack: AsyncExitStack) -> None:
    for worker in [*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())]:
        await stack.enter_async_context(worker)


async def test_a_run_that_stands_still_on_a_bad_signal_goes_on(
    temporal: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = FakeStudio(temporal, tmp_path)
    async with AsyncExitStack() as stack:
        with monkeypatch.context() as patch:
            patch.setattr(pools, "WORKFLOWS", (UnguardedPipeline, *pools.WORKFLOWS[1:]))
            await serve(studio, stack)
        handle = await studio.start(ContentRequest(script=SCRIPT))
        await until(handle, Stage.REVIEW)
        await send_signal(handle, "review", [])

        async def stands_still() -> bool:
            return bool(await failed_tasks(handle))

        await eventually(stands_still)
    assert "missing 1 required positional argument" in (await failed_tasks(handle))[0]

    async with AsyncExitStack() as stack:
        await serve(studio, stack)
        await handle.signal("review", {"decision": "reject", "reviewer": "ana"})
        assert (await handle.result()).status is Stage.REJECTED
        assert (
            "signal review: ignored: input: it is missing"
            in ((await handle.query("status", result_type=PipelineStatus)).notes[0])
        )


@pytest.mark.parametrize(
    "workflow_id",
    ["content-a/render", "content-a/publish/youtube/default", "content-a/publish/x/b", "content-a/other", "content-/x"],
)
@pytest.mark.sample(2)
async def test_no_content_takes_the_id_of_anothers_child(studio: FakeStudio, workflow_id: str) -> None:
    handle = await studio.start({"topic": "Mine"}, workflow_id)
    with pytest.raises(WorkflowFailureError) as failure:
        await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "InvalidInput"
    assert failure.value.cause.message.startswith("workflow id: ids below content-")
    assert studio.catalog.contents == {}


@pytest.mark.parametrize(
    "workflow_id",
    ["content-", "content-" + "x" * 990, "content-ünï 漢字", "a b", "own/id", "content-..", "day-2026-11-29T06:00:00Z"],
)
@pytest.mark.sample(2)
async def test_an_odd_workflow_id_is_a_content_all_the_same(studio: FakeStudio, workflow_id: str) -> None:
    handle = await studio.start({"script": SCRIPT}, workflow_id)
    await until(handle, Stage.REVIEW)
    await handle.signal("review", {"decision": "approve", "reviewer": "ana"})
    assert (await handle.result()).status is Stage.DONE
