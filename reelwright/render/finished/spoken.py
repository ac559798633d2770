"""The script of a finished video in time, so that its captions are written as those of made videos are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from reelwright.domain.content.story import Narration, Scene, Story, WordTiming
from reelwright.domain.text.incoming import one_line

from ..plan.timeline import SceneSpan, Timeline
from ..plan.words import Word

_TICKS = 1_000
"""A second of this timeline has so many frames: its times are those of the sound, not of pictures."""


def spoken_timeline(story: Story, spoken: Narration, seconds: float) -> Timeline:
    """The scenes of a story at the times of their words in a video of `seconds`. `spoken` has one timing for each
    white-space token of the story, in order."""
    words = iter(spoken.words)
    spans = [_span(place, scene, spoken, words) for place, scene in enumerate(story.scenes)]
    return Timeline(tuple(spans), frames=round(seconds * _TICKS), fps=_TICKS)


def _span(place: int, scene: Scene, spoken: Narration, words: Iterator[WordTiming]) -> SceneSpan:
    timed = list(islice(words, len(scene.text.split())))
    first, last = round(timed[0].start * _TICKS), round(timed[-1].end * _TICKS)
    shown = [(word, one_line(word.text)) for word in timed]
    return SceneSpan(
        position=place,
        scene=scene.index,
        heading=one_line(scene.heading),
        picture=spoken.audio,  # nothing is drawn of it
        narration=spoken.audio,
        first=first,
        last=last,
        speech_first=first,
        speech_frames=max(last - first, 1),
        words=tuple(
            Word(text, word.start, word.end, word.parts if text == word.text else ()) for word, text in shown if text
        ),
    )
