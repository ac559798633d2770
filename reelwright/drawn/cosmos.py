"""Open space, and the graphic grounds that are no place."""

from __future__ import annotations

import cv2
import numpy as np

from .color import mix
from .paths import Outline, limb, oval, polygon
from .sky import paint_stars, puff
from .stage import Stage, cloudy, ribbon_below, waves


def paint_space(stage: Stage) -> None:
    """A nebula across the stars and, low in the picture, the lit limb of a world."""
    rng, palette, canvas = stage.rng, stage.palette, stage.canvas
    stage.gradient([(0.0, palette.sky[0]), (0.5, palette.sky[1]), (1.0, palette.sky[0])])
    small = 288
    gy, gx = np.mgrid[0:small, 0:small].astype(np.float32) / small
    tilt = np.float32(stage.side * rng.uniform(0.35, 0.9))
    band = np.exp(-(((gy - 0.45) + (gx - 0.5) * tilt) ** 2) / 0.045)
    for color, cells, strength in (
        (palette.sky[2], 4, 0.95),
        (palette.cloud_shade, 5, 0.8),
        (palette.cloud, 6, 0.75),
        (palette.sky[3], 7, 0.55),
    ):
        field = cloudy(rng, (cells, cells), 5)
        field = np.clip((field - 0.44) * 3.6, 0, 1) * band
        canvas.shade(field * strength, color)
    dust = np.clip((cloudy(rng, (6, 6), 5) - 0.55) * 5, 0, 1) * band
    canvas.shade(dust * 0.6, palette.sky[0])
    paint_stars(stage, count=520, below=1.25, strength=0.95)
    _limb(stage)


def _limb(stage: Stage) -> None:
    """The curve of a planet under the picture, its air glowing on the sunny side."""
    rng, palette, page = stage.rng, stage.palette, stage.page
    cx, cy, r = 0.5 - 0.25 * stage.side, 1.62, 0.82
    size = stage.canvas.size
    for grow, alpha in ((0.030, 0.10), (0.018, 0.16), (0.009, 0.26), (0.004, 0.5)):
        page.fill(oval(cx, cy, r + grow), mix(palette.cloud, "#9fe0ff", 0.6), lit=True, alpha=alpha)
    disc = np.vstack([oval(cx, cy, r)])
    sea = mix(palette.sky[2], "#2a6fb0", 0.55)
    page.fill(disc, sea, mix(palette.sky[0], "#000000", 0.3), lit=True)
    small = 288
    gy, gx = np.mgrid[0:small, 0:small].astype(np.float32) / small
    inside = np.clip((r - 0.006 - np.hypot(gx - cx, gy - cy)) * 60, 0, 1)
    for cells, cut, color, strength in (((7, 26), 0.56, "#6fae7a", 0.45), ((5, 34), 0.52, "#ffffff", 0.55)):
        field = np.clip((cloudy(rng, cells, 4) - cut) * 7, 0, 1) * inside
        stage.canvas.shade(field * np.float32(strength), color)
    shadow = np.clip((gy - 0.80) * 3.2, 0, 1) * inside
    stage.canvas.shade(shadow * np.float32(0.75), palette.sky[0])
    stage.canvas.glow(
        (cx + 0.3 * stage.side) * size, 0.86 * size, 0.34 * size, mix(palette.cloud, "#bfe8ff", 0.6), 0.35
    )


def paint_plain(stage: Stage) -> None:
    """A graphic ground that is no place: a soft gradient, a large disc behind the thing with one of four ornaments, and
    a floor that goes over into the wall without an edge. Dark enough below for white letters."""
    palette, page, size = stage.palette, stage.page, stage.canvas.size
    wall, deep = mix(palette.sky[1], palette.far, 0.3), mix(palette.sky[0], palette.near, 0.35)
    stage.gradient([(0.0, deep), (0.42, wall), (0.66, mix(wall, deep, 0.45)), (1.0, mix(deep, palette.near, 0.5))])
    x, y, radius = 0.5, 0.47, 0.305
    stage.canvas.glow(x * size, y * size, 0.62 * size, mix(palette.haze, palette.sun, 0.4), 0.30, power=1.5)
    ornament = int(stage.rng.integers(4))
    nightly = stage.reading.time == "night"
    pale = mix(palette.haze, palette.sun, 0.35)
    if ornament == 0:
        for grow, alpha in ((1.62, 0.07), (1.40, 0.09), (1.19, 0.12)):
            page.fill(oval(x, y, radius * grow), pale, lit=True, alpha=alpha)
    elif ornament == 1:
        page.fill_all(_halftone(x, y, radius), pale, lit=True, alpha=0.34)
    elif ornament == 2:
        page.fill_all(_spokes(x, y, stage.side), pale, lit=True, alpha=0.10)
    else:
        page.fill(oval(x + 0.11 * stage.side, y - 0.06, radius), palette.cloud_shade, lit=True, alpha=0.45)
        page.fill(oval(x - 0.11 * stage.side, y + 0.05, radius * 0.94), palette.sky[2], lit=True, alpha=0.35)
    if nightly:
        _porthole(stage, x, y, radius)
    else:
        page.fill(oval(x, y, radius), mix(pale, palette.sky[3], 0.25), mix(palette.sky[2], wall, 0.35), lit=True)


