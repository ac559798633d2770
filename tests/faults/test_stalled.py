"""`make chaos`: the worker is stopped (SIGSTOP) between arming a post and sending it, for longer than Temporal waits.

When it goes on, the request that it was about to send must not leave it, and the next attempt makes the one post. Two
things see to that: the SDK cancels an attempt whose time is over as soon as the loop turns again, and the client sends
nothing for one (what the client does by itself is tested in `tests/integration/publishing/test_posting_late.py`).
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostResult, PostRow, PostState, PublicationStatus
from reelwright.storage.posts import PostgresPostLedger
from tests.integration.studio.running import LocalStudio, local_studio
from workflows import policies

from .publishing.world import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
STILL_S = 75
"""Longer than the heartbeat timeout, and shorter than the worker waits for the answer that it is stopped in."""


async def until(true: Callable[[], Awaitable[Any]], what: str, patience_s: float = 120) -> Any:
    """What it returns, once that is something."""
    for _ in range(int(patience_s / 0.1)):
        if found := await true():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"waited in vain for {what}")


@contextmanager
def stopped(studio: LocalStudio, name: str) -> Iterator[None]:
    """One of the studio's processes stands still while the body runs."""
    pid = studio.state.children[name].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_a_worker_that_stood_still_posts_nothing_late(tmp_path: Path) -> None:
    async def uploaded() -> bool:
        status: PublicationStatus = await handle.query("status", result_type=PublicationStatus)
        return status.stage == "waiting" and "uploaded" in status.detail

    async def row() -> PostRow:
        found = await posts.get(task.key)
        assert found is not None
        return found

    async def armed() -> PostRow | None:
        now = await row()
        return now if now.state is PostState.ARMED else None

    async def no_longer() -> bool:
        return (await row()).armed_at != first.armed_at

    with local_studio(tmp_path, REELWRIGHT_LISTED_WITHIN_S="5") as studio:
        async with world(studio, random.Random(1)) as found:
            posts, faults = PostgresPostLedger(found.pool), f"{found.sandbox}/_control/faults"
            await found.add_account(Platform.FACEBOOK, "stalled")
            at = datetime.now(UTC) + timedelta(seconds=40)
            task = (await found.task(Platform.FACEBOOK, "stalled", found.videos[0])).model_copy(
                update={"publish_at": at}
            )
            handle = await found.client.start_workflow(
                "PublishFacebook", task, id="stalled", task_queue=policies.MAIN_QUEUE, result_type=PostResult
            )
            await until(uploaded, "the upload")
            with ExitStack() as worker:
                with stopped(studio, "sandbox"):  # so that the worker waits for what it reads before it posts
                    first = await until(armed, "the arming")
                    await asyncio.sleep(1)
                    worker.enter_context(stopped(studio, "cpu"))
                await found.fault({"platform": "facebook", "account": "stalled", "op": "publish", "point": "status"})
                await asyncio.sleep(STILL_S)
            await until(no_longer, "the end of the attempt that stood still")
            waiting = (await found.http.get(faults)).json()["faults"]
            await found.http.delete(faults)
            assert len(waiting) == 1, "its request has reached the platform"
            result = await asyncio.wait_for(handle.result(), 240)
            assert result.status == "posted"
            assert [post["post_id"] for post in await found.posts(Platform.FACEBOOK)] == [result.post_id]
            assert (await row()).post_id == result.post_id
