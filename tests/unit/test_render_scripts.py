"""Captions in every script, style and shape: order, shaping, breaks, colours, safe areas, times, files."""

import gc
import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.story import WordTiming
from reelwright.domain.style import BrandKit, CaptionStyle, RenderStyle
from reelwright.domain.video import RenderPlan, Translation
from reelwright.render import emoji, fonts
from reelwright.render.breaking import language_of, phrases
from reelwright.render.caption_art import CueArt
from reelwright.render.captions import CaptionTrack, caption_cues, caption_style, caption_track
from reelwright.render.compose import Composer
from reelwright.render.cues import Column, CueWord, break_scene, line_text, repair_times, split_unspaced
from reelwright.render.emoji import emoji_bitmap, emoji_svg
from reelwright.render.layout import LAYOUTS, derive
from reelwright.render.looks import READABLE, Look, contrast, rgb
from reelwright.render.shaping import reads_right_to_left, shape
from reelwright.render.subtitles import spoken_cues, srt, vtt, write_all
from reelwright.render.text import INK, Placed, Style, glyph_mask
from reelwright.render.timeline import build_timeline
from reelwright.render.yuv import Planes

from .test_render_timeline import ASSET, plan_of

SAMPLES = {
    "en": "Octopuses have three hearts, and their blood is blue.",
    "uk": "Восьминоги мають три серця, їхня кров блакитна.",
    "el": "Τα χταπόδια έχουν τρεις καρδιές και γαλάζιο αίμα.",
    "ar": "للأخطبوط ثلاثة قلوب، وأعلنت NASA عام 2024 (مرة) أنّ دمه أزرق!",
    "he": "לתמנון יש שלושה לבבות, ודמו כחול משנת 2024 (בערך).",
    "hi": "ऑक्टोपस के तीन हृदय होते हैं, और उसका रक्त नीला होता है।",
    "th": "ปลาหมึกมีหัวใจสามดวงเพราะเลือดของมันเป็นสีน้ำเงินและที่นี่ก็มีเรื่องรู้จักอยู่",
    "zh": "章鱼有三颗心脏，因为它的血液是蓝色的，直到骨头。",
    "ja": "タコには心臓が三つあり、「血液」は青い色をしています。",
    "ko": "문어는 심장이 세 개이고 피는 파란색입니다.",
    "emoji": "Party 🎉 with 👨‍👩‍👧‍👦 and 🐙 in 🇩🇪 ❤️ here ✨",
}
TEXT = Style(60, fonts.BOLD)
DRAWS_EMOJI = emoji_svg("🐙") is not None
if not DRAWS_EMOJI:
    del SAMPLES["emoji"]


def plan_for(text: str, *, pace: float = 0.45, language: str = "en", **style: object) -> RenderPlan:
    tokens = text.split()
    pace = pace if len(tokens) > 2 else 5.0 / len(tokens)
    words = tuple(WordTiming(text=t, start=i * pace, end=(i + 0.9) * pace) for i, t in enumerate(tokens))
    plan = plan_of([len(tokens) * pace + 0.4], [words])
    story = plan.material.story.model_copy(update={"language": language})
    material = plan.material.model_copy(update={"story": story})
    return plan.model_copy(update={"material": material, "style": RenderStyle.model_validate(style)})


def grey(width: int, height: int, luma: int = 90) -> Planes:
    planes = Planes.empty(width, height)
    for plane, level in zip(planes, (luma, 128, 128), strict=True):
        plane[:] = level
    return planes


# --- shaping ----------------------------------------------------------------------------------------------------


def test_right_to_left_words_stand_right_to_left_and_numbers_do_not_turn() -> None:
    tokens = ("وأعلنت", " NASA", " عام", " 2024", " (مرة).")
    line = shape(tokens, 60, fonts.BOLD, True, "ar")
    lefts = [line.boxes(token)[0][0] for token in range(len(tokens))]
    assert lefts == sorted(lefts, reverse=True), "the first word is at the right"
    runs = {run.text: run for run in line.runs}
    assert not runs["NASA"].rtl and not runs["2024"].rtl and runs["عام"].rtl
    last = [run.text for run in line.runs if run.token == 4]
    assert last == [").", "مرة", "("], "the full stop ends the line, at its left, outside the bracket"
    assert [round(run.x) for run in line.runs] == sorted(round(run.x) for run in line.runs)
    mixed = shape(("In", " עברית,", " too"), 60, fonts.BOLD, False, "en")
    assert [run.token for run in mixed.runs if run.text not in ",."] == [0, 1, 2]


