"""Land seen far to near: ridges, mountains, hills, dunes, fields, woods, and the dark frame in front."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .color import Color, mix, rgb
from .paths import Outline, limb, oval, pebble, polygon
from .plants import branch, grass, pine, poplar, reeds, round_tree
from .stage import Curve, Stage, peaks, ribbon_below, waves

Grower = Callable[[np.random.Generator, float, float, float], list[Outline]]

_N = 260


def paint_ridges(
    stage: Stage, *, count: int, rise: float, below: float, jagged: bool = False, start: float = 0.0
) -> None:
    """Receding ridges from the horizon down to `below`, each fading into the haze at its foot."""
    rng, palette = stage.rng, stage.palette
    for i in range(count):
        t = (i + 1) / (count + 1)
        line = peaks(rng, _N, 6, 3 + i) if jagged else 0.5 + 0.5 * waves(rng, _N, 5, 2 + i)
        base = stage.horizon + (below - stage.horizon) * (i / max(count, 1))
        top = base - rise * (1 - 0.45 * t) * line
        color = stage.depth(start + (0.72 - start) * t**1.3)
        foot = mix(color, palette.haze, 0.62 * (1 - t) + 0.12)
        stage.fill_below(top, color, foot, bottom=min(1.0, base + rise * 0.75 + 0.06))


def paint_mountain(
    stage: Stage, x: float, foot: float, height: float, width: float, *, t: float, snow: float = 0.3
) -> None:
    """One mountain with a lit and a shaded face and, `snow` of its height down, a cap. `t` is 0 far, 1 near."""
    rng, palette = stage.rng, stage.palette
    lit_left = stage.light.toward[0] < 0
    apex = (x, foot - height)
    left = _slope(rng, apex, (x - width / 2, foot), 9)
    right = _slope(rng, apex, (x + width / 2, foot), 9)
    spine = _slope(rng, apex, (x + width * rng.uniform(-0.06, 0.1), foot), 8, jitter=0.05)
    body = stage.depth(t)
    bright = mix(body, palette.sun, 0.30)
    dark = mix(body, palette.near, 0.30)
    faint = mix(body, palette.haze, 0.6)
    page = stage.page
    whole = np.vstack([left[::-1], right[1:]])
    page.fill(whole, bright, faint, lit=True)
    shaded = np.vstack([spine[::-1], (right if lit_left else left)[1:]])
    page.fill(shaded, dark, faint, lit=True)
    if snow <= 0:
        return
    cap_line = foot - height * (1 - snow)
    zig = np.linspace(x - width * 0.6, x + width * 0.6, 24)
    teeth = cap_line + np.where(np.arange(24) % 2 == 0, 0.0, 1.0) * height * rng.uniform(0.05, 0.13, 24) - 0.03 * height
    cap = np.vstack(
        [np.stack([zig, teeth], axis=-1), polygon([(x + width, foot - 2 * height), (x - width, foot - 2 * height)])]
    )
    white = mix("#ffffff", palette.sun, 0.25)
    white = mix(white * palette.ambient, palette.haze, 0.25 * (1 - t))
    page.inside(whole).fill(cap, white, lit=True)
    page.inside(shaded).fill(cap, mix(white, mix(palette.far, palette.sky[1], 0.5), 0.55), lit=True)


def _slope(
    rng: np.random.Generator, a: tuple[float, float], b: tuple[float, float], n: int, jitter: float = 0.035
) -> Outline:
    t = np.linspace(0, 1, n)
    span = abs(b[1] - a[1])
    wander = rng.uniform(-1, 1, n) * jitter * span
    wander[0] = wander[-1] = 0
    sag = 0.10 * span * np.sin(np.pi * t) * np.sign(b[0] - a[0])
    return np.stack([a[0] + (b[0] - a[0]) * t + wander - sag, a[1] + (b[1] - a[1]) * t + wander * 0.5], axis=-1)


def paint_woods(
    stage: Stage,
    top: Curve,
    color: Color,
    *,
    height: float,
    spacing: float,
    grow: Grower = pine,
    gap: bool = False,
    to: Color | None = None,
) -> None:
    """A row of trees along a curve of heights; with `gap` the middle stays open."""
    rng = stage.rng
    shapes: list[Outline] = []
    x = -0.02
    while x < 1.02:
        if not (gap and abs(x - 0.5) < 0.17 + rng.uniform(-0.03, 0.03)):
            y = float(np.interp(x, np.linspace(0, 1, len(top)), top))
            shapes += grow(rng, x, y + 0.004, height * rng.uniform(0.55, 1.15))
        x += spacing * rng.uniform(0.5, 1.4)
    stage.page.fill_all(shapes, color, to if to is not None else color, lit=True)


def paint_hills(stage: Stage, colors: list[str], *, start: float, end: float, rise: float = 0.05) -> list[Curve]:
    """Rolling lit hills in local colours from height `start` to `end`; returns their crests, far to near."""
    rng, palette = stage.rng, stage.palette
    crests = []
    for i, code in enumerate(colors):
        t = i / max(len(colors) - 1, 1)
        base = start + (end - start) * t
        top = base - rise * (0.5 + 0.6 * t) * waves(rng, _N, 3, 1.3 + rng.uniform(0, 0.6), fall=0.35)
        color = mix(rgb(code) * palette.ambient, palette.haze, 0.34 * (1 - t) ** 1.4)
        foot = mix(color, palette.near, 0.30 + 0.20 * t)
        stage.fill_below(top, mix(color, palette.sun, 0.16), foot, bottom=1.0 if i == len(colors) - 1 else base + 0.30)
        _crest_light(stage, top, 0.004 + 0.005 * t)
        _tufts(stage, top, color, count=90 + int(90 * t), near=t)
        crests.append(top)
    return crests


def _crest_light(stage: Stage, top: Curve, width: float) -> None:
    """A soft bright edge where a hill's back catches the light."""
    x = np.linspace(-0.01, 1.01, len(top))
    strength = 0.45 if stage.night else 1.0
    for grow, alpha in ((1.0, 0.30 * strength), (2.6, 0.14 * strength)):
        edge = np.vstack([np.stack([x, top], -1), np.stack([x, top + width * grow], -1)[::-1]])
        stage.page.fill(edge, stage.palette.sun, lit=True, alpha=alpha)


