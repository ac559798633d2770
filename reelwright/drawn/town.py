"""Built places: skylines with lit windows, a wet street, roofs of a village, a road, a hall of columns."""

from __future__ import annotations

import numpy as np

from .canvas import Pen
from .color import Color, mix, rgb
from .paths import Outline, box, oval, polygon
from .stage import Stage, waves

_WALLS = ("#f2dfc4", "#e8b68f", "#d98f73", "#c9d3d6", "#9fb8c4", "#e9cf9a", "#b9c7a4")
_FRONTS = ("#c98f6f", "#8fa8b8", "#d9c29a", "#7f8fb5", "#b57f7a", "#9ab0a0")
_ROOFS = ("#a8483c", "#8a4a56", "#5b6b86", "#c06a45", "#6d5470")


def paint_skyline(stage: Stage, *, base: float, layers: int = 4, tall: float = 0.40) -> None:
    """Rows of buildings, hazier the farther; the middle of the nearest stays low so that the view is open."""
    rng, palette = stage.rng, stage.palette
    for i in range(layers):
        t = i / max(layers - 1, 1)
        color = mix(palette.haze, stage.depth(0.25 + 0.6 * t), 0.35 + 0.6 * t)
        x = -0.03
        windows: list[Outline] = []
        while x < 1.02:
            width = rng.uniform(0.045, 0.085) * (0.75 + 0.7 * t)
            middle = abs(x + width / 2 - 0.5) * 2
            height = (
                tall
                * rng.uniform(0.45, 1.0)
                * (1.0 if i < layers - 1 else 0.35 + 1.15 * middle**1.4)
                * (0.8 + 0.25 * t)
            )
            wall = rgb(_FRONTS[int(rng.integers(len(_FRONTS)))]) * palette.ambient
            tone = mix(color, wall, (0.16 if stage.night else 0.34) * (0.5 + 0.5 * t))
            shapes = _tower(rng, x, base, width, height)
            stage.page.fill_all(
                shapes, mix(tone, palette.haze, 0.10), mix(tone, palette.haze, 0.45 * (1 - t) + 0.12), lit=True
            )
            dark_x = x + width * (0.72 if stage.light.toward[0] < 0 else 0.0)
            side = stage.page.inside(shapes[0])
            side.fill(
                box(dark_x, base - height, dark_x + width * 0.28, base),
                mix(tone, palette.near, 0.35),
                mix(tone, palette.haze, 0.3),
                lit=True,
                alpha=0.6,
            )
            windows += _windows(rng, x, base, width, height, lit=0.42 if stage.dim else 0.32, fine=t)
            x += width * rng.uniform(1.0, 1.2)
        glass = mix(palette.glow, palette.haze, 0.35 * (1 - t)) if stage.dim else mix(palette.sky[2], "#ffffff", 0.4)
        stage.page.fill_all(windows, glass, lit=True, alpha=(0.5 + 0.4 * t) if stage.dim else 0.42)


def _tower(rng: np.random.Generator, x: float, base: float, width: float, height: float) -> list[Outline]:
    top = base - height
    shapes = [box(x, top, x + width, base + 0.01)]
    kind = int(rng.integers(5))
    if kind == 0:
        shapes.append(box(x + width * 0.2, top - height * 0.08, x + width * 0.8, top + 0.01))
        shapes.append(box(x + width * 0.48, top - height * 0.24, x + width * 0.52, top))
    elif kind == 1:
        shapes.append(polygon([(x, top + 0.001), (x + width, top + 0.001), (x + width, top - width * 0.5)]))
    elif kind == 2:
        shapes.append(oval(x + width / 2, top, width / 2, width * 0.35))
    elif kind == 3:
        for k in range(2):
            shapes.append(box(x + width * (0.15 + 0.45 * k), top - 0.012, x + width * (0.4 + 0.45 * k), top + 0.002))
    return shapes


def _windows(
    rng: np.random.Generator, x: float, base: float, width: float, height: float, *, lit: float, fine: float
) -> list[Outline]:
    columns = max(2, int(width / (0.0135 + 0.004 * fine)))
    rows = max(2, int(height / (0.020 + 0.004 * fine)))
    gap_x, gap_y = width / columns, height / rows
    on = rng.random((rows, columns)) < lit
    return [
        box(
            x + gap_x * (c + 0.26),
            base - height + gap_y * (r + 0.3),
            x + gap_x * (c + 0.74),
            base - height + gap_y * (r + 0.78),
        )
        for r, c in zip(*np.nonzero(on), strict=True)
    ]


