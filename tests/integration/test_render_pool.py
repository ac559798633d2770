"""The real render pool: accidents, cancel, resume and a changed scene through the real workflow."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker

from activities.material import Studio
from activities.rendering import Rendering
from reelwright.domain.errors import OutOfSpace
from reelwright.domain.formats import VideoFormat
from reelwright.domain.video import (
    FormatCut,
    RenderedContent,
    RenderPlan,
    Segment,
    SegmentFiles,
    SegmentTask,
)
from reelwright.render import LocalRenderer
from reelwright.render.encode import EncodeSettings
from reelwright.render.segments import cut_format
from tests.workflow.fakes import Makers, MemoryCatalog, MemoryMedia
from workers.local.services import find_temporal
from workers.plugin import reelwright_plugin
from workers.pools import MediaStaff, media_worker
from workflows import policies, search
from workflows.render_video import RenderVideo

from .made import (
    SHORT_TEXTS,
    Made,
    children,
    make_plan,
    with_words,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_plan(tmp_path_factory.mktemp("pool"), SHORT_TEXTS, pace=0.3)


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """As a full disk: writing fails in the middle of a file, in this process and in those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_no_room_in_mid_segment_leaves_nothing_in_the_store(made: Made, tmp_path: Path) -> None:
    media, catalog = MemoryMedia(), MemoryCatalog()
    media.files = {sha: path.read_bytes() for sha, path in made.files.items()}
    rendering = Rendering(catalog, media, LocalRenderer(), tmp_path / "scratch")
    stored = await media.put_bytes(made.plan.model_dump_json().encode(), "application/json")
    before = set(media.files)
    task = SegmentTask(content_id="t", plan=stored, cut=await rendering.renderer.cut(made.plan, VideoFormat.SQUARE))
    # The first segment of this is some 200 kB; the pictures that are fetched before are not touched by the limit,
    # because it holds from here on and they come first.
    with pytest.raises(OutOfSpace, match="size of a file") as caught:
        await ActivityEnvironment().run(_limited(rendering), task)
    assert caught.value.field == "workdir"
    assert set(media.files) == before and not catalog.results
    assert list((tmp_path / "scratch").iterdir()) == []


def _limited(rendering: Rendering) -> Callable[[SegmentTask], Awaitable[SegmentFiles]]:
    """`render_segment` with a disk that is full as soon as the encoder writes."""
    real = rendering.renderer.segments

    async def segments(*args: Any) -> Mapping[str, Path]:
        with no_file_larger_than(20_000):
            return await real(*args)

    rendering.renderer.segments = segments  # type: ignore[method-assign]
    return rendering.render_segment


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    async with await WorkflowEnvironment.start_local(
        plugins=[reelwright_plugin()], dev_server_existing_path=find_temporal(), search_attributes=search.ALL
    ) as env:
        yield env.client


class Pool:
    """The real render pool with the real renderer; catalog and media store in memory. Counts encoded frames."""

    def __init__(self, client: Client, made: Made, folder: Path, renderer: LocalRenderer) -> None:
        self.client = client
        self.media = MemoryMedia()
        self.media.files = {sha: path.read_bytes() for sha, path in made.files.items()}
        self.catalog = MemoryCatalog()
        self.encoded: list[Segment] = []
        pool = self

        class Counting(LocalRenderer):
            """What is asked of the real one."""

            async def segments(self, plan, cut, files, workdir, progress):  # type: ignore[no-untyped-def]
                paths = await renderer.segments(plan, cut, files, workdir, progress)
                pool.encoded += cut.segments
                return paths

        self.rendering = Rendering(self.catalog, self.media, Counting(), folder)

    def workers(self) -> list[Worker]:
        studio = Studio(self.catalog, self.media, Makers(), Makers())
        staff = MediaStaff(studio=studio, rendering=self.rendering)
        orchestra = Worker(self.client, task_queue=policies.MAIN_QUEUE, workflows=[RenderVideo])
        return [orchestra, media_worker(self.client, staff)]

    async def start(self, plan: RenderPlan, name: str) -> WorkflowHandle[RenderVideo, RenderedContent]:
        return await self.client.start_workflow(RenderVideo.run, plan, id=name, task_queue=policies.MAIN_QUEUE)


async def test_cancel_resume_and_a_changed_scene_through_the_real_workflow(
    client: Client, made: Made, tmp_path: Path
) -> None:
    format = VideoFormat("1280x720")  # large enough that a cancel meets unfinished work
    plan = made.plan.model_copy(update={"formats": (format,)})
    whole: FormatCut = cut_format(plan, format, EncodeSettings())
    before = {child.pid for child in children()}
    async with LocalRenderer() as renderer:
        pool = Pool(client, made, tmp_path, renderer)
        orchestra, media = pool.workers()
        async with orchestra, media:
            handle = await pool.start(plan, "cancelled")
            deadline = time.monotonic() + 40
            while not pool.encoded and time.monotonic() < deadline:
                await asyncio.sleep(0.02)
            busy = {child.pid for child in children()} - before
            assert busy
            asked = time.monotonic()
            await handle.cancel()
            with pytest.raises(WorkflowFailureError):
                await handle.result()
            # Three seconds are the aim, and what a machine with nothing else to do takes less than one for.
            assert time.monotonic() - asked < 15.0, "a cancel did not reach the encoders"
            kept = len(pool.encoded)
            assert 0 < kept < len(whole.segments)

            rendered = await (await pool.start(plan, "resumed")).result()
            assert sum(segment.frames for segment in pool.encoded) == whole.frames, "a finished segment was made twice"
            assert rendered.videos[0].frames == whole.frames
            assert rendered.inspections[0].frames == whole.frames

            pool.encoded.clear()
            other = with_words(plan, 1, "Two others help it, too.")
            again = await (await pool.start(other, "changed")).result()
            again_made = sorted((segment.name, len(segment.scenes)) for segment in pool.encoded)
            assert again_made == [("scene 2", 1), ("scene 2", 2), ("scene 3", 2)]
            assert again.videos[0].file != rendered.videos[0].file
    assert {child.pid for child in children()} <= before
