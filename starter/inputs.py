"""From what a person typed to a valid request: the files that options name are read here, the rest is
`control.requests`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from control.requests import Wishes, check_source, requested
from reelwright.domain.content.fields import SCRIPT_BYTES
from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.incoming import decode

from .own_files import OwnFiles, own_files, with_post_pictures
from .reading import named, read_limited

if TYPE_CHECKING:
    from reelwright.domain.content.style import RenderStyle

    from .styles import StyleFiles

FEED_FILE_BYTES = 5_000_000


@dataclass(frozen=True)
class Asked:
    """The options of `run` and `start`, as typed."""

    topic: str | None = None
    script: Path | None = None
    feed: str | None = None
    title: str = ""
    formats: Sequence[str] = ()
    platforms: Sequence[str] = ()
    language: str | None = None
    translations: Sequence[str] = ()
    caption_languages: Sequence[str] = ()
    tone: str = ""
    call_to_action: str = ""
    say: Sequence[str] = ()
    voice: str | None = None
    speed: float | None = None
    pitch: float | None = None
    voices: Path | None = None
    media: Path | None = None
    clips: str | None = None
    narration: str | None = None
    music: str | None = None
    intro: str | None = None
    outro: str | None = None
    video: Sequence[str] = ()
    description: str = ""
    made_with_ai: bool = False
    account: str | None = None
    channel: str | None = None
    privacy: str | None = None
    made_for_kids: bool | None = None
    paid_partnership: bool | None = None
    publish_at: str | None = None
    priority: int | None = None
    posts: Path | None = None
    auto_approve: bool | None = None
    allow_template: bool | None = None
    allow_repeat: bool | None = None
    post_again: bool = False
    max_usd: float | None = None
    style: Path | None = None
    preset: str | None = None
    content_id: str | None = None
    key: str | None = None

    @cached_property
    def look(self) -> tuple[RenderStyle, StyleFiles] | None:
        """The style file with the files it names, read once: a pipe cannot be read twice, and a file may change."""
        if self.style is None:
            return None
        from .styles import read_style

        return read_style(self.style)

    @property
    def files(self) -> StyleFiles | None:
        """The files that the style names; None without a style."""
        return self.look[1] if self.look else None

    @cached_property
    def text(self) -> str | None:
        """The script's text, read once."""
        return read_script(self.script) if self.script else None

    @cached_property
    def post_options(self) -> dict[str, Any]:
        """The tables of the file of posts, read once."""
        return _toml(self.posts, field="posts", page="docs/publishing.md") if self.posts else {}

    @cached_property
    def own(self) -> OwnFiles:
        """The user's own media, each local file read once."""
        options = {name: getattr(self, name) for name in ("media", "narration", "music", "intro", "outro", "script")}
        given = (self.video or None, self.text, self.posts, *options.values())
        if all(value is None for value in given):
            return OwnFiles()
        own = own_files(**options, script_text=self.text)
        if self.posts is not None:
            own.fields["posts"] = with_post_pictures(own, self.post_options, self.posts)
        if self.video:
            from .finished_files import finished_files

            own.fields["video"] = finished_files(own, self.video)
        return own


