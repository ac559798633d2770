"""A thumbnail's title as a block of lines, each in its own size: as large as a box takes, the stressed part larger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from reelwright.domain.text.function_words import stop_words
from reelwright.domain.text.phrases import language_of

from ..plan.layout import Box
from .bitmaps import WHITE, Canvas, Colour, Glyphs, Style, draw_shaped, extent
from .headlines import Headline
from .shaping import Line, reads_right_to_left
from .title_breaks import Piece, cut_line, even_lines, title_pieces

HEAVY = 860
"""The weight of a thumbnail's type: it is seen a tenth as wide as it is drawn."""
_RULER = 100
"""Pixels: lines are broken at this size and scaled, so that trying another size costs nothing."""
_STEP = 0.94
_LARGER, _NARROW, _LARGEST = 1.16, 1.6, 2.4
"""How much larger than the rest the stressed part is at least where it has a line of its own (where it
fills little of that: only if it is much larger), and at most."""
_GIVES_UP = 0.72
"""The rest may become this much smaller for the stressed part to have lines of its own."""
_LINE_WORTH = 0.86
"""A block with a line less may be this much smaller: short lines of one small word look like a mistake."""
_SHORT = 0.42
"""Of the longest line: a line shorter than this stands alone."""
_LEADING, _APART = 1.12, 0.22
"""From one baseline to the next in type sizes; between the ink of two lines at least, in type sizes."""
_ACROSS_GAP = 0.985


@lru_cache(maxsize=1024)
def _reach(tokens: tuple[str, ...], style: Style) -> tuple[int, int]:
    # Glyphs are drawn to be measured: once for all sizes.
    return extent(style.line(tokens), style)


@dataclass(frozen=True)
class SetLine:
    """A line in three parts, the middle one stressed, and where it stands: `x` of its left end, `baseline`."""

    before: str
    strong: str
    after: str
    style: Style
    x: float = 0.0
    baseline: float = 0.0

    @property
    def line(self) -> Line:
        """Its glyphs."""
        return self.style.line((self.before, self.strong, self.after))

    @property
    def reach(self) -> tuple[float, float]:
        """How far its glyphs reach above and below its baseline."""
        above, below = _reach((self.before, self.strong, self.after), replace(self.style, size=_RULER, colour=WHITE))
        return above * self.style.size / _RULER, below * self.style.size / _RULER

    @property
    def ink(self) -> Box:
        """What its glyphs reach."""
        above, below = self.reach
        return Box(
            int(self.x), int(self.baseline - above), int(self.x + self.line.width) + 1, int(self.baseline + below) + 2
        )

    @property
    def stressed(self) -> list[Box]:
        """What the stressed part reaches: no higher and no lower than the line's ink."""
        ink = self.ink
        return [
            Box(int(self.x + left), ink.top, int(self.x + right) + 1, ink.bottom) for left, right in self.line.boxes(1)
        ]

    def glyphs(self, strong: bool) -> list[Glyphs]:
        """The runs of the stressed part, or of the rest."""
        return [Glyphs(self.x + run.x, self.baseline, run) for run in self.line.runs if (run.token == 1) is strong]


@dataclass(frozen=True)
class Block:
    """Lines in their places."""

    lines: tuple[SetLine, ...]

    @property
    def box(self) -> Box:
        """What all the glyphs reach."""
        inks = [line.ink for line in self.lines]
        return Box(
            min(ink.left for ink in inks),
            min(ink.top for ink in inks),
            max(ink.right for ink in inks),
            max(ink.bottom for ink in inks),
        )

    @property
    def size(self) -> int:
        """Of its largest type."""
        return max(line.style.size for line in self.lines)

    @property
    def least(self) -> int:
        """Of its smallest type."""
        return min(line.style.size for line in self.lines)

    def moved(self, x: float, y: float) -> Block:
        """The same block elsewhere."""
        return Block(tuple(replace(line, x=line.x + x, baseline=line.baseline + y) for line in self.lines))

    def within(self, box: Box, across: str, down: str) -> Block:
        """The block in a box: `across` is `left`, `right` or `middle` (each line by itself), `down` `top`, `bottom` or
        `middle`."""
        share = {"left": 0.0, "top": 0.0, "middle": 0.5, "right": 1.0, "bottom": 1.0}
        room = box.right - box.left
        lines = tuple(
            replace(line, x=box.left + share[across] * max(room - line.line.width, 0.0)) for line in self.lines
        )
        placed = Block(lines)
        high = placed.box.bottom - placed.box.top
        top = box.top + share[down] * max(box.bottom - box.top - high, 0)
        return placed.moved(0, top - placed.box.top)


