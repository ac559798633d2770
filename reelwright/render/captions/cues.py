"""Which words are shown together: captions of one or two lines, broken by punctuation, pauses and measured width.

Pure: the caller passes the function that measures a word. Finding the breaks is a shortest-path problem over the words
of a scene (dynamic programming, as in Knuth & Plass, "Breaking Paragraphs into Lines", 1981, with costs of our own).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from reelwright.domain.text.phrases import sets_no_spaces
from reelwright.domain.text.sentence_ends import is_abbreviated, sentence_ends

from .directions import foreign_runs, hold_directions
from .words import MIN_CUE_S, CueWord, Measure, fit_words, hold_marks, repair_times, split_unspaced

__all__ = [
    "Column",
    "Cue",
    "CueWord",
    "break_scene",
    "hold_marks",
    "line_text",
    "repair_times",
    "settle_times",
    "split_unspaced",
]

LEAD_S = 0.06
"""A caption comes this much before its first word: it must be there when the word is."""
LINGER_S = 0.45
"""And stays this much after its last one, if the next does not need the place."""
LONG_CUE_S = 3.0
"""A caption longer than this is divided where the words allow it: the eye should not run ahead of the voice."""

_PLAIN = 1.5
"""The cost of a break inside a phrase, between two full words."""
_ABBREVIATED = 5.0
"""Of a break after an abbreviation's full stop."""
_NAME = 12.0
"""Of a break inside a name that is read in the other direction: each line is ordered by itself."""
_TORN = 6.0
"""The most a break between the two lines of a caption costs: both are seen at once."""
_OVERFULL = 10.0
"""A division of a caption into lines that costs more than this has a line that does not fit."""
_CLOSERS = "\"'”’“‘»«›‹)]」』）】》〉"
_STOPS = tuple(".!?…。！？｡؟۔।॥")
_PAUSES = tuple(",;:—–،؛、，；：､")
# Hindi's postpositions, particles and auxiliaries and Korean's bound nouns belong to what stands before them.
_LEANS_BACK = frozenset(
    {
        "का",
        "की",
        "के",
        "को",
        "से",
        "में",
        "पर",
        "ने",
        "तक",
        "है",
        "हैं",
        "था",
        "थी",
        "थे",
        "हूँ",
        "हो",
        "ही",
        "भी",
        "तो",
        "जी",
        "रहा",
        "रही",
        "रहे",
        "गया",
        "गई",
        "गए",
        "수",
        "것",
        "게",
        "뿐",
        "때",
        "중",
        "등",
        "개",
        "명",
        "번",
        "년",
        "월",
        "일",
    }
)
# The small words of Chinese and Thai that belong to what follows them.
_LEANS_FORWARD = frozenset(
    (
        *"把被将將在从從对對向往给給让讓用到和与與跟比或更最很太又也还還都就才再不没沒要会會能可每各这這那该該全",
        *(
            "ที่",
            "ของ",
            "ใน",
            "และ",
            "แต่",
            "หรือ",
            "จะ",
            "ไม่",
            "ก็",
            "กับ",
            "โดย",
            "เป็น",
            "มี",
            "ให้",
            "ว่า",
            "จาก",
            "ถึง",
            "ด้วย",
        ),
        *("เพราะ", "เพื่อ", "เมื่อ", "ทุก", "หลาย", "ยัง", "ต้อง", "ได้", "การ", "ความ", "อย่าง"),
    )
)


@dataclass(frozen=True)
class Cue:
    """What is shown from `start` to `end` (seconds): one or two lines. `scale` shrinks the font where needed; `rtl`
    is the direction the paragraph is read in, `language` (BCP 47) picks regional letter forms."""

    lines: tuple[tuple[CueWord, ...], ...]
    start: float
    end: float
    scale: float = 1.0
    rtl: bool = False
    language: str = ""

    @property
    def words(self) -> tuple[CueWord, ...]:
        """All words in reading order."""
        return tuple(word for line in self.lines for word in line)

    @property
    def drawn(self) -> bool:
        """Whether there is anything to draw."""
        return any(word.shown for word in self.words)


