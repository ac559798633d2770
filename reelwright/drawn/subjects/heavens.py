"""What is out there, and what people look at it with."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import limb, oval, points, smooth
from .kit import INK, Props, Sketch


def _ring(pen: Pen, front: bool) -> None:
    """Half of a planet's tilted ring."""
    start, end = (0, 180) if front else (180, 360)
    angle = np.deg2rad(np.linspace(start, end, 60))
    for inner, outer, color, alpha in (
        (0.46, 0.52, "#d9b98a", 0.9),
        (0.535, 0.66, "#f4dcae", 0.95),
        (0.675, 0.71, "#c79a6e", 0.8),
    ):
        out = np.stack([outer * np.cos(angle), 0.24 * outer * np.sin(angle)], -1)
        inn = np.stack([inner * np.cos(angle), 0.24 * inner * np.sin(angle)], -1)[::-1]
        pen.at(0, 0, 1, turn=-18).fill(np.vstack([out, inn]), color, form=0.0, rim=0.3, alpha=alpha)


def planet(pen: Pen, props: Props) -> None:
    """Any planet: a banded blue one, which is none of those that people know by sight."""
    _giant(pen, "#6fa8d8", ("#a5d3ee", "#4a7fc0", "#8fc4e8", "#3f6cb0"))


def jupiter(pen: Pen, props: Props) -> None:
    _giant(pen, "#e0ac78", ("#f6dcb4", "#b9744a", "#f0cfa0", "#a5603c"))
    pen.disc(0.13, 0.15, 0.085, "#c4532f", ry=0.052, form=0.2, rim=0.0, alpha=0.9)


def saturn(pen: Pen, props: Props) -> None:
    _giant(pen, "#e6a765", ("#f6d39a", "#c97a4a", "#f2c184", "#b5633f"), ringed=True)


def mars(pen: Pen, props: Props) -> None:
    base = "#c8623a"
    pen.glow(0, 0, 0.70, mix(base, "#ffffff", 0.3), 0.28)
    ball = oval(0, 0, 0.40)
    pen.fill(ball, base, mix(base, "#5a2418", 0.4), form=0.0, rim=0.0)
    inner = pen.inside(ball)
    for x, y, rx, ry in ((-0.16, -0.05, 0.17, 0.06), (0.15, 0.10, 0.20, 0.07), (-0.05, 0.24, 0.15, 0.05)):
        inner.disc(x, y, rx, "#8f3f28", ry=ry, turn=-14, form=0.0, rim=0.0, alpha=0.6)
    for x, y, r in ((0.08, -0.16, 0.05), (-0.24, 0.12, 0.035), (0.24, -0.04, 0.03)):
        inner.disc(x, y, r, "#a44e30", form=0.5, rim=0.4, alpha=0.8)
    inner.blob(points("-14,-44 14,-44 12,-36 0,-34 -12,-36"), "#f7ece4", form=0.0, rim=0.0, alpha=0.9)
    pen.fill(ball, base, mix(base, "#3a140e", 0.5), alpha=0.35)


def _giant(pen: Pen, base: str, bands: tuple[str, ...], *, ringed: bool = False) -> None:
    """A ball of banded clouds."""
    pen.glow(0, 0, 0.72, mix(base, "#ffffff", 0.3), 0.28)
    if ringed:
        _ring(pen, front=False)
    ball = oval(0, 0, 0.40)
    pen.fill(ball, base, form=0.0, rim=0.0)
    inner = pen.inside(ball)
    tilted = inner.at(0, 0, 1, turn=-18)
    for i, y in enumerate(np.linspace(-0.36, 0.34, 8)):
        wave = [(float(x), float(y) + 0.012 * float(np.sin(x * 11 + i * 2.2))) for x in np.linspace(-0.5, 0.5, 9)]
        tilted.line(wave, (0.05, 0.07, 0.045), bands[i % 4], alpha=0.65)
    pen.fill(ball, base, alpha=0.55)
    if ringed:
        _ring(pen, front=True)


