"""When everything happens: pure arithmetic on a plan, in whole frames.

A frame is a whole number of audio samples at every frame rate on offer (1,600 at 30 fps), so picture and sound cut at
the same places without rounding. The order in time::

    intro | lead-in | narration 0 | breath | narration 1 | breath | ... | narration n | tail (or hold | outro)
                                  ^ scenes meet in the middle of a breath; the transition lies around that frame

Intro and outro are a title card, a clip of the user's own, or both: then the clip comes first, and last.

A transition belongs wholly to the later span: it is the `transition_in` first frames of it. What is seen in a frame
depends on nothing but the span that owns the frame and, during its transition, the span before; so the frames
`range(span.first, following.first)`, `Timeline.owned`, can be made apart from all others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.media import SceneClip
from reelwright.domain.content.picturing import PictureCard
from reelwright.domain.content.story import Narration, Scene
from reelwright.domain.content.video import RenderPlan
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import FPS
from reelwright.domain.text.incoming import one_line

from .playing import Playing, play
from .words import Word, words_of

SAMPLE_RATE = 48_000

LEAD_IN_S = 0.4
"""Before the first word: the time an eye needs to find the picture."""
BREATH_S = 0.4
"""Between two narrations."""
TRANSITION_S = 0.5
"""In which two spans are both seen."""
TAIL_S = 1.2
"""After the last narration."""
FADE_OUT_S = 0.6
"""Of those, the last ones go to black; less than half a second of it is dark enough to be called black."""
MIN_SPEECH_S = 0.5
"""The least a narration is given. Keeps two transitions from meeting in one scene."""
INTRO_S, OUTRO_S = 2.4, 3.4
"""How long the cards are seen, transitions and final fade included."""
AFTER_INTRO_S, BEFORE_OUTRO_S = 0.2, 0.5
"""Between the end of the intro and the first word; between the last word and the beginning of the outro."""
SHORTEST_CLIP_S = 1.5
"""The least a clip before or after the story lasts: two transitions and what lies between them."""


@dataclass(frozen=True)
class Pace:
    """The lengths above in frames of one frame rate."""

    fps: int

    def frames(self, seconds: float) -> int:
        """Rounded to whole frames."""
        return round(seconds * self.fps)

    @property
    def lead_in(self) -> int:
        """Before the first word."""
        return self.frames(LEAD_IN_S)

    @property
    def breath(self) -> int:
        """Between two narrations."""
        return self.frames(BREATH_S)

    @property
    def transition(self) -> int:
        """In which two spans are seen."""
        return self.frames(TRANSITION_S)

    @property
    def tail(self) -> int:
        """After the last narration."""
        return self.frames(TAIL_S)

    @property
    def fade_out(self) -> int:
        """The way to black at the end."""
        return self.frames(FADE_OUT_S)

    @property
    def min_speech(self) -> int:
        """The least a narration is given."""
        return math.ceil(MIN_SPEECH_S * self.fps)


@dataclass(frozen=True)
class SceneSpan:
    """One scene in time. `first` to `last` (exclusive) are the frames it is seen in, transitions included, of which
    the first `transition_in` show the span before it too; its narration begins at frame `speech_first` and has
    `speech_frames` frames. With a `card` its text is set over the picture. `centred`: what matters in the
    picture is known to lie in the central half that all formats share. With a `clip` that is shown, from the first
    frame on, as `playing` says; the picture is a still of it."""

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
    transition_in: int = 0
    card: PictureCard | None = None
    centred: bool = False
    clip: SceneClip | None = None
    playing: Playing | None = None

    @property
    def frames(self) -> int:
        """How many frames the scene is seen in."""
        return self.last - self.first

    @property
    def speech_last(self) -> int:
        """The first frame after the narration."""
        return self.speech_first + self.speech_frames


@dataclass(frozen=True)
class CardSpan:
    """A title card in time; no one speaks. The frames mean what they mean in `SceneSpan`."""

    kind: Literal["intro", "outro"]
    text: str
    first: int
    last: int
    transition_in: int = 0

    @property
    def frames(self) -> int:
        """How many frames the card is seen in."""
        return self.last - self.first


@dataclass(frozen=True)
class ClipSpan:
    """A clip before or after the story in time; no one speaks. The frames mean what they mean in `SceneSpan`."""

    kind: Literal["intro", "outro"]
    clip: SceneClip
    playing: Playing
    first: int
    last: int
    transition_in: int = 0

    @property
    def frames(self) -> int:
        """How many frames the clip is seen in."""
        return self.last - self.first


Span = SceneSpan | CardSpan | ClipSpan


@dataclass(frozen=True)
class Timeline:
    """The whole video: its narrated `scenes` in order, its `cards`, its length in frames and its frame rate, and the
    `ends`, clips before and after the story."""

    scenes: tuple[SceneSpan, ...]
    frames: int
    fps: int = FPS
    cards: tuple[CardSpan, ...] = ()
    ends: tuple[ClipSpan, ...] = ()

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """All in the order they are seen."""
        return tuple(sorted((*self.scenes, *self.cards, *self.ends), key=lambda span: span.first))

    @property
    def clips(self) -> tuple[SceneSpan | ClipSpan, ...]:
        """The spans that show a clip, in order."""
        return tuple(span for span in self.spans if not isinstance(span, CardSpan) and span.clip is not None)

    @property
    def pace(self) -> Pace:
        """The lengths of transitions and pauses in frames."""
        return Pace(self.fps)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.frames / self.fps

    @property
    def samples_per_frame(self) -> int:
        """Audio samples at 48 kHz in one frame."""
        return SAMPLE_RATE // self.fps

    @property
    def samples(self) -> int:
        """Length in audio samples at 48 kHz."""
        return self.frames * self.samples_per_frame

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for scene in self.scenes for word in scene.words)

    @property
    def owned(self) -> tuple[tuple[Span, range], ...]:
        """Every span with the frames that are its own: together each frame of the video exactly once, in order."""
        spans = self.spans
        ends = [*(span.first for span in spans[1:]), self.frames]
        return tuple((span, range(span.first, end)) for span, end in zip(spans, ends, strict=True))

    def visible(self, frame: int) -> tuple[tuple[Span, float], ...]:
        """The spans seen at `frame` with the weight of each: one of 1.0, or two (the leaving one first) that add up
        to 1.0, eased."""
        spans = self.spans
        index = max(bisect_right([span.first for span in spans], frame) - 1, 0)
        coming = spans[index]
        into = frame - coming.first
        if index == 0 or into >= coming.transition_in:
            return ((coming, 1.0),)
        weight = ease((into + 1) / (coming.transition_in + 1))
        return ((spans[index - 1], 1.0 - weight), (coming, weight))

    def brightness(self, frame: int) -> float:
        """1.0, and down to 0.0 in the final fade."""
        left = self.frames - 1 - frame
        return 1.0 if left >= self.pace.fade_out else ease(left / self.pace.fade_out)


def ease(t: float) -> float:
    """Smoothstep, 0..1 to 0..1 with no slope at either end."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def build_timeline(plan: RenderPlan) -> Timeline:
    """Lays the plan's material out in time. Raises `InvalidInput` naming the field that is missing or impossible."""
    scenes = plan.material.story.scenes
    if not scenes:
        raise InvalidInput("the story has no scenes", field="story.scenes", remedy="write at least one sentence")
    pace = Pace(plan.style.fps)
    intro, outro = one_line(plan.style.brand.intro), one_line(plan.style.brand.outro)
    cards: list[CardSpan] = []
    ends: list[ClipSpan] = []
    first, speech_first = 0, pace.lead_in
    if plan.material.intro is not None:
        ends.append(_clip_span("intro", plan.material.intro, 0, 0, pace))
        first, speech_first = _after(ends[0], pace)
    if intro:
        into = pace.transition if first else 0
        cards.append(CardSpan("intro", intro, first, first + pace.frames(INTRO_S), into))
        first, speech_first = _after(cards[0], pace)
    followed = bool(outro) or plan.material.outro is not None
    spans = _lay_out(plan, pace, first, speech_first, followed=followed)
    end = spans[-1].last
    if outro:
        begin = end - pace.transition
        cards.append(CardSpan("outro", outro, begin, begin + pace.frames(OUTRO_S), pace.transition))
        end = cards[-1].last
    if plan.material.outro is not None:
        ends.append(_clip_span("outro", plan.material.outro, end - pace.transition, pace.transition, pace))
        end = ends[-1].last
    return Timeline(tuple(spans), frames=end, fps=pace.fps, cards=tuple(cards), ends=tuple(ends))


