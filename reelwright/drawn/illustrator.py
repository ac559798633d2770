"""Puts a picture together: reads the scene, sets the stage, paints back to front."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import numpy as np

from reelwright.domain.content.picturing import PictureCard, PictureReading
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import seed_of
from reelwright.domain.ports.making import Drawing
from reelwright.openmoji import CREDIT

from .art import arts
from .canvas import Canvas
from .cards import card_of, weighty
from .composition import paint_subjects
from .cosmos import paint_ground
from .finish import encode, finish
from .palettes import palette_of
from .reading import SceneReading, is_of_brief, read_scene
from .scenery import SCENERY
from .stage import Stage, light_of
from .weather import paint_weather

SIZE = 2304
"""Room for a 1920x1080 video that moves over its pictures."""


@dataclass(frozen=True)
class DrawnIllustrator:
    """Draws a scene from its words, offline and for nothing. The same scene, story and seed give the same bytes.

    `size` is the side of the square picture in pixels. With `openmoji`, things without a drawing of ours are shown as
    OpenMoji draws them: that has to be credited (`PictureReading.credit`).
    """

    size: int = SIZE
    openmoji: bool = True

    def __post_init__(self) -> None:
        if not 64 <= self.size <= 8192:
            raise InvalidInput(
                f"{self.size} pixels cannot be drawn", field="size", remedy="give the picture's side, 64 to 8192 pixels"
            )

    @property
    def name(self) -> str:
        """Pictures of another size or without OpenMoji go on record under another name, by which they are found."""
        return "drawn" + ("" if self.openmoji else "-own") + ("" if self.size == SIZE else f"-{self.size}")

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        """A JPEG of `size` x `size`: the scene where its reading is confident, else the ground of a text card."""
        return await asyncio.to_thread(self._draw, scene, story, seed)

    def _draw(self, scene: Scene, story: Story, seed: int) -> Drawing:
        chance = seed_of("drawn", seed, story.title, scene.index, scene.heading, scene.text)
        reading = read_scene(scene, story=story, seed=seed_of("story", seed, story.title), openmoji=self.openmoji)
        card = card_in_place(reading, scene, story)
        if card is not None:
            reading = replace(reading, setting="abstract", subjects=())
        stage = set_stage(reading, story=story, index=scene.index, seed=seed, chance=chance, size=self.size)
        if card is None:
            paint(stage)
        else:
            paint_ground(stage)
        data = encode(finish(stage.canvas, stage.rng))
        return Drawing(data, "image/jpeg", reading=told(reading, card), card=card)


def card_in_place(reading: SceneReading, scene: Scene, story: Story) -> PictureCard | None:
    """The card of a scene that is not drawn: its reading is not sure, or it has a chart, a quotation, a number or the
    like to show. What a brief names is drawn."""
    if is_of_brief(reading):
        return None
    card = card_of(scene, story)
    return card if not reading.read or weighty(card) else None


def told(reading: SceneReading, card: PictureCard | None) -> PictureReading:
    """The reading as it goes on record with the picture."""
    if card is not None:
        return PictureReading(kind="card", shows=(card.kind,), sure=1.0, why=("no drawing is sure enough",))
    shows = tuple(f"{s.name} x{s.count}" if s.count > 1 else s.name for s in reading.subjects)
    credit = CREDIT if any(s.name in arts() for s in reading.subjects) else ""
    return PictureReading(
        kind="drawing", shows=shows, place=reading.setting, sure=reading.sure, why=reading.why, credit=credit
    )


def set_stage(reading: SceneReading, *, story: Story, index: int, seed: int, chance: int, size: int) -> Stage:
    """Colours, light and camera of a scene; neighbours in a story differ in side, height and nearness."""
    rng = np.random.default_rng(chance)
    first = seed_of("camera", seed, story.title)
    palette = palette_of(reading.setting, reading.time, reading.weather, story.mood, index=index, seed=first)
    scenery = SCENERY[reading.setting]
    low, high = scenery.horizon
    heights = (0.35, 0.9, 0.1, 0.65, 1.0, 0.0, 0.5)
    horizon = low + (high - low) * heights[(first + index) % len(heights)]
    side = 1 if (first // 5 + index) % 2 else -1
    shot = (1, 2, 0, 1, 2, 1, 0)[(first // 11 + index) % 7]
    sun = _sun(reading, horizon, side, rng)
    return Stage(
        canvas=Canvas(size),
        palette=palette,
        light=light_of(palette, sun, dark=reading.time == "night"),
        reading=reading,
        rng=rng,
        horizon=horizon,
        ground=scenery.ground,
        sun=sun,
        side=side,
        shot=shot,
    )


def _sun(reading: SceneReading, horizon: float, side: int, rng: np.random.Generator) -> tuple[float, float]:
    """Low at dawn and sunset, high otherwise; at times straight behind the subject."""
    behind = rng.random() < 0.35
    x = 0.5 + side * (0.03 if behind else rng.uniform(0.16, 0.24))
    if reading.setting == "undersea":
        return float(x), 0.05
    if reading.setting == "abstract":
        return float(0.5 + side * rng.uniform(0.0, 0.12)), float(rng.uniform(0.36, 0.44))
    if any(subject.name in ("sun", "moon") for subject in reading.subjects):
        return float(x), -0.25  # it is a subject, and there is one of it
    low = reading.time in ("dawn", "sunset")
    y = horizon - (rng.uniform(0.07, 0.15) if low else rng.uniform(0.24, 0.31))
    return float(x), float(max(y, 0.17))


def paint(stage: Stage) -> None:
    """The whole picture, back to front."""
    scenery = SCENERY[stage.reading.setting]
    scenery.back(stage)
    paint_subjects(stage, scenery)
    scenery.front(stage)
    paint_weather(stage)