def paint_street(stage: Stage, *, level: float) -> None:
    """The street in front of the skyline with lamps along both sides."""
    palette = stage.palette
    stone = mix(mix(palette.far, palette.near, 0.55), "#3a4152", 0.4)
    stage.page.fill(
        box(-0.01, level, 1.01, 1.01), mix(stone, palette.haze, 0.3), mix(stone, palette.near, 0.6), lit=True
    )
    walk = mix(stone, palette.haze, 0.35)
    for side in (-1, 1):
        edge = 0.5 + side * 0.06
        stage.page.fill(
            polygon([(edge, level), (0.5 + side * 0.09, level), (0.5 + side * 0.95, 1.01), (0.5 + side * 0.52, 1.01)]),
            walk,
            mix(walk, palette.near, 0.5),
            lit=True,
        )


def paint_lamps(stage: Stage, *, level: float) -> None:
    """Street lamps that recede on both sides."""
    for side in (-1, 1):
        for t in (0.12, 0.34, 0.72):
            x = 0.5 + side * (0.09 + 0.37 * t)
            foot = level + 0.02 + 0.22 * t
            height = 0.11 + 0.25 * t
            lamp(stage, x, foot, height, side=-side)


def lamp(stage: Stage, x: float, foot: float, height: float, *, side: int) -> None:
    """One street lamp whose arm reaches to `side`."""
    pen = stage.pen(x, foot, height, flip=side < 0)
    iron = mix(stage.palette.near, "#20242e", 0.4)
    pen.line([(0, 0.02), (0, -0.6), (0.03, -0.95), (0.16, -1.0)], (0.045, 0.03, 0.022), iron, lit=True)
    pen.bar(-0.045, -0.06, 0.045, 0.02, iron, lit=True, radius=0.02)
    pen.poly([(0.10, -0.995), (0.27, -0.995), (0.24, -0.95), (0.13, -0.95)], iron, lit=True)
    if stage.dim or stage.reading.weather == "fog":
        pen.fill(oval(0.185, -0.94, 0.045, 0.025), mix(stage.palette.glow, "#ffffff", 0.5), lit=True)
        pen.glow(0.185, -0.92, 0.62, stage.palette.glow, 0.45)
        pen.fill(
            polygon([(0.14, -0.93), (0.23, -0.93), (0.46, 0.02), (-0.08, 0.02)]),
            stage.palette.glow,
            lit=True,
            alpha=0.07,
        )


def cottage(pen: Pen, stage: Stage, wall: str, roof: str, *, lit: bool) -> None:
    """A small house with a pitched roof, foot at (0, 0.5), drawn 1 high."""
    pen.bar(-0.46, -0.08, 0.46, 0.5, wall, mix(wall, "#7a5a50", 0.25), form=0.5)
    pen.poly([(-0.58, -0.04), (-0.32, -0.48), (0.32, -0.48), (0.58, -0.04)], roof, mix(roof, "#2a1a30", 0.3), form=0.5)
    for row in (-0.34, -0.20):
        pen.line([(-0.45, row), (0.45, row)], 0.014, mix(roof, "#2a1a30", 0.35), alpha=0.5)
    pen.bar(0.14, -0.66, 0.28, -0.36, mix(wall, roof, 0.6), form=0.4)
    glass: Color | str = stage.palette.glow if lit else "#8fb6c8"
    for x in (-0.26, 0.24):
        pen.bar(x - 0.115, 0.06, x + 0.115, 0.28, mix(wall, "#ffffff", 0.5), form=0.0)
        pen.bar(x - 0.09, 0.08, x + 0.09, 0.26, glass, form=0.0, rim=0.0, lit=lit)
        pen.line([(x, 0.08), (x, 0.26)], 0.014, mix(wall, "#5a4030", 0.6))
        if lit:
            pen.glow(x, 0.17, 0.34, glass, 0.35)
    pen.bar(-0.075, 0.16, 0.075, 0.5, mix(roof, "#2a1a20", 0.4), radius=0.06, form=0.0)


