"""What all the material of a content may cost: its speech, pictures, clips and music, by the makers that would make it.

Before a story is written its size is not known: it is taken to be as long as a language model is asked to write it, and
at most as long as is accepted of one. Once it is written its own scenes count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from ..capability import Capability
from ..content.request import ContentRequest
from ..content.story import Scene, Story, WriteTask
from ..content.voice import PLAIN, Delivery
from ..errors import InvalidInput
from ..ports.costs import ChosenMakers
from ..ports.making import PricedWriter
from ..ports.providing import ClipMaker, ClipOrder, PricedComposer, PricedIllustrator, PricedSpeaker
from ..text.incoming import words
from .estimate import Estimate

USUAL_SCENES, MOST_SCENES = 7, 12
USUAL_WORDS, MOST_WORDS = 130, 220
"""What a model is asked for, and the most that is accepted of it (`providers/writing/draft.py`)."""
USUAL_WORD, MOST_WORD = 5, 11
"""Letters of a word: what English has, and a bound for the average of any language that a story is written in."""
WORDS_PER_SECOND = 2.6
"""Speech at about 160 words a minute, as the pipeline orders music."""

ClipShare = Literal["none", "some", "all"]


@dataclass(frozen=True)
class Plan:
    """The story that is to be made, and what of it is not bought: `own_pictures` are indices of scenes, `own_speech`
    too, `own_music` where the music is brought along. `spoken` has the scenes' texts as they are read aloud, where they
    differ; `deliveries` how they are spoken, where not plainly. `clips` is how many scenes get a made clip."""

    story: Story
    own_pictures: frozenset[int] = frozenset()
    own_speech: frozenset[int] = frozenset()
    own_music: bool = False
    spoken: Mapping[int, str] = field(default_factory=dict)
    deliveries: Mapping[int, Delivery] = field(default_factory=dict)
    clips: ClipShare = "none"


def material_costs(makers: ChosenMakers, plan: Plan) -> tuple[Estimate, ...]:
    """One estimate a step and provider, of everything but the writing; what is free is left out."""
    return tuple(one for one in together(_single(makers, plan)) if not one.free)


def unwritten_costs(makers: ChosenMakers, request: ContentRequest, clips: ClipShare = "none") -> tuple[Estimate, ...]:
    """The same for a story that is not written yet: the usual price of a usual one, and the worst of the longest."""
    usual = material_costs(makers, _sample(request, USUAL_SCENES, USUAL_WORDS, USUAL_WORD, clips))
    most = material_costs(makers, _sample(request, MOST_SCENES, MOST_WORDS, MOST_WORD, clips))
    known = {(one.step, one.provider): one.usual for one in usual}
    return tuple(one.model_copy(update={"usual": known.get((one.step, one.provider), one.usual)}) for one in most)


def sampled(capability: Capability, maker: Any) -> Estimate | None:
    """What one small purchase from a maker may cost, which names the provider as budgets know it; None where nothing is
    charged for, or this maker cannot tell."""
    story = _story(ContentRequest(topic="x"), ["x"])
    with suppress(InvalidInput):
        if capability == "writing" and isinstance(maker, PricedWriter):
            return maker.estimate(WriteTask(content_id="x", request=ContentRequest(topic="x")))
        if capability == "speech" and isinstance(maker, PricedSpeaker):
            return maker.estimate("x", language=story.language, delivery=PLAIN)
        if capability == "images" and isinstance(maker, PricedIllustrator):
            return maker.estimate(story.scenes[0], story=story)
        if capability == "music" and isinstance(maker, PricedComposer):
            return maker.estimate(story.mood, duration_s=30.0)
        if capability == "clips":
            return cast(ClipMaker, maker).estimate(ClipOrder(prompt="x", seconds=5.0))
    return None


def together(estimates: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """One for each step and provider, in the order in which they first appear."""
    sums: dict[tuple[str, str], Estimate] = {}
    for one in estimates:
        key = (one.step, one.provider)
        known = sums.get(key, Estimate(step=one.step, provider=one.provider))
        sums[key] = known.model_copy(
            update={
                "usual": known.usual + one.usual,
                "worst": known.worst + one.worst,
                "priced": known.priced and one.priced,
            }
        )
    return tuple(sums.values())


def clip_scenes(count: int, share: ClipShare) -> frozenset[int]:
    """The indices of the scenes that get a clip: all of them, or the first and every third one."""
    return frozenset(range(0, count, 3 if share == "some" else 1)) if share != "none" else frozenset()


def seconds_of(text: str) -> float:
    """About how long a text is spoken."""
    return max(len(words(text)) / WORDS_PER_SECOND, 1.0)


def _single(makers: ChosenMakers, plan: Plan) -> Iterable[Estimate]:
    """Of every single purchase."""
    story = plan.story
    for scene in story.scenes:
        if scene.index not in plan.own_speech and isinstance(makers.speaker, PricedSpeaker):
            text, delivery = plan.spoken.get(scene.index, scene.text), plan.deliveries.get(scene.index, PLAIN)
            # A voice that this provider does not have is another's of the chain, which is not known here.
            with suppress(InvalidInput):
                yield makers.speaker.estimate(text, language=story.language, delivery=delivery)
        if scene.index not in plan.own_pictures and isinstance(makers.illustrator, PricedIllustrator):
            yield makers.illustrator.estimate(scene, story=story)
    if makers.clips is not None:
        for index in sorted(clip_scenes(len(story.scenes), plan.clips) - plan.own_pictures):
            scene = story.scenes[index]
            yield makers.clips.estimate(ClipOrder(prompt=scene.text, seconds=seconds_of(scene.text)))
    if not plan.own_music and isinstance(makers.composer, PricedComposer):
        yield makers.composer.estimate(story.mood, duration_s=seconds_of(story.text))


def _sample(request: ContentRequest, scenes: int, count: int, letters: int, clips: ClipShare) -> Plan:
    """A story of so many words in so many scenes."""
    shares = [count // scenes + (place < count % scenes) for place in range(scenes)]
    return planned(_story(request, [" ".join(["x" * letters] * share) for share in shares]), request, clips)


def paragraphs_of(request: ContentRequest) -> Story:
    """A script as it stands, a scene a paragraph: for whoever cannot ask its writer."""
    parts = [part.strip() for part in (request.script or "").split("\n\n")]
    return _story(request, [part for part in parts if part] or ["x"])


def planned(story: Story, request: ContentRequest, clips: ClipShare = "none") -> Plan:
    """The plan of a story as far as the request says what is not bought."""
    every = frozenset(scene.index for scene in story.scenes)
    lines = frozenset(scene.index for scene in story.scenes if scene.media)
    narration = request.narration
    spoken_alone = frozenset(number - 1 for number in narration.scenes) if narration else frozenset()
    return Plan(
        story,
        own_pictures=frozenset(number - 1 for number in request.media) | lines,
        own_speech=every if narration and narration.file else spoken_alone,
        own_music=request.music is not None,
        clips=clips,
    )


def _story(request: ContentRequest, texts: Sequence[str]) -> Story:
    scenes = tuple(Scene(index=index, text=text) for index, text in enumerate(texts))
    title = request.title or "Untitled"
    return Story(title=title, description="", language=request.language, scenes=scenes, writer="estimate")
