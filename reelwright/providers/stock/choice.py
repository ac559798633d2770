"""Which of the works found fits a scene: by what it shows, its shape, its size and its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from reelwright.domain.ports.providing import Shape, StockHit, StockQuery

from .words import stems

LEAST_KEPT = 0.3
"""A work of which less than this share is seen once it is cropped shows something else than was chosen."""
LEAST_LOOP_S = 3.0
"""A shorter clip, played round and round, is seen to repeat."""
_ASPECT: dict[Shape, Fraction] = {"16:9": Fraction(16, 9), "9:16": Fraction(9, 16), "1:1": Fraction(1)}


@dataclass(frozen=True)
class Fit:
    """A work with how well it fits, 0 to 1."""

    hit: StockHit
    score: float


def kept(width: int, height: int, shape: Shape) -> float:
    """The share of a picture that is seen once it is cropped to a shape."""
    have, want = Fraction(width, height), _ASPECT[shape]
    return float(min(have / want, want / have))


def sharpness(width: int, height: int, shape: Shape, pixels: int) -> float:
    """Pixels of the work for each of the video's, along a side: below 1 it is enlarged. `pixels`: the video's shorter
    side."""
    aspect = _ASPECT[shape]
    wide, high = (pixels * aspect, Fraction(pixels)) if aspect >= 1 else (Fraction(pixels), pixels / aspect)
    return float(min(width / wide, height / high))


def fits(width: int, height: int, query: StockQuery, least_sharpness: float) -> bool:
    """Whether a work of this size can be shown in every shape of the query."""
    if width <= 0 or height <= 0:
        return False
    return all(
        sharpness(width, height, shape, query.pixels) >= least_sharpness and kept(width, height, shape) >= LEAST_KEPT
        for shape in query.shapes
    )


def ranked(hits: Sequence[StockHit], query: StockQuery, words: str, least_sharpness: float) -> list[StockHit]:
    """The works that can be shown, the best first. What is described, and shares no word with the search, is left out:
    it would only fill."""
    fitting: list[Fit] = []
    for place, hit in enumerate(hits):
        score = _score(hit, query, words, place, least_sharpness)
        if score > 0:
            fitting.append(Fit(hit, score))
    fitting.sort(key=lambda fit: -fit.score)
    return [fit.hit for fit in fitting]


def _score(hit: StockHit, query: StockQuery, words: str, place: int, least_sharpness: float) -> float:
    if hit.kind != query.kind or not fits(hit.width, hit.height, query, least_sharpness):
        return 0.0
    told = stems(" ".join((hit.credit.title, *hit.tags)))
    wanted = stems(words)
    shared = len(told & wanted) / max(len(wanted), 1)
    if told and not shared:
        return 0.0
    length = 1.0
    if query.kind == "clip":
        if hit.seconds < min(query.seconds, LEAST_LOOP_S):
            return 0.0
        length = min(hit.seconds / query.seconds, 1.0) if query.seconds else 1.0
    seen = min(kept(hit.width, hit.height, shape) for shape in query.shapes)
    sharp = min(min(sharpness(hit.width, hit.height, shape, query.pixels) for shape in query.shapes), 1.0)
    return (0.45 * shared + 0.2 / (1 + 0.1 * place) + 0.2 * seen + 0.15 * sharp) * (0.4 + 0.6 * length)
