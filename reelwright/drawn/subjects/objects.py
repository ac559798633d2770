"""Things of daily life: a cup, a book, a lamp, a map."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import Color, mix
from ..paths import arc, box, heart, limb, oval, points, polygon, smooth
from .kit import INK, Props, Sketch, flame, leafy


def coffee(pen: Pen, props: Props) -> None:
    cup = ("#f6efe2", "#d9694f", "#4f8f9a")[int(props.rng.integers(3))]
    for x, phase in ((-0.12, 0.0), (0.04, 2.0), (0.16, 4.0)):
        path = [(x + 0.05 * float(np.sin(phase + 4 * t)), -0.14 - 0.36 * t) for t in np.linspace(0, 1, 6)]
        pen.line(path, (0.01, 0.05, 0.035, 0.0), "#ffffff", alpha=0.34, lit=True)
    pen.disc(0, 0.43, 0.52, mix(cup, "#ffffff", 0.25), ry=0.07)
    pen.disc(0, 0.42, 0.38, mix(cup, INK, 0.12), ry=0.042, form=0.2)
    ring = np.vstack([arc(0.33, 0.12, 0.17, 0.16, -100, 110), arc(0.33, 0.12, 0.10, 0.09, 110, -100)])
    pen.fill(ring, cup, mix(cup, INK, 0.25), form=0.6)
    body = smooth(points("-36,-10 -34.5,12 -25,34 -13,42 13,42 25,34 34.5,12 36,-10 0,-6"))
    pen.fill(body, cup, mix(cup, INK, 0.22))
    pen.inside(body).bar(
        -0.4, 0.06, 0.4, 0.115, mix(cup, "#c9813f" if cup == "#f6efe2" else "#fff2dc", 0.75), form=0.6, rim=0.0
    )
    pen.disc(0, -0.10, 0.36, mix(cup, "#ffffff", 0.3), ry=0.075, form=0.2)
    pen.disc(0, -0.095, 0.325, "#5a3524", ry=0.06, form=0.4, rim=0.0)
    pen.fill(heart(0.0, -0.095, 0.075) * np.array([2.2, 1.0]), "#e6c49a", form=0.0, rim=0.0, alpha=0.85)
    for x, turn in ((-0.50, 20), (-0.60, -30), (0.56, 10)):
        bean = pen.at(x, 0.475, 0.1, turn=turn)
        bean.disc(0, 0, 0.42, "#6f4228", ry=0.28)
        bean.line([(-0.36, 0.04), (0, -0.05), (0.36, 0.03)], 0.07, "#3f2418")


def book(pen: Pen, props: Props) -> None:
    cover = ("#b5483f", "#3f6f8f", "#4f7f5a", "#7a5a9a")[int(props.rng.integers(4))]
    for side in (-1, 1):
        pen.blob(
            [(0, 0.36), (side * 0.30, 0.30), (side * 0.66, 0.33), (side * 0.66, 0.40), (side * 0.30, 0.38), (0, 0.45)],
            cover,
            mix(cover, INK, 0.4),
        )
    for side in (-1, 1):
        for k in range(4):
            drop = 0.018 * (3 - k)
            page = smooth(
                [
                    (0, -0.12 + drop),
                    (side * 0.18, -0.22 + drop),
                    (side * 0.42, -0.21 + drop),
                    (side * 0.62, -0.13 + drop),
                ],
                closed=False,
            )
            low = smooth(
                [(side * 0.62, 0.30 + drop), (side * 0.42, 0.22 + drop), (side * 0.18, 0.23 + drop), (0, 0.36 + drop)],
                closed=False,
            )
            tone = "#fdf5e2" if k == 3 else mix("#e6d5b4", "#fdf5e2", 0.25 * k)
            pen.fill(np.vstack([page, low]), tone, mix(tone, "#c9a878", 0.3), form=0.25 if k == 3 else 0.0, rim=0.2)
        for row in range(7):
            y = -0.12 + 0.052 * row
            end = 0.54 if row % 3 != 2 else 0.40
            line = [(side * 0.10, y - 0.02), (side * 0.26, y - 0.045), (side * end, y - 0.03)]
            pen.line(line, 0.009, "#a58f78", alpha=0.75)
    pen.line([(0, -0.12), (0, 0.38)], (0.012, 0.02), mix("#c9a878", INK, 0.3), alpha=0.7)
    pen.fill(
        polygon(points("20,-24 26,-24 25.5,42 22.5,38.5 19.5,42")),
        "#e0574a",
        "#a8323f",
        form=0.2,
    )
    pen.glow(0, -0.05, 0.75, "#ffe6a8", 0.25)
    for x, y, r in ((-0.22, -0.36, 0.014), (0.05, -0.44, 0.018), (0.30, -0.38, 0.012), (-0.05, -0.30, 0.010)):
        pen.glow(x, y, r * 3.5, "#ffe6a8", 0.8)
        pen.fill(oval(x, y, r * 0.6), "#fff8e0", lit=True)


def lamp(pen: Pen, props: Props) -> None:
    iron = "#4a4452"
    ring = [(0.10 * float(np.cos(a)), -0.43 + 0.09 * float(np.sin(a))) for a in np.linspace(np.pi, 2 * np.pi, 8)]
    pen.line(ring, 0.018, iron, rim=0.8)
    pen.poly(points("-20,-30 -6,-43 6,-43 20,-30"), iron, INK)
    pen.bar(-0.23, -0.32, 0.23, -0.28, iron, form=0.4)
    glass = polygon(points("-18,-28 18,-28 22,34 -22,34"))
    pen.fill(glass, "#fff0bd", "#ffb24a", lit=True, alpha=0.75)
    pen.glow(0, 0.08, 1.0, props.glow, 0.65)
    pen.bar(-0.07, 0.14, 0.07, 0.34, "#fbf2dc", "#e0b98a", radius=0.02, form=0.4)
    flame(pen, 0.0, 0.14, 0.26)
    for x0, x1 in ((-0.18, -0.22), (0.18, 0.22), (0.0, 0.0)):
        if x0:
            pen.line([(x0, -0.28), (x1, 0.34)], 0.026, iron, rim=0.8)
    pen.bar(-0.26, 0.34, 0.26, 0.42, iron, INK, radius=0.015)
    pen.bar(-0.20, 0.42, 0.20, 0.5, iron, INK, radius=0.02)


def bottle(pen: Pen, props: Props) -> None:
    first = int(props.rng.integers(3))
    tints = ("#4fd0c0", "#f2a23c", "#b56fe8", "#7fd05f")
    for i, (x, s, kind) in enumerate(((-0.36, 0.66, 1), (0.36, 0.72, 2), (0.0, 1.0, 0))):
        _vessel(pen.at(x, 0.5 - 0.5 * s, s), tints[(first + i) % 4], kind)


def _vessel(pen: Pen, liquid: Color | str, kind: int) -> None:
    if kind == 0:
        glass = smooth(
            points("-8.5,-44 8.5,-44 8.5,-12 34,38 30,49 -30,49 -34,38 -8.5,-12"),
            steps=8,
        )
    elif kind == 1:
        ball = arc(0, 0.17, 0.32, 0.32, -75, 255)
        glass = np.vstack([ball, polygon([(-0.083, -0.44), (0.083, -0.44)])])
    else:
        glass = box(-0.14, -0.44, 0.14, 0.49, 0.13)
    pen.glow(0, 0.2, 0.62, liquid, 0.35)
    pen.fill(glass, "#e9f6f8", "#b9d6e2", alpha=0.38, form=0.3)
    inner = pen.inside(glass)
    inner.bar(
        -0.5, 0.06, 0.5, 0.6, mix(liquid, "#ffffff", 0.25), mix(liquid, "#20305c", 0.25), form=0.0, rim=0.0, alpha=0.92
    )
    inner.disc(0, 0.06, 0.24, mix(liquid, "#ffffff", 0.55), ry=0.022, form=0.0, rim=0.0)
    for x, y, r in (
        (-0.10, 0.30, 0.030),
        (0.06, 0.22, 0.020),
        (0.12, 0.38, 0.026),
        (-0.02, 0.14, 0.015),
        (0.02, -0.06, 0.014),
    ):
        inner.disc(x, y, r, "#ffffff", form=0.0, rim=0.0, alpha=0.5)
    inner.line([(-0.055, -0.40), (-0.055, -0.12), (-0.22, 0.36)], (0.02, 0.022, 0.012), "#ffffff", lit=True, alpha=0.55)
    pen.bar(-0.115, -0.48, 0.115, -0.42, "#dbeaf0", "#a9c4d2", radius=0.02, form=0.4)


def bread(pen: Pen, _: Props) -> None:
    crust = "#c9813f"
    pen.bar(-0.66, 0.38, 0.66, 0.47, "#a5703f", "#6a4230", radius=0.04)
    loaf = smooth(points("-54,34 -56,10 -40,-14 -10,-22 24,-20 48,-6 55,14 50,36 0,40"))
    pen.fill(loaf, mix(crust, "#f2b860", 0.35), mix(crust, "#6a3420", 0.4))
    inner = pen.inside(loaf)
    for x in (-0.30, -0.06, 0.18):
        inner.fill(
            limb([(x - 0.05, 0.06), (x + 0.05, -0.06), (x + 0.15, -0.16)], (0.0, 0.085, 0.0)),
            "#f8dca8",
            "#e0a868",
            form=0.4,
        )
    pen.line([(0.46, 0.42), (0.58, 0.10), (0.66, -0.20)], 0.016, "#b5893f")
    for k in range(6):
        y = -0.22 + 0.075 * k
        for side in (-1, 1):
            leafy(pen, 0.665 - 0.012 * k, y + 0.05, 0.115, -90 + side * 34, "#e2b04a", fat=0.5)
    for i, x in enumerate((-0.20, 0.0, 0.20)):
        pen.line(
            [(x, -0.30), (x + 0.05, -0.38), (x - 0.03, -0.44), (x + 0.02, -0.52)],
            (0.0, 0.04, 0.0),
            "#ffffff",
            alpha=0.28 + 0.02 * i,
            lit=True,
        )


def apple(pen: Pen, _: Props) -> None:
    red = "#d8463f"
    shape = smooth(points("0,-24 14,-31 33,-25 41,-3 34,26 17,46 0,43 -17,46 -34,26 -41,-3 -33,-25 -14,-31"))
    pen.fill(shape, mix(red, "#ffb05a", 0.3), mix(red, "#5a1030", 0.35))
    inner = pen.inside(shape)
    for x, y in ((-0.1, 0.05), (0.16, 0.2), (0.05, -0.1), (-0.2, 0.22), (0.25, -0.02), (-0.02, 0.3)):
        inner.disc(x, y, 0.010, "#ffe2a8", form=0.0, rim=0.0, alpha=0.6)
    inner.disc(-0.20, -0.10, 0.08, "#ffffff", ry=0.13, turn=25, form=0.0, rim=0.0, alpha=0.35)
    inner.disc(0, -0.245, 0.12, mix(red, "#4a1020", 0.6), ry=0.045, form=0.0, rim=0.0, alpha=0.7)
    pen.line([(0, -0.24), (0.01, -0.38), (0.06, -0.47)], (0.04, 0.028, 0.034), "#6a4630", rim=0.7)
    leafy(pen, 0.03, -0.37, 0.30, -18, "#74b55a", fat=0.42)


def letter(pen: Pen, _: Props) -> None:
    paper = "#fbf2df"
    p = pen.at(0, 0, 1.0, turn=-6)
    p.bar(-0.48, -0.44, 0.48, 0.10, "#ffffff", "#efe2c8", radius=0.015, form=0.2)
    for i in range(5):
        p.line(
            [(-0.38, -0.34 + 0.075 * i), (0.0, -0.345 + 0.075 * i), (0.38 if i % 2 else 0.26, -0.34 + 0.075 * i)],
            0.013,
            "#8f86a0",
            alpha=0.6,
        )
    p.bar(-0.60, -0.14, 0.60, 0.44, paper, mix(paper, "#c9a878", 0.3), radius=0.025)
    p.poly(
        [(-0.60, 0.43), (0.0, 0.06), (0.60, 0.43)], mix(paper, "#c9a878", 0.14), mix(paper, "#c9a878", 0.3), form=0.3
    )
    p.poly(
        points("-60,-12 0,20 60,-12 60,-14 -60,-14"),
        mix(paper, "#ffffff", 0.4),
        mix(paper, "#c9a878", 0.2),
        form=0.5,
    )
    p.fill(
        smooth(
            [
                (
                    0.095 * (1 + 0.10 * float(np.sin(5 * a))) * float(np.cos(a)),
                    0.19 + 0.095 * (1 + 0.10 * float(np.cos(4 * a))) * float(np.sin(a)),
                )
                for a in np.linspace(0, 2 * np.pi, 16, endpoint=False)
            ]
        ),
        "#c8403f",
        "#8a2430",
    )
    p.fill(heart(0, 0.192, 0.085), "#e8807a", form=0.3)


def travel_map(pen: Pen, _: Props) -> None:
    paper, sea = "#f3e2ba", "#a9d0cc"
    for i in range(4):
        x0, x1 = -0.64 + 0.32 * i, -0.32 + 0.32 * i
        up, down = (-0.36, -0.27) if i % 2 == 0 else (-0.27, -0.36)
        panel = polygon([(x0, up), (x1, down), (x1, down + 0.70), (x0, up + 0.70)])
        pen.fill(
            panel, paper if i % 2 == 0 else mix(paper, "#a5825a", 0.22), mix(paper, "#b5905a", 0.35), form=0.0, rim=0.2
        )
        inner = pen.inside(panel)
        inner.blob(
            points("-50,-20 -28,-26 -10,-12 -18,4 -40,6 -54,-5"),
            sea,
            form=0.0,
            rim=0.0,
            alpha=0.8,
        )
        inner.blob(points("14,2 36,-8 56,6 50,24 24,26"), sea, form=0.0, rim=0.0, alpha=0.8)
    for k in range(9):
        t = k / 8
        x, y = -0.44 + 0.82 * t, 0.20 - 0.30 * t + 0.12 * float(np.sin(t * 7))
        pen.disc(x, y, 0.016, "#c8483f", form=0.0)
    pen.fill(np.vstack([arc(0.40, -0.20, 0.105, 0.105, 160, 380), polygon([(0.40, 0.02)])]), "#e0483f", "#98283a")
    pen.disc(0.40, -0.20, 0.042, "#fff6e6", form=0.0)
    pen.disc(-0.42, 0.33, 0.155, "#d9a552")
    pen.disc(-0.42, 0.33, 0.122, "#fdf6e4", form=0.3)
    needle = pen.at(-0.42, 0.33, 0.22, turn=32)
    needle.poly([(0, -0.46), (0.10, 0), (-0.10, 0)], "#d8463f", form=0.0)
    needle.poly([(0, 0.46), (0.10, 0), (-0.10, 0)], "#4a5a78", form=0.0)


SKETCHES = {
    "coffee": Sketch(coffee, "stand", 0.36, 1.2, turns=False),
    "book": Sketch(book, "stand", 0.32, 1.4, turns=False),
    "lamp": Sketch(lamp, "stand", 0.36, 0.6),
    "bottle": Sketch(bottle, "stand", 0.34, 1.1),
    "bread": Sketch(bread, "stand", 0.28, 1.4),
    "apple": Sketch(apple, "stand", 0.32, 0.9),
    "letter": Sketch(letter, "hover", 0.32, 1.2, turns=False),
    "map": Sketch(travel_map, "hover", 0.34, 1.3, turns=False),
}
