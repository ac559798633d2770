"""Clips in the video: from their first frame on, in transitions, at both ends, and only their own segments."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reelwright.domain.content.media import SceneClip
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.render.encode.encoders import EncodeSettings
from reelwright.render.encode.segments import cut_format
from reelwright.render.picture.compose import Composer
from reelwright.render.plan.preflight import look_over
from reelwright.render.plan.timeline import build_timeline

from .clip_files import clip_of, number_of, numbered, quarters, write_clip, write_codes
from .test_render_clips import codes, corner, near
from .test_render_picture import SMALL, Made, drawn, make_pictures


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make_pictures(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of numbered frames, a key frame every half second, B-frames between."""
    options = {"g": "15", "bf": "2", "preset": "veryfast"}
    return write_clip(tmp_path_factory.mktemp("clips") / "counted.mp4", numbered(60), options=options)


def with_clip(made: Made, clip: SceneClip | None, **ends: SceneClip | None) -> RenderPlan:
    """The second scene shows the clip."""
    plan = made.styled()
    pictures = list(plan.material.pictures)
    pictures[1] = pictures[1].model_copy(update={"clip": clip})
    return plan.model_copy(update={"material": plan.material.model_copy(update={"pictures": tuple(pictures), **ends})})


def test_a_start_behind_the_end_is_refused(made: Made, counted: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        build_timeline(with_clip(made, clip_of(counted, dict(made.files), 2.0, start_s=1.99)))
    assert caught.value.field == "material.pictures[1].clip.start_s" and caught.value.remedy


def test_a_scene_shows_its_clip_from_its_first_frame_on_and_in_its_transitions(made: Made, counted: Path) -> None:
    files = dict(made.files)
    plan = with_clip(made, clip_of(counted, files, 2.0, fit="loop"))
    composer = Composer(plan, SMALL, files)
    scene = composer.timeline.scenes[1]
    later = drawn(composer, scene.first + 30).y
    assert number_of(later) == 30
    # The segments are made apart: a composer that begins in the middle draws the same.
    for frame in (scene.first + 5, scene.first + 30, scene.last - 3):
        one, other = drawn(Composer(plan, SMALL, files), frame), drawn(composer, frame)
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_only_segments_that_show_a_clip_depend_on_it(made: Made, counted: Path, tmp_path: Path) -> None:
    files = dict(made.files)
    clip = clip_of(counted, files, 2.0, fit="loop")
    usual, one = (digests(with_clip(made, shown)) for shown in (None, clip))
    changed = [name for name, before, after in zip(names(made), usual, one, strict=True) if before != after]
    # The scene, and the transitions at both of its ends.
    assert changed == ["scene 2", "scene 2", "scene 3"]
    other = clip.model_copy(update={"start_s": 0.5})
    assert digests(with_clip(made, other)) != one
    assert digests(with_clip(made, clip.model_copy(update={"sound": "mute"}))) == one


def digests(plan: RenderPlan) -> list[str]:
    return [segment.digest for segment in cut_format(plan, SMALL, EncodeSettings()).segments]


def names(made: Made) -> list[str]:
    return [segment.name for segment in cut_format(made.styled(), SMALL, EncodeSettings()).segments]


def test_clips_before_and_after_the_story_have_their_own_time(made: Made, counted: Path) -> None:
    files = dict(made.files)
    clip = clip_of(counted, files, 2.0)
    plan = with_clip(made, None, intro=clip, outro=clip)
    timeline = build_timeline(plan)
    assert [type(span).__name__ for span in timeline.spans] == ["ClipSpan", *["SceneSpan"] * 3, "ClipSpan"]
    intro, outro = timeline.ends
    assert (intro.first, intro.last) == (0, 60) and outro.last == timeline.frames and outro.frames == 60
    assert timeline.scenes[0].speech_first >= intro.last and timeline.scenes[-1].speech_last < outro.first
    composer = Composer(plan, SMALL, files)
    assert number_of(drawn(composer, 20).y) == 20 and number_of(drawn(composer, outro.first + 35).y) == 35
    segments = cut_format(plan, SMALL, EncodeSettings()).segments
    assert [segment.ends for segment in segments if segment.ends] == [("intro",), ("intro",), ("outro",), ("outro",)]
    # With a title card besides, the clip comes first, and last.
    both = plan.model_copy(update={"style": made.styled(brand={"intro": "Hearts", "outro": "Bye"}).style})
    kinds = [type(span).__name__ for span in build_timeline(both).spans]
    assert kinds == ["ClipSpan", "CardSpan", *["SceneSpan"] * 3, "CardSpan", "ClipSpan"]
    with pytest.raises(InvalidInput) as caught:
        build_timeline(with_clip(made, None, intro=clip.model_copy(update={"start_s": 1.0})))
    assert caught.value.field == "material.intro" and "1.5" in caught.value.remedy


@pytest.mark.parametrize(
    ("seconds", "fields", "told"),
    [
        (3.4, {}, []),
        (2.0, {"fit": "loop"}, ["begins again to fill 2.9 s"]),
        (2.0, {"fit": "trim"}, ["its last picture stands"]),
        (2.0, {"fit": "slow"}, ["at 69% of its speed"]),
        (0.5, {"fit": "slow"}, ["at 50% of its speed", "begins again"]),
    ],
)
def test_what_is_done_to_fill_a_scene_is_told(
    made: Made, tmp_path: Path, seconds: float, fields: dict[str, object], told: list[str]
) -> None:
    files = dict(made.files)
    path = write_clip(tmp_path / "c.mp4", numbered(round(seconds * 30), (480, 480)))
    plan = with_clip(made, clip_of(path, files, seconds, **fields))
    notes = [note for note in look_over(plan, files, lambda share: None) if "the clip" in note]
    assert len(notes) == len(told) and all(part in note for part, note in zip(told, notes, strict=True)), notes


def test_a_high_dynamic_range_is_told(made: Made, tmp_path: Path) -> None:
    files, tags = dict(made.files), {"color_trc": 18, "color_primaries": 9}
    path = write_codes(tmp_path / "h.mkv", quarters(480, 480) / 255, "bt2020", full=False, bits=10, tags=tags)
    notes = look_over(with_clip(made, clip_of(path, files, 4.0)), files, lambda share: None)
    assert "scene 2: the clip has a high dynamic range (HLG); it was brought to BT.709" in notes


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "a text": lambda data: b"#EXTM3U\nhttps://example.com/a.ts\n",
    "cut off": lambda data: data[: len(data) // 3],
    "empty": lambda data: b"",
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_file_that_is_no_clip_is_named(made: Made, counted: Path, tmp_path: Path, how: str) -> None:
    files, path = dict(made.files), tmp_path / "broken.mp4"
    path.write_bytes(BROKEN[how](counted.read_bytes()))
    clip = clip_of(counted, files, 2.0)
    clip = clip.model_copy(update={"file": clip.file.model_copy(update={"sha256": "0" * 64})})
    composer = Composer(with_clip(made, clip), SMALL, {**files, "0" * 64: path})
    with pytest.raises(RenderFailed) as caught:
        drawn(composer, composer.timeline.scenes[1].first + 30)
    assert caught.value.field == "material.pictures[1].clip" and "scene 2" in caught.value.message


@pytest.mark.lengthy
def test_a_look_up_table_is_for_clips_too(made: Made, counted: Path, tmp_path: Path) -> None:
    files, path = dict(made.files), tmp_path / "swap.cube"
    corners = [f"{b} {g} {r}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    path.write_text("LUT_3D_SIZE 2\n" + "\n".join(corners))
    red = write_clip(tmp_path / "red.mp4", [np.full((64, 96, 3), (200, 40, 40), np.uint8)] * 3)
    plan = with_clip(made, clip_of(red, files, 0.1, fit="loop"))
    ref = clip_of(counted, files, 2.0).file.model_copy(
        update={"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "key": "swap.cube"}
    )
    plan = plan.model_copy(update={"style": plan.style.model_copy(update={"lut": ref, "colour": "none"})})
    composer = Composer(plan, VideoFormat("480x270"), {**files, ref.sha256: path})
    planes = drawn(composer, composer.timeline.scenes[1].first + 40)
    assert near(corner(planes, 0.5, 0.5), codes((40, 40, 200)), 4)
