"""The camera's path over a still: a slow zoom or pan (the "Ken Burns effect"), chosen by seed, eased, without jitter.

A path is in units of the picture, not of pixels, and is a smooth function of time; `frames.Still` samples it at
sub-pixel places, so nothing is ever rounded to whole pixels.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from reelwright.domain.formats import FPS
from reelwright.domain.ids import seed_of

from .timeline import Timeline, ease

FULL_MOTION_S = 4.0
"""A scene shorter than this moves proportionally less, so that the speed stays calm."""
_KINDS = ("in", "out", "left", "right", "up", "down")


@dataclass(frozen=True)
class View:
    """A cut-out of the picture: `zoom` times magnified; `x` and `y`, -1..1, where it lies in the room that leaves."""

    zoom: float
    x: float
    y: float


@dataclass(frozen=True)
class Path:
    """From one view to another in `frames` frames."""

    start: View
    end: View
    frames: int

    def at(self, frame: float) -> View:
        """The view `frame` frames in.

        Half of the movement is linear and half eased: it starts and ends softly but never stands still, so a
        cross-fade does not show a picture that has stopped. Zoom runs geometrically, which looks even.
        """
        t = min(max(frame / max(self.frames - 1, 1), 0.0), 1.0)
        t = 0.5 * t + 0.5 * ease(t)
        return View(
            zoom=self.start.zoom * (self.end.zoom / self.start.zoom) ** t,
            x=self.start.x + (self.end.x - self.start.x) * t,
            y=self.start.y + (self.end.y - self.start.y) * t,
        )


def camera_paths(timeline: Timeline, seed: int) -> tuple[Path, ...]:
    """A path per scene. The same seed gives the same paths; no two scenes in a row move the same way."""
    paths: list[Path] = []
    previous = ""
    for scene in timeline.scenes:
        chance = random.Random(seed_of(seed, "motion", scene.position))
        kind = chance.choice([kind for kind in _KINDS if kind != previous])
        previous = kind
        paths.append(_path(kind, scene.frames, chance))
    return tuple(paths)


def _path(kind: str, frames: int, chance: random.Random) -> Path:
    strength = min(frames / FPS / FULL_MOTION_S, 1.0)
    aside_x, aside_y = chance.uniform(-0.5, 0.5), chance.uniform(-0.5, 0.5)
    if kind in ("in", "out"):
        near = 1.02 * (1.0 + chance.uniform(0.06, 0.08) * strength)
        wide, close = View(1.02, aside_x, aside_y), View(near, -aside_x * 0.4, -aside_y * 0.4)
        return Path(wide, close, frames) if kind == "in" else Path(close, wide, frames)
    reach = chance.uniform(0.75, 0.95) * strength
    zoom = chance.uniform(1.08, 1.095)
    # A pan also breathes in or out by one per cent: closer to a hand-led camera than a flat slide.
    zooms = (zoom, zoom * 1.01) if chance.random() < 0.5 else (zoom * 1.01, zoom)
    sign = 1.0 if kind in ("right", "down") else -1.0
    if kind in ("left", "right"):
        return Path(View(zooms[0], -sign * reach, aside_y), View(zooms[1], sign * reach, aside_y * 0.6), frames)
    return Path(View(zooms[0], aside_x, -sign * reach), View(zooms[1], aside_x * 0.6, sign * reach), frames)
