"""What lives in the sea."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import limb, oval, points, smooth
from .kit import INK, Props, Sketch, eye, spots


def _arms(pen: Pen, props: Props, skin: str, deep: str, pale: str) -> None:
    """Eight curling arms with their suckers, the middle ones in front."""
    phase = float(props.rng.uniform(0, 1))
    arms = (
        (-1, 0.10, 0.62, 0.20, -0.10),
        (1, 0.10, 0.62, 0.20, -0.10),
        (-1, 0.08, 0.50, 0.43, 0.18),
        (1, 0.08, 0.50, 0.43, 0.18),
        (-1, 0.05, 0.30, 0.50, 0.30),
        (1, 0.05, 0.30, 0.50, 0.30),
        (-1, 0.02, 0.11, 0.52, 0.34),
        (1, 0.02, 0.11, 0.52, 0.34),
    )
    for i, (side, root, x, y, curl) in enumerate(arms):
        wave = 0.04 * np.sin(i * 1.7 + phase * 6)
        tip_x, tip_y = side * (x + wave), y - abs(wave)
        hook = side * 0.09
        path = [
            (side * root, 0.06),
            (side * (root + x * 0.38), 0.13 + y * 0.30),
            (side * x * 0.85, y * 0.78 + 0.05),
            (tip_x, tip_y - curl * 0.1),
            *(
                ((tip_x + hook * 0.4, tip_y - 0.10), (tip_x - hook * 0.35, tip_y - 0.13))
                if x > 0.4  # the inner ones have no room to curl inwards
                else ((tip_x + hook * 0.7, tip_y - curl * 0.1 + 0.005), (tip_x + hook * 1.1, tip_y - 0.08))
            ),
        ]
        shade = mix(skin, deep, 0.12 + 0.10 * (i % 4))
        arm = limb(path, (0.135, 0.105, 0.075, 0.05, 0.03, 0.012))
        pen.fill(arm, shade, mix(shade, deep, 0.45), form=0.8)
        line = smooth(path, closed=False, steps=5)
        for k in range(4, len(line) - 5, 2):
            r = 0.0135 * (1 - k / len(line)) + 0.003
            pen.disc(
                float(line[k, 0]) + side * 0.006,
                float(line[k, 1]) + 0.022 * (1 - k / len(line)),
                r,
                pale,
                form=0.0,
                rim=0.0,
                alpha=0.8,
            )


def octopus(pen: Pen, props: Props) -> None:
    skin, deep, pale = "#ec6a5e", "#a63a63", "#ffc2a1"
    _arms(pen, props, skin, deep, pale)
    mantle = smooth(points("0,-50 17,-46 27,-30 25,-12 17,2 15,13 0,17 -15,13 -17,2 -25,-12 -27,-30 -17,-46"))
    pen.fill(mantle, mix(skin, "#ffffff", 0.08), mix(skin, deep, 0.4))
    spots(
        pen,
        mantle,
        pale,
        [
            (-0.13, -0.36, 0.035),
            (-0.04, -0.42, 0.022),
            (0.08, -0.38, 0.028),
            (-0.19, -0.24, 0.02),
            (0.17, -0.27, 0.026),
            (0.02, -0.29, 0.018),
        ],
        0.45,
    )
    spots(pen, mantle, deep, [(-0.09, 0.06, 0.015), (0.10, 0.07, 0.012), (0.0, 0.11, 0.014), (0.19, -0.12, 0.016)], 0.4)
    pen.inside(mantle).disc(-0.09, -0.33, 0.10, "#ffffff", ry=0.06, turn=-35, form=0.0, rim=0.0, alpha=0.16)
    for side in (-1, 1):
        pen.disc(side * 0.105, -0.055, 0.066, mix(skin, deep, 0.25), form=0.4)
        eye(pen, side * 0.105, -0.05, 0.047, look=0.12)
    pen.line([(-0.045, 0.055), (0, 0.075), (0.045, 0.055)], (0.004, 0.012, 0.004), mix(deep, INK, 0.4))


def one_fish(pen: Pen, color: str, second: str) -> None:
    """A reef fish that swims to the right, 1 long."""
    body = smooth(points("50,2 36,-13 8,-24 -20,-14 -32,0 -20,13 8,22 36,14"))
    pen.blob(
        points("-26,0 -42,-17 -55,-24 -49,0 -55,24 -42,16"),
        second,
        mix(second, INK, 0.25),
        form=0.5,
    )
    pen.blob(points("-12,-12 0,-34 20,-30 30,-14"), second, form=0.4)
    pen.blob([(-0.08, 0.12), (0.02, 0.30), (0.14, 0.18)], second, form=0.4)
    pen.fill(body, color, mix(color, "#40204a", 0.3))
    inner = pen.inside(body)
    inner.blob(
        points("20,-30 28,-30 23,0 28,30 19,30 14,0"),
        "#fff6e6",
        form=0.0,
        rim=0.0,
        alpha=0.92,
    )
    inner.blob(
        points("-9,-30 -2,-30 -5,0 -2,30 -10,30 -14,0"),
        "#fff6e6",
        form=0.0,
        rim=0.0,
        alpha=0.92,
    )
    inner.blob(points("50,10 10,16 -30,10 10,40"), "#ffffff", form=0.0, rim=0.0, alpha=0.2)
    pen.blob(points("9,3 -5,11 3,15 13,8"), mix(second, "#ffffff", 0.2), form=0.3)
    eye(pen, 0.345, -0.035, 0.042, look=0.2)


def fish(pen: Pen, props: Props) -> None:
    colors = (("#ff8a3d", "#e0552f"), ("#ffd04a", "#e89a2b"), ("#5fb7f0", "#3f6fd0"), ("#ff7d9a", "#c7527f"))
    first = int(props.rng.integers(4))
    for i, (x, y, s, turn) in enumerate(
        (
            (-0.30, -0.27, 0.38, 8),
            (0.34, -0.20, 0.33, -6),
            (-0.36, 0.26, 0.34, -4),
            (0.33, 0.30, 0.30, 6),
            (0.0, 0.04, 0.72, 0),
        )
    ):
        body, fins = colors[(first + (0 if i == 4 else i)) % 4]
        one_fish(pen.at(x, y, s, turn=turn), body, fins)


def whale(pen: Pen, _: Props) -> None:
    blue, belly = "#3f6f9f", "#dfeaf0"
    pen.blob(
        points("-70,-2 -84,-16 -99,-26 -102,-20 -90,-6 -98,6 -94,10 -80,6"),
        blue,
        mix(blue, INK, 0.25),
    )
    body = smooth(points("84,6 74,-16 46,-28 6,-27 -34,-16 -66,-5 -84,-5 -80,4 -50,13 -10,26 36,30 70,22"))
    pen.fill(body, mix(blue, "#8fc0dc", 0.18), mix(blue, "#162a50", 0.35))
    inner = pen.inside(body)
    inner.blob(
        points("95,10 60,10 26,12 -10,20 -50,22 -20,45 60,45"),
        belly,
        mix(belly, blue, 0.5),
        form=0.0,
        rim=0.0,
    )
    for i in range(7):
        y = 0.14 + i * 0.026
        inner.line(
            [(0.84 - i * 0.03, y), (0.45, y + 0.022), (0.02 - i * 0.02, y + 0.03)],
            (0.008, 0.010, 0.0),
            mix(belly, blue, 0.6),
            alpha=0.8,
        )
    for x, y, r in (
        (0.1, -0.2, 0.02),
        (0.25, -0.24, 0.014),
        (-0.1, -0.16, 0.016),
        (-0.3, -0.10, 0.012),
        (0.0, -0.11, 0.01),
    ):
        inner.disc(x, y, r, "#a9cfe2", form=0.0, rim=0.0, alpha=0.4)
    pen.blob(
        points("30,18 14,24 -4,46 -10,49 0,34 12,20"),
        mix(blue, "#8fc0dc", 0.1),
        mix(blue, "#162a50", 0.4),
    )
    pen.blob(points("-38,-14 -46,-24 -52,-24 -50,-11"), blue)
    pen.line([(0.84, 0.075), (0.68, 0.085), (0.52, 0.06)], (0.006, 0.010, 0.004), mix(blue, INK, 0.6))
    eye(pen, 0.50, 0.015, 0.020, look=0.2)


def shark(pen: Pen, _: Props) -> None:
    grey, belly = "#6d8597", "#e4ecee"
    pen.blob(
        points("-62,0 -80,-24 -92,-36 -88,-12 -82,2 -88,18 -76,10"),
        grey,
        mix(grey, INK, 0.3),
    )
    pen.blob(points("-6,-16 -12,-42 -16,-46 2,-40 22,-14"), grey, mix(grey, INK, 0.2))
    body = smooth(points("86,-2 62,-14 28,-20 -14,-16 -50,-6 -72,-2 -70,3 -40,8 0,17 40,16 70,8"))
    pen.fill(body, grey, mix(grey, "#1c3048", 0.3))
    inner = pen.inside(body)
    inner.blob(
        points("90,5 50,3 0,5 -70,2 -30,30 50,30"),
        belly,
        mix(belly, grey, 0.5),
        form=0.0,
        rim=0.0,
    )
    for i in range(4):
        x = 0.36 - i * 0.05
        inner.line([(x, -0.06), (x - 0.025, 0.0), (x - 0.01, 0.07)], (0.004, 0.011, 0.004), mix(grey, INK, 0.5))
    pen.blob(points("20,10 2,34 -4,36 0,12"), mix(grey, INK, 0.12), mix(grey, INK, 0.35))
    pen.blob([(-0.42, 0.06), (-0.50, 0.16), (-0.53, 0.05)], grey)
    pen.line([(0.74, 0.055), (0.62, 0.075), (0.52, 0.055)], (0.004, 0.011, 0.004), INK)
    eye(pen, 0.60, -0.035, 0.020, look=0.1)


def jellyfish(pen: Pen, props: Props) -> None:
    bell, edge = "#f4a6d8", "#9a6be0"
    pen.glow(0, -0.2, 0.62, "#ffb8e8", 0.42)
    for i, x in enumerate(np.linspace(-0.24, 0.24, 8)):
        phase = float(props.rng.uniform(0, 6))
        path = [(float(x), -0.10)] + [
            (float(x * (1 + 0.12 * k)) + 0.035 * float(np.sin(phase + k * 1.5)), -0.10 + 0.115 * k) for k in range(1, 6)
        ]
        pen.line(
            path,
            (0.022, 0.016, 0.004) if i % 2 else (0.05, 0.03, 0.006),
            mix(bell, edge, 0.3 + 0.3 * (i % 2)),
            alpha=0.72,
            rim=0.4,
        )
    dome = smooth(points("-33,-10 -33,-26 -20,-44 0,-50 20,-44 33,-26 33,-10 22,-5 11,-9 0,-5 -11,-9 -22,-5"))
    pen.fill(dome, mix(bell, "#ffffff", 0.35), edge, alpha=0.90)
    inner = pen.inside(dome)
    for x in (-0.19, -0.065, 0.065, 0.19):
        inner.blob(
            [(x, -0.44), (x + 0.05, -0.28), (x, -0.12), (x - 0.05, -0.28)],
            mix(edge, "#ffffff", 0.2),
            form=0.0,
            rim=0.0,
            alpha=0.35,
        )
    inner.disc(-0.11, -0.37, 0.11, "#ffffff", ry=0.05, turn=-28, form=0.0, rim=0.0, alpha=0.35)


def turtle(pen: Pen, _: Props) -> None:
    skin, shell = "#7fb06b", "#9a6b3f"
    for outline in (
        points("22,6 34,30 22,50 14,46 12,22 2,10"),
        points("-34,8 -50,20 -56,32 -44,30 -26,16"),
        points("26,-8 16,-30 2,-44 -4,-38 4,-20 6,-10"),
        points("-40,0 -60,2 -62,6 -44,8"),
    ):
        pen.blob(outline, skin, mix(skin, "#234a40", 0.45))
    pen.blob(
        points("34,-10 48,-17 62,-13 66,-3 56,5 40,6"),
        skin,
        mix(skin, "#234a40", 0.35),
    )
    dome = smooth(points("42,2 34,-16 12,-27 -16,-25 -38,-12 -46,4 -30,15 0,19 28,14"))
    pen.fill(dome, mix(shell, "#f2c27a", 0.35), mix(shell, "#2a3a30", 0.35))
    inner = pen.inside(dome)
    line = mix(shell, "#3a2a20", 0.6)
    for outline in (
        points("-50,2 -20,-2 10,-3 50,-2"),
        points("-24,-30 -22,-2 -28,20"),
        points("0,-30 0,-3 -2,20"),
        points("22,-30 22,-3 24,20"),
    ):
        inner.line(outline, 0.014, line, alpha=0.6)
    spots(
        pen,
        dome,
        "#ffe0a0",
        [(-0.12, -0.13, 0.045), (0.11, -0.13, 0.045), (-0.32, -0.06, 0.03), (0.30, -0.07, 0.032)],
        0.35,
    )
    eye(pen, 0.555, -0.06, 0.024, look=0.2)
    pen.line([(0.655, 0.0), (0.60, 0.012), (0.56, 0.0)], 0.007, "#2f4a3c")


def submarine(pen: Pen, props: Props) -> None:
    hull, deep = "#f2b632", "#b9702a"
    pen.bar(-0.16, -0.36, 0.16, -0.12, hull, deep, radius=0.06)
    pen.line([(0.02, -0.34), (0.02, -0.48), (0.12, -0.48)], 0.035, "#8a8f99", rim=0.5, form=0.4)
    pen.disc(-0.76, 0.05, 0.03, "#c9ced6", ry=0.17)
    pen.poly(points("-52,-5 -72,-20 -72,28 -52,14"), deep, mix(deep, INK, 0.3))
    body = oval(0, 0.05, 0.66, 0.25)
    pen.fill(body, mix(hull, "#ffffff", 0.15), deep)
    inner = pen.inside(body)
    inner.bar(-0.7, 0.16, 0.7, 0.4, "#c8503c", "#7d2f34", form=0.0, rim=0.0)
    inner.bar(-0.24, -0.3, -0.21, 0.4, deep, form=0.0, rim=0.0, alpha=0.6)
    for x in (-0.33, -0.02, 0.29):
        pen.disc(x, 0.03, 0.092, "#8a929c")
        glass = mix(props.glow, "#ffffff", 0.2)
        pen.fill(oval(x, 0.03, 0.068), glass, mix(glass, "#f09a3c", 0.4), lit=True)
        pen.glow(x, 0.03, 0.22, props.glow, 0.35)
    pen.glow(0.74, 0.08, 0.34, "#fff2c0", 0.45)


SKETCHES = {
    "octopus": Sketch(octopus, "swim", 0.44, 1.3),
    "fish": Sketch(fish, "swim", 0.40, 1.2),
    "whale": Sketch(whale, "swim", 0.26, 2.0),
    "shark": Sketch(shark, "swim", 0.28, 1.8),
    "jellyfish": Sketch(jellyfish, "swim", 0.38, 0.7),
    "turtle": Sketch(turtle, "swim", 0.32, 1.3),
    "submarine": Sketch(submarine, "swim", 0.28, 1.5),
}
