"""What a drawn subject is, and the small parts many share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..canvas import Pen
from ..color import Color, mix
from ..paths import Outline, limb

Habitat = Literal["stand", "float", "swim", "fly", "hover", "sky", "rise"]
"""Where a subject belongs: on its feet, in the water's surface, under water, in the air, as an emblem in a halo,
among the stars, or as part of the land."""


@dataclass(frozen=True)
class Props:
    """What a drawing may need beside its pen: chance, the colour of lamps, whether they are lit, the darkest tone."""

    rng: np.random.Generator
    glow: Color
    dim: bool
    dark: Color


Draw = Callable[[Pen, Props], None]


@dataclass(frozen=True)
class Sketch:
    """A subject: how it is drawn in a box of 1 x `width` round (0, 0), where it belongs, how tall it stands as a
    part of the picture, and whether it may be mirrored."""

    draw: Draw
    habitat: Habitat
    size: float = 0.34
    width: float = 1.0
    turns: bool = True


INK = "#2b2438"


def eye(pen: Pen, x: float, y: float, r: float, *, look: float = 0.2, white: str = "#fffaf0") -> None:
    """An eye with a glint."""
    pen.disc(x, y, r, white, form=0.2, rim=0.0)
    pen.disc(x + r * look, y, r * 0.62, INK, form=0.0, rim=0.0)
    pen.disc(x + r * (look - 0.22), y - r * 0.25, r * 0.22, "#ffffff", form=0.0, rim=0.0, lit=True)


def spots(
    pen: Pen, area: Outline, color: Color | str, places: list[tuple[float, float, float]], alpha: float = 0.5
) -> None:
    """Round spots within an outline."""
    inner = pen.inside(area)
    for x, y, r in places:
        inner.disc(x, y, r, color, form=0.0, rim=0.0, alpha=alpha)


def window(pen: Pen, props: Props, x: float, y: float, w: float, h: float, *, arch: float = 0.0) -> None:
    """A window, lit when lamps are."""
    frame = mix("#4a3b44", props.dark, 0.3)
    pen.bar(x - w * 0.62, y - h * 0.58, x + w * 0.62, y + h * 0.58, frame, radius=arch, form=0.0, rim=0.0)
    if props.dim:
        pen.bar(
            x - w / 2,
            y - h / 2,
            x + w / 2,
            y + h / 2,
            mix(props.glow, "#ffffff", 0.25),
            props.glow,
            radius=arch,
            lit=True,
        )
        pen.glow(x, y, max(w, h) * 1.6, props.glow, 0.30)
    else:
        pen.bar(x - w / 2, y - h / 2, x + w / 2, y + h / 2, "#bfe0ea", "#6f9db5", radius=arch, form=0.0, rim=0.0)
    pen.line([(x, y - h / 2), (x, y + h / 2)], w * 0.10, frame)


def flame(pen: Pen, x: float, y: float, height: float) -> None:
    """A flame standing on (x, y), shining by itself."""
    pen.glow(x, y - height * 0.4, height * 1.9, "#ffb347", 0.55)
    for scale, color in ((1.0, "#f2622e"), (0.74, "#ff9d3c"), (0.48, "#ffd86b"), (0.26, "#fff6d0")):
        h = height * scale
        w = h * 0.40
        points = [
            (x, y),
            (x - w * 0.75, y - h * 0.18),
            (x - w * 0.72, y - h * 0.48),
            (x - w * 0.18, y - h * 0.72),
            (x + w * 0.02, y - h),
            (x + w * 0.42, y - h * 0.66),
            (x + w * 0.78, y - h * 0.40),
            (x + w * 0.66, y - h * 0.12),
        ]
        pen.blob(points, color, lit=True)


def leafy(pen: Pen, x: float, y: float, length: float, angle: float, color: Color | str, *, fat: float = 0.34) -> None:
    """A leaf from its stalk at (x, y) along an angle in degrees, with its midrib."""
    a = np.deg2rad(angle)
    tip = (x + length * float(np.cos(a)), y + length * float(np.sin(a)))
    middle = ((x + tip[0]) / 2, (y + tip[1]) / 2 - length * 0.04)
    pen.fill(
        limb([(x, y), middle, tip], (length * 0.04, length * fat, 0.0)), color, mix(color, "#17343a", 0.3), form=0.5
    )
    pen.line(
        [(x, y), middle, (middle[0] * 0.15 + tip[0] * 0.85, middle[1] * 0.15 + tip[1] * 0.85)],
        length * 0.025,
        mix(color, "#ffffff", 0.35),
        alpha=0.7,
    )