def test_words_tell_their_boxes_without_the_spaces() -> None:
    line = shape(("ab", " cd", "", " ef"), 60, fonts.BOLD, False, "")
    boxes = [line.boxes(token) for token in range(4)]
    assert boxes[2] == [] and all(len(boxes[token]) == 1 for token in (0, 1, 3))
    assert boxes[0][0][1] + 10 < boxes[1][0][0] and boxes[1][0][1] + 10 < boxes[3][0][0]
    assert boxes[3][0][1] == pytest.approx(line.width)


def test_arabic_letters_join_and_devanagari_clusters_form() -> None:
    for text, apart in (("سمك", 0.97), ("क्षत्रिय", 0.9), ("ऑक्टोपस", 0.97)):
        alone = sum(TEXT.measure(character) for character in text)
        assert TEXT.measure(text) < alone * apart, text
    # The matra of कि is written after its letter and drawn before it: the letter's own strokes move to the right.
    letter, whole = (glyph_mask(200, 120, [Placed(20, 80, text)], TEXT) for text in ("क", "कि"))
    moved = round(TEXT.measure("कि") - TEXT.measure("क"))
    assert moved > 10
    stem = np.s_[48:78, 22:50]
    shifted = whole[48:78, 22 + moved : 50 + moved]
    assert np.abs(letter[stem] - shifted).mean() < 0.08 < np.abs(letter[stem] - whole[stem]).mean()


def test_east_asian_signs_take_their_regional_form() -> None:
    masks = [
        glyph_mask(90, 90, [Placed(10, 70, "直")], replace(TEXT, language=language))
        for language in ("ja", "zh-Hans", "zh-Hant")
    ]
    assert np.abs(masks[0] - masks[1]).sum() > 20
    assert language_of("タコの心臓", "zh") == "ja" and language_of("心臟", "zh-tw") == "zh-Hant"
    assert language_of("心脏") == "zh-Hans" and language_of("문어 心", "") == "ko" and language_of("心", "ja") == "ja"


@pytest.mark.parametrize("text", SAMPLES.values(), ids=SAMPLES.keys())
def test_every_sample_can_be_drawn_whole(text: str) -> None:
    assert fonts.drawable(text) == text and not fonts.undrawable(text)
    ink = glyph_mask(1800, 120, [Placed(10, 80, text)], replace(TEXT, size=30))
    assert ink.sum() > 500
    # Nothing is the box that stands for a missing glyph.
    faces = {drawn.face.name for c in fonts.clusters(text) if (drawn := fonts.resolve(c)) and drawn.face}
    assert faces


@pytest.mark.skipif(not DRAWS_EMOJI, reason="emosvg and resvg-py, the extra for emoji, are not installed")
def test_emoji_are_whole_and_in_colour() -> None:
    for text in ("👨‍👩‍👧‍👦", "🇩🇪", "👍🏽", "❤️", "🐙"):
        line = shape((text,), 60, fonts.BOLD, False, "")
        assert [(run.text, run.face) for run in line.runs] == [(text, None)]
        bitmap = emoji_bitmap(text, 64)
        visible = bitmap[bitmap[..., 3] > 200][:, :3].astype(int)
        assert len(visible) > 500 and (visible.max(axis=1) - visible.min(axis=1)).max() > 60
    assert emoji_svg("🐙") == emoji_svg("🐙\u200d🐙"), "an unknown sequence shows its first part"
    assert emoji_svg("a") is None and emoji_svg("") is None and emoji_svg("/.\ufe0f") is None
    # Digits, and signs that are text unless they ask to be emoji, stay text.
    assert all(fonts.resolve(c).face is not None for c in "1#©☀♥")  # type: ignore[union-attr]


def test_without_the_drawings_an_emoji_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji, "_drawings", lambda: None)
    monkeypatch.setattr(fonts, "emoji_svg", emoji_svg.__wrapped__)
    fonts.resolve.cache_clear()
    try:
        assert fonts.drawable("a 👨‍👩‍👧‍👦 b") == "a b" and fonts.undrawable("a 🐙 b") == ["🐙"]
    finally:
        fonts.resolve.cache_clear()


def test_piled_up_marks_are_cut() -> None:
    text = "Z" + "\u0301" * 200 + "algo"
    assert len(fonts.drawable(text)) == fonts.MAX_CLUSTER + 4


# --- breaks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["th", "zh", "ja"])
def test_scripts_without_spaces_break_between_phrases(language: str) -> None:
    text = SAMPLES[language]
    pieces = [piece for token in text.split() for piece in phrases(token, language_of(text, language))]
    assert "".join(pieces) == "".join(text.split()) and len(pieces) >= 5
    assert not any(piece[0] in "。，、」ーっ的ๆ" or piece[-1] in "「（" for piece in pieces)
    assert all(piece == "".join(fonts.clusters(piece)) for piece in pieces)
    for format in STANDARD_FORMATS:
        layout = LAYOUTS[format]
        cues = caption_cues(build_timeline(plan_for(text, language=language)), layout, language=language)
        assert "".join(word.text for cue in cues for word in cue.words) == "".join(text.split())
        assert all(len(cue.lines) <= 2 and cue.scale == 1.0 for cue in cues)
        assert all(caption_style(layout).measure(line_text(ln)) <= layout.caption_width for c in cues for ln in c.lines)
        times = [word.start for cue in cues for word in cue.words]
        assert times == sorted(times) and len(set(times)) == len(times), "each phrase has a time of its own"


