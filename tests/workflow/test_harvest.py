"""HarvestFeeds on a real Temporal server: a content for each new item, once, whatever is restarted when."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import ScheduleOverlapPolicy, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from control import contents
from control import feeds as control
from control import harvest_schedule as scheduling
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.feeds.harvest import HarvestResult
from reelwright.domain.ids import content_workflow_id
from tests.handed import studio_of
from workers.plugin import reelwright_plugin
from workers.pools import WORKFLOWS, cpu_workers
from workflows import policies

from .conftest import FakeStudio, end_all, eventually
from .fake_feeds import feed_entry

pytestmark = pytest.mark.lengthy


@pytest.fixture
async def studio(unsandboxed: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[FakeStudio]:
    """The cpu pool alone: what a content does after its start is not looked at here."""
    studio = FakeStudio(unsandboxed, tmp_path)
    yield studio
    await end_all(unsandboxed.client)


@asynccontextmanager
async def pool(studio: FakeStudio) -> AsyncIterator[None]:
    """A process of the cpu pool, until the end of the block."""
    async with AsyncExitStack() as stack:
        for worker in cpu_workers(studio.client, studio.cpu()):
            await stack.enter_async_context(worker)
        yield


async def each_has_one_run(studio: FakeStudio, ids: Collection[str]) -> None:
    """Of each content there is one execution, ever, and none of another item of this studio's channel."""
    recorded = {verdict.content_id for _, verdict in studio.feed_book.rows if verdict.content_id}
    assert recorded == set(ids)

    async def runs() -> list[str]:
        wanted = ", ".join(f"'{content_workflow_id(one)}'" for one in ids)
        return [run.id async for run in studio.client.list_workflows(f"WorkflowId IN ({wanted})")]

    async def listed() -> bool:
        return len(await runs()) >= len(ids)

    await eventually(listed)
    assert len(await runs()) == len(ids)


async def begin(studio: FakeStudio, request: dict[str, Any] | None = None) -> Any:
    return await studio.client.start_workflow(
        "HarvestFeeds",
        request or {},
        id=f"harvest-{uuid.uuid4().hex[:8]}",
        task_queue=policies.MAIN_QUEUE,
        result_type=HarvestResult,
    )


async def has_run(studio: FakeStudio, content_id: str) -> bool:
    try:
        await studio.client.get_workflow_handle(content_workflow_id(content_id)).describe()
    except RPCError:
        return False
    return True


async def test_each_new_item_becomes_a_content_and_a_second_harvest_starts_nothing(studio: FakeStudio) -> None:
    for n, name in enumerate(("one", "two")):
        source = studio.feed_book.add(name, priority=n + 1)
        studio.feeds.documents[source.source.url] = [feed_entry(10 * n + k) for k in (1, 2)]
    # A duplicate across the sources: the same text under another address.
    same = feed_entry(1)
    studio.feeds.documents["https://two.example.org/feed"] = [
        *studio.feeds.documents["https://two.example.org/feed"],  # type: ignore[misc]
        feed_entry(99, text=same.text),
    ]
    async with pool(studio):
        first = await begin(studio)
        result = await first.result()
        assert len(result.started) == 4 and not result.not_started and not result.found_started
        assert [one.name for one in result.sources] == ["one", "two"]
        assert sum(one.duplicates for one in result.sources) == 1
        assert studio.feed_book.states() == {"started": 4, "duplicate": 1}
        for content_id in result.started:
            handle = studio.client.get_workflow_handle(content_workflow_id(content_id))
            described = await handle.describe()
            assert described.parent_id and described.status is WorkflowExecutionStatus.RUNNING
            assert (await described.memo())["title"].startswith("Entry ")
        handle = await begin(studio, {"sources": ["one", "two"]})
        again = await handle.result()
        assert again.started == () and [one.known for one in again.sources] == [2, 3]
        assert (await handle.query("progress"))["read"] == 2
        # In the sandbox, as workers run it.
        await Replayer(workflows=WORKFLOWS, plugins=[reelwright_plugin()]).replay_workflow(await first.fetch_history())
        assert [one.name for one in (await (await begin(studio)).result()).sources] == [], "no source is due"
        await each_has_one_run(studio, result.started)


