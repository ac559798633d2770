"""Things people build and live in."""

from __future__ import annotations

import numpy as np

from ..canvas import Pen
from ..color import mix
from ..paths import box, limb, oval, points, polygon, smooth
from .kit import INK, Props, Sketch, window


def lighthouse(pen: Pen, props: Props) -> None:
    white, red = "#f7f0e2", "#d1493f"
    if props.dim:
        for side, drop in ((-1, -0.07), (1, 0.05)):
            for k in range(7):
                reach, wide = 0.35 + 0.24 * k, 0.085 * (0.35 + 0.24 * k)
                middle = -0.385 + drop * reach
                beam = smooth(
                    [
                        (0, -0.385),
                        (side * reach, middle - wide),
                        (side * (reach + 0.06), middle),
                        (side * reach, middle + wide),
                    ],
                    steps=6,
                )
                pen.fill(beam, mix(props.glow, "#ffffff", 0.3), lit=True, alpha=0.055)
    pen.bar(0.10, 0.32, 0.36, 0.5, "#efe4cf", "#b8a690")
    pen.poly(points("7,33 15,23.5 31,23.5 39,33"), red, mix(red, INK, 0.3))
    window(pen, props, 0.24, 0.41, 0.055, 0.065)
    body = polygon(points("-8.5,-30 8.5,-30 14.5,50 -14.5,50"))
    pen.fill(body, white, mix(white, "#8a7f95", 0.3))
    inner = pen.inside(body)
    for y in (-0.24, 0.0, 0.24):
        inner.bar(-0.2, y, 0.2, y + 0.12, red, mix(red, INK, 0.2), form=0.9, rim=0.3)
    for y in (-0.06, 0.18):
        window(pen, props, 0.0, y, 0.045, 0.06, arch=0.02)
    pen.bar(-0.05, 0.385, 0.05, 0.5, "#6a3f38", "#43272c", radius=0.03, form=0.3)
    pen.bar(-0.125, -0.325, 0.125, -0.295, "#3f4254", radius=0.006)
    for x in np.linspace(-0.11, 0.11, 8):
        pen.line([(float(x), -0.375), (float(x), -0.32)], 0.007, "#3f4254")
    pen.line([(-0.115, -0.372), (0, -0.372), (0.115, -0.372)], 0.009, "#3f4254")
    lamp = box(-0.06, -0.425, 0.06, -0.325)
    if props.dim:
        pen.fill(lamp, "#fffbe8", props.glow, lit=True)
        pen.glow(0, -0.385, 0.42, props.glow, 0.8)
    else:
        pen.fill(lamp, "#cfe6ee", "#8fb3c4", form=0.4)
    for x in (-0.058, -0.02, 0.02, 0.058):
        pen.line([(x, -0.425), (x, -0.325)], 0.008, "#3f4254")
    pen.blob(
        points("-8.5,-42 -5,-47.5 0,-49.5 5,-47.5 8.5,-42 0,-41.2"),
        red,
        mix(red, INK, 0.3),
    )
    pen.disc(0, -0.505, 0.013, "#3f4254")