def earth(pen: Pen, props: Props) -> None:
    sea, land = "#2f7fc8", "#7fb56a"
    pen.glow(0, 0, 0.66, "#9fd8ff", 0.42)
    ball = oval(0, 0, 0.42)
    pen.fill(ball, sea, mix(sea, "#123a80", 0.5), form=0.0, rim=0.0)
    inner = pen.inside(ball)
    for outline in (
        points("-36,-22 -22,-36 -4,-33 -6,-20 -16,-12 -14,-2 -24,-6"),
        points("-14,2 -2,4 4,14 -4,28 -10,38 -15,22 -19,10"),
        points("14,-30 30,-30 44,-14 42,0 32,-4 26,6 30,20 20,24 14,6 8,-10"),
    ):
        inner.blob(outline, land, mix(land, "#c9a862", 0.5), form=0.3, rim=0.0)
    inner.blob(points("-16,-46 10,-46 16,-37 -2,-38.5 -18,-38"), "#f4fbff", form=0.0, rim=0.0)
    for y, x in ((-0.18, 0.05), (0.05, -0.25), (0.16, 0.2), (-0.05, 0.25), (0.3, 0.0)):
        inner.line(
            [(x - 0.2, y), (x - 0.05, y - 0.025), (x + 0.06, y + 0.01), (x + 0.2, y - 0.015)],
            (0.0, 0.035, 0.02, 0.0),
            "#ffffff",
            alpha=0.8,
        )
    pen.fill(ball, sea, mix(sea, "#0c2a60", 0.5), alpha=0.30)
    lx, ly = pen.light.toward
    dark = oval(-lx * 0.30 * (-1 if pen.flip else 1), -ly * 0.30, 0.46)
    inner.fill(dark, "#081530", form=0.0, rim=0.0, alpha=0.22)


def moon(pen: Pen, _: Props) -> None:
    pale = "#e9e6dc"
    pen.glow(0, 0, 0.85, "#f4f1dc", 0.5)
    ball = oval(0, 0, 0.42)
    pen.fill(ball, pale, mix(pale, "#8f93a8", 0.4))
    inner = pen.inside(ball)
    for x, y, r in (
        (-0.14, -0.14, 0.12),
        (0.12, -0.20, 0.08),
        (0.02, 0.10, 0.14),
        (-0.22, 0.14, 0.07),
        (0.22, 0.06, 0.06),
        (0.14, 0.27, 0.07),
    ):
        inner.disc(x, y, r, mix(pale, "#8d90a8", 0.5), ry=r * 0.86, form=0.0, rim=0.0, alpha=0.5)
    for x, y, r in (
        (-0.28, -0.06, 0.035),
        (0.26, -0.12, 0.04),
        (-0.06, -0.31, 0.03),
        (-0.10, 0.30, 0.04),
        (0.31, 0.18, 0.025),
        (0.0, -0.08, 0.02),
    ):
        inner.disc(x + 0.008, y + 0.010, r, "#ffffff", form=0.0, rim=0.0, alpha=0.5)
        inner.disc(x, y, r, mix(pale, "#7f839c", 0.6), form=0.0, rim=0.0, alpha=0.7)


def star(pen: Pen, _: Props) -> None:
    for x, y, s, k in (
        (0.0, 0.0, 0.5, 1.0),
        (-0.42, -0.28, 0.16, 0.8),
        (0.38, 0.26, 0.14, 0.8),
        (0.42, -0.32, 0.10, 0.7),
        (-0.34, 0.32, 0.09, 0.7),
    ):
        pen.glow(x, y, s * 1.3, "#ffdf9a", 0.6 * k)
        for turn, size in ((45.0, 0.45), (0.0, 1.0)):
            part = pen.at(x, y, s * size, turn=turn)
            for a in range(4):
                part.at(0, 0, 1, turn=90 * a).fill(
                    smooth(points("0,-100 5,-20 20,-5 0,0 -20,-5 -5,-20"), steps=6),
                    "#fff6dc",
                    lit=True,
                )
        pen.fill(oval(x, y, s * 0.22), "#ffffff", lit=True)


