"""Contents that wait for a review: a real Temporal server with fakes, whose files a browser can show where it is to."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import ContentResult, PipelineStatus, ReviewWanted
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.content.video import VARIANTS, RenderPlan, ThumbnailVariant
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ports.making import Drawing
from reelwright.domain.ports.rendering import EncodedVideo, WrittenCaptions
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text.preferred import NO_FILES
from tests.finished_videos import video
from tests.servers import Servers, SkippingEnvironment, temporal_client
from tests.workflow.conftest import FakeStudio, _Unsandboxed, end_all, looks
from tests.workflow.fake_renderer import FakeRenderer
from tests.workflow.fakes import Makers
from workers.pools import cpu_workers, media_worker

SCRIPT = "The tide comes in.\n\nThe moon pulls at the sea.\n\nTwice a day the water goes."
LAYOUT: Callable[[RenderPlan], Any] = build_timeline
Handle = WorkflowHandle[Any, ContentResult]


@asynccontextmanager
async def reviewing(
    servers: Servers, temporal: WorkflowEnvironment, folder: Path, **fakes: Any
) -> AsyncIterator[FakeStudio]:
    """A studio of fakes whose pools run, in the namespace that all tests of this process share."""
    client = await temporal_client(servers, _Unsandboxed("unsandboxed"), namespace=temporal.client.namespace)
    studio = FakeStudio(SkippingEnvironment(client), folder, **fakes)
    async with AsyncExitStack() as stack:
        for worker in (*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())):
            await stack.enter_async_context(worker)
        yield studio
    await end_all(studio.client)


async def waiting(studio: FakeStudio, id: str = "", **request: Any) -> tuple[Handle, ReviewWanted]:
    """A content that waits for its review, and the question; listed as such, too."""
    asked = ContentRequest(
        **{"script": SCRIPT, "title": "Tides", "platforms": (Platform.YOUTUBE, Platform.X), **request}
    )
    handle = await studio.start(asked, f"content-{id}" if id else None)
    return handle, await question(studio, handle)


async def question(studio: FakeStudio, handle: Handle, revision: int = 0) -> ReviewWanted:
    """The question of a revision, once it is open and Temporal's list has it."""
    async for _ in looks():
        status = await handle.query("status", result_type=PipelineStatus)
        if status.review and status.review.revision == revision:
            listed = [run.id async for run in studio.client.list_workflows("ReelReview = 'wanted'")]
            if handle.id in listed:
                return status.review
    raise AssertionError("it looks until it raises")


class SeenMakers(Makers):
    """Pictures that can be looked at."""

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        self.calls["draw"] += 1
        data = picture((480, 480), scene.text, hue=(seed + 47 * scene.index) % 256)
        return Drawing(data=data, media_type="image/jpeg", usd=self.price)


class SeenRenderer(FakeRenderer):
    """Videos that can be watched: the same test pattern for each format, encoded once."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def join(
        self,
        plan: RenderPlan,
        format: VideoFormat,
        parts: Sequence[tuple[Path, int]],
        sound: Path,
        workdir: Path,
        progress: Callable[[float], None],
    ) -> EncodedVideo:
        width, height = (side // 6 // 2 * 2 for side in format.size)
        path = self._folder / f"{format.slug}.mp4"
        if not path.exists():
            video(path, size=f"{width}x{height}", seconds=10, rate=5)
        return EncodedVideo(path=path, width=width, height=height, fps=5, frames=50, duration_s=10.0)

    async def captions(
        self, plan: RenderPlan, workdir: Path, files: Mapping[str, Path] = NO_FILES
    ) -> list[WrittenCaptions]:
        path = workdir / "c.vtt"
        path.write_text("WEBVTT\n\n00:00.000 --> 00:09.000\nThe tide comes in.\n")
        return [WrittenCaptions(plan.material.story.language, "vtt", path)]

    async def thumbnails(
        self, plan: RenderPlan, format: VideoFormat, files: Mapping[str, Path], workdir: Path
    ) -> Mapping[ThumbnailVariant, Path]:
        size = (format.size[0] // 4, format.size[1] // 4)
        paths = {variant: workdir / f"{variant}.jpg" for variant in VARIANTS}
        for number, (variant, path) in enumerate(paths.items()):
            path.write_bytes(picture(size, f"{plan.material.story.title} {variant}", hue=60 + 50 * number))
        return paths


def picture(size: tuple[int, int], text: str, *, hue: int) -> bytes:
    """A JPEG with a text."""
    image = Image.new("HSV", size, (hue, 90, 170)).convert("RGB")
    ImageDraw.Draw(image).multiline_text((size[0] // 12, size[1] // 3), text.replace(" ", "\n", 3)[:60], fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