@dataclass(frozen=True)
class Column:
    """The room for captions: how words are measured, the width of a line and the most words in it."""

    measure: Measure
    width: float
    words: int

    def line_width(self, line: Iterable[CueWord]) -> float:
        """The width of a line as drawn at full size."""
        return self.measure(line_text(line))


def line_text(line: Iterable[CueWord], *, original: bool = False) -> str:
    """A line's words as one string; `original` keeps the symbols that cannot be drawn."""
    parts: list[str] = []
    for word in line:
        text = word.text if original else word.shown
        if text:
            parts.append(text if word.joined or not parts else " " + text)
    return "".join(parts)


def break_scene(words: Sequence[CueWord], column: Column, *, language: str = "", rtl: bool = False) -> list[Cue]:
    """The cheapest division of one scene's words into cues, in order, times as spoken.

    `language` (BCP 47) decides where sentences end, `rtl` is the paragraph's direction.
    """
    if not words:
        return []
    words = fit_words(words, column.measure, column.width)
    if rtl:
        words = hold_directions(words)
    breaks = _Breaks(words, column, language=language, rtl=rtl)
    best: list[tuple[float, list[int]]] = [(0.0, [])] * (len(words) + 1)
    for begin in range(len(words) - 1, -1, -1):
        options = []
        for end in range(begin + 1, len(words) + 1):
            if end > begin + 1 and breaks.weight(begin, end) > 2 * column.words:
                break
            cost, middle = breaks.cue(begin, end)
            options.append((cost + best[end][0], [begin, middle, end]))
        best[begin] = min(options)
    cues: list[Cue] = []
    begin = 0
    while begin < len(words):
        _, middle, end = best[begin][1]
        lines = [words[begin:middle], words[middle:end]] if middle < end else [words[begin:end]]
        widest = max(column.line_width(line) for line in lines)
        cues.append(
            Cue(
                tuple(tuple(line) for line in lines),
                words[begin].start,
                words[end - 1].end,
                scale=min(1.0, column.width / widest) if widest else 1.0,
                rtl=rtl,
            )
        )
        begin = end
    return cues


def _tie(word: CueWord, after: CueWord) -> float:
    """What it costs to part two words inside a phrase. Articles, prepositions and conjunctions belong to what follows;
    in most languages they are the short words."""
    if after.soft:
        return 2.6 if word.text in _LEANS_FORWARD else _PLAIN
    if after.text.rstrip(_CLOSERS + "".join(_STOPS + _PAUSES)) in _LEANS_BACK:
        return 4.5
    return 2.6 if sum(c.isalpha() for c in word.text) <= 3 else _PLAIN


def _is_clause_end(word: CueWord, after: CueWord) -> bool:
    """Whether the space between two words is one of a script that sets none between words: Thai ends clauses so."""
    return not after.joined and sets_no_spaces(word.text) and sets_no_spaces(after.text)


