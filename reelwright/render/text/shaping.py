"""From words to glyphs in their places: which face, which direction, which order on the line.

The order is the Unicode Bidirectional Algorithm's (UAX #9), its levels resolved by `python-bidi`, then rule L2 on
whole runs; shaping within a run (joining, ligatures, matras, regional forms) is HarfBuzz's, through Pillow's Raqm.
Isolates and overrides do not occur: `domain.text.clean` takes them away.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bidi import algorithm  # type: ignore[import-untyped, unused-ignore]

from .fonts import DIRECTION_MARKS, Face, Faces, font, resolve, resolved

_ONLY_FORWARD = frozenset({"L", "EN", "ES", "ET", "CS", "NSM", "BN", "B", "S", "WS", "ON"})
"""Kinds of characters that are all at level 0 in a left-to-right paragraph where there are no others."""
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
EMOJI_ADVANCE = 1.16
"""The width of an emoji and the room around it, in font sizes."""


@dataclass(frozen=True)
class Run:
    """Text of one face and direction at `x` (its left end, pixels from the line's). Emoji where `face` is None.

    `token` is the index of the word it belongs to.
    """

    text: str
    face: Face | None
    rtl: bool
    token: int
    x: float
    width: float


@dataclass(frozen=True)
class Line:
    """A shaped line: its runs from left to right and its width in pixels."""

    runs: tuple[Run, ...]
    width: float

    def boxes(self, token: int) -> list[tuple[float, float]]:
        """(left, right) of a word; more than one where mixed directions tear it apart."""
        boxes: list[tuple[float, float]] = []
        for run in self.runs:
            if run.token != token:
                continue
            if boxes and run.x - boxes[-1][1] < 0.5:
                boxes[-1] = boxes[-1][0], run.x + run.width
            else:
                boxes.append((run.x, run.x + run.width))
        return boxes


@dataclass(frozen=True)
class _Piece:
    text: str
    face: Face | None
    level: int
    token: int


def reads_right_to_left(text: str, language: str = "") -> bool:
    """Whether most letters with a direction belong to a right-to-left script; in a language (BCP 47) that is written
    so, whether any does: a line about Latin names is still read from the right."""
    kinds = [unicodedata.bidirectional(c) for c in text]
    count = sum(kind in ("R", "AL") for kind in kinds)
    return count > (0 if language.lower().split("-")[0] in _RIGHT_TO_LEFT else kinds.count("L"))


@lru_cache(maxsize=4096)
def shape(tokens: tuple[str, ...], size: int, weight: int, rtl: bool, language: str, fonts: Faces = ()) -> Line:
    """Sets words (with whatever space stands before them as part of the word) on a line.

    `rtl` is the paragraph's direction, `language` a BCP 47 tag for regional letter forms or empty, `fonts` are the
    preferred faces.
    """
    runs: list[Run] = []
    x = 0.0
    for piece in _visual(_pieces(tokens, rtl, fonts)):
        right_to_left = piece.level % 2 == 1
        width = _width(piece, size, weight, language)
        # Space between words belongs to no word: no pill reaches into it.
        if not piece.text.isspace():
            runs.append(Run(piece.text, piece.face, right_to_left, piece.token, x, width))
        x += width
    return Line(tuple(runs), x)


def _width(piece: _Piece, size: int, weight: int, language: str) -> float:
    if piece.face is None:
        return size * EMOJI_ADVANCE
    direction = "rtl" if piece.level % 2 else "ltr"
    face = font(size, weight, piece.face)
    return float(face.getlength(piece.text, direction=direction, language=language or None))


def _pieces(tokens: Sequence[str], rtl: bool, fonts: Faces) -> list[_Piece]:
    """The line cut where word, face or level changes. Emoji stand alone: each is a picture of its own."""
    levels = _levels("".join(tokens), rtl)
    pieces: list[_Piece] = []
    at = 0
    for token, text in enumerate(tokens):
        body = text.lstrip(" ")
        if len(text) > len(body):
            pieces.append(_Piece(text[: len(text) - len(body)], _face_before(pieces, fonts), levels[at], token))
            at += len(text) - len(body)
        fresh = True
        for cluster, found in resolved(body, fonts):
            level = levels[at]
            at += len(cluster)
            face: Face | None
            if cluster.isspace():
                face, drawn = _face_before(pieces, fonts), cluster
            else:
                if found is None or cluster in DIRECTION_MARKS:
                    continue
                face, drawn = found.face, found.text
            last = pieces[-1] if pieces and not fresh else None
            if last and face is not None and last.face == face and last.level == level:
                pieces[-1] = _Piece(last.text + drawn, face, level, token)
            else:
                pieces.append(_Piece(drawn, face, level, token))
            fresh = False
    return pieces


def _face_before(pieces: Sequence[_Piece], fonts: Faces) -> Face | None:
    for piece in reversed(pieces):
        if piece.face is not None:
            return piece.face
    drawn = resolve("x", fonts)
    return drawn.face if drawn else None


def _levels(text: str, rtl: bool) -> list[int]:
    """The embedding level of each character. Joiners, which the algorithm ignores, get their neighbour's."""
    if not rtl and _ONLY_FORWARD.issuperset(map(unicodedata.bidirectional, text)):
        return [0] * len(text)
    heard = [c for c in text if unicodedata.bidirectional(c) != "BN"]
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = (1, "R") if rtl else (0, "L")
    algorithm.get_embedding_levels("".join(heard), storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    found = iter(storage["chars"])
    levels: list[int] = []
    for c in text:
        silent = unicodedata.bidirectional(c) == "BN"
        levels.append((levels[-1] if levels else int(rtl)) if silent else int(next(found)["level"]))
    return levels


def _visual(pieces: list[_Piece]) -> list[_Piece]:
    """Rule L2: from the highest level down to the lowest odd one, turn round what stands at that level or above."""
    ordered = list(pieces)
    for level in range(max((piece.level for piece in ordered), default=0), 0, -1):
        begin = 0
        while begin < len(ordered):
            end = begin
            while end < len(ordered) and ordered[end].level >= level:
                end += 1
            ordered[begin:end] = reversed(ordered[begin:end])
            begin = max(end, begin + 1)
    return ordered