def _after(opening: CardSpan | ClipSpan, pace: Pace) -> tuple[int, int]:
    """The first frame of what follows, and the frame of the first word if that is a scene."""
    return opening.last - pace.transition, opening.last + pace.frames(AFTER_INTRO_S)


def _clip_span(kind: Literal["intro", "outro"], clip: SceneClip, first: int, into: int, pace: Pace) -> ClipSpan:
    """All of a clip from its start on, from frame `first` on."""
    field = f"material.{kind}"
    playing = play(clip.model_copy(update={"fit": "trim"}), 0.0, field=field)
    if playing.available_s < SHORTEST_CLIP_S:
        raise InvalidInput(
            f"the clip shows {playing.available_s:.2f} s",
            field=field,
            remedy=f"take one of {SHORTEST_CLIP_S} s or more",
        )
    return ClipSpan(kind, clip, playing, first, first + pace.frames(playing.available_s), into)


def _lay_out(plan: RenderPlan, pace: Pace, first: int, speech_first: int, *, followed: bool) -> list[SceneSpan]:
    """The scenes from frame `first` on, the first word at `speech_first`; `followed` by an outro or not."""
    narrations = {narration.scene: narration for narration in plan.material.narrations}
    pictures = {picture.scene: picture for picture in plan.material.pictures}
    scenes = plan.material.story.scenes
    spans: list[SceneSpan] = []
    for position, scene in enumerate(scenes):
        narration, picture = narrations.get(scene.index), pictures.get(scene.index)
        if narration is None:
            raise _missing("narrations", scene)
        if picture is None:
            raise _missing("pictures", scene)
        speech_frames = _speech_frames(narration, pace)
        speech_last = speech_first + speech_frames
        last = speech_last + pace.breath // 2 + pace.transition - pace.transition // 2
        if position == len(scenes) - 1:
            last = speech_last + (pace.frames(BEFORE_OUTRO_S) + pace.transition if followed else pace.tail)
        playing = None
        if picture.clip is not None:
            field = f"material.pictures[{scene.index}].clip"
            playing = play(picture.clip, (last - first) / pace.fps, field=field)
        spans.append(
            SceneSpan(
                position=position,
                scene=scene.index,
                heading=one_line(scene.heading),
                picture=picture.image,
                narration=narration.audio,
                first=first,
                last=last,
                speech_first=speech_first,
                speech_frames=speech_frames,
                words=words_of(scene, narration, speech_first / pace.fps),
                transition_in=pace.transition if first else 0,
                card=picture.card,
                centred=picture.reading is not None,
                clip=picture.clip,
                playing=playing,
            )
        )
        first = last - pace.transition
        speech_first = speech_last + pace.breath
    return spans


def _missing(what: str, scene: Scene) -> InvalidInput:
    return InvalidInput(
        f"scene {scene.index + 1} has none", field=f"material.{what}", remedy="make it before rendering"
    )


def _speech_frames(narration: Narration, pace: Pace) -> int:
    if not math.isfinite(narration.duration_s) or narration.duration_s < 0:
        raise InvalidInput(
            f"scene {narration.scene + 1} lasts {narration.duration_s} s",
            field="material.narrations.duration_s",
            remedy="give the length of its audio in seconds",
        )
    # A hair is taken off so that 1.0000000001 s, a rounding error, is 30 frames and not 31.
    return max(math.ceil(narration.duration_s * pace.fps - 1e-6), pace.min_speech)