def house(pen: Pen, props: Props) -> None:
    wall, roof = (("#f3dfc2", "#b5503f"), ("#e9c9a0", "#5b6b8a"), ("#dfe3dc", "#8a4a56"))[int(props.rng.integers(3))]
    pen.bar(0.20, -0.44, 0.31, -0.12, mix(wall, "#8a4a3c", 0.6), form=0.6)
    pen.bar(0.185, -0.465, 0.325, -0.43, mix(roof, INK, 0.2), form=0.4)
    for i, (x, y, r) in enumerate(((0.26, -0.53, 0.04), (0.31, -0.60, 0.055), (0.40, -0.66, 0.07))):
        pen.disc(x, y, r, "#ffffff", alpha=0.34 - 0.07 * i, form=0.0, rim=0.0)
    pen.bar(-0.44, -0.08, 0.44, 0.5, wall, mix(wall, "#7a5a58", 0.32), form=0.7)
    pen.bar(-0.44, 0.42, 0.44, 0.5, mix("#8a7f80", wall, 0.2), form=0.4)
    slope = polygon(points("-56,-5 -34,-38 36,-38 56,-5"))
    pen.fill(slope, roof, mix(roof, INK, 0.35), form=0.5)
    inner = pen.inside(slope)
    for i, y in enumerate(np.linspace(-0.33, -0.09, 6)):
        for x in np.arange(-0.6, 0.6, 0.09):
            x0 = float(x) + 0.045 * (i % 2)
            inner.line(
                [(x0, float(y)), (x0 + 0.045, float(y) + 0.018), (x0 + 0.09, float(y))],
                0.009,
                mix(roof, INK, 0.45),
                alpha=0.5,
            )
    gable = polygon([(-0.30, 0.02), (-0.12, -0.28), (0.06, 0.02)])
    pen.fill(gable, wall, mix(wall, "#7a5a58", 0.2), form=0.4)
    pen.line([(-0.345, 0.045), (-0.12, -0.31)], 0.04, mix(roof, INK, 0.15), rim=0.8)
    pen.line([(0.105, 0.045), (-0.12, -0.31)], 0.04, mix(roof, INK, 0.3))
    window(pen, props, -0.12, -0.10, 0.085, 0.10, arch=0.03)
    for x in (-0.28, 0.31):
        window(pen, props, x, 0.20, 0.12, 0.16)
        pen.bar(x - 0.10, 0.30, x + 0.10, 0.335, mix(roof, INK, 0.3), form=0.2)
        for k in range(5):
            pen.disc(x - 0.08 + 0.04 * k, 0.295, 0.022, ("#e8657a", "#f2c14e")[k % 2], form=0.2)
    pen.bar(-0.075, 0.14, 0.105, 0.5, mix(roof, "#5a3a30", 0.5), INK, radius=0.08, form=0.4)
    pen.bar(
        -0.05,
        0.17,
        0.08,
        0.27,
        mix(props.glow, "#ffffff", 0.2) if props.dim else "#a9cbd6",
        radius=0.05,
        form=0.0,
        lit=props.dim,
    )
    pen.disc(0.07, 0.33, 0.014, "#f0c860", form=0.0)
    for x, r in ((-0.46, 0.11), (0.49, 0.10)):
        pen.blob(
            [(x - r, 0.5), (x - r * 0.9, 0.5 - r), (x, 0.5 - r * 1.6), (x + r * 0.9, 0.5 - r), (x + r, 0.5)],
            "#5f9a5c",
            "#2f5f50",
        )


def castle(pen: Pen, props: Props) -> None:
    stone, roof = "#cfc3b8", "#56679a"

    def turret(x: float, top: float, w: float, cone: float) -> None:
        pen.bar(x - w / 2, top, x + w / 2, 0.5, stone, mix(stone, "#5f5575", 0.45))
        pen.bar(
            x - w * 0.62,
            top - 0.045,
            x + w * 0.62,
            top + 0.02,
            mix(stone, "#ffffff", 0.15),
            mix(stone, "#5f5575", 0.3),
            form=0.6,
        )
        pen.poly(
            [(x - w * 0.72, top - 0.04), (x, top - 0.04 - cone), (x + w * 0.72, top - 0.04)], roof, mix(roof, INK, 0.3)
        )
        pen.line([(x, top - 0.03 - cone), (x, top - 0.13 - cone)], 0.008, INK)
        pen.poly([(x, top - 0.13 - cone), (x + 0.075, top - 0.11 - cone), (x, top - 0.085 - cone)], "#e0574a", form=0.0)
        window(pen, props, x, top + 0.11, w * 0.22, 0.07, arch=0.02)

    turret(-0.02, -0.14, 0.17, 0.20)
    turret(-0.24, -0.02, 0.13, 0.15)
    turret(0.21, 0.0, 0.13, 0.15)
    pen.bar(-0.40, 0.16, 0.40, 0.5, stone, mix(stone, "#5f5575", 0.45), form=0.6)
    for x in np.arange(-0.40, 0.38, 0.08):
        pen.bar(float(x), 0.115, float(x) + 0.045, 0.17, stone, form=0.3)
    for x, y in ((-0.28, 0.28), (-0.20, 0.36), (0.20, 0.27), (0.27, 0.38), (-0.14, 0.25), (0.15, 0.42)):
        pen.bar(x, y, x + 0.055, y + 0.028, mix(stone, "#5f5575", 0.35), form=0.0, rim=0.0, alpha=0.6)
    turret(-0.45, 0.06, 0.17, 0.20)
    turret(0.45, 0.06, 0.17, 0.20)
    gate = smooth(points("-8.5,50 -8.5,33 0,25 8.5,33 8.5,50"))
    pen.fill(gate, "#4a3138", "#2c1f2a", form=0.0, rim=0.0)
    if props.dim:
        pen.glow(0, 0.40, 0.20, props.glow, 0.4)
    inner = pen.inside(gate)
    for x in (-0.05, 0.0, 0.05):
        inner.line([(x, 0.2), (x, 0.5)], 0.009, "#8a6a4c")
    for y in (0.34, 0.42):
        inner.line([(-0.1, y), (0.1, y)], 0.009, "#8a6a4c")