def sun(pen: Pen, _: Props) -> None:
    pen.glow(0, 0, 0.95, "#ffc65a", 0.75)
    for i in range(16):
        ray = pen.at(0, 0, 1, turn=i * 22.5)
        tall = 0.50 if i % 2 == 0 else 0.42
        ray.fill(smooth([(-0.045, -0.30), (0, -tall), (0.045, -0.30)], steps=6), "#ffd472", lit=True, alpha=0.9)
    pen.fill(oval(0, 0, 0.285), "#ffe79a", "#ffb648", lit=True)
    pen.fill(oval(-0.04, -0.05, 0.20), "#fff6cf", lit=True, alpha=0.55)


def galaxy(pen: Pen, props: Props) -> None:
    p = pen.at(0, 0, 1.0, turn=-24)
    rng = props.rng
    pen.glow(0, 0, 0.85, "#9a86ff", 0.45)
    for arm in (0.0, np.pi):
        for k in range(150):
            t = k / 150
            angle = arm + t * 3.6 * np.pi * 0.75 + rng.normal(0, 0.16)
            r = 0.07 + 0.62 * t + rng.normal(0, 0.02)
            x, y = r * np.cos(angle), 0.42 * r * np.sin(angle)
            color = mix(mix("#fff0d0", "#8fb4ff", min(1.0, t * 1.6)), "#e089ff", float(rng.uniform(0, 0.5)) * t)
            p.glow(float(x), float(y), 0.085 * (1 - 0.5 * t), color, 0.20)
            if k % 3 == 0:
                p.glow(float(x + rng.normal(0, 0.015)), float(y + rng.normal(0, 0.012)), 0.016, "#ffffff", 0.9)
    pen.glow(0, 0, 0.34, "#fff0c4", 0.8)
    p.fill(oval(0, 0, 0.085, 0.055), "#fffaf0", lit=True, alpha=0.9)


def comet(pen: Pen, _: Props) -> None:
    for width, color, alpha in (
        (0.42, "#5f8fe8", 0.16),
        (0.28, "#8fc0ff", 0.22),
        (0.16, "#cfe6ff", 0.35),
        (0.07, "#ffffff", 0.6),
    ):
        pen.fill(
            limb([(0.32, 0.30), (-0.12, -0.04), (-0.62, -0.46)], (width * 0.5, width * 0.75, 0.0)),
            color,
            lit=True,
            alpha=alpha,
        )
    pen.glow(0.32, 0.30, 0.40, "#cfe6ff", 0.8)
    pen.fill(oval(0.32, 0.30, 0.075), "#ffffff", lit=True)
    for x, y, r in (
        (-0.5, -0.14, 0.010),
        (-0.1, -0.32, 0.008),
        (0.1, -0.15, 0.010),
        (-0.30, 0.10, 0.008),
        (-0.7, -0.4, 0.007),
    ):
        pen.fill(oval(x, y, r), "#ffffff", lit=True, alpha=0.8)


