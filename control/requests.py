"""From a front end's input to a valid request, before anything is started or paid. Files are read by the caller."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pydantic import ValidationError

from reelwright.domain.content.request import ContentRequest, FeedItem
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.formats import Platform
from reelwright.domain.ids import CONTENT_ID, content_id_of_key
from reelwright.domain.publishing.schedule import check_schedule

if TYPE_CHECKING:
    from reelwright.domain.channels.config import PostingSlot

EVERYWHERE, NOWHERE = "all", "none"


@dataclass(frozen=True)
class Wishes:
    """A front end's input, as given and not yet checked; an empty field takes the request's default.

    `script` is a text, `item` an entry of a feed that was read already. `script_name` names the content where it has
    neither title nor topic."""

    topic: str | None = None
    script: str | None = None
    script_name: str = ""
    feed: str | None = None
    item: FeedItem | None = None
    title: str = ""
    formats: Sequence[str] = ()
    platforms: Sequence[str] = ()
    language: str | None = None
    translations: Mapping[str, str] = field(default_factory=dict)
    caption_languages: Sequence[str] = ()
    tone: str = ""
    call_to_action: str = ""
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    voice: Mapping[str, object] = field(default_factory=dict)
    voices: Mapping[str, object] = field(default_factory=dict)
    scene_voices: Mapping[str, object] = field(default_factory=dict)
    media: Mapping[int, object] = field(default_factory=dict)
    narration: Mapping[str, object] = field(default_factory=dict)
    music: Mapping[str, object] = field(default_factory=dict)
    intro: Mapping[str, object] = field(default_factory=dict)
    outro: Mapping[str, object] = field(default_factory=dict)
    video: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    made_with_ai: bool = False
    account: str | None = None
    channel: str | None = None
    privacy: str | None = None
    made_for_kids: bool | None = None
    paid_partnership: bool | None = None
    publish_at: str | None = None
    priority: int | None = None
    posts: Mapping[str, object] = field(default_factory=dict)
    auto_approve: bool | None = None
    allow_template: bool | None = None
    allow_repeat: bool | None = None
    post_again: bool = False
    max_usd: float | None = None
    clips: str | None = None
    style: Mapping[str, object] = field(default_factory=dict)
    preset: str | None = None
    content_id: str | None = None
    key: str | None = None


def check_source(**sources: object) -> None:
    """`InvalidInput` unless exactly one of the sources is given."""
    given = [name for name, value in sources.items() if value is not None]
    if len(given) != 1:
        what = "none is given" if not given else f"{' and '.join(given)} are given"
        raise InvalidInput(
            f"exactly one of --topic, --script, --feed and --video is wanted; {what}",
            field="input",
            remedy='for example: reelwright run --topic "Why octopuses have three hearts"',
        )


def requested(wishes: Wishes) -> tuple[str, ContentRequest]:
    """(content id, request), or `InvalidInput` with the field and the remedy."""
    if not wishes.video:
        check_source(topic=wishes.topic, script=wishes.script, feed=wishes.feed if wishes.item is None else wishes.item)
    elif wishes.formats:
        raise InvalidInput(
            "finished videos have formats of their own", field="formats", remedy="leave --format out with --video"
        )
    try:
        request = ContentRequest.model_validate(_fields(wishes))
        for publish_at in (request.publish_at, *(own.publish_at for own in request.posts.values())):
            check_schedule(publish_at, datetime.now(UTC))
    except ValidationError as error:
        raise explain(error) from error
    return _content_id(wishes, request), request


def _fields(wishes: Wishes) -> dict[str, object]:
    """The request's fields. Fields that were not given are left out: the channel may set them, else the request's
    defaults."""
    fields: dict[str, object] = {name: getattr(wishes, name) for name in ("topic", "script", "title")}
    fields |= {"translations": dict(wishes.translations), "posts": dict(wishes.posts), "request_key": wishes.key}
    fields["style"] = {**wishes.style, "preset": wishes.preset} if wishes.preset else dict(wishes.style)
    if wishes.pronunciations:
        fields["pronunciations"] = dict(wishes.pronunciations)
    tables = (
        *("voice", "voices", "scene_voices", "media", "narration", "music", "intro", "outro"),
        *("video", "description", "made_with_ai", "caption_languages", "tone", "call_to_action"),
    )
    fields |= {name: getattr(wishes, name) for name in tables if getattr(wishes, name)}
    given = (
        *("feed", "item", "language", "account", "channel", "privacy", "made_for_kids", "paid_partnership"),
        *("publish_at", "priority", "auto_approve", "allow_template", "allow_repeat", "max_usd", "clips"),
    )
    fields |= {name: getattr(wishes, name) for name in given if getattr(wishes, name) is not None}
    if wishes.formats:
        fields["formats"] = wishes.formats
    if wishes.platforms:
        fields["platforms"] = _platforms(wishes.platforms)
    return fields | ({"post_again": True} if wishes.post_again else {})


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


def destination(request: ContentRequest, *, chosen: bool, slots: Sequence[PostingSlot] = ()) -> str:
    """Where the content will be posted, how public and when, for people; `chosen` is whether platforms were named,
    `slots` are its channel's."""
    if not request.platforms:
        return "it will be posted nowhere (--platform none)"
    places = []
    for platform in request.platforms:
        own = request.posts.get(platform)
        accounts = " and ".join(request.accounts_on(platform))
        privacy = (own.privacy if own else None) or request.privacy
        at = (own.publish_at if own else None) or request.publish_at
        when = f", at {at:%Y-%m-%d %H:%M %Z}" if isinstance(at, datetime) else ", at the account's best time" * bool(at)
        if at is None and any(not slot.platforms or platform in slot.platforms for slot in slots):
            when = ", in the channel's next free slot"
        account = "accounts" if len(request.accounts_on(platform)) > 1 else "account"
        places.append(f"{platform.label} ({account} {accounts}, {privacy}{when})")
    hint = "" if chosen else "; that is the default: --platform names others, --platform none posts nowhere"
    return f"it will be posted to {', '.join(places)}{hint}"


def _content_id(wishes: Wishes, request: ContentRequest) -> str:
    if wishes.content_id is not None:
        if not re.fullmatch(CONTENT_ID, wishes.content_id):
            raise InvalidInput(
                f"{wishes.content_id[:40]!r} is not an id",
                field="id",
                remedy="use up to 100 letters, digits, dots, dashes and underscores",
            )
        return wishes.content_id
    return content_id_for(request, wishes.script_name)


def content_id_for(request: ContentRequest, script_name: str = "") -> str:
    """The id of a content that was given none: what its key always leads to, else a new one after what it is about."""
    if request.request_key:
        return content_id_of_key(request.request_key)
    words = request.title or request.topic or script_name or "feed"
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or request.source
    return f"{slug}-{secrets.token_hex(2)}"
