"""Burned-in captions: the spoken text, word by word, in one of three styles.

karaoke puts the spoken word on a pill of the accent colour; pop lets it grow in the accent colour while the rest is
calm; classic shows plain text on a box. A bitmap is made once per state (one per highlighted word) and blended into
the frames it belongs to. Foreign text is only ever drawn as glyphs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

from reelwright.domain.content.story import PartTiming
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.formats import FPS, VideoFormat
from reelwright.domain.text.phrases import language_of

from ..plan.layout import LAYOUTS, Layout
from ..plan.timeline import SceneSpan, Timeline
from ..plan.words import Word
from ..text.fonts import Faces, drawable, require_letters, undrawable
from ..text.shaping import reads_right_to_left
from .art import CueArt, Layers, caption_style
from .colours import Look
from .cues import LEAD_S, Column, Cue, CueWord, break_scene, hold_marks, repair_times, settle_times, split_unspaced
from .words import strike_overrides

__all__ = [
    "CaptionTrack",
    "caption_cues",
    "caption_notes",
    "caption_style",
    "caption_track",
    "format_track",
    "timed_words",
]

FADE_S = 0.1
"""The fade of a caption before a pause, in seconds; one after a pause is complete when its first word is spoken. One
that follows another replaces it at once."""
_KEPT = 2
"""Cues whose bitmaps are kept: the one being shown and the one before. Ten minutes take no more memory than ten
seconds."""


def caption_track(plan: RenderPlan, timeline: Timeline, layout: Layout) -> CaptionTrack:
    """The burned-in captions of a plan, in its style and colours, at the timeline's frame rate; with `burn_in`
    off, a track that shows nothing. Raises `InvalidInput` where a scene's script cannot be drawn."""
    cues: Sequence[Cue] = ()
    if plan.style.captions.burn_in:
        cues = caption_cues(timeline, layout, language=plan.material.story.language)
    return CaptionTrack(cues, layout, fps=timeline.fps, look=Look.of(plan.style))


def format_track(plan: RenderPlan, format: VideoFormat, timeline: Timeline) -> CaptionTrack:
    """The captions as they are drawn in a format."""
    return caption_track(plan, timeline, LAYOUTS[format])


def caption_notes(plan: RenderPlan, timeline: Timeline, fonts: Faces = ()) -> list[str]:
    """The notes on a plan's burned-in captions, a line for each scene with signs left out."""
    notes = []
    for scene in timeline.scenes if plan.style.captions.burn_in else ():
        missing = undrawable(" ".join(word.text for word in scene.words), fonts)
        if missing:
            codes = ", ".join("+".join(f"U+{ord(c):04X}" for c in cluster) for cluster in missing[:5])
            notes.append(f"scene {scene.scene + 1}: signs no font has are left out of the picture: {codes}")
    return notes


def timed_words(scene: SceneSpan, timeline: Timeline, show: Callable[[str], str]) -> list[CueWord]:
    """A scene's words with their times repaired where they must be; `show` returns what is drawn of a text."""
    times = repair_times(
        [(word.start, word.end) for word in scene.words],
        scene.speech_first / timeline.fps,
        scene.speech_last / timeline.fps,
    )
    words = [
        CueWord(word.text, word.text, *time, parts=_repaired_parts(word, time))
        for word, time in zip(scene.words, times, strict=True)
    ]
    return [replace(word, shown=show(word.text)) for word in strike_overrides(words)]


def _repaired_parts(word: Word, time: tuple[float, float]) -> tuple[PartTiming, ...]:
    """The times inside a word, in order and inside its own."""
    if not word.parts:
        return ()
    spans = repair_times([(part.start, part.end) for part in word.parts], *time)
    return tuple(PartTiming(part.at, *span) for part, span in zip(word.parts, spans, strict=True))


def caption_cues(timeline: Timeline, layout: Layout, *, language: str = "") -> tuple[Cue, ...]:
    """What is shown when, in one format. Raises `InvalidInput` where a scene's script cannot be drawn."""
    text = " ".join(word.text for word in timeline.words)
    forms = language_of(text, language)
    rtl = reads_right_to_left(text, language)
    style = replace(caption_style(layout), language=forms, rtl=rtl)
    column = Column(remembering(style.measure), layout.caption_width, layout.caption_words)
    cues: list[Cue] = []

    def shown(text: str) -> str:
        return drawable(text, layout.fonts)

    for scene in timeline.scenes:
        spoken = " ".join(word.text for word in scene.words)
        require_letters(spoken, where=f"scene {scene.scene + 1}", preferred=layout.fonts)
        words = split_unspaced(hold_marks(timed_words(scene, timeline, shown), language), forms)
        words = [replace(word, shown=shown(word.text)) for word in words]
        cues += [replace(cue, language=forms) for cue in break_scene(words, column, language=language, rtl=rtl)]
    return tuple(settle_times(cues, last=last_moment(timeline)))


def last_moment(timeline: Timeline) -> float:
    """When the last caption must be gone: in the middle of the final fade, seconds."""
    return timeline.seconds - timeline.pace.fade_out / timeline.fps / 2


def remembering(measure: Callable[[str], float]) -> Callable[[str], float]:
    """`measure`, called once for each text."""
    widths: dict[str, float] = {}

    def remembered(text: str) -> float:
        if text not in widths:
            widths[text] = measure(text)
        return widths[text]

    return remembered


class CaptionTrack:
    """The captions of one format, ready to be laid over frames."""

    def __init__(self, cues: Sequence[Cue], layout: Layout, fps: int = FPS, look: Look | None = None) -> None:
        self._layout = layout
        self._fps = fps
        self._look = look or Look()
        self._cues = [cue for cue in cues if cue.drawn]
        self._first = [round(cue.start * fps) for cue in self._cues]
        self._last = [max(round(cue.end * fps), first + 1) for cue, first in zip(self._cues, self._first, strict=True)]
        self._art: OrderedDict[int, CueArt] = OrderedDict()

    def at(self, frame: int) -> tuple[Layers, float] | None:
        """What to blend at a frame, and how strongly."""
        index = bisect_right(self._first, frame) - 1
        if index < 0 or frame >= self._last[index]:
            return None
        art = self._drawn(index)
        return art.state(_spoken(art.words, (frame + 0.5) / self._fps)), self._weight(index, frame)

    def _drawn(self, index: int) -> CueArt:
        if index not in self._art:
            while len(self._art) >= _KEPT:
                self._art.popitem(last=False)
            self._art[index] = CueArt(self._cues[index], self._layout, self._look)
        self._art.move_to_end(index)
        return self._art[index]

    def _weight(self, index: int, frame: int) -> float:
        follows = index > 0 and self._last[index - 1] >= self._first[index] - 1
        followed = index + 1 < len(self._cues) and self._first[index + 1] <= self._last[index] + 1
        come, go = (max(round(seconds * self._fps), 1) for seconds in (LEAD_S, FADE_S))
        coming = 1.0 if follows else (frame - self._first[index] + 1) / come
        going = 1.0 if followed else (self._last[index] - frame) / go
        return min(coming, going, 1.0)


def _spoken(words: Sequence[CueWord], seconds: float) -> int | None:
    """The position of the word to highlight: the last one begun, until shortly after it was spoken."""
    begun = [position for position, word in enumerate(words) if word.shown and word.start <= seconds]
    if not begun:
        return None
    last = begun[-1]
    following = words[last + 1].start if last + 1 < len(words) else words[last].end + 0.15
    return last if seconds < max(following, words[last].end) + 1e-9 else None
