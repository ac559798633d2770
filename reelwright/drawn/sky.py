"""Sky: gradient, sun or moon, stars, clouds."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .color import mix, rgb
from .paths import Outline, crescent, oval, polygon
from .stage import Stage, cloudy


def paint_sky(stage: Stage, *, clouds: bool = True, disc: bool = True) -> None:
    """The whole sky down to the horizon, and its colour on below it."""
    palette = stage.palette
    spread = (0.0, 0.42, 0.76, 1.0)
    stage.gradient([(at * stage.horizon, color) for at, color in zip(spread, palette.sky, strict=True)])
    overcast = stage.reading.weather in ("rain", "storm", "fog", "snow")
    if stage.night and not overcast:
        paint_stars(stage, count=320, below=stage.horizon * 0.96)
    if disc:
        paint_sun(stage, veiled=overcast)
    if clouds:
        _streaks(stage)
        if overcast:
            _overcast(stage)
        else:
            for _ in range(int(stage.rng.integers(2, 5)) + 2 * (stage.reading.weather == "cloud")):
                _cumulus(stage)


def paint_sun(stage: Stage, *, veiled: bool = False, radius: float | None = None) -> None:
    """Sun or moon with its glow; behind clouds only the glow is seen."""
    x, y = stage.sun
    size = stage.canvas.size
    palette = stage.palette
    low = stage.reading.time in ("dawn", "sunset")
    r = radius or (0.040 if stage.night else 0.062 if low else 0.046)
    px, py = x * size, y * size
    stage.canvas.glow(px, py, size * 0.62, palette.sun, 0.30 if stage.night else 0.46, power=2.4)
    stage.canvas.glow(px, py, size * 0.20, palette.sun, 0.36 if stage.night else 0.55, power=2.2)
    if veiled:
        return
    page = stage.page
    if stage.night:
        if stage.side > 0:
            page.fill(crescent(x, y, r * 1.1, turn=-25.0), palette.sun, lit=True)
        else:
            page.fill(oval(x, y, r), palette.sun, mix(palette.sun, palette.sky[2], 0.2), lit=True)
            seas = page.inside(oval(x, y, r))
            for dx, dy, k in ((-0.35, -0.2, 0.33), (0.3, 0.25, 0.26), (0.05, -0.45, 0.18), (-0.2, 0.45, 0.2)):
                seas.fill(oval(x + dx * r, y + dy * r, k * r), mix(palette.sun, palette.sky[2], 0.3), lit=True)
        return
    face = mix(palette.sun, "#ffffff", 0.35)
    page.fill(oval(x, y, r), face, mix(palette.sun, palette.sky[3], 0.25) if low else face, lit=True)


def paint_stars(stage: Stage, *, count: int, below: float, strength: float = 1.0) -> None:
    """Stars of many sizes, thinner towards the horizon; a few of them sparkle."""
    rng, size = stage.rng, stage.canvas.size
    pixels = stage.canvas.pixels
    x = rng.uniform(0.005, 0.995, count)
    y = below * rng.random(count) ** 1.35
    bright = strength * rng.random(count) ** 2.6
    for sx, sy, b in zip(x, y, bright, strict=True):
        radius = size * (0.0007 + 0.0016 * b)
        px, py = sx * size, sy * size
        stage.canvas.glow(px, py, radius * 3.2, rgb("#ffffff"), 0.35 + 0.65 * b, power=1.6)
        if b > 0.93:
            stage.canvas.glow(px, py, size * 0.012, mix(stage.palette.sun, "#bcd2ff", 0.5), 0.35)
            for arm in (0.010, 0.0075):
                dx, dy = (arm, 0.0006) if arm > 0.009 else (0.0006, arm)
                stage.page.fill(
                    polygon([(sx - dx, sy), (sx, sy - dy), (sx + dx, sy), (sx, sy + dy)]),
                    "#ffffff",
                    lit=True,
                    alpha=0.8,
                )
    np.clip(pixels, 0, 1, out=pixels)


def _streaks(stage: Stage) -> None:
    """Long thin clouds lit from below, the more the lower they are."""
    rng = stage.rng
    field = cloudy(rng, (3, 16), 4)
    cut = float(np.quantile(field, 0.62 if stage.reading.weather == "clear" else 0.48))
    veil = np.clip((field - cut) * 6.0, 0, 1)
    height = np.linspace(0, 1, len(veil))[:, None] / stage.horizon
    veil *= np.exp(-(((height - 0.68) / 0.26) ** 2)).astype(np.float32) * (height < 1)
    stage.canvas.shade(veil * 0.5, mix(stage.palette.cloud, stage.palette.haze, 0.2))


def _overcast(stage: Stage) -> None:
    """A rolling grey ceiling, heaviest at the top."""
    rng = stage.rng
    field = cloudy(rng, (4, 9), 5)
    field = (field - float(field.min())) / max(float(np.ptp(field)), 1e-6)
    height = np.linspace(0, 1, len(field))[:, None].astype(np.float32) / np.float32(stage.horizon)
    weight = np.clip(1.15 - height, 0, 1)
    storm = stage.reading.weather == "storm"
    dark = mix(stage.palette.cloud_shade, stage.palette.near, 0.45 if storm else 0.12)
    stage.canvas.shade(np.clip((field - 0.35) * 2.2, 0, 1) * weight * (0.85 if storm else 0.55), dark)
    lit = np.vstack([field[:1].repeat(5, axis=0), field[:-5]]) - field
    stage.canvas.shade(np.clip(lit * 5.0, 0, 1) * weight * 0.5, stage.palette.cloud)


def puff(rng: np.random.Generator, x: float, y: float, width: float) -> list[Outline]:
    """A heaped cloud with a flat foot, as overlapping rounds; (x, y) is the middle of its foot."""
    n = int(rng.integers(5, 8))
    at = np.linspace(-0.5, 0.5, n)
    shapes = []
    for t in at:
        r = width * (0.09 + 0.14 * np.cos(t * np.pi) ** 1.5) * rng.uniform(0.8, 1.15)
        shapes.append(oval(x + t * width * 0.8, y - r * 0.72, r * 1.15, r))
    shapes.append(oval(x, y - width * 0.035, width * 0.52, width * 0.05))
    return shapes


def _cumulus(stage: Stage) -> None:
    rng = stage.rng
    width = rng.uniform(0.14, 0.34)
    x = rng.uniform(-0.05, 1.05)
    y = stage.horizon * rng.uniform(0.18, 0.78)
    far = y / stage.horizon
    cloud = mix(stage.palette.cloud, stage.palette.haze, 0.25 * far)
    shade = mix(stage.palette.cloud_shade, stage.palette.haze, 0.55)
    stage.page.fill_all(puff(rng, x, y, width * (1.15 - 0.6 * far)), cloud, shade, lit=True, alpha=0.88)


def rays(stage: Stage, x: float, y: float, *, strength: float = 0.22, spread: float = 62.0, down: float = 90.0) -> None:
    """Broad shafts of light from a point, `spread` degrees to both sides of the direction `down` (90 is downward)."""
    rng = stage.rng
    small = 288
    mask: NDArray[np.uint8] = np.zeros((small, small), np.uint8)
    for _ in range(9):
        middle = np.deg2rad(down + rng.uniform(-spread, spread))
        half = np.deg2rad(rng.uniform(0.8, 3.4))
        fan = [(x, y)] + [(x + 1.6 * np.cos(a), y + 1.6 * np.sin(a)) for a in (middle - half, middle + half)]
        layer: NDArray[np.uint8] = np.zeros((small, small), np.uint8)
        cv2.fillPoly(layer, [np.round(np.array(fan) * small * 16).astype(np.int32)], 120, cv2.LINE_AA, 4)
        mask = np.asarray(cv2.add(mask, layer), np.uint8)
    soft = cv2.GaussianBlur(mask, (0, 0), 4.0).astype(np.float32) / np.float32(255)
    gy, gx = np.mgrid[0:small, 0:small].astype(np.float32) / small
    soft *= np.clip(1 - np.hypot(gx - x, gy - y) / 1.05, 0, 1)
    stage.canvas.shade((soft * strength).astype(np.float32), mix(stage.palette.sun, "#ffffff", 0.2))
