"""Rooms: a wall with a window to the hour outside, a table in front; shelves of books; a bench of glass."""

from __future__ import annotations

import numpy as np

from .canvas import Pen
from .color import Color, mix, rgb
from .paths import Outline, box, limb, oval, polygon, smooth
from .stage import Stage

_WALLS = (
    ("#5d6f8f", "#3d4a6b"),
    ("#b7705f", "#7e4550"),
    ("#557f78", "#2f5557"),
    ("#8a6f97", "#56456b"),
    ("#c49a62", "#8a6244"),
)
_BOOKS = ("#c8553d", "#e0a458", "#588b8b", "#8fa876", "#5c4d7d", "#b56576", "#e8d8b4", "#3d5a80", "#7d4f50", "#d9ae61")


def paint_room(stage: Stage, *, table: float = 0.665) -> None:
    """A warm room: papered wall, window at one side, hanging lamp, plant, shelf, and the table in front."""
    rng = stage.rng
    light, dark = _WALLS[int(rng.integers(len(_WALLS)))]
    _wall(stage, light, dark)
    side = stage.side
    _window(stage, 0.5 + side * 0.25, 0.38, 0.30, 0.40)
    _shelf(stage, 0.5 - side * 0.30, 0.36)
    _pictures(stage, 0.5 - side * 0.30, 0.17)
    _hanging_lamp(stage, 0.5 - side * 0.10)
    _plant(stage, 0.5 + side * 0.42, table + 0.01, 0.26)
    paint_table(stage, table, "#a8693f")


def _wall(stage: Stage, light: str, dark: str) -> None:
    ambient = mix(stage.palette.ambient, "#ffffff", 0.15)
    a, b = rgb(light) * ambient, rgb(dark) * ambient
    stage.gradient([(0.0, mix(b, "#0c1020", 0.25)), (0.4, a), (0.75, b), (1.0, mix(b, "#0c1020", 0.4))])
    motif = [oval((i + 0.5 * (j % 2)) / 15, j / 15, 0.0045, 0.0075) for i in range(16) for j in range(12)]
    stage.page.fill_all(motif, mix(a, "#ffffff", 0.35), lit=True, alpha=0.16)


def _window(stage: Stage, x: float, y: float, w: float, h: float) -> None:
    """A window; outside is the sky of the hour with a hint of land."""
    palette, page = stage.palette, stage.page
    page.fill(
        box(x - w / 2 - 0.018, y - h / 2 - 0.018, x + w / 2 + 0.018, y + h / 2 + 0.018, 0.012),
        "#e9ddc7",
        "#bfa98c",
        form=0.3,
    )
    _view(stage, x, y, w, h)
    size = stage.canvas.size
    stage.canvas.glow(x * size, y * size, 0.42 * size, palette.sun, 0.14 if stage.night else 0.30)
    wood = "#e9ddc7"
    page.bar(x - 0.005, y - h / 2, x + 0.005, y + h / 2, wood, form=0.0)
    page.bar(x - w / 2, y - h * 0.06, x + w / 2, y - h * 0.06 + 0.009, wood, form=0.0)
    page.bar(
        x - w / 2 - 0.03,
        y + h / 2 + 0.008,
        x + w / 2 + 0.03,
        y + h / 2 + 0.028,
        "#e2d2b6",
        "#a58c6c",
        radius=0.004,
        form=0.0,
    )
    _curtains(stage, x, y, w, h)
    page.bar(
        x - w / 2 - 0.075, y - h / 2 - 0.045, x + w / 2 + 0.075, y - h / 2 - 0.035, "#4a3540", radius=0.005, form=0.0
    )


def _view(stage: Stage, x: float, y: float, w: float, h: float) -> None:
    """What is seen through a window."""
    palette = stage.palette
    pane = box(x - w / 2, y - h / 2, x + w / 2, y + h / 2, 0.01)
    outside = stage.page.inside(pane)
    outside.fill(pane, palette.sky[0], palette.sky[1], lit=True)
    outside.fill(box(x - w, y - h * 0.16, x + w, y + h), palette.sky[1], palette.sky[3], lit=True, alpha=0.9)
    if stage.night:
        rng = stage.rng
        dots = [
            oval(x + float(u), y + float(v), 0.0012)
            for u, v in zip(rng.uniform(-w / 2, w / 2, 30), rng.uniform(-h / 2, h / 5, 30), strict=True)
        ]
        outside.fill_all(dots, "#ffffff", lit=True, alpha=0.8)
    outside.fill(oval(x + w * 0.18, y - h * 0.12, 0.026), mix(palette.sun, "#ffffff", 0.3), lit=True)
    outside.fill(
        smooth(
            [
                (x - w, y + h * 0.22),
                (x - w * 0.3, y + h * 0.10),
                (x + w * 0.3, y + h * 0.24),
                (x + w, y + h * 0.12),
                (x + w, y + h),
                (x - w, y + h),
            ]
        ),
        stage.depth(0.3),
        stage.depth(0.6),
        lit=True,
    )


