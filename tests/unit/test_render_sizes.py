"""Pictures of any size: what is refused and why, what a draft keeps, and captions inside what is inspected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.style import RenderStyle
from reelwright.domain.formats import MAX_SIDE, MIN_SIDE, STANDARD_FORMATS, VideoFormat
from reelwright.render.captions.burn import caption_track
from reelwright.render.encode import inspection
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from tests.depth import examples

from .scripts import SAMPLES, grey, plan_for
from .test_render_readable import ADDRESS, ARABIC, HEBREW, LONG, PERSIAN
from .test_render_timeline import plan_of

SIDES = st.integers(MIN_SIDE // 2, MAX_SIDE // 2).map(lambda half: 2 * half)


@pytest.mark.parametrize(
    ("size", "said"),
    [
        (
            "180x320",
            "since its width of 180 is less than 240; sides are even numbers from 240 to 3840, for example 240x426",
        ),
        ("320x180", "its height of 180 is less than 240"),
        ("7680x4320", "its width of 7680 is more than 3840 and its height of 4320 is more than 3840;"),
        ("7680x4320", "for example 3840x2160"),
        ("1281x720", "its width of 1281 is odd; sides are even numbers"),
        ("1281x721", "its width of 1281 is odd and its height of 721 is odd"),
        ("3841x100", "its width of 3841 is more than 3840 and its height of 100 is less than 240"),
        ("0x0", "its width of 0 is less than 240"),
        ("100000x240", "its width of 100000 is more than 3840"),
        ("0640x0480", "sides are even numbers"),
        ("4:3", "unknown format '4:3'; choose from 16:9, 9:16, 1:1, or give a size such as 1280x720 (sides are even"),
        ("1280X720", "unknown format"),
        ("1e3x720", "unknown format"),
        ("-640x480", "unknown format"),
        ("", "unknown format ''"),
    ],
)
def test_the_rule_that_a_size_breaks_is_said(size: str, said: str) -> None:
    with pytest.raises(ValueError) as caught:
        VideoFormat(size)
    assert said in str(caught.value)


@examples(300)
@given(st.integers(1, 9_000), st.integers(1, 9_000))
def test_every_size_is_taken_or_refused_with_an_example_that_works(width: int, height: int) -> None:
    good = all(MIN_SIDE <= side <= MAX_SIDE and side % 2 == 0 for side in (width, height))
    try:
        assert VideoFormat(f"{width}x{height}").size == (width, height) and good
    except ValueError as error:
        assert not good
        _, found, example = str(error).partition("for example ")
        if found:
            near = VideoFormat(example).size
            assert abs(near[0] / near[1] / (width / height) - 1) < 0.02
        else:
            assert not min(width, height) or max(width, height) / min(width, height) > MAX_SIDE / MIN_SIDE - 0.01


@examples(300)
@given(SIDES, SIDES)
@pytest.mark.lengthy
def test_a_draft_keeps_its_shape(width: int, height: int) -> None:
    plan = plan_of([1.0]).model_copy(update={"style": RenderStyle(preset="draft")})
    drawn = plan.canvas(VideoFormat(f"{width}x{height}")).size
    scale = max(0.5, MIN_SIDE / min(width, height))
    assert all(abs(side - given * scale) <= 1.0 for side, given in zip(drawn, (width, height), strict=True))
    assert plan_of([1.0]).canvas(VideoFormat(f"{width}x{height}")).size == (width, height)


@pytest.mark.parametrize(
    ("format", "drawn"),
    [
        ("16:9", "960x540"), ("9:16", "540x960"), ("1:1", "540x540"), ("480x270", "426x240"), ("320x240", "320x240"),
        ("270x480", "240x426"), ("240x240", "240x240"), ("3840x240", "3840x240"), ("640x360", "426x240"),
        ("3840x2160", "1920x1080"),
    ],
)  # fmt: skip
def test_drafts_of_usual_sizes(format: str, drawn: str) -> None:
    plan = plan_of([1.0]).model_copy(update={"style": RenderStyle(preset="draft")})
    assert plan.canvas(VideoFormat(format)) == drawn


TEXTS = {
    **SAMPLES,
    "ar-names": ARABIC,
    "he-names": HEBREW,
    "fa": PERSIAN,
    "ur": "یہ اردو کا ایک جملہ ہے، جس میں ڈاکٹر صاحب کا نام ہے۔",
    "tall": "ที่นี่ปั๊กกี้ซื้อปู่ฎุฏู Ǻ̊Ḗ̂ Ấ̂ ẬÇ̧ g̱y̱j ক্ট্র نٖٗٚ ًٌٍَُِّ",
    "long": " ".join([*LONG[:3], ADDRESS]),
}
SMALL = ("240x240", "320x240", "426x240", "240x426", "480x270", "240x3840", "3840x240", "640x360", "270x480", "960x540")


KINDS = ("karaoke", "pop", "classic")


# Each text meets each size, each kind of captions meets each size, and each text each kind; the test after this one
# tries any of the three together.
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.lengthy
@pytest.mark.sample(10)
def test_captions_stand_inside_what_is_inspected(name: str, kind: str) -> None:
    plan = plan_for(TEXTS[name], language=name[:2], captions={"style": kind})
    timeline = build_timeline(plan)
    turn = -(list(TEXTS).index(name) + KINDS.index(kind)) % len(KINDS)
    for format in (*map(VideoFormat, SMALL), *STANDARD_FORMATS)[turn :: len(KINDS)]:
        assert inspection._caption_faults(plan, format, timeline) == [], format


@examples(40)
@given(
    SIDES, SIDES, st.sampled_from(sorted(TEXTS)), st.sampled_from(["karaoke", "pop", "classic"]), st.floats(0.1, 1.5)
)
@pytest.mark.lengthy
def test_captions_of_any_size_stand_inside(width: int, height: int, name: str, kind: str, pace: float) -> None:
    if width * height > 2_000_000:
        width, height = (side // 4 * 2 + 120 for side in (width, height))  # large pictures take long
    plan = plan_for(TEXTS[name], language=name[:2], pace=pace, captions={"style": kind})
    timeline = build_timeline(plan)
    assert inspection._caption_faults(plan, VideoFormat(f"{width}x{height}"), timeline) == []


@pytest.mark.parametrize("name", ["ar", "hi", "th", "tall", "ja", "en"])
@pytest.mark.parametrize("size", ["240x240", "426x240", "16:9", "1:1"])
@pytest.mark.lengthy
@pytest.mark.sample(8)
def test_no_letter_is_cut_off(name: str, size: str) -> None:
    """Bright pixels are letters; the shadow around them is dark."""
    format = VideoFormat(size)
    layout, plan = LAYOUTS[format], plan_for(TEXTS[name], language=name[:2], captions={"style": "classic"})
    timeline = build_timeline(plan)
    track = caption_track(plan, timeline, layout)
    seen = 0
    for frame in range(0, timeline.frames, 9):
        if shown := track.at(frame):
            planes = grey(layout.width, layout.height)
            shown[0].blend(planes)
            rows, columns = np.nonzero(planes.y > 170)
            if rows.size:
                seen += 1
                assert layout.safe.left <= columns.min() and columns.max() < layout.safe.right
                assert layout.safe.top <= rows.min() and rows.max() < layout.safe.bottom
    assert seen > 3