def _porthole(stage: Stage, x: float, y: float, radius: float) -> None:
    """A disc of dark sky with a few stars, for what is seen against no other."""
    rng, palette = stage.rng, stage.palette
    stage.page.fill(oval(x, y, radius * 1.03), palette.haze, lit=True, alpha=0.7)
    stage.page.fill(
        oval(x, y, radius), mix(palette.near, "#050914", 0.45), mix(palette.sky[0], "#101a38", 0.4), lit=True
    )
    stars = []
    for _ in range(60):
        away, turn = radius * 0.95 * float(np.sqrt(rng.random())), float(rng.uniform(0, 2 * np.pi))
        stars.append(oval(x + away * np.cos(turn), y + away * np.sin(turn), float(rng.uniform(0.0009, 0.0024))))
    stage.page.fill_all(stars, "#ffffff", lit=True, alpha=0.75)


def _halftone(x: float, y: float, radius: float) -> list[Outline]:
    """Dots around a disc that are the smaller the farther out they are."""
    dots = []
    for i in range(25):
        for j in range(29):
            px, py = (i + 0.5 * (j % 2)) / 24, 0.87 * j / 24
            away = float(np.hypot(px - x, py - y)) - radius
            if away > 0.012:
                dots.append(oval(px, py, 0.010 * float(np.exp(-4.5 * away))))
    return dots


def _spokes(x: float, y: float, side: int) -> list[Outline]:
    """Broad rays from the middle to the edges of the picture."""
    turn = side * 0.13
    edges = np.linspace(0, 2 * np.pi, 25)[:-1] + turn
    return [
        polygon([(x, y), *((x + float(np.cos(a)), y + float(np.sin(a))) for a in (edge, edge + np.pi / 24))])
        for edge in edges[::2]
    ]


def paint_ground(stage: Stage) -> None:
    """The ground of a text card: the papercut world without its disc, dark and calm enough to read white letters on,
    with the light in one upper corner and the sheets low in the picture."""
    rng, page = stage.rng, stage.page
    palette = stage.palette.changed(chroma=1.08, light=-0.05)
    deep = mix(mix(palette.sky[0], palette.near, 0.45), "#0b1020", 0.34)
    low = mix(mix(palette.sky[2], palette.far, 0.4), "#0b1020", 0.42)
    stage.gradient([(0.0, deep), (0.55, mix(deep, low, 0.7)), (1.0, low)])
    size = stage.canvas.size
    x, y = 0.5 + 0.36 * stage.side, 0.16
    stage.canvas.glow(x * size, y * size, 0.85 * size, mix(palette.sun, low, 0.35), 0.30, power=1.6)
    for grow, alpha in ((0.46, 0.05), (0.36, 0.06), (0.26, 0.07)):
        page.fill(oval(x, y, grow), palette.sun, lit=True, alpha=alpha)
    kind = int(rng.integers(3))
    if kind == 0:
        line = [(float(t), float(0.30 + 0.07 * np.sin(t * 4.2 + stage.side))) for t in np.linspace(-0.05, 1.05, 12)]
        for i in range(3):
            moved = [(a, b + 0.16 * i) for a, b in line]
            page.fill(limb(moved, (0.03, 0.075, 0.04, 0.08), steps=8), palette.cloud, lit=True, alpha=0.05)
    elif kind == 1:
        dots = [
            oval(
                (i + 0.5 * (j % 2)) / 24, j / 24, 0.0012 + 0.006 * float(np.exp(-3 * np.hypot(i / 24 - x, j / 24 - y)))
            )
            for i in range(25)
            for j in range(19)
        ]
        page.fill_all(dots, mix(palette.sun, "#ffffff", 0.3), lit=True, alpha=0.22)
    else:
        for i in range(4):
            page.fill(oval(0.5 - 0.44 * stage.side, 0.86, 0.56 - 0.10 * i), palette.cloud, lit=True, alpha=0.045)
    for i in range(3):
        top = 0.74 + 0.07 * i + 0.035 * waves(rng, 200, 2, 1.6 + 0.5 * i, fall=0.25)
        _cast_shadow(stage, top)
        color = mix(mix(palette.far, palette.near, 0.35 + 0.25 * i), "#0b1020", 0.25)
        stage.fill_below(top, mix(color, palette.cloud, 0.10), mix(color, palette.near, 0.3))


def _cast_shadow(stage: Stage, top: np.ndarray) -> None:
    """The soft shadow that a sheet throws on the one behind it."""
    small = 288
    mask = np.zeros((small, small), np.uint8)
    sheet = ribbon_below(top - 0.012, 1.02) * small * 16
    cv2.fillPoly(mask, [np.round(sheet).astype(np.int32)], 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(mask, (0, 0), 3.2).astype(np.float32) / 255
    y1 = int((float(top.max()) + 0.02) * small)
    soft[y1:] = 0
    stage.canvas.shade((soft * 0.42).astype(np.float32), stage.palette.near)


def paint_cloud_sea(stage: Stage) -> None:
    """Clouds seen from among them: heaped rows receding to the horizon."""
    rng, palette = stage.rng, stage.palette
    for i in range(8):
        t = i / 7
        base = stage.horizon + 0.03 + (1.05 - stage.horizon) * t**1.2
        width = 0.15 + 0.34 * t
        lit = mix(palette.cloud, palette.haze, 0.50 * (1 - t))
        foot = mix(mix(palette.cloud_shade, palette.haze, 0.35 * (1 - t)), palette.near, 0.30 * t)
        shapes = []
        x = -0.1 - float(rng.uniform(0, 0.2))
        while x < 1.2:
            shapes += puff(rng, x, base + 0.02, width * float(rng.uniform(0.75, 1.35)))
            x += width * float(rng.uniform(0.40, 0.62))
        stage.fill_below(np.full(2, base), foot, foot, bottom=1.0)
        stage.page.fill_all(shapes, mix(lit, foot, 0.12 * t), foot, lit=True)
