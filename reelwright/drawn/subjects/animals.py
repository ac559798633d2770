"""Animals that walk. All look to the right."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import Color, mix
from ..paths import arc, limb, oval, points, smooth
from .kit import INK, Props, Sketch, eye


def penguin(pen: Pen, _: Props) -> None:
    coat = "#34405c"
    for side in (-1, 1):
        pen.blob([(side * 0.03, 0.44), (side * 0.19, 0.44), (side * 0.19, 0.5), (side * 0.02, 0.5)], "#f0a03c")
        pen.blob(
            [(side * 0.20, -0.12), (side * 0.34, 0.12), (side * 0.33, 0.26), (side * 0.22, 0.16)],
            coat,
            mix(coat, INK, 0.5),
        )
    body = smooth(points("0,-50 15,-44 17,-28 24,-8 28,18 20,42 0,48 -20,42 -28,18 -24,-8 -17,-28 -15,-44"))
    pen.fill(body, coat, mix(coat, INK, 0.5))
    inner = pen.inside(body)
    inner.blob(
        points("0,-14 15,-12 19,14 12,40 0,46 -12,40 -19,14 -15,-12"),
        "#fbf6ea",
        "#cdd6e2",
        form=0.5,
        rim=0.0,
    )
    for side in (-1, 1):
        inner.disc(side * 0.075, -0.30, 0.085, "#fbf6ea", ry=0.10, form=0.0, rim=0.0)
        inner.disc(side * 0.15, -0.20, 0.05, "#f5c04a", form=0.0, rim=0.0, alpha=0.8)
        pen.disc(side * 0.065, -0.32, 0.022, INK, form=0.0, rim=0.0)
    pen.poly([(-0.05, -0.27), (0.05, -0.27), (0.0, -0.19)], "#f0a03c")


def _legs(
    pen: Pen,
    places: tuple[tuple[float, float], ...],
    color: Color | str,
    *,
    top: float,
    thick: float,
    foot: float = 0.5,
) -> None:
    for x, lean in places:
        pen.fill(
            limb(
                [(x, top), (x + lean * 0.5, (top + foot) / 2), (x + lean, foot - thick * 0.2)],
                (thick * 1.35, thick * 0.9, thick * 0.8),
            ),
            color,
            mix(color, INK, 0.25),
            form=0.7,
        )


def bear(pen: Pen, _: Props) -> None:
    fur = "#8a5f43"
    _legs(pen, ((-0.36, 0.02), (0.26, 0.0)), mix(fur, INK, 0.3), top=0.15, thick=0.15)
    pen.blob(
        points("-56,6 -50,-18 -24,-27 4,-28 24,-34 44,-22 46,4 32,26 -10,29 -46,28"),
        fur,
        mix(fur, INK, 0.3),
    )
    _legs(pen, ((-0.47, 0.0), (0.37, 0.02)), fur, top=0.12, thick=0.17)
    for x in (0.36, 0.53):
        pen.disc(x, -0.40, 0.062, fur)
    pen.blob(
        points("30,-22 33,-38 46,-42 60,-34 66,-20 78,-15 78,-6 62,-2 42,-4"),
        fur,
        mix(fur, INK, 0.25),
    )
    pen.disc(0.71, -0.10, 0.085, mix(fur, "#f0d5b0", 0.5), ry=0.065, form=0.3, rim=0.0)
    pen.disc(0.775, -0.125, 0.033, INK, ry=0.026, form=0.0)
    pen.disc(0.57, -0.23, 0.020, INK, form=0.0, rim=0.0)


def fox(pen: Pen, _: Props) -> None:
    fur, pale = "#e2763a", "#fff1dc"
    tail = smooth(points("-26,20 -50,10 -66,-14 -60,-34 -50,-30 -46,-10 -34,16 -16,34"))
    pen.fill(tail, fur, mix(fur, INK, 0.2))
    pen.inside(tail).disc(-0.60, -0.30, 0.13, pale, form=0.0, rim=0.0)
    body = smooth(points("12,-18 24,5 22,46 5,50 -26,48 -34,28 -22,4 -4,-16"))
    pen.fill(body, fur, mix(fur, "#7a2f2a", 0.45))
    pen.inside(body).blob(points("16,-16 26,5 16,26 6,5"), pale, form=0.3, rim=0.0)
    _legs(pen, ((0.10, 0.0), (0.20, 0.02)), mix(fur, "#5a2f30", 0.45), top=0.2, thick=0.06)
    for x, lean in ((0.02, -0.06), (0.24, 0.05)):
        pen.poly([(x - 0.07, -0.30), (x + lean, -0.5), (x + 0.085, -0.32)], fur, mix(fur, INK, 0.3))
        pen.poly(
            [(x - 0.03, -0.32), (x + lean * 0.9, -0.44), (x + 0.045, -0.33)], mix(fur, INK, 0.5), form=0.0, rim=0.0
        )
    head = smooth(points("-8,-28 4,-36 20,-36 33,-26 46,-12 44,-7 24,-6 4,-7 -8,-16"))
    pen.fill(head, fur, mix(fur, "#7a2f2a", 0.2))
    pen.inside(head).blob(
        points("50,-10 30,-17 16,-13 0,-16 -10,-10 10,0 40,0"),
        pale,
        form=0.0,
        rim=0.0,
    )
    pen.disc(0.445, -0.10, 0.026, INK, form=0.0)
    pen.disc(0.22, -0.215, 0.022, INK, form=0.0, rim=0.0)


def deer(pen: Pen, _: Props) -> None:
    fur = "#a9714a"
    for side, dx in ((-1, 0.20), (1, 0.30)):
        beam = [(dx, -0.32), (dx + side * 0.10, -0.44), (dx + side * 0.06, -0.62)]
        pen.line(beam, (0.035, 0.025, 0.012), "#e6d2b0", rim=0.6)
        pen.line([(dx + side * 0.08, -0.42), (dx + side * 0.20, -0.54)], (0.022, 0.010), "#e6d2b0", rim=0.5)
        pen.line([(dx + side * 0.095, -0.48), (dx + side * 0.17, -0.64)], (0.020, 0.008), "#e6d2b0", rim=0.5)
    _legs(pen, ((-0.24, 0.03), (0.10, -0.02)), mix(fur, INK, 0.35), top=0.14, thick=0.045)
    pen.blob(
        points("-40,0 -34,-10 -10,-12 12,-14 20,2 12,19 -12,17 -34,20"),
        fur,
        mix(fur, INK, 0.25),
    )
    pen.blob(
        points("2,-6 12,-24 20,-34 32,-34 27,-16 20,6 8,14"),
        fur,
        mix(fur, INK, 0.12),
    )
    _legs(pen, ((-0.33, 0.0), (0.15, 0.02)), fur, top=0.12, thick=0.055)
    pen.blob(
        points("17,-36 30,-40 44,-28 45,-23.5 36,-22 20,-25"),
        fur,
        mix(fur, INK, 0.15),
    )
    pen.blob(points("19,-36 8,-40 3,-36 14,-31"), mix(fur, INK, 0.15))
    pen.disc(0.44, -0.255, 0.02, INK, form=0.0)
    pen.disc(0.305, -0.325, 0.016, INK, form=0.0, rim=0.0)
    pen.blob(points("-40,-6 -47,-2 -43,6 -38,2"), "#fff2dd", form=0.2)
    for x, y in ((-0.22, -0.04), (-0.12, -0.06), (-0.02, -0.05), (-0.17, 0.03), (-0.06, 0.03)):
        pen.disc(x, y, 0.014, "#f3dcb8", form=0.0, rim=0.0, alpha=0.8)


def elephant(pen: Pen, _: Props) -> None:
    skin = "#8b93a5"
    _legs(pen, ((-0.34, 0.0), (0.14, 0.0)), mix(skin, INK, 0.35), top=0.16, thick=0.15)
    pen.blob(
        points("-56,5 -52,-18 -28,-34 4,-33 26,-22 30,8 16,24 -16,26 -48,24"),
        skin,
        mix(skin, INK, 0.3),
    )
    _legs(pen, ((-0.44, 0.0), (0.04, 0.0)), skin, top=0.10, thick=0.17)
    pen.line([(-0.54, -0.08), (-0.62, 0.06), (-0.60, 0.20)], (0.03, 0.02, 0.028), mix(skin, INK, 0.25))
    head = smooth(points("18,-30 34,-42 52,-36 60,-18 60,6 66,28 74,36 70,42 58,36 49,14 40,4 22,0"))
    pen.fill(head, skin, mix(skin, INK, 0.25))
    inner = pen.inside(head)
    for i in range(6):
        y = 0.02 + i * 0.055
        inner.line([(0.47 + i * 0.012, y), (0.64 + i * 0.012, y + 0.01)], 0.008, mix(skin, INK, 0.45), alpha=0.5)
    pen.blob(
        points("20,-28 6,-36 -10,-24 -8,0 6,12 20,2"),
        mix(skin, "#e0a8a0", 0.12),
        mix(skin, INK, 0.3),
    )
    pen.blob(points("44,2 50,12 66,12 72,3 64,6 54,2"), "#fff6e4", form=0.6)
    pen.disc(0.44, -0.17, 0.022, INK, form=0.0, rim=0.0)


def dog(pen: Pen, _: Props) -> None:
    fur, pale = "#c98d54", "#fff0d8"
    pen.fill(limb([(-0.24, 0.28), (-0.42, 0.16), (-0.50, -0.04)], (0.09, 0.07, 0.02)), fur, form=0.6)
    body = smooth(points("10,-20 22,5 20,47 0,50 -24,49 -32,28 -20,2 -5,-16"))
    pen.fill(body, fur, mix(fur, INK, 0.25))
    pen.inside(body).blob(points("16,-15 26,10 14,30 6,5"), pale, form=0.2, rim=0.0)
    pen.blob(points("-32,40 -20,30 -4,40 0,50 -28,50"), mix(fur, INK, 0.1))
    for x in (0.08, 0.18):
        pen.fill(
            limb([(x, 0.12), (x, 0.34), (x + 0.015, 0.46)], (0.09, 0.075, 0.09)), fur, mix(fur, pale, 0.6), form=0.6
        )
    pen.fill(limb([(0.02, -0.11), (0.12, -0.07), (0.21, -0.11)], (0.05,)), "#d24a4a", form=0.4)
    head = smooth(points("-12,-30 -2,-46 16,-47 27,-36 42,-30 45,-21 34,-14 14,-11 -4,-14"))
    pen.fill(head, fur, mix(fur, INK, 0.15))
    pen.inside(head).blob(points("50,-20 36,-28 26,-22 28,-10 42,-10"), pale, form=0.0, rim=0.0)
    pen.blob(
        points("-4,-42 -16,-34 -20,-14 -12,-10 -2,-24"),
        mix(fur, INK, 0.45),
        mix(fur, INK, 0.6),
    )
    pen.disc(0.435, -0.27, 0.035, INK, ry=0.028, form=0.0)
    pen.disc(0.20, -0.335, 0.025, INK, form=0.0, rim=0.0)
    pen.disc(0.193, -0.343, 0.008, "#ffffff", lit=True)
    pen.line([(0.40, -0.19), (0.33, -0.165), (0.27, -0.185)], 0.009, INK)


def cat(pen: Pen, props: Props) -> None:
    fur = ("#e09a52", "#7c7f93", "#4a4258")[int(props.rng.integers(3))]
    pen.fill(
        limb(points("-20,40 -42,40 -50,22 -40,12"), (0.09, 0.08, 0.07, 0.05)),
        fur,
        mix(fur, INK, 0.3),
        form=0.7,
    )
    body = smooth(points("0,-18 13,-8 21,20 22,46 0,50 -22,46 -21,20 -13,-8"))
    pen.fill(body, fur, mix(fur, INK, 0.25))
    pen.inside(body).disc(0, 0.12, 0.10, mix(fur, "#fff4e2", 0.7), ry=0.20, form=0.2, rim=0.0)
    for side in (-1, 1):
        pen.fill(
            limb([(side * 0.07, 0.16), (side * 0.065, 0.44)], (0.08, 0.085)),
            mix(fur, "#ffffff", 0.08),
            mix(fur, "#fff4e2", 0.6),
            form=0.5,
        )
        pen.poly([(side * 0.05, -0.40), (side * 0.19, -0.5), (side * 0.20, -0.28)], fur)
        pen.poly([(side * 0.09, -0.39), (side * 0.17, -0.455), (side * 0.18, -0.32)], "#e8a0a0", form=0.0, rim=0.0)
    head = smooth(points("0,-42 15,-39 22.5,-26 17,-13 0,-8.5 -17,-13 -22.5,-26 -15,-39"))
    pen.fill(head, fur, mix(fur, INK, 0.15))
    inner = pen.inside(head)
    for x in (-0.05, 0.0, 0.05):
        inner.line([(x, -0.44), (x * 0.8, -0.34)], (0.02, 0.006), mix(fur, INK, 0.45), alpha=0.7)
    inner.disc(0, -0.14, 0.085, "#fff4e2", ry=0.06, form=0.0, rim=0.0, alpha=0.9)
    for side in (-1, 1):
        pen.disc(side * 0.095, -0.255, 0.042, "#b8d86b", ry=0.046, form=0.0, rim=0.0)
        pen.disc(side * 0.095, -0.255, 0.017, INK, ry=0.040, form=0.0, rim=0.0)
        pen.disc(side * 0.095 - 0.012, -0.27, 0.010, "#ffffff", lit=True)
        for k in (-1, 1):
            pen.line([(side * 0.07, -0.15), (side * 0.28, -0.16 + k * 0.03)], (0.006, 0.002), "#fff8ee", alpha=0.8)
    pen.poly([(-0.022, -0.185), (0.022, -0.185), (0, -0.158)], "#d9727a", form=0.0)


def horse(pen: Pen, _: Props) -> None:
    coat, mane = "#9a5f3c", "#3f2a2c"
    _legs(pen, ((-0.30, 0.05), (0.16, 0.08)), mix(coat, INK, 0.35), top=0.12, thick=0.055)
    pen.blob(points("-42,-8 -56,5 -58,30 -52,36 -46,14"), mane, mix(mane, "#8a5a40", 0.3))
    pen.blob(
        points("-46,2 -40,-14 -18,-15 6,-13 24,-14 28,6 18,20 -8,16 -36,20"),
        coat,
        mix(coat, INK, 0.3),
    )
    pen.blob(
        points("6,-8 20,-28 32,-44 44,-46 42,-26 32,-6 22,12 10,12"),
        coat,
        mix(coat, INK, 0.2),
    )
    _legs(pen, ((-0.38, -0.03), (0.22, -0.02)), coat, top=0.12, thick=0.065)
    pen.blob(
        points("30,-47 42,-50 56,-34 62,-24 58,-18 50,-20 40,-28"),
        coat,
        mix(coat, INK, 0.2),
    )
    pen.poly([(0.34, -0.46), (0.35, -0.56), (0.41, -0.48)], coat)
    pen.blob(
        points("36,-52 24,-42 10,-22 6,-6 14,-10 26,-26 36,-42"),
        mane,
        mix(mane, "#8a5a40", 0.35),
    )
    pen.disc(0.465, -0.38, 0.017, INK, form=0.0, rim=0.0)
    pen.disc(0.59, -0.235, 0.010, INK, form=0.0, rim=0.0)
    for x in (-0.41, 0.20, -0.25, 0.24):
        pen.bar(x - 0.03, 0.46, x + 0.035, 0.5, INK, form=0.0, radius=0.01)


def sheep(pen: Pen, props: Props) -> None:
    wool = "#f4ead9"
    _legs(pen, ((-0.24, 0.0), (0.18, 0.0), (-0.14, 0.0), (0.27, 0.0)), "#4a3f48", top=0.2, thick=0.05)
    puffs = [
        oval(0.36 * np.cos(a), 0.02 + 0.20 * np.sin(a), 0.15) for a in np.linspace(0, 2 * np.pi, 11, endpoint=False)
    ]
    pen.fill_all([*puffs, oval(0, 0.02, 0.36, 0.22)], wool, mix(wool, "#7a6f8a", 0.45), form=0.7, rim=1.0)
    for x, y in ((-0.22, -0.06), (0.02, -0.12), (-0.08, 0.10), (0.16, 0.04), (-0.30, 0.08)):
        pen.line(arc(x, y, 0.07, 0.06, 20, 160, n=6), 0.014, mix(wool, "#8a7f92", 0.5), alpha=0.6)
    pen.blob(points("30,-22 44,-30 56,-22 60,-4 52,5 40,0"), "#51454f", "#352c38")
    pen.blob(points("34,-22 22,-18 20,-10 34,-12"), "#51454f")
    pen.fill_all([oval(0.36, -0.28, 0.08), oval(0.45, -0.32, 0.07)], wool, form=0.5)
    eye(pen, 0.485, -0.15, 0.026, look=0.2)


SKETCHES = {
    "penguin": Sketch(penguin, "stand", 0.28, 0.7),
    "bear": Sketch(bear, "stand", 0.30, 1.5),
    "fox": Sketch(fox, "stand", 0.27, 1.2),
    "deer": Sketch(deer, "stand", 0.34, 1.0),
    "elephant": Sketch(elephant, "stand", 0.36, 1.4),
    "dog": Sketch(dog, "stand", 0.28, 1.0),
    "cat": Sketch(cat, "stand", 0.26, 0.9),
    "horse": Sketch(horse, "stand", 0.34, 1.2),
    "sheep": Sketch(sheep, "stand", 0.22, 1.1),
}