@dataclass(frozen=True)
class Sizes:
    """The largest type of a block and of its stressed part, and the smallest worth reading; at most so many lines, and
    how far their ink stays apart at least, in type sizes."""

    most: int
    strong: int
    least: int
    lines: int = 5
    apart: float = _APART


def set_block(words: Headline, style: Style, width: float, height: float, sizes: Sizes) -> Block:
    """A headline as large as `width` x `height` take, with lines of its own for the stressed part where that leaves the
    rest readable; a line less where that costs little. What does not fit at the smallest size loses its end."""
    block = _largest(words, style, width, height, sizes)
    if block is not None and _uneven(block):
        fewer = _largest(words, style, width, height, replace(sizes, lines=len(block.lines) - 1))
        block = fewer if fewer is not None and fewer.least >= _LINE_WORTH * block.least else block
    return block or Block(_Fitting(words, style, width, height, sizes).cut())


def _uneven(block: Block) -> bool:
    """Whether a line is much shorter than the longest of its size."""
    plain = [line for line in block.lines if not (line.strong and not line.before + line.after)]
    widest = max((line.line.width for line in plain), default=0.0)
    return len(plain) > 1 and min(line.line.width for line in plain) < _SHORT * widest


def _largest(words: Headline, style: Style, width: float, height: float, sizes: Sizes) -> Block | None:
    fitting = _Fitting(words, style, width, height, sizes)
    size = sizes.most
    inline: tuple[SetLine, ...] = ()
    staged: tuple[SetLine, ...] = ()
    while size >= sizes.least:
        staged = staged or fitting.staged(size)
        inline = inline or fitting.inline(size)
        if staged or (inline and (not words.strong or size < _GIVES_UP * inline[0].style.size)):
            break
        size = min(int(size * _STEP), size - 1)
    return Block(staged or inline) if staged or inline else None


