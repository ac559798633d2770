"""Captions: where lines break, what is drawn where, and what the subtitle files say."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright.domain.content.story import WordTiming
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.render.captions.burn import CaptionTrack, caption_cues, caption_notes, caption_style
from reelwright.render.captions.cues import Column, Cue, CueWord, break_scene, line_text, settle_times
from reelwright.render.captions.subtitles import spoken_cues, srt, vtt
from reelwright.render.picture.overlay import make_overlay
from reelwright.render.picture.yuv import Planes
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import Style
from reelwright.render.text.title_breaks import break_title
from reelwright.render.text.titles import title_overlay
from tests.depth import examples

from .test_render_timeline import plan_of

COLUMN = Column(measure=lambda text: 10.0 * len(text), width=240.0, words=6)


def spoken(text: str, pace: float = 0.3) -> list[CueWord]:
    return [CueWord(w, w, i * pace, i * pace + pace * 0.8) for i, w in enumerate(text.split())]


def told(cues: list[Cue]) -> list[list[str]]:
    return [[line_text(line) for line in cue.lines] for cue in cues]


def timings(text: str, pace: float = 0.3) -> tuple[WordTiming, ...]:
    return tuple(WordTiming(text=w.text, start=w.start, end=w.end) for w in spoken(text, pace))


def test_breaks_follow_the_sentences() -> None:
    assert told(break_scene(spoken("It swims away. Then the sea is quiet again, and nothing moves."), COLUMN)) == [
        ["It swims away."],
        ["Then the sea", "is quiet again,"],
        ["and nothing moves."],
    ]


def test_small_words_stay_with_what_follows() -> None:
    cues = break_scene(spoken("The cat sleeps in the garden under a tree near the river every day"), COLUMN)
    ends = [line.split()[-1] for cue in told(cues) for line in cue]
    assert not {"the", "a", "in", "The"} & set(ends)


@examples(80)
@given(st.lists(st.text("abcdefg.,", min_size=1, max_size=60), min_size=1, max_size=40))
def test_nothing_is_lost_and_nothing_is_too_wide(tokens: list[str]) -> None:
    cues = break_scene(spoken(" ".join(tokens)), COLUMN)
    assert "".join(word.shown for cue in cues for word in cue.words) == "".join(tokens)
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert all(len(line) <= COLUMN.words for line in cue.lines)
        assert all(COLUMN.line_width(line) * cue.scale <= COLUMN.width + 1e-6 for line in cue.lines)
        assert cue.scale >= 0.6


@examples(60)
@given(st.floats(0.02, 1.5), st.integers(1, 60))
def test_cues_never_overlap_and_last_long_enough_where_there_is_room(pace: float, count: int) -> None:
    words = spoken(" ".join(["word"] * count), pace)
    last = words[-1].end + 2.0
    cues = settle_times(break_scene(words, COLUMN), last=last)
    for before, after in pairwise(cues):
        assert before.end <= after.start + 1e-9
    assert all(0.0 <= cue.start < cue.end <= last for cue in cues)
    assert cues[-1].end - cues[-1].start >= 0.7 - 1e-9
    if pace >= 0.5:
        assert all(cue.end - cue.start >= 0.5 for cue in cues)


def test_a_giant_word_is_broken_and_its_pieces_keep_its_time() -> None:
    cues = break_scene([CueWord("x" * 90, "x" * 90, 1.0, 4.0)], COLUMN)
    words = [word for cue in cues for word in cue.words]
    assert words[0].start == 1.0 and words[-1].end == pytest.approx(4.0)
    assert [word.joined for word in words] == [False] + [True] * (len(words) - 1)
    assert "".join(line_text(cue.words) for cue in cues) == "x" * 90


def test_symbols_without_a_glyph_are_left_out_of_the_picture_only() -> None:
    assert fonts.drawable("Straße 𒀭 żółw") == "Straße żółw"
    assert fonts.drawable("𒀭\u200d𒀭") == ""
    assert fonts.undrawable("Straße 𒀭 𒀭 żółw") == ["𒀭"]
    assert all(fonts.has_glyph(c) for c in "aÄßżğşıñçø…—“”„«»’Привет")
    assert not fonts.has_glyph("漢") and not fonts.has_glyph("🐙")
    plan = plan_of([3.0], [timings("Hello 𒀭 world.")])
    timeline = build_timeline(plan)
    cues = caption_cues(timeline, LAYOUTS[VideoFormat.WIDE])
    assert [word.shown for cue in cues for word in cue.words] == ["Hello", "", "world."]
    assert "Hello 𒀭 world." in srt(cues)
    assert caption_notes(plan, timeline) == [
        "scene 1: signs no font has are left out of the picture: U+1202D",
    ]


def test_a_script_no_font_can_draw_is_refused_with_the_field() -> None:
    plan = plan_of([3.0], [timings("ရေဘဝဲ နှလုံး သုံးခု yes")])
    timeline = build_timeline(plan)
    with pytest.raises(InvalidInput) as caught:
        caption_cues(timeline, LAYOUTS[VideoFormat.TALL])
    assert caught.value.field == "language" and "scene 1" in str(caught.value)
    # The subtitle files need no font.
    assert "ရေဘဝဲ" in srt(spoken_cues(timeline, plan))


@pytest.mark.parametrize("index", range(len(fonts.FACES)))
def test_a_missing_font_package_says_what_to_install(index: int) -> None:
    face = fonts.FACES[index]

    def absent() -> Path:
        raise ModuleNotFoundError("no such package")

    with pytest.raises(InvalidInput, match=f"pip install {face.package}$") as caught:
        fonts.font(40, 700, replace(face, path=absent))
    assert caught.value.field == "fonts"


@pytest.mark.parametrize("format", list(STANDARD_FORMATS))
def test_captions_are_drawn_inside_the_safe_area_and_highlight_the_spoken_word(format: VideoFormat) -> None:
    layout = LAYOUTS[format]
    text = "Wherever it goes, the octopus has Donaudampfschifffahrtskapitänsmützenfabrikation in mind."
    timeline = build_timeline(plan_of([6.0], [timings(text, 0.45)]))
    track = CaptionTrack(caption_cues(timeline, layout), layout)
    states = set()
    shown = highlighted = 0
    for frame in range(0, timeline.frames, 5):
        state = track.at(frame)
        if state is None:
            continue
        overlay, weight = state
        states.add(id(overlay))
        planes = Planes.empty(layout.width, layout.height)
        for plane, level in zip(planes, (100, 128, 128), strict=True):
            plane[:] = level
        overlay.blend(planes, weight)
        rows, columns = np.nonzero(planes.y > 150)
        if not rows.size:
            continue
        assert columns.min() >= layout.width * 0.075 and columns.max() <= layout.width * 0.925
        assert rows.min() >= layout.height * 0.55 and rows.max() <= layout.bottom
        shown += 1
        highlighted += int(planes.u.min() < 70)
    assert len(states) >= 8
    assert highlighted > 0.7 * shown, "the spoken word has no warm pill behind it"


def test_an_overlay_touches_its_own_rectangle_only() -> None:
    rgba = np.zeros((9, 7, 4), np.uint8)
    rgba[2:5, 3:6] = (255, 255, 255, 255)
    overlay = make_overlay(rgba, 10, 20, 64, 48)
    assert overlay is not None and (overlay.x, overlay.y) == (12, 22)
    planes = Planes.empty(64, 48)
    for plane in planes:
        plane[:] = 90
    overlay.blend(planes)
    assert (planes.y[22:25, 13:16] == 235).all()
    planes.y[22:25, 13:16] = 90
    assert (planes.y == 90).all()
    assert make_overlay(rgba, -100, 0, 64, 48) is None


@pytest.mark.lengthy
def test_titles_fit_whatever_their_length() -> None:
    for layout in LAYOUTS.values():
        style = caption_style(layout)
        for title in ("Hi", "Why octopuses have three hearts", "word " * 60, "x" * 200):
            lines, used = break_title(title.strip(), style, layout.text_width)
            assert 1 <= len(lines) <= 3
            assert all(used.measure(line) <= layout.text_width for line in lines)
        assert title_overlay("𒀭", layout) is None
        overlay = title_overlay("Why octopuses have three hearts and blue blood", layout)
        assert overlay is not None
        assert overlay.y + overlay.layers[0].colour.shape[0] < layout.caption_y - layout.caption_size


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("章鱼为什么有三颗心脏？", "zh"),
        ("タコにはなぜ心臓が三つあるのか？", "ja"),
        ("ทำไมปลาหมึกยักษ์ถึงมีหัวใจ", "th"),
    ],
)
def test_titles_without_spaces_are_broken_and_not_shrunk(title: str, language: str) -> None:
    style = Style(100, fonts.BOLD, language=language)
    lines, used = break_title(title, style, 700)
    assert used.size > 90 and 2 <= len(lines) <= 3 and "".join(lines) == title
    assert used.language == {"zh": "zh-Hans"}.get(language, language)
    assert not any(line[0] in "？。つの" for line in lines[1:]), "no line begins with what ends another"
    mixed, _ = break_title("NASA 为什么研究章鱼", style, 700)
    assert " ".join(mixed).replace(" ", "") == "NASA为什么研究章鱼" and mixed[0].startswith("NASA")


def test_srt_cannot_be_broken_out_of() -> None:
    words = [CueWord(w, w, i * 1.0, i + 0.5) for i, w in enumerate(["a-->b", "<i>x</i>", "{\\an8}", "R&D"])]
    text = srt([Cue((tuple(words),), 0.0, 3725.0421)])
    assert text == "1\n00:00:00,000 --> 01:02:05,042\na→b ‹i›x‹/i› (\\an8) R&D\n"


def test_vtt_escapes_and_rises() -> None:
    words = (CueWord("a-->b", "", 0.5, 1.0), CueWord("<c>", "", 1.2, 1.5), CueWord("R&D", "", 1.8, 2.5))
    text = vtt([Cue((words[:2], words[2:]), 0.5, 2.5)], language="en")
    assert text.startswith("WEBVTT\nKind: captions\nLanguage: en\n\n1\n00:00:00.500 --> 00:00:02.500\n")
    assert text.endswith("a--&gt;b <00:00:01.200>&lt;c&gt;\n<00:00:01.800>R&amp;D\n")
    assert text.count("-->") == 1
    assert "-->" not in vtt([], language="en\n\n1\n00:00 --> 00:01")
    stamps = re.findall(r"<(\d\d:\d\d:\d\d\.\d{3})>", text)
    assert stamps == sorted(stamps)
