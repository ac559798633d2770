"""A person's request."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from ..base import Grown, Model, UserInput
from ..formats import LANGUAGES, STANDARD_FORMATS, Platform, PostKind, VideoFormat
from ..ids import ACCOUNT
from ..limits import Text, at_most, once_each
from ..text.incoming import clean, one_line
from ..text.spoken.pronunciation import ENTRIES, checked
from .fields import (
    SCRIPT_WORDS,
    AccountName,
    Article,
    CallToAction,
    LanguageName,
    PlatformName,
    PublishAt,
    Script,
    Tone,
    Topic,
    bytes_of,
)
from .media import MEDIA_SCENES, MediaAddress, MediaUse, OwnMusic, OwnNarration, OwnPicture
from .style import RenderStyle
from .voice import CAST, Delivery, SpeakerName, Turn, VoiceChoice, delivery_of

REQUEST_BYTES = 500_000
"""All texts of a request together. They go into each step that needs them, of which Temporal takes 2 MiB at most."""
FORMATS = 6
TRANSLATIONS = 20
THREAD_POSTS = 25
POST_PICTURES = 20
"""The most that any platform takes in one post."""
SCENE_VOICES = 200
ACCOUNTS = 20
DESCRIPTION_CHARS = 4_000


class PostOptions(Grown, UserInput):
    """What one platform's post has of its own; what is left out is the request's.

    `caption` is posted word for word or refused; left out, a text that fits is made from title, description and tags.
    With `accounts` each of them has a post of its own.
    """

    added: ClassVar[frozenset[str]] = frozenset({"accounts", "scenes", "pictures"})

    account: AccountName | None = None
    accounts: Annotated[tuple[AccountName, ...], at_most(ACCOUNTS, "accounts", "post to the others separately")] = ()
    kind: PostKind = PostKind.AUTO
    caption: Annotated[str, Text(clean, 63_000)] = ""
    first_comment: Annotated[str, Text(clean, 10_000)] = ""
    thread: Annotated[
        tuple[Annotated[str, Text(clean, 25_000, least=1)], ...], at_most(THREAD_POSTS, "replies", "shorten the thread")
    ] = Field(default=(), description="X: replies that continue the post")
    link: Annotated[str, Text(one_line, 2_000), Field(pattern="^(https?://.+)?$")] = ""
    privacy: Literal["public", "unlisted", "private"] | None = None
    publish_at: PublishAt = None
    scenes: Annotated[
        tuple[Annotated[int, Field(ge=1, le=1_000)], ...], at_most(POST_PICTURES, "scenes", "name fewer")
    ] = Field(default=(), description="kind `pictures`: the scenes whose pictures are posted, in this order, from 1")
    pictures: Annotated[tuple[OwnPicture, ...], at_most(POST_PICTURES, "pictures", "post the others separately")] = (
        Field(default=(), description="kind `pictures`: pictures of your own, in place of the scenes'")
    )

    @model_validator(mode="after")
    def _pictures_with_their_kind(self) -> PostOptions:
        given = [name for name in ("scenes", "pictures") if getattr(self, name)]
        if len(given) == 2:
            raise ValueError("scenes and pictures were given; give one of the two")
        if given and self.kind is not PostKind.PICTURES:
            raise ValueError(f'{given[0]}: only with kind = "pictures"')
        if len(set(self.scenes)) != len(self.scenes):
            raise ValueError("scenes: each may be named once")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> PostOptions:
        if self.account is not None and self.accounts:
            raise ValueError("give either account or accounts; with accounts each of them has a post of its own")
        if len(set(self.accounts)) != len(self.accounts):
            raise ValueError("accounts: each may be named once")
        return self


class FeedItem(Grown, Model):
    """One entry of a feed, as data. `text` is plain text, already taken out of its HTML. `language` is declared by the
    feed or detected from the text; empty where both fail."""

    added: ClassVar[frozenset[str]] = frozenset({"language"})

    title: Annotated[str, Text(one_line, 1_000)]
    text: Article
    url: Annotated[str, Text(one_line, 20_000)] = ""
    published: Annotated[str, Text(one_line, 100)] = ""
    language: Annotated[str, Text(one_line, 100)] = ""


class ContentRequest(Grown, UserInput):
    """A request for one piece of content. Exactly one of `topic`, `script`, `feed`, `item` and `video` is given; a
    `script` may come with a `video`, and is then what is said in it."""

    added: ClassVar[frozenset[str]] = frozenset(
        {"allow_template", "post_again", "language_open", "pronunciations", "voice", "voices", "scene_voices"}
        | {"media", "narration", "music", "intro", "outro", "video", "description", "made_with_ai", "max_usd"}
        | {"allow_repeat", "tone", "call_to_action", "caption_languages"}
    )

    topic: Topic | None = Field(
        default=None, description="what the video is about; exactly one of topic, script and feed is given"
    )
    script: Script | None = Field(
        default=None,
        description=f"the text itself, plain or Markdown, spoken word for word; at most {SCRIPT_WORDS:,} words",
    )
    feed: Annotated[str, Text(one_line, 2_000, remedy="give the address of a feed")] | None = Field(
        default=None, description="URL of a feed; its newest entry with text is used"
    )
    item: FeedItem | None = Field(default=None, description="an entry already read from a feed")
    title: Annotated[str, Text(one_line, 100)] = Field(
        default="", description="at most 100 characters; made from the text if left out"
    )
    description: Annotated[str, Text(clean, DESCRIPTION_CHARS)] = Field(
        default="", description="of a finished video, for its posts; elsewhere it is made from the text"
    )
    formats: Annotated[tuple[VideoFormat, ...], at_most(FORMATS, "formats", "make the others in another run")] = Field(
        default=STANDARD_FORMATS,
        description=f"at most {FORMATS}; or a size such as `1280x720`, both sides even and 240 to 3840",
    )
    platforms: Annotated[tuple[PlatformName, ...], at_most(len(Platform), "platforms", "name each once")] = Field(
        default=(Platform.YOUTUBE,),
        description=f"where it is posted: {', '.join(f'`{p.value}`' for p in Platform)}; an empty list posts nowhere",
    )
    posts: Annotated[
        dict[PlatformName, PostOptions], at_most(len(Platform), "platforms", "give one table for each platform")
    ] = Field(default_factory=dict, description="options of single platforms: docs/publishing.md")
    publish_at: PublishAt = Field(
        default=None, description="when it is posted: a time with its zone, or `best`; at once if left out"
    )
    priority: Annotated[int, Field(ge=1, le=5)] = Field(
        default=3, description="1 to 5; 1 goes before 5 where quota is short"
    )
    paid_partnership: bool = Field(default=False, description="declare a paid partnership")
    account: AccountName = Field(default="default", description="the account on the platforms")
    language: LanguageName = Field(
        default="en",
        description=f"of speech and captions, one of {len(LANGUAGES)}; left out, a feed's entry is spoken in its own",
    )
    language_open: bool = Field(
        default=False, description="set by itself: no language was named, so a feed's entry is spoken in its own"
    )
    pronunciations: Annotated[
        dict[str, str], at_most(ENTRIES, "words", "keep those that the voice gets wrong"), AfterValidator(checked)
    ] = Field(
        default={},
        description=f'how at most {ENTRIES} words are said, `{{"Nguyen": "win"}}`; captions keep what is written',
    )
    translations: Annotated[
        dict[LanguageName, Script],
        at_most(TRANSLATIONS, "translations", "add the others to the posts by hand"),
    ] = Field(
        default_factory=dict,
        description=f'the script in at most {TRANSLATIONS} other languages, `{{"de": "..."}}`: a caption file for each',
    )
    caption_languages: Annotated[
        tuple[LanguageName, ...], at_most(TRANSLATIONS, "languages", "name fewer"), once_each
    ] = Field(
        default=(),
        description="captions, title and description in these languages too, by the language model: docs/writing.md",
    )
    tone: Tone = Field(
        default="", description="how a language model is to write, as in `warm and a little ironic`: docs/writing.md"
    )
    call_to_action: CallToAction = Field(
        default="", description="what the viewers are asked to do at the end; a language model writes it out"
    )
    channel: Annotated[str, Field(pattern=ACCOUNT)] = Field(
        default="default",
        description="what it inherits from (docs/channels.md) and is filtered by (`ReelChannel`); "
        "a channel tells an entry of a feed once",
    )
    style: RenderStyle = Field(default=RenderStyle(), description="how it looks: docs/style.md")
    voice: VoiceChoice = Field(
        default=VoiceChoice(), description='`{"voice": "...", "speed": 1.1, "pitch": -1}`: docs/voices.md'
    )
    voices: Annotated[dict[SpeakerName, VoiceChoice], at_most(CAST, "speakers", "let some share a voice")] = Field(
        default={},
        description='voices of a dialogue, `{"ANNA": {"voice": "..."}}`: lines of the script that begin with `ANNA:`',
    )
    scene_voices: Annotated[
        dict[Annotated[int, Field(ge=1, le=1_000)], VoiceChoice],
        at_most(SCENE_VOICES, "scenes", "give the others the request's voice"),
    ] = Field(default={}, description="voices of single scenes by their number, from 1")
    media: Annotated[
        dict[Annotated[int, Field(ge=1, le=1_000)], MediaUse],
        at_most(MEDIA_SCENES, "scenes", "leave some to be drawn"),
    ] = Field(default={}, description="own pictures and clips of scenes by their number, from 1: docs/media.md")
    narration: OwnNarration | None = Field(default=None, description="a recorded narration: docs/media.md")
    music: OwnMusic | None = Field(default=None, description="own music in place of the composed: docs/media.md")
    intro: MediaUse | None = Field(default=None, description="an own clip before the first scene: docs/media.md")
    outro: MediaUse | None = Field(default=None, description="an own clip after the last scene: docs/media.md")
    video: Annotated[dict[VideoFormat, MediaAddress], at_most(FORMATS, "formats", "post the others separately")] = (
        Field(default={}, description="finished videos by format, in place of a source: docs/finished-videos.md")
    )
    auto_approve: bool = Field(default=False, description="no human review, unless moderation asks for one")
    allow_template: bool = Field(
        default=False, description="auto-approval counts for a piece composed from templates, which states no facts"
    )
    allow_repeat: bool = Field(default=False, description="it may repeat an earlier content of its channel")
    post_again: bool = Field(
        default=False, description="post even where this content has a live post already; recorded with the post"
    )
    made_with_ai: bool = Field(
        default=False, description="declare a finished video as made with AI; what is made here always is declared so"
    )
    made_for_kids: bool = Field(default=False, description="declare the video as made for kids")
    privacy: Literal["public", "unlisted", "private"] = Field(
        default="public", description="`public`, `unlisted` or `private`"
    )
    pool: Literal["render", "gpu"] = Field(
        default="render", description="which worker pool draws and renders: `render` or `gpu`"
    )
    clips: Literal["none", "some", "all"] = Field(
        default="none",
        description="moving pictures in place of stills: `none`, `some` (the first scene and every third one) or "
        "`all`: docs/providers-chains.md",
    )
    max_usd: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] | None = Field(
        default=None,
        description="the most that it may cost in US dollars; refused before anything is bought: docs/costs.md",
    )
    request_key: Annotated[str, Text(one_line, 200, least=1)] | None = Field(
        default=None, description="the same key given twice is one run"
    )

    @model_validator(mode="before")
    @classmethod
    def _note_language(cls, data: Any) -> Any:
        # Written out, since a request on its way through Temporal has all its fields.
        if isinstance(data, dict) and "language" not in data and (data.get("feed") or data.get("item")):
            return {"language_open": True, **data}
        return data

    @model_validator(mode="after")
    def _one_source(self) -> ContentRequest:
        given = [name for name in ("topic", "script", "feed", "item") if getattr(self, name) is not None]
        if self.video:
            self._check_finished(given)
        elif len(given) != 1:
            what = "none was given" if not given else f"{' and '.join(given)} were given"
            raise ValueError(f"give exactly one of topic, script and feed; {what}")
        if self.description and not self.video:
            raise ValueError("description: it goes with a finished video; elsewhere it is made from the text")
        if self.made_with_ai and not self.video:
            raise ValueError(
                "made_with_ai: it is declared of a finished video; what is made here always is; leave it out"
            )
        if self.translations and self.script is None:
            raise ValueError("translations: they go with a script; give the script they translate")
        if self.language in self.translations:
            raise ValueError(f"translations: {self.language} is the language that is spoken")
        if self.voices and self.script is None:
            raise ValueError("voices: they go with a script, in which lines begin with a speaker's name; give a script")
        if len({name.casefold() for name in self.voices}) != len(self.voices):
            raise ValueError("voices: two speakers differ in capitals only; name each once")
        if not self.formats:
            raise ValueError("formats: the list is empty; name at least one format")
        if len(set(self.formats)) != len(self.formats) or len(set(self.platforms)) != len(self.platforms):
            raise ValueError("formats and platforms: each may be named once")
        if extra := [platform.value for platform in self.posts if platform not in self.platforms]:
            raise ValueError(f"posts: {', '.join(extra)} is not among the platforms")
        for platform, own in self.posts.items():
            if own.kind is PostKind.PICTURES and platform.facts.pictures is None:
                able = ", ".join(other.value for other in Platform if other.facts.pictures)
                raise ValueError(f"posts.{platform.value}.kind: no picture posts on {platform.label}; only on {able}")
        return self

    def _check_finished(self, given: list[str]) -> None:
        """What goes with a finished video: a script of what is said in it, and nothing that would be made."""
        made = (
            *("media", "narration", "music", "intro", "outro", "voices", "scene_voices", "pronunciations"),
            *("tone", "call_to_action", "caption_languages"),
        )
        if other := [name for name in given if name != "script"] + [name for name in made if getattr(self, name)]:
            raise ValueError(f"video: it is posted as it is, and {other[0]} is for videos that are made; leave one out")
        if self.style != RenderStyle():
            raise ValueError("video: it is posted as it is, and style is for videos that are made; leave one out")
        if not self.title and self.script is None:
            raise ValueError("title: a finished video without a script has none; give it a title")
        if wanted := self.picture_posts:
            raise ValueError(f"posts.{wanted[0].value}.kind: a finished video has no scenes; post it as a video")

    @property
    def translated_into(self) -> tuple[str, ...]:
        """The languages that a language model translates into: those that are neither spoken nor given."""
        known = {self.language, *self.translations}
        return tuple(language for language in self.caption_languages if language not in known)

    @property
    def picture_posts(self) -> tuple[Platform, ...]:
        """The platforms that get pictures in place of the video."""
        kinds = {platform: own.kind for platform, own in self.posts.items()}
        return tuple(platform for platform in self.platforms if kinds.get(platform) is PostKind.PICTURES)

    @property
    def only_pictures(self) -> bool:
        """Whether it is posted, and all its posts are picture posts: no video is needed."""
        return bool(self.platforms) and len(self.picture_posts) == len(self.platforms)

    @model_validator(mode="after")
    def _small_enough(self) -> ContentRequest:
        sizes = {
            "item": sum(map(bytes_of, (self.item.title, self.item.text, self.item.url))) if self.item else 0,
            "script": bytes_of(self.script or ""),
            "translations": sum(map(bytes_of, self.translations.values())),
            "pronunciations": sum(bytes_of(key) + bytes_of(said) for key, said in self.pronunciations.items()),
            "posts": sum(
                bytes_of(t) for own in self.posts.values() for t in (own.caption, own.first_comment, *own.thread)
            ),
        }
        if (total := sum(sizes.values())) > REQUEST_BYTES:
            largest = max(sizes, key=lambda name: sizes[name])
            raise ValueError(
                f"{largest}: the texts of the request are {total:,} bytes together, more than {REQUEST_BYTES:,}; "
                f"shorten {largest}, at {sizes[largest]:,} bytes the largest"
            )
        return self

    def delivery(self, scene: int, turns: tuple[Turn, ...]) -> Delivery:
        """How the scene with this index (from 0) is spoken, whose dialogue has these turns."""
        return delivery_of(turns, self.scene_voices.get(scene + 1, self.voice), self.voices)

    def accounts_on(self, platform: Platform) -> tuple[str, ...]:
        """The accounts it is posted to there: each has a post of its own."""
        own = self.posts.get(platform, PostOptions())
        return own.accounts or (own.account or self.account,)

    @property
    def named_voices(self) -> dict[str, VoiceChoice]:
        """The choices that name a voice, which may not be there, by their field."""
        chosen = {
            "voice": self.voice,
            **{f"voices.{name}": choice for name, choice in self.voices.items()},
            **{f"scene_voices.{scene}": choice for scene, choice in self.scene_voices.items()},
        }
        return {field: choice for field, choice in chosen.items() if choice.voice}

    @property
    def source(self) -> str:
        """The name of the field the content comes from."""
        if self.video:
            return "video"
        return next(name for name in ("topic", "script", "feed", "item") if getattr(self, name) is not None)
