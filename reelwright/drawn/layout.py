"""Where the subjects go: sizes, places and company, so that the first of them owns the middle of the picture.

Everything that matters stays within the central half both ways, which all crops share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .reading import Subject
from .scenery import Scenery
from .stage import Stage
from .subjects import Habitat, Sketch, sketch_of

_HERO_WIDTH = 0.50  # of the picture: the central half
_TALLEST = 0.40
_COMPANY_WIDTH = 0.35  # where others stand beside it
_SHOTS = (0.84, 0.98, 1.10)
_ALONE = 1.2  # on a ground that has nothing else to look at
_LIVELY = {"fish", "bird", "crowd", "star", "coin", "flower", "bottle", "mushroom"}  # drawn as several already


@dataclass(frozen=True)
class Spot:
    """One thing to draw: its sketch, the middle of its box, its unit, whether mirrored, how far away."""

    name: str
    sketch: Sketch
    habitat: Habitat
    x: float
    y: float
    unit: float
    flip: bool
    haze: float = 0.0
    hero: bool = True

    @property
    def foot(self) -> float:
        """Where its lower edge stands."""
        return self.y + self.unit / 2


def spots_of(stage: Stage, scenery: Scenery) -> Iterator[Spot]:
    """Every single thing to draw: the hero, his like, and company."""
    subjects = _fitting(stage, scenery)
    side = stage.side
    company = len(subjects) > 1
    for rank, subject in enumerate(subjects):
        sketch = sketch_of(subject.name)
        habitat = _habitat(sketch.habitat, scenery)
        widest = 0.80 if habitat == "rise" else (_COMPANY_WIDTH if company else _HERO_WIDTH, 0.165, 0.13)[rank]
        if rank == 0:
            x = 0.5 - side * (0.062 if company and habitat != "rise" else 0.015)
            larger = _ALONE if scenery.medium == "plain" and not company else 1.0
            unit = min(sketch.size * _SHOTS[stage.shot] * larger, widest / sketch.width, _TALLEST)
            yield from _several(stage, scenery, subject, habitat, x, unit, widest)
        else:
            x = 0.5 + side * (0.162 if rank == 1 else -0.175)
            unit = min(sketch.size * (0.54 if rank == 1 else 0.40), widest / sketch.width)
            yield from _beside(stage, scenery, subject, habitat, x, unit)


def _fitting(stage: Stage, scenery: Scenery) -> list[Subject]:
    """The subjects as this place shows them; a third only where it hangs above the others."""
    chosen: list[Subject] = []
    for subject in stage.reading.subjects:
        if subject.name == "telescope" and scenery.medium == "void":
            subject = Subject("satellite")
        if subject.name == "mountain" and chosen:
            continue  # the land itself has mountains
        airy = _habitat(sketch_of(subject.name).habitat, scenery) in ("fly", "hover", "sky")
        if all(other.name != subject.name for other in chosen) and (len(chosen) < 2 or airy):
            chosen.append(subject)
    return chosen[:3]


def _habitat(own: Habitat, scenery: Scenery) -> Habitat:
    """How a thing is shown in this medium."""
    medium = scenery.medium
    if medium == "plain":
        return "stand" if own in ("stand", "rise") else "hover"
    if medium in ("table", "deep") and own in ("sky", "rise"):
        return "hover"
    if medium == "void":
        return "fly" if own in ("stand", "float", "swim", "rise") else own
    if medium == "deep" and own == "float":
        return "swim"
    if medium == "table" and own in ("float", "fly"):
        return "stand" if own == "float" else "fly"
    return own


def _count(subject: Subject) -> int:
    return 1 if subject.name in _LIVELY else subject.count


def _several(
    stage: Stage, scenery: Scenery, subject: Subject, habitat: Habitat, x: float, unit: float, widest: float
) -> Iterator[Spot]:
    """The hero, or heroes side by side in no more than the width of one."""
    sketch = sketch_of(subject.name)
    count = _count(subject)
    small = unit if count == 1 else min(unit * 0.75, widest / (sketch.width * (1 + 0.86 * (count - 1))))
    for k in range(count):
        offset = (k - (count - 1) / 2) * 0.86 * small * sketch.width
        lift = 0.0 if count == 1 else 0.035 * (k % 2) - 0.012
        y = _height(stage, scenery, habitat, small, hero=True) + (lift if habitat in ("stand", "float") else 1.6 * lift)
        flip = sketch.turns and (x > 0.5) != (k % 2 == 1)
        yield Spot(subject.name, sketch, habitat, x + offset, y, small, flip)


def _beside(
    stage: Stage, scenery: Scenery, subject: Subject, habitat: Habitat, x: float, unit: float
) -> Iterator[Spot]:
    """Company of the hero: one, or a few smaller ones."""
    sketch = sketch_of(subject.name)
    count = _count(subject)
    side = 1 if x > 0.5 else -1
    small = unit if count == 1 else unit * 0.62
    base = Spot(
        subject.name,
        sketch,
        habitat,
        x,
        0.0,
        small,
        sketch.turns and x > 0.5,
        0.0 if habitat == "hover" else 0.08,
        hero=False,
    )
    for k in range(count):
        t = k / max(count - 1, 1)
        if habitat in ("stand", "float") or count == 1:
            y = _height(stage, scenery, habitat, small, hero=False) + 0.012 * (k % 2)
            yield replace(base, x=x + side * (0.06 * k - 0.03 * (count - 1)), y=y)
        else:
            bend = 0.04 * float(np.sin(np.pi * t))
            yield replace(base, x=x + side * bend, y=0.31 + 0.24 * t)


def _height(stage: Stage, scenery: Scenery, habitat: Habitat, unit: float, hero: bool) -> float:
    """The middle of a thing's box."""
    if habitat == "stand":
        foot = scenery.ground + (0.018 if hero else -0.004)
        foot = min(foot, 0.713)  # in 16:9, zoomed by 15 %, the picture ends at 0.745
        if scenery.medium == "water":
            foot = 0.655
        if scenery.medium == "air":
            foot = 0.66
        return foot - unit / 2
    if habitat == "float":
        line = _waterline(stage, hero)
        return line - 0.38 * unit
    if habitat == "rise":
        return stage.horizon + 0.035 - unit / 2
    if habitat == "sky":
        return 0.45 if scenery.medium == "void" else max(0.30, stage.horizon - 0.06 - unit / 2)
    if habitat == "hover":
        return 0.46 if hero else 0.37
    if habitat == "swim":
        return 0.47 if hero else 0.40
    return 0.46 if hero else 0.36


def _waterline(stage: Stage, hero: bool) -> float:
    near = 0.62 if hero else 0.40
    return stage.horizon + max(0.02, (0.74 - stage.horizon) * near)
