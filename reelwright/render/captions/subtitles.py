"""Subtitle files with all symbols kept: the spoken language's and, timed inside the same scenes, the translations'.

SRT has no standard; this follows what players agree on (counter, `HH:MM:SS,mmm --> ...`, text, empty line).
WebVTT: https://www.w3.org/TR/webvtt1/, sections 4.1 (file) and 4.2.2 (cue text, timestamp tags).
Both are shown by players that judge a line's direction by its first letter, or not at all: lines whose direction is
not plain from that are held between marks (RLM, LRM; UAX #9, section 2.6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from reelwright.domain.content.story import Translation
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import VideoFormat
from reelwright.domain.text.incoming import one_line
from reelwright.domain.text.phrases import language_of
from reelwright.domain.text.shortening import spoken_length

from ..plan.layout import LAYOUTS
from ..plan.timeline import Timeline, build_timeline
from ..process.parent import make_scratch
from ..process.trouble import writing
from ..text.fonts import Faces, undrawable
from ..text.preferred import NO_FILES, preferred_faces
from ..text.shaping import reads_right_to_left
from .art import caption_style
from .burn import last_moment, remembering, timed_words
from .cues import Column, Cue, CueWord, break_scene, hold_marks, line_text, settle_times, split_unspaced
from .words import strike_overrides

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LINE_BREAK = re.compile(r"\\(?=[Nnh])")
_JOINER = "\u2060"
_RLM, _LRM = "\u200f", "\u200e"


@dataclass(frozen=True)
class SubtitleFile:
    """One written file."""

    language: str
    kind: Literal["srt", "vtt"]
    path: Path


def write_all(plan: RenderPlan, workdir: Path, files: Mapping[str, Path] = NO_FILES) -> list[SubtitleFile]:
    """Writes `captions.<language>.srt` and `.vtt` for the spoken language and each translation. `files`
    has the fonts of the plan's style by sha256.

    Raises `InvalidInput` (field `translations`) for a language named twice or not at all, or texts that do not match
    the scenes; `OutOfSpace` or `RenderFailed` where the files cannot be written.
    """
    fonts = preferred_faces(plan.style, files)
    return write_tracks(
        build_timeline(plan), plan.material.story.language, plan.translations, plan.formats, workdir, fonts
    )


def write_tracks(
    timeline: Timeline,
    spoken: str,
    translations: Sequence[Translation],
    formats: Sequence[VideoFormat],
    workdir: Path,
    fonts: Faces = (),
) -> list[SubtitleFile]:
    """The same for the scenes of a timeline, spoken in `spoken`; formats and fonts decide how long a line is."""
    tracks = [(spoken, _spoken(timeline, spoken, formats, fonts))]
    for translation in translations:
        language = translation.language
        if not _TAG.fullmatch(language) or language.lower() in {taken.lower() for taken, _ in tracks}:
            raise InvalidInput(
                f"{language[:20]!r} is not a language of its own",
                field="translations.language",
                remedy="name each language once, by its tag, such as de or pt-br, and not the spoken one",
            )
        tracks.append((language, _translated(timeline, formats, translation, fonts)))
    files: list[SubtitleFile] = []
    scratch = make_scratch(workdir)
    with writing(workdir, "writing the captions"):
        for language, cues in tracks:
            # A spoken language that is no plain tag (a story may contain anything) is not used in a file's name.
            name = language if _TAG.fullmatch(language) else "und"
            texts: tuple[tuple[Literal["srt", "vtt"], str], ...] = (
                ("srt", srt(cues)),
                ("vtt", vtt(cues, language=language)),
            )
            for kind, text in texts:
                part = scratch / f"{name}.{kind}"
                part.write_text(text, encoding="utf-8", newline="\n")
                files.append(SubtitleFile(language, kind, part.replace(workdir / f"captions.{name}.{kind}")))
        scratch.rmdir()
    return files


def spoken_cues(timeline: Timeline, plan: RenderPlan) -> list[Cue]:
    """The cues of the spoken language: words with the voice's own times."""
    return _spoken(timeline, plan.material.story.language, plan.formats)


def translated_cues(timeline: Timeline, plan: RenderPlan, translation: Translation) -> list[Cue]:
    """The cues of a translation: each scene's text over the time its narration takes, by characters."""
    return _translated(timeline, plan.formats, translation)


def _spoken(timeline: Timeline, language: str, formats: Sequence[VideoFormat], fonts: Faces = ()) -> list[Cue]:
    scenes = [timed_words(scene, timeline, str) for scene in timeline.scenes]
    return _cues(scenes, timeline, formats, language, fonts)