def _curtains(stage: Stage, x: float, y: float, w: float, h: float) -> None:
    """A pair of pleated curtains."""
    page = stage.page
    cloth = ("#d98b6a", "#6f9aa0", "#d9b06a", "#9a86b8")[int(stage.rng.integers(4))]
    for k in (-1, 1):
        edge = x + k * (w / 2 + 0.035)
        top, low = y - h / 2 - 0.04, y + h / 2 + 0.055
        inner_edge = smooth(
            [
                (edge - k * 0.085, top),
                (edge - k * 0.070, y - h * 0.18),
                (edge - k * 0.035, y + h * 0.12),
                (edge - k * 0.030, low),
            ],
            closed=False,
        )
        folds = np.vstack([inner_edge, polygon([(edge + k * 0.045, low), (edge + k * 0.045, top)])])
        page.fill(folds, cloth, mix(cloth, "#4a2a3c", 0.3), form=0.5, rim=0.4)
        pleats = page.inside(folds)
        for step in (-0.045, -0.018, 0.008, 0.030):
            pleats.line(
                [(edge + k * (step - 0.012), top), (edge + k * (step + 0.004), y), (edge + k * (step + 0.008), low)],
                (0.004, 0.009, 0.012),
                mix(cloth, "#4a2a3c", 0.45),
                alpha=0.45,
            )


def book_row(rng: np.random.Generator, pen: Pen, x0: float, x1: float, foot: float, height: float) -> None:
    """Books side by side between x0 and x1, standing on `foot`."""
    x = x0
    while x < x1 - height * 0.1:
        width = height * float(rng.uniform(0.13, 0.26))
        width = min(width, x1 - x)
        tall = height * float(rng.uniform(0.68, 0.95))
        cover = _BOOKS[int(rng.integers(len(_BOOKS)))]
        spine = box(x, foot - tall, x + width * 0.94, foot, width * 0.12)
        if rng.random() < 0.10:
            spine = polygon(
                [
                    (x, foot - tall * 0.97),
                    (x + width * 0.8, foot - tall),
                    (x + width * 1.3, foot),
                    (x + width * 0.4, foot),
                ]
            )
            x += width * 0.4
        pen.fill(spine, cover, mix(cover, "#241830", 0.4), form=0.6, rim=0.4)
        for k in (0.18, 0.78):
            pen.bar(
                x + width * 0.08,
                foot - tall * (1 - k),
                x + width * 0.86,
                foot - tall * (1 - k) + height * 0.025,
                mix(cover, "#f6e2b0", 0.6),
                form=0.0,
                rim=0.0,
            )
        x += width


def _shelf(stage: Stage, x: float, y: float) -> None:
    pen = stage.page
    book_row(stage.rng, pen, x - 0.12, x + 0.09, y, 0.105)
    pen.bar(x - 0.15, y, x + 0.15, y + 0.014, "#8a5a3c", "#5f3a2a", form=0.0)
    pot = stage.pen(x + 0.115, y, 0.07)
    _pot_plant(pot)
    book_row(stage.rng, pen, x - 0.06, x + 0.13, y + 0.15, 0.105)
    pen.bar(x - 0.15, y + 0.15, x + 0.15, y + 0.164, "#8a5a3c", "#5f3a2a", form=0.0)
    pen.disc(x - 0.10, y + 0.118, 0.032, "#d9ae61")
    pen.disc(x - 0.10, y + 0.118, 0.022, "#f6ecd6", form=0.2)
    pen.line([(x - 0.10, y + 0.118), (x - 0.10, y + 0.101)], 0.003, "#3a2a30")
    pen.line([(x - 0.10, y + 0.118), (x - 0.088, y + 0.124)], 0.003, "#3a2a30")


def _pot_plant(pen: Pen) -> None:
    for angle in np.deg2rad(np.linspace(-160, -20, 7)):
        tip = (np.cos(angle) * 0.55, -0.42 + np.sin(angle) * 0.5)
        pen.fill(
            limb([(0, -0.35), (tip[0] * 0.6, tip[1] - 0.05), tip], (0.06, 0.17, 0.0)), "#6fa36a", "#3c6a55", form=0.3
        )
    pen.poly([(-0.26, -0.42), (0.26, -0.42), (0.19, 0.0), (-0.19, 0.0)], "#d5835e", "#96503f")


