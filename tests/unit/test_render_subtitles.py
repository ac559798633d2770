"""Caption times and caption files, in every language and from any text."""

import html
import re
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imageio_ffmpeg import get_ffmpeg_exe

from reelwright.domain.content.story import Translation, WordTiming
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import STANDARD_FORMATS, VideoFormat
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.render.captions.burn import caption_cues, caption_style, caption_track
from reelwright.render.captions.cues import line_text, repair_times
from reelwright.render.captions.subtitles import spoken_cues, srt, vtt, write_all
from reelwright.render.plan.layout import LAYOUTS
from reelwright.render.plan.timeline import build_timeline
from reelwright.render.text.shaping import reads_right_to_left
from tests.depth import examples

from .scripts import grey, plan_for
from .test_render_timeline import plan_of


@examples(80)
@given(st.lists(st.tuples(st.floats(-5, 20), st.floats(-5, 20)), max_size=30))
@pytest.mark.lengthy
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


@pytest.mark.lengthy
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


@examples(40)
@given(st.text(min_size=1, max_size=60), st.sampled_from(["karaoke", "pop", "classic"]))
@pytest.mark.lengthy
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


OVERRIDES = [
    ("{\\an8}Top words are here.", "Top words are here."),
    ("Top {\\an8} words {\\b1}are{\\b0} here.", "Top words are here."),
    ("{\\fad(100, 200)}Top {\\pos( 10, 20 )} words are here.{\\r}", "Top words are here."),
    ("{\\an8}{\\c&H0000FF&}Top words are here.", "Top words are here."),
    ("Sets {a, b} and {} and {\\an8 without an end", "Sets (a, b) and () and (\\an8 without an end"),
    ("C:\\New\\house is \\h a path", "C:\\\u2060New\\\u2060house is \\\u2060h a path"),
    ("<font color=red>Red</font> --> <c.x>b</c> &lt;", "‹font color=red›Red‹/font› → ‹c.x›b‹/c› &lt;"),
    ("At <00:01.000> it is <v Bob>said</v> there", "At ‹00:01.000› it is ‹v Bob›said‹/v› there"),
    ("NOTE this is STYLE and 00:00:01.000 line:0", "NOTE this is STYLE and 00:00:01.000 line:0"),
    ("{y:i}{c:$0000ff}Words of MicroDVD", "(y:i)(c:$0000ff)Words of MicroDVD"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "shown"), OVERRIDES)
def test_tags_typed_in_a_script_do_not_reach_a_player(tmp_path: Path, typed: str, shown: str) -> None:
    plan = plan_for(typed).model_copy(update={"translations": (Translation(language="de", scenes=(typed,)),)})
    texts = {file.path.name: file.path.read_text(encoding="utf-8") for file in write_all(plan, tmp_path)}
    for language in ("en", "de"):
        blocks = texts[f"captions.{language}.srt"].strip().split("\n\n")
        assert " ".join(" ".join(block.split("\n")[2:]) for block in blocks) == shown
        web = texts[f"captions.{language}.vtt"]
        assert web.count("-->") == len(blocks) == web.count("\n\n")
        told = " ".join(" ".join(block.split("\n")[2:]) for block in web.strip().split("\n\n")[1:])
        plain = html.unescape(re.sub(r"<\d\d:\d\d:\d\d\.\d{3}>", "", told))
        assert "{\\an8}" not in plain and not re.search(r"<(?!\d\d:\d\d:\d\d\.\d{3}>)", told)
        if "{" not in typed:
            assert plain == typed, "a WebVTT player shows what was typed"
    timeline = build_timeline(plan)
    drawn = " ".join(line_text(line) for cue in caption_cues(timeline, LAYOUTS[VideoFormat.WIDE]) for line in cue.lines)
    assert "{\\an8}" not in drawn and "\\fad" not in drawn and "\\c&H" not in drawn


def test_a_script_of_nothing_but_tags_has_no_captions(tmp_path: Path) -> None:
    for file in write_all(plan_for("{\\an8} {\\b1}"), tmp_path):
        assert "an8" not in file.path.read_text() and "-->" not in file.path.read_text()


def test_ffmpeg_shows_what_was_typed(tmp_path: Path) -> None:
    """The decoder of FFmpeg, which many players use, makes of SRT what libass draws."""
    plan = plan_for("{\\an8}Top words, C:\\New <i>x</i> {y:i} --> end.")
    path = next(file.path for file in write_all(plan, tmp_path) if file.kind == "srt")
    text = " ".join(ass_lines(path))
    assert "Top words" in text and "{" not in text and "\\an8" not in text and "\\New" not in text


def ass_lines(path: Path) -> list[str]:
    done = subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "ass", "-"], capture_output=True, text=True, check=True
    )
    return [line.split(",", 9)[-1] for line in done.stdout.splitlines() if line.startswith("Dialogue:")]


def test_a_tag_is_not_spoken_either() -> None:
    assert read_aloud("{\\an8}Top words {\\b1} {a}", "en").said == ("Top", "words", "", "{a}")
