"""The written story and the material made from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import Field

from ..assets import AssetRef
from ..base import Grown, Model
from ..errors import InvalidInput
from ..formats import Platform
from .credit import Credit
from .decision import ReviewDecision
from .media import SceneClip, TakenPicture
from .moderated import ModerationFinding as ModerationFinding
from .moderated import ModerationVerdict as ModerationVerdict
from .picturing import OWN as OWN
from .picturing import PictureCard, PictureReading
from .request import ContentRequest, FeedItem
from .voice import Turn

MAX_SCENES = 200
"""Each is two steps of the workflow and a segment of each format."""
TRAVELLING_BYTES = 3_000_000
"""Workflows of releases up to 0.2 send the story along with each of its scenes to be drawn, all at once, and Temporal
takes 4 MB in one answer. To be dropped when none of them runs any more: today's send its key."""

Mood = Literal["calm", "curious", "bright", "tense", "sad", "epic"]


class Paid(Grown, Model):
    """Something that cost `usd` US dollars when it was made. The activity that returns it adds two values that are not
    part of the record, and that older releases do not have: how much of the cost was spent now and not before
    (`spent_usd`), and the record's key (`record`).

    `fell_back` has the providers that were to make it and did not, each with the reason; `reused` is the number of the
    purchase of which it is, where the same had been bought before."""

    added: ClassVar[frozenset[str]] = frozenset({"spent_usd", "record", "fell_back", "reused"})

    usd: float = 0.0
    spent_usd: float | None = None
    record: str = ""
    fell_back: tuple[str, ...] = ()
    reused: int | None = None

    @property
    def spent(self) -> float:
        """US dollars to be added to what the content has cost so far."""
        return self.usd if self.spent_usd is None else self.spent_usd

    def booked(self) -> Self:
        """The same once its cost has been added: what is judged, digested and handed on."""
        return self.model_copy(update={"spent_usd": None, "record": ""})


TimingSource = Literal["", "model", "espeak", "provider", "aligned", "estimated"]
"""Where the times of words come from: the voice's own model, espeak-ng's events, the provider's answer, the aligner, or
a guess by the words' lengths. Empty: made by a release before 0.4, which did not record it."""

SURE_ENOUGH = 0.5
"""A narration whose words are less certain than this is looked at by a person."""


class Scene(Grown, Model):
    """One picture's worth of story. `text` is spoken and captioned word for word; `heading` is only shown; `brief` is
    neither: it defines what the picture shows, in place of the text. `turns` are the speakers of a dialogue, each from
    a token of the text on. `media` is the address that a media line of the script gives, `shows` what it says is
    seen. `wish` is a reviewer's for this picture: it goes before the brief where it names what is to be seen, and is
    added to what would be seen without it where it does not ("make it night").

    `image_prompt` is a language model's for whoever makes a picture by a prompt (`image_prompts.prompt_of`), `search`
    English words by which libraries are searched, the most fitting first; the drawn pictures read neither."""

    added: ClassVar[frozenset[str]] = frozenset({"brief", "turns", "media", "shows", "wish", "image_prompt", "search"})

    index: int
    text: str
    heading: str = ""
    brief: str = ""
    turns: tuple[Turn, ...] = ()
    media: str = ""
    shows: str = ""
    wish: str = ""
    image_prompt: str = ""
    search: tuple[str, ...] = ()


class Translation(Grown, Model):
    """The narration in another language, a text per scene, for caption files besides the spoken language's own. Title,
    description and tags are a language model's; a translation that came with the request has none."""

    added: ClassVar[frozenset[str]] = frozenset({"title", "description", "tags"})

    language: str
    scenes: tuple[str, ...]
    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


class Character(Model):
    """Somebody or something that is seen in several scenes: `look`, in English, is the same in each of them."""

    name: str
    look: str


class PostText(Model):
    """What a post on one platform says where the request says nothing of its own. An empty field is the story's."""

    title: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()


