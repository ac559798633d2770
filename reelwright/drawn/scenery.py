"""The twenty settings: what each is made of, behind the subjects and in front of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from . import cosmos, interior, land, town, water
from .color import mix, rgb
from .paths import polygon
from .plants import grass, palm, pine, poplar, round_tree
from .reading import Setting
from .sky import paint_sky, rays
from .stage import Curve, Stage, waves

Painter = Callable[[Stage], None]
Medium = Literal["ground", "water", "deep", "air", "table", "void", "plain"]


@dataclass(frozen=True)
class Scenery:
    """A setting. `horizon` is the range the camera height is drawn from, `ground` where things stand (in parts of the
    picture), `medium` what surrounds a thing in the middle."""

    back: Painter
    front: Painter
    horizon: tuple[float, float]
    ground: float
    medium: Medium


_POLAR = frozenset({"penguin", "iceberg"})


def _ahead(stage: Stage, kinds: tuple[str, ...]) -> None:
    """One of several frames, another for each scene."""
    land.frame(stage, kinds[int(stage.rng.integers(len(kinds)))])


def _sea(stage: Stage) -> None:
    paint_sky(stage)
    if stage.rng.random() < 0.6:
        land.paint_ridges(stage, count=1, rise=0.05, below=stage.horizon)
    rough = 1.7 if stage.reading.weather == "storm" else 1.0
    water.paint_water(stage, level=stage.horizon, rough=rough)


def _sea_front(stage: Stage) -> None:
    rough = stage.reading.weather == "storm"
    water.paint_swell(stage, 0.62 if rough else 0.70, count=4, height=0.036 if rough else 0.014)


def _coast(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=1, rise=0.07, below=stage.horizon)
    water.paint_water(stage, level=stage.horizon)
    x = np.linspace(-0.01, 1.01, 260)
    reach = 1 / (1 + np.exp((stage.side * (x - 0.5) - 0.36) * 24))  # the headland comes in from one side
    top = 0.90 - (0.90 - stage.ground) * reach - 0.008 * waves(stage.rng, 260, 5, 8)
    rock = mix(rgb("#8d7b6c") * stage.palette.ambient, stage.palette.haze, 0.10)
    stage.fill_below(top + 0.012, mix(rock, stage.palette.near, 0.25), mix(rock, stage.palette.near, 0.85))
    _cliff_face(stage, top)
    grass = mix(rgb("#7fa35c") * stage.palette.ambient, stage.palette.haze, 0.12)
    turf = top + 0.030 + 0.008 * waves(stage.rng, 260, 4, 16)
    outline = np.vstack([np.stack([x, top], -1), np.stack([x, turf], -1)[::-1]])
    stage.page.fill(outline, mix(grass, stage.palette.sun, 0.2), mix(grass, stage.palette.near, 0.35), lit=True)


def _cliff_face(stage: Stage, top: Curve) -> None:
    """Broken rock under the turf: steep facets, lit and shaded by turns, and a few ledges with grass."""
    rng, palette = stage.rng, stage.palette
    x = np.linspace(-0.01, 1.01, len(top))
    area = stage.page.inside(np.vstack([np.stack([x, top + 0.02], -1), [[1.01, 1.01], [-0.01, 1.01]]]))
    lit = mix("#c9a98a", palette.sun, 0.4) * palette.ambient
    for k in range(70):
        cx, cy = float(rng.uniform(0, 1)), stage.ground + 0.36 * float(rng.random()) ** 0.8
        w, h = float(rng.uniform(0.012, 0.035)), float(rng.uniform(0.03, 0.085))
        lean = w * float(rng.uniform(-0.6, 0.6))
        facet = polygon(
            [
                (cx - w, cy - h * 0.3),
                (cx + lean, cy - h),
                (cx + w, cy - h * 0.2),
                (cx + w * 0.6 + lean, cy + h),
                (cx - w * 0.4, cy + h * 0.7),
            ]
        )
        area.fill(facet, lit if k % 2 else palette.near, rgb("#5a4a50") * palette.ambient, lit=True, alpha=0.20)
    for _ in range(7):
        cx, cy = float(rng.uniform(0, 1)), float(rng.uniform(stage.ground + 0.07, 0.96))
        tuft = [b for dx in (-0.012, 0.0, 0.012) for b in grass(rng, cx + dx, cy, 0.02, blades=5)]
        area.fill_all(tuft, mix(rgb("#7fa35c") * palette.ambient, palette.near, 0.3), lit=True)


def _lake(stage: Stage) -> None:
    paint_sky(stage)
    _summits(stage, 3, 0.16, 0.26, snow=0.28)
    land.paint_ridges(stage, count=2, rise=0.09, below=stage.horizon, start=0.2)
    top = stage.horizon - 0.012 - 0.01 * waves(stage.rng, 200, 3, 3)
    land.paint_woods(stage, top, stage.depth(0.66), height=0.055, spacing=0.014)
    stage.fill_below(top, stage.depth(0.66), stage.depth(0.7), bottom=stage.horizon + 0.004)
    water.paint_water(stage, level=stage.horizon, mirror=0.72, rough=0.7)


def _summits(stage: Stage, count: int, low: float, high: float, *, snow: float) -> None:
    rng = stage.rng
    for i in range(count):
        t = 0.15 + 0.35 * i / max(count - 1, 1)
        x = (0.5 + stage.side * (0.34, -0.30, 0.04)[i % 3]) + float(rng.uniform(-0.06, 0.06))
        height = float(rng.uniform(low, high))
        foot = stage.horizon + 0.02 + 0.015 * i
        land.paint_mountain(stage, x, foot, height, height * float(rng.uniform(1.9, 2.5)), t=t, snow=snow)


def _mountains(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=1, rise=0.16, below=stage.horizon, jagged=True)
    _summits(stage, 3, 0.26, 0.42, snow=0.34)
    land.paint_ridges(stage, count=3, rise=0.10, below=stage.ground + 0.02, start=0.25)
    crests = land.paint_hills(stage, ["#7a9a62", "#5f8a55", "#4a744b"], start=stage.ground - 0.035, end=0.88)
    land.paint_woods(stage, crests[0], stage.depth(0.72), height=0.055, spacing=0.016, gap=True)
    land.paint_woods(stage, crests[1], stage.depth(0.9), height=0.12, spacing=0.03, gap=True)


def _forest(stage: Stage) -> None:
    paint_sky(stage, clouds=False)
    palette, rng = stage.palette, stage.rng
    stage.canvas.glow(
        0.5 * stage.canvas.size, stage.horizon * stage.canvas.size, 0.6 * stage.canvas.size, palette.haze, 0.5
    )
    for i in range(4):
        t = i / 3
        level = stage.horizon + (stage.ground - stage.horizon) * t
        top = level - 0.012 * waves(rng, 200, 3, 3)
        color = mix(palette.haze, stage.depth(0.45 + 0.4 * t), 0.30 + 0.6 * t)
        color = mix(color, rgb("#2f6b4f") * palette.ambient, 0.28)
        land.paint_woods(
            stage,
            top,
            color,
            height=0.34 + 0.20 * t,
            spacing=0.030 + 0.034 * t,
            gap=i >= 2,
            grow=pine if stage.side > 0 or i % 2 else round_tree,
            to=mix(color, palette.haze, 0.45 * (1 - t)),
        )
        stage.fill_below(top, color, mix(color, palette.haze, 0.35 * (1 - t)))
    rays(stage, stage.sun[0], stage.sun[1] - 0.1, strength=0.40 if not stage.night else 0.18, spread=42)
    land.paint_hills(stage, ["#5f8f58", "#3f6f4c"], start=stage.ground, end=0.88, rise=0.02)


def _desert(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=2, rise=0.08, below=stage.horizon + 0.05, jagged=stage.side > 0)
    land.paint_dunes(stage, start=stage.horizon + 0.06, end=0.90)
    if stage.rng.random() < 0.6:
        for x in (0.5 - 0.36 * stage.side, 0.5 - 0.31 * stage.side):
            stage.page.fill_all(
                palm(stage.rng, x, 0.70, 0.16), mix(stage.palette.near, "#2f5a40", 0.3), form=0.3, rim=0.6
            )


def _snow(stage: Stage) -> None:
    paint_sky(stage)
    _summits(stage, 3, 0.20, 0.34, snow=0.8)
    crests = land.paint_hills(
        stage, ["#e6f0f8", "#e2edf7", "#dbe8f4"], start=stage.horizon + 0.04, end=0.84, rise=0.035
    )
    if _POLAR & {subject.name for subject in stage.reading.subjects}:
        return  # no tree grows where these live
    land.paint_woods(
        stage, crests[0], mix(stage.depth(0.5), stage.palette.haze, 0.2), height=0.06, spacing=0.022, gap=True
    )
    land.paint_woods(stage, crests[1], stage.depth(0.75), height=0.13, spacing=0.06, gap=True)


def _snow_front(stage: Stage) -> None:
    polar = _POLAR & {subject.name for subject in stage.reading.subjects}
    _ahead(stage, ("rocks",) if polar else ("pines", "rocks"))


def _farmland(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=2, rise=0.06, below=stage.horizon + 0.02)
    crests = land.paint_hills(
        stage, ["#b9b064", "#8fae5b", "#d9b85c"], start=stage.horizon + 0.04, end=stage.ground, rise=0.03
    )
    land.scatter(stage, crests[0], "#5f8a56", count=8, grow=poplar, height=0.07)
    land.scatter(stage, crests[1], "#6b9a58", count=6, grow=round_tree, height=0.08)
    land.paint_field_rows(stage, crests[2], ("#e6c766", "#8f7a3c") if stage.side > 0 else ("#7fae58", "#4a7a45"))


def _meadow(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=2, rise=0.07, below=stage.horizon + 0.03)
    crests = land.paint_hills(
        stage, ["#8fbf6a", "#74ad5c", "#5f9a54"], start=stage.horizon + 0.05, end=0.82, rise=0.045
    )
    land.scatter(stage, crests[0], "#5f9a5c", count=10, grow=round_tree, height=0.06)
    land.scatter(stage, crests[1], "#5a9a58", count=4, grow=round_tree, height=0.15)
    rng = stage.rng
    for _ in range(150):
        x, t = float(rng.uniform(0, 1)), float(rng.uniform(0, 1))
        y = stage.ground + 0.03 + (0.98 - stage.ground) * t
        color = ("#ffffff", "#ffd45e", "#ff8fa3", "#c9a2ff")[int(rng.integers(4))]
        stage.page.disc(x, y, 0.0022 + 0.0045 * t, color, ry=0.0018 + 0.0038 * t, form=0.0, rim=0.0)


def _village(stage: Stage) -> None:
    paint_sky(stage)
    _summits(stage, 2, 0.16, 0.24, snow=0.25)
    land.paint_ridges(stage, count=2, rise=0.08, below=stage.horizon + 0.04, start=0.15)
    land.paint_hills(stage, ["#9dba74", "#84a866"], start=stage.horizon + 0.05, end=stage.ground, rise=0.03)
    town.paint_village(stage, level=stage.horizon + 0.07)
    land.paint_hills(stage, ["#6f9a5c"], start=stage.ground + 0.02, end=stage.ground + 0.02, rise=0.012)


def _city(stage: Stage) -> None:
    paint_sky(stage)
    town.paint_skyline(stage, base=stage.horizon)
    town.paint_street(stage, level=stage.horizon)
    if stage.reading.weather in ("rain", "storm") or stage.night:
        water.paint_water(stage, level=stage.horizon + 0.015, mirror=0.46, rough=0.22, sparkle=False)
    town.paint_lamps(stage, level=stage.horizon)


def _road(stage: Stage) -> None:
    paint_sky(stage)
    _summits(stage, 2, 0.14, 0.24, snow=0.25)
    land.paint_ridges(stage, count=2, rise=0.08, below=stage.horizon + 0.02)
    colors = ["#a9ad6c", "#93a05c"] if stage.side > 0 else ["#d3a56a", "#b98a58"]
    crests = land.paint_hills(stage, colors, start=stage.horizon + 0.03, end=stage.horizon + 0.07, rise=0.012)
    town.paint_road(stage, level=stage.horizon + 0.055)
    land.scatter(stage, crests[1] + 0.03, "#5f8a56", count=8, grow=round_tree, height=0.09)


def _sky_setting(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=1, rise=0.05, below=stage.horizon + 0.02, jagged=True)
    cosmos.paint_cloud_sea(stage)


def _hall(stage: Stage) -> None:
    paint_sky(stage)
    land.paint_ridges(stage, count=3, rise=0.10, below=0.66)
    town.paint_hall(stage)
    rays(stage, stage.sun[0], stage.sun[1], strength=0.25, spread=45)


def _none(stage: Stage) -> None:
    """Nothing stands in front."""


SCENERY: dict[Setting, Scenery] = {
    "undersea": Scenery(water.paint_depths, water.paint_reef, (0.05, 0.06), 0.80, "deep"),
    "sea": Scenery(_sea, _sea_front, (0.44, 0.58), 0.66, "water"),
    "coast": Scenery(_coast, lambda s: _ahead(s, ("grass", "rocks")), (0.50, 0.60), 0.66, "ground"),
    "lake": Scenery(_lake, lambda s: _ahead(s, ("reeds", "pines", "leaves")), (0.50, 0.60), 0.68, "water"),
    "mountains": Scenery(_mountains, lambda s: _ahead(s, ("pines", "rocks", "grass")), (0.52, 0.60), 0.69, "ground"),
    "forest": Scenery(_forest, lambda s: _ahead(s, ("pines", "bushes", "leaves")), (0.50, 0.58), 0.70, "ground"),
    "desert": Scenery(_desert, lambda s: _ahead(s, ("rocks", "grass")), (0.48, 0.56), 0.69, "ground"),
    "snow": Scenery(_snow, _snow_front, (0.50, 0.56), 0.70, "ground"),
    "farmland": Scenery(_farmland, lambda s: _ahead(s, ("grass", "bushes", "leaves")), (0.48, 0.56), 0.69, "ground"),
    "meadow": Scenery(_meadow, lambda s: _ahead(s, ("grass", "bushes", "leaves")), (0.46, 0.56), 0.70, "ground"),
    "village": Scenery(_village, lambda s: _ahead(s, ("bushes", "poplars", "leaves")), (0.44, 0.50), 0.70, "ground"),
    "city": Scenery(_city, _none, (0.56, 0.62), 0.685, "ground"),
    "road": Scenery(_road, lambda s: _ahead(s, ("grass", "bushes", "rocks")), (0.48, 0.56), 0.69, "ground"),
    "space": Scenery(cosmos.paint_space, _none, (0.90, 0.95), 0.72, "void"),
    "sky": Scenery(_sky_setting, _none, (0.58, 0.66), 0.66, "air"),
    "room": Scenery(interior.paint_room, _none, (0.55, 0.56), 0.695, "table"),
    "library": Scenery(interior.paint_library, _none, (0.55, 0.56), 0.705, "table"),
    "laboratory": Scenery(interior.paint_laboratory, _none, (0.55, 0.56), 0.705, "table"),
    "hall": Scenery(_hall, _none, (0.58, 0.62), 0.695, "ground"),
    "abstract": Scenery(cosmos.paint_plain, _none, (0.60, 0.62), 0.675, "plain"),
}
