"""What falls and drifts in front of everything: rain, snow, fog, lightning, motes of light."""

from __future__ import annotations

import cv2
import numpy as np

from .color import mix
from .paths import limb, oval, polygon
from .stage import Stage, cloudy


def paint_weather(stage: Stage) -> None:
    """The weather of the reading, over the finished scene."""
    weather = stage.reading.weather
    if stage.reading.setting in ("undersea", "space", "room", "library", "laboratory", "abstract"):
        _motes(stage)
        return
    if weather in ("rain", "storm"):
        _rain(stage, heavy=weather == "storm")
    elif weather == "snow":
        _snow(stage)
    elif weather == "fog":
        _fog(stage)
    elif stage.reading.time in ("dawn", "sunset") or stage.night:
        _motes(stage)


def _rain(stage: Stage, *, heavy: bool) -> None:
    """Slanting streaks on three distances, drawn coarse and enlarged: they are blurred by motion."""
    rng, size = stage.rng, stage.canvas.size
    slant = 0.22 * stage.side
    for count, length, width, alpha in ((420, 0.030, 1, 0.10), (190, 0.060, 2, 0.13), (46, 0.11, 3, 0.13)):
        mask = np.zeros((size // 2, size // 2), np.uint8)
        x = rng.uniform(-0.1, 1.1, int(count * (1.5 if heavy else 1.0)))
        y = rng.uniform(-0.1, 1.0, len(x))
        tall = length * rng.uniform(0.7, 1.3, len(x))
        ends = np.stack([x, y, x - slant * tall, y + tall], axis=-1) * (size // 2) * 16
        for x0, y0, x1, y1 in np.round(ends).astype(int).tolist():
            cv2.line(mask, (x0, y0), (x1, y1), 255, width, cv2.LINE_AA, 4)
        field = cv2.resize(mask, (size, size), interpolation=cv2.INTER_LINEAR).astype(np.float32)
        stage.canvas.shade(field * np.float32(alpha / 255), mix(stage.palette.haze, "#ffffff", 0.45))
    if stage.reading.setting in ("city", "village", "road"):
        rings = []
        for _ in range(40):
            cx, cy, r = rng.uniform(0, 1), rng.uniform(0.76, 0.99), rng.uniform(0.004, 0.014)
            rings.append(
                limb([(cx + r * np.cos(a), cy + 0.3 * r * np.sin(a)) for a in np.linspace(0, 6.0, 14)], (0.0009,))
            )
        stage.page.fill_all(rings, mix(stage.palette.haze, "#ffffff", 0.5), lit=True, alpha=0.35)


def _snow(stage: Stage) -> None:
    rng = stage.rng
    for count, radius, alpha in ((360, 0.0016, 0.65), (170, 0.0030, 0.7), (46, 0.0062, 0.38)):
        flakes = [oval(float(x), float(y), radius * float(k), n) for x, y, k, n in _places(rng, count)]
        stage.page.fill_all(flakes, "#ffffff", lit=True, alpha=alpha)


def _places(rng: np.random.Generator, count: int) -> list[tuple[float, float, float, None]]:
    xs, ys, ks = rng.random(count), rng.random(count), rng.uniform(0.6, 1.3, count)
    return [(float(x), float(y), float(k), None) for x, y, k in zip(xs, ys, ks, strict=True)]


def _fog(stage: Stage) -> None:
    """Banks of mist, densest at the horizon."""
    field = cloudy(stage.rng, (3, 10), 4)
    height = np.linspace(0, 1, len(field), dtype=np.float32)[:, None]
    bank = np.exp(-(((height - stage.horizon) / 0.20) ** 2)) * 0.55 + 0.12
    stage.canvas.shade(np.clip(field * 1.25, 0, 1) * bank, mix(stage.palette.haze, stage.palette.cloud, 0.25))


def _motes(stage: Stage) -> None:
    """A few soft specks of light: dust, fireflies, plankton."""
    rng, size = stage.rng, stage.canvas.size
    color = mix(stage.palette.sun, stage.palette.glow, 0.4)
    for _ in range(34):
        x, y = rng.uniform(0, 1) * size, rng.uniform(0.25, 0.95) * size
        stage.canvas.glow(
            float(x), float(y), size * float(rng.uniform(0.002, 0.0055)), color, float(rng.uniform(0.2, 0.6))
        )


def paint_bolt(stage: Stage, x: float, top: float, bottom: float) -> None:
    """A forked flash of lightning with its glow."""
    rng, page, size = stage.rng, stage.page, stage.canvas.size
    steps = 9
    xs = x + np.cumsum(rng.uniform(-0.022, 0.022, steps))
    ys = np.linspace(top, bottom, steps)
    main = polygon(list(zip(xs.tolist(), ys.tolist(), strict=True)))
    stage.canvas.glow(x * size, (top + bottom) / 2 * size, 0.40 * size, mix(stage.palette.sun, "#b9c8ff", 0.6), 0.45)
    for width, alpha in ((0.020, 0.16), (0.011, 0.3), (0.0045, 1.0)):
        page.fill(limb(main, (width, width * 0.35), straight=True), "#f4f3ff", lit=True, alpha=alpha)
    for start in (3, 5):
        side = float(rng.choice([-1, 1]))
        fork = [(float(xs[start]), float(ys[start]))]
        for k in range(1, 4):
            fork.append((fork[0][0] + side * 0.022 * k, fork[0][1] + 0.038 * k + float(rng.uniform(-0.008, 0.008))))
        page.fill(limb(fork, (0.003, 0.0008), straight=True), "#f4f3ff", lit=True, alpha=0.9)