def temple(pen: Pen, _: Props) -> None:
    stone = "#eaddc8"
    for i in range(3):
        pen.bar(
            -0.58 + i * 0.035,
            0.5 - 0.055 * (i + 1),
            0.58 - i * 0.035,
            0.5 - 0.055 * i,
            mix(stone, "#8a7288", 0.12 + 0.10 * (2 - i)),
            form=0.3,
        )
    pen.bar(-0.44, -0.15, 0.44, 0.34, mix(stone, "#5f4a68", 0.62), mix(stone, "#3a2f4c", 0.75), form=0.0, rim=0.0)
    for x in np.linspace(-0.43, 0.43, 6):
        x0 = float(x)
        pen.poly(
            [(x0 - 0.038, -0.14), (x0 + 0.038, -0.14), (x0 + 0.047, 0.34), (x0 - 0.047, 0.34)],
            stone,
            mix(stone, "#8a7288", 0.35),
        )
        for k in (-0.02, 0.0, 0.02):
            pen.line([(x0 + k, -0.11), (x0 + k * 1.2, 0.31)], 0.006, mix(stone, "#6a5570", 0.5), alpha=0.6)
        pen.bar(x0 - 0.062, -0.165, x0 + 0.062, -0.125, stone, form=0.4, radius=0.01)
        pen.bar(x0 - 0.060, 0.315, x0 + 0.060, 0.345, stone, form=0.4, radius=0.01)
    pen.bar(-0.54, -0.245, 0.54, -0.16, stone, mix(stone, "#8a7288", 0.3), form=0.5)
    for x in np.arange(-0.50, 0.5, 0.10):
        pen.bar(float(x), -0.235, float(x) + 0.055, -0.17, mix(stone, "#8a7288", 0.32), form=0.0, rim=0.0)
    pen.poly([(-0.60, -0.235), (0, -0.49), (0.60, -0.235)], stone, mix(stone, "#8a7288", 0.25))
    pen.poly([(-0.44, -0.26), (0, -0.44), (0.44, -0.26)], mix(stone, "#7a6280", 0.45), form=0.0, rim=0.0)
    pen.disc(0, -0.325, 0.05, "#e6c06a")


def pyramid(pen: Pen, _: Props) -> None:
    sand = "#e6bd7a"
    for x, y, s in ((-0.52, 0.22, 0.52), (0.0, 0.0, 1.0)):
        p = pen.at(x, y, s)
        p.poly([(0, -0.5), (0.68, 0.5), (-0.68, 0.5)], sand, mix(sand, "#a5683f", 0.35), form=0.0)
        p.poly(
            [(0, -0.5), (0.68, 0.5), (0.20, 0.5)],
            mix(sand, "#7a4a4a", 0.5),
            mix(sand, "#5a3448", 0.6),
            form=0.0,
            rim=0.0,
        )
        for i in range(1, 9):
            yy = -0.5 + i / 9
            half = 0.68 * (yy + 0.5)
            p.line([(-half, yy), (0.20 * (yy + 0.5), yy)], 0.008, mix(sand, "#8a5a3c", 0.5), alpha=0.55)
            p.line([(0.20 * (yy + 0.5), yy), (half, yy)], 0.007, mix(sand, "#3a2438", 0.7), alpha=0.4)


