"""Titles in few lines of even length, broken between words, or between phrases where a script has no spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .breaking import language_of, phrases
from .text import Style

MAX_LINES = 3
_SMALLEST = 24
_SHRINKS = 0.93
_LONGEST = 12
"""No line of a title holds more pieces than this at a size worth reading."""


@dataclass(frozen=True)
class _Piece:
    """What stays together on a line; `gap` is what stands before it where it does not begin one."""

    text: str
    gap: str


def break_title(text: str, style: Style, width: float, *, lines: int = MAX_LINES) -> tuple[list[str], Style]:
    """A title in at most `lines` lines of even length, in the largest size up to `style` that fits `width`.

    The style that comes back has the language whose letter forms fit the text.
    """
    style = replace(style, language=language_of(text, style.language))
    pieces = [
        _Piece(phrase, " " if position == 0 else "")
        for word in text.split()
        for position, phrase in enumerate(phrases(word, style.language))
    ]
    while style.size > _SMALLEST:
        for count in range(1, lines + 1):
            broken = _even_lines(pieces, style, width, count)
            if broken:
                return broken, style
        style = replace(style, size=int(style.size * _SHRINKS))
    return [cut_line(text, style, width)], style


def _line(pieces: Sequence[_Piece]) -> str:
    return pieces[0].text + "".join(piece.gap + piece.text for piece in pieces[1:])


def _even_lines(pieces: Sequence[_Piece], style: Style, width: float, count: int) -> list[str]:
    """The pieces in exactly `count` lines as even as can be; empty when one of them would be wider than `width`."""
    # best[k][n]: the least sum of squared widths with the first n pieces in k lines, and where its last line begins.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(count):
        reach: dict[int, tuple[float, int]] = {}
        for end in range(1, len(pieces) + 1):
            options = []
            for begin in range(max(end - _LONGEST, 0), end):
                if begin in best[-1]:
                    line = style.measure(_line(pieces[begin:end]))
                    if line <= width:
                        options.append((best[-1][begin][0] + line * line, begin))
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


def cut_line(text: str, style: Style, width: float) -> str:
    """As much of the text as fits one line, with an ellipsis."""
    while text and style.measure(text + "…") > width:
        text = text[:-1].rstrip()
    return text + "…"
