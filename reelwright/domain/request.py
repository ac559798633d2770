"""What a person asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from .base import Model, UserInput
from .formats import LANGUAGES, STANDARD_FORMATS, Platform, PostKind, VideoFormat
from .style import RenderStyle
from .text import clean, one_line, words

SCRIPT_BYTES = 100_000
"""Upper limit of a script in bytes: about two hours of speech, far past what a short video wants."""
SCRIPT_WORDS = 1_600
"""Upper limit of a script in words: about ten minutes of speech at 160 words a minute."""
TOPIC_CHARS = 300
ACCOUNT = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
CONTENT_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


def _choice(kind: str, choices: list[str]) -> BeforeValidator:
    """Turns an unknown choice into a line that names the choices."""

    def check(value: Any) -> Any:
        given = str(value).strip().lower() if isinstance(value, str) else value
        if given not in choices:
            raise ValueError(f"unknown {kind} {str(value)[:40]!r}; choose from {', '.join(choices)}")
        return given

    return BeforeValidator(check)


def _topic(value: str) -> str:
    value = one_line(value)
    if not words(value):
        raise ValueError("there are no words in it; say in a few words what the video is about")
    if len(value) > TOPIC_CHARS:
        raise ValueError(f"{len(value)} characters is more than {TOPIC_CHARS}; give a long text as a script")
    return value


def _script(value: str) -> str:
    if len(value.encode("utf-8", "replace")) > SCRIPT_BYTES:
        raise ValueError(f"more than {SCRIPT_BYTES:,} bytes; split it into several videos")
    value = clean(value)
    count = len(words(value))
    if count < 2:
        raise ValueError(f"{count} words is too short to make a video of; write at least one sentence")
    if count > SCRIPT_WORDS:
        raise ValueError(f"{count:,} words is more than {SCRIPT_WORDS:,} (ten minutes); split it into several videos")
    return value


PlatformName = Annotated[Platform, _choice("platform", [p.value for p in Platform])]
PublishAt = AwareDatetime | Literal["best"] | None
"""An instant with its time zone (`2026-12-24T18:00:00+01:00`), or `best`: the account's best time, once known."""


LanguageName = Annotated[str, _choice("language", list(LANGUAGES))]


class PostOptions(UserInput):
    """What one platform's post has of its own; what is left out is the request's.

    `caption` is posted word for word or refused; left out, a text that fits is made from title, description and tags.
    """

    account: Annotated[str, Field(pattern=ACCOUNT)] | None = None
    kind: PostKind = PostKind.AUTO
    caption: Annotated[str, AfterValidator(clean), Field(max_length=63_000)] = ""
    first_comment: Annotated[str, AfterValidator(clean), Field(max_length=10_000)] = ""
    thread: tuple[Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=25_000)], ...] = Field(
        default=(), max_length=25, description="X: replies that continue the post"
    )
    link: Annotated[str, AfterValidator(one_line), Field(max_length=2_000, pattern="^(https?://.+)?$")] = ""
    privacy: Literal["public", "unlisted", "private"] | None = None
    publish_at: PublishAt = None


class FeedItem(Model):
    """One entry of a feed, as data. `text` is plain text, already taken out of its HTML."""

    title: Annotated[str, AfterValidator(one_line)]
    text: Annotated[str, AfterValidator(clean)]
    url: Annotated[str, AfterValidator(one_line)] = ""
    published: Annotated[str, AfterValidator(one_line)] = ""


class ContentRequest(UserInput):
    """A request for one piece of content. Exactly one of `topic`, `script`, `feed` and `item` is given."""

    topic: Annotated[str, AfterValidator(_topic)] | None = None
    script: Annotated[str, AfterValidator(_script)] | None = None
    feed: Annotated[str, AfterValidator(one_line), Field(max_length=2_000)] | None = Field(
        default=None, description="URL of a feed; its newest entry with text is used"
    )
    item: FeedItem | None = Field(default=None, description="an entry already read from a feed")
    title: Annotated[str, AfterValidator(one_line), Field(max_length=100)] = ""
    formats: tuple[VideoFormat, ...] = STANDARD_FORMATS
    platforms: tuple[PlatformName, ...] = (Platform.YOUTUBE,)
    posts: dict[PlatformName, PostOptions] = Field(default_factory=dict, description="options of single platforms")
    publish_at: PublishAt = None
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    paid_partnership: bool = False
    account: Annotated[str, Field(pattern=ACCOUNT)] = "default"
    language: LanguageName = "en"
    translations: dict[LanguageName, Annotated[str, AfterValidator(_script)]] = Field(
        default_factory=dict, max_length=20, description="the script in other languages, for caption files"
    )
    channel: Annotated[str, Field(pattern=ACCOUNT)] = "default"
    style: RenderStyle = RenderStyle()
    auto_approve: bool = False
    allow_template: bool = Field(
        default=False, description="auto-approval counts for a piece composed from templates, which states no facts"
    )
    post_again: bool = Field(
        default=False, description="post even where this content has a live post already; recorded with the post"
    )
    made_for_kids: bool = False
    privacy: Literal["public", "unlisted", "private"] = "public"
    pool: Literal["render", "gpu"] = Field(default="render", description="which worker pool draws and renders")
    request_key: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="the same key given twice is one run"
    )

    @model_validator(mode="after")
    def _one_source(self) -> ContentRequest:
        given = [name for name in ("topic", "script", "feed", "item") if getattr(self, name) is not None]
        if len(given) != 1:
            what = "none was given" if not given else f"{' and '.join(given)} were given"
            raise ValueError(f"give exactly one of topic, script and feed; {what}")
        if self.translations and self.script is None:
            raise ValueError("translations: they go with a script; give the script they translate")
        if self.language in self.translations:
            raise ValueError(f"translations: {self.language} is the language that is spoken")
        if not self.formats:
            raise ValueError("formats: the list is empty; name at least one format")
        if len(set(self.formats)) != len(self.formats) or len(set(self.platforms)) != len(self.platforms):
            raise ValueError("formats and platforms: each may be named once")
        if extra := [platform.value for platform in self.posts if platform not in self.platforms]:
            raise ValueError(f"posts: {', '.join(extra)} is not among the platforms")
        return self

    @property
    def source(self) -> str:
        """The name of the field the content comes from."""
        return next(name for name in ("topic", "script", "feed", "item") if getattr(self, name) is not None)


class ReviewDecision(UserInput):
    """What a reviewer says. `script`, on a revision, replaces the text; otherwise the makers take another try.

    With `artifact_sha256` the decision holds only for exactly what the reviewer saw.
    """

    decision: Literal["approve", "reject", "revise"]
    reviewer: Annotated[str, AfterValidator(one_line), Field(min_length=1, max_length=100)]
    note: Annotated[str, AfterValidator(clean), Field(max_length=2_000)] = ""
    artifact_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    script: Annotated[str, AfterValidator(_script)] | None = None
