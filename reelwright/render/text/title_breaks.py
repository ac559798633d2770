"""Titles in few lines of even length, broken between words, or between phrases where a script has no spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reelwright.domain.text.phrases import language_of, phrases
from reelwright.domain.text.sentence_ends import bound_to_next
from reelwright.domain.text.shortening import elided, is_string_of_signs, short_address

from ..captions.words import pieces_of
from .bitmaps import Style

MAX_LINES = 3
_SMALLEST = 24
"""Pixels; type that is small from the beginning, in a small picture, goes down to half of that."""
_SHRINKS = 0.93
_LEAST_SHARE = 0.6
"""Of its size: a word that would have to be smaller to fit a line is broken."""
_TOO_WIDE = 1.25
"""Of the width of a line: what is wider does not fit with another piece before it either. (One that is only just too
wide may: letters that join are narrower than alone.)"""
_LONGEST = 12
"""No line of a title holds more pieces than this at a size worth reading."""


@dataclass(frozen=True)
class Piece:
    """What stays together on a line; `gap` is what stands before it where it does not begin one."""

    text: str
    gap: str


def break_title(text: str, style: Style, width: float, *, lines: int = MAX_LINES) -> tuple[list[str], Style]:
    """A title in at most `lines` lines of even length, in the largest size up to `style` that fits `width`.

    An address that is wider than a line is shortened. The style that comes back has the language whose letter forms
    fit the text.
    """
    declared, style = style.language, replace(style, language=language_of(text, style.language))
    pieces = title_pieces(text, style, width, lines=lines, declared=declared)
    smallest = _SMALLEST if style.size > 2 * _SMALLEST else style.size // 2
    while style.size > smallest:
        for count in range(1, lines + 1):
            broken = even_lines(pieces, style, width, count)
            if broken:
                return broken, style
        style = replace(style, size=int(style.size * _SHRINKS))
    return _cut(pieces, style, width, lines) or [cut_line(text, style, width)], style


def title_pieces(text: str, style: Style, width: float, *, lines: int = MAX_LINES, declared: str = "") -> list[Piece]:
    """What a title may be broken between; `declared` is the language that its writer gave it."""
    return [
        Piece(phrase, " " if position == 0 else "")
        for word in _held(text.split(), declared)
        for position, phrase in enumerate(_phrases(word, style, width, lines))
    ]


def _held(words: Sequence[str], language: str) -> list[str]:
    """The words with the marks that stand alone beside them."""
    held: list[str] = []
    holds = False
    for word, holds_next in zip(words, bound_to_next(words, language), strict=True):
        held.append(f"{held.pop()} {word}" if holds else word)
        holds = holds_next
    return held


def _phrases(word: str, style: Style, width: float, lines: int) -> list[str]:
    """What a line may begin with among the parts of a word; no word alone is broken into more parts than lines."""
    parts: list[str] = []
    for phrase in phrases(word, style.language):
        if style.measure(phrase) <= width:
            parts.append(phrase)
            continue
        short = short_address(phrase, lambda text: style.measure(text) <= width)
        if is_string_of_signs(short):
            short = elided(short, lambda text: style.measure(text) <= width)
        parts += pieces_of(short, style.measure, max(width / _LEAST_SHARE, style.measure(short) / lines * 1.08))
    return parts


def _line(pieces: Sequence[Piece]) -> str:
    return pieces[0].text + "".join(piece.gap + piece.text for piece in pieces[1:])


def even_lines(pieces: Sequence[Piece], style: Style, width: float, count: int) -> list[str]:
    """The pieces in exactly `count` lines as even as can be; empty when one of them would be wider than `width`."""
    # best[k][n]: the least sum of squared widths with the first n pieces in k lines, and where its last line begins.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    measured: dict[tuple[int, int], float] = {}
    for _ in range(count):
        reach: dict[int, tuple[float, int]] = {}
        for end in range(1, len(pieces) + 1):
            options = []
            for begin in range(end - 1, max(end - _LONGEST, 0) - 1, -1):
                if begin not in best[-1]:
                    continue
                if (begin, end) not in measured:
                    measured[begin, end] = style.measure(_line(pieces[begin:end]))
                line = measured[begin, end]
                if line <= width:
                    options.append((best[-1][begin][0] + line * line, begin))
                elif line > _TOO_WIDE * width:
                    break
            if options:
                reach[end] = min(options)
        best.append(reach)
    if len(pieces) not in best[count]:
        return []
    broken: list[str] = []
    end = len(pieces)
    for k in range(count, 0, -1):
        begin = best[k][end][1]
        broken.insert(0, _line(pieces[begin:end]))
        end = begin
    return broken


def _cut(pieces: Sequence[Piece], style: Style, width: float, lines: int) -> list[str]:
    """As many of the pieces as fit the lines, with an ellipsis; empty where not even the first one does."""
    for count in range(len(pieces) - 1, 0, -1):
        last = replace(pieces[count - 1], text=pieces[count - 1].text.rstrip(" .,;:–—-") + "…")
        broken = even_lines([*pieces[: count - 1], last], style, width, lines)
        if broken:
            return broken
    return []


def cut_line(text: str, style: Style, width: float) -> str:
    """As much of the text as fits one line, with an ellipsis."""
    while text and style.measure(text + "…") > width:
        text = text[:-1].rstrip()
    return text + "…"
