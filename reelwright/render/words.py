"""The words of captions: their times put in order, and those divided that cannot or need not stay whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from .breaking import phrases
from .fonts import clusters

Measure = Callable[[str], float]

_SIGNS_PER_WORD = 3.3
"""So many signs of a script without spaces count as a word: it takes the eye about as long."""


@dataclass(frozen=True)
class CueWord:
    """A word in a caption: `text` as written, `shown` as drawn (without symbols the font lacks; may be empty).

    `joined` has no space before it: the rest of a broken word, or, where it is `soft`, the next phrase in a script
    without spaces, which a line may as well begin with."""

    text: str
    shown: str
    start: float
    end: float
    joined: bool = False
    soft: bool = False

    @property
    def weight(self) -> float:
        """How many words it counts for."""
        return len(clusters(self.text)) / _SIGNS_PER_WORD if self.soft else 1.0


def repair_times(times: Sequence[tuple[float, float]], first: float, last: float) -> list[tuple[float, float]]:
    """Words' (start, end) put in order, between `first` and `last`; good times come back as they are.

    The order of the words is the text's, so only the times are moved: they are clamped, the starts sorted and given
    out anew in the order of the words, each word then ends no later than the next begins. Words that begin together
    share the time there is until the next one. The same input always gives the same output.
    """
    begins = sorted(min(max(start, first), last) for start, _ in times)
    lasting = [max(end - start, 0.0) for start, end in times]
    repaired: list[tuple[float, float]] = []
    at = 0
    while at < len(begins):
        after = at + 1
        while after < len(begins) and begins[after] <= begins[at]:
            after += 1
        limit = begins[after] if after < len(begins) else last
        count = after - at
        if count == 1:
            repaired.append((begins[at], min(begins[at] + lasting[at], limit)))
        else:
            share = (limit - begins[at]) / count
            repaired += [(begins[at] + share * k, begins[at] + share * (k + 1)) for k in range(count)]
        at = after
    return repaired


def split_unspaced(words: Iterable[CueWord], language: str) -> list[CueWord]:
    """Words of scripts without spaces as phrases that may stand on different lines, the time shared by characters."""
    return [piece for word in words for piece in _divide(word, phrases(word.text, language), soft=True)]


def fit_words(words: Iterable[CueWord], measure: Measure, limit: float) -> list[CueWord]:
    """Breaks words wider than `limit`, each piece with its share of the time."""
    fitted: list[CueWord] = []
    for word in words:
        if measure(word.shown) <= limit:
            fitted.append(word)
        else:
            # Symbols outside the fonts cannot be placed among the pieces; the subtitle text is then the drawn one.
            whole = replace(word, text=word.shown)
            fitted += _divide(whole, _pieces(word.shown, measure, limit), soft=False)
    return fitted


def _divide(word: CueWord, pieces: Sequence[str], *, soft: bool) -> list[CueWord]:
    if len(pieces) < 2:
        return [word]
    counts = [len(clusters(piece)) for piece in pieces]
    share = (word.end - word.start) / sum(counts)
    parts: list[CueWord] = []
    at = 0
    for index, (piece, count) in enumerate(zip(pieces, counts, strict=True)):
        begin, at = at, at + count
        parts.append(
            CueWord(
                piece,
                piece,
                word.start + share * begin,
                word.start + share * at,
                joined=index > 0 or word.joined,
                soft=(soft and index > 0) or (index == 0 and word.soft),
            )
        )
    return parts


def _pieces(text: str, measure: Measure, limit: float) -> list[str]:
    pieces: list[str] = []
    rest = clusters(text)
    while rest:
        # Bisect the longest beginning that fits; one cluster always goes, so this ends.
        low, high = 1, len(rest)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if measure("".join(rest[:middle])) <= limit else (low, middle - 1)
        pieces.append("".join(rest[:low]))
        rest = rest[low:]
    return pieces
