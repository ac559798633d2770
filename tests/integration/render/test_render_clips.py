"""A video with clips, as the activities make it: each segment with the files it needs and no others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from temporalio.testing import ActivityEnvironment

from activities.rendering.material import pictures_of, stills_of
from activities.rendering.rendering import Rendering
from reelwright.domain.content.media import SceneClip
from reelwright.domain.content.style import BrandKit
from reelwright.domain.content.video import (
    Inspection,
    InspectJob,
    JoinJob,
    RenderCut,
    RenderedVideo,
    RenderJob,
    RenderPlan,
    SegmentFile,
    Soundtrack,
)
from reelwright.domain.errors import RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render.encode.inspection import inspect
from reelwright.render.encode.mp4 import planes_in
from reelwright.render.plan.timeline import build_timeline
from reelwright.storage.media import LocalMediaStore
from tests.unit.clip_files import clip_of, number_of, numbered, rotated, write_clip
from tests.workflow.fakes import MemoryCatalog

from .made import RENDERER, SHORT_TEXTS, ignore, make_plan, styled
from .test_render_findings import _with

FORMAT = VideoFormat("320x240")
INTRO_S = 3.0


@dataclass(frozen=True)
class Filmed:
    """A finished video: a black and silent intro of 3 s, a still, a phone's clip, a still that stands."""

    root: Path
    rendering: Rendering
    plan: RenderPlan
    cut: RenderCut
    soundtrack: Soundtrack
    segments: tuple[SegmentFile, ...]
    video: RenderedVideo
    inspection: Inspection

    @property
    def path(self) -> Path:
        return self.root / "media" / self.video.file.key

    def with_clip(self, **changes: object) -> RenderPlan:
        """The plan with something else about the scene's clip."""
        pictures = list(self.plan.material.pictures)
        clip = pictures[1].clip
        assert clip is not None
        pictures[1] = pictures[1].model_copy(update={"clip": clip.model_copy(update=changes)})
        material = self.plan.material.model_copy(update={"pictures": tuple(pictures)})
        return self.plan.model_copy(update={"material": material})


@pytest.fixture(scope="module")
async def filmed(tmp_path_factory: pytest.TempPathFactory) -> Filmed:
    root = tmp_path_factory.mktemp("filmed")
    made = make_plan(root, SHORT_TEXTS[:3], pace=0.2)
    times = np.arange(60) / 30 + np.random.default_rng(1).uniform(-0.01, 0.01, 60)
    times[0] = 0.0
    sound = np.repeat(0.2 * np.sin(np.arange(96_000) * 0.13)[:, None], 2, axis=1)
    # 96 x 128 as it is held, 128 x 96 in the file.
    phone = rotated(write_clip(root / "phone.mp4", numbered(60, (128, 96)), times, sound=sound), 90)
    dark = write_clip(root / "dark.mp4", [np.zeros((96, 128, 3), np.uint8)] * 90)
    material = made.plan.material
    pictures = list(material.pictures)
    pictures[1] = pictures[1].model_copy(update={"clip": clip_of(phone, made.files, 2.0)})
    media = LocalMediaStore(root / "media")
    intro = clip_of(dark, made.files, INTRO_S)
    material = material.model_copy(update={"pictures": tuple(pictures), "intro": intro})
    types = {".png": "image/png", ".wav": "audio/wav", ".mp4": "video/mp4"}
    refs = {sha: await media.put(path, types[path.suffix]) for sha, path in made.files.items()}
    given = styled(made.plan.model_copy(update={"formats": (FORMAT,), "material": material}), brand=BrandKit())
    plan = RenderPlan.model_validate(_with(given.model_dump(mode="json"), refs))
    rendering = Rendering(MemoryCatalog(), media, RENDERER, root / "scratch")
    run = ActivityEnvironment().run
    soundtrack = await run(rendering.mix_sound, plan)
    cut = await run(rendering.plan_render, plan)
    files = [file for task in cut.tasks for file in (await run(rendering.render_segment, task)).files]
    by_digest = {file.digest: file for file in files}
    segments = tuple(by_digest[digest] for digest in cut.orders[0].digests)
    join = JoinJob(content_id="t", plan=cut.plan, format=FORMAT, segments=segments, soundtrack=soundtrack)
    video = await run(rendering.join_format, join)
    job = InspectJob(plan=plan, video=video, soundtrack=soundtrack, segments=segments)
    return Filmed(root, rendering, plan, cut, soundtrack, segments, video, await run(rendering.inspect_video, job))