def _tufts(stage: Stage, top: Curve, color: Color, *, count: int, near: float) -> None:
    """Short strokes of grass, light and dark, larger towards the camera."""
    rng = stage.rng
    x = rng.uniform(0, 1, count)
    t = rng.random(count) ** 1.3
    y = np.interp(x, np.linspace(0, 1, len(top)), top) + 0.008 + (0.10 + 0.16 * near) * t
    strokes: list[list[Outline]] = [[], []]
    for k in range(count):
        tall = (0.004 + 0.010 * near) * (0.5 + t[k]) * rng.uniform(0.6, 1.4)
        lean = tall * rng.uniform(-0.5, 0.5)
        half = tall * 0.14
        strokes[k % 2] += [
            polygon([(x[k] + d - half, y[k]), (x[k] + d + half, y[k]), (x[k] + d * 1.6 + lean, y[k] - tall)])
            for d in (-tall * 0.3, 0.0, tall * 0.32)
        ]
    stage.page.fill_all(strokes[0], mix(color, stage.palette.sun, 0.34), lit=True, alpha=0.55)
    stage.page.fill_all(strokes[1], mix(color, stage.palette.near, 0.45), lit=True, alpha=0.5)


def scatter(
    stage: Stage, top: Curve, color: Color | str, *, count: int, grow: Grower, height: float, apart: bool = True
) -> None:
    """Single plants on a crest, lit like things, away from the middle when `apart`."""
    rng = stage.rng
    for _ in range(count):
        x = float(rng.uniform(0.02, 0.98))
        if apart and abs(x - 0.5) < 0.14:
            x = x - 0.22 if x < 0.5 else x + 0.22
        y = float(np.interp(x, np.linspace(0, 1, len(top)), top))
        shade = mix(rgb(color), "#10222a", 0.35)
        stage.page.fill_all(grow(rng, x, y + 0.004, height * rng.uniform(0.7, 1.2)), color, shade, form=0.6, rim=0.7)


