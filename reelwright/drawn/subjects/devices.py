"""Instruments and machines that stand on a table."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import arc, box, gear, oval, points, smooth
from .kit import INK, Props, Sketch


def clock(pen: Pen, props: Props) -> None:
    brass = "#d9a24a"
    for side in (-1, 1):
        pen.line([(side * 0.22, 0.34), (side * 0.32, 0.48)], (0.06, 0.045), mix(brass, INK, 0.3), rim=0.7)
        pen.at(side * 0.23, -0.38, 0.4, turn=side * 32).blob(
            points("-28,5 -20,-18 0,-26 20,-18 28,5"), brass, mix(brass, INK, 0.4)
        )
    pen.line([(-0.10, -0.47), (0, -0.51), (0.10, -0.47)], 0.03, mix(brass, INK, 0.2), rim=0.8)
    pen.disc(0, 0.02, 0.43, "#c8503f")
    pen.disc(0, 0.02, 0.36, brass)
    pen.disc(0, 0.02, 0.335, "#fdf6e6", form=0.5)
    for k in range(12):
        a = np.deg2rad(30 * k)
        long = 0.055 if k % 3 == 0 else 0.028
        pen.line(
            [
                (0.30 * float(np.cos(a)), 0.02 + 0.30 * float(np.sin(a))),
                ((0.30 - long) * float(np.cos(a)), 0.02 + (0.30 - long) * float(np.sin(a))),
            ],
            0.020 if k % 3 == 0 else 0.012,
            INK,
        )
    hour = float(props.rng.uniform(0, 360))
    for angle, length, width in ((hour, 0.17, 0.034), (hour * 12 % 360, 0.26, 0.022)):
        a = np.deg2rad(angle)
        pen.line(
            [
                (-0.04 * float(np.cos(a)), 0.02 - 0.04 * float(np.sin(a))),
                (length * float(np.cos(a)), 0.02 + length * float(np.sin(a))),
            ],
            (width, width * 0.6),
            INK,
        )
    pen.disc(0, 0.02, 0.028, "#c8503f")
    pen.fill(
        np.vstack([arc(0, 0.02, 0.31, 0.31, 200, 290), arc(0.02, 0.05, 0.26, 0.26, 290, 200)]),
        "#ffffff",
        lit=True,
        alpha=0.35,
    )


def hourglass(pen: Pen, _: Props) -> None:
    wood, sand = "#8a5a3c", "#f0b95a"
    for side in (-1, 1):
        pen.bar(side * 0.25 - 0.022, -0.42, side * 0.25 + 0.022, 0.42, wood, mix(wood, INK, 0.4))
    glass = smooth(
        points("-20,-41 20,-41 20,-26 10,-10 2.5,0 10,10 20,26 20,41 -20,41 -20,26 -10,10 -2.5,0 -10,-10 -20,-26")
    )
    pen.fill(glass, "#e2f2f4", "#a9cbd6", alpha=0.45, form=0.2)
    inner = pen.inside(glass)
    inner.blob(
        points("-17,-21 0,-19 17,-21 9,-10 0,0 -9,-10"),
        sand,
        mix(sand, "#a5672f", 0.4),
        form=0.4,
        rim=0.0,
    )
    inner.blob(
        points("-30,42 -15,30 0,20 15,30 30,42 0,50"),
        sand,
        mix(sand, "#a5672f", 0.45),
        form=0.4,
        rim=0.4,
    )
    inner.line([(0, -0.02), (0, 0.24)], 0.012, sand)
    inner.line([(-0.15, -0.36), (-0.15, -0.22)], (0.03, 0.012), "#ffffff", alpha=0.75, lit=True)
    inner.line([(-0.15, 0.24), (-0.15, 0.36)], (0.012, 0.03), "#ffffff", alpha=0.6, lit=True)
    for y in (-0.46, 0.46):
        pen.bar(-0.31, y - 0.04, 0.31, y + 0.04, wood, mix(wood, INK, 0.35), radius=0.03)
        pen.bar(
            -0.27,
            y - 0.06 * np.sign(y) - 0.012,
            0.27,
            y - 0.06 * np.sign(y) + 0.012,
            mix(wood, "#e2b866", 0.5),
            radius=0.01,
            form=0.3,
        )


def microscope(pen: Pen, _: Props) -> None:
    white, grey = "#eef0f2", "#545c70"
    pen.bar(-0.34, 0.42, 0.30, 0.5, grey, INK, radius=0.035)
    arm = smooth(points("10,42 26,34 33,10 28,-16 12,-30 2,-26 6,-16 17,-6 20,10 14,24 0,34 -4,42"))
    pen.fill(arm, white, mix(white, "#7a86a0", 0.5))
    pen.bar(-0.32, 0.19, 0.16, 0.235, grey, INK, radius=0.012)
    pen.bar(-0.20, 0.172, -0.02, 0.19, "#bfe8f0", form=0.0)
    pen.disc(-0.11, 0.178, 0.024, "#e8657a", ry=0.010, form=0.0)
    pen.fill(oval(-0.11, 0.33, 0.055, 0.022), "#fff2b8", lit=True)
    pen.glow(-0.11, 0.24, 0.20, "#fff2b8", 0.6)
    pen.bar(-0.15, 0.33, -0.07, 0.42, grey, form=0.5)
    p = pen.at(-0.05, -0.14, 1.0, turn=14)
    p.bar(-0.065, -0.34, 0.065, -0.26, grey, INK, radius=0.015)
    p.bar(-0.05, -0.30, 0.05, -0.08, white, mix(white, "#7a86a0", 0.5))
    p.bar(-0.085, -0.11, 0.085, 0.08, white, mix(white, "#7a86a0", 0.6), radius=0.02)
    p.bar(-0.085, -0.02, 0.085, 0.005, "#3f8fb0", form=0.3)
    for x, tall in ((-0.055, 0.24), (0.045, 0.19)):
        p.bar(x - 0.032, 0.07, x + 0.032, tall - 0.06, "#c9ced6", "#8a93a5", form=0.8)
        p.poly(
            [(x - 0.032, tall - 0.06), (x + 0.032, tall - 0.06), (x + 0.014, tall), (x - 0.014, tall)],
            "#e2b866",
            "#a5742f",
        )
    for x, y, r in ((0.245, 0.10, 0.065), (0.24, 0.26, 0.045)):
        pen.disc(x, y, r, grey)
        pen.disc(x, y, r * 0.6, "#8a93a5", form=0.6)


def computer(pen: Pen, _: Props) -> None:
    case = "#d3d8e0"
    pen.poly(points("-9,22 9,22 12,40 -12,40"), mix(case, INK, 0.25), mix(case, INK, 0.45))
    pen.bar(-0.24, 0.385, 0.24, 0.425, case, mix(case, INK, 0.3), radius=0.02)
    pen.bar(-0.62, -0.44, 0.62, 0.27, "#343a4c", INK, radius=0.04)
    screen = box(-0.58, -0.40, 0.58, 0.20, 0.015)
    pen.fill(screen, "#16324f", "#1d5a72", lit=True)
    inner = pen.inside(screen)
    colors = ("#6fe0c8", "#ffd06b", "#ff8aa0", "#8fb8ff", "#c9a2ff")
    for row in range(9):
        x = -0.52 + 0.045 * ((row * 2) % 5)
        for k in range(4):
            w = 0.06 + 0.05 * ((row * 7 + k * 3) % 4)
            if x + w < 0.10:
                inner.bar(
                    x,
                    -0.345 + 0.056 * row,
                    x + w,
                    -0.322 + 0.056 * row,
                    colors[(row + k) % 5],
                    radius=0.01,
                    lit=True,
                    alpha=0.9,
                )
            x += w + 0.03
    wave = [(0.16 + 0.38 * t, -0.02 - 0.22 * t**1.6 - 0.035 * float(np.sin(t * 14))) for t in np.linspace(0, 1, 16)]
    inner.poly([*wave, (0.54, 0.14), (0.16, 0.14)], "#6fe0c8", lit=True, alpha=0.25)
    inner.line(wave, 0.018, "#6fe0c8", lit=True)
    inner.poly(points("-60,-45 -25,-45 -50,25 -60,25"), "#ffffff", lit=True, alpha=0.06)
    pen.glow(0, -0.08, 0.85, "#5fc8e0", 0.30)
    pen.poly(points("-46,44 46,44 54,50 -54,50"), case, mix(case, INK, 0.25), form=0.3)
    for row in range(2):
        for k in range(14):
            x = -0.44 + 0.063 * k
            pen.bar(x, 0.449 + 0.022 * row, x + 0.045, 0.463 + 0.022 * row, "#f4f6f8", form=0.0, rim=0.0)


def phone(pen: Pen, _: Props) -> None:
    p = pen.at(0, 0, 1.0, turn=6)
    p.bar(-0.26, -0.5, 0.26, 0.5, "#2c3040", INK, radius=0.06)
    screen = box(-0.235, -0.465, 0.235, 0.465, 0.045)
    p.fill(screen, "#5b6fe0", "#e87aa8", lit=True)
    inner = p.inside(screen)
    inner.disc(0.05, -0.16, 0.10, "#ffe6a8", lit=True)
    inner.blob(points("-30,6 -10,-6 6,6 30,-4 30,20 -30,20"), "#7a4fa8", lit=True)
    inner.blob(points("-30,14 0,6 30,16 30,60 -30,60"), "#432f78", lit=True)
    for row in range(2):
        for col in range(4):
            x, y = -0.165 + 0.11 * col, 0.24 + 0.12 * row
            inner.bar(
                x - 0.038,
                y - 0.038,
                x + 0.038,
                y + 0.038,
                ("#ff8a5c", "#5fd0b8", "#ffd06b", "#8fb8ff")[(row + col) % 4],
                radius=0.018,
                lit=True,
            )
    inner.poly(points("-30,-50 2,-50 -20,50 -30,50"), "#ffffff", lit=True, alpha=0.10)
    p.bar(-0.06, -0.452, 0.06, -0.432, INK, radius=0.01, form=0.0)
    p.glow(0, 0, 0.75, "#a58aff", 0.30)


def camera(pen: Pen, _: Props) -> None:
    body, leather = "#d6d2c8", "#3a3440"
    pen.poly(points("-16,-24 -11,-38 13,-38 18,-24"), body, mix(body, INK, 0.25))
    pen.bar(-0.48, -0.30, -0.32, -0.22, mix(body, INK, 0.3), radius=0.015)
    pen.disc(0.36, -0.27, 0.09, mix(body, INK, 0.2), ry=0.055)
    pen.bar(-0.58, -0.24, 0.58, 0.36, body, mix(body, INK, 0.3), radius=0.06)
    pen.bar(-0.58, -0.12, 0.58, 0.24, leather, mix(leather, INK, 0.5), form=0.5)
    pen.disc(0.02, 0.07, 0.29, "#8a8d98")
    pen.disc(0.02, 0.07, 0.25, "#2a2834")
    pen.disc(0.02, 0.07, 0.185, "#4a4f68")
    pen.disc(0.02, 0.07, 0.14, "#27345f", form=0.8)
    pen.disc(0.02, 0.07, 0.075, "#141a38", form=0.0)
    pen.disc(-0.04, 0.0, 0.045, "#cfe0ff", ry=0.03, turn=-35, lit=True, alpha=0.9)
    pen.disc(0.08, 0.14, 0.025, "#a58aff", lit=True, alpha=0.6)
    pen.bar(-0.06, -0.34, 0.08, -0.27, "#7fb0d0", radius=0.01, form=0.4)
    pen.bar(0.38, -0.08, 0.52, 0.02, "#f6ecd0", radius=0.015, form=0.3)
    pen.disc(-0.46, -0.175, 0.03, "#e0523f")


def gears(pen: Pen, props: Props) -> None:
    turn = float(props.rng.uniform(0, 30))
    for x, y, r, teeth, color, spin in (
        (-0.20, -0.12, 0.33, 14, "#d9a24a", turn),
        (0.27, 0.12, 0.24, 10, "#b5653f", -turn),
        (-0.12, 0.36, 0.16, 8, "#8a93a5", turn),
    ):
        p = pen.at(x, y, r, turn=spin)
        p.fill(gear(0, 0, 1.0, teeth), color, mix(color, INK, 0.35))
        p.disc(0, 0, 0.66, mix(color, INK, 0.30))
        p.disc(0, 0, 0.60, mix(color, "#ffffff", 0.12))
        for k in range(5):
            a = np.deg2rad(72 * k)
            p.disc(0.36 * float(np.cos(a)), 0.36 * float(np.sin(a)), 0.135, mix(color, INK, 0.55), form=0.3)
        p.disc(0, 0, 0.15, mix(color, INK, 0.4))
        p.disc(0, 0, 0.08, mix(color, "#ffffff", 0.4))


def scales(pen: Pen, props: Props) -> None:
    brass = "#d9a552"
    tilt = float(props.rng.uniform(-0.06, 0.06))
    pen.bar(-0.22, 0.44, 0.22, 0.5, brass, mix(brass, INK, 0.4), radius=0.02)
    pen.poly(points("-12,44 -3,36 3,36 12,44"), brass, mix(brass, INK, 0.3))
    pen.bar(-0.024, -0.36, 0.024, 0.38, brass, mix(brass, INK, 0.35))
    for side in (-1, 1):
        x, y = side * 0.44, -0.32 + side * tilt
        for k in (-0.15, 0.15):
            pen.line([(x, y), (x + k, y + 0.40)], 0.009, mix(brass, INK, 0.3))
        if side < 0:
            for dx, dy in ((-0.07, 0.0), (0.06, 0.0), (0.0, -0.05)):
                pen.disc(x + dx, y + 0.37 + dy, 0.055, "#f6cf5a", ry=0.03)
        else:
            pen.disc(x, y + 0.32, 0.085, "#d95f5a")
            pen.line([(x, y + 0.24), (x + 0.02, y + 0.19)], 0.014, "#5a3a30")
        pen.blob(
            [(x - 0.20, y + 0.39), (x + 0.20, y + 0.39), (x + 0.13, y + 0.47), (x, y + 0.50), (x - 0.13, y + 0.47)],
            brass,
            mix(brass, INK, 0.45),
        )
    pen.line([(-0.45, -0.32 - tilt), (0.0, -0.37), (0.45, -0.32 + tilt)], (0.03, 0.05, 0.03), brass, form=0.5, rim=0.9)
    pen.disc(0, -0.38, 0.055, mix(brass, "#fff0c0", 0.3))


def violin(pen: Pen, _: Props) -> None:
    wood = "#b5622f"
    p = pen.at(0, 0, 1.0, turn=18)
    body = smooth(
        points("0,-6 12,-5 17,4 12.5,13 11,19 19,28 20,40 12,49 0,51 -12,49 -20,40 -19,28 -11,19 -12.5,13 -17,4 -12,-5")
    )
    p.fill(body, mix(wood, "#f0a050", 0.25), mix(wood, "#5a2a20", 0.5))
    for side in (-1, 1):
        p.line([(side * 0.055, 0.14), (side * 0.085, 0.20), (side * 0.065, 0.28)], (0.012, 0.016, 0.012), INK)
    p.poly(points("-2.2,-36 2.2,-36 3.6,16 -3.6,16"), "#3a2a2c", INK)
    p.poly(points("-4.5,32 4.5,32 2.5,49 -2.5,49"), "#3a2a2c", INK)
    p.bar(-0.055, 0.25, 0.055, 0.268, "#e6c48a", form=0.3)
    for k in (-0.024, -0.008, 0.008, 0.024):
        p.line([(k * 0.7, -0.38), (k, 0.40)], 0.004, "#f7f0e0", lit=True, alpha=0.85)
    p.blob(points("-3,-36 -2.8,-46 0,-51 3.5,-47 3,-36"), mix(wood, "#5a2a20", 0.3))
    for y in (-0.40, -0.45):
        p.line([(-0.075, y), (0.075, y - 0.015)], 0.018, "#3a2a2c", rim=0.6)
    bow = pen.at(0.30, 0.06, 1.0, turn=-14)
    bow.line([(0, -0.46), (0.022, 0.0), (0, 0.46)], (0.012, 0.02, 0.022), "#6a3f2c", rim=0.9)
    bow.line([(-0.018, -0.45), (-0.018, 0.44)], 0.007, "#f7f0e0")


SKETCHES = {
    "clock": Sketch(clock, "stand", 0.34, turns=False),
    "hourglass": Sketch(hourglass, "stand", 0.36, 0.7),
    "microscope": Sketch(microscope, "stand", 0.38, 0.8, turns=False),
    "computer": Sketch(computer, "stand", 0.34, 1.3, turns=False),
    "phone": Sketch(phone, "stand", 0.36, 0.6, turns=False),
    "camera": Sketch(camera, "stand", 0.28, 1.2, turns=False),
    "gears": Sketch(gears, "hover", 0.40, 1.1),
    "scales": Sketch(scales, "stand", 0.38, 1.2),
    "violin": Sketch(violin, "stand", 0.42, 0.7),
}
