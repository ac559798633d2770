"""Captions as they are seen: colours, styles, highlights, safe areas."""

import gc
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from reelwright.domain.content.style import BrandKit, CaptionStyle, RenderStyle
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.render.captions.art import CueArt
from reelwright.render.captions.burn import CaptionTrack, caption_cues, caption_style, caption_track
from reelwright.render.captions.colours import READABLE, Look, contrast, rgb
from reelwright.render.captions.cues import line_text
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.layout import LAYOUTS, derive
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import INK
from tests.depth import examples

from .scripts import SAMPLES, grey, plan_for
from .test_render_timeline import ASSET

COLOUR = st.from_regex("^#[0-9A-F]{6}$", fullmatch=True)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_the_highlight_is_on_the_spoken_word_within_a_frame(fps: int, tmp_path: Path) -> None:
    """Read from the pixels of composed frames; where the word stands is measured with Pillow alone."""
    format = VideoFormat("640x360")
    plan = plan_for("Every octopus has three hearts", pace=0.37, fps=fps, captions={"style": "karaoke"})
    picture = tmp_path / "grey.png"
    Image.new("RGB", (320, 180), (90, 90, 90)).save(picture)
    composer = Composer(plan, format, {ASSET.sha256: picture})
    layout, timeline = LAYOUTS[format], composer.timeline
    (cue,) = caption_cues(timeline, layout)
    face = fonts.font(caption_style(layout, cue.scale).size, fonts.BOLD)

    def lit(frame: int) -> float | None:
        """The middle of what has the accent's colour, if anything has."""
        planes = grey(*format.size)
        composer.draw(frame, planes)
        # From where captions begin down: the title has the accent's colour too.
        top = (layout.caption_y - 2 * layout.caption_size) // 2
        columns = np.flatnonzero((planes.u[top:] < 70).any(axis=0))
        return float(columns[0] + columns[-1] + 1) if columns.size else None

    for line in cue.lines:
        text = line_text(line)
        for position, word in enumerate(line):
            before = face.getlength(line_text(line[: position + 1])) - face.getlength(word.text)
            middle = (layout.width - face.getlength(text)) / 2 + before + face.getlength(word.text) / 2
            first = word.start * fps
            found = lit(math.ceil(first))
            assert found is not None and abs(found - middle) < 6, (word.text, found, middle)
            earlier = lit(math.floor(first) - 1)
            assert earlier is None or abs(earlier - middle) > 12, f"{word.text} is lit more than a frame early"


@pytest.mark.lengthy
@pytest.mark.deep
def test_memory_does_not_grow_with_length() -> None:
    text = " ".join("word" + "s." * (i % 9 == 8) for i in range(130))
    plan = plan_for(text, pace=0.4)
    layout = LAYOUTS[VideoFormat("240x240")]
    timeline = build_timeline(plan)
    track = caption_track(plan, timeline, layout)
    for frame in range(0, timeline.frames, 90):
        track.at(frame)
    gc.collect()
    held = [thing for thing in gc.get_objects() if isinstance(thing, CueArt)]
    assert 1 <= len(held) <= 4 and timeline.seconds > 50


@examples(150)
@given(COLOUR, COLOUR, st.sampled_from(["karaoke", "pop", "classic"]))
def test_any_brand_colours_can_be_read(accent: str, text: str, kind: str) -> None:
    style = RenderStyle(brand=BrandKit(accent=accent, text=text), captions=CaptionStyle.model_validate({"style": kind}))
    look = Look.of(style)
    pairs = [(look.text, look.edge), (look.on_accent, look.accent), (look.calm, look.edge)]
    pairs += [(look.accent, look.edge)] if kind == "pop" else []
    assert all(contrast(one, other) >= READABLE for one, other in pairs)
    if kind != "pop":
        assert look.accent == rgb(accent), "a pill has the brand's own colour"
    if contrast(rgb(text), INK) >= READABLE:
        assert look.text == rgb(text), "a colour that can be read is left alone"


def test_contrast_is_wcags() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert contrast(rgb("#767676"), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)


def states(kind: str, text: str = SAMPLES["en"], format: VideoFormat = VideoFormat.WIDE, **brand: str) -> CaptionTrack:
    plan = plan_for(text, captions={"style": kind}, brand=brand)
    return caption_track(plan, build_timeline(plan), LAYOUTS[format])


def test_karaoke_and_pop_use_the_brands_accent() -> None:
    for kind in ("karaoke", "pop"):
        track = states(kind, accent="#20C0FF")
        shown = track.at(40)
        assert shown is not None
        planes = grey(1920, 1080)
        shown[0].blend(planes)
        assert (planes.u > 160).sum() > 200 and (planes.v < 90).sum() > 200, kind


