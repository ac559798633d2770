"""Animals that fly."""

from __future__ import annotations

from ..canvas import Pen
from ..color import Color, mix
from ..paths import limb, points, smooth
from .kit import INK, Props, Sketch, eye, spots


def one_bird(pen: Pen, color: Color | str, *, lift: float = 0.0) -> None:
    """A gull in flight, about 1 wide."""
    dark = mix(color, INK, 0.55)
    pen.fill(
        limb([(0.04, 0.02), (-0.16, -0.20 - lift), (-0.34, -0.20 - lift), (-0.58, -0.02)], (0.14, 0.12, 0.07, 0.0)),
        mix(color, INK, 0.12),
        dark,
    )
    pen.fill(
        limb([(0.04, 0.02), (0.10, -0.24 - lift), (0.28, -0.30 - lift), (0.56, -0.16)], (0.15, 0.12, 0.07, 0.0)),
        color,
        mix(color, INK, 0.25),
    )
    pen.blob(
        points("34,6 24,0 6,-2 -18,8 -34,14 -30,18 -8,16 16,14"),
        mix(color, "#ffffff", 0.3),
        mix(color, INK, 0.2),
    )
    pen.poly([(0.335, 0.05), (0.42, 0.085), (0.325, 0.09)], "#f0a03c", form=0.0)
    pen.disc(0.275, 0.048, 0.014, INK, form=0.0, rim=0.0)


def bird(pen: Pen, props: Props) -> None:
    for x, y, s, lift in (
        (-0.40, -0.30, 0.34, 0.06),
        (0.42, -0.36, 0.28, -0.02),
        (0.50, 0.16, 0.22, 0.03),
        (-0.50, 0.20, 0.24, 0.0),
    ):
        one_bird(pen.at(x, y, s), "#dfe6ee", lift=lift)
    one_bird(pen.at(0.0, 0.02, 0.82), "#f4f6f8", lift=float(props.rng.uniform(0, 0.08)))


def owl(pen: Pen, _: Props) -> None:
    brown, pale = "#8a6248", "#ead2ab"
    pen.fill(limb([(-0.62, 0.40), (0.0, 0.43), (0.62, 0.36)], (0.06, 0.09, 0.05)), "#5f4a3c", "#3c2c2c")
    body = smooth(points("0,-46 16,-42 27,-30 28,-5 25,22 10,42 -10,42 -25,22 -28,-5 -27,-30 -16,-42"))
    for side in (-1, 1):
        pen.blob([(side * 0.10, -0.40), (side * 0.24, -0.52), (side * 0.28, -0.30)], brown)
    pen.fill(body, brown, mix(brown, INK, 0.35))
    inner = pen.inside(body)
    inner.disc(0, 0.16, 0.185, pale, ry=0.26, form=0.3, rim=0.0)
    for row in range(4):
        for col in range(-2, 3):
            x, y = col * 0.08 + (0.04 if row % 2 else 0), 0.04 + row * 0.085
            inner.line([(x - 0.03, y), (x, y + 0.035), (x + 0.03, y)], 0.012, mix(brown, pale, 0.3), alpha=0.8)
    for side in (-1, 1):
        pen.blob(
            [(side * 0.20, -0.12), (side * 0.31, 0.02), (side * 0.28, 0.28), (side * 0.20, 0.38), (side * 0.15, 0.12)],
            mix(brown, INK, 0.25),
            mix(brown, INK, 0.5),
        )
        pen.disc(side * 0.115, -0.235, 0.125, pale, form=0.3)
        pen.disc(side * 0.115, -0.235, 0.078, "#f6b93b", form=0.2, rim=0.0)
        pen.disc(side * 0.115, -0.235, 0.048, INK, form=0.0, rim=0.0)
        pen.disc(side * 0.115 - 0.02, -0.255, 0.016, "#ffffff", form=0.0, rim=0.0, lit=True)
        pen.line([(side * 0.06, 0.38), (side * 0.06, 0.45)], 0.05, "#e0a03c")
    pen.poly([(-0.035, -0.19), (0.035, -0.19), (0, -0.09)], "#e8a33c", form=0.3)


