"""LinkedIn's data: the rules for a post, how it is composed, and how it is parsed. No HTTP here.

Limits and shapes: docs/platforms/linkedin.md#upload, #post. LinkedIn has no field for AI-made content, paid
partnerships or made-for-kids: a disclosure has to be in the text. Everything read is foreign data, so each parser
accepts any JSON and returns an empty value where the expected one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from reelwright.domain.errors import PostRejected
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.platforms.linkedin import PICTURES
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind, Processing, ProcessingState
from reelwright.domain.text.incoming import one_line

from ..common.pictures import check_pictures, is_pictures
from .text import little, text_of, units, visible

AUTHOR = re.compile(r"urn:li:(person|organization):[A-Za-z0-9_-]{1,64}")
POST = re.compile(r"urn:li:(share|ugcPost|activity):\d{1,20}")
VIDEO = re.compile(r"urn:li:video:[A-Za-z0-9_-]{1,128}")
IMAGE = re.compile(r"urn:li:image:[A-Za-z0-9_-]{1,128}")
VISIBILITY = {"public": "PUBLIC", "logged_in": "LOGGED_IN", "connections": "CONNECTIONS"}
IMAGES = {"image/jpeg", "image/png", "image/gif"}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SNOWFLAKE_BITS = 22


@dataclass(frozen=True)
class Limits:
    """What LinkedIn takes: units of UTF-16, seconds, bytes. UNVERIFIED are `comment`, `title`, `summary` (the text
    under an article's title) and whether the escapes' backslashes count (`count_escapes`: yes is the safe answer)."""

    commentary: int = 3_000
    comment: int = 1_250
    title: int = 200
    summary: int = 250
    count_escapes: bool = True
    shortest_s: float = 3.0
    longest_s: float = 1_800.0
    smallest: int = 75 * 1024
    largest: int = 500 * 1024 * 1024


def check(draft: PostDraft, video: VideoFacts, limits: Limits, pictures: PictureRules = PICTURES) -> PostKind:
    """The kind it will be posted as. Raises `PostRejected` naming the first field that LinkedIn would refuse."""
    if draft.kind not in (PostKind.AUTO, PostKind.VIDEO, PostKind.ARTICLE, PostKind.PICTURES):
        raise PostRejected(f"LinkedIn has no place for a {draft.kind.value}", field="kind", remedy="use video")
    if draft.privacy not in VISIBILITY:
        raise PostRejected(
            f"{draft.privacy!r} is none of {', '.join(VISIBILITY)}",
            field="privacy",
            remedy="LinkedIn shows a post to everyone, to its members, or to one's connections",
        )
    if draft.thread:
        raise PostRejected("LinkedIn has no threads", field="thread", remedy="use the text or the first comment")
    _check_texts(draft, limits)
    if draft.thumbnail and draft.thumbnail.media_type not in IMAGES:
        raise PostRejected(
            f"LinkedIn takes no {draft.thumbnail.media_type[:40]}", field="thumbnail", remedy="give a JPEG or a PNG"
        )
    if draft.kind is PostKind.ARTICLE:
        _check_link(draft.link)
        return PostKind.ARTICLE
    if is_pictures(draft):
        check_pictures(draft, pictures, "LinkedIn")
        return PostKind.PICTURES
    _check_video(video, limits)
    return PostKind.VIDEO


def _check_texts(draft: PostDraft, limits: Limits) -> None:
    if not (draft.caption or draft.title).strip():
        raise PostRejected("it is empty", field="title", remedy="give the post a title or a caption")
    texts = {"title": draft.title, "description": draft.description, "caption": draft.caption}
    for field, text in {**texts, "first_comment": draft.first_comment}.items():
        if found := _CONTROL.search(text):
            raise PostRejected(
                f"the character U+{ord(found[0]):04X} cannot be posted", field=field, remedy="take it out"
            )
    length = units(little(draft.caption) if limits.count_escapes else draft.caption)
    if length > limits.commentary:
        escapes = length - units(draft.caption)
        told = f" ({escapes} of them to escape reserved characters and to link hashtags)" if escapes else ""
        raise PostRejected(
            f"{length:,} characters{told} is more than LinkedIn's {limits.commentary:,}",
            field="caption",
            remedy="shorten it",
        )
    if (length := units(draft.first_comment)) > limits.comment:
        raise PostRejected(
            f"{length:,} characters is more than LinkedIn's {limits.comment:,}",
            field="first_comment",
            remedy="shorten it",
        )


def _check_link(link: str) -> None:
    try:
        parts = urlsplit(link)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        valid = False
    if not valid or len(link) > 2_000 or re.search(r"[\s\x00-\x1f\x7f\ud800-\udfff]", link):
        raise PostRejected("an article points to an address", field="link", remedy="give an http(s) address")


def _check_video(video: VideoFacts, limits: Limits) -> None:
    if video.media_type != "video/mp4":
        raise PostRejected(f"LinkedIn takes MP4, not {video.media_type[:40]}", field="video", remedy="render it again")
    if not limits.smallest <= video.size <= limits.largest:
        raise PostRejected(
            f"{video.size:,} bytes is not between {limits.smallest:,} and {limits.largest:,}",
            field="video",
            remedy="render it smaller" if video.size > limits.largest else "render it again",
        )
    if not limits.shortest_s <= video.duration_s <= limits.longest_s:
        raise PostRejected(
            f"{video.duration_s:g} s is not between {limits.shortest_s:g} s and {limits.longest_s / 60:g} minutes",
            field="video",
            remedy="make it longer" if video.duration_s < limits.shortest_s else "split it up",
        )
    if video.width < 1 or video.height < 1:
        raise PostRejected(f"{video.width}x{video.height} is no picture", field="video", remedy="render it again")


def body(
    draft: PostDraft, author: str, limits: Limits, *, video: str = "", image: str = "", images: Sequence[str] = ()
) -> dict[str, Any]:
    """The body of POST /rest/posts: with the video, with the pictures, or an article with its picture where there is
    one."""
    title = _short(draft.title, limits.title)
    if video:
        content: dict[str, Any] = {"media": {"id": video, "title": title}}
    elif images:
        shown = [
            {"id": name, **({"altText": picture.alt} if picture.alt else {})}
            for name, picture in zip(images, draft.pictures, strict=True)
        ]
        content = {"media": shown[0]} if len(shown) == 1 else {"multiImage": {"images": shown}}
    else:
        article = {"source": draft.link, "title": title, "description": _short(draft.description, limits.summary)}
        content = {"article": {**article, "thumbnail": image} if image else article}
    return {
        "author": author,
        "commentary": little(text_of(draft, limits.commentary)),
        "visibility": VISIBILITY[draft.privacy],
        "distribution": {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []},
        "content": content,
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def _short(text: str, limit: int) -> str:
    line = one_line(text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def caption_metadata(language: str) -> dict[str, Any]:
    """What goes with an SRT file (UNVERIFIED; open-source clients agree on it). `pt-br` is language PT, country BR."""
    tongue, _, country = language.upper().partition("-")
    locale = {"language": tongue, **({"country": country} if country else {})}
    return {"format": "SRT", "source": "USER_PROVIDED", "locale": locale, "transcriptType": "CLOSED_CAPTION"}


# --- reading ---------------------------------------------------------------------------------------------------------


def under(item: Any, *path: str) -> Any:
    """The value at a path of nested objects, or None."""
    for name in path:
        item = item.get(name) if isinstance(item, dict) else None
    return item


def urn(value: Any, pattern: re.Pattern[str]) -> str:
    """A URN, or "". It becomes part of an address, so it must look like one."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def made_at(post_id: str) -> float | None:
    """Seconds since the epoch at which a post's id was given out: shares' and activities' ids begin with the time in
    milliseconds (widely observed, not documented)."""
    number = post_id.rpartition(":")[2]
    return (int(number) >> _SNOWFLAKE_BITS) / 1_000 if number.isdigit() else None


def created_at(element: dict[str, Any]) -> float | None:
    """When a listed post was made, in seconds since the epoch."""
    for name in ("createdAt", "publishedAt"):
        value = element.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value / 1_000
    return made_at(urn(element.get("id"), POST))


def is_ours(element: dict[str, Any], draft: PostDraft, state: dict[str, Any], author: str, limits: Limits) -> bool:
    """Whether a post is the draft's: by the video or a picture of its upload (`state`, see `linkedin_upload`), which
    no other post has; without one by its text, word for word, and the address an article points to."""
    if element.get("author") != author:
        return False
    media, article = under(element, "content", "media", "id"), under(element, "content", "article")
    if state.get("images"):
        several = under(element, "content", "multiImage", "images")
        shown = {media, *(under(one, "id") for one in several)} if isinstance(several, list) else {media}
        return any(image["image"] in shown for image in state["images"])
    if state.get("video"):
        return bool(media == state["video"])
    if state.get("image"):
        return bool(under(article, "thumbnail") == state["image"])
    text = element.get("commentary")
    alike = isinstance(text, str) and _same(visible(text), text_of(draft, limits.commentary))
    if draft.kind is PostKind.ARTICLE:
        return alike and under(article, "source") == draft.link
    return alike and bool(urn(media, VIDEO)) and not draft.pictures


def standing(element: dict[str, Any], draft: PostDraft, limits: Limits) -> Processing:
    """A post as it is read back. `reason` reports a text that LinkedIn cut; the post exists in that case too."""
    state = element.get("lifecycleState")
    if state == "PUBLISH_FAILED":
        return Processing(state=ProcessingState.FAILED, reason="LinkedIn says that publishing it failed")
    if state not in (None, "PUBLISHED"):
        return Processing(state=ProcessingState.PROCESSING, reason=f"LinkedIn calls it {str(state)[:40]}")
    sent, shown = text_of(draft, limits.commentary).strip(), element.get("commentary")
    if not isinstance(shown, str) or _same(seen := visible(shown).strip(), sent):
        return Processing(state=ProcessingState.LIVE)
    if sent.startswith(seen):
        reason = f"LinkedIn cut the text: it shows {len(seen):,} of {len(sent):,} characters"
    else:
        reason = "LinkedIn shows another text than was sent"
    return Processing(state=ProcessingState.LIVE, reason=f"{reason}; edit the post on LinkedIn")


def _same(one: str, other: str) -> bool:
    """Equal but for white space, which LinkedIn tidies up."""
    return one.split() == other.split()
