"""Draws the subjects where the layout has put them, each with what it needs to belong there.

A thing in the wrong element gets its own: a rock in the sea, a cloud in the sky, a bubble of water on land.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import cv2
import numpy as np

from .canvas import Light, Pen
from .color import mix, rgb
from .layout import Spot, spots_of
from .paths import oval, pebble, smooth
from .scenery import Scenery
from .sky import puff
from .stage import Stage
from .subjects import Props
from .water import foam
from .weather import paint_bolt


def paint_subjects(stage: Stage, scenery: Scenery) -> None:
    """Draws all subjects of the reading, the farthest first."""
    spots = list(spots_of(stage, scenery))
    order = {"rise": 0, "sky": 1, "fly": 2, "hover": 4, "stand": 3, "float": 3, "swim": 3}
    spots.sort(key=lambda spot: (order[spot.habitat], spot.hero, spot.foot))
    for spot in spots:
        _place(stage, scenery, spot)


def _place(stage: Stage, scenery: Scenery, spot: Spot) -> None:
    medium = scenery.medium
    if spot.name == "lightning" and medium in ("ground", "water", "air"):
        paint_bolt(stage, spot.x, 0.24, stage.horizon + 0.01)
        return
    wet = medium == "water" or stage.reading.setting == "coast"
    surfaced = spot.habitat == "float" or (spot.name == "whale" and medium == "water")
    if surfaced and wet:
        _afloat(stage, spot)
    elif spot.habitat in ("float", "swim") and medium not in ("deep", "void"):
        _bubble(stage, spot)
    elif spot.habitat == "stand":
        _standing(stage, scenery, spot)
    elif spot.habitat == "rise":
        _rising(stage, spot)
    elif spot.habitat == "hover":
        if medium != "plain":
            _halo(stage, spot)
        _draw(stage, spot, _spotlit(stage))
    else:
        _draw(stage, spot, _spotlit(stage) if medium == "table" else stage.light)


def _rising(stage: Stage, spot: Spot) -> None:
    """A part of the land: its foot is lost in mist."""
    _draw(stage, spot, stage.light)
    small = 288
    gy, gx = np.mgrid[0:small, 0:small].astype(np.float32) / small
    across = (gx - spot.x) / (0.42 * spot.unit * spot.sketch.width)
    mist = np.exp(-(((gy - spot.foot) / 0.026) ** 2) - across**4) * np.float32(0.85)
    stage.canvas.shade(mist, mix(stage.palette.haze, stage.palette.far, 0.2))


def _draw(stage: Stage, spot: Spot, light: Light) -> None:
    pen = stage.pen(spot.x, spot.y, spot.unit, haze=spot.haze, flip=spot.flip)
    _props_draw(stage, spot, replace(pen, light=light))


def _props_draw(stage: Stage, spot: Spot, pen: Pen) -> None:
    props = Props(rng=stage.rng, glow=stage.palette.glow, dim=stage.dim, dark=stage.palette.near)
    spot.sketch.draw(pen, props)


def _spotlit(stage: Stage) -> Light:
    """The light of a thing that is looked at for itself: near white whatever the hour."""
    return replace(stage.light, ambient=mix(stage.light.ambient, "#fff6e8", 0.62), rim_strength=0.65)


def _standing(stage: Stage, scenery: Scenery, spot: Spot) -> None:
    medium = scenery.medium
    wide = spot.unit * spot.sketch.width
    if stage.reading.setting == "lake":
        _bank(stage, spot.x, spot.foot, wide)
        _shadow(stage, spot, wide)
        _draw(stage, spot, stage.light)
        return
    if medium == "water":
        _island(stage, spot.x, spot.foot, wide)
    elif medium == "air":
        puffs = puff(stage.rng, spot.x, spot.foot + 0.075, wide * 1.35 + 0.10)
        base = mix(stage.palette.cloud, stage.palette.cloud_shade, 0.6)
        stage.page.fill_all(puffs, stage.palette.cloud, base, form=0.35, rim=0.8)
    else:
        _shadow(stage, spot, wide)
    light = _spotlit(stage) if medium in ("table", "plain") else stage.light
    if medium in ("water", "table") or (
        stage.reading.setting == "city" and (stage.night or stage.reading.weather in ("rain", "storm"))
    ):
        with _mirrored(
            stage, spot, spot.foot - (0.01 if medium == "water" else 0.004), 0.38 if medium != "table" else 0.16
        ):
            _draw(stage, spot, light)
    else:
        _draw(stage, spot, light)
    if medium == "water":
        foam(stage, spot.x, spot.foot + 0.034, wide * 1.25 + 0.08)


def _shadow(stage: Stage, spot: Spot, wide: float) -> None:
    """A soft dark pool under the feet, drawn away from the light."""
    lean = -stage.light.toward[0] * 0.10 * spot.unit
    for grow, alpha in ((1.0, 0.16), (0.8, 0.16), (0.6, 0.16)):
        shape = oval(
            spot.x + lean * grow, spot.foot - 0.001, wide * 0.56 * grow, 0.011 * grow + 0.018 * spot.unit * grow
        )
        stage.page.fill(shape, mix(stage.palette.near, "#000000", 0.2), lit=True, alpha=alpha)


def _island(stage: Stage, x: float, y: float, wide: float) -> None:
    rng = stage.rng
    stones = [
        pebble(rng, x + wide * t, y + 0.028, wide * 0.20 + 0.03, 0.030 + 0.010 * (1 - abs(t) * 2), knots=8)
        for t in (-0.5, -0.25, 0.0, 0.25, 0.5)
    ]
    stage.page.fill_all(stones, "#7d7a80", mix("#4a4654", stage.palette.near, 0.4), form=0.7, rim=0.9)
    tops = [pebble(rng, x + wide * t, y + 0.008, wide * 0.17 + 0.025, 0.014, knots=8) for t in (-0.34, 0.0, 0.34)]
    stage.page.fill_all(tops, "#8a9a6a", "#6a7a58", form=0.4, rim=0.8)


def _bank(stage: Stage, x: float, y: float, wide: float) -> None:
    """A grassy tongue of land from the nearer edge of the picture to a little past the thing."""
    palette = stage.palette
    out = 1 if x < 0.5 else -1
    edge, end = 0.5 - out * 0.52, x + out * (wide * 0.5 + 0.10)
    grass = rgb("#7aa35e") * palette.ambient
    under = smooth([(edge, y + 0.02), (x, y + 0.012), (end + out * 0.03, y + 0.045), (x, y + 0.10), (edge, y + 0.20)])
    stage.page.fill(
        under, mix("#7a5f4a", palette.near, 0.35) * palette.ambient, mix(palette.near, "#3a2c2c", 0.3), lit=True
    )
    turf = smooth(
        [
            (edge, y - 0.02),
            (x - out * wide * 0.5, y - 0.012),
            (x + out * wide * 0.4, y - 0.010),
            (end, y + 0.030),
            (x, y + 0.062),
            (edge, y + 0.13),
        ]
    )
    stage.page.fill(turf, mix(grass, palette.sun, 0.22), mix(grass, palette.near, 0.35), form=0.2, rim=0.6)


def _afloat(stage: Stage, spot: Spot) -> None:
    line = spot.y + 0.38 * spot.unit
    wide = spot.unit * spot.sketch.width
    with _mirrored(stage, spot, line, 0.45):
        _draw(stage, spot, stage.light)
    rng = stage.rng
    ripples = [
        oval(
            spot.x + float(rng.normal(0, wide * 0.30)),
            line + float(rng.uniform(0.004, 0.03)),
            wide * float(rng.uniform(0.08, 0.26)),
            0.0016,
        )
        for _ in range(16)
    ]
    stage.page.fill_all(ripples, mix(stage.palette.haze, "#ffffff", 0.4), lit=True, alpha=0.5)


@contextmanager
def _mirrored(stage: Stage, spot: Spot, line: float, strength: float) -> Iterator[None]:
    """What is drawn inside also appears upside down below the line, broken by ripples; its part below is hidden."""
    size = stage.canvas.size
    half = spot.unit * max(spot.sketch.width, 0.6) * 0.62
    x0, x1 = max(0, int((spot.x - half) * size)), min(size, int((spot.x + half) * size))
    y = int(line * size)
    tall = min(int(spot.unit * 1.1 * size), y)
    below = stage.canvas.pixels[y : min(size, y + tall), x0:x1].copy()
    before = stage.canvas.pixels[y - tall : y, x0:x1].copy()
    yield
    after = stage.canvas.pixels[y - tall : y, x0:x1]
    drawn = np.clip(np.abs(after - before).max(axis=2) * 12, 0, 1)[::-1][: len(below)]
    image = after[::-1][: len(below)]
    h, w = drawn.shape
    gx, gy = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    wave = np.sin(gy / size * 620 + 2 * np.sin(gy / size * 170)) * (0.0015 + 0.006 * gy / max(h, 1)) * size
    shape = cv2.remap(drawn, gx + wave, gy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    mirrored = cv2.remap(np.ascontiguousarray(image), gx + wave, gy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weight = (shape * np.linspace(1, 0.15, h, dtype=np.float32)[:, None] * np.float32(strength))[..., None]
    stage.canvas.pixels[y : y + h, x0:x1] = below + weight * (mirrored * np.float32(0.8) - below)


def _halo(stage: Stage, spot: Spot) -> None:
    """A pale disc with rings, on which an idea shows well."""
    palette, page = stage.palette, stage.page
    radius = spot.unit * max(0.66, 0.60 * spot.sketch.width)
    calm = mix(palette.sky[0], palette.near, 0.35)
    for grow, alpha in ((1.0, 0.14), (0.86, 0.18), (0.72, 0.22)):
        page.fill(oval(spot.x, spot.y, radius * grow), calm, lit=True, alpha=alpha)
    size = stage.canvas.size
    stage.canvas.glow(spot.x * size, spot.y * size, radius * size, palette.sun, 0.45, power=1.4)


def _bubble(stage: Stage, spot: Spot) -> None:
    """A round pane of water in the air, with the thing in it."""
    page, palette = stage.page, stage.palette
    radius = min(0.235, spot.unit * max(0.62, 0.56 * spot.sketch.width))
    unit = min(spot.unit, 1.62 * radius / max(spot.sketch.width, 1.0))
    x, y = spot.x, 0.45 if spot.hero else 0.36
    size = stage.canvas.size
    stage.canvas.glow(x * size, y * size, radius * 1.9 * size, palette.sun, 0.4)
    page.fill(oval(x, y, radius * 1.05), mix("#ffffff", palette.sun, 0.3), lit=True, alpha=0.6)
    disc = oval(x, y, radius)
    page.fill(disc, "#8fe0dc", "#164a86", lit=True)
    inner = page.inside(disc)
    floats = spot.habitat == "float"
    if floats:
        inner.fill(oval(x, y - radius * 0.55, radius * 1.2, radius * 1.05), "#d9f0f2", "#f6e3c4", lit=True)
    for k in range(4):
        inner.fill(
            pebble(stage.rng, x + radius * (k - 1.5) * 0.6, y + radius, radius * 0.45, radius * 0.22),
            "#123a66",
            lit=True,
            alpha=0.6,
        )
    pen = Pen(
        stage.canvas,
        _spotlit(stage),
        x * size,
        (y + (0.1 * radius if floats else 0)) * size,
        unit * size,
        flip=spot.flip,
        clip=inner.clip,
    )
    _props_draw(stage, spot, pen)
    page.fill(
        oval(x - radius * 0.45, y - radius * 0.58, radius * 0.26, radius * 0.10, -38), "#ffffff", lit=True, alpha=0.5
    )