def butterfly(pen: Pen, props: Props) -> None:
    color, edge = (("#ff9a3d", "#b23a3f"), ("#63b7ff", "#3a4fb0"), ("#f778a8", "#8a3a8f"))[int(props.rng.integers(3))]
    for side in (-1, 1):
        lower = smooth(
            [
                (0, 0.02),
                (side * 0.24, 0.06),
                (side * 0.40, 0.22),
                (side * 0.34, 0.42),
                (side * 0.16, 0.38),
                (side * 0.04, 0.16),
            ]
        )
        upper = smooth(
            [
                (0, -0.04),
                (side * 0.16, -0.30),
                (side * 0.44, -0.46),
                (side * 0.58, -0.36),
                (side * 0.50, -0.10),
                (side * 0.30, 0.06),
                (side * 0.08, 0.06),
            ]
        )
        for wing, k in ((lower, 0.75), (upper, 1.0)):
            pen.fill(wing, edge, mix(edge, INK, 0.5))
            center = wing.mean(axis=0)
            pen.fill((wing - center) * 0.80 + center * 0.96, mix(color, "#ffe08a", 0.25 * k), color, form=0.3, rim=0.0)
        for x, y, r in (
            (0.47, -0.33, 0.025),
            (0.42, -0.40, 0.017),
            (0.50, -0.22, 0.018),
            (0.30, 0.36, 0.02),
            (0.35, 0.28, 0.016),
        ):
            pen.disc(side * x, y, r, "#fff6e0", form=0.0, rim=0.0)
        pen.line([(0.0, 0.0), (side * 0.24, -0.16), (side * 0.42, -0.28)], (0.014, 0.006), edge, alpha=0.7)
        pen.line([(0.0, 0.05), (side * 0.16, 0.18), (side * 0.26, 0.28)], (0.012, 0.005), edge, alpha=0.7)
        pen.line([(0.0, -0.20), (side * 0.08, -0.36), (side * 0.15, -0.42)], (0.012, 0.008), INK)
    pen.fill(limb([(0, -0.22), (0, 0.0), (0, 0.26)], (0.05, 0.06, 0.02)), "#4a3a4a", INK)


def bee(pen: Pen, _: Props) -> None:
    for outline in (
        points("2,-14 -20,-46 -4,-50 10,-30"),
        points("8,-14 8,-46 28,-48 26,-24"),
    ):
        pen.blob(outline, "#eaf6ff", "#a9cfe8", alpha=0.75, form=0.3)
    body = smooth(points("34,0 20,-17 -6,-20 -32,-10 -46,6 -32,18 -4,24 22,18"))
    pen.fill(body, "#f8c53a", "#c9762c")
    inner = pen.inside(body)
    for x in (-0.30, -0.12, 0.06):
        inner.blob(
            [
                (x - 0.045, -0.3),
                (x + 0.045, -0.3),
                (x + 0.075, 0.0),
                (x + 0.045, 0.3),
                (x - 0.045, 0.3),
                (x - 0.015, 0.0),
            ],
            "#3a2a30",
            form=0.0,
            rim=0.2,
        )
    pen.disc(0.30, -0.03, 0.145, "#5a4038")
    eye(pen, 0.355, -0.05, 0.048, look=0.2)
    for x in (0.28, 0.36):
        pen.line([(x, -0.16), (x + 0.05, -0.28), (x + 0.12, -0.32)], (0.016, 0.012), INK)
    for x in (-0.12, 0.02, 0.14):
        pen.line([(x, 0.18), (x + 0.02, 0.28), (x - 0.02, 0.34)], 0.018, INK)
    spots(pen, body, "#ffffff", [(-0.05, -0.12, 0.06)], 0.25)


SKETCHES = {
    "bird": Sketch(bird, "fly", 0.30, 1.3),
    "owl": Sketch(owl, "stand", 0.34, 1.2),
    "butterfly": Sketch(butterfly, "fly", 0.30, 1.2),
    "bee": Sketch(bee, "fly", 0.26, 1.0),
}
