"""The real render pool: accidents, cancel, resume and a changed scene through the real workflow."""

from __future__ import annotations

import asyncio
import compileall
import resource
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

import reelwright
from activities.content.clips import Clips
from activities.content.material import Studio
from activities.content.own_media import OwnMedia
from activities.content.own_sound import OwnSound
from activities.rendering.finished import Finishing
from activities.rendering.rendering import Rendering
from reelwright.domain.content.video import (
    VARIANTS,
    FormatCut,
    HlsManifest,
    RenderedContent,
    RenderPlan,
    Segment,
    SegmentFiles,
    SegmentTask,
)
from reelwright.domain.errors import OutOfSpace
from reelwright.domain.formats import VideoFormat
from reelwright.providers.recorded.recordings import OwnRecordings
from reelwright.render import LocalRenderer
from reelwright.render.encode.mp4 import EncodeSettings
from reelwright.render.encode.segments import cut_format
from reelwright.render.finished.finisher import LocalFinisher
from tests.servers import Servers, temporal_client
from tests.workflow.fakes import Makers, MemoryCatalog, MemoryMedia, own_intake
from workers.pools import MediaActivities, media_worker
from workflows import policies
from workflows.rendering.render_video import RenderVideo

from .made import (
    RATE,
    RENDERER,
    SHORT_TEXTS,
    Made,
    asset,
    children,
    make_plan,
    picture,
    styled,
    with_picture,
    with_words,
    write_wav,
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
    # The limit holds for the child's compiled modules too, and Python would leave them cut off.
    compileall.compile_dir(Path(reelwright.__file__).parent, quiet=2)
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
async def client(servers: Servers) -> Client:
    return await temporal_client(servers)


class Pool:
    """The real render pool with the real renderer; catalog and media store in memory. Counts encoded frames.
    `renderer` encodes the segments, if they are to be encoded in other processes than the rest, which all tests share
    (`RENDERER`)."""

    def __init__(self, client: Client, made: Made, folder: Path, renderer: LocalRenderer | None = None) -> None:
        self.client = client
        self.media = MemoryMedia()
        self.media.files = {sha: path.read_bytes() for sha, path in made.files.items()}
        self.catalog = MemoryCatalog()
        self.encoded: list[Segment] = []
        pool = self

        class Counting(LocalRenderer):
            """What is asked of the real one."""

            async def segments(self, plan, cut, files, workdir, progress):  # type: ignore[no-untyped-def]
                paths = await (renderer or super()).segments(plan, cut, files, workdir, progress)
                pool.encoded += cut.segments
                return paths

        self.renderer = Counting(preset="superfast")
        self.renderer._children = RENDERER._children
        self.rendering = Rendering(self.catalog, self.media, self.renderer, folder)

    def workers(self) -> list[Worker]:
        studio = Studio(self.catalog, self.media, Makers(), Makers())
        own_media = OwnMedia(self.catalog, own_intake(self.media), self.rendering.scratch)
        own_sound = OwnSound(self.catalog, self.media, OwnRecordings(), self.rendering.scratch)
        finishing = Finishing(self.catalog, self.media, LocalFinisher(), self.rendering.scratch)
        staff = MediaActivities(
            studio=studio,
            rendering=self.rendering,
            own_media=own_media,
            own_sound=own_sound,
            finishing=finishing,
            clips=Clips(self.catalog, self.media, own_intake(self.media), self.rendering.scratch),
        )
        orchestra = Worker(self.client, task_queue=policies.MAIN_QUEUE, workflows=[RenderVideo])
        return [orchestra, media_worker(self.client, staff)]

    async def start(self, plan: RenderPlan, name: str) -> WorkflowHandle[RenderVideo, RenderedContent]:
        return await self.client.start_workflow(RenderVideo.run, plan, id=name, task_queue=policies.MAIN_QUEUE)


async def test_cancel_resume_and_a_changed_scene_through_the_real_workflow(
    client: Client, made: Made, tmp_path: Path
) -> None:
    format = VideoFormat("640x480")  # large enough that a cancel meets unfinished work
    plan = made.plan.model_copy(update={"formats": (format,)})
    whole: FormatCut = cut_format(plan, format, EncodeSettings())
    before = started()
    async with LocalRenderer(preset="superfast") as renderer:
        pool = Pool(client, made, tmp_path, renderer)
        orchestra, media = pool.workers()
        async with orchestra, media:
            handle = await pool.start(plan, "cancelled")
            while not pool.encoded:
                await asyncio.sleep(0.02)
            busy = started() - before
            assert busy
            await handle.cancel()
            with pytest.raises(WorkflowFailureError):
                await handle.result()
            while busy & started():  # a cancel reaches the encoders
                await asyncio.sleep(0.2)
            # On a busy machine the cancel may come after the last segment; what follows holds then, too.
            assert 0 < len(pool.encoded) <= len(whole.segments)

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
    assert started() <= before


def started() -> set[int]:
    """The processes that this one has started, without those that wait for what `RENDERER` is to do next."""
    waiting = {child.process.pid for child in RENDERER._children._idle}
    return {child.pid for child in children()} - waiting


def with_odd_material(made: Made, folder: Path) -> Made:
    """Two scenes of the plan: one with a turned picture, a silent voice and a word past its end, one in good order."""
    turned, silent = folder / "turned.jpg", folder / "silent.wav"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(made.picture_path(0)).convert("RGB").save(turned, exif=exif)
    write_wav(silent, np.zeros(RATE))
    narrations = list(made.plan.material.narrations[:2])
    late = narrations[0].words[-1].model_copy(update={"end": narrations[0].duration_s + 3.0})
    narrations[0] = narrations[0].model_copy(
        update={"audio": asset(silent), "words": (*narrations[0].words[:-1], late)}
    )
    material = made.plan.material.model_copy(
        update={
            "narrations": tuple(narrations),
            "pictures": made.plan.material.pictures[:2],
            "story": made.plan.material.story.model_copy(update={"scenes": made.plan.material.story.scenes[:2]}),
        }
    )
    plan = with_picture(made.plan.model_copy(update={"material": material}), 0, asset(turned))
    files = {**made.files, asset(turned).sha256: turned, asset(silent).sha256: silent}
    return Made(plan.model_copy(update={"formats": (VideoFormat("480x480"),), "content_id": "odd"}), files)


async def test_what_was_mended_is_told_with_the_result(client: Client, made: Made, tmp_path: Path) -> None:
    odd = with_odd_material(made, tmp_path)
    plan = styled(odd.plan, hls=True, dash=True)
    pool = Pool(client, odd, tmp_path)
    orchestra, media = pool.workers()
    async with orchestra, media:
        rendered = await (await pool.start(plan, "odd")).result()
    said = [
        "scene 1: times of words were put in order (1 outside the recording)",
        "scene 1: the picture was turned upright, as its camera noted",
        "material.narrations[0]: the recording is silent",
    ]
    assert list(rendered.notes) == said
    [package] = rendered.hls
    manifest = HlsManifest.model_validate_json(pool.media.files[package.manifest.sha256])
    assert {package.master, package.dash} <= {file.name for file in manifest.files} and package.dash == "manifest.mpd"
    assert package.sizes == ((480, 480),)
    assert all(file.file.sha256 in pool.media.files for file in manifest.files)
    assert [image.variant for image in rendered.thumbnails] == list(VARIANTS)


@pytest.mark.parametrize("page", [b"<!doctype html><p>Not found", b""])
@pytest.mark.sample(1)
async def test_a_picture_that_is_none_fails_before_an_encoder_runs(
    client: Client, made: Made, tmp_path: Path, page: bytes
) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(page)
    plan = with_picture(made.plan, 2, asset(path)).model_copy(update={"content_id": "bad"})
    pool = Pool(client, Made(plan, {**made.files, asset(path).sha256: path}), tmp_path)
    before = set(pool.media.files)
    orchestra, media = pool.workers()
    async with orchestra, media:
        with pytest.raises(WorkflowFailureError) as failure:
            await (await pool.start(plan, f"bad-{len(page)}")).result()
    told = str(failure.value.cause.__cause__)
    assert told.startswith("RenderFailed: material.pictures[2].image: the picture of scene 3 is not"), told
    assert not pool.encoded
    left = [pool.media.files[sha] for sha in set(pool.media.files) - before]
    # The sound may be there, an MP4 too: it is mixed beside. A track of pictures has the handler "vide".
    assert not any(data[4:8] == b"ftyp" and b"vide" in data for data in left), "there is a video in the store"


async def test_a_preview_of_a_revision_renders_the_scene_that_changed(
    client: Client, made: Made, tmp_path: Path
) -> None:
    """A draft has the final video's timeline, sound and thumbnails; after another picture only its segments are new."""
    format = VideoFormat("480x480")
    plan = made.plan.model_copy(update={"formats": (format,), "content_id": "preview"})
    other = picture(tmp_path / "night.png", 9)
    changed = with_picture(plan, 2, asset(other))
    assert plan.draft().timeline_sha256 == plan.timeline_sha256 != changed.timeline_sha256
    pool = Pool(client, Made(plan, {**made.files, asset(other).sha256: other}), tmp_path)
    orchestra, media = pool.workers()
    async with orchestra, media:
        first = await (await pool.start(plan.draft(), "preview-1")).result()
        [video] = first.videos
        assert (video.width, video.height) == plan.draft().canvas(format).size
        whole = {segment.digest for segment in pool.encoded}
        kept = set(pool.media.files)
        pool.encoded.clear()

        second = await (await pool.start(changed.draft(), "preview-2")).result()
        remade = sorted((segment.name, segment.scenes) for segment in pool.encoded)
        assert remade == [("scene 3", (1, 2)), ("scene 3", (2,)), ("scene 4", (2, 3))]
        assert len(whole) - len(remade) > 0 and kept <= set(pool.media.files)
        assert second.captions == first.captions and second.videos != first.videos

        approved = changed.model_copy(update={"approved_timeline": changed.timeline_sha256})
        final = await (await pool.start(approved, "final")).result()
        assert (final.videos[0].frames, final.captions) == (second.videos[0].frames, second.captions)
        assert final.thumbnails == second.thumbnails and len(final.thumbnails) == len(VARIANTS)
        mixes = [key for key in pool.catalog.results if "/sound/" in key]
        assert len(mixes) == 1, "the sound of a draft is that of the video"

        stale = plan.model_copy(update={"approved_timeline": changed.timeline_sha256})
        with pytest.raises(WorkflowFailureError) as refused:
            await (await pool.start(stale, "stale")).result()
    assert "is not the approved one" in str(refused.value.cause.__cause__)