def _pictures(stage: Stage, x: float, y: float) -> None:
    page, palette = stage.page, stage.palette
    for dx, w, h in ((-0.075, 0.10, 0.075), (0.065, 0.075, 0.10)):
        cx, cy = x + dx, y - (0.0 if dx < 0 else 0.01)
        page.bar(cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, "#e9d7b0", "#b08d5a", form=0.3)
        inner = box(cx - w / 2 + 0.008, cy - h / 2 + 0.008, cx + w / 2 - 0.008, cy + h / 2 - 0.008)
        art = page.inside(inner)
        art.fill(inner, palette.sky[1], palette.sky[3], lit=True, alpha=0.85)
        art.fill(oval(cx + 0.012, cy - 0.008, 0.013), palette.sun, lit=True)
        art.fill(
            polygon([(cx - w, cy + h / 2), (cx - 0.015, cy), (cx + 0.02, cy + 0.022), (cx + w, cy + h / 2)]),
            stage.depth(0.5),
            lit=True,
        )


def _hanging_lamp(stage: Stage, x: float) -> None:
    page = stage.page
    page.line([(x, -0.01), (x, 0.115)], 0.0035, "#2c2430")
    shade = smooth(
        [
            (x - 0.018, 0.115),
            (x + 0.018, 0.115),
            (x + 0.075, 0.178),
            (x + 0.07, 0.186),
            (x - 0.07, 0.186),
            (x - 0.075, 0.178),
        ]
    )
    page.fill(shade, "#e6b95c", "#b5763c", form=0.6)
    page.fill(oval(x, 0.186, 0.068, 0.009), mix(stage.palette.glow, "#ffffff", 0.55), lit=True)
    size = stage.canvas.size
    stage.canvas.glow(x * size, 0.20 * size, 0.50 * size, stage.palette.glow, 0.42 if stage.dim else 0.22)


def _plant(stage: Stage, x: float, foot: float, height: float) -> None:
    pen = stage.pen(x, foot, height)
    for i, angle in enumerate(np.deg2rad(np.linspace(-165, -15, 9))):
        tall = 0.62 + 0.28 * np.sin(i * 2.1) ** 2
        tip = (np.cos(angle) * tall * 0.8, -0.22 + np.sin(angle) * tall)
        leaf = limb([(0, -0.2), (tip[0] * 0.5, -0.2 + (tip[1] + 0.2) * 0.7), tip], (0.02, 0.12, 0.11, 0.0))
        pen.fill(leaf, "#5f9a68" if i % 2 else "#77b06f", "#2f5d55", form=0.4)
    pen.poly([(-0.20, -0.26), (0.20, -0.26), (0.14, 0.0), (-0.14, 0.0)], "#e8dcc8", "#a58f80")


def paint_table(stage: Stage, level: float, wood: str) -> None:
    """The table's top in front, with grain and the room's light on it."""
    page, palette = stage.page, stage.palette
    base = mix(rgb(wood) * mix(palette.ambient, "#ffffff", 0.2), palette.near, 0.08)
    page.fill(box(-0.01, level, 1.01, 1.01), mix(base, palette.glow, 0.12), mix(base, palette.near, 0.72), lit=True)
    page.bar(-0.01, level, 1.01, level + 0.004, mix(base, "#ffffff", 0.35), lit=True, alpha=0.6)
    rng = stage.rng
    grain: list[Outline] = []
    for y in np.linspace(level + 0.02, 0.99, 13) + rng.uniform(-0.006, 0.006, 13):
        x0 = float(rng.uniform(-0.2, 0.7))
        grain.append(limb([(x0, y), (x0 + 0.2, y + 0.004), (x0 + float(rng.uniform(0.3, 0.7)), y)], (0.0, 0.003, 0.0)))
    page.fill_all(grain, mix(base, palette.near, 0.5), lit=True, alpha=0.5)
    size = stage.canvas.size
    stage.canvas.glow(0.5 * size, (level + 0.03) * size, 0.38 * size, palette.glow, 0.22)


