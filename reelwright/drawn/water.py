"""Water that mirrors what stands above it, and the world below its surface."""

from __future__ import annotations

import cv2
import numpy as np

from .color import Color, mix, rgb
from .land import paint_rocks
from .paths import limb, oval, pebble, polygon, smooth
from .sky import rays
from .stage import Curve, Stage, cloudy, waves


def paint_water(
    stage: Stage, *, level: float, bottom: float = 1.0, mirror: float = 0.55, rough: float = 1.0, sparkle: bool = True
) -> None:
    """Fills from `level` to `bottom` with water mirroring the picture above; `mirror` 0..1 is how clearly."""
    size = stage.canvas.size
    y0, y1 = int(level * size), int(bottom * size)
    rows = y1 - y0
    if rows < 8:
        return
    step = 2  # the mirrored picture is soft anyway: half the resolution is plenty
    h, w = rows // step + 1, size // step
    above = cv2.resize(stage.canvas.pixels[:y0], (w, max(2, y0 // step)), interpolation=cv2.INTER_AREA)
    depth = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    ripple = cv2.resize(cloudy(stage.rng, (5, 90), 3, 288), (w, h), interpolation=cv2.INTER_CUBIC)
    near = cv2.resize(cloudy(stage.rng, (4, 26), 3, 288), (w, h), interpolation=cv2.INTER_CUBIC)
    swing = ((ripple - 0.5) * (1 - depth) + (near - 0.5) * depth) * 2
    gx, gy = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    map_x = gx + swing * (0.010 + 0.045 * depth) * w * rough
    map_y = np.clip(above.shape[0] - 1 - gy * 0.85 + swing * 0.10 * h * depth * rough, 0, above.shape[0] - 1)
    image = cv2.remap(
        above, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    palette = stage.palette
    deep = mix(mix(palette.sky[0], palette.near, 0.42), "#0e4a66", 0.25 if not stage.night else 0.1)
    tint = mix(palette.sky[2], deep, 0.45)
    t = depth[..., None] ** 0.8
    body = tint * (1 - t) + deep * t
    image = image * (mirror * (1 - 0.55 * t)) + body * (1 - mirror * (1 - 0.55 * t))
    crest = np.clip((swing - 0.16) * 5, 0, 1)[..., None] * 0.16
    image += crest * (palette.haze - image)
    trough = np.clip((-swing - 0.18) * 5, 0, 1)[..., None] * 0.20
    image += trough * (deep - image)
    stage.canvas.pixels[y0:y1] = cv2.resize(image, (size, rows), interpolation=cv2.INTER_LINEAR)
    if sparkle:
        _glitter(stage, level, bottom, rough)


def _glitter(stage: Stage, level: float, bottom: float, rough: float) -> None:
    """The broken path of light under the sun, and a few glints elsewhere."""
    rng = stage.rng
    veiled = stage.reading.weather in ("rain", "storm", "fog", "snow")
    lines = []
    for _ in range(50 if veiled else 190):
        t = rng.random() ** 1.4
        y = level + (bottom - level) * t
        spread = 0.012 + 0.11 * t
        x = stage.sun[0] + rng.normal(0, spread) if not veiled and rng.random() < 0.8 else rng.uniform(0, 1)
        half = (0.004 + 0.028 * t) * rng.uniform(0.4, 1.2) * (0.7 + 0.3 * rough)
        lines.append(oval(float(x), float(y), half, 0.0007 + 0.0022 * t))
    stage.page.fill_all(lines, mix(stage.palette.sun, "#ffffff", 0.2), lit=True, alpha=0.55 if not veiled else 0.25)


def paint_swell(stage: Stage, level: float, *, count: int = 4, height: float = 0.02) -> None:
    """Rolling waves in front of the open water, each with a broken light crest."""
    rng, palette = stage.rng, stage.palette
    x = np.linspace(-0.01, 1.01, 220)
    for i in range(count):
        t = (i + 1) / count
        base = level + (1 - level) * (0.34 + 0.58 * t**1.2)
        swell = waves(rng, 220, 2, 2.5 - t, fall=0.35) + 0.16 * waves(rng, 220, 2, 16)
        top = base - height * (0.8 + 1.2 * t) * swell
        body = mix(
            mix(palette.sky[1], palette.sky[2], 0.4 * (1 - t)), mix(palette.near, "#0e4a66", 0.3), 0.40 + 0.35 * t
        )
        stage.fill_below(top, mix(body, palette.haze, 0.16), mix(body, palette.near, 0.6))
        crest = np.clip(waves(rng, 220, 3, 7), 0, 1) * (0.006 + 0.014 * t)
        foam_line = np.vstack([np.stack([x, top - 0.0005], -1), np.stack([x, top + crest], -1)[::-1]])
        stage.page.fill(foam_line, mix(palette.haze, "#ffffff", 0.35), lit=True, alpha=0.42)


# --- below the surface -----------------------------------------------------------------------------------------------


def paint_depths(stage: Stage) -> None:
    """Water from the bright surface down to the seabed: shafts of light, far reefs, sand."""
    palette, rng = stage.palette, stage.rng
    stage.gradient([(at, color) for at, color in zip((0.0, 0.26, 0.62, 0.95), palette.sky, strict=True)])
    size = stage.canvas.size
    stage.canvas.glow(stage.sun[0] * size, -0.05 * size, 0.75 * size, palette.sun, 0.55, power=1.6)
    field = cloudy(rng, (6, 30), 3)
    depth = np.linspace(0, 1, len(field), dtype=np.float32)[:, None]
    stage.canvas.shade(
        np.clip((field - 0.52) * 5, 0, 1) * np.clip(0.42 - depth, 0, 1) * 0.9, mix(palette.sun, palette.cloud, 0.4)
    )
    rays(stage, stage.sun[0], -0.16, strength=0.36, spread=40.0)
    for i in range(3):
        t = i / 2
        top = 0.60 + 0.10 * t - (0.11 - 0.02 * t) * waves(rng, 240, 4, 2.5 + i) + 0.02
        color = mix(palette.haze, palette.far, 0.25 + 0.45 * t)
        stage.fill_below(top, color, mix(color, palette.near, 0.35), bottom=1.0)
        _kelp(stage, top, mix(color, palette.near, 0.12 + 0.1 * t), count=7, height=0.10 + 0.05 * t)
    _fish_far(stage)


def _kelp(stage: Stage, top: Curve, color: Color, *, count: int, height: float, sides: bool = False) -> None:
    """Weeds that sway on a curve of heights, long leaves to both sides; with `sides` the middle stays open."""
    rng = stage.rng
    shapes = []
    for _ in range(count):
        x = float(rng.uniform(0, 1))
        if sides:
            x = 0.5 + (0.5 - abs(x - 0.5) * 0.36) * (1 if x > 0.5 else -1)
        y = float(np.interp(x, np.linspace(0, 1, len(top)), top)) + 0.01
        tall = height * rng.uniform(0.5, 1.3)
        phase, sway = rng.uniform(0, 6), 0.085 * tall
        line = [
            (x + sway * float(np.sin(phase + 5.5 * t)) * (0.4 + t), y - tall * float(t)) for t in np.linspace(0, 1, 7)
        ]
        wide = 0.055 * tall
        shapes.append(limb(line, (wide * 0.5, wide * 0.6, wide * 0.4, 0.001)))
        spine = smooth(line, closed=False, steps=3)
        for k in range(2, len(spine) - 1):
            side = 1 if k % 2 else -1
            leaf = 0.17 * tall * (1 - 0.5 * k / len(spine))
            px, py = float(spine[k, 0]), float(spine[k, 1])
            shapes.append(
                limb(
                    [(px, py), (px + side * leaf * 0.6, py - leaf * 0.35), (px + side * leaf, py - leaf * 0.95)],
                    (wide * 0.3, wide * 0.85, 0.0),
                    steps=4,
                )
            )
    stage.page.fill_all(shapes, color, mix(color, stage.palette.near, 0.3), lit=True)


def _fish_far(stage: Stage) -> None:
    """A distant school."""
    rng = stage.rng
    shapes = []
    cx, cy = 0.5 - 0.24 * stage.side, rng.uniform(0.24, 0.36)
    for _ in range(26):
        x, y = cx + rng.normal(0, 0.075), cy + rng.normal(0, 0.028)
        r = rng.uniform(0.005, 0.009)
        shapes += [
            oval(x, y, r, r * 0.42),
            polygon(
                [
                    (x - stage.side * r * 0.7, y),
                    (x - stage.side * r * 1.7, y - r * 0.5),
                    (x - stage.side * r * 1.7, y + r * 0.5),
                ]
            ),
        ]
    stage.page.fill_all(shapes, mix(stage.palette.haze, stage.palette.near, 0.35), lit=True, alpha=0.8)


def paint_reef(stage: Stage) -> None:
    """The seabed close by: sand, stones, corals at the sides, bubbles."""
    rng, palette = stage.rng, stage.palette
    sand = mix(rgb("#d9c595") * palette.ambient, palette.far, 0.45)
    top = 0.80 + 0.02 * waves(rng, 200, 3, 2) - 0.05 * (np.abs(np.linspace(-1, 1, 200)) ** 3)
    stage.fill_below(top, sand, mix(sand, palette.near, 0.75))
    paint_rocks(stage, 0.83, count=6, size=0.07, color="#5d6f86")
    for _ in range(11):
        x = float(rng.uniform(0.0, 0.27))
        x = x if rng.random() < 0.5 else 1 - x
        _coral(stage, x, float(rng.uniform(0.80, 0.93)), float(rng.uniform(0.06, 0.15)))
    _kelp(stage, np.full(2, 1.0), mix(palette.near, "#1c6a54", 0.45), count=9, height=0.34, sides=True)
    bubbles(stage, 26)


def _coral(stage: Stage, x: float, y: float, size: float) -> None:
    rng = stage.rng
    color = ("#ff7f6b", "#f6a04d", "#e0679b", "#b079d6", "#f2c14e", "#58c9b9")[int(rng.integers(6))]
    pen = stage.pen(x, y, size, haze=0.15)
    kind = int(rng.integers(3))
    if kind == 0:  # a branching coral
        shapes = []
        for angle in np.deg2rad(np.linspace(-150, -30, 6) + rng.uniform(-8, 8, 6)):
            tip = (np.cos(angle) * 0.62, np.sin(angle) * rng.uniform(0.7, 1.0))
            mid = (tip[0] * 0.62, tip[1] * 0.45)
            shapes.append(limb([(0, 0.05), mid, tip], (0.13, 0.11, 0.10)))
            shapes.append(limb([mid, (mid[0] + 0.16 * np.sign(tip[0]), mid[1] - 0.22)], (0.09, 0.07)))
        pen.fill_all(shapes, color, mix(color, "#402060", 0.4), form=0.6, rim=0.8)
    elif kind == 1:  # a brain coral
        dome = smooth([(-0.6, 0.05), (-0.55, -0.35), (-0.2, -0.62), (0.25, -0.6), (0.55, -0.3), (0.6, 0.05)])
        pen.fill(dome, color, mix(color, "#402060", 0.4))
        inner = pen.inside(dome)
        for i in range(5):
            inner.line(
                [(-0.6, -0.05 - i * 0.13), (-0.2, -0.14 - i * 0.12), (0.2, -0.05 - i * 0.13), (0.6, -0.16 - i * 0.1)],
                0.035,
                mix(color, "#402060", 0.45),
                alpha=0.6,
            )
    else:  # tubes of a sponge
        for i, tall in enumerate((0.6, 0.95, 0.75)):
            cx = (i - 1) * 0.26
            pen.fill(limb([(cx * 0.6, 0.08), (cx, -tall)], (0.18, 0.25)), color, mix(color, "#402060", 0.45))
            pen.disc(cx, -tall, 0.115, mix(color, "#301040", 0.65), ry=0.05, form=0.0, rim=0.4)


def bubbles(stage: Stage, count: int) -> None:
    """Rising bubbles, each with a glint."""
    rng = stage.rng
    for _ in range(count):
        x = float(rng.choice([0.16, 0.30, 0.72, 0.86]) + rng.normal(0, 0.04))
        y, r = float(rng.uniform(0.08, 0.8)), float(rng.uniform(0.002, 0.009))
        stage.page.fill(oval(x, y, r), mix(stage.palette.cloud, "#ffffff", 0.4), lit=True, alpha=0.22)
        stage.page.fill(oval(x - r * 0.3, y - r * 0.35, r * 0.28), "#ffffff", lit=True, alpha=0.8)


def foam(stage: Stage, x: float, y: float, width: float) -> None:
    """White water round something that stands in the sea."""
    rng = stage.rng
    puffs = [
        pebble(rng, x + width * t, y + float(rng.normal(0, width * 0.02)), width * 0.06, width * 0.018)
        for t in np.linspace(-0.5, 0.5, 14)
    ]
    stage.page.fill_all(puffs, mix(stage.palette.haze, "#ffffff", 0.5), lit=True, alpha=0.55)
