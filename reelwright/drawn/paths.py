"""Outlines: closed polygons as float64 arrays (n, 2), x to the right, y down, in whatever unit the caller draws in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Outline = NDArray[np.float64]
Points = Sequence[tuple[float, float]] | Outline


# What follows from constants alone is computed once: a picture has thousands of strokes, each of few points. The arrays
# are shared and read-only.


@lru_cache(maxsize=64)
def _powers(steps: int) -> tuple[Outline, Outline, Outline]:
    """Where the samples of a span are, from 0 to less than 1; squared; cubed."""
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    return _shared(t), _shared(t**2), _shared(t**3)


@lru_cache(maxsize=1024)
def _circle(start: float, end: float, n: int) -> tuple[Outline, Outline]:
    """Cosines and sines of `n` angles in degrees, both ends included."""
    angle = np.deg2rad(np.linspace(start, end, n))
    return _shared(np.cos(angle)), _shared(np.sin(angle))


@lru_cache(maxsize=1)
def _half_circle() -> tuple[Outline, Outline]:
    angle = np.linspace(0, np.pi, 8)[1:-1, None]
    return _shared(np.cos(angle)), _shared(np.sin(angle))


@lru_cache(maxsize=64)
def _evenly(count: int) -> Outline:
    return _shared(np.linspace(0, 1, count))


@lru_cache(maxsize=1024)
def _direction(turn: float) -> tuple[np.float64, np.float64]:
    return np.cos(np.deg2rad(turn)), np.sin(np.deg2rad(turn))


def _shared(array: Outline) -> Outline:
    array.setflags(write=False)
    return array


def smooth(points: Points, *, closed: bool = True, steps: int = 10) -> Outline:
    """A Catmull-Rom spline through all points, `steps` samples a span."""
    p = np.asarray(points, np.float64)
    if closed:
        before, start, end, after = np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        ends = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        before, start, end, after = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    t, t2, t3 = _powers(steps)
    b, s, e, a = (q[:, None, :] for q in (before, start, end, after))
    curve = 0.5 * (2 * s + (e - b) * t + (2 * b - 5 * s + 4 * e - a) * t2 + (3 * s - b - 3 * e + a) * t3)
    flat: Outline = curve.reshape(-1, 2)
    return flat if closed else np.vstack([flat, p[-1:]])


def polygon(points: Points) -> Outline:
    """Straight edges."""
    return np.asarray(points, np.float64)


def oval(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> Outline:
    """An ellipse round (x, y), turned by degrees."""
    return arc(x, y, rx, ry, 0, 360, turn)[:-1]


def arc(
    x: float, y: float, rx: float, ry: float | None, start: float, end: float, turn: float = 0.0, n: int = 72
) -> Outline:
    """Points of an ellipse from angle `start` to `end`, degrees, clockwise on the screen from the right."""
    cosines, sines = _circle(start, end, n)
    px, py = rx * cosines, (rx if ry is None else ry) * sines
    c, s = _direction(turn)
    return np.stack([x + px * c - py * s, y + px * s + py * c], axis=-1)


def box(x0: float, y0: float, x1: float, y1: float, radius: float = 0.0) -> Outline:
    """A rectangle, its corners rounded."""
    if radius <= 0:
        return polygon([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    r = min(radius, (x1 - x0) / 2, (y1 - y0) / 2)
    corners = [(x1 - r, y0 + r, -90), (x1 - r, y1 - r, 0), (x0 + r, y1 - r, 90), (x0 + r, y0 + r, 180)]
    return np.vstack([arc(cx, cy, r, r, a, a + 90, n=10) for cx, cy, a in corners])


def limb(points: Points, widths: Sequence[float], *, steps: int = 10, straight: bool = False) -> Outline:
    """A stroke along a smooth line whose full width goes through `widths`, evenly spread; its ends are round."""
    line = polygon(points) if straight else smooth(points, closed=False, steps=steps)
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    half = np.interp(length / max(length[-1], 1e-9), _evenly(len(widths)), widths)[:, None] / 2
    tangent = _slope(line)
    tangent /= np.maximum(np.hypot(tangent[:, 0], tangent[:, 1]), 1e-9)[:, None]
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1)
    head = _cap(line[-1], tangent[-1], normal[-1], float(half[-1, 0]))
    tail = _cap(line[0], -tangent[0], -normal[0], float(half[0, 0]))
    return np.vstack([line + normal * half, head, (line - normal * half)[::-1], tail])


def _cap(center: Outline, along: Outline, side: Outline, radius: float) -> Outline:
    cosines, sines = _half_circle()
    return center + radius * (cosines * side + sines * along)


def _slope(line: Outline) -> Outline:
    """`np.gradient(line, axis=0)`, which for so few points needs far longer."""
    slope = np.empty_like(line)
    slope[1:-1] = (line[2:] - line[:-2]) / 2.0
    slope[0], slope[-1] = line[1] - line[0], line[-1] - line[-2]
    return slope


def star(x: float, y: float, outer: float, inner: float, arms: int = 5, turn: float = -90.0) -> Outline:
    """A star of straight edges; its first arm points along `turn` degrees."""
    angle = np.deg2rad(turn + np.arange(arms * 2) * 180 / arms)
    r = np.where(np.arange(arms * 2) % 2 == 0, outer, inner)
    return np.stack([x + r * np.cos(angle), y + r * np.sin(angle)], axis=-1)


def pebble(
    rng: np.random.Generator, x: float, y: float, rx: float, ry: float, *, knots: int = 9, wobble: float = 0.14
) -> Outline:
    """An uneven round shape: a stone, a bush, a puff of cloud."""
    angle = np.linspace(0, 2 * np.pi, knots, endpoint=False) + rng.uniform(0, 1)
    r = 1 + rng.uniform(-wobble, wobble, knots)
    return smooth(np.stack([x + rx * r * np.cos(angle), y + ry * r * np.sin(angle)], axis=-1))


def moved(outline: Outline, x: float = 0.0, y: float = 0.0, scale: float = 1.0, turn: float = 0.0) -> Outline:
    """Turned by degrees and scaled round the origin, then moved."""
    c, s = (part * scale for part in _direction(turn))
    result: Outline = outline @ np.array([[c, s], [-s, c]]) + np.array([x, y])
    return result


def heart(x: float, y: float, size: float) -> Outline:
    """The playing-card heart, `size` high (the usual parametric curve of 16 sin³t)."""
    t = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    px = 16 * np.sin(t) ** 3
    py = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    return np.stack([x + px * size / 29, y + (py - 2.5) * size / 29], axis=-1)


def gear(x: float, y: float, radius: float, teeth: int, depth: float = 0.18) -> Outline:
    """A toothed wheel's outline."""
    points = []
    for tooth in range(teeth):
        for part, r in ((0.0, 1 - depth), (0.22, 1 - depth), (0.32, 1.0), (0.68, 1.0), (0.78, 1 - depth)):
            a = 2 * np.pi * (tooth + part) / teeth
            points.append((x + radius * r * np.cos(a), y + radius * r * np.sin(a)))
    return polygon(points)


def crescent(x: float, y: float, radius: float, *, bite: float = 0.55, turn: float = -30.0) -> Outline:
    """A moon's sickle: the outer circle less an inner one of the same ends."""
    outer = arc(0, 0, radius, radius, 90, 270)
    inner = arc(0, 0, radius * bite, radius, 270, 90)
    return moved(np.vstack([outer, inner[1:-1]]), x, y, 1.0, turn)


@lru_cache(maxsize=4096)
def points(text: str) -> Outline:
    """Points in the notation of SVG, in hundredths: `"0,-50 17,-46"` is (0, -0.5), (0.17, -0.46).

    The array is shared and read-only.
    """
    outline = np.array([[float(v) for v in pair.split(",")] for pair in text.split()]) / 100
    outline.setflags(write=False)
    return outline