async def test_the_request_is_the_sources_and_known_to_the_command_line(studio: FakeStudio) -> None:
    source = studio.feed_book.add("one", language="de", priority=1)
    studio.feeds.documents[source.source.url] = [feed_entry(1)]
    async with pool(studio):
        result = await control.harvest(studio_of(studio.temporal), ["one"])
        [content_id] = result.started
        handle = studio.client.get_workflow_handle(content_workflow_id(content_id))
        events = (await handle.fetch_history()).events
        [payload] = events[0].workflow_execution_started_event_attributes.input.payloads
        request = ContentRequest.model_validate_json(payload.data)
        assert (request.channel, request.language, request.priority, request.platforms) == (
            studio.feed_book.channel,
            "de",
            1,
            (),
        )
        assert request.item is not None and request.item.title == "Entry 1"
        _, new = await contents.start(studio.temporal, None, content_id, request)
        assert not new, "the same request under the same id is this content"


@pytest.mark.parametrize("call", ["mark_started", "request", "harvested", "record"])
async def test_what_fails_between_claim_and_mark_is_done_once(studio: FakeStudio, call: str) -> None:
    """The activity fails after its effect or before it, and is tried again."""
    source = studio.feed_book.add("one")
    studio.feeds.documents[source.source.url] = [feed_entry(1), feed_entry(2)]
    studio.feed_book.fail[call] = 2
    async with pool(studio):
        result = await (await begin(studio)).result()
    assert len({*result.started, *result.found_started}) == 2
    assert studio.feed_book.states() == {"started": 2} and studio.feed_book.calls[call] >= 3
    await each_has_one_run(studio, {*result.started, *result.found_started})


async def test_a_worker_that_dies_between_start_and_mark(studio: FakeStudio) -> None:
    """The harvest is terminated after it has begun a content and before it has noted that; the next one begins the same
    id, is refused, and notes it."""
    source = studio.feed_book.add("one")
    studio.feeds.documents[source.source.url] = [feed_entry(1), feed_entry(2)]
    studio.feed_book.fail["mark_started"] = 10_000
    async with pool(studio):
        handle = await begin(studio)
        await eventually(lambda: _marking(studio))
    # The worker is gone; so is the harvest.
    await handle.terminate("its machine burned")
    [first, second] = [verdict.content_id for _, verdict in studio.feed_book.rows]
    assert await has_run(studio, first) and not await has_run(studio, second)
    assert studio.feed_book.states() == {"new": 2}
    studio.feed_book.fail.clear()
    async with pool(studio):
        result = await (await begin(studio, {"sources": ["one"]})).result()
    assert (result.found_started, result.started) == ((first,), (second,))
    assert studio.feed_book.states() == {"started": 2}
    await each_has_one_run(studio, [first, second])


async def _marking(studio: FakeStudio) -> bool:
    return studio.feed_book.calls["mark_started"] > 0


async def test_a_worker_is_replaced_in_the_middle_of_a_harvest(studio: FakeStudio) -> None:
    source = studio.feed_book.add("one")
    studio.feeds.documents[source.source.url] = [feed_entry(n) for n in (1, 2, 3)]
    studio.feed_book.fail["mark_started"] = 1
    async with pool(studio):
        handle = await begin(studio)
        await eventually(lambda: _marking(studio))
    async with pool(studio):
        result = await handle.result()
    assert len(result.started) == 3 and result.found_started == ()
    assert studio.feed_book.states() == {"started": 3}


