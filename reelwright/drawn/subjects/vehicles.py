"""Things that carry people. They travel to the right."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import box, limb, oval, points, polygon, smooth
from .kit import INK, Props, Sketch, flame


def boat(pen: Pen, _: Props) -> None:
    sail, wood = "#fbf3e4", "#a5603f"
    pen.line([(0.0, 0.32), (0.0, -0.5)], (0.028, 0.014), "#6a4638", rim=0.8)
    main = smooth(points("-3,-45 -3,18 -40,20 -36,2 -22,-22"))
    pen.fill(
        polygon(points("-3,-46 -3,18 -44,20 -37,0 -22,-24")),
        sail,
        mix(sail, "#c9a28a", 0.5),
    )
    inner = pen.inside(main)
    inner.bar(-0.5, -0.06, 0.0, 0.02, "#e0674f", form=0.3, rim=0.0, alpha=0.9)
    pen.poly(points("3,-40 16,-14 36,20 3,17"), mix(sail, "#ffe2b8", 0.4), mix(sail, "#c9a28a", 0.6))
    pen.poly([(0.0, -0.5), (0.12, -0.47), (0.0, -0.435)], "#e0674f", form=0.0)
    hull = smooth(points("-46,24 0,29 55,20 46,36 28,48 -26,48 -42,38"))
    pen.fill(hull, wood, mix(wood, INK, 0.45))
    inside = pen.inside(hull)
    inside.line([(-0.5, 0.30), (0.0, 0.35), (0.55, 0.27)], 0.022, "#f4e2c0")
    inside.line([(-0.5, 0.38), (0.0, 0.42), (0.5, 0.36)], 0.008, mix(wood, INK, 0.6))


def ship(pen: Pen, props: Props) -> None:
    hull, white = "#2f4468", "#f4efe6"
    for x in (-0.22, 0.0, 0.22):
        for i in range(3):
            pen.disc(
                x - 0.10 - 0.09 * i,
                -0.34 - 0.05 * i,
                0.05 + 0.025 * i,
                "#dfe2ea",
                form=0.2,
                rim=0.2,
                alpha=0.5 - 0.12 * i,
            )
        pen.poly(
            [(x - 0.045, -0.02), (x - 0.065, -0.32), (x + 0.03, -0.32), (x + 0.05, -0.02)],
            "#e07a3f",
            mix("#e07a3f", INK, 0.3),
        )
        pen.bar(x - 0.066, -0.33, x + 0.031, -0.275, INK, form=0.3)
    for x in (-0.62, 0.62):
        pen.line([(x, 0.15), (x, -0.36)], (0.018, 0.008), "#6a5a50")
    pen.bar(-0.44, -0.06, 0.42, 0.06, white, mix(white, "#7a86a0", 0.3), form=0.4)
    pen.bar(-0.58, 0.04, 0.56, 0.16, white, mix(white, "#7a86a0", 0.35), form=0.4)
    for row, (a, b) in enumerate(((-0.40, 0.40), (-0.54, 0.52))):
        for x in np.arange(a, b, 0.062):
            tone = mix(props.glow, "#ffffff", 0.3) if props.dim else "#6f8db0"
            pen.bar(
                float(x),
                -0.02 + row * 0.10,
                float(x) + 0.034,
                0.025 + row * 0.10,
                tone,
                lit=props.dim,
                form=0.0,
                rim=0.0,
            )
    body = smooth(points("-86,12 -40,16 40,15 94,6 84,26 76,46 -70,46 -80,36"))
    pen.fill(body, hull, mix(hull, INK, 0.5))
    inner = pen.inside(body)
    inner.bar(-1, 0.38, 1, 0.5, "#a8403c", form=0.3, rim=0.0)
    inner.line([(-0.9, 0.185), (0.0, 0.20), (0.95, 0.125)], 0.014, "#f2d9a0")
    for x in np.arange(-0.66, 0.7, 0.11):
        inner.disc(
            float(x), 0.27, 0.020, mix(props.glow, "#ffffff", 0.2) if props.dim else "#a9c4d8", form=0.0, lit=props.dim
        )


def wheel(pen: Pen, x: float, y: float, r: float) -> None:
    pen.disc(x, y, r, "#2a2630")
    pen.disc(x, y, r * 0.62, "#c9ced6", form=0.7)
    pen.disc(x, y, r * 0.42, "#7c8492", form=0.5)
    pen.disc(x, y, r * 0.14, "#2a2630", form=0.0)


def car(pen: Pen, props: Props) -> None:
    paint = ("#d9523f", "#3f8fa0", "#e6ab3c", "#5f6fb8")[int(props.rng.integers(4))]
    pen.disc(0, 0.49, 0.95, INK, ry=0.045, form=0.0, rim=0.0, alpha=0.35)
    body = smooth(
        points("-92,20 -88,0 -62,-6 -44,-34 -20,-42 16,-41 36,-30 52,-6 84,2 95,18 93,34 50,38 -50,38 -90,34")
    )
    pen.fill(body, mix(paint, "#ffffff", 0.12), mix(paint, INK, 0.35))
    for glass in (
        points("-50,-6 -36,-29 -18,-35 -6,-35 -6,-5"),
        points("1,-5 1,-35 16,-34 30,-25 41,-5"),
    ):
        pane = polygon(glass)
        pen.fill(pane, "#cfe8ee" if not props.dim else "#8fa8c4", "#6f93ac" if not props.dim else "#3f5474", form=0.3)
        pen.inside(pane).poly(
            [
                (glass[0][0] + 0.12, -0.5),
                (glass[0][0] + 0.22, -0.5),
                (glass[0][0] + 0.06, 0.1),
                (glass[0][0] - 0.04, 0.1),
            ],
            "#ffffff",
            form=0.0,
            rim=0.0,
            alpha=0.4,
        )
    inner = pen.inside(body)
    inner.line([(-0.95, 0.16), (0.0, 0.13), (0.95, 0.17)], 0.024, "#f6ecd8", alpha=0.9)
    inner.line([(-0.03, -0.4), (-0.02, 0.36)], 0.012, mix(paint, INK, 0.5))
    pen.bar(0.06, 0.055, 0.17, 0.08, "#f0e6d8", form=0.2, radius=0.01)
    pen.bar(0.80, 0.27, 0.99, 0.33, "#c9ced6", radius=0.03, form=0.5)
    pen.bar(-0.98, 0.27, -0.78, 0.33, "#c9ced6", radius=0.03, form=0.5)
    pen.disc(0.87, 0.13, 0.06, "#fff4cf", lit=True)
    pen.disc(-0.90, 0.14, 0.035, "#ff5a4a", ry=0.055, lit=True)
    if props.dim:
        pen.fill(polygon(points("88,10 175,16 175,50 88,16")), props.glow, lit=True, alpha=0.16)
        pen.glow(0.9, 0.13, 0.36, props.glow, 0.7)
        pen.glow(-0.92, 0.14, 0.2, "#ff5a4a", 0.5)
    for x in (-0.54, 0.56):
        pen.fill(oval(x, 0.32, 0.205), mix(paint, INK, 0.65), form=0.0, rim=0.0)
        wheel(pen, x, 0.335, 0.165)


def _carriage(pen: Pen, props: Props, car_x: float) -> None:
    pen.bar(car_x - 0.34, -0.16, car_x + 0.36, 0.30, "#b5504a", mix("#b5504a", INK, 0.35), radius=0.03)
    pen.bar(car_x - 0.37, -0.22, car_x + 0.39, -0.14, "#4a3c48", radius=0.03, form=0.4)
    for x in np.linspace(car_x - 0.26, car_x + 0.26, 4):
        pen.bar(
            float(x) - 0.055,
            -0.07,
            float(x) + 0.055,
            0.09,
            mix(props.glow, "#ffffff", 0.25) if props.dim else "#cfe6ee",
            radius=0.02,
            lit=props.dim,
            form=0.0,
        )
    pen.bar(car_x - 0.34, 0.15, car_x + 0.36, 0.175, "#f0d49a", form=0.0)
    for x in (-0.22, 0.22):
        wheel(pen, car_x + x, 0.37, 0.09)


def train(pen: Pen, props: Props) -> None:
    engine, red = "#2f5a5c", "#c8503f"
    for i in range(6):
        pen.disc(
            0.56 - 0.20 * i, -0.42 - 0.045 * i, 0.08 + 0.030 * i, "#f1eff2", form=0.5, rim=0.5, alpha=0.85 - 0.12 * i
        )
    pen.bar(-1.25, 0.455, 1.15, 0.475, "#8a8f9a", form=0.3)
    _carriage(pen, props, -0.86)
    pen.bar(-0.44, -0.30, -0.02, 0.28, engine, mix(engine, INK, 0.4), radius=0.02)
    pen.bar(-0.49, -0.37, 0.03, -0.29, red, mix(red, INK, 0.3), radius=0.03)
    for x in (-0.33, -0.13):
        pen.bar(
            x - 0.075,
            -0.22,
            x + 0.075,
            -0.02,
            mix(props.glow, "#ffffff", 0.2) if props.dim else "#cfe6ee",
            radius=0.03,
            lit=props.dim,
            form=0.0,
        )
    boiler = box(-0.04, -0.15, 0.78, 0.24, 0.10)
    pen.fill(boiler, mix(engine, "#8fc0b8", 0.2), mix(engine, INK, 0.5))
    for x in (0.12, 0.34, 0.56):
        pen.inside(boiler).bar(x, -0.3, x + 0.022, 0.4, "#e2b866", form=0.6, rim=0.4)
    pen.poly(points("50,-12 53,-28 48,-40 68,-40 63,-28 66,-12"), INK, rim=1.0)
    pen.blob(points("18,-13 19,-23 26,-27 33,-23 34,-13"), "#e2b866", "#a5742f")
    pen.disc(0.81, 0.03, 0.055, "#fff4cf", lit=True)
    pen.glow(0.86, 0.03, 0.42, props.glow, 0.55 if props.dim else 0.2)
    pen.bar(-0.46, 0.24, 0.84, 0.31, red, mix(red, INK, 0.4), form=0.4)
    pen.poly(points("82,26 104,45.5 74,45.5 74,26"), red, mix(red, INK, 0.5))
    for x, r in ((-0.24, 0.15), (0.09, 0.15), (0.42, 0.15), (0.66, 0.09)):
        wheel(pen, x, 0.46 - r, r)
    pen.line([(-0.24, 0.35), (0.42, 0.35)], 0.035, "#dfe2e8", rim=0.6)


def bicycle(pen: Pen, _: Props) -> None:
    frame = "#e0574a"
    for x in (-0.46, 0.46):
        ring = np.linspace(0, 2 * np.pi, 40)
        pen.fill(
            limb([(x + 0.285 * float(np.cos(a)), 0.21 + 0.285 * float(np.sin(a))) for a in ring], (0.035,), steps=3),
            "#2f2a36",
            form=0.0,
            rim=0.6,
        )
        for a in np.linspace(0, np.pi, 7)[:-1]:
            dx, dy = 0.27 * float(np.cos(a)), 0.27 * float(np.sin(a))
            pen.line([(x - dx, 0.21 - dy), (x + dx, 0.21 + dy)], 0.006, "#dfe4ea", alpha=0.8)
        pen.disc(x, 0.21, 0.035, "#c9ced6")
    for a, b in (
        ((-0.46, 0.21), (-0.06, 0.21)),
        ((-0.46, 0.21), (-0.22, -0.16)),
        ((-0.22, -0.16), (-0.06, 0.21)),
        ((-0.22, -0.14), (0.32, -0.18)),
        ((-0.06, 0.21), (0.34, -0.12)),
        ((0.46, 0.21), (0.30, -0.30)),
    ):
        pen.line([a, b], 0.036, frame, rim=0.9, form=0.4)
    pen.line([(-0.22, -0.15), (-0.25, -0.26)], 0.026, "#8a8f99")
    pen.blob(points("-38,-29 -24,-31 -12,-27 -22,-24 -36,-24"), "#6a4638")
    pen.line(points("30,-30 36,-36 24,-42 16,-38"), 0.026, "#4a4452", rim=0.6)
    pen.disc(-0.06, 0.21, 0.065, "#8a8f99")
    pen.line([(-0.06, 0.21), (0.02, 0.32)], 0.022, "#5a5f6a")
    pen.bar(0.34, -0.28, 0.60, -0.10, "#c9965c", "#8a5f3c", radius=0.03)
    for x, color in ((0.40, "#f2708a"), (0.47, "#f7c24e"), (0.54, "#b58af0")):
        pen.disc(x, -0.31, 0.045, color)


def plane(pen: Pen, _: Props) -> None:
    white, accent = "#f4f5f8", "#e0663f"
    p = pen.at(0, 0, 1.0, turn=-9)
    p.blob(
        points("-10,-2 -22,-30 -30,-36 -18,-32 14,-3"),
        mix(white, INK, 0.25),
        mix(white, INK, 0.35),
    )
    p.poly(points("-68,-4 -90,-38 -76,-38 -50,-6"), accent, mix(accent, INK, 0.3))
    body = smooth(points("92,4 80,-7 50,-11 -30,-10 -74,-6 -92,-6 -84,2 -40,10 40,13 76,12"))
    p.fill(body, white, mix(white, "#7a8cb0", 0.5))
    inner = p.inside(body)
    inner.line([(-0.9, -0.01), (0.0, 0.045), (0.92, 0.055)], 0.022, accent)
    for x in np.arange(-0.50, 0.60, 0.085):
        inner.disc(float(x), -0.035, 0.019, "#55708f", form=0.0, rim=0.0)
    inner.blob(points("72,-8 86,-2 80,2 70,0"), "#55708f", form=0.2, rim=0.4)
    p.blob(
        points("20,6 -30,42 -46,48 -40,36 -12,6"),
        mix(white, "#aab6cc", 0.2),
        mix(white, "#5f7198", 0.6),
    )
    p.bar(-0.20, 0.19, 0.08, 0.30, mix(white, "#9aa6bf", 0.5), mix(white, INK, 0.4), radius=0.05)
    p.blob(points("-72,0 -96,12 -98,7 -84,-2"), mix(white, INK, 0.1))


def balloon(pen: Pen, props: Props) -> None:
    first, second = (("#e8574a", "#f7d28a"), ("#3f8fb0", "#f6e6c4"), ("#8a5fb8", "#f9c27a"))[int(props.rng.integers(3))]
    bag = smooth(
        points("0,-50 20,-47 35,-33 38.5,-14 30,6 15,20 7.5,28.5 -7.5,28.5 -15,20 -30,6 -38.5,-14 -35,-33 -20,-47")
    )
    for side in (-1, 1):
        pen.line([(side * 0.072, 0.28), (side * 0.055, 0.385)], 0.008, "#5a4038")
    pen.fill(bag, first, mix(first, INK, 0.2), form=0.0, rim=0.0)
    inner = pen.inside(bag)
    for k in (-0.80, -0.28, 0.28, 0.80):
        wide = 0.13 if abs(k) < 0.5 else 0.085
        left = [
            (0.385 * (k - wide) * s, y)
            for s, y in ((0.15, -0.52), (0.9, -0.33), (1.05, -0.14), (0.8, 0.06), (0.36, 0.21), (0.18, 0.30))
        ]
        right = [
            (0.385 * (k + wide) * s, y)
            for s, y in ((0.15, -0.52), (0.9, -0.33), (1.05, -0.14), (0.8, 0.06), (0.36, 0.21), (0.18, 0.30))
        ]
        inner.poly(
            np.vstack([smooth(left, closed=False), smooth(right, closed=False)[::-1]]),
            second,
            mix(second, INK, 0.15),
            form=0.0,
            rim=0.0,
        )
    pen.fill(bag, "#ffffff", alpha=0.0)
    _round_shade(pen, bag)
    if props.dim:
        pen.glow(0, 0.16, 0.42, props.glow, 0.5)
    flame(pen, 0.0, 0.35, 0.07)
    pen.bar(-0.075, 0.38, 0.075, 0.5, "#a8713f", "#6a4230", radius=0.02)
    for y in (0.41, 0.44, 0.47):
        pen.line([(-0.07, y), (0.07, y)], 0.006, "#6a4230")
    pen.bar(-0.085, 0.372, 0.085, 0.392, "#d9a05c", radius=0.01)


def _round_shade(pen: Pen, outline: np.ndarray) -> None:
    """Roundness over a striped body: a dark flank and a bright one."""
    inner = pen.inside(outline)
    lx = pen.light.toward[0] * (-1 if pen.flip else 1)
    side = 1.0 if lx >= 0 else -1.0
    for i in range(5):
        inner.disc(-side * (0.42 + 0.045 * i), -0.1, 0.26, INK, ry=0.6, form=0.0, rim=0.0, alpha=0.09)
    inner.disc(side * 0.16, -0.28, 0.11, "#ffffff", ry=0.17, turn=side * 18, form=0.0, rim=0.0, alpha=0.22)


def rocket(pen: Pen, _: Props) -> None:
    white, red = "#f4f2f0", "#e0523f"
    p = pen.at(0, 0, 1.0, turn=18)
    flame(p.at(0, 0.37, 1.0, turn=180), 0, 0, 0.30)
    for side in (-1, 1):
        p.blob(
            [(side * 0.10, 0.12), (side * 0.25, 0.26), (side * 0.27, 0.42), (side * 0.19, 0.37), (side * 0.09, 0.34)],
            red,
            mix(red, INK, 0.4),
        )
    body = smooth(points("0,-50 10,-36 14.5,-16 14.5,10 9,34 -9,34 -14.5,10 -14.5,-16 -10,-36"))
    p.fill(body, white, mix(white, "#7a86a8", 0.45))
    inner = p.inside(body)
    inner.bar(-0.3, -0.55, 0.3, -0.28, red, form=0.6, rim=0.3)
    inner.bar(-0.3, 0.20, 0.3, 0.235, red, form=0.4, rim=0.0)
    inner.bar(-0.3, 0.30, 0.3, 0.4, "#4a4658", form=0.4, rim=0.0)
    p.disc(0, -0.10, 0.075, "#8a93a8")
    p.disc(0, -0.10, 0.054, "#6fc2e0", form=0.7)
    p.disc(-0.016, -0.118, 0.017, "#ffffff", lit=True)
    p.blob(points("-1.8,14 1.8,14 2.4,36 0,43 -2.4,36"), red, mix(red, INK, 0.4))


SKETCHES = {
    "boat": Sketch(boat, "float", 0.30, 1.0),
    "ship": Sketch(ship, "float", 0.28, 1.8),
    "car": Sketch(car, "stand", 0.17, 1.9),
    "train": Sketch(train, "stand", 0.22, 2.2),
    "bicycle": Sketch(bicycle, "stand", 0.26, 1.5),
    "plane": Sketch(plane, "fly", 0.24, 1.9),
    "balloon": Sketch(balloon, "fly", 0.38, 0.8),
    "rocket": Sketch(rocket, "fly", 0.44, 0.7),
}