class _Fitting:
    """Breaks one headline's parts for one box."""

    def __init__(self, words: Headline, style: Style, width: float, height: float, sizes: Sizes) -> None:
        tongue, rtl = language_of(words.text, style.language), reads_right_to_left(words.text, style.language)
        self._words, self._declared, self._sizes = words, style.language, sizes
        self._style = replace(style, language=tongue, rtl=rtl)
        self._width, self._height = width * _ACROSS_GAP, height
        self._ruler = replace(self._style, size=_RULER)
        self._strong, rest = _with_marks(words)
        self._before, self._after = (self._pieces(text) if text.strip() else [] for text in (words.before, rest))
        self._whole = self._all()

    def inline(self, size: int) -> tuple[SetLine, ...]:
        """All of it in one size; empty where that does not fit."""
        style = replace(self._style, size=size)
        for count in range(1, self._sizes.lines + 1):
            made = self._stacked(_marked(self._broken(self._whole, size, count), self._words, style))
            if made:
                return made
        return ()

    def staged(self, size: int) -> tuple[SetLine, ...]:
        """The stressed part in a line of its own; empty where that does not fit or would not be larger."""
        style = replace(self._style, size=size)
        before, after = self._few(self._before, size), self._few(self._after, size)
        if not self._words.strong or before is None or after is None:
            return ()
        large = min(int(self._width * _RULER / self._ruler.measure(self._strong)), self._sizes.strong)
        large = min(large, int(_LARGEST * size))
        narrow = self._ruler.measure(self._strong) * large / _RULER < _SHORT * self._width
        while large >= (_NARROW if narrow else _LARGER) * size:
            strong = SetLine("", self._strong, "", replace(self._style, size=large))
            lines = [SetLine(line, "", "", style) for line in before]
            made = self._stacked([*lines, strong, *(SetLine(line, "", "", style) for line in after)])
            if made:
                return made
            large = min(int(large * _STEP), large - 1)
        return ()

    def cut(self) -> tuple[SetLine, ...]:
        """At the smallest size, without its end."""
        size = self._sizes.least
        style = replace(self._style, size=size)
        for keep in range(len(self._whole), 0, -1):
            kept = self._whole[:keep]
            if keep < len(self._whole):
                if keep > 1 and kept[-1].text.casefold() in stop_words(self._declared):
                    continue  # nothing ends with "and…"
                kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip(" .,;:–—-") + "…")
            for count in range(1, self._sizes.lines + 1):
                made = self._stacked(_marked(self._broken(kept, size, count), self._words, style))
                if made:
                    return made
        return tuple(_placed([SetLine(cut_line(self._words.text, style, self._width), "", "", style)], 0.0))

    def _stacked(self, lines: Sequence[SetLine]) -> tuple[SetLine, ...]:
        """The lines in their places; empty where they are too many or too high."""
        if not lines or len(lines) > self._sizes.lines:
            return ()
        made = tuple(_placed(lines, self._sizes.apart))
        box = Block(made).box
        return made if box.bottom - box.top <= self._height else ()

    def _broken(self, pieces: Sequence[Piece], size: int, count: int) -> list[str]:
        return even_lines(pieces, self._ruler, self._width * _RULER / size, count)

    def _few(self, pieces: Sequence[Piece], size: int) -> list[str] | None:
        """A part in as few lines as it takes; None where it does not fit at all."""
        if not pieces:
            return []
        return next((lines for n in range(1, self._sizes.lines) if (lines := self._broken(pieces, size, n))), None)

    def _pieces(self, text: str) -> list[Piece]:
        widest = self._width * _RULER / self._sizes.least
        return title_pieces(text, self._ruler, widest, lines=self._sizes.lines, declared=self._declared)

    def _all(self) -> list[Piece]:
        """The pieces of all of it; the stressed part stays in one line, with what no space parts from it."""
        words = self._words
        if not words.strong:
            return self._pieces(words.text)
        before, strong, after = list(self._before), Piece(self._strong, " "), list(self._after)
        if after and not words.after[len(self._strong) - len(words.strong) :][:1].isspace():
            strong = replace(strong, text=strong.text + after.pop(0).text)
        if before and not words.before[-1:].isspace():
            # Where spaces part the words, what stands directly before it belongs to it: an opening mark, an article.
            spaced = " " in words.before
            strong = replace(before[-1], text=before.pop().text + strong.text) if spaced else replace(strong, gap="")
        return [*before, strong, *after]


def _with_marks(words: Headline) -> tuple[str, str]:
    """The stressed part with the marks that stand at its end, and what follows it."""
    rest = words.after
    marks = rest[: len(rest) - len(rest.lstrip(".,:;!?…。、！？：；»”’\"')]）"))]
    return words.strong + marks, rest[len(marks) :]


def _marked(lines: Sequence[str], words: Headline, style: Style) -> list[SetLine]:
    """The lines with the stressed part of each found by counting the letters before it."""
    begin = len("".join(words.before.split()))
    end = begin + len("".join(words.strong.split()))
    made: list[SetLine] = []
    at = 0
    for line in lines:
        first = last = -1
        for place, sign in enumerate(line):
            if not sign.isspace():
                if begin <= at < end:
                    first, last = (place if first < 0 else first), place + 1
                at += 1
        first, last = (0, 0) if first < 0 else (first, last)
        made.append(SetLine(line[:first], line[first:last], line[last:], style))
    return made


def _placed(lines: Sequence[SetLine], apart: float) -> list[SetLine]:
    """Lines one below the other from 0 down. Lines of one size keep one distance; none touches the one above it."""
    placed: list[SetLine] = []
    for line in lines:
        above, _ = line.reach
        baseline = above
        if placed:
            last = placed[-1]
            _, below = last.reach
            smaller = min(line.style.size, last.style.size)
            even = _LEADING * smaller if line.style.size == last.style.size else 0.0
            baseline = last.baseline + max(below + above + apart * smaller, even)
        placed.append(replace(line, baseline=baseline))
    return placed


def draw_block(canvas: Canvas, block: Block, strong: Colour) -> None:
    """The block's glyphs: the rest in its style's colour, the stressed part in another one."""
    for line in block.lines:
        draw_shaped(canvas, line.glyphs(False), line.style)
        draw_shaped(canvas, line.glyphs(True), replace(line.style, colour=strong))