def test_pop_grows_the_spoken_word_and_leaves_the_others_in_place() -> None:
    track = states("pop")
    pictures = []
    for frame in (14, 28):
        shown = track.at(frame)
        assert shown is not None
        planes = grey(1920, 1080)
        shown[0].blend(planes)
        pictures.append(planes)
    spoken = [np.flatnonzero((planes.u < 90).any(axis=0)) * 2 for planes in pictures]
    assert spoken[0][-1] < spoken[1][0], "another word is lit"
    right = spoken[1][-1] + 60
    assert (pictures[0].y[:, right:] == pictures[1].y[:, right:]).all(), "words further on do not move"
    tall = [np.flatnonzero((planes.u < 90).any(axis=1)) for planes in pictures]
    assert all(rows[-1] - rows[0] > LAYOUTS[VideoFormat.WIDE].caption_size * 0.3 for rows in tall)


@pytest.mark.parametrize("kind", ["karaoke", "pop"])
@pytest.mark.parametrize("language", ["en", "ar", "th"])
def test_only_the_columns_that_change_are_drawn_anew(kind: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    format = VideoFormat("642x360")

    def drawn() -> list[Planes]:
        track = states(kind, SAMPLES[language], format)
        pictures = []
        for frame in range(16, 90, 9):
            planes = grey(*format.size)
            if shown := track.at(frame):
                shown[0].blend(planes)
            pictures.append(planes)
        return pictures

    usual = drawn()
    monkeypatch.setattr(CueArt, "_band", lambda self, spoken: (0, self._width))
    for one, other in zip(usual, drawn(), strict=True):
        for plane, whole in zip(one, other, strict=True):
            assert np.abs(plane.astype(int) - whole.astype(int)).max() <= 2, "a seam shows"
    assert any((planes.u < 90).any() for planes in usual)


def test_classic_has_one_state_and_reads_over_white() -> None:
    track = states("classic")
    shown = {id(state[0]) for frame in range(14, 60, 4) if (state := track.at(frame))}
    assert len(shown) == 1
    planes = grey(1920, 1080, 235)
    state = track.at(30)
    assert state is not None
    state[0].blend(planes)
    box = planes.y[880:886, 800:1100]
    grounds = (float(np.percentile(box, 5)) - 16) / 219 * 255, 255.0
    ground, letters = ((round(level),) * 3 for level in grounds)
    assert contrast(ground, letters) >= 7  # type: ignore[arg-type]
    assert abs(int(planes.u.min()) - 128) < 4, "no highlight"


def test_burn_in_can_be_off() -> None:
    plan = plan_for("ရေဘဝဲ နှလုံး သုံးခု", captions={"burn_in": False})
    timeline = build_timeline(plan)
    track = caption_track(plan, timeline, LAYOUTS[VideoFormat.WIDE])
    assert all(track.at(frame) is None for frame in range(timeline.frames))


@pytest.mark.parametrize("language", SAMPLES)
@pytest.mark.lengthy
@pytest.mark.sample(4)
def test_captions_stay_in_the_safe_area_in_every_script_and_style(language: str) -> None:
    kinds = ("karaoke", "pop", "classic")
    turn = list(SAMPLES).index(language)
    for position, format in enumerate(STANDARD_FORMATS):
        layout = LAYOUTS[format]
        style = {"style": kinds[(position + turn) % 3]}
        plan = plan_for(SAMPLES[language], language=language, captions=style)
        timeline = build_timeline(plan)
        track = caption_track(plan, timeline, layout)
        seen = 0
        for frame in range(20, timeline.frames - 20, 33):
            shown = track.at(frame)
            if shown is None:
                continue
            planes = grey(layout.width, layout.height)
            shown[0].blend(planes)
            rows, columns = np.nonzero((planes.y > 150) | (planes.y < 40))
            seen += 1
            assert columns.min() >= layout.width * 0.07 and columns.max() <= layout.width * 0.93
            assert rows.min() >= layout.height * 0.5 and rows.max() <= layout.bottom
            if format == VideoFormat.TALL:
                assert columns.max() <= 1080 - 135, "TikTok's buttons are there"
        assert seen >= 2
        assert all(len(cue.lines) <= 2 for cue in caption_cues(timeline, layout, language=language))


@pytest.mark.parametrize("size", ["1280x720", "1080x1350", "2560x1080", "720x1280", "240x240", "240x3840", "3840x240"])
def test_custom_sizes_get_a_layout_of_their_own(size: str) -> None:
    format = VideoFormat(size)
    layout = LAYOUTS[format]
    width, height = format.size
    assert (layout.width, layout.height) == (width, height)
    assert layout.caption_width <= layout.text_width < width
    half = layout.caption_size * 1.38
    assert layout.top < layout.caption_y - half and layout.caption_y + half <= layout.bottom < height
    track = states("karaoke", format=format)
    assert any(track.at(frame) for frame in range(60))


def test_standard_sizes_derive_to_the_standard_layouts() -> None:
    for format in STANDARD_FORMATS:
        assert derive(*format.size) == LAYOUTS[format]
    assert derive(1280, 720).caption_size == round(66 * 720 / 1080)
