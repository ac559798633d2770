"""Instagram's nouns: what a reel and a story may be, how we write a container, and how we read its state. No HTTP here.

Limits: docs/platforms/instagram.md#post, #limits. Everything read comes from outside, so each reader takes any JSON and
answers "nothing" where it does not find what it looks for.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from reelwright.domain.errors import PostRejected
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.platforms.instagram import PICTURES
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, PostKind, Processing, ProcessingState

from ..common.http import readable
from ..common.pictures import check_pictures, is_pictures
from ..meta.api import object_id, under
from ..meta.errors import FIELDS, number
from ..meta.text import HASHTAG, MENTION, compose

CAPTION_CHARS, HASHTAGS, MENTIONS = 2_200, 30, 20
MB = 1_000_000


@dataclass(frozen=True)
class Place:
    """What Instagram takes in one place; seconds, bytes and width by height."""

    name: str
    seconds: tuple[float, float]
    most_bytes: int
    aspect: tuple[float, float]


REEL = Place("a reel", (3.0, 900.0), 300 * MB, (0.01, 10.0))
STORY = Place("a story", (3.0, 60.0), 100 * MB, (0.1, 10.0))
WIDEST = 1_920
FPS = (23.0, 60.0)
TYPES = ("video/mp4", "video/quicktime")


@dataclass(frozen=True)
class CommentRules:
    """What a comment may be. From Meta's page on comments as recalled, UNVERIFIED: a setting."""

    chars: int = 300
    hashtags: int = 4


COMMENTS = CommentRules()


def kind_of(draft: PostDraft) -> PostKind:
    """Every video on Instagram is a reel, unless a story is requested."""
    if is_pictures(draft):
        return PostKind.PICTURES
    return PostKind.STORY if draft.kind is PostKind.STORY else PostKind.REEL


def check(draft: PostDraft, video: VideoFacts, rules: CommentRules, pictures: PictureRules = PICTURES) -> PostKind:
    """Raises `PostRejected` naming the first field that Instagram would refuse."""
    if draft.kind is PostKind.ARTICLE:
        raise PostRejected("Instagram has no articles", field="kind", remedy="post it as a reel or a story")
    if draft.privacy != "public":
        raise PostRejected(
            f"{draft.privacy!r} is not possible: what is posted on Instagram is public",
            field="privacy",
            remedy="post it as public, or not to Instagram",
        )
    kind = kind_of(draft)
    if kind is PostKind.PICTURES:
        check_pictures(draft, pictures, "Instagram")
    else:
        _check_video(video, STORY if kind is PostKind.STORY else REEL)
    if kind is PostKind.STORY:
        for field in ("caption", "first_comment"):
            if getattr(draft, field):
                raise PostRejected("a story shows no such text", field=field, remedy="leave it away, or post a reel")
    _check_text(draft.caption, "caption", CAPTION_CHARS, HASHTAGS)
    if (count := len(MENTION.findall(draft.caption))) > MENTIONS:
        raise PostRejected(f"{count} mentions is more than Instagram's {MENTIONS}", field="caption", remedy="use fewer")
    if draft.first_comment and not draft.first_comment.strip():
        raise PostRejected("it is empty", field="first_comment", remedy="write one, or leave it away")
    _check_text(draft.first_comment, "first_comment", rules.chars, rules.hashtags)
    return kind


def _check_text(text: str, field: str, chars: int, hashtags: int) -> None:
    if len(text) > chars:
        raise PostRejected(
            f"{len(text):,} characters is more than Instagram's {chars:,}", field=field, remedy="shorten it"
        )
    if (count := len(HASHTAG.findall(text))) > hashtags:
        raise PostRejected(f"{count} hashtags is more than Instagram's {hashtags}", field=field, remedy="use fewer")


def _check_video(video: VideoFacts, place: Place) -> None:
    def refuse(why: str, remedy: str) -> PostRejected:
        return PostRejected(f"{why} for {place.name} on Instagram", field="video", remedy=remedy)

    if video.media_type not in TYPES:
        raise refuse(f"{video.media_type} is not taken", "render it as MP4")
    if not 0 < video.size <= place.most_bytes:
        raise refuse(f"{video.size:,} bytes is not between 1 and {place.most_bytes // MB} MB", "render it smaller")
    shortest, longest = place.seconds
    if not shortest <= video.duration_s <= longest:
        raise refuse(f"{video.duration_s:g} s is not between {shortest:g} and {longest:g} s", "change its length")
    if video.width < 1 or video.height < 1:
        raise refuse(f"{video.width}x{video.height} is no picture", "render it again")
    if video.width > WIDEST:
        raise refuse(f"{video.width} pixels is wider than {WIDEST}", "render it smaller")
    if not place.aspect[0] <= video.width / video.height <= place.aspect[1]:
        raise refuse(f"{video.width}x{video.height} is too narrow or too wide", "render it as 9:16")
    if not FPS[0] <= video.fps <= FPS[1]:
        raise refuse(f"{video.fps:g} frames a second is not between {FPS[0]:g} and {FPS[1]:g}", "render it with 30")


