"""From what a person typed to a valid request, before anything is started or spent."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from reelwright.domain.content.request import CONTENT_ID, SCRIPT_BYTES, ContentRequest, FeedItem
from reelwright.domain.content.style import RenderStyle
from reelwright.domain.errors import InvalidInput, OutOfSpace
from reelwright.domain.explain import explain
from reelwright.domain.formats import Platform
from reelwright.domain.ids import content_id_of_key
from reelwright.domain.publishing.schedule import check_schedule
from reelwright.domain.text.incoming import decode

from .reading import named, read_limited
from .styles import StyleFiles, read_style

EVERYWHERE, NOWHERE = "all", "none"
FEED_FILE_BYTES = 5_000_000
FREE_BYTES = 300_000_000
"""Three formats of a ten-minute video and the working files of two of them, with room to spare."""


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
    account: str = "default"
    channel: str = "default"
    privacy: str = "public"
    made_for_kids: bool = False
    paid_partnership: bool = False
    publish_at: str | None = None
    priority: int = 3
    posts: Path | None = None
    auto_approve: bool = False
    allow_template: bool = False
    post_again: bool = False
    style: Path | None = None
    preset: str | None = None
    content_id: str | None = None
    key: str | None = None

    @cached_property
    def look(self) -> tuple[RenderStyle, StyleFiles]:
        """The style file with the files it names, read once: a pipe cannot be read twice, and a file may change."""
        return read_style(self.style) if self.style else (RenderStyle(), StyleFiles())


def request_of(asked: Asked) -> tuple[str, ContentRequest]:
    """(content id, request), or `InvalidInput` with the field and the remedy. A style's files are not in it yet."""
    given = [name for name in ("topic", "script", "feed") if getattr(asked, name) is not None]
    if len(given) != 1:
        what = "none is given" if not given else f"{' and '.join(given)} are given"
        raise InvalidInput(
            f"exactly one of --topic, --script and --feed is wanted; {what}",
            field="input",
            remedy='for example: reelwright run --topic "Why octopuses have three hearts"',
        )
    fields: dict[str, object] = {
        "topic": asked.topic,
        "script": read_script(asked.script) if asked.script else None,
        **(_feed(asked.feed) if asked.feed is not None else {}),
        "title": asked.title,
        "translations": _translations(asked.translations),
        "account": asked.account,
        "channel": asked.channel,
        "privacy": asked.privacy,
        "made_for_kids": asked.made_for_kids,
        "paid_partnership": asked.paid_partnership,
        "publish_at": asked.publish_at,
        "priority": asked.priority,
        "posts": _posts(asked.posts) if asked.posts else {},
        "auto_approve": asked.auto_approve,
        "request_key": asked.key,
        "style": _style(asked),
    }
    if asked.language is not None:
        fields["language"] = asked.language
    if asked.formats:
        fields["formats"] = asked.formats
    if asked.platforms:
        fields["platforms"] = _platforms(asked.platforms)
    fields |= {name: True for name in ("allow_template", "post_again") if getattr(asked, name)}
    try:
        request = ContentRequest.model_validate(fields)
        for publish_at in (request.publish_at, *(own.publish_at for own in request.posts.values())):
            check_schedule(publish_at, datetime.now(UTC))
    except ValidationError as error:
        raise explain(error) from error
    return _content_id(asked, request), request


def _platforms(given: Sequence[str]) -> list[str]:
    """The platforms' names; `all` stands for every one of them and `none` for a video that is posted nowhere."""
    names = [name.strip().lower() for name in given]
    if NOWHERE in names:
        if len(set(names)) > 1:
            raise InvalidInput(
                f"{NOWHERE} and {next(name for name in names if name != NOWHERE)[:40]!r} exclude each other",
                field="platforms",
                remedy=f"give --platform {NOWHERE} alone, or name the platforms",
            )
        return []
    return list(Platform) if EVERYWHERE in names else names


def destination(request: ContentRequest, *, chosen: bool) -> str:
    """Where the content will be posted, how public and when, for people; `chosen` is whether platforms were named."""
    if not request.platforms:
        return "it will be posted nowhere (--platform none)"
    places = []
    for platform in request.platforms:
        own = request.posts.get(platform)
        account = (own.account if own else None) or request.account
        privacy = (own.privacy if own else None) or request.privacy
        at = (own.publish_at if own else None) or request.publish_at
        when = f", at {at:%Y-%m-%d %H:%M %Z}" if isinstance(at, datetime) else ", at the account's best time" * bool(at)
        places.append(f"{platform.label} (account {account}, {privacy}{when})")
    hint = "" if chosen else "; that is the default: --platform names others, --platform none posts nowhere"
    return f"it will be posted to {', '.join(places)}{hint}"


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


def need_space(*folders: Path) -> None:
    """`OutOfSpace` when a folder that is about to be written to has less free than a video needs."""
    for folder in folders:
        existing = existing_above(folder)
        free = shutil.disk_usage(existing).free
        if free < FREE_BYTES:
            raise OutOfSpace(
                f"only {free // 1_000_000} MB are free in {existing}, {FREE_BYTES // 1_000_000} MB are needed",
                field="disk",
                remedy="free some space, or use another folder (--out, REELWRIGHT_STATE_DIR)",
            )


def need_writable(folder: Path, *, field: str = "out") -> None:
    """`InvalidInput` when `folder` cannot be made or written to. Looks only: nothing is left behind."""
    existing = existing_above(folder)
    if not existing.is_dir():
        trouble = f"{existing} is a file"
    elif not os.access(existing, os.W_OK | os.X_OK):
        trouble = f"{existing} is not ours to write to"
    else:
        return
    raise InvalidInput(f"{folder} cannot be written to: {trouble}", field=field, remedy="name another folder")


def existing_above(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())


def _style(asked: Asked) -> dict[str, object]:
    style = asked.look[0].model_dump() if asked.style else {}
    return {**style, "preset": asked.preset} if asked.preset else style


def _posts(path: Path) -> dict[str, object]:
    """The options of single platforms, a table each."""
    text = decode(read_limited(path, field="posts", limit=SCRIPT_BYTES), field="posts", limit=SCRIPT_BYTES)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # the latter for what is nested too deeply
        raise InvalidInput(
            f"{named(path)} is not TOML ({error})", field="posts", remedy="see docs/publishing.md"
        ) from error


def _feed(feed: str) -> dict[str, FeedItem | str]:
    """A local file is read here, since the workers may be elsewhere; a URL is read by the pipeline."""
    if re.match(r"https?://", feed, re.IGNORECASE):
        return {"feed": feed}
    if "://" in feed:
        raise InvalidInput(f"{feed[:60]!r} is not http or https", field="feed", remedy="give a URL or a file")
    from reelwright.providers.feeds import parse_feed

    return {"item": parse_feed(read_limited(Path(feed), field="feed", limit=FEED_FILE_BYTES))}


def _content_id(asked: Asked, request: ContentRequest) -> str:
    if asked.content_id is not None:
        if not re.fullmatch(CONTENT_ID, asked.content_id):
            raise InvalidInput(
                f"{asked.content_id[:40]!r} is not an id",
                field="id",
                remedy="use up to 100 letters, digits, dots, dashes and underscores",
            )
        return asked.content_id
    if asked.key:
        return content_id_of_key(asked.key)
    words = asked.title or asked.topic or (asked.script.stem if asked.script else "") or "feed"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or request.source
    return f"{slug}-{secrets.token_hex(2)}"
