"""Burned-in captions: what is said, with the word being spoken on a warm pill.

A bitmap is made once per state (one per highlighted word) and blended into the frames it belongs to. Outside text is
only ever drawn as glyphs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from reelwright.domain.formats import FPS

from .cues import Column, Cue, CueWord, break_scene, line_text, settle_times
from .fonts import BOLD, drawable, require_letters
from .layout import Layout
from .overlay import Overlay, make_overlay
from .text import AMBER, INK, Canvas, Placed, Style, draw_text, glyph_mask, pill_mask
from .timeline import FADE_OUT, Timeline

FADE_FRAMES = 3
"""A caption that follows a pause comes and goes this softly; one that follows another takes its place at once."""


def caption_style(layout: Layout, scale: float = 1.0) -> Style:
    """White, bold, thin dark outline, soft shadow; `scale` shrinks it all."""
    size = max(int(layout.caption_size * scale), 8)
    return Style(size=size, weight=BOLD, outline=max(size * 0.035, 1.0), shadow=size * 0.11)


def caption_cues(timeline: Timeline, layout: Layout) -> tuple[Cue, ...]:
    """What is shown when, in one format. Raises `InvalidInput` where a scene's script cannot be drawn."""
    style = caption_style(layout)
    widths: dict[str, float] = {}

    def measure(text: str) -> float:
        if text not in widths:
            widths[text] = style.measure(text)
        return widths[text]

    column = Column(measure, layout.caption_width, layout.caption_words)
    cues: list[Cue] = []
    for scene in timeline.scenes:
        require_letters(" ".join(word.text for word in scene.words), where=f"scene {scene.scene}")
        words = [CueWord(word.text, drawable(word.text), word.start, word.end) for word in scene.words]
        cues += break_scene(words, column)
    return tuple(settle_times(cues, last=timeline.seconds - FADE_OUT / FPS / 2))


class CaptionTrack:
    """The captions of one format, ready to be laid over frames."""

    def __init__(self, cues: Sequence[Cue], layout: Layout) -> None:
        self._layout = layout
        self._cues = [cue for cue in cues if cue.drawn]
        self._first = [round(cue.start * FPS) for cue in self._cues]
        self._last = [max(round(cue.end * FPS), first + 1) for cue, first in zip(self._cues, self._first, strict=True)]
        self._art: tuple[int, _CueArt] | None = None

    def at(self, frame: int) -> tuple[Overlay, float] | None:
        """What to blend at a frame, and how strongly."""
        index = bisect_right(self._first, frame) - 1
        if index < 0 or frame >= self._last[index]:
            return None
        if self._art is None or self._art[0] != index:
            self._art = index, _CueArt(self._cues[index], self._layout)
        art = self._art[1]
        overlay = art.state(_spoken(art.words, (frame + 0.5) / FPS))
        return None if overlay is None else (overlay, self._weight(index, frame))

    def _weight(self, index: int, frame: int) -> float:
        follows = index > 0 and self._last[index - 1] >= self._first[index] - 1
        followed = index + 1 < len(self._cues) and self._first[index + 1] <= self._last[index] + 1
        coming = 1.0 if follows else (frame - self._first[index] + 1) / FADE_FRAMES
        going = 1.0 if followed else (self._last[index] - frame) / FADE_FRAMES
        return min(coming, going, 1.0)


def _spoken(words: Sequence[CueWord], seconds: float) -> int | None:
    """The position of the word to highlight: the last one begun, let go shortly after it has been said."""
    begun = [position for position, word in enumerate(words) if word.shown and word.start <= seconds]
    if not begun:
        return None
    last = begun[-1]
    following = words[last + 1].start if last + 1 < len(words) else words[last].end + 0.15
    return last if seconds < max(following, words[last].end) + 1e-9 else None


class _CueArt:
    """The bitmaps of one cue: its text once, and each state on top of it, made when first needed."""

    def __init__(self, cue: Cue, layout: Layout) -> None:
        self._layout = layout
        self._style = caption_style(layout, cue.scale)
        self.words = cue.words
        self._states: dict[int | None, Overlay | None] = {}
        style, pad = self._style, self._style.pad
        texts = [line_text(line) for line in cue.lines]
        widths = [style.measure(text) for text in texts]
        width = int(max(widths)) + 2 * pad + 2
        height = len(texts) * style.line_height + 2 * pad
        self._canvas = Canvas(width, height)
        self._boxes: list[tuple[Placed, float] | None] = []
        for row, (line, text_width) in enumerate(zip(cue.lines, widths, strict=True)):
            self._place(line, (width - text_width) / 2, pad + row * style.line_height + style.ascent)
        draw_text(self._canvas, [box[0] for box in self._boxes if box], style)
        self._x = round((layout.width - width) / 2)
        self._y = round(layout.caption_y - height / 2)

    def _place(self, line: Sequence[CueWord], left: float, baseline: float) -> None:
        """Where each word stands: measured as the line's beginning up to it, so that kerning is kept."""
        for position, word in enumerate(line):
            if not word.shown:
                self._boxes.append(None)
                continue
            until = self._style.measure(line_text(line[: position + 1]))
            own = self._style.measure(word.shown)
            self._boxes.append((Placed(left + until - own, baseline, word.shown), own))

    def state(self, spoken: int | None) -> Overlay | None:
        """The bitmap with the word at `spoken` highlighted."""
        if spoken not in self._states:
            canvas = self._canvas
            box = None if spoken is None else self._boxes[spoken]
            if box is not None:
                canvas = canvas.copy()
                self._highlight(canvas, *box)
            self._states[spoken] = make_overlay(
                canvas.rgba(), self._x, self._y, self._layout.width, self._layout.height
            )
        return self._states[spoken]

    def _highlight(self, canvas: Canvas, run: Placed, width: float) -> None:
        size = self._style.size
        left, right = int(run.x - size * 0.15), int(run.x + width + size * 0.15) + 1
        top, bottom = int(run.baseline - size * 0.92), int(run.baseline + size * 0.32)
        left, right = max(left, 0), min(right, canvas.width)
        canvas.paint(pill_mask(right - left, bottom - top, size * 0.2), AMBER, left, top)
        inside = Placed(run.x - left, run.baseline - top, run.text)
        canvas.paint(glyph_mask(right - left, bottom - top, [inside], self._style), INK, left, top)
