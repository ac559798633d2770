"""Segments: where they are cut, what names them, that nobody sees the joints, and what an accident costs."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker

from activities.material import Studio
from activities.rendering import Rendering
from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput, OutOfSpace, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports import TOOLCHAIN_FIELD
from reelwright.domain.story import Scene, WordTiming
from reelwright.domain.style import BrandKit
from reelwright.domain.video import (
    FormatCut,
    RenderedContent,
    RenderJob,
    RenderPlan,
    Segment,
    SegmentFiles,
    SegmentTask,
    Soundtrack,
)
from reelwright.render import LocalRenderer
from reelwright.render.cache import CachedMediaStore
from reelwright.render.compose import Composer
from reelwright.render.encode import EncodeSettings, encode_pictures, join
from reelwright.render.encoders import ENCODERS, find_encoder, gop_of, trial
from reelwright.render.segments import borders, cut_format
from reelwright.render.timeline import build_timeline
from reelwright.render.yuv import Planes
from tests.workflow.fakes import Makers, MemoryCatalog, MemoryMedia
from workers.local.services import find_temporal
from workers.plugin import reelwright_plugin
from workers.pools import MediaStaff, media_worker
from workflows import policies, search
from workflows.render_video import RenderVideo

from .test_render import Made, asset, ignore, make_plan, picture, soundtrack_of

FAST = EncodeSettings(preset="superfast")
SMALL = VideoFormat("320x320")
TEXTS = ("One heart pumps.", "Two more help it.", "Blue blood, they say.", "And nine brains.")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_plan(tmp_path_factory.mktemp("segments"), TEXTS, pace=0.3)


def with_words(plan: RenderPlan, scene: int, text: str) -> RenderPlan:
    """The plan with another text, and so another length, in one scene."""
    material = plan.material
    words = tuple(WordTiming(text=t, start=0.3 * i, end=0.3 * i + 0.25) for i, t in enumerate(text.split()))
    narrations = list(material.narrations)
    narrations[scene] = narrations[scene].model_copy(update={"words": words, "duration_s": words[-1].end + 0.1})
    scenes = list(material.story.scenes)
    scenes[scene] = Scene(index=scene, text=text, heading=scenes[scene].heading)
    story = material.story.model_copy(update={"scenes": tuple(scenes)})
    return plan.model_copy(
        update={"material": material.model_copy(update={"story": story, "narrations": tuple(narrations)})}
    )


def with_picture(plan: RenderPlan, scene: int, image: AssetRef) -> RenderPlan:
    pictures = list(plan.material.pictures)
    pictures[scene] = pictures[scene].model_copy(update={"image": image})
    return plan.model_copy(update={"material": plan.material.model_copy(update={"pictures": tuple(pictures)})})


def styled(plan: RenderPlan, **changes: object) -> RenderPlan:
    return plan.model_copy(update={"style": plan.style.model_copy(update=changes)})


def changed(before: RenderPlan, after: RenderPlan) -> list[tuple[str, int]]:
    """(name, number of scenes seen in it) of every segment that would have to be made anew."""
    known = {segment.digest for segment in cut_format(before, SMALL, FAST).segments}
    return [(s.name, len(s.scenes)) for s in cut_format(after, SMALL, FAST).segments if s.digest not in known]


@pytest.mark.parametrize("brand", [BrandKit(), BrandKit(intro="Hello", outro="Bye")])
def test_every_frame_is_in_one_segment_and_transitions_stand_alone(made: Made, brand: BrandKit) -> None:
    plan = styled(made.plan, brand=brand)
    timeline = build_timeline(plan)
    runs = borders(timeline)
    assert [frame for run in runs for frame in run] == list(range(timeline.frames))
    for run in runs:
        assert len({len(timeline.visible(frame)) for frame in run}) == 1
    cut = cut_format(plan, SMALL, FAST)
    assert len({segment.digest for segment in cut.segments}) == len(cut.segments) == 2 * len(timeline.spans) - 1
    names = list(dict.fromkeys(segment.name for segment in cut.segments))
    scenes = ["scene 1", "scene 2", "scene 3", "scene 4"]
    assert names == (["intro", *scenes, "outro"] if brand.intro else scenes)


def test_a_changed_scene_changes_its_own_segments_and_its_two_transitions(made: Made, tmp_path: Path) -> None:
    own = [("scene 2", 2), ("scene 2", 1), ("scene 3", 2)]
    assert changed(made.plan, with_words(made.plan, 1, "Two others are there, and they help it, too.")) == own
    assert changed(made.plan, with_picture(made.plan, 1, asset(picture(tmp_path / "new.png", 99)))) == own
    assert changed(made.plan, made.plan.model_copy(update={"content_id": "other"})) == []


def test_what_decides_pixels_or_bits_is_in_the_digest(made: Made) -> None:
    everything = len(cut_format(made.plan, SMALL, FAST).segments)
    brand = made.plan.style.brand.model_copy(update={"watermark": "Other"})
    for other in (
        styled(made.plan, brand=brand),
        styled(made.plan, fps=25),
        styled(made.plan, preset="high"),
        styled(made.plan, progress_bar=True),
        made.plan.model_copy(update={"seed": 4}),
    ):
        assert len(changed(made.plan, other)) == everything
    settings = cut_format(made.plan, SMALL, EncodeSettings(preset="superfast", crf=30))
    assert settings.toolchain != cut_format(made.plan, SMALL, FAST).toolchain
    story = made.plan.material.story.model_copy(update={"title": "Another title"})
    titled = made.plan.model_copy(update={"material": made.plan.material.model_copy(update={"story": story})})
    assert {name for name, _ in changed(made.plan, titled)} <= {"scene 1", "scene 2"}
    # The last scene no longer fades to black; the watermark fades out with it instead.
    outro = styled(made.plan, brand=made.plan.style.brand.model_copy(update={"outro": "Bye"}))
    assert {name for name, _ in changed(made.plan, outro)} <= {"scene 1", "scene 4", "outro"}


def test_gops_are_of_equal_length_and_at_most_two_seconds() -> None:
    for fps in (24, 30, 60):
        for frames in (4, 15, 2 * fps, 2 * fps + 1, 1350):
            gop = gop_of(frames, fps)
            assert gop <= 2 * fps and -(-frames // gop) == -(-frames // (2 * fps))


@pytest.mark.parametrize("fps", [24])
async def test_the_seam_is_invisible(made: Made, tmp_path: Path, fps: int) -> None:
    plan = styled(made.plan, fps=fps)
    renderer = LocalRenderer()
    files = dict(made.files)
    mixed = await renderer.mix(plan, files, tmp_path, ignore)
    cut = await renderer.cut(plan, SMALL)
    # Made apart and in another order, some in a process of their own.
    half = len(cut.segments) // 2
    first, second = (cut.model_copy(update={"segments": part}) for part in (cut.segments[half:], cut.segments[:half]))
    paths = {**await renderer.segments(plan, first, files, tmp_path, ignore)}
    paths |= await renderer.segments(plan, second, files, tmp_path, ignore)
    parts = [(paths[segment.digest], segment.frames) for segment in cut.segments]
    joined = await renderer.join(plan, SMALL, parts, mixed.path, tmp_path, ignore)

    composer = Composer(plan, SMALL, files)
    assert joined.frames == composer.timeline.frames and joined.fps == fps
    wanted = Planes.empty(*SMALL.size)
    with av.open(str(joined.path)) as container:
        stream = container.streams.video[0]
        decoded = list(container.decode(video=0))
        assert [frame.pts * frame.time_base * fps for frame in decoded] == list(range(composer.timeline.frames))
        assert stream.average_rate == fps
    with av.open(str(joined.path)) as container:
        keys = {int(p.pts * p.time_base * fps) for p in container.demux(video=0) if p.is_keyframe}
    seams = [segment.first for segment in cut.segments]
    assert set(seams) <= keys
    for number, frame in enumerate(decoded):
        composer.draw(number, wanted)
        shown = frame.to_ndarray()[: SMALL.size[1]].astype(np.float32)
        assert _psnr(shown, wanted.y) > 38.0, f"frame {number} is not as composed"
        if number in seams[1:] or number + 1 in seams[1:]:
            # At a seam it is the frame of this very place. (The next frame but five: pictures move slowly here.)
            other = Planes.empty(*SMALL.size)
            composer.draw(number + (6 if number in seams else -6), other)
            assert _psnr(shown, wanted.y) > _psnr(shown, other.y) + 1.0, f"frame {number} is out of place"

    whole = await renderer.render(_job(plan, soundtrack_of(mixed, files)), files, _folder(tmp_path / "whole"), ignore)
    assert asset(whole.path).sha256 == asset(joined.path).sha256


def _psnr(shown: np.ndarray, wanted: np.ndarray) -> float:
    """In dB, over 8-bit luma."""
    return float(10 * np.log10(255**2 / (np.square(shown - wanted).mean() + 1e-6)))


def _job(plan: RenderPlan, soundtrack: Soundtrack, format: VideoFormat = SMALL) -> RenderJob:
    return RenderJob(plan=plan, format=format, soundtrack=soundtrack)


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_parts_that_do_not_fit_are_not_joined(tmp_path: Path) -> None:
    def grey(frame: int, planes: Planes) -> None:
        for plane in planes:
            plane[:] = 128

    paths = [tmp_path / name for name in ("a.mp4", "b.mp4")]
    encode_pictures(grey, range(20), (320, 240), paths[0], FAST, ignore)
    encode_pictures(grey, range(20), (320, 256), paths[1], FAST, ignore)
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), format="fltp", layout="stereo")
        frame.rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(RenderFailed, match="segment 2 was encoded in another way"):
        join([(path, 20) for path in paths], tmp_path / "sound.mp4", tmp_path / "out.mp4")
    with pytest.raises(RenderFailed, match="segment 1 has 20 frames, not 21"):
        join([(paths[0], 21)], tmp_path / "sound.mp4", tmp_path / "out.mp4")


async def test_another_build_is_refused_by_name(made: Made, tmp_path: Path) -> None:
    cut = cut_format(made.plan, SMALL, FAST)
    with pytest.raises(RenderFailed) as caught:
        await LocalRenderer(crf=31).segments(made.plan, cut, made.files, tmp_path, ignore)
    assert caught.value.field == TOOLCHAIN_FIELD


def test_an_encoder_is_tried_before_it_is_believed() -> None:
    assert find_encoder("x264") == "x264" and trial("x264") is None
    assert trial(find_encoder("auto")) is None
    dead = next(name for name in ENCODERS if trial(name) is not None)
    for wanted in (dead, "potato"):
        with pytest.raises(InvalidInput) as caught:
            find_encoder(wanted)
        assert caught.value.field == "REELWRIGHT_ENCODER" and wanted in str(caught.value) and caught.value.remedy


async def test_a_draft_has_half_the_size(made: Made, tmp_path: Path) -> None:
    plan = styled(made.plan, preset="draft")
    renderer = LocalRenderer()
    files = dict(made.files)
    mixed = await renderer.mix(plan, files, tmp_path, ignore)
    job = _job(plan, soundtrack_of(mixed, files), VideoFormat("640x480"))
    video = await renderer.render(job, files, tmp_path, ignore)
    assert (video.width, video.height) == (320, 240)
    inspection = await renderer.inspect(job, video.path)
    assert inspection.format == "640x480" and inspection.frames == video.frames


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


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


async def test_a_killed_child_is_an_error_and_the_next_one_is_new(made: Made, tmp_path: Path) -> None:
    cut = cut_format(made.plan, VideoFormat.SQUARE, EncodeSettings())
    before = {child.pid for child in children()}
    async with LocalRenderer() as renderer:
        begun = asyncio.Event()

        def progress(share: float) -> None:
            if share > 0.1:
                begun.set()

        work = asyncio.create_task(renderer.segments(made.plan, cut, made.files, tmp_path, progress))
        await asyncio.wait_for(begun.wait(), 30)
        [child] = [child for child in children() if child.pid not in before]
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(RenderFailed, match="ended by SIGKILL"):
            await work
        assert list(tmp_path.iterdir()) == []
        one = cut.model_copy(update={"segments": cut.segments[1:2]})
        first = await renderer.segments(made.plan, one, made.files, tmp_path, ignore)
        [kept] = [child.pid for child in children() if child.pid not in before]
        sha = asset(first[one.segments[0].digest]).sha256
        again = await renderer.segments(made.plan, one, made.files, tmp_path, ignore)
        assert [child.pid for child in children() if child.pid not in before] == [kept], "the process was not kept"
        assert asset(again[one.segments[0].digest]).sha256 == sha
    assert {child.pid for child in children()} == before, "a process was left behind"


# --- the cache ------------------------------------------------------------------------------------------------------


class CountingMedia(MemoryMedia):
    """Counts what is downloaded."""

    fetched = 0

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        self.fetched += 1
        return await super().fetch(ref, to)


async def test_the_cache_spares_downloads_and_keeps_to_its_limit(tmp_path: Path) -> None:
    media = CountingMedia()
    folder = tmp_path / "cache"
    cached = CachedMediaStore(media, folder, 2_500)
    refs = [await media.put_bytes(bytes([number]) * 1_000, "x/y") for number in range(3)]
    for place, ref in enumerate([refs[0], refs[1], refs[0]]):
        assert (await cached.fetch(ref, tmp_path / f"out{place}")).read_bytes() == media.files[ref.sha256]
        time.sleep(0.02)  # so that their times differ
    assert media.fetched == 2
    await cached.fetch(refs[2], tmp_path / "third")
    kept = {path.name for path in folder.rglob("*") if path.is_file() and path.name != ".lock"}
    assert kept == {refs[0].sha256, refs[2].sha256}, "the one not used for the longest goes first"
    large = await media.put_bytes(b"x" * 3_000, "x/y")
    await cached.fetch(large, tmp_path / "large")
    assert large.sha256 not in {path.name for path in folder.rglob("*")}
    made_here = tmp_path / "made"
    made_here.write_bytes(b"made here" * 10)
    ref = await cached.put(made_here, "x/y")
    before = media.fetched
    assert (await cached.fetch(ref, tmp_path / "back")).read_bytes() == made_here.read_bytes()
    assert media.fetched == before


async def test_a_damaged_file_in_the_cache_is_fetched_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    media = CountingMedia()
    cached = CachedMediaStore(media, tmp_path / "cache", 10_000)
    ref = await media.put_bytes(b"good" * 100, "x/y")
    await cached.fetch(ref, tmp_path / "a")
    # The copy handed out shares no bytes that can be spoilt through it: only the cache's own file is damaged here.
    kept = tmp_path / "cache" / ref.sha256[:2] / ref.sha256
    kept.write_bytes(b"evil" * 100)
    with caplog.at_level(logging.WARNING):
        assert (await cached.fetch(ref, tmp_path / "b")).read_bytes() == b"good" * 100
    assert media.fetched == 2 and "damaged" in caplog.text
    unusable = CachedMediaStore(media, tmp_path / "a" / "no folder", 10_000)
    assert (await unusable.fetch(ref, tmp_path / "c")).read_bytes() == b"good" * 100


async def test_many_at_once_share_the_cache(tmp_path: Path) -> None:
    media = CountingMedia()
    stores = [CachedMediaStore(media, tmp_path / "cache", 5_000) for _ in range(3)]
    refs = [await media.put_bytes(bytes([number]) * 1_000, "x/y") for number in range(8)]
    got = await asyncio.gather(
        *(
            stores[turn % 3].fetch(ref, tmp_path / f"{turn}-{number}")
            for turn in range(6)
            for number, ref in enumerate(refs)
        )
    )
    assert all(path.read_bytes() == bytes([int(path.name.split("-")[1])]) * 1_000 for path in got)
    sizes = [path.stat().st_size for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert sum(sizes) <= 5_000


# --- through the real workflow ---------------------------------------------------------------------------------------


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