def telescope(pen: Pen, _: Props) -> None:
    brass, dark = "#d9a552", "#4a3a48"
    for x in (-0.26, 0.24, 0.02):
        pen.line(
            [(0.0, 0.06), (x, 0.49)], (0.05, 0.032), mix("#8a5f40", INK, 0.15 if x > 0.2 else 0.35), rim=0.8, form=0.4
        )
    pen.disc(0, 0.05, 0.07, dark)
    p = pen.at(0, -0.05, 1.0, turn=-32)
    p.bar(-0.50, -0.055, -0.22, 0.055, mix(brass, INK, 0.2), mix(brass, INK, 0.55), radius=0.012)
    p.bar(-0.60, -0.038, -0.48, 0.038, dark, INK, radius=0.01)
    p.bar(-0.26, -0.085, 0.30, 0.085, brass, mix(brass, INK, 0.5), radius=0.012)
    p.bar(0.26, -0.11, 0.60, 0.11, mix(brass, "#fff0c0", 0.15), mix(brass, INK, 0.5), radius=0.012)
    for x in (-0.25, 0.26, 0.55):
        p.bar(
            x - 0.018,
            -0.118 if x > 0 else -0.095,
            x + 0.018,
            0.118 if x > 0 else 0.095,
            mix(brass, "#fff4d0", 0.5),
            mix(brass, INK, 0.4),
            form=0.3,
        )
    p.disc(0.60, 0.0, 0.022, "#bfe6f4", ry=0.105)
    p.bar(-0.10, -0.15, 0.14, -0.11, dark, INK, radius=0.015)
    p.line([(-0.04, -0.11), (-0.04, -0.08)], 0.02, dark)
    p.line([(0.08, -0.11), (0.08, -0.08)], 0.02, dark)


def satellite(pen: Pen, props: Props) -> None:
    """A space telescope: a honeycomb mirror of gold over a many-layered sunshield."""
    for i, color in enumerate(("#8a6fb8", "#a88ad0", "#c9aee6", "#e8d6f4")):
        y = 0.345 - 0.032 * i
        pen.poly(
            [(-0.74 + 0.02 * i, y), (-0.20, y - 0.10), (0.74 - 0.02 * i, y - 0.02), (0.22, y + 0.10)],
            color,
            mix(color, "#5a3f8a", 0.4),
            form=0.3,
        )
    pen.poly(points("-6,30 8,30 5,8 -3,8"), "#4a4a5c", INK)
    for x in (-0.36, 0.38):
        pen.line([(x, 0.10), (0.02, -0.38)], 0.014, "#3c3c4c", rim=0.8)
    r = 0.098
    step = r * float(np.sqrt(3))
    for q in range(-2, 3):
        for s in range(-2, 3):
            if abs(q + s) > 2 or (q == 0 and s == 0):
                continue
            x, y = step * (s + q / 2), -0.12 + r * 1.5 * q
            angle = np.deg2rad(np.arange(6) * 60 + 30)
            cell = np.stack([x + 0.94 * r * np.cos(angle), y + 0.94 * r * np.sin(angle)], -1)
            tone = mix("#ffcf5a", "#e0912f", float(0.5 + 0.28 * (x + y) + props.rng.uniform(-0.16, 0.16)) % 1.0)
            pen.fill(cell, mix(tone, "#fff4c8", 0.25), tone, form=0.25, rim=0.5)
    pen.disc(0.0, -0.12, 0.055, "#3a3444")
    pen.line([(0.0, -0.13), (0.02, -0.40)], 0.016, "#3c3c4c", rim=0.8)
    pen.disc(0.02, -0.40, 0.045, "#4a4a5c", ry=0.03)
    pen.glow(-0.10, -0.26, 0.26, "#fff0b0", 0.38)


SKETCHES = {
    "planet": Sketch(planet, "sky", 0.40, 1.2),
    "earth": Sketch(earth, "sky", 0.40, 1.2),
    "jupiter": Sketch(jupiter, "sky", 0.40, 1.2),
    "saturn": Sketch(saturn, "sky", 0.40, 1.2),
    "mars": Sketch(mars, "sky", 0.40, 1.2),
    "moon": Sketch(moon, "sky", 0.32),
    "star": Sketch(star, "sky", 0.30),
    "sun": Sketch(sun, "sky", 0.32),
    "galaxy": Sketch(galaxy, "sky", 0.40, 1.3),
    "comet": Sketch(comet, "sky", 0.32, 1.2),
    "telescope": Sketch(telescope, "stand", 0.34, 1.1),
    "satellite": Sketch(satellite, "fly", 0.40, 1.4),
}