def tower(pen: Pen, props: Props) -> None:
    glass = "#5f86a8"
    for x, top, w in ((-0.30, -0.16, 0.22), (0.29, -0.06, 0.24), (0.0, -0.34, 0.28)):
        body = box(x - w / 2, top, x + w / 2, 0.5)
        pen.fill(body, mix(glass, "#cfe6ee", 0.25), mix(glass, INK, 0.35), form=0.9)
        columns = 4
        for r in range(int((0.46 - top) / 0.06)):
            for c in range(columns):
                gx, gy = x - w / 2 + w * (c + 0.2) / columns, top + 0.03 + r * 0.06
                on = props.rng.random() < (0.6 if props.dim else 0.3)
                tone = (
                    mix(props.glow, "#ffffff", 0.2) if props.dim and on else mix(glass, "#e8f6fa" if on else INK, 0.4)
                )
                pen.bar(gx, gy, gx + w * 0.6 / columns, gy + 0.036, tone, form=0.0, rim=0.0, lit=props.dim and on)
    pen.poly([(-0.14, -0.335), (0.0, -0.42), (0.14, -0.335)], mix(glass, "#ffffff", 0.4))
    pen.line([(0, -0.41), (0, -0.56)], (0.02, 0.006), "#dfe6ee", rim=0.6)
    pen.glow(0, -0.55, 0.06, "#ff6a5a", 0.8)


def bridge(pen: Pen, props: Props) -> None:
    steel = "#c8543f"
    x = np.linspace(-1.0, 1.0, 90)
    main = -0.30 + 0.0 * x
    inside = np.abs(x) < 0.48
    main = np.where(inside, -0.46 + 0.50 * (1 - (x / 0.48) ** 2) * 0.92, -0.46 + (np.abs(x) - 0.48) * 1.02)
    line = list(zip(x.tolist(), main.tolist(), strict=True))
    for px, py in line[2:-2:2]:
        if py < 0.10:
            pen.line([(px, py), (px, 0.14)], 0.006, mix(steel, "#ffffff", 0.25), alpha=0.85)
    for leg in (-0.48, 0.48):
        pen.poly(
            [(leg - 0.055, 0.5), (leg - 0.035, -0.5), (leg - 0.012, -0.5), (leg - 0.022, 0.5)],
            steel,
            mix(steel, INK, 0.35),
        )
        pen.poly(
            [(leg + 0.022, 0.5), (leg + 0.012, -0.5), (leg + 0.035, -0.5), (leg + 0.055, 0.5)],
            steel,
            mix(steel, INK, 0.35),
        )
        for y in (-0.44, -0.24, -0.04, 0.18):
            pen.bar(leg - 0.045, y, leg + 0.045, y + 0.03, steel, form=0.4)
        pen.bar(leg - 0.10, 0.40, leg + 0.10, 0.5, "#8a8490", "#565064")
        if props.dim:
            pen.glow(leg, -0.5, 0.10, "#ff7a5a", 0.8)
    pen.fill(limb(line[3:-3], (0.022,), steps=2), mix(steel, "#ffffff", 0.12), form=0.3)
    pen.bar(-1.0, 0.13, 1.0, 0.185, steel, mix(steel, INK, 0.45), form=0.3)
    for px in np.arange(-1.0, 1.0, 0.06):
        pen.line([(float(px), 0.185), (float(px) + 0.03, 0.145)], 0.006, mix(steel, INK, 0.5))
        if props.dim and int(px * 100) % 3 == 0:
            pen.glow(float(px), 0.11, 0.055, props.glow, 0.8)


def factory(pen: Pen, props: Props) -> None:
    brick = "#b5604a"
    for x, h in ((-0.34, 0.50), (-0.19, 0.40)):
        for i in range(5):
            r = 0.05 + 0.030 * i
            pen.disc(
                x + 0.06 * i + 0.02 * i * i * 0.5,
                0.02 - h - 0.05 * i - 0.03,
                r,
                "#dcdfe6",
                form=0.3,
                rim=0.3,
                alpha=0.62 - 0.09 * i,
            )
        pen.poly(
            [(x - 0.05, 0.2), (x - 0.036, 0.02 - h), (x + 0.036, 0.02 - h), (x + 0.05, 0.2)],
            mix(brick, "#f0d8c0", 0.2),
            mix(brick, INK, 0.4),
        )
        pen.bar(x - 0.043, 0.06 - h, x + 0.043, 0.09 - h, "#f4e6d2", form=0.3)
    for i in range(4):
        x0 = -0.08 + i * 0.15
        pen.poly(
            [(x0, 0.10), (x0, -0.08), (x0 + 0.15, 0.06), (x0 + 0.15, 0.10)], mix(brick, INK, 0.2), mix(brick, INK, 0.4)
        )
        pen.poly(
            [(x0 + 0.006, -0.06), (x0 + 0.05, -0.02), (x0 + 0.05, 0.08), (x0 + 0.006, 0.08)],
            mix(props.glow, "#ffffff", 0.3) if props.dim else "#a9cbd6",
            lit=props.dim,
            form=0.0,
        )
    pen.bar(-0.50, 0.08, 0.54, 0.5, brick, mix(brick, INK, 0.4), form=0.6)
    for row in range(2):
        for i in range(7):
            window(pen, props, -0.42 + i * 0.145, 0.20 + row * 0.15, 0.075, 0.085)
    pen.bar(0.34, 0.30, 0.50, 0.5, "#4a4250", INK, form=0.2)


