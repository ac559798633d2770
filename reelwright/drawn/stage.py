"""What all parts of a picture share while it is painted: canvas, colours, light, camera, chance."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .canvas import Canvas, Light, Pen
from .color import Color, lightness, mix, ramp, rgb
from .palettes import Palette
from .paths import Outline, polygon
from .reading import SceneReading

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Stage:
    """A picture in the making. Places are in parts of the picture's side: (0, 0) top left, (1, 1) bottom right.

    `horizon` is where land or water begins, `ground` where things stand, `sun` where the light is, `side` -1 or 1
    the side that the composition leans to, `shot` how near the camera is (0 wide, 1 medium, 2 close).
    """

    canvas: Canvas
    palette: Palette
    light: Light
    reading: SceneReading
    rng: np.random.Generator
    horizon: float
    ground: float
    sun: tuple[float, float]
    side: int
    shot: int

    @property
    def night(self) -> bool:
        """Whether lamps are lit and stars are out."""
        return self.reading.time == "night"

    @property
    def dim(self) -> bool:
        """Whether windows are lit."""
        if self.reading.setting == "abstract":
            return False
        return self.reading.time in ("night", "sunset") or self.reading.weather in ("rain", "storm")

    def pen(self, x: float, y: float, unit: float, *, haze: float = 0.0, flip: bool = False, turn: float = 0.0) -> Pen:
        """A pen whose middle and unit are given in parts of the picture."""
        size = self.canvas.size
        return Pen(self.canvas, self.light, x * size, y * size, unit * size, turn=turn, flip=flip, haze=haze)

    @property
    def page(self) -> Pen:
        """A pen that draws in parts of the picture."""
        return self.pen(0.0, 0.0, 1.0)

    def depth(self, t: float) -> Color:
        """The colour of land at distance t: 0 far, 1 near."""
        return mix(self.palette.far, self.palette.near, t)

    def fill_below(self, top: Curve, color: Color | str, to: Color | str, bottom: float = 1.0) -> None:
        """Fills from a curve of heights (evenly spread over the width) down to `bottom`, with a gradient.

        The colours are used as given, not lit: land far away is painted in the palette's own tones.
        """
        outline = ribbon_below(top, bottom)
        self.page.fill(outline, color, to, lit=True)

    def gradient(self, stops: list[tuple[float, Color]]) -> None:
        """Paints the whole picture with a vertical gradient of (height, colour) stops."""
        rows = ramp(stops, np.linspace(0, 1, self.canvas.size))
        self.canvas.pixels[:] = rows[:, None, :]


def ribbon_below(top: Curve, bottom: float) -> Outline:
    """The area between a curve of heights over the whole width and a level."""
    x = np.linspace(-0.01, 1.01, len(top))
    return np.vstack([np.stack([x, top], axis=-1), polygon([(1.01, bottom), (-0.01, bottom)])])


def waves(rng: np.random.Generator, n: int, octaves: int, first: float, *, fall: float = 0.5) -> Curve:
    """A wandering line, n values of about -1..1: `first` bumps over the width, each octave twice as many."""
    total = np.zeros(n)
    at = np.linspace(0, 1, n)
    for octave in range(octaves):
        frequency = first * 2**octave
        knots = rng.uniform(-1, 1, int(frequency) + 4)
        position = at * frequency + rng.uniform(0, 1)
        i = position.astype(int)
        t = position - i
        t = t * t * (3 - 2 * t)
        total += fall**octave * (knots[i] * (1 - t) + knots[i + 1] * t)
    return total / sum(fall**octave for octave in range(octaves))


def peaks(rng: np.random.Generator, n: int, octaves: int, first: float, *, fall: float = 0.48) -> Curve:
    """A jagged line, n values 0..1, its summits sharp (ridged noise)."""
    total = np.zeros(n)
    for octave in range(octaves):
        total += fall**octave * (1 - np.abs(waves(rng, n, 1, first * 2**octave)) * 1.3)
    total -= total.min()
    return np.asarray(total / max(float(total.max()), 1e-9))


def cloudy(rng: np.random.Generator, cells: tuple[int, int], octaves: int, size: int = 288) -> NDArray[np.float32]:
    """Smooth noise (size, size) of about 0..1; `cells` is its coarsest grid as (columns, rows)."""
    total = np.zeros((size, size), np.float32)
    weight = 0.0
    for octave in range(octaves):
        w, h = (min(size, c * 2**octave + 3) for c in cells)
        grid = rng.random((h, w), dtype=np.float32)
        total += cv2.resize(grid, (size, size), interpolation=cv2.INTER_CUBIC) * np.float32(0.52**octave)
        weight += 0.52**octave
    return total / np.float32(weight)


def light_of(palette: Palette, sun: tuple[float, float], *, dark: bool, haze: Color | None = None) -> Light:
    """The light that falls on a thing in the middle of the picture from where the sun or moon stands."""
    away = np.array([sun[0] - 0.5, sun[1] - 0.52])
    away /= max(float(np.hypot(*away)), 1e-6)
    toward = (float(away[0]), float(min(away[1], -0.35)))
    norm = float(np.hypot(*toward))
    shade = mix(mix(palette.near, palette.far, 0.5), "#ffffff", 0.15)
    shade = shade / max(float(shade.max()), 1e-6) * rgb("#9a9a9a")
    return Light(
        toward=(toward[0] / norm, toward[1] / norm),
        ambient=palette.ambient,
        shade=shade.astype(np.float32),
        rim=mix(palette.sun, "#ffffff", 0.15),
        haze=palette.haze if haze is None else haze,
        rim_strength=0.5 if dark else 0.6 + 0.2 * (lightness(palette.haze) < 0.75),
    )