def paint_field_rows(stage: Stage, top: Curve, colors: tuple[str, str]) -> None:
    """Ploughed rows that run to a vanishing point under the crest."""
    palette = stage.palette
    area = stage.page.inside(ribbon_below(top, 1.0))
    vx, vy = 0.5 + 0.12 * stage.side, float(top[len(top) // 2]) - 0.05
    for i in range(-11, 12):
        if i % 2:
            continue
        x0, x1 = vx + i * 0.11, vx + (i + 1) * 0.11
        strip = polygon(
            [(vx + i * 0.004, vy), (vx + (i + 1) * 0.004, vy), (vx + (x1 - vx) * 2, 1.02), (vx + (x0 - vx) * 2, 1.02)]
        )
        area.fill(
            strip,
            mix(rgb(colors[0]) * palette.ambient, palette.haze, 0.25),
            mix(rgb(colors[1]) * palette.ambient, palette.near, 0.45),
            lit=True,
            alpha=0.75,
        )


def paint_dunes(stage: Stage, *, start: float, end: float) -> None:
    """Dunes with a sharp winding edge between the lit and the shaded side."""
    rng, palette = stage.rng, stage.palette
    away = 1 if stage.light.toward[0] < 0 else -1
    for i in range(4):
        t = i / 3
        base = start + (end - start) * t
        peak = 0.5 + (0.30, -0.34, 0.36, -0.22)[i] * stage.side + float(rng.uniform(-0.06, 0.06))
        x = np.linspace(-0.01, 1.01, _N)
        rise = 0.045 + 0.055 * t
        top = base - rise * np.exp(-np.abs(x - peak) / 0.30) * 1.3 - 0.35 * rise * waves(rng, _N, 2, 1.6, fall=0.3)
        sand = mix(rgb("#eab56c") * palette.ambient, palette.haze, 0.42 * (1 - t))
        dark = mix(mix(sand, palette.near, 0.40), "#a0487a", 0.14)
        stage.fill_below(top, mix(sand, palette.sun, 0.34), mix(sand, palette.near, 0.22 + 0.25 * t))
        edge_y = np.linspace(0, 1, 40)
        low = float(np.interp(peak, x, top))
        edge_x = peak + away * (0.03 + 0.16 * edge_y) * np.sin(edge_y * 2.6 + 0.3 * i) * 0.8
        edge = np.stack([edge_x, low + edge_y * (1.04 - low)], -1)
        face = np.vstack([edge, polygon([(0.5 + away * 0.6, 1.04), (0.5 + away * 0.6, low - 0.2), (peak, low - 0.2)])])
        stage.page.inside(ribbon_below(top, 1.0)).fill(face, dark, mix(dark, sand, 0.75), lit=True, alpha=0.72)
        _crest_light(stage, top, 0.003 + 0.004 * t)
        _sand_ripples(stage, top, mix(sand, palette.near, 0.4), near=t)


def _sand_ripples(stage: Stage, top: Curve, color: Color, *, near: float) -> None:
    rng = stage.rng
    lines = []
    for _ in range(26):
        x, t = float(rng.uniform(0, 1)), float(rng.random())
        y = float(np.interp(x, np.linspace(0, 1, len(top)), top)) + 0.02 + 0.14 * t
        run = (0.02 + 0.05 * near) * float(rng.uniform(0.6, 1.5))
        lines.append(limb([(x, y), (x + run * 0.5, y + 0.003), (x + run, y - 0.002)], (0.0, 0.0022, 0.0), steps=5))
    stage.page.fill_all(lines, color, lit=True, alpha=0.35)


def paint_rocks(
    stage: Stage, y: float, *, count: int, size: float, color: str = "#6f7884", middle: bool = False
) -> None:
    """Boulders along a level, away from the middle."""
    rng = stage.rng
    for _ in range(count):
        x = float(rng.uniform(0.0, 0.26))
        x = x if rng.random() < 0.5 else 1 - x
        x = float(rng.uniform(0.2, 0.8)) if middle else x
        r = size * rng.uniform(0.4, 1.0)
        stage.page.fill(
            pebble(rng, x, y, r * 1.35, r * 0.8, knots=7), color, mix(color, stage.palette.near, 0.5), form=0.9
        )


def frame(stage: Stage, kind: str = "grass") -> None:
    """Dark things close to the camera at the sides, which open the view on the middle."""
    rng = stage.rng
    color = mix(stage.palette.near, "#000000", 0.12)
    soft = mix(color, stage.palette.far, 0.18)
    shapes: list[Outline] = []
    if kind in ("grass", "reeds"):
        for x in rng.uniform(0.0, 1.0, 46):
            edge = abs(x - 0.5) * 2
            tall = (0.03 + 0.13 * edge**2.2) * rng.uniform(0.7, 1.15)
            make = reeds if kind == "reeds" and edge > 0.55 and rng.random() < 0.4 else grass
            shapes += make(rng, float(x), 1.0 - 0.045 * edge, tall * (1.5 if make is reeds else 1.0))
        x = np.linspace(0, 1, 60)
        shapes.append(ribbon_below(0.975 - 0.05 * np.abs(x * 2 - 1) ** 2 + 0.006 * waves(rng, 60, 3, 6), 1.0))
    elif kind == "pines":
        for x in (*rng.uniform(-0.04, 0.15, 3), *rng.uniform(0.85, 1.04, 3)):
            shapes += pine(rng, float(x), 1.02, float(rng.uniform(0.42, 0.72)))
    elif kind == "poplars":
        for x in (*rng.uniform(-0.02, 0.14, 2), *rng.uniform(0.86, 1.02, 2)):
            shapes += poplar(rng, float(x), 1.02, float(rng.uniform(0.5, 0.7)))
    elif kind == "rocks":
        _front_rocks(stage, soft, color)
        return
    elif kind == "leaves":
        corner = stage.side
        x0 = -0.02 if corner < 0 else 1.02
        shapes += branch(rng, x0, float(rng.uniform(0.16, 0.26)), 0.34, 8.0 if corner < 0 else 172.0)
        shapes += branch(rng, x0, float(rng.uniform(0.02, 0.08)), 0.42, 24.0 if corner < 0 else 156.0)
        shapes += branch(rng, 1 - x0, 0.03, 0.25, 150.0 if corner < 0 else 30.0)
    elif kind == "bushes":
        _front_bushes(stage, soft, color)
        return
    stage.page.fill_all(shapes, soft, color, lit=True)


def _front_rocks(stage: Stage, soft: Color, color: Color) -> None:
    """Boulders in both lower corners, each with a lighter top face and grass at its foot."""
    rng = stage.rng
    for side in (0.0, 1.0):
        for x, r in ((0.02, 0.11), (0.15, 0.075), (0.07, 0.06)):
            cx, size = abs(side - x) + float(rng.uniform(-0.015, 0.015)), r * float(rng.uniform(0.85, 1.15))
            stone = pebble(rng, cx, 1.0 - size * 0.15, size * 1.15, size, knots=7, wobble=0.16)
            stage.page.fill(stone, soft, color, lit=True)
            face = stage.page.inside(stone)
            lean = stage.light.toward[0] * size * 0.45
            face.fill(
                pebble(rng, cx + lean, 1.0 - size * 0.75, size * 0.75, size * 0.42, knots=7),
                mix(soft, stage.palette.haze, 0.20),
                soft,
                lit=True,
                alpha=0.8,
            )
        blades = [
            b
            for x in rng.uniform(0.0, 0.24, 9)
            for b in grass(rng, abs(side - float(x)), 1.0, float(rng.uniform(0.03, 0.08)))
        ]
        stage.page.fill_all(blades, color, lit=True)


def _front_bushes(stage: Stage, soft: Color, color: Color) -> None:
    """Leafy heaps in both lower corners."""
    rng = stage.rng
    heaps, leaves = [], []
    for side in (0.0, 1.0):
        for x, r in ((0.0, 0.15), (0.11, 0.10), (0.20, 0.06)):
            cx = abs(side - x)
            heaps += [
                oval(cx + float(rng.uniform(-r, r)) * 0.8, 1.0 - r * float(rng.uniform(0.1, 0.7)), r * 0.42)
                for _ in range(7)
            ]
            for _ in range(46):
                a, d = float(rng.uniform(np.pi, 2 * np.pi)), r * float(rng.uniform(0.55, 1.25))
                leaves.append(
                    oval(
                        cx + d * np.cos(a) * 1.05, 1.0 + d * np.sin(a) * 0.95, 0.011, 0.005, float(rng.uniform(0, 180))
                    )
                )
    stage.page.fill_all(heaps, soft, color, lit=True)
    stage.page.fill_all(leaves[::2], mix(soft, stage.palette.haze, 0.14), soft, lit=True)
    stage.page.fill_all(leaves[1::2], color, lit=True)


__all__ = [
    "frame",
    "paint_dunes",
    "paint_field_rows",
    "paint_hills",
    "paint_mountain",
    "paint_ridges",
    "paint_rocks",
    "paint_woods",
    "round_tree",
    "scatter",
]
