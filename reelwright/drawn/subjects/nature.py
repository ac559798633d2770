"""Plants, fire, mountains and weather as subjects of their own."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import limb, oval, pebble, points, polygon, smooth
from .kit import INK, Props, Sketch, flame, leafy


def tree(pen: Pen, props: Props) -> None:
    rng = props.rng
    leaf = ("#5fa05a", "#7fae4f")[int(rng.integers(2))]  # a tree in flower would be a season
    bark = "#6f4a3a"
    for x in (-0.16, 0.15, 0.05):
        pen.fill(limb([(0, 0.36), (x * 0.6, 0.46), (x, 0.5)], (0.09, 0.05, 0.01)), bark, form=0.3)
    pen.fill(
        limb(points("0,50 1,25 -1,0 0,-16"), (0.15, 0.11, 0.09, 0.05)),
        bark,
        mix(bark, INK, 0.4),
    )
    for tip, mid in (((-0.26, -0.10), (-0.10, 0.06)), ((0.27, -0.13), (0.11, 0.02)), ((-0.14, -0.26), (-0.05, -0.08))):
        pen.fill(limb([(0, 0.14), mid, tip], (0.06, 0.045, 0.02)), bark, form=0.5)
    deep = mix(leaf, "#173a3c", 0.45)
    crown = (
        (0.0, -0.02, 0.20),
        (-0.28, -0.08, 0.19),
        (0.28, -0.10, 0.19),
        (-0.16, -0.24, 0.19),
        (0.17, -0.26, 0.19),
        (0.0, -0.34, 0.165),
    )
    pen.fill_all(
        [pebble(rng, x, y + 0.03, r * 1.08, r) for x, y, r in crown], deep, mix(deep, INK, 0.3), form=0.3, rim=0.4
    )
    for i, (x, y, r) in enumerate(crown):
        pen.fill(
            pebble(rng, x, y, r * 0.98, r * 0.88, knots=11, wobble=0.10),
            mix(leaf, "#fff0a8", 0.05 * i),
            mix(leaf, deep, 0.75),
            rim=0.9,
        )
    light = mix(leaf, "#fff6b0", 0.35)
    for _ in range(60):
        x, y, r = crown[int(rng.integers(6))]
        a, d = float(rng.uniform(0, 6.28)), float(rng.uniform(0.2, 0.85))
        px, py = x + r * d * np.cos(a), y + r * d * np.sin(a) * 0.8
        pen.fill(oval(px, py, 0.016, 0.008, float(rng.uniform(-50, 50))), light, form=0.0, rim=0.0, alpha=0.6)


def flower(pen: Pen, props: Props) -> None:
    rng = props.rng
    for x, top, s, color in (
        (-0.30, -0.02, 0.66, "#f7b84a"),
        (0.31, 0.04, 0.58, "#b58af0"),
        (0.0, -0.24, 1.0, ("#f2617a", "#ff8a5c", "#f07ab8")[int(rng.integers(3))]),
    ):
        stem = [(x * 0.25, 0.5), (x * 0.7, 0.25), (x, top)]
        pen.fill(limb(stem, (0.045, 0.032)), "#4f8f58", form=0.5)
        leafy(pen, x * 0.5, 0.32, 0.24 * s, -150 if x <= 0 else -30, "#63a862")
        leafy(pen, x * 0.7, 0.24, 0.20 * s, -25 if x <= 0 else -155, "#5a9a5c")
        p = pen.at(x, top, s)
        for k in range(10):
            petal = p.at(0, 0, 1, turn=36 * k + 8)
            petal.fill(
                smooth(points("0,0 7.5,-12 5.5,-24 0,-26.5 -5.5,-24 -7.5,-12")),
                mix(color, "#ffffff", 0.25),
                mix(color, "#7a1f5a", 0.2),
                form=0.5,
            )
            petal.line([(0, -0.07), (0, -0.20)], (0.012, 0.003), mix(color, "#7a1f5a", 0.35), alpha=0.6)
        p.disc(0, 0, 0.09, "#f7c948")
        for a in np.linspace(0, 2 * np.pi, 9):
            p.disc(0.052 * float(np.cos(a)), 0.052 * float(np.sin(a)), 0.013, "#b5713a", form=0.0, rim=0.0)


def seedling(pen: Pen, _: Props) -> None:
    soil = smooth(points("-62,50 -44,34 -14,27 16,27 46,35 62,50"))
    pen.fill(soil, "#7a5038", "#46302c")
    for x, y in ((-0.34, 0.40), (-0.1, 0.36), (0.2, 0.38), (0.36, 0.43), (0.04, 0.44)):
        pen.disc(x, y, 0.022, "#a5764f", ry=0.015, form=0.4)
    pen.fill(limb(points("0,30 2.5,10 -1,-10 0,-20"), (0.05, 0.042, 0.03)), "#6fb35a", form=0.6)
    leafy(pen, 0.0, -0.10, 0.46, -152, "#7cc25f", fat=0.42)
    leafy(pen, 0.0, -0.16, 0.44, -30, "#8ed06a", fat=0.42)
    leafy(pen, 0.0, -0.20, 0.30, -96, "#a5dc7a", fat=0.36)
    pen.glow(0, -0.2, 0.55, "#fff6b0", 0.22)


def mushroom(pen: Pen, _: Props) -> None:
    for x, y, s in ((-0.34, 0.22, 0.52), (0.36, 0.27, 0.44), (0.0, 0.0, 1.0)):
        p = pen.at(x, y, s)
        p.blob(
            points("-10,-10 10,-10 11.5,25 16,47 0,50 -16,47 -11.5,25"),
            "#f7ead2",
            "#c9ab8f",
        )
        p.blob(
            points("-15,4 0,8 15,4 12,11 0,14 -12,11"),
            "#efdcbc",
            "#b5957a",
            form=0.5,
        )
        cap = smooth(points("-40,-3 -37,-22 -22,-40 0,-47 22,-40 37,-22 40,-3 20,2 0,3 -20,2"))
        p.fill(cap, "#b5835a", "#6b4633")  # an edible one: a recipe does not mean a fly agaric
        p.blob(
            points("-34,-1.5 0,4.5 34,-1.5 20,2 0,3 -20,2"),
            "#f2d9b8",
            form=0.0,
        )


def cactus(pen: Pen, _: Props) -> None:
    green = "#5a9a62"
    for path, widths in (
        ([(-0.08, 0.20), (-0.27, 0.17), (-0.29, -0.12)], (0.11, 0.12, 0.12)),
        ([(0.08, 0.10), (0.26, 0.07), (0.28, -0.26)], (0.11, 0.12, 0.12)),
        ([(0, 0.5), (0, 0.0), (0, -0.40)], (0.20, 0.21, 0.19)),
    ):
        shape = limb(path, widths)
        pen.fill(shape, green, mix(green, "#1f4a4c", 0.45))
        inner = pen.inside(shape)
        for k in (-0.05, 0.0, 0.05):
            inner.line([(x + k, y) for x, y in path], 0.010, mix(green, "#1f4a4c", 0.5), alpha=0.6)
    for y in np.linspace(-0.40, 0.42, 11):
        for x in (-0.10, 0.0, 0.10):
            pen.line([(x - 0.012, float(y) - 0.012), (x + 0.012, float(y))], 0.005, "#f7f0d0", alpha=0.8)
    for k in range(5):
        pen.at(0, -0.48, 0.2, turn=-60 + 30 * k).blob(
            points("0,10 14,-20 0,-45 -14,-20"), "#f2708f", "#b83a6a", form=0.4
        )


def fire(pen: Pen, _: Props) -> None:
    for a, b in (((-0.36, 0.46), (0.28, 0.32)), ((0.36, 0.46), (-0.28, 0.32)), ((-0.30, 0.40), (0.34, 0.42))):
        pen.fill(limb([a, b], (0.10, 0.085)), "#7a4f38", "#3f2a28", form=0.8)
        pen.disc(a[0], a[1], 0.05, "#c99a6a", form=0.2)
    for x in np.linspace(-0.5, 0.5, 8):
        pen.disc(float(x), 0.475, 0.065, "#7d7884", ry=0.042)
    pen.glow(0, 0.1, 1.1, "#ff9a3c", 0.55)
    flame(pen, -0.18, 0.36, 0.46)
    flame(pen, 0.19, 0.36, 0.42)
    flame(pen, 0.0, 0.40, 0.86)
    for x, y, r in (
        (-0.20, -0.36, 0.012),
        (0.16, -0.42, 0.010),
        (0.28, -0.18, 0.012),
        (-0.32, -0.12, 0.010),
        (0.05, -0.54, 0.008),
    ):
        pen.fill(oval(x, y, r), "#ffd27a", lit=True)


def lightning(pen: Pen, _: Props) -> None:
    pen.glow(0.02, 0.05, 0.75, "#b9c8ff", 0.6)
    bolt = polygon(points("6,-12 -16,18 -2,18 -12,50 18,10 3.5,10 16,-12"))
    pen.fill(bolt, "#fff9d8", "#ffd23f", lit=True)
    cloud = [
        oval(x, y, r, r * 0.86)
        for x, y, r in (
            (-0.30, -0.18, 0.17),
            (-0.10, -0.29, 0.21),
            (0.16, -0.26, 0.19),
            (0.33, -0.17, 0.15),
            (0.0, -0.15, 0.24),
        )
    ]
    pen.fill_all(cloud, "#8f9ac0", "#4a5078", form=0.6, rim=0.9)
    pen.fill_all(
        [oval(-0.12, -0.31, 0.13, 0.10), oval(0.14, -0.29, 0.10, 0.08)], "#c3cbe4", form=0.3, rim=0.4, alpha=0.7
    )


def _peak(pen: Pen, color: str, *, crater: bool) -> None:
    top = points("-13,-36 -6,-33 3,-35.5 12,-33") if crater else [(0.0, -0.5)]
    body = polygon(
        [
            (-0.95, 0.5),
            (-0.62, 0.26),
            (-0.46, 0.10),
            (-0.30, -0.08),
            *top,
            (0.26, -0.12),
            (0.42, 0.08),
            (0.64, 0.28),
            (0.95, 0.5),
        ]
    )
    pen.fill(body, color, mix(color, INK, 0.18), form=0.0)
    x0, y0 = top[-1]
    inner = pen.inside(body)
    lx = pen.light.toward[0] * (-1 if pen.flip else 1)
    side = -1.0 if lx > 0 else 1.0
    ridge = [
        (x0 * 0.2, y0 - 0.1),
        (0.05 * side, -0.14),
        (-0.04 * side, 0.02),
        (0.09 * side, 0.20),
        (0.02 * side, 0.34),
        (0.14 * side, 0.52),
    ]
    inner.poly(
        [*ridge, (side * 1.2, 0.6), (side * 1.2, -0.6)], mix(color, INK, 0.5), mix(color, INK, 0.42), form=0.0, rim=0.0
    )
    for a in (-0.5, -0.25, 0.3, 0.55):
        inner.line(
            [(a * 0.35, -0.10), (a * 0.7, 0.16), (a * 1.2, 0.5)], (0.0, 0.03, 0.05), mix(color, INK, 0.45), alpha=0.35
        )


def mountain(pen: Pen, _: Props) -> None:
    color = "#8a93ad"
    _peak(pen, color, crater=False)
    cap = polygon(points("0,-50.5 13,-28 21,-18 12,-20 7,-10 1,-19 -7,-8 -11,-18 -19,-14 -24,-12"))
    pen.fill(cap, "#fbfdff", "#d3dff0", form=0.5)
    side = -1.0 if pen.light.toward[0] * (-1 if pen.flip else 1) > 0 else 1.0
    pen.inside(cap).poly(
        [(0, -0.51), (0.03 * side, -0.3), (-0.02 * side, -0.2), (0.04 * side, 0.0), (side, 0.0), (side, -0.6)],
        "#a9b9d8",
        form=0.0,
        rim=0.0,
    )


def volcano(pen: Pen, _: Props) -> None:
    for i, (x, y, r) in enumerate(
        ((0.02, -0.42, 0.09), (0.10, -0.50, 0.11), (-0.05, -0.53, 0.11), (0.17, -0.60, 0.13), (0.03, -0.63, 0.13))
    ):
        pen.disc(x, y, r, mix("#6a5560", "#b8a5ac", i / 5), alpha=0.75, form=0.7, rim=0.5)
    pen.glow(0, -0.40, 0.55, "#ff7a3c", 0.8)
    _peak(pen, "#5a4658", crater=True)
    for path, w in (
        (points("0,-35 -4,-12 4,8 -2,30 5,50"), 0.07),
        (points("-8,-34 -20,-8 -26,14 -40,36"), 0.045),
        ([(0.09, -0.33), (0.18, -0.08), (0.30, 0.16)], 0.035),
    ):
        pen.fill(limb(path, (w, w * 1.2, w * 0.7)), "#ff6a2e", lit=True)
        pen.fill(limb(path, (w * 0.45, w * 0.5, w * 0.2)), "#ffd86b", lit=True)
    for x, y, r in (
        (-0.16, -0.52, 0.018),
        (0.20, -0.50, 0.015),
        (-0.26, -0.44, 0.013),
        (0.28, -0.42, 0.012),
        (0.0, -0.58, 0.016),
    ):
        pen.fill(oval(x, y, r), "#ffb24a", lit=True)


def iceberg(pen: Pen, _: Props) -> None:
    ice = "#e6f6fb"
    pen.poly(
        points("-62,34 -50,2 -30,-14 -20,-42 -2,-50 14,-28 30,-22 46,6 66,34"),
        ice,
        "#a9d6ea",
    )
    pen.poly(
        points("-2,-50 14,-28 30,-22 46,6 66,34 16,34 6,4 10,-20"),
        "#8fc2e0",
        "#6aa5cf",
        form=0.2,
    )
    pen.poly(points("-50,2 -30,-14 -24,8 -36,34 -62,34"), "#c6e8f4", "#8fc6e0", form=0.2)
    for path in ([(-0.20, -0.30), (-0.10, -0.05), (-0.14, 0.2)], [(0.2, -0.1), (0.26, 0.1), (0.22, 0.28)]):
        pen.line(path, (0.012, 0.006), "#5f9ac4", alpha=0.5)
    pen.poly(
        points("-62,34 66,34 40,50 5,46 -30,51"),
        "#4fa5c8",
        "#2f7fae",
        alpha=0.5,
        form=0.0,
    )


SKETCHES = {
    "tree": Sketch(tree, "stand", 0.42),
    "flower": Sketch(flower, "stand", 0.36),
    "seedling": Sketch(seedling, "stand", 0.32, 1.1),
    "mushroom": Sketch(mushroom, "stand", 0.32),
    "cactus": Sketch(cactus, "stand", 0.36, 0.7),
    "fire": Sketch(fire, "stand", 0.30),
    "lightning": Sketch(lightning, "sky", 0.40),
    "mountain": Sketch(mountain, "rise", 0.40, 1.9),
    "volcano": Sketch(volcano, "rise", 0.34, 1.9),
    "iceberg": Sketch(iceberg, "float", 0.34, 1.3),
}