def paint_village(stage: Stage, *, level: float, small: float = 0.07, rows: int = 3) -> None:
    """Houses on a slope, the nearer the larger, leaving the middle free."""
    rng = stage.rng
    for row in range(rows):
        t = row / max(rows - 1, 1)
        size = small * (0.7 + 0.8 * t)
        y = level + 0.055 * row
        x = -0.02
        while x < 1.02:
            if t < 0.4 or abs(x - 0.5) > 0.16 + 0.05 * t:
                pen = stage.pen(
                    x, y - size / 2 + float(rng.normal(0, 0.006)), size * rng.uniform(0.85, 1.15), haze=0.34 * (1 - t)
                )
                cottage(
                    pen,
                    stage,
                    _WALLS[int(rng.integers(len(_WALLS)))],
                    _ROOFS[int(rng.integers(len(_ROOFS)))],
                    lit=stage.dim and rng.random() < 0.75,
                )
            x += size * rng.uniform(1.1, 1.9)


def paint_road(stage: Stage, *, level: float) -> None:
    """A winding road from the foreground to the horizon."""
    palette, rng = stage.palette, stage.rng
    t = np.linspace(0, 1, 80)
    bend = 0.10 * stage.side * np.sin(t * np.pi * 1.1) * (1 - t) ** 0.6 * 2.0
    y = 1.01 - (1.01 - level) * t**0.62
    center = 0.5 + bend + 0.004 * waves(rng, 80, 2, 3)
    half = 0.30 * (1 - t) ** 1.55 + 0.004
    road = np.vstack([np.stack([center - half, y], -1), np.stack([center + half, y], -1)[::-1]])
    tar = mix(mix(palette.far, "#4a4d5a", 0.6), palette.near, 0.2)
    stage.page.fill(road, mix(tar, palette.haze, 0.4), mix(tar, palette.near, 0.45), lit=True)
    line = mix("#ffffff", palette.sun, 0.4)
    for side in (-0.9, 0.9):
        edge = center + half * side
        wide = half * 0.022
        strip = np.vstack([np.stack([edge - wide, y], -1), np.stack([edge + wide, y], -1)[::-1]])
        stage.page.fill(strip, mix(line, palette.haze, 0.3), lit=True, alpha=0.6)
    for start in np.arange(0.02, 0.95, 0.085):
        part = (t >= start) & (t <= start + 0.045)
        if part.sum() > 2:
            wide = half[part] * 0.028
            dash = np.vstack(
                [np.stack([center[part] - wide, y[part]], -1), np.stack([center[part] + wide, y[part]], -1)[::-1]]
            )
            stage.page.fill(dash, line, lit=True, alpha=0.8)


def paint_hall(stage: Stage) -> None:
    """A colonnade open to the sky, its floor polished."""
    palette = stage.palette
    stone = rgb("#e9dcc6") * palette.ambient
    floor = mix(stone, palette.near, 0.35)
    stage.page.fill(
        box(-0.01, 0.66, 1.01, 1.01), mix(floor, palette.haze, 0.35), mix(floor, palette.near, 0.7), lit=True
    )
    for i in range(-6, 7):
        stage.page.line(
            [(0.5 + i * 0.05, 0.66), (0.5 + i * 0.34, 1.01)],
            (0.001, 0.004),
            mix(floor, palette.near, 0.5),
            lit=True,
            alpha=0.5,
        )
    for y in (0.69, 0.735, 0.80, 0.90):
        stage.page.line([(-0.01, y), (1.01, y)], 0.002, mix(floor, palette.near, 0.5), lit=True, alpha=0.5)
    for t in (0.0, 0.42, 1.0):
        for side in (-1, 1):
            x = 0.5 + side * (0.23 + 0.21 * t)
            width = 0.045 + 0.055 * t
            _column(stage, x, 0.68 + 0.16 * t, 0.60 + 0.42 * t, width, haze=0.32 * (1 - t))


def _column(stage: Stage, x: float, foot: float, height: float, width: float, *, haze: float) -> None:
    pen = stage.pen(x, foot, height, haze=haze)
    w = width / height
    stone = "#e6d6bd"
    pen.poly(
        [(-w * 0.46, -0.95), (w * 0.46, -0.95), (w * 0.52, -0.02), (-w * 0.52, -0.02)],
        stone,
        mix(stone, "#8a6f68", 0.35),
        form=1.0,
    )
    for k in (-0.3, -0.1, 0.1, 0.3):
        pen.line([(w * k * 0.92, -0.92), (w * k, -0.05)], w * 0.05, mix(stone, "#6b5560", 0.5), alpha=0.4)
    pen.bar(-w * 0.72, -1.0, w * 0.72, -0.945, stone, radius=0.01, form=0.5)
    pen.bar(-w * 0.66, -0.04, w * 0.66, 0.01, mix(stone, "#8a6f68", 0.2), radius=0.01, form=0.5)
