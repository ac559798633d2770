"""The colours of captions: a brand's own where they can be read, nudged until they can where they cannot.

Contrast is WCAG 2.2's ratio (1 to 21; https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); 4.5 is its least for text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reelwright.domain.content.style import RenderStyle

from ..text.bitmaps import AMBER, INK, WHITE, Colour

READABLE = 4.5
_STEPS = 40
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True)
class Look:
    """A caption style with its colours: letters, the edge around them, the spoken word's accent, letters on it, and
    the letters of words that are not being spoken (`calm`, in pop)."""

    kind: Literal["karaoke", "pop", "classic"] = "karaoke"
    text: Colour = WHITE
    edge: Colour = INK
    accent: Colour = AMBER
    on_accent: Colour = INK
    calm: Colour = WHITE

    @classmethod
    def of(cls, style: RenderStyle) -> Look:
        """A plan's style, brand colours included, every pair of colours readable."""
        kind = style.captions.style
        text = rgb(style.brand.text)
        # Light letters get a dark edge and dark letters a light one, so that they stand out from any picture.
        edge = INK if contrast(text, INK) >= contrast(text, WHITE) else WHITE
        text = readable(text, edge)
        accent = rgb(style.brand.accent)
        if kind == "pop":
            # Brighter than it takes to be read: it has to lead the eye away from the calm words.
            accent = readable(accent, edge, 7.0)
        # One of black and white always reaches 4.58 on any colour; the softer ink is taken where it does too.
        on_accent = next((ink for ink in (INK, WHITE, BLACK) if contrast(ink, accent) >= READABLE), BLACK)
        return cls(kind, text, edge, accent, on_accent, readable(_mix(text, edge, 0.22), edge))


def rgb(colour: str) -> Colour:
    """`#RRGGBB` as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255.0 for v in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: Colour, ground: Colour, ratio: float = READABLE) -> Colour:
    """`colour`, moved towards white or black no further than it takes to be read on `ground`."""
    goal = WHITE if contrast(WHITE, ground) >= contrast(BLACK, ground) else BLACK
    steps = (_mix(colour, goal, step / _STEPS) for step in range(_STEPS + 1))
    return next((mixed for mixed in steps if contrast(mixed, ground) >= ratio), goal)


def _mix(colour: Colour, goal: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, goal, strict=True))
    return red, green, blue