async def test_the_clips_are_seen_where_they_belong(filmed: Filmed) -> None:
    timeline = build_timeline(filmed.plan)
    with av.open(str(filmed.path)) as container:
        lumas = [planes_in(frame).y.copy() for frame in container.decode(video=0)]
    assert len(lumas) == timeline.frames
    scene = timeline.scenes[1]
    # Between the transitions each frame of the phone's is seen once, upright: its sides are the blurred ground.
    still = range(scene.transition_in, scene.frames - timeline.pace.transition)
    assert len(still) > 10 and [number_of(lumas[scene.first + number]) for number in still] == list(still)
    assert all(lumas[frame].max() < 20 for frame in range(2, timeline.ends[0].last - timeline.pace.transition))


async def test_what_is_done_to_clips_is_told(filmed: Filmed) -> None:
    told = " | ".join(filmed.cut.notes)
    assert "scene 2: the clip was turned upright" in told and "scene 2: the clip has only 96x128 pixels" in told
    assert "the intro: the clip has only 128x96 pixels" in told


async def test_a_dark_and_still_clip_is_no_fault_but_a_dark_render_is(filmed: Filmed, tmp_path: Path) -> None:
    assert filmed.inspection.black_s > 2.0 and filmed.inspection.frozen_s > 2.0
    job = RenderJob(plan=filmed.plan, format=FORMAT, soundtrack=filmed.soundtrack)
    decoded = await asyncio.to_thread(inspect, job, filmed.path, tmp_path, ignore)
    assert decoded.black_s == pytest.approx(filmed.inspection.black_s, abs=0.1)
    # The same file for a plan whose intro is a card of the same length, which is never black.
    card = build_timeline(filmed.plan).ends[0]
    plan = filmed.plan.model_copy(update={"material": filmed.plan.material.model_copy(update={"intro": None})})
    assert card.frames == 90
    with pytest.raises(RenderFailed, match="planned"):
        await asyncio.to_thread(
            inspect, RenderJob(plan=plan, format=FORMAT, soundtrack=filmed.soundtrack), filmed.path, tmp_path, ignore
        )


async def test_another_sound_of_a_clip_encodes_no_picture_and_another_start_only_its_own(filmed: Filmed) -> None:
    run = ActivityEnvironment().run
    muted = filmed.with_clip(sound="mute")
    assert not (await run(filmed.rendering.plan_render, muted)).tasks
    assert (await run(filmed.rendering.mix_sound, muted)).audio != filmed.soundtrack.audio
    assert (await run(filmed.rendering.mix_sound, filmed.plan)).audio == filmed.soundtrack.audio
    later = await run(filmed.rendering.plan_render, filmed.with_clip(start_s=0.2))
    scenes = [segment.scenes for task in later.tasks for segment in task.cut.segments]
    assert sorted(scenes) == [(0, 1), (1,), (1, 2)]


async def test_each_step_fetches_the_clips_that_it_shows(filmed: Filmed) -> None:
    clip, intro = filmed.plan.material.pictures[1].clip, filmed.plan.material.intro
    assert clip and intro
    for task in filmed.cut.tasks:
        fetched = {ref.sha256 for ref in pictures_of(filmed.plan, task.cut.segments)}
        seen = {scene for segment in task.cut.segments for scene in segment.scenes}
        assert (clip.file.sha256 in fetched) == (1 in seen)
        # The transition from the intro goes with the first scene.
        assert (intro.file.sha256 in fetched) == (task.cut.segments[0].name == "intro" or (0 in seen and 1 not in seen))
    assert not {clip.file.sha256, intro.file.sha256} & {ref.sha256 for ref in stills_of(filmed.plan)}


async def test_a_clip_that_is_none_fails_before_anything_is_encoded(filmed: Filmed) -> None:
    clip = filmed.plan.material.pictures[1].clip
    assert clip is not None
    stored = await filmed.rendering.media.put_bytes(b"not a clip" * 100, "video/mp4")
    broken: SceneClip = clip.model_copy(update={"file": stored})
    with pytest.raises(RenderFailed) as caught:
        await ActivityEnvironment().run(filmed.rendering.plan_render, filmed.with_clip(file=broken.file))
    assert caught.value.field == "material.pictures[1].clip" and caught.value.remedy
