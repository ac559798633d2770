"""Signs for ideas: a heart, a key, a crown, a chart."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import arc, heart, limb, points, polygon, smooth
from .kit import INK, Props, Sketch


def one_heart(pen: Pen, _: Props) -> None:
    red = "#e0435a"
    pen.glow(0, 0, 0.85, "#ff8a9a", 0.45)
    shape = heart(0, 0, 0.88)
    pen.fill(shape, mix(red, "#ff9aa0", 0.2), mix(red, "#5a1040", 0.45))
    inner = pen.inside(shape)
    inner.disc(-0.19, -0.22, 0.13, "#ffffff", ry=0.075, turn=-38, form=0.0, rim=0.0, alpha=0.38)
    inner.disc(-0.29, -0.08, 0.035, "#ffffff", form=0.0, rim=0.0, alpha=0.35)
    for path in (
        points("6,-24 12,-6 8,10 2,24"),
        [(0.12, -0.06), (0.24, 0.0), (0.28, 0.08)],
        [(0.09, 0.06), (-0.06, 0.10), (-0.14, 0.06)],
    ):
        inner.line(path, (0.022, 0.015, 0.004), "#ffb3b8", alpha=0.4)


def brain(pen: Pen, _: Props) -> None:
    pink = "#f09aa6"
    pen.glow(0, 0, 0.85, "#ffc2d0", 0.38)
    pen.fill(limb([(0.06, 0.22), (0.10, 0.36), (0.09, 0.50)], (0.15, 0.11, 0.08)), mix(pink, "#8a4a7a", 0.3), form=0.8)
    pen.disc(0.27, 0.24, 0.165, mix(pink, "#8a4a7a", 0.2), ry=0.115)
    for k in range(3):
        pen.line(
            [(0.14, 0.20 + 0.045 * k), (0.27, 0.185 + 0.05 * k), (0.40, 0.21 + 0.04 * k)],
            0.010,
            mix(pink, "#7a3a6a", 0.55),
            alpha=0.7,
        )
    shape = smooth(
        points("-50,6 -50,-14 -38,-30 -18,-40 6,-42 28,-34 44,-18 48,2 42,16 24,18 8,24 -14,24 -24,17 -40,17")
    )
    pen.fill(shape, pink, mix(pink, "#8a3a7a", 0.35))
    inner = pen.inside(shape)
    fold, lit = mix(pink, "#8a3a6a", 0.55), mix(pink, "#ffffff", 0.5)
    for path in (
        points("-46,-2 -34,-10 -26,0 -36,9"),
        [(-0.36, -0.28), (-0.27, -0.20), (-0.33, -0.12)],
        points("-18,-40 -13,-26 -21,-17 -13,-7"),
        points("-2,-42 3,-29 -5,-20 4,-11"),
        points("15,-40 15,-28 24,-22 16,-12"),
        points("34,-28 30,-17 39,-10 33,1"),
        points("-20,7 -6,2 9,5 20,0"),
        points("-14,24 -10,14 4,12 12,18"),
        [(0.26, 0.18), (0.27, 0.09), (0.38, 0.08)],
    ):
        inner.line([(x - 0.006, y - 0.014) for x, y in path], (0.010, 0.022, 0.010), lit, alpha=0.6)
        inner.line(path, (0.010, 0.024, 0.010), fold, alpha=0.85)


def bulb(pen: Pen, props: Props) -> None:
    pen.glow(0, -0.14, 1.0, props.glow, 0.6)
    for k in range(10):
        a = np.deg2rad(-90 + 33 * (k - 4.5))
        pen.line(
            [
                (0.44 * float(np.cos(a)), -0.14 + 0.44 * float(np.sin(a))),
                (0.54 * float(np.cos(a)), -0.14 + 0.54 * float(np.sin(a))),
            ],
            (0.022, 0.008),
            "#fff0b8",
            lit=True,
            alpha=0.85,
        )
    glass = smooth(points("0,-50 22,-43 33,-24 30,-4 18,12 13.5,24 -13.5,24 -18,12 -30,-4 -33,-24 -22,-43"))
    pen.fill(glass, "#fff7d2", "#ffc95a", lit=True, alpha=0.92)
    inner = pen.inside(glass)
    inner.disc(0, -0.12, 0.19, "#ffffff", lit=True, alpha=0.5)
    inner.line(
        points("-6,24 -8,2 -10,-10 -5,-4 0,-12 5,-4 10,-10 8,2 6,24"),
        0.014,
        "#e0742f",
        lit=True,
    )
    inner.line([(-0.25, -0.28), (-0.20, -0.38), (-0.10, -0.44)], (0.01, 0.04, 0.01), "#ffffff", lit=True, alpha=0.8)
    for i, y in enumerate((0.25, 0.315, 0.38)):
        pen.bar(-0.135 + 0.012 * i, y, 0.135 - 0.012 * i, y + 0.055, "#b8bec9", "#737a8c", radius=0.02)
    pen.blob(points("-9,44 9,44 4,49 -4,49"), "#4a4a58")


def key(pen: Pen, _: Props) -> None:
    brass = "#e2b04f"
    p = pen.at(0, 0, 1.0, turn=-35)
    pen.glow(0, 0, 0.8, "#ffdf9a", 0.4)
    p.bar(-0.16, -0.042, 0.56, 0.042, brass, mix(brass, INK, 0.4), radius=0.02)
    for x, tall in ((0.36, 0.17), (0.46, 0.13), (0.53, 0.18)):
        p.bar(x - 0.028, 0.0, x + 0.028, tall, brass, mix(brass, INK, 0.4), radius=0.008)
    for x in (-0.13, 0.02):
        p.bar(x - 0.02, -0.07, x + 0.02, 0.07, mix(brass, "#fff0c0", 0.3), radius=0.015)
    for k in range(3):
        a = np.deg2rad(90 + 120 * k + 90)
        cx, cy = -0.34 + 0.125 * float(np.cos(a)), 0.125 * float(np.sin(a))
        p.fill(
            np.vstack([arc(cx, cy, 0.125, 0.125, 0, 360), arc(cx, cy, 0.068, 0.068, 360, 0)]),
            brass,
            mix(brass, INK, 0.35),
        )
    p.disc(-0.34, 0, 0.06, mix(brass, INK, 0.15))
    p.disc(-0.34, 0, 0.034, "#5fb8d0")


def crown(pen: Pen, _: Props) -> None:
    gold = "#eebb4d"
    pen.glow(0, 0.05, 0.85, "#ffe0a0", 0.42)
    pen.disc(0, 0.26, 0.46, mix(gold, INK, 0.6), ry=0.075, form=0.0)
    body = polygon(points("-46,26 -54,-22 -28,2 -16,-34 0,-2 16,-34 28,2 54,-22 46,26"))
    pen.fill(body, mix(gold, "#fff0b8", 0.25), mix(gold, "#8a4f1f", 0.4))
    for x, y in ((-0.54, -0.25), (-0.16, -0.37), (0.16, -0.37), (0.54, -0.25)):
        pen.disc(x, y, 0.052, "#fff3d8")
    pen.blob(
        points("-48,20 0,27 48,20 47,34 0,42 -47,34"),
        gold,
        mix(gold, "#8a4f1f", 0.35),
    )
    for x, color in ((-0.32, "#4fb0d8"), (-0.16, "#e0506a"), (0.0, "#5fc88a"), (0.16, "#e0506a"), (0.32, "#4fb0d8")):
        y = 0.335 - 0.30 * x * x
        pen.disc(x, y, 0.048, color, ry=0.04)
        pen.disc(x - 0.014, y - 0.013, 0.012, "#ffffff", lit=True)


def chart(pen: Pen, _: Props) -> None:
    base = "#3f4a6b"
    pen.bar(-0.62, 0.43, 0.64, 0.48, "#f4ead8", "#c9b89c", radius=0.02)
    for i, (tall, color) in enumerate(
        ((0.22, "#4fb0b8"), (0.34, "#5f9ad8"), (0.30, "#8a86e0"), (0.52, "#e88a6f"), (0.74, "#f2b84f"))
    ):
        x = -0.50 + 0.235 * i
        pen.poly(
            [(x + 0.16, 0.43), (x + 0.21, 0.40), (x + 0.21, 0.40 - tall), (x + 0.16, 0.43 - tall)],
            mix(color, base, 0.55),
            mix(color, base, 0.7),
            form=0.0,
        )
        pen.poly(
            [(x, 0.43 - tall), (x + 0.05, 0.40 - tall), (x + 0.21, 0.40 - tall), (x + 0.16, 0.43 - tall)],
            mix(color, "#ffffff", 0.45),
            form=0.0,
        )
        pen.bar(x, 0.43 - tall, x + 0.16, 0.43, color, mix(color, base, 0.45), form=0.3)
    path = points("-50,10 -24,-3 0,2 24,-20 50,-42")
    pen.line(path, (0.030, 0.036), "#fff6e0", rim=0.5)
    pen.poly([(0.60, -0.50), (0.55, -0.32), (0.43, -0.45)], "#fff6e0")
    for x, y in path[:-1]:
        pen.disc(x, y, 0.034, "#fff6e0")
        pen.disc(x, y, 0.018, "#e0574a", form=0.0)


def coin(pen: Pen, _: Props) -> None:
    gold = "#f2bf4a"
    for x, n in ((-0.34, 4), (0.34, 7), (0.0, 2)):
        for k in range(n):
            y = 0.43 - 0.075 * k
            pen.fill(
                np.vstack([arc(x, y - 0.045, 0.185, 0.055, 180, 360), arc(x, y, 0.185, 0.055, 0, 180)]),
                gold,
                mix(gold, "#8a4f1f", 0.5),
                form=0.8,
            )
            pen.disc(x, y - 0.045, 0.185, mix(gold, "#fff2c0", 0.35), ry=0.055, form=0.2)
            pen.disc(x, y - 0.045, 0.135, mix(gold, "#a5672f", 0.25), ry=0.038, form=0.2)
    pen.glow(0.0, -0.18, 0.55, "#ffe6a0", 0.45)
    pen.disc(0.018, -0.16, 0.27, mix(gold, "#8a4f1f", 0.55))
    pen.disc(0, -0.17, 0.265, gold)
    pen.disc(0, -0.17, 0.215, mix(gold, "#a5672f", 0.28), form=0.5)
    pen.disc(0, -0.17, 0.20, mix(gold, "#fff0b8", 0.2), form=0.4)
    for k in range(5):
        pen.at(0, -0.17, 0.34, turn=72 * k).fill(
            smooth(points("0,-10 13,-24 0,-44 -13,-24")), mix(gold, "#8a4f1f", 0.35), form=0.4
        )


def atom(pen: Pen, _: Props) -> None:
    pen.glow(0, 0, 0.8, "#8fd8ff", 0.4)
    for i, turn in enumerate((0, 60, 120)):
        p = pen.at(0, 0, 1, turn=turn)
        ring = [(0.46 * float(np.cos(a)), 0.16 * float(np.sin(a))) for a in np.linspace(0, 2 * np.pi, 34)]
        p.fill(limb(ring, (0.017,), steps=3), ("#7fe0ff", "#ff9ac0", "#ffd86b")[i], lit=True, alpha=0.9)
        a = 0.6 + 2.1 * i
        p.glow(0.46 * float(np.cos(a)), 0.16 * float(np.sin(a)), 0.13, "#ffffff", 0.7)
        p.disc(0.46 * float(np.cos(a)), 0.16 * float(np.sin(a)), 0.038, "#f4fbff")
    for x, y, color in (
        (-0.045, 0.03, "#e8657a"),
        (0.05, 0.04, "#5f9ad8"),
        (0.0, -0.05, "#e8657a"),
        (0.06, -0.03, "#5f9ad8"),
        (-0.06, -0.035, "#5f9ad8"),
        (0.0, 0.015, "#e8657a"),
    ):
        pen.disc(x, y, 0.062, color)


def dna(pen: Pen, _: Props) -> None:
    pen.glow(0, 0, 0.7, "#9ad0ff", 0.3)
    p = pen.at(0, 0, 1.0, turn=16)
    t = np.linspace(0, 1, 60)
    y = -0.5 + t
    phase = t * 2 * np.pi * 1.6
    colors = ("#f2708a", "#f7c24e", "#5fd0b8", "#8a9cf0")
    for k in range(1, 20):
        a = k / 20 * 2 * np.pi * 1.6
        x, yy = 0.19 * float(np.sin(a)), -0.5 + k / 20
        p.line([(-x, yy), (0, yy)], 0.020, colors[k % 4], rim=0.3)
        p.line([(0, yy), (x, yy)], 0.020, colors[(k + 2) % 4], rim=0.3)
    depth = np.cos(phase)
    for strand, color in ((-1, "#5f86e0"), (1, "#e86f9a")):
        sway = strand * 0.19 * np.sin(phase)
        front = depth * strand
        p.fill(
            limb(np.stack([sway, y], -1), tuple(0.040 + 0.016 * front), steps=2),
            color,
            mix(color, "#27204a", 0.25),
            form=0.9,
        )


SKETCHES = {
    "heart": Sketch(one_heart, "hover", 0.34),
    "brain": Sketch(brain, "hover", 0.38, 1.1),
    "bulb": Sketch(bulb, "hover", 0.40, 0.8),
    "key": Sketch(key, "hover", 0.34, 1.1),
    "crown": Sketch(crown, "hover", 0.32, 1.2),
    "chart": Sketch(chart, "stand", 0.38, 1.3, turns=False),
    "coin": Sketch(coin, "stand", 0.36, 1.1),
    "atom": Sketch(atom, "hover", 0.38),
    "dna": Sketch(dna, "hover", 0.42, 0.6),
}