class _Breaks:
    """What a cue of the words from `begin` to `end` costs: how well it ends, is split and is balanced."""

    def __init__(self, words: Sequence[CueWord], column: Column, *, language: str, rtl: bool) -> None:
        self.words = words
        self.column = column
        self.language = language
        self.sentences = sentence_ends([word.text for word in words], language)
        self.names = foreign_runs(words, rtl=rtl)
        widths = [column.measure(word.shown) if word.shown else 0.0 for word in words]
        space = column.measure(" ")
        self.weights = [0.0, *accumulate(word.weight for word in words)]
        self.right = [0.0]
        self.left: list[float] = []
        for word, width in zip(words, widths, strict=True):
            gap = 0.0 if word.joined or not word.shown else space
            self.left.append(self.right[-1] + gap)
            self.right.append(self.left[-1] + width)
        self.ends = [self._end(position) for position in range(len(words))]

    def _end(self, position: int) -> float:
        """How bad a break after this word is: 0 after a sentence, 3 inside a phrase."""
        if position == len(self.words) - 1:
            return 0.0
        word, after = self.words[position], self.words[position + 1]
        if after.joined and not after.soft:
            return _TORN
        if self.sentences[position]:
            return 0.0
        if not any(c.isalnum() for c in after.text) or (position and self._leads(position)):
            return _TORN
        text = word.text.rstrip(_CLOSERS)
        if text.endswith(_PAUSES) or _is_clause_end(word, after):
            return 0.6
        if self.names[position]:
            return _NAME
        if is_abbreviated(word.text, after.text, self.language):
            return _ABBREVIATED
        if after.start - word.end > 0.25:
            return 0.6
        tied = _tie(word, after)
        # A phrase's last word should not be carried over alone.
        widow = self.sentences[position + 1] or after.text.rstrip(_CLOSERS).endswith(_PAUSES)
        return tied + (1.2 if widow else 0.0) + (0.9 if self._just_begun(position) else 0.0)

    def _leads(self, position: int) -> bool:
        """Whether this is a mark that begins a sentence, such as the dash of a dialogue."""
        return self.sentences[position - 1] and not any(c.isalnum() for c in self.words[position].text)

    def _just_begun(self, position: int) -> bool:
        """Whether a phrase began only one or two words ago: better to break before it than to tear it."""
        return any(before.text.endswith(_PAUSES) for before in self.words[max(position - 2, 0) : position])

    def weight(self, begin: int, end: int) -> float:
        """How many words the words from `begin` to `end` count for."""
        return self.weights[end] - self.weights[begin]

    def _line(self, begin: int, end: int) -> tuple[float, float]:
        """(width, cost) of one line."""
        width = self.right[end] - self.left[begin]
        over = max(width / self.column.width - 1.0, 0.0)
        return width, over * 400.0 + max(self.weight(begin, end) - self.column.words, 0.0) * 20.0

    def cue(self, begin: int, end: int) -> tuple[float, int]:
        """(cost, where the second line begins); that is `end` for a cue of one line."""
        width, cost = self._line(begin, end)
        options = [(cost + 0.05 * (width / self.column.width) ** 2, end)]
        for middle in range(begin + 1, end):
            above, above_cost = self._line(begin, middle)
            below, below_cost = self._line(middle, end)
            uneven = (above - below) / self.column.width
            # Between two lines that stand together any break will do, but after a small word.
            end_cost = min(self.ends[middle - 1], _TORN)
            apart = 0.3 * min(end_cost, _PLAIN) + 1.2 * max(end_cost - _PLAIN, 0.0)
            split = above_cost + below_cost + apart + 2.4 * uneven * uneven + 0.35
            options.append((split, middle))
        lines, middle = min(options)
        inner = sum(
            1.0 if position + 1 == middle else 2.5 for position in range(begin, end - 1) if self.ends[position] == 0.0
        )
        seconds = self.words[end - 1].end - self.words[begin].start
        lone = 2.5 if end - begin == 1 and len(self.words) > 1 else 0.0
        hurried = 3.0 * max(MIN_CUE_S - seconds, 0.0) / MIN_CUE_S
        tired = 0.9 * max(seconds - LONG_CUE_S, 0.0)
        # A word too wide for the line shrinks all of its caption: better few words than many.
        shrunk = 1.5 * (end - begin - 1) if lines > _OVERFULL else 0.0
        return 1.0 + lines + self.ends[end - 1] + inner + lone + hurried + tired + shrunk, middle


def settle_times(cues: Sequence[Cue], *, last: float) -> list[Cue]:
    """Gives each cue a moment before and after its words, and at least 0.7 s where its neighbours leave room.

    No cue overlaps the next, none goes past `last` seconds.
    """
    settled: list[Cue] = []
    for position, cue in enumerate(cues):
        floor = settled[-1].end if settled else 0.0
        start = min(max(cue.start - LEAD_S, floor), cue.start)
        ceiling = last
        if position + 1 < len(cues):
            # Half the way at least, so that even words without a pause between them leave each cue some time.
            following = cues[position + 1].start
            ceiling = max(following - LEAD_S, (cue.start + following) / 2)
        end = min(max(cue.end + LINGER_S, start + MIN_CUE_S), ceiling, last)
        end = max(end, start)
        settled.append(replace(cue, start=start, end=end))
    return settled
