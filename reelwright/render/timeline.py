"""When everything happens: pure arithmetic on a plan, in whole frames.

One second is 30 frames and 48,000 samples, so one frame is exactly 1,600 samples: picture and sound cut at the same
places without rounding. The order in time::

    lead-in | narration 0 | breath | narration 1 | breath | ... | narration n | tail
                             ^ scenes meet in the middle of a breath and cross-fade around that frame
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import FPS
from reelwright.domain.story import Narration, Scene
from reelwright.domain.text import one_line
from reelwright.domain.video import RenderPlan

SAMPLE_RATE = 48_000
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS

LEAD_IN = 12
"""Frames before the first word: 0.4 s, the time an eye needs to find the picture."""
BREATH = 12
"""Frames between two narrations: 0.4 s."""
CROSS_FADE = 15
"""Frames in which two scenes are both seen: 0.5 s."""
TAIL = 36
"""Frames after the last narration: 1.2 s."""
FADE_OUT = 18
"""Of those, the last 0.6 s go to black; less than half a second of it is dark enough to be called black."""
MIN_SPEECH = 15
"""The least a narration is given. Keeps two cross-fades from meeting in one scene."""


@dataclass(frozen=True)
class Word:
    """One spoken word, `start` and `end` in seconds from the video's beginning."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class SceneSpan:
    """One scene in time. `first` to `last` (exclusive) are the frames it is seen in, cross-fades included;
    its narration begins at frame `speech_first` and has `speech_frames` frames."""

    position: int
    scene: int
    heading: str
    picture: AssetRef
    narration: AssetRef
    first: int
    last: int
    speech_first: int
    speech_frames: int
    words: tuple[Word, ...]

    @property
    def frames(self) -> int:
        """How many frames the scene is seen in."""
        return self.last - self.first

    @property
    def speech_last(self) -> int:
        """The first frame after the narration."""
        return self.speech_first + self.speech_frames


@dataclass(frozen=True)
class Timeline:
    """The whole video: its scenes in order and its length in frames."""

    scenes: tuple[SceneSpan, ...]
    frames: int

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / FPS

    @property
    def samples(self) -> int:
        """Length in audio samples at 48 kHz."""
        return self.frames * SAMPLES_PER_FRAME

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for scene in self.scenes for word in scene.words)

    def visible(self, frame: int) -> tuple[tuple[SceneSpan, float], ...]:
        """The scenes seen at `frame` with the weight of each: one of 1.0, or two that add up to 1.0."""
        seen = [scene for scene in self.scenes if scene.first <= frame < scene.last]
        if len(seen) == 1:
            return ((seen[0], 1.0),)
        leaving, coming = seen
        weight = ease((frame - coming.first + 1) / (CROSS_FADE + 1))
        return ((leaving, 1.0 - weight), (coming, weight))

    def brightness(self, frame: int) -> float:
        """1.0, and down to 0.0 in the final fade."""
        left = self.frames - 1 - frame
        return 1.0 if left >= FADE_OUT else ease(left / FADE_OUT)


def ease(t: float) -> float:
    """Smoothstep, 0..1 to 0..1 with no slope at either end."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def build_timeline(plan: RenderPlan) -> Timeline:
    """Lays the plan's material out in time. Raises `InvalidInput` naming the field that is missing or impossible."""
    scenes = plan.material.story.scenes
    if not scenes:
        raise InvalidInput("the story has no scenes", field="story.scenes", remedy="write at least one sentence")
    narrations = {narration.scene: narration for narration in plan.material.narrations}
    pictures = {picture.scene: picture.image for picture in plan.material.pictures}
    speech_first = LEAD_IN
    first = 0
    spans: list[SceneSpan] = []
    for position, scene in enumerate(scenes):
        narration, picture = narrations.get(scene.index), pictures.get(scene.index)
        if narration is None:
            raise _missing("narrations", scene)
        if picture is None:
            raise _missing("pictures", scene)
        speech_frames = _speech_frames(narration)
        speech_last = speech_first + speech_frames
        final = position == len(scenes) - 1
        meeting = speech_last + BREATH // 2
        last = speech_last + TAIL if final else meeting + CROSS_FADE - CROSS_FADE // 2
        spans.append(
            SceneSpan(
                position=position,
                scene=scene.index,
                heading=one_line(scene.heading),
                picture=picture,
                narration=narration.audio,
                first=first,
                last=last,
                speech_first=speech_first,
                speech_frames=speech_frames,
                words=_words(scene, narration, speech_first / FPS),
            )
        )
        first = last - CROSS_FADE
        speech_first = speech_last + BREATH
    return Timeline(tuple(spans), frames=spans[-1].last)


def _missing(what: str, scene: Scene) -> InvalidInput:
    return InvalidInput(f"scene {scene.index} has none", field=f"material.{what}", remedy="make it before rendering")


def _speech_frames(narration: Narration) -> int:
    if not math.isfinite(narration.duration_s) or narration.duration_s < 0:
        raise InvalidInput(
            f"scene {narration.scene} lasts {narration.duration_s} s",
            field="material.narrations.duration_s",
            remedy="give the length of its audio in seconds",
        )
    # A hair is taken off so that 1.0000000001 s, a rounding error, is 30 frames and not 31.
    return max(math.ceil(narration.duration_s * FPS - 1e-6), MIN_SPEECH)


def _words(scene: Scene, narration: Narration, offset: float) -> tuple[Word, ...]:
    """The scene's words at their place in the video. A voice that gave no timings gets them spread by length."""
    timed = [(one_line(word.text), word.start, word.end) for word in narration.words]
    if not timed:
        timed = _spread(one_line(scene.text).split(), narration.duration_s)
    words: list[Word] = []
    earliest = 0.0
    for text, start, end in timed:
        if not (math.isfinite(start) and math.isfinite(end)):
            raise InvalidInput(
                f"a word of scene {scene.index} has no finite time",
                field="material.narrations.words",
                remedy="give start and end in seconds",
            )
        # A voice's timings may stand a few milliseconds over; captions need an order.
        start = min(max(start, earliest), narration.duration_s)
        end = min(max(end, start), narration.duration_s)
        earliest = end
        if text:
            words.append(Word(text, offset + start, offset + end))
    return tuple(words)


def _spread(tokens: list[str], duration: float) -> list[tuple[str, float, float]]:
    total = sum(len(token) + 1 for token in tokens)
    timed: list[tuple[str, float, float]] = []
    done = 0
    for token in tokens:
        start, done = done, done + len(token) + 1
        timed.append((token, duration * start / total, duration * done / total))
    return timed
