"""Trees, grass and reeds as silhouettes for a layer of land. Outlines in parts of the picture, foot at (x, y)."""

from __future__ import annotations

import numpy as np

from .paths import Outline, limb, pebble, polygon, smooth


def pine(rng: np.random.Generator, x: float, y: float, height: float) -> list[Outline]:
    """A conifer of drooping tiers."""
    width = height * rng.uniform(0.30, 0.42)
    tiers = 3 if height < 0.05 else 5 if height < 0.2 else 9
    left: list[tuple[float, float]] = []
    right: list[tuple[float, float]] = []
    for i in range(tiers):
        t0, t1 = i / tiers, (i + 1) / tiers
        reach = width / 2 * t1**0.85 * rng.uniform(0.9, 1.08)
        left += [
            (x - width * 0.10 * t0 - width * 0.02, y - height * (1 - t0) + 0.02 * height),
            (x - reach, y - height * (1 - t1) * 0.92 - height * 0.05),
        ]
        right += [
            (x + width * 0.10 * t0 + width * 0.02, y - height * (1 - t0) + 0.02 * height),
            (x + reach, y - height * (1 - t1) * 0.92 - height * 0.05),
        ]
    crown = polygon([(x, y - height), *right, *reversed(left)])
    trunk = polygon(
        [
            (x - height * 0.02, y - height * 0.1),
            (x + height * 0.02, y - height * 0.1),
            (x + height * 0.025, y + 0.004),
            (x - height * 0.025, y + 0.004),
        ]
    )
    return [crown, trunk]


def round_tree(rng: np.random.Generator, x: float, y: float, height: float) -> list[Outline]:
    """A broad-leaved tree: a crown of a few rounds on a trunk."""
    r = height * 0.30
    shapes = [pebble(rng, x, y - height * 0.66, r, r * 1.05, wobble=0.1)]
    for side in (-1, 1):
        shapes.append(pebble(rng, x + side * r * 0.75, y - height * rng.uniform(0.48, 0.58), r * 0.72, r * 0.66))
    trunk = limb(
        [(x, y + 0.004), (x + height * 0.01, y - height * 0.25), (x, y - height * 0.55)], (height * 0.09, height * 0.04)
    )
    return [*shapes, trunk]


def poplar(rng: np.random.Generator, x: float, y: float, height: float) -> list[Outline]:
    """A tall slim tree."""
    w = height * rng.uniform(0.10, 0.14)
    crown = smooth(
        [
            (x, y - height),
            (x + w, y - height * 0.55),
            (x + w * 0.8, y - height * 0.15),
            (x, y - height * 0.06),
            (x - w * 0.8, y - height * 0.15),
            (x - w, y - height * 0.55),
        ]
    )
    return [
        crown,
        polygon(
            [
                (x - w * 0.15, y - height * 0.1),
                (x + w * 0.15, y - height * 0.1),
                (x + w * 0.15, y + 0.003),
                (x - w * 0.15, y + 0.003),
            ]
        ),
    ]


def palm(rng: np.random.Generator, x: float, y: float, height: float) -> list[Outline]:
    """A palm with a bent stem."""
    lean = height * rng.uniform(-0.25, 0.25)
    top = (x + lean, y - height)
    shapes = [limb([(x, y + 0.005), (x + lean * 0.3, y - height * 0.5), top], (height * 0.07, height * 0.035))]
    for angle in np.deg2rad(np.array([-165, -140, -105, -70, -35, -10, 15, 165]) + rng.uniform(-8, 8, 8)):
        reach = height * rng.uniform(0.36, 0.48)
        dx, dy = np.cos(angle) * reach, np.sin(angle) * reach
        shapes.append(
            limb(
                [
                    top,
                    (top[0] + dx * 0.55, top[1] + dy * 0.7 - reach * 0.10),
                    (top[0] + dx, top[1] + dy + reach * 0.34),
                ],
                (height * 0.02, height * 0.085, height * 0.05, 0.0),
            )
        )
    return shapes


def grass(rng: np.random.Generator, x: float, y: float, height: float, blades: int = 9) -> list[Outline]:
    """A tuft of blades."""
    shapes = []
    for _ in range(blades):
        lean, tall = rng.uniform(-0.6, 0.6), height * rng.uniform(0.55, 1.0)
        foot = x + rng.uniform(-0.35, 0.35) * height
        tip = (foot + lean * tall, y - tall)
        shapes.append(
            limb(
                [(foot, y + height * 0.1), (foot + lean * tall * 0.3, y - tall * 0.55), tip],
                (height * 0.075, height * 0.05, 0.0),
            )
        )
    return shapes


def reeds(rng: np.random.Generator, x: float, y: float, height: float) -> list[Outline]:
    """Cattails among long leaves."""
    shapes = grass(rng, x, y, height * 0.8, blades=6)
    for _ in range(3):
        foot, lean, tall = x + rng.uniform(-0.3, 0.3) * height, rng.uniform(-0.14, 0.14), height * rng.uniform(0.8, 1.1)
        tip = (foot + lean * tall, y - tall)
        shapes.append(limb([(foot, y), (foot + lean * tall * 0.4, y - tall * 0.5), tip], (height * 0.018,)))
        shapes.append(limb([(tip[0] - lean * tall * 0.18, tip[1] + tall * 0.18), tip], (height * 0.05,)))
    return shapes


def branch(rng: np.random.Generator, x: float, y: float, length: float, angle: float) -> list[Outline]:
    """A leafy branch hanging into the picture from a corner; `angle` in degrees."""
    a = np.deg2rad(angle)
    ux, uy = np.cos(a), np.sin(a)
    spine = [(x + ux * length * t, y + uy * length * t + 0.10 * length * t * t) for t in (0.0, 0.35, 0.7, 1.0)]
    shapes = [limb(spine, (length * 0.035, length * 0.012))]
    for t in np.linspace(0.14, 1.0, 11):
        bx, by = x + ux * length * t, y + uy * length * t + 0.10 * length * t * t
        for side in (-1, 1):
            la = a + side * rng.uniform(0.5, 1.1)
            size = length * rng.uniform(0.13, 0.19)
            tip = (bx + np.cos(la) * size, by + np.sin(la) * size + size * 0.2)
            shapes.append(
                limb([(bx, by), ((bx + tip[0]) / 2, (by + tip[1]) / 2), tip], (size * 0.08, size * 0.36, 0.0))
            )
    return shapes
