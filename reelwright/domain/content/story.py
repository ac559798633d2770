"""The written story and the material made from it."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..assets import AssetRef
from ..base import Grown, Model
from ..errors import InvalidInput
from .request import ContentRequest, FeedItem, ReviewDecision

MAX_SCENES = 200
"""Each is two steps of the workflow and a segment of each format."""
TRAVELLING_BYTES = 3_000_000
"""The story goes along with each of its scenes to be drawn, all at once; Temporal takes 4 MB in one answer."""

Mood = Literal["calm", "curious", "bright", "tense", "sad", "epic"]


class Scene(Model):
    """One picture's worth of story. `text` is spoken and captioned word for word; `heading` is only shown."""

    index: int
    text: str
    heading: str = ""


class Translation(Model):
    """The narration in another language, a text per scene, for caption files besides the spoken language's own."""

    language: str
    scenes: tuple[str, ...]


class Story(Grown, Model):
    """A title, a description for the post, and scenes in order. `notice` says anything a reader should know about
    how it came to be, for instance that no language model wrote it.

    `template`: it was composed from templates and states nothing about its topic. `follows_notes`: its writer can
    change the text as a reviewer's note asks.
    """

    added: ClassVar[frozenset[str]] = frozenset({"template", "follows_notes"})

    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    mood: Mood = "curious"
    scenes: tuple[Scene, ...]
    writer: str
    notice: str = ""
    usd: float = 0.0
    translations: tuple[Translation, ...] = ()
    template: bool = False
    follows_notes: bool = False

    @property
    def text(self) -> str:
        """The whole narration, a paragraph a scene."""
        return "\n\n".join(scene.text for scene in self.scenes)

    @property
    def untranslated(self) -> Story:
        """What is needed to draw it."""
        return self.model_copy(update={"translations": ()})


def require_size(story: Story, *, field: str) -> Story:
    """The story. Raises `InvalidInput` (naming `field`) if it has more scenes, or more text with them, than a workflow
    can carry."""
    count, size = len(story.scenes), len(story.untranslated.model_dump_json())
    if count > MAX_SCENES:
        raise InvalidInput(
            f"{count:,} scenes is more than {MAX_SCENES}", field=field, remedy="use fewer headings, or several videos"
        )
    if count * size > TRAVELLING_BYTES:
        raise InvalidInput(
            f"{size:,} bytes of text are too much for {count} scenes",
            field=field,
            remedy="split it into several videos",
        )
    return story


class WriteTask(Model):
    """What a writer is asked for. `revision` counts from 0; `note` is what a reviewer said, as data."""

    content_id: str
    request: ContentRequest
    item: FeedItem | None = None
    revision: int = 0
    note: str = ""
    previous: Story | None = None

    def revised(self, decision: ReviewDecision, story: Story) -> WriteTask:
        """The next task after a reviewer asked for a revision of `story`; a script in the decision replaces the
        source, and the translations of the old one go with it; a mere note is handed on to the writer."""
        other: dict[str, object] = {"topic": None, "feed": None, "item": None, "translations": {}}
        source = {"script": decision.script, **other} if decision.script else {}
        return self.model_copy(
            update={
                "request": self.request.model_copy(update=source),
                "revision": self.revision + 1,
                "note": decision.note,
                "previous": story,
            }
        )


class WordTiming(Model):
    """One spoken word of a scene's text, as written there. `start` and `end` in seconds from the scene's audio start.

    Words come in order, each with `0 <= start <= end <= duration`, none overlapping the next."""

    text: str
    start: float
    end: float


class Narration(Model):
    """One scene, spoken: a mono 48 kHz WAV, its length in seconds, and when each word is said."""

    scene: int
    audio: AssetRef
    duration_s: float
    words: tuple[WordTiming, ...]
    provider: str
    usd: float = 0.0


class Picture(Model):
    """One scene's still picture."""

    scene: int
    image: AssetRef
    provider: str
    usd: float = 0.0


class Music(Model):
    """Background music: a stereo 48 kHz WAV that loops without a seam."""

    audio: AssetRef
    duration_s: float
    mood: Mood
    provider: str
    usd: float = 0.0


class ModerationVerdict(Model):
    """`allow`, `review` (a person must look, auto-approval does not count) or `block`, each with the reasons."""

    decision: Literal["allow", "review", "block"]
    reasons: tuple[str, ...] = ()
    provider: str
    input_sha256: str


class Material(Model):
    """All that was made for one revision of a story; what a reviewer judges."""

    story: Story
    narrations: tuple[Narration, ...]
    pictures: tuple[Picture, ...]
    music: Music
