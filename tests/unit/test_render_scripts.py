"""Captions in every script: order, shaping, breaks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelwright import openmoji
from reelwright.domain.content.story import PartTiming, WordTiming
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.text.phrases import language_of, phrases, words_inside
from reelwright.openmoji import drawing_of
from reelwright.render.captions.burn import caption_cues, caption_style
from reelwright.render.captions.cues import Column, CueWord, break_scene, hold_marks, line_text, split_unspaced
from reelwright.render.captions.words import strike_overrides
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text import fonts
from reelwright.render.text.bitmaps import Placed, glyph_mask
from reelwright.render.text.emoji import emoji_bitmap
from reelwright.render.text.shaping import shape
from tests.depth import examples

from .scripts import DRAWS_EMOJI, SAMPLES, TEXT, plan_for


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
    assert drawing_of("🐙") == drawing_of("🐙\u200d🐙"), "an unknown sequence shows its first part"
    assert drawing_of("a") is None and drawing_of("") is None and drawing_of("/.\ufe0f") is None
    # Digits, and signs that are text unless they ask to be emoji, stay text.
    assert all(fonts.resolve(c).face is not None for c in "1#©☀♥")  # type: ignore[union-attr]


def test_without_the_drawings_an_emoji_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openmoji, "folder", lambda: None)
    monkeypatch.setattr(fonts, "drawing_of", drawing_of.__wrapped__)
    fonts.resolve.cache_clear()
    try:
        assert fonts.drawable("a 👨‍👩‍👧‍👦 b") == "a b" and fonts.undrawable("a 🐙 b") == ["🐙"]
    finally:
        fonts.resolve.cache_clear()


def test_piled_up_marks_are_cut() -> None:
    text = "Z" + "\u0301" * 200 + "algo"
    assert len(fonts.drawable(text)) == fonts.MAX_CLUSTER + 4


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


@pytest.mark.parametrize(
    ("language", "whole"),
    [
        ("zh-Hans", "茶 是 世界上除了 水以外 最 受欢迎的 饮料。"),
        ("zh-Hans", "他在 书里 说： “最好的 水来自 高山， 其次是 江水！” 大家 都 笑了。"),
        ("zh-Hans", "用 99天 运来 第一本书， 花一万元 买 3块 茶 饼"),
        ("zh-Hant", "他說： 「我是 學生。」 老師笑了"),
        ("ja", "「富士山は 山の 上に 立つ山だ」と、 高さは 3776メートルあり、 コーヒー〜を 飲んだ。"),
        ("th", "ช้าง จะ ใช้งวง ลูบ เบาๆ เพื่อ ปลอบใจ"),
    ],
)
def test_a_line_ends_only_where_it_may(language: str, whole: str) -> None:
    """No word of Chinese or Thai is cut, a number keeps what it counts, marks stay where they belong."""
    assert phrases(whole.replace(" ", ""), language) == whole.split()


def test_a_phrase_longer_than_a_line_is_divided_between_its_words() -> None:
    column = Column(measure=lambda text: 10.0 * len(text), width=90.0, words=9)
    phrase = CueWord("多いのではないでしょうか。", "多いのではないでしょうか。", 0.0, 1.3)
    (cue,) = break_scene([phrase], column, language="ja")
    assert cue.scale == 1.0 and [line_text(line) for line in cue.lines] == ["多いのではない", "でしょうか。"]
    assert words_inside("Donaudampfschifffahrt") == ["Donaudampfschifffahrt"]


def test_a_space_in_thai_ends_a_clause() -> None:
    text = "ในอดีตคนไทยใช้ช้างลากไม้ ขนของ และออกรบ กษัตริย์หลายพระองค์ทรงช้างนำทัพเข้าสู่สนามรบ"
    cues = caption_cues(build_timeline(plan_for(text, language="th")), LAYOUTS[VideoFormat.WIDE], language="th")
    begun = [cue.words[0].text for cue in cues]
    assert len(begun) > 1 and all(any(part.startswith(word) for part in text.split()) for word in begun), begun


def test_times_inside_a_clause_are_those_of_its_phrases() -> None:
    clause = "早上好，我们去公园。"
    parts = (PartTiming(0, 1.0, 1.8), PartTiming(4, 2.5, 2.7), PartTiming(6, 2.7, 4.0))
    word = CueWord(clause, clause, 1.0, 4.0, parts=parts)
    told = [(piece.text, round(piece.start, 4), round(piece.end, 4)) for piece in split_unspaced([word], "zh-Hans")]
    assert told == [
        ("早上好，", 1.0, 1.8), ("我们", 2.5, 2.7), ("去", 2.7, 3.025), ("公园。", 3.025, 4.0),
    ]  # fmt: skip
    (struck,) = strike_overrides([replace(word, text="早上{\\b1}好，我们去公园。", parts=tuple(
        part._replace(at=part.at + 5 if part.at else 0) for part in parts
    ))])  # fmt: skip
    assert (struck.text, struck.parts) == (clause, parts)
    (held,) = hold_marks([CueWord("«", "«", 1.0, 1.0), word, CueWord("»", "»", 4.0, 4.0)], "fr")
    assert [(part.at, part.start) for part in held.parts] == [(2, 1.0), (6, 2.5), (8, 2.7)]
    (thai,) = hold_marks([CueWord("ลูบเบา", "ลูบเบา", 0.0, 1.0), CueWord("ๆ", "ๆ", 1.0, 1.5)], "th")
    assert thai.parts == () and (thai.text, thai.end) == ("ลูบเบา ๆ", 1.5), "it repeats the word before it"


def test_times_inside_a_clause_reach_the_captions_in_order() -> None:
    text = "早上好，我们去公园。"
    plan = plan_for(text, language="zh")
    narration = plan.material.narrations[0]
    parts = (PartTiming(0, 0.0, 0.2), PartTiming(4, 0.5, 0.6), PartTiming(6, 0.4, 9.0))  # out of order, and too long
    word = WordTiming(text=text, start=0.0, end=narration.duration_s, parts=parts)
    material = plan.material.model_copy(update={"narrations": (narration.model_copy(update={"words": (word,)}),)})
    timeline = build_timeline(plan.model_copy(update={"material": material}))
    first = timeline.words[0].start
    words = [word for cue in caption_cues(timeline, LAYOUTS[VideoFormat.WIDE], language="zh") for word in cue.words]
    assert [round(word.start - first, 2) for word in words if word.text in ("早上好，", "我们", "去")] == [
        0.0,
        0.4,
        0.5,
    ]
    edges = [edge for word in words for edge in (word.start, word.end)]
    assert edges == sorted(edges) and edges[-1] <= first + narration.duration_s + 1e-6
    wrong = word.model_copy(update={"parts": (PartTiming(0, 0.0, float("nan")),)})
    material = plan.material.model_copy(update={"narrations": (narration.model_copy(update={"words": (wrong,)}),)})
    with pytest.raises(InvalidInput, match="has no finite time"):
        build_timeline(plan.model_copy(update={"material": material}))


def test_words_that_are_one_have_the_same_json_as_ever() -> None:
    word = WordTiming(text="Hello", start=0.5, end=1.0)
    assert word.model_dump_json() == '{"text":"Hello","start":0.5,"end":1.0}'
    clause = word.model_copy(update={"parts": (PartTiming(0, 0.5, 0.7), PartTiming(2, 0.7, 1.0))})
    assert WordTiming.model_validate_json(clause.model_dump_json()) == clause
    assert clause.retimed(lambda second: second + 1).parts[1] == PartTiming(2, 1.7, 2.0)


def test_spaced_scripts_are_not_divided_and_mixed_words_are() -> None:
    assert phrases("Octopus", "en") == ["Octopus"] and phrases("문어는", "ko") == ["문어는"]
    assert phrases("أخطبوط", "ar") == ["أخطبوط"]
    assert "Python" in phrases("Python编程语言很有趣", "zh-Hans")


@examples(40)
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