def _translated(
    timeline: Timeline, formats: Sequence[VideoFormat], translation: Translation, fonts: Faces = ()
) -> list[Cue]:
    if len(translation.scenes) != len(timeline.scenes):
        raise InvalidInput(
            f"{translation.language} has {len(translation.scenes)} scenes, the story {len(timeline.scenes)}",
            field="translations.scenes",
            remedy="give one text for each scene",
        )
    scenes: list[list[CueWord]] = []
    for scene, text in zip(timeline.scenes, translation.scenes, strict=True):
        tokens = one_line(text).split()
        first, last = scene.speech_first / timeline.fps, scene.speech_last / timeline.fps
        if scene.words:
            # A voice's own silence before its first word and after its last is not read in.
            first, last = min(max(scene.words[0].start, first), last), max(min(scene.words[-1].end, last), first)
        total = sum(spoken_length(token) + 1 for token in tokens) or 1
        words: list[CueWord] = []
        done = 0
        for token in tokens:
            begin, done = done, done + spoken_length(token) + 1
            span = last - first
            words.append(CueWord(token, token, first + span * begin / total, first + span * done / total))
        scenes.append(strike_overrides(words))
    return _cues(scenes, timeline, formats, translation.language, fonts)


def _cues(
    scenes: Sequence[Sequence[CueWord]],
    timeline: Timeline,
    formats: Sequence[VideoFormat],
    declared: str,
    fonts: Faces,
) -> list[Cue]:
    # A player shows subtitles in its own type over a wide picture in most cases, so that format's lines are used.
    wide = VideoFormat.WIDE
    layout = replace(LAYOUTS[wide if wide in formats or not formats else formats[0]], fonts=fonts)
    text = " ".join(word.text for words in scenes for word in words)
    forms, rtl = language_of(text, declared), reads_right_to_left(text, declared)
    style = replace(caption_style(layout), language=forms, rtl=rtl)

    def measure(text: str) -> float:
        # A player has fonts we have not: a sign that only we cannot draw is taken to be a full one wide.
        return style.measure(text) + style.size * len(undrawable(text, fonts))

    column = Column(remembering(measure), layout.caption_width, layout.caption_words)
    cues: list[Cue] = []
    for scene in scenes:
        words = split_unspaced(hold_marks(scene, declared), forms)
        cues += break_scene(words, column, language=declared, rtl=rtl)
    return settle_times(cues, last=last_moment(timeline))


def srt(cues: Sequence[Cue]) -> str:
    """A SubRip file."""
    blocks = []
    for number, cue in enumerate(_told(cues), start=1):
        lines = (_srt_text(line_text(line, original=True)) for line in cue.lines)
        text = "\n".join(_held(line, line, rtl=cue.rtl) for line in lines)
        blocks.append(f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{text}\n")
    return "\n".join(blocks)


def vtt(cues: Sequence[Cue], *, language: str) -> str:
    """A WebVTT file. Each word carries the time it is spoken at, so that players can follow along."""
    # The header is read line by line: only a plain language tag (BCP 47) may go into it.
    named = f"Language: {language}\n" if _TAG.fullmatch(language) else ""
    blocks = [f"WEBVTT\nKind: captions\n{named}"]
    for number, cue in enumerate(_told(cues), start=1):
        blocks.append(f"{number}\n{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_vtt_cue(cue)}\n")
    return "\n".join(blocks)


def _held(marked: str, text: str, *, rtl: bool) -> str:
    """A line between direction marks where its first letter does not show its direction, or another direction's
    letters are in it. `marked` is the line with markup, `text` the line alone."""
    kinds = {unicodedata.bidirectional(c) for c in text}
    if not kinds & {"R", "AL"}:
        return f"{_RLM}{marked}{_RLM}" if rtl and text else marked
    mark = _RLM if rtl else _LRM
    return f"{mark}{marked}{mark}"


def _told(cues: Iterable[Cue]) -> list[Cue]:
    """Cues that last at least a millisecond and have text; a shorter one would be an error to a player."""
    return [cue for cue in cues if _millis(cue.end) > _millis(cue.start) and any(word.text for word in cue.words)]


def _srt_text(text: str) -> str:
    # SRT has no escapes, but players read <i>, {\an8}, \N and the arrow. Characters that look alike are only text, and
    # an unseen joiner keeps a backslash from its letter.
    text = text.replace("-->", "→").replace("<", "‹").replace(">", "›").replace("{", "(").replace("}", ")")
    return _LINE_BREAK.sub(f"\\\\{_JOINER}", text)


def _vtt_text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _vtt_cue(cue: Cue) -> str:
    """A cue's lines with a timestamp before each word; timestamps must lie inside the cue and rise."""
    lines: list[str] = []
    latest = _millis(cue.start)
    for line in cue.lines:
        parts: list[str] = []
        for word in line:
            at = _millis(word.start)
            tag = f"<{_clock(word.start, '.')}>" if latest < at < _millis(cue.end) else ""
            latest = max(latest, at)
            gap = "" if word.joined or not parts else " "
            parts.append(f"{gap}{tag}{_vtt_text(word.text)}")
        lines.append(_held("".join(parts), line_text(line, original=True), rtl=cue.rtl))
    return "\n".join(lines)


def _millis(seconds: float) -> int:
    return round(seconds * 1000)


def _clock(seconds: float, point: str) -> str:
    millis = max(_millis(seconds), 0)
    hours, rest = divmod(millis, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{point}{rest % 1000:03}"