def test_spaced_scripts_are_not_divided_and_mixed_words_are() -> None:
    assert phrases("Octopus", "en") == ["Octopus"] and phrases("문어는", "ko") == ["문어는"]
    assert phrases("أخطبوط", "ar") == ["أخطبوط"]
    assert "Python" in phrases("Python编程语言很有趣", "zh-Hans")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["क्ष", "त्रि", "👨‍👩‍👧‍👦", "é", "กำ", "ที่", "x"]), min_size=1, max_size=60))
def test_no_cluster_is_ever_torn(parts: list[str]) -> None:
    word = "".join(parts)
    column = Column(measure=lambda text: 10.0 * len(fonts.clusters(text)), width=60.0, words=5)
    cues = break_scene(split_unspaced([CueWord(word, word, 0.0, 2.0)], ""), column)
    pieces = [piece.text for cue in cues for piece in cue.words]
    assert "".join(pieces) == word
    assert [c for piece in pieces for c in fonts.clusters(piece)] == fonts.clusters(word)


def test_hindi_small_words_stay_with_what_stands_before_them() -> None:
    text = "नीला रक्त का रंग ताँबे की वजह से होता है और ठंडे पानी में काम आता है"
    for cue in caption_cues(build_timeline(plan_for(text, language="hi")), LAYOUTS[VideoFormat.TALL]):
        assert not any(line[0].text in {"का", "की", "से", "है", "में"} for line in cue.lines)


# --- times ------------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 20), st.floats(-5, 20)), max_size=30))
def test_any_times_are_repaired_into_order(times: list[tuple[float, float]]) -> None:
    repaired = repair_times(times, 1.0, 9.0)
    assert len(repaired) == len(times) and repaired == repair_times(times, 1.0, 9.0)
    assert all(1.0 <= start <= end <= 9.0 + 1e-9 for start, end in repaired)
    assert all(before[1] <= after[0] + 1e-9 for before, after in pairwise(repaired))
    assert all(abs(a - b) < 1e-6 for one, two in zip(repair_times(repaired, 1, 9), repaired, strict=True)
               if one[1] > one[0] and two[1] > two[0] for a, b in [(one[0], two[0])])  # fmt: skip


def test_good_times_stay_and_bad_ones_are_sorted_clamped_and_shared() -> None:
    good = [(1.0, 1.4), (1.5, 2.0), (2.0, 3.0)]
    assert repair_times(good, 1.0, 9.0) == good
    assert repair_times([(3.0, 3.5), (1.0, 1.5), (2.0, 9.9)], 0.0, 5.0) == [(1.0, 1.5), (2.0, 2.5), (3.0, 5.0)]
    assert repair_times([(1.0, 1.0), (1.0, 1.0), (3.0, 4.0)], 0.0, 5.0) == [(1.0, 2.0), (2.0, 3.0), (3.0, 4.0)]
    assert repair_times([(7.0, 8.0), (9.0, 8.0)], 0.0, 5.0) == [(5.0, 5.0), (5.0, 5.0)]


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


def test_memory_does_not_grow_with_length() -> None:
    text = " ".join("word" + "s." * (i % 9 == 8) for i in range(700))
    plan = plan_for(text, pace=0.4)
    layout = LAYOUTS[VideoFormat("240x240")]
    timeline = build_timeline(plan)
    track = caption_track(plan, timeline, layout)
    for frame in range(0, timeline.frames, 45):
        track.at(frame)
    gc.collect()
    held = [thing for thing in gc.get_objects() if isinstance(thing, CueArt)]
    assert 1 <= len(held) <= 4 and timeline.seconds > 280


# --- looks ------------------------------------------------------------------------------------------------------

COLOUR = st.from_regex("^#[0-9A-F]{6}$", fullmatch=True)


@settings(max_examples=150, deadline=None)
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


# --- safe areas -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SAMPLES)
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


# --- files ------------------------------------------------------------------------------------------------------


def translated(*translations: Translation) -> RenderPlan:
    words = tuple(WordTiming(text=t, start=i * 0.5, end=i * 0.5 + 0.4) for i, t in enumerate(["A", "b", "c", "d."]))
    return plan_of([2.5, 2.5], [words, words]).model_copy(update={"translations": translations})


