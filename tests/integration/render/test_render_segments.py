"""Segments: where they are cut, what names them, that nobody sees the joints."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from reelwright.domain.content.style import BrandKit
from reelwright.domain.content.video import RenderJob, RenderPlan, Soundtrack
from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ports.rendering import TOOLCHAIN_FIELD
from reelwright.render import LocalRenderer
from reelwright.render.encode.encoders import ENCODERS, find_encoder, gop_of, trial
from reelwright.render.encode.mp4 import EncodeSettings, encode_pictures, join
from reelwright.render.encode.segments import borders, cut_format
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.timeline import build_timeline

from .made import (
    RENDERER,
    SHORT_TEXTS,
    Made,
    asset,
    ignore,
    make_plan,
    picture,
    soundtrack_of,
    styled,
    with_picture,
    with_words,
)

FAST = EncodeSettings(preset="superfast")
SMALL = VideoFormat("320x320")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_plan(tmp_path_factory.mktemp("segments"), SHORT_TEXTS, pace=0.3)


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
    assert changed(made.plan, styled(made.plan, hls=True)) == [], "a streaming ladder is made of the same pictures"


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
@pytest.mark.sample(1)
async def test_the_seam_is_invisible(made: Made, tmp_path: Path, fps: int) -> None:
    plan = styled(made.plan, fps=fps)
    renderer = RENDERER
    files = dict(made.files)
    mixed = await renderer.mix(plan, files, tmp_path, ignore)
    cut = await renderer.cut(plan, SMALL)
    # Made apart and in another order, some in a process of their own.
    half = len(cut.segments) // 2
    first, second = (cut.model_copy(update={"segments": part}) for part in (cut.segments[half:], cut.segments[:half]))
    paths = {**await renderer.segments(plan, first, files, tmp_path, ignore)}
    paths |= await LocalRenderer(preset="superfast").segments(plan, second, files, tmp_path, ignore)
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
    renderer = RENDERER
    files = dict(made.files)
    mixed = await renderer.mix(plan, files, tmp_path, ignore)
    job = _job(plan, soundtrack_of(mixed, files), VideoFormat("640x480"))
    video = await renderer.render(job, files, tmp_path, ignore)
    assert (video.width, video.height) == (320, 240)
    inspection = await renderer.inspect(job, video.path)
    assert inspection.format == "640x480" and inspection.frames == video.frames
