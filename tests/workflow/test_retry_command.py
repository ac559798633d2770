"""`reelwright retry`: all failed posts at once, and nobody waits for a post that was not asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.errors import InvalidInput, PostRejected
from reelwright.domain.formats import Platform
from starter import opening, publication_commands

from .conftest import FakeStudio, eventually
from .test_content_pipeline import SCRIPT
from .test_publishing import in_stage, publication

pytestmark = pytest.mark.lengthy

SOON_S = 60
"""Only a command that waits for something else is not back by then."""
BROKEN = (Platform.INSTAGRAM, Platform.X)


@dataclass
class Found:
    """What `starter.reach.studio` finds."""

    client: Any
    settings: Any = None


@pytest.fixture
def cli(studio: FakeStudio, monkeypatch: pytest.MonkeyPatch) -> FakeStudio:
    """The studio, as the commands find it; it has no database."""

    @asynccontextmanager
    async def found(**_: bool) -> AsyncIterator[Found]:
        yield Found(studio.temporal)

    @asynccontextmanager
    async def no_books(_: Any) -> AsyncIterator[None]:
        yield None

    monkeypatch.setattr(opening, "studio", found)
    monkeypatch.setattr(opening, "filed_contents", no_books)
    return studio


async def half_posted(studio: FakeStudio, name: str) -> WorkflowHandle[Any, Any]:
    """A content with two failed posts, that runs on because a third one is paused."""
    await studio.gate.pause(Platform.YOUTUBE, "", by="ana", note="")
    for platform in BROKEN:
        studio.platforms[platform].refuse = [PostRejected("not this", field="caption", remedy="change it")]
    request = ContentRequest(script=SCRIPT, auto_approve=True, platforms=(Platform.YOUTUBE, *BROKEN))
    handle = await studio.start(request, f"content-{name}")

    async def both_failed() -> bool:
        status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
        return {post.platform for post in status.posts if post.status == "failed"} == set(BROKEN)

    await eventually(both_failed)
    return handle


async def retry(name: str, *platforms: str, **options: Any) -> int:
    given = {"account": None, "out_dir": None, "as_json": True, **options}
    return await publication_commands.retry(name, platforms=platforms, **given)


async def finish(studio: FakeStudio, name: str, handle: WorkflowHandle[Any, Any]) -> None:
    await studio.gate.resume(Platform.YOUTUBE, "")
    await (await publication(studio, name)).signal("resume")
    await handle.result()


async def test_a_retry_does_not_wait_for_the_other_posts(cli: FakeStudio, capsys: pytest.CaptureFixture[str]) -> None:
    handle = await half_posted(cli, "one")
    async with asyncio.timeout(SOON_S):
        assert await retry("one", "instagram") == 0
    told = json.loads(capsys.readouterr().out)
    assert [(post["platform"], post["status"]) for post in told["posts"]] == [("instagram", "posted")]
    assert (len(cli.platforms[Platform.INSTAGRAM].posts), len(cli.platforms[Platform.X].posts)) == (1, 0)
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    assert status.stage is Stage.PUBLISHING, "the content still runs"
    async with asyncio.timeout(SOON_S):
        with pytest.raises(InvalidInput, match="no failed post there"):
            await retry("one", "instagram")
    await finish(cli, "one", handle)


@pytest.mark.deep
async def test_all_retries_run_at_the_same_time(cli: FakeStudio, capsys: pytest.CaptureFixture[str]) -> None:
    handle = await half_posted(cli, "all")
    await cli.gate.pause(Platform.INSTAGRAM, "", by="ana", note="")
    retrying = asyncio.create_task(retry("all"))

    async def second_is_posted() -> bool:
        if retrying.done():
            await retrying
        return len(cli.platforms[Platform.X].posts) == 1

    await eventually(second_is_posted)
    held = await publication(cli, "all", Platform.INSTAGRAM)
    await in_stage(held, "paused")
    assert not retrying.done()
    await cli.gate.resume(Platform.INSTAGRAM, "")
    await held.signal("resume")
    async with asyncio.timeout(SOON_S):
        assert await retrying == 0
    told = json.loads(capsys.readouterr().out)
    assert {post["platform"]: post["status"] for post in told["posts"]} == {"instagram": "posted", "x": "posted"}
    await finish(cli, "all", handle)


async def test_nobody_has_to_wait(cli: FakeStudio, capsys: pytest.CaptureFixture[str]) -> None:
    handle = await half_posted(cli, "leave")
    await cli.gate.pause(Platform.X, "", by="ana", note="")
    async with asyncio.timeout(SOON_S):
        assert await retry("leave", "x", wait=False) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(post["platform"], post["status"]) for post in told["posts"]] == [("x", "running")]
    held = await publication(cli, "leave", Platform.X)
    await in_stage(held, "paused")
    await cli.gate.resume(Platform.X, "")
    async with asyncio.timeout(SOON_S):
        assert await retry("leave", "x") == 0, "one that waits on a platform that is named looks again"
    await finish(cli, "leave", handle)


async def test_a_content_that_has_ended_gets_its_report(
    cli: FakeStudio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workers.media.media_store", lambda _: cli.media)
    handle = await half_posted(cli, "ended")
    await finish(cli, "ended", handle)
    assert await retry("ended", out_dir=tmp_path / "out") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "done"
    assert json.loads((tmp_path / "out" / "report.json").read_text())["status"] == "done"