def paint_library(stage: Stage) -> None:
    """Tall shelves round an arch of light, a table in front."""
    rng, page, palette = stage.rng, stage.page, stage.palette
    _wall(stage, "#6b4a3c", "#3a2830")
    arch = np.vstack(
        [
            polygon([(0.30, 0.72), (0.30, 0.34)]),
            smooth([(0.30, 0.34), (0.36, 0.20), (0.5, 0.13), (0.64, 0.20), (0.70, 0.34)], closed=False),
            polygon([(0.70, 0.72)]),
        ]
    )
    page.fill(arch, palette.sky[1], palette.sky[3], lit=True)
    inner = page.inside(arch)
    x, y = 0.5 + 0.08 * stage.side, 0.33
    inner.fill(oval(x, y, 0.045), mix(palette.sun, "#ffffff", 0.3), lit=True)
    inner.glow(x, y, 0.3, palette.sun, 0.5)
    inner.fill(
        smooth([(0.2, 0.62), (0.38, 0.54), (0.55, 0.60), (0.8, 0.52), (0.8, 0.8), (0.2, 0.8)]),
        stage.depth(0.25),
        stage.depth(0.5),
        lit=True,
    )
    for k in (0.40, 0.50, 0.60):
        inner.bar(k - 0.003, 0.1, k + 0.003, 0.75, "#4a332e", form=0.0, rim=0.3)
    inner.bar(0.3, 0.34, 0.7, 0.346, "#4a332e", form=0.0)
    inner.bar(0.3, 0.53, 0.7, 0.536, "#4a332e", form=0.0)
    for left, right in ((-0.01, 0.275), (0.725, 1.01)):
        page.bar(left, 0.02, right, 0.75, "#4a2f2a", "#2a1c24", form=0.0)
        for k in range(6):
            foot = 0.125 + 0.122 * k
            page.bar(left + 0.01, foot - 0.108, right - 0.01, foot, "#2c1c22", form=0.0)
            book_row(rng, page, left + 0.014, right - 0.014, foot, 0.102)
            page.bar(left, foot, right, foot + 0.012, "#7d5038", "#553226", form=0.0)
    size = stage.canvas.size
    for x in (0.14, 0.86):
        stage.canvas.glow(x * size, 0.30 * size, 0.34 * size, palette.glow, 0.28)
    stage.canvas.glow(0.5 * size, 0.4 * size, 0.5 * size, palette.sun, 0.20)
    paint_table(stage, 0.675, "#7a4a32")


def paint_laboratory(stage: Stage) -> None:
    """A cool wall with a window and lit shelves of glass, a white bench in front."""
    page = stage.page
    _wall(stage, "#5f8796", "#2c4a62")
    _window(stage, 0.5, 0.33, 0.30, 0.34)
    rng = stage.rng
    for side in (-1, 1):
        x = 0.5 + side * 0.345
        for k, y in enumerate((0.26, 0.42, 0.58)):
            page.bar(x - 0.15, y, x + 0.15, y + 0.012, "#dce6e8", "#8fa5b0", form=0.0)
            for i in range(5):
                tint: Color | str = ("#5fd0c5", "#f2b84b", "#e8718d", "#8f9bf0", "#b5dd6a")[int(rng.integers(5))]
                vessel(stage.pen(x - 0.115 + 0.057 * i, y, 0.085 + 0.02 * float(rng.random())), tint, kind=(i + k) % 3)
    paint_table(stage, 0.675, "#cfdadd")


def vessel(pen: Pen, liquid: Color | str, *, kind: int) -> None:
    """A laboratory vessel standing on (0, 0), 1 high: 0 a conical flask, 1 a round one, 2 a tube."""
    outlines = (
        smooth(
            [
                (-0.09, -1.0),
                (0.09, -1.0),
                (0.09, -0.66),
                (0.36, -0.06),
                (0.30, 0.0),
                (-0.30, 0.0),
                (-0.36, -0.06),
                (-0.09, -0.66),
            ],
            steps=6,
        ),
        np.vstack([polygon([(-0.08, -0.62), (-0.08, -1.0), (0.08, -1.0), (0.08, -0.62)]), _round(0.34)]),
        box(-0.13, -0.86, 0.13, 0.0, 0.12),
    )
    glass = outlines[kind]
    pen.fill(glass, "#e4f4f6", alpha=0.30, form=0.0, rim=0.8)
    inner = pen.inside(glass)
    inner.bar(-0.5, -0.42, 0.5, 0.1, mix(liquid, "#ffffff", 0.15), liquid, form=0.0, alpha=0.85)
    inner.bar(-0.5, -0.43, 0.5, -0.40, mix(liquid, "#ffffff", 0.6), form=0.0, rim=0.0, alpha=0.8)
    inner.bar(-0.2, -0.9, -0.14, -0.05, "#ffffff", form=0.0, rim=0.0, alpha=0.35)
    pen.glow(0, -0.25, 0.5, liquid, 0.16)


def _round(radius: float) -> Outline:
    angle = np.deg2rad(np.linspace(-76, 256, 60))
    return np.stack([radius * np.cos(angle), -radius + radius * np.sin(angle)], axis=-1)