async def test_two_harvests_at_once_start_each_item_once(studio: FakeStudio) -> None:
    source = studio.feed_book.add("one")
    studio.feeds.documents[source.source.url] = [feed_entry(n) for n in (1, 2, 3)]
    studio.feeds.hold = asyncio.Event()
    async with pool(studio):
        both = [await begin(studio, {"sources": ["one"]}) for _ in range(2)]

        async def both_read() -> bool:
            return studio.feeds.reads[source.source.url] == 2

        await eventually(both_read)
        studio.feeds.hold.set()
        results = [await handle.result() for handle in both]
    ids = [content_id for result in results for content_id in result.started]
    assert len(ids) == len(set(ids)) == 3 and studio.feed_book.states() == {"started": 3}


async def test_a_failing_source_stops_no_other_and_waits_longer_each_time(studio: FakeStudio) -> None:
    book, feeds = studio.feed_book, studio.feeds
    for name in ("bad", "away", "good"):
        book.add(name, every_minutes=30)
    feeds.documents["https://bad.example.org/feed"] = InvalidInput("this is not a feed", field="feed")
    feeds.documents["https://away.example.org/feed"] = ProviderUnavailable(
        "no answer", field="feed", retry_after_s=7200
    )
    feeds.documents["https://good.example.org/feed"] = [feed_entry(1)]
    async with pool(studio):
        result = await (await begin(studio)).result()
        told = {one.name: one for one in result.sources}
        assert [told[name].outcome for name in ("bad", "away", "good")] == ["failed", "failed", "ok"]
        assert told["bad"].error == "feed: this is not a feed" and len(result.started) == 1
        waits = [round((book.sources[name].due_at - book.sources[name].harvested_at).total_seconds() / 60)  # type: ignore[operator]
                 for name in ("bad", "away", "good")]  # fmt: skip
        assert waits == [60, 120, 30]
        result = await (await begin(studio, {"sources": ["bad", "nobody"]})).result()
        assert [(one.name, one.outcome) for one in result.sources] == [("bad", "failed"), ("nobody", "gone")]
        assert book.sources["bad"].failures == 2


async def test_a_broken_activity_leaves_the_source_to_the_next_harvest(studio: FakeStudio) -> None:
    studio.feed_book.add("one")
    good = studio.feed_book.add("two")
    studio.feeds.documents[good.source.url] = [feed_entry(1)]
    studio.feeds.documents["https://one.example.org/feed"] = ProviderUnavailable("away", field="feed")
    studio.feed_book.fail["harvested"] = 3  # the first source's three attempts, or some of the second's
    async with pool(studio):
        result = await (await begin(studio)).result()
        assert [one.name for one in result.sources] == ["one", "two"]
        again = await (await begin(studio, {"sources": ["one", "two"]})).result()
    assert len({*result.started, *again.started}) == 1


async def test_the_schedule_is_made_changed_triggered_and_removed(studio: FakeStudio) -> None:
    source = studio.feed_book.add("one")
    studio.feeds.documents[source.source.url] = [feed_entry(1)]
    with pytest.raises(InvalidInput, match="every: 'often' is no duration; write 15m"):
        await scheduling.schedule(studio_of(studio.temporal), "often")
    assert await scheduling.schedule(studio_of(studio.temporal), "12h")
    handle = studio.client.get_schedule_handle(control.SCHEDULE)
    try:
        assert not await scheduling.schedule(studio_of(studio.temporal), "1d"), "it was there"
        described = await handle.describe()
        [interval] = described.schedule.spec.intervals
        assert interval.every == timedelta(days=1)
        assert described.schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
        assert described.schedule.policy.catchup_window == timedelta(hours=1)
        async with pool(studio):
            await handle.trigger()

            async def harvested() -> bool:
                return studio.feed_book.states() == {"started": 1}

            await eventually(harvested)
    finally:
        assert await scheduling.unschedule(studio_of(studio.temporal))
    assert not await scheduling.unschedule(studio_of(studio.temporal))
