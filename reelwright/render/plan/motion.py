"""The camera's path over a still: a slow zoom or pan (the "Ken Burns effect"), chosen by seed, aimed at what matters in
the picture, eased, without jitter.

A path is in units of the picture, not of pixels, and is a smooth function of time; `frames.Still` samples it at
sub-pixel places, so nothing is ever rounded to whole pixels.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from reelwright.domain.ids import seed_of

from ..picture.saliency import Region
from .timeline import Timeline, ease

FULL_MOTION_S = 4.0
"""A scene shorter than this moves proportionally less, so that the speed stays calm."""
_EDGE = 0.012
"""What is kept free between a region and the edge of the window, in shares of the picture."""
_MOST_HELD = 0.6
"""Of a region larger than this share of the picture only its middle is held: a region that is everywhere is nothing in
particular, and must not keep the camera from moving."""
_LEAST_PAN = 0.55
"""A pan that has to give up more than this keeps of its way becomes a zoom."""
_KINDS = ("in", "out", "left", "right", "up", "down")


@dataclass(frozen=True)
class View:
    """A cut-out of the picture: `zoom` times magnified; `x` and `y`, -1..1, where it lies in the room that leaves."""

    zoom: float
    x: float
    y: float


@dataclass(frozen=True)
class Path:
    """From one view to another in `frames` frames, eased or, if `linear`, at constant speed."""

    start: View
    end: View
    frames: int
    linear: bool = False

    def at(self, frame: float) -> View:
        """The view `frame` frames in.

        Half of the movement is linear and half eased: it starts and ends softly but never stands still, so a
        cross-fade does not show a picture that has stopped. Zoom runs geometrically, which looks even.
        """
        t = min(max(frame / max(self.frames - 1, 1), 0.0), 1.0)
        t = t if self.linear else 0.5 * t + 0.5 * ease(t)
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
        paths.append(_path(kind, scene.frames, timeline.fps, chance))
    return tuple(paths)


def _path(kind: str, frames: int, fps: int, chance: random.Random) -> Path:
    strength = min(frames / fps / FULL_MOTION_S, 1.0)
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


def aim(path: Path, region: Region) -> Path:
    """The path changed so that a region of the picture is inside the window all the way: a zoom ends (or begins) on it,
    a pan is moved as far as needed, and turned into a zoom towards the region where it would hardly move any more.

    Of a large region, its middle part.
    """
    region = _core(region)
    if path.start.zoom != path.end.zoom and max(path.start.zoom, path.end.zoom) > 1.015 * min(
        path.start.zoom, path.end.zoom
    ):
        return _aim_zoom(path, region)
    aimed = replace(path, start=_held(path.start, region), end=_held(path.end, region))
    if _way(aimed) >= _LEAST_PAN * _way(path):
        return aimed
    close = _held(replace(path.end, x=0.0, y=0.0), region)
    return _aim_zoom(replace(path, start=View(1.02, 0.0, 0.0), end=close), region)


def _core(region: Region) -> Region:
    (x, y), half = region.centre, _MOST_HELD / 2
    return Region(
        max(region.left, x - half), max(region.top, y - half), min(region.right, x + half), min(region.bottom, y + half)
    )


def _aim_zoom(path: Path, region: Region) -> Path:
    close_last = path.end.zoom > path.start.zoom
    close = _centred(path.end if close_last else path.start, region)
    wide = _held(path.start if close_last else path.end, region)
    return replace(path, start=wide if close_last else close, end=close if close_last else wide)


def _way(path: Path) -> float:
    return max(abs(path.end.x - path.start.x), abs(path.end.y - path.start.y))


def _held(view: View, region: Region) -> View:
    """The nearest view of the same zoom that shows the whole region."""
    return replace(
        view,
        x=_clamped(view.x, *_reach(view.zoom, region.left, region.right)),
        y=_clamped(view.y, *_reach(view.zoom, region.top, region.bottom)),
    )


def _centred(view: View, region: Region) -> View:
    """The view of the same zoom that has the region as near to its middle as the picture's edges allow."""
    x, y = region.centre
    return replace(view, x=_place(view.zoom, x), y=_place(view.zoom, y))


def _place(zoom: float, centre: float) -> float:
    room = 1.0 - 1.0 / zoom
    return _clamped((centre - 0.5 / zoom) / room * 2.0 - 1.0, -1.0, 1.0) if room > 1e-9 else 0.0


def _reach(zoom: float, begin: float, end: float) -> tuple[float, float]:
    """Between which places -1..1 a window shows all from `begin` to `end` (shares of the picture)."""
    window = 1.0 / zoom
    room = 1.0 - window
    if room <= 1e-9:
        return 0.0, 0.0
    least, most = (end + _EDGE - window) / room * 2.0 - 1.0, (begin - _EDGE) / room * 2.0 - 1.0
    if least > most:
        least = most = _place(zoom, (begin + end) / 2)
    return _clamped(least, -1.0, 1.0), _clamped(most, -1.0, 1.0)


def _clamped(value: float, least: float, most: float) -> float:
    return min(max(value, least), most)