def test_every_language_gets_its_files_from_one_timeline(tmp_path: Path) -> None:
    plan = translated(
        Translation(language="de", scenes=("Kraken haben drei Herzen.", "Ihr Blut ist blau & <b>kalt</b> --> ja.")),
        Translation(language="ar", scenes=("للأخطبوط ثلاثة قلوب.", "NASA تقول إن دمه أزرق!")),
        Translation(language="zh-Hant", scenes=("章魚有三顆心臟，因為牠的血液是藍色的。", "")),
    )
    files = write_all(plan, tmp_path)
    assert [(f.language, f.kind) for f in files] == [
        (language, kind) for language in ("en", "de", "ar", "zh-Hant") for kind in ("srt", "vtt")
    ]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(f.path.name for f in files)
    timeline = build_timeline(plan)
    for file in files:
        text = file.path.read_text(encoding="utf-8")
        stamps = re.findall(r"(\d\d):(\d\d):(\d\d)[.,](\d{3}) --> (\d\d):(\d\d):(\d\d)[.,](\d{3})", text)
        spans = [tuple(int(s[k]) * 60 + int(s[k + 1]) + int(s[k + 2]) / 1000 for k in (1, 5)) for s in stamps]
        assert spans and text.count("-->") == len(spans)
        assert all(start < end <= timeline.seconds for start, end in spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
    arabic = files[4].path.read_text(encoding="utf-8")
    assert "\u200fNASA تقول" in arabic and "!\u200f" in arabic
    german = files[3].path.read_text(encoding="utf-8")
    assert "&amp; " in german and "&lt;b&gt;" in german and "<b>" not in german and "Language: de" in german
    # The second scene's text is told in the second scene, from when its first word is said.
    second = next(block for block in files[2].path.read_text(encoding="utf-8").split("\n\n") if "Ihr Blut" in block)
    begin = re.search(r"00:00:0(\d),(\d{3}) -->", second)
    assert begin and int(begin[1]) + int(begin[2]) / 1000 == pytest.approx(
        timeline.scenes[1].speech_first / 30 - 0.06, abs=0.05
    )


@pytest.mark.parametrize(
    ("language", "scenes", "field"),
    [
        ("en", ("x", "y"), "translations.language"),
        ("../../etc", ("x", "y"), "translations.language"),
        ("", ("x", "y"), "translations.language"),
        ("de", ("only one",), "translations.scenes"),
    ],
)
def test_impossible_translations_are_named(tmp_path: Path, language: str, scenes: tuple[str, ...], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        write_all(translated(Translation(language=language, scenes=scenes)), tmp_path)
    assert caught.value.field == field and list(tmp_path.iterdir()) == []


def test_nasty_text_is_only_text(tmp_path: Path) -> None:
    nasty = "{\\an8}red \\Nline %{n} 'q\"q \x00nul \u202eover\u202c <i>tag</i> a-->b {\\p1}m $(rm) ;DROP"
    plan = plan_for(nasty)
    timeline = build_timeline(plan)
    for format in STANDARD_FORMATS:
        track = caption_track(plan, timeline, LAYOUTS[format])
        assert any(track.at(frame) for frame in range(0, timeline.frames, 10))
    cues = spoken_cues(timeline, plan)
    for text in (srt(cues), vtt(cues, language="en")):
        assert not {"\x00", "\u202e", "\u202c"} & set(text)
        assert text.count("-->") == len(cues)
    assert "{" not in srt(cues) and "<i>" not in srt(cues) and "<i>" not in vtt(cues, language="en")


def test_a_word_of_200_characters_is_shrunk_and_broken() -> None:
    for word in ("x" * 200, "ا" * 200, "क्ष" * 70, "章" * 200):
        plan = plan_for(f"the {word} end", pace=2.0)
        timeline = build_timeline(plan)
        for format in (VideoFormat.TALL, VideoFormat("240x240")):
            layout = LAYOUTS[format]
            for cue in caption_cues(timeline, layout):
                style = replace(caption_style(layout, cue.scale), rtl=reads_right_to_left(word))
                assert len(cue.lines) <= 2
                assert all(style.measure(line_text(line)) <= layout.caption_width + 3 for line in cue.lines)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["karaoke", "pop", "classic"]))
def test_any_text_at_all_is_drawn_or_refused(text: str, kind: str) -> None:
    plan = plan_for(text + " ok " + text[::-1] + " letters enough to read", captions={"style": kind})
    timeline = build_timeline(plan)
    srt(spoken_cues(timeline, plan))
    try:
        track = caption_track(plan, timeline, LAYOUTS[VideoFormat("320x240")])
    except InvalidInput as error:
        assert error.field == "language"
        return
    planes = grey(320, 240)
    for frame in range(0, timeline.frames, 7):
        if shown := track.at(frame):
            shown[0].blend(planes, shown[1])