def caption_of(draft: PostDraft) -> str:
    """The text under the post; a story has none."""
    if kind_of(draft) is PostKind.STORY:
        return ""
    composed = compose(draft, title=True, limit=CAPTION_CHARS, hashtags=HASHTAGS, mentions=MENTIONS)
    return draft.caption or composed


def container(draft: PostDraft, info: AccountInfo) -> dict[str, str]:
    """The form of `POST /{ig-user}/media`. The account's options `share_to_feed` (true or false) and `thumb_offset`
    (ms) are passed on: a cover must be at a public address, and ours are not."""
    form = {"upload_type": "resumable", "media_type": "STORIES" if kind_of(draft) is PostKind.STORY else "REELS"}
    if kind_of(draft) is PostKind.REEL:
        form["caption"] = caption_of(draft)
        form["share_to_feed"] = "false" if info.options.get("share_to_feed", "").lower() == "false" else "true"
        if (offset := info.options.get("thumb_offset", "")).isascii() and offset.isdigit():
            form["thumb_offset"] = offset
    return form | _flags(draft)


def shared_fields(draft: PostDraft) -> dict[str, str]:
    """What the container of a picture post has beside its pictures."""
    return {"caption": caption_of(draft), **_flags(draft)}


def _flags(draft: PostDraft) -> dict[str, str]:
    flags = {"is_ai_generated": draft.synthetic_media, "is_paid_partnership": draft.paid_partnership}
    return {name: "true" for name, is_set in flags.items() if is_set}


# --- reading ---------------------------------------------------------------------------------------------------------

State = Literal["", "IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"]


def state_of(container: dict[str, Any]) -> State:
    """`status_code`; empty where Instagram leaves it so, unless the free text reports an error."""
    code = container.get("status_code")
    if code in ("IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"):
        return code  # type: ignore[no-any-return]
    text = container.get("status")
    return "ERROR" if isinstance(text, str) and text.lower().startswith("error") else ""


def bytes_held(container: dict[str, Any]) -> int | None:
    """`video_status.uploading_phase`, where present: the field is documented for video nodes, with both spellings."""
    phase = under(container, "video_status", "uploading_phase")
    for name in ("bytes_transferred", "bytes_transfered"):
        held = number(under(phase, name))
        if held is not None and held >= 0:
            return held
    return None


def readiness(container: dict[str, Any]) -> Processing:
    """What the container's state means for a post that is still to be made."""
    state, text = state_of(container), container.get("status")
    why = readable(text) if isinstance(text, str) and text else "no reason given"
    match state:
        case "FINISHED" | "PUBLISHED":
            return Processing(state=ProcessingState.LIVE)
        case "ERROR":
            named = re.search(r"\b(2207\d{3})\b", why)
            for_good = bool(named and int(named[1]) in FIELDS)
            return Processing(state=ProcessingState.FAILED, reason=why, again=not for_good)
        case "EXPIRED":
            return Processing(
                state=ProcessingState.FAILED, reason="the container has expired after 24 hours", again=True
            )
    return Processing(state=ProcessingState.PROCESSING, reason=why if text else "")


def same_text(one: str, other: str) -> bool:
    """Whether two captions are the same but for spaces and Unicode's ways of writing the same."""

    def plain(text: str) -> str:
        return " ".join(unicodedata.normalize("NFC", text).split())

    return plain(one) == plain(other)


def instant_of(item: dict[str, Any]) -> datetime | None:
    """`timestamp`, in whichever of ISO 8601's dresses; None when there is no aware one."""
    text = item.get("timestamp")
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo else None


def permalink_of(item: dict[str, Any] | None) -> str:
    """A post's address, or ""."""
    link = (item or {}).get("permalink")
    return link if isinstance(link, str) and re.match(r"https?://[^\s<>\"']+$", link) else ""


def comment_id(item: dict[str, Any], text: str, owner: str) -> str:
    """The id of a comment of ours with this text, or ""."""
    said, by = item.get("text"), under(item, "from", "id")
    ours = by is None or by == owner
    return object_id(item.get("id")) if ours and isinstance(said, str) and same_text(said, text) else ""