class Story(Paid):
    """A title, a description for the post, and scenes in order. `notice` is information for readers about how it was
    made, for instance that no language model wrote it.

    `template`: it was composed from templates and states nothing about its topic. `follows_notes`: its writer can
    change the text by a reviewer's note.

    What only a language model gives: `hooks` are opening lines to choose from, of which the first begins the first
    scene (`opened_with`); `call_to_action` ends the last scene; `look` is the style of all pictures and `characters`
    who is seen in them; `post_texts` are single platforms'. `prompt` names the versions of the prompts it was written
    by, with their digest, and `request_id` is the provider's id of the call.
    """

    added: ClassVar[frozenset[str]] = Paid.added | {
        *("template", "follows_notes", "hooks", "call_to_action", "look", "characters", "post_texts"),
        *("prompt", "request_id"),
    }

    title: str
    description: str
    tags: tuple[str, ...] = ()
    language: str = "en"
    mood: Mood = "curious"
    scenes: tuple[Scene, ...]
    writer: str
    notice: str = ""
    translations: tuple[Translation, ...] = ()
    template: bool = False
    follows_notes: bool = False
    hooks: tuple[str, ...] = ()
    call_to_action: str = ""
    look: str = ""
    characters: tuple[Character, ...] = ()
    post_texts: dict[Platform, PostText] = Field(default={})
    prompt: str = ""
    request_id: str = ""

    @property
    def text(self) -> str:
        """The whole narration, a paragraph a scene."""
        return "\n\n".join(scene.text for scene in self.scenes)

    @property
    def untranslated(self) -> Story:
        """What is needed to draw it."""
        return self.model_copy(update={"translations": (), "hooks": (), "post_texts": {}})

    def posted_on(self, platform: Platform) -> PostText:
        """Title, description and tags for a post there: its own where it has them, else the story's."""
        own = self.post_texts.get(platform, PostText())
        return PostText(
            title=own.title or self.title,
            description=own.description or self.description,
            tags=own.tags or self.tags,
        )

    def opened_with(self, number: int) -> Story:
        """The same with another of its hooks, counted from 1, as its first words. Raises `InvalidInput` (field
        `hook`)."""
        if not 1 <= number <= len(self.hooks):
            raise InvalidInput(
                f"there is no hook {number}", field="hook", remedy=f"the story has {len(self.hooks)}; count from 1"
            )
        chosen, first = self.hooks[number - 1], self.scenes[0]
        text = f"{chosen} {first.text.removeprefix(self.hooks[0]).lstrip()}".rstrip()
        others = tuple(hook for hook in self.hooks if hook != chosen)
        scenes = (first.model_copy(update={"text": text}), *self.scenes[1:])
        return self.model_copy(update={"hooks": (chosen, *others), "scenes": scenes})


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


def require_scenes(story: Story, request: ContentRequest) -> Story:
    """The story. Raises `InvalidInput` when the request gives something to a scene that it does not have."""
    count = len(story.scenes)
    numbered: dict[str, Iterable[int]] = {
        "scene_voices": request.scene_voices,
        "media": request.media,
        "narration.scenes": request.narration.scenes if request.narration else (),
        **{f"posts.{platform.value}.scenes": own.scenes for platform, own in request.posts.items()},
    }
    for field, scenes in numbered.items():
        if (last := max(scenes, default=0)) > count:
            raise InvalidInput(
                f"there is no scene {last}", field=f"{field}.{last}", remedy=f"the story has {count}; count from 1"
            )
    return story


class WriteTask(Grown, Model):
    """A writer's task. `revision` counts from 0; `note` is a reviewer's note, as data. `previous_record` is the key of
    the record of `previous`, which travels in its place through a workflow's history, since that grows with every
    copy. `media_lines`: a script's media lines give scenes their pictures, which workflows begun before this existed do
    not take in."""

    added: ClassVar[frozenset[str]] = frozenset({"previous_record", "media_lines"})

    content_id: str
    request: ContentRequest
    item: FeedItem | None = None
    revision: int = 0
    note: str = ""
    previous: Story | None = None
    previous_record: str = ""
    media_lines: bool = False

    def by_reference(self, record: str) -> WriteTask:
        """The same with the key of the previous story in place of the story; as it is where there is no key."""
        if not record or self.previous is None:
            return self
        return self.model_copy(update={"previous": None, "previous_record": record})

    def revised(self, decision: ReviewDecision, story: Story) -> WriteTask:
        """The next task after a reviewer requested a revision of `story`; a script in the decision replaces the source
        and drops the translations of the old one; a note alone is passed to the writer."""
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