def windmill(pen: Pen, props: Props) -> None:
    wall = "#f1e4cf"
    pen.poly(points("-10,-10 10,-10 17,50 -17,50"), wall, mix(wall, "#8a6f78", 0.4))
    pen.bar(-0.21, 0.25, 0.21, 0.275, "#7a5038", form=0.3)
    pen.blob(
        points("-13,-9 -11,-19 0,-25 11,-19 13,-9 0,-7.5"),
        "#8f4a44",
        mix("#8f4a44", INK, 0.4),
    )
    window(pen, props, 0.0, 0.06, 0.05, 0.07, arch=0.02)
    window(pen, props, 0.0, 0.20, 0.05, 0.07, arch=0.02)
    pen.bar(-0.055, 0.34, 0.055, 0.5, "#6a4638", INK, radius=0.04, form=0.2)
    spin = float(props.rng.uniform(15, 60))
    for k in range(4):
        sail = pen.at(0, -0.14, 1.0, turn=spin + 90 * k)
        sail.bar(0.012, -0.47, 0.115, -0.07, "#fbf3e2", "#d9c7ae", form=0.4, alpha=0.95)
        for y in np.linspace(-0.43, -0.11, 6):
            sail.line([(0.012, float(y)), (0.115, float(y))], 0.007, "#8a5f44")
        sail.line([(0.065, -0.47), (0.065, -0.07)], 0.007, "#8a5f44")
        sail.line([(0.0, 0.0), (0.0, -0.48)], (0.024, 0.014), "#6a4638")
    pen.disc(0, -0.14, 0.03, "#5a3a30")


def tent(pen: Pen, props: Props) -> None:
    cloth = ("#e8893c", "#d9594f", "#3f9a8f")[int(props.rng.integers(3))]
    pen.poly(
        points("-10,-34 42,-26 80,50 30,50"),
        mix(cloth, INK, 0.22),
        mix(cloth, INK, 0.45),
        form=0.3,
    )
    pen.poly([(-0.10, -0.34), (0.34, 0.5), (-0.66, 0.5)], cloth, mix(cloth, INK, 0.18), form=0.5)
    inside = mix(props.glow, "#fff2d0", 0.2) if props.dim else mix(cloth, INK, 0.65)
    pen.poly(
        [(-0.10, -0.20), (0.10, 0.5), (-0.34, 0.5)], inside, mix(cloth, INK, 0.4), lit=props.dim, form=0.0, rim=0.0
    )
    pen.poly(points("-10,-22 -15,20 -38,50 -42,50"), mix(cloth, "#ffffff", 0.3), form=0.4)
    if props.dim:
        pen.glow(-0.08, 0.3, 0.6, props.glow, 0.5)
    for a, b in (((-0.10, -0.34), (-0.86, 0.5)), ((0.42, -0.26), (1.0, 0.46))):
        pen.line([a, b], 0.008, "#f4ead8")
    pen.fill(oval(-0.10, -0.35, 0.018), "#f4ead8", form=0.0)


SKETCHES = {
    "lighthouse": Sketch(lighthouse, "stand", 0.44, 0.8),
    "house": Sketch(house, "stand", 0.34, 1.1),
    "castle": Sketch(castle, "stand", 0.42, 1.1),
    "temple": Sketch(temple, "stand", 0.34, 1.2),
    "pyramid": Sketch(pyramid, "stand", 0.34, 1.5),
    "tower": Sketch(tower, "stand", 0.44, 0.9),
    "bridge": Sketch(bridge, "rise", 0.30, 2.0),
    "factory": Sketch(factory, "stand", 0.36, 1.1),
    "windmill": Sketch(windmill, "stand", 0.42, 0.9),
    "tent": Sketch(tent, "stand", 0.22, 1.6),
}