def request_of(asked: Asked) -> tuple[str, ContentRequest]:
    """(content id, request), or `InvalidInput` with the field and the remedy. A style's files are not in it yet."""
    if not asked.video:
        check_source(topic=asked.topic, script=asked.script, feed=asked.feed)
    feed = _feed(asked.feed) if asked.feed is not None else None
    return requested(
        Wishes(
            topic=asked.topic,
            **asked.own.fields,
            script_name=asked.script.stem if asked.script else "",
            feed=feed if isinstance(feed, str) else None,
            item=feed if isinstance(feed, FeedItem) else None,
            title=asked.title,
            description=asked.description,
            made_with_ai=asked.made_with_ai,
            formats=asked.formats,
            platforms=asked.platforms,
            language=asked.language,
            translations=_translations(asked.translations),
            caption_languages=asked.caption_languages,
            tone=asked.tone,
            call_to_action=asked.call_to_action,
            pronunciations=_pronunciations(asked.say),
            voice={name: value for name in ("voice", "speed", "pitch") if (value := getattr(asked, name)) is not None},
            **(_voices(asked.voices) if asked.voices else {}),
            account=asked.account,
            channel=asked.channel,
            privacy=asked.privacy,
            made_for_kids=asked.made_for_kids,
            paid_partnership=asked.paid_partnership,
            publish_at=asked.publish_at,
            priority=asked.priority,
            auto_approve=asked.auto_approve,
            allow_template=asked.allow_template,
            allow_repeat=asked.allow_repeat,
            post_again=asked.post_again,
            max_usd=asked.max_usd,
            clips=asked.clips,
            style=asked.look[0].model_dump(exclude_unset=True) if asked.look else {},
            preset=asked.preset,
            content_id=asked.content_id,
            key=asked.key,
        )
    )


def read_script(path: Path, *, field: str = "script") -> str:
    """The text of a script file."""
    data = read_limited(path, field=field, limit=SCRIPT_BYTES)
    text = decode(data, field=field, limit=SCRIPT_BYTES)
    if not text.strip():
        raise InvalidInput(f"{named(path)} is empty", field=field, remedy="write at least one sentence")
    return text


def _translations(given: Sequence[str]) -> dict[str, str]:
    """From `de=talk.de.md` to the file's text by language."""
    texts: dict[str, str] = {}
    for one in given:
        language, equals, path = one.partition("=")
        if not (language and equals and path) or language in texts:
            raise InvalidInput(
                f"{one[:60]!r} does not name a language and a file, each language once",
                field="translation",
                remedy="for example: --translation de=talk.de.md",
            )
        texts[language] = read_script(Path(path), field=f"translations.{language[:20]}")
    return texts


def _pronunciations(given: Sequence[str]) -> dict[str, str]:
    """From `Nguyen=win` to the pronunciation of each word."""
    said: dict[str, str] = {}
    for one in given:
        word, equals, spoken = (part.strip() for part in one.partition("="))
        if not (word and equals and spoken) or word in said:
            raise InvalidInput(
                f"{one[:60]!r} does not name a word and how it is said, each word once",
                field="say",
                remedy="for example: --say Nguyen=win",
            )
        said[word] = spoken
    return said


def _toml(path: Path, *, field: str, page: str) -> dict[str, Any]:
    """A TOML file's tables."""
    text = decode(read_limited(path, field=field, limit=SCRIPT_BYTES), field=field, limit=SCRIPT_BYTES)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter for what is nested too deeply
        raise InvalidInput(f"{named(path)} is not TOML ({error})", field=field, remedy=f"see {page}") from error


def _voices(path: Path) -> dict[str, Any]:
    """The voices of a dialogue's speakers (`[voices.ANNA]`) and of scenes (`[scenes.2]`)."""
    tables = _toml(path, field="voices", page="docs/voices.md")
    if unknown := sorted(tables.keys() - {"voices", "scenes"}):
        raise InvalidInput(
            f"{named(path)} has an unknown table {unknown[0][:40]!r}",
            field="voices",
            remedy="name tables [voices.NAME] and [scenes.NUMBER]",
        )
    return {"voices": tables.get("voices", {}), "scene_voices": tables.get("scenes", {})}


def _feed(feed: str) -> FeedItem | str:
    """A local file is read here, since the workers may be elsewhere; a URL is read by the pipeline."""
    if re.match(r"https?://", feed, re.IGNORECASE):
        return feed
    if "://" in feed:
        raise InvalidInput(f"{feed[:60]!r} is not http or https", field="feed", remedy="give a URL or a file")
    from reelwright.providers.feeds import parse_feed

    return parse_feed(read_limited(Path(feed), field="feed", limit=FEED_FILE_BYTES))