class PartTiming(NamedTuple):
    """The time, in seconds, of the part of a word's text from character `at` on, up to the next part."""

    at: int
    start: float
    end: float


class WordTiming(Grown, Model):
    """One spoken word of a scene's text, as written there. `start` and `end` in seconds from the scene's audio start.

    Words come in order, each with `0 <= start <= end <= duration`, none overlapping the next. What stands between two
    spaces is a whole clause in Chinese, Japanese and Thai; `parts` has the times of its phrases, the first at 0, in
    order and inside the word's own time. Empty: the word is one, or nothing finer is known."""

    added: ClassVar[frozenset[str]] = frozenset({"parts"})

    text: str
    start: float
    end: float
    parts: tuple[PartTiming, ...] = ()

    def retimed(self, start: Callable[[float], float], end: Callable[[float], float] | None = None) -> Self:
        """The same word elsewhere: `start` and `end` map each time to the new one (`end` as `start` by default)."""
        end = end or start
        parts = tuple(PartTiming(part.at, start(part.start), end(part.end)) for part in self.parts)
        return self.model_copy(update={"start": start(self.start), "end": end(self.end), "parts": parts})


class Narration(Paid):
    """One scene, spoken: a mono 48 kHz WAV, its length in seconds, and the time of each word. `by` is the link of the
    channel's chain that spoke it, where there is more than one."""

    added: ClassVar[frozenset[str]] = Paid.added | {"timing", "certainty", "by"}

    scene: int
    audio: AssetRef
    duration_s: float
    words: tuple[WordTiming, ...]
    provider: str
    timing: TimingSource = ""
    certainty: float | None = None
    by: str = ""

    @property
    def doubt(self) -> str:
        """Why a person should listen to it; empty where nothing speaks for that."""
        if self.certainty is None or self.certainty >= SURE_ENOUGH:
            return ""
        return (
            f"scene {self.scene + 1}: what is heard may not be its text (certainty {self.certainty:.2f}); "
            "listen to it, or have it spoken again"
        )


class Picture(Paid):
    """One scene's still picture. `reading`: the illustrator's reading of the scene, where there is one. With a `card`
    the image is only the background of a text card, which the renderer sets. With a `clip` the scene shows that, and
    the image is a still of it, for thumbnails. `shows`: what the user said is seen on media of their own. `credit`:
    whose work a found picture is."""

    added: ClassVar[frozenset[str]] = Paid.added | {"reading", "card", "clip", "shows", "credit"}

    scene: int
    image: AssetRef
    provider: str
    reading: PictureReading | None = None
    card: PictureCard | None = None
    clip: SceneClip | None = None
    shows: str = ""
    credit: Credit | None = None


class Music(Paid):
    """Background music: a stereo 48 kHz WAV that loops without a seam. Each repetition begins `overlap_s` before the
    end of the one before, which is faded out meanwhile."""

    added: ClassVar[frozenset[str]] = Paid.added | {"overlap_s"}

    audio: AssetRef
    duration_s: float
    mood: Mood
    provider: str
    overlap_s: float = 0.0


class Material(Grown, Model):
    """All that was made for one revision of a story; what a reviewer judges. `intro` and `outro` are clips of the
    user's own before the first scene and after the last, `post_pictures` their own pictures in picture posts."""

    added: ClassVar[frozenset[str]] = frozenset({"intro", "outro", "post_pictures"})

    story: Story
    narrations: tuple[Narration, ...]
    pictures: tuple[Picture, ...]
    music: Music
    intro: SceneClip | None = None
    outro: SceneClip | None = None
    post_pictures: dict[Platform, tuple[TakenPicture, ...]] = Field(default={})
