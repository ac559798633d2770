"""Time: whole frames, scenes that meet, words where they are spoken."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.story import Material, Music, Narration, Picture, Scene, Story, WordTiming
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.render.plan import timeline as tl
from reelwright.render.plan.layout import LAYOUTS
from tests.depth import examples

ASSET = AssetRef(key="a", sha256="0" * 64, size=1, media_type="image/png")


def plan_of(durations: list[float], words: list[tuple[WordTiming, ...]] | None = None) -> RenderPlan:
    scenes = tuple(Scene(index=i, text=f"Scene {i} says something.") for i in range(len(durations)))
    spoken = words or [()] * len(durations)
    return RenderPlan(
        content_id="t",
        material=Material(
            story=Story(title="T", description="", scenes=scenes, writer="t"),
            narrations=tuple(
                Narration(scene=i, audio=ASSET, duration_s=d, words=spoken[i], provider="t")
                for i, d in enumerate(durations)
            ),
            pictures=tuple(Picture(scene=i, image=ASSET, provider="t") for i in range(len(durations))),
            music=Music(audio=ASSET, duration_s=10, mood="calm", provider="t"),
        ),
        formats=(),
    )


@examples(60)
@given(st.lists(st.floats(0, 40), min_size=1, max_size=12))
@pytest.mark.lengthy
def test_every_frame_shows_one_scene_or_a_fade_between_neighbours(durations: list[float]) -> None:
    timeline = tl.build_timeline(plan_of(durations))
    assert timeline.samples == timeline.frames * 1600
    assert timeline.scenes[0].first == 0 and timeline.scenes[-1].last == timeline.frames
    fading = 0
    for frame in range(timeline.frames):
        seen = timeline.visible(frame)
        assert sum(weight for _, weight in seen) == pytest.approx(1.0)
        if len(seen) == 2:
            fading += 1
            assert seen[1][0].position == seen[0][0].position + 1
    assert fading == tl.Pace(30).transition * (len(durations) - 1)


@examples(60)
@given(st.lists(st.floats(0, 40), min_size=2, max_size=8))
def test_narrations_never_overlap_and_fades_are_centred(durations: list[float]) -> None:
    timeline = tl.build_timeline(plan_of(durations))
    assert timeline.scenes[0].speech_first == 12  # 0.4 s
    for before, after in pairwise(timeline.scenes):
        breath = after.speech_first - before.speech_last
        assert 0.35 <= breath / 30 <= 0.5
        assert after.first + tl.Pace(30).transition == before.last
        middle_of_fade = (after.first + before.last) / 2
        middle_of_breath = (before.speech_last + after.speech_first) / 2
        assert abs(middle_of_fade - middle_of_breath) <= 1
    for scene, duration in zip(timeline.scenes, durations, strict=True):
        assert scene.speech_frames / 30 >= duration - 1e-6
        assert scene.speech_frames / 30 < max(duration, 0.5) + 1 / 30


def test_length_is_what_the_parts_add_up_to() -> None:
    timeline = tl.build_timeline(plan_of([1.0, 2.01]))
    assert timeline.frames == 12 + 30 + 12 + 61 + 36


def test_words_stand_in_absolute_seconds_inside_their_narration() -> None:
    spoken = (WordTiming(text="Hello", start=0.1, end=0.5), WordTiming(text="there.\n", start=0.4, end=9.0))
    timeline = tl.build_timeline(plan_of([1.0, 1.0], [spoken, spoken]))
    first, second, third, _ = timeline.words
    assert first.start == pytest.approx(0.4 + 0.1)
    assert second.text == "there." and second.start == pytest.approx(0.9) and second.end == pytest.approx(1.4)
    assert third.start == pytest.approx((12 + 30 + 12) / 30 + 0.1)


def test_a_voice_without_timings_gets_words_spread_over_its_length() -> None:
    words = tl.build_timeline(plan_of([2.0])).words
    assert [word.text for word in words] == ["Scene", "0", "says", "something."]
    assert words[0].start == pytest.approx(0.4) and words[-1].end == pytest.approx(2.4)
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(words))


def test_only_the_end_is_dark_and_for_less_than_half_a_second() -> None:
    timeline = tl.build_timeline(plan_of([1.0]))
    levels = [timeline.brightness(frame) for frame in range(timeline.frames)]
    assert levels[-1] == 0.0 and levels[0] == 1.0
    assert levels == sorted(levels, reverse=True)
    assert sum(level < 0.2 for level in levels) < 15


@pytest.mark.parametrize("what", ["narrations", "pictures"])
def test_missing_material_is_named(what: str) -> None:
    plan = plan_of([1.0, 1.0])
    material = plan.material.model_copy(update={what: getattr(plan.material, what)[:1]})
    with pytest.raises(InvalidInput, match="scene 2 has none") as caught:
        tl.build_timeline(plan.model_copy(update={"material": material}))
    assert caught.value.field == f"material.{what}"


@pytest.mark.parametrize("duration", [float("nan"), float("inf"), -1.0])
def test_an_impossible_length_is_refused(duration: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        tl.build_timeline(plan_of([duration]))
    assert caught.value.field == "material.narrations.duration_s"


def test_safe_areas_hold_two_lines_of_captions() -> None:
    for format, layout in LAYOUTS.items():
        assert (layout.width, layout.height) == format.size
        half = layout.caption_size * 1.28 + layout.caption_size * 0.1
        assert layout.caption_y + half < layout.bottom, format
        assert layout.bottom <= layout.height * 0.92
        assert layout.margin >= int(layout.width * 0.08)
        assert layout.caption_width <= layout.text_width
    tall = LAYOUTS[next(f for f in LAYOUTS if f.value == "9:16")]
    assert 0.62 <= tall.caption_y / tall.height <= 0.72
