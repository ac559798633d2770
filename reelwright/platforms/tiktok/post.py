"""TikTok's data: the rules for a post, how a file is cut into chunks, and the parsing of answers. No HTTP here.

Sources: docs/platforms/tiktok.md#calls (fields), #upload (chunks), #processing (status), #limits (media). Everything
read is foreign data, so each parser accepts any JSON and returns an empty value where the expected one is missing.

Privacy: `public` is PUBLIC_TO_EVERYONE and `private` is SELF_ONLY. TikTok has no `unlisted`; since a post is never
shown to more people than was requested, it is SELF_ONLY too, and the creator can make it public in the app. The
account's option `unlisted` selects another level (FOLLOWER_OF_CREATOR, MUTUAL_FOLLOW_FRIENDS).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import regex

from reelwright.domain.errors import PostRejected
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind

MIN_CHUNK, MAX_CHUNK, MAX_LAST_CHUNK = 5_000_000, 64_000_000, 128_000_000
"""Bytes. TikTok writes MB and counts in millions; these fit both readings of the word."""
TITLE_UNITS = 2_200
"""UTF-16 units of the caption, which TikTok calls the title."""
MAX_BYTES = 4_000_000_000
MAX_S = 600.0
SIDES = (360, 4_096)
RATES = (23.0, 60.0)
MEDIA_TYPES = ("video/mp4", "video/quicktime", "video/webm")
PUBLIC, ONLY_ME = "PUBLIC_TO_EVERYONE", "SELF_ONLY"
LEVELS = (PUBLIC, "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", ONLY_ME)
LISTED_UNITS = 150
"""video/list shows no more of a caption than this (TikTok's Video Object page)."""
PUBLISH_ID = re.compile(r"(?=.*\D)[A-Za-z0-9_~.-]{1,64}")
POST_ID = re.compile(r"\d{1,20}")
_NO_HASHTAG = regex.compile(r"[^\p{L}\p{M}\p{N}_]+")
_CONTENT_RANGE = re.compile(r"bytes[ =]0-(\d{1,15})/(?:\d{1,15}|\*)")


# --- writing ---------------------------------------------------------------------------------------------------------


def units(text: str) -> int:
    """UTF-16 code units, as TikTok counts: an emoji is two or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def caption(draft: PostDraft) -> str:
    """The draft's own caption word for word, or title, description and hashtags cut to fit."""
    if draft.caption:
        return draft.caption
    hashtags = ""
    for tag in dict.fromkeys(_NO_HASHTAG.sub("", tag) for tag in draft.tags):
        longer = f"{hashtags} #{tag}".strip()
        if tag and units(longer) <= TITLE_UNITS // 2:
            hashtags = longer
    room = TITLE_UNITS - units(hashtags) - 2
    body = _cut("\n\n".join(part for part in (draft.title.strip(), draft.description.strip()) if part), room)
    return "\n\n".join(part for part in (body, hashtags) if part)


def _cut(text: str, room: int) -> str:
    """At most `room` units, ended at a word and with an ellipsis if anything is left out."""
    if units(text) <= room:
        return text
    kept = text
    while units(kept) > room - 1:
        kept = kept[: len(kept) - max(1, (units(kept) - room) // 2)]
    at_word = kept if text[len(kept)].isspace() else kept.rpartition(" ")[0]
    return (at_word or kept).rstrip() + "…"


def check(draft: PostDraft, video: VideoFacts) -> None:
    """Raises `PostRejected` naming the first field that TikTok would refuse for every creator."""
    if draft.kind not in (PostKind.AUTO, PostKind.VIDEO, PostKind.REEL):
        raise PostRejected(f"TikTok has no {draft.kind.value}", field="kind", remedy="post it as a video")
    if (length := units(caption(draft))) > TITLE_UNITS:
        raise PostRejected(
            f"{length:,} UTF-16 units is more than TikTok's {TITLE_UNITS:,}", field="caption", remedy="shorten it"
        )
    if draft.privacy not in ("public", "unlisted", "private"):
        raise PostRejected(f"{draft.privacy!r} is none of public, unlisted, private", field="privacy")
    if draft.privacy == "private" and draft.paid_partnership:
        raise paid_and_private()
    if video.media_type not in MEDIA_TYPES:
        raise PostRejected(f"TikTok takes no {video.media_type[:40]}", field="video", remedy="make it an MP4")
    if not 0 < video.size <= MAX_BYTES:
        raise PostRejected(f"{video.size:,} bytes is not between 1 and 4 GB", field="video", remedy="render it again")
    if not 0 < video.duration_s <= MAX_S:
        raise PostRejected(
            f"{video.duration_s:g} s is not between 0 and 10 minutes", field="video", remedy="shorten it"
        )
    if not (SIDES[0] <= video.width <= SIDES[1] and SIDES[0] <= video.height <= SIDES[1]):
        raise PostRejected(
            f"{video.width}x{video.height}: each side must have 360 to 4096 pixels", field="video", remedy="scale it"
        )
    if not RATES[0] <= video.fps <= RATES[1]:
        raise PostRejected(f"{video.fps:g} frames per second is not 23 to 60", field="video", remedy="render it at 30")


def paid_and_private() -> PostRejected:
    """TikTok's rule (docs/platforms/tiktok.md#policy) that branded content must not be private."""
    return PostRejected(
        "TikTok takes no paid partnership that only the creator can see",
        field="paid_partnership",
        remedy="post it publicly",
    )


def level_of(draft: PostDraft, options: Mapping[str, str]) -> str:
    """The privacy level to ask for. Raises `PostRejected` for an account option that is none."""
    level = {"public": PUBLIC, "private": ONLY_ME}.get(draft.privacy) or options.get("unlisted", ONLY_ME)
    if level not in LEVELS:
        raise PostRejected(f"the account's option is none of {', '.join(LEVELS)}", field="unlisted", remedy="change it")
    return level


def post_info(draft: PostDraft, level: str, creator: Creator, options: Mapping[str, str]) -> dict[str, Any]:
    """`post_info` of a direct post. What the creator has switched off stays off."""
    off = {name: options.get(f"disable_{name}") == "true" for name in ("comment", "duet", "stitch")}
    return {
        "title": caption(draft),
        "privacy_level": level,
        "disable_comment": creator.comment_disabled or off["comment"],
        "disable_duet": creator.duet_disabled or off["duet"],
        "disable_stitch": creator.stitch_disabled or off["stitch"],
        "brand_content_toggle": draft.paid_partnership,
        "brand_organic_toggle": False,
        "is_aigc": draft.synthetic_media,
    }


# --- chunks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chunks:
    """How a file of `total` bytes is cut: `count` chunks of `size`, of which the last takes the remainder too."""

    total: int
    size: int
    count: int

    @property
    def last_start(self) -> int:
        """Where the last chunk begins."""
        return (self.count - 1) * self.size

    def end_of(self, offset: int) -> int:
        """The end (exclusive) of the chunk that holds byte `offset`."""
        number = offset // self.size + 1
        return self.total if number >= self.count else number * self.size

    def is_boundary(self, offset: int) -> bool:
        """Whether a chunk ends there."""
        return offset in (0, self.total) or (offset % self.size == 0 and offset <= self.last_start)

    def source_info(self) -> dict[str, Any]:
        """The chunk fields of the init request."""
        return {
            "source": "FILE_UPLOAD",
            "video_size": self.total,
            "chunk_size": self.size,
            "total_chunk_count": self.count,
        }


def chunks(total: int, size: int) -> Chunks:
    """TikTok's rule (docs/platforms/tiktok.md#upload): as many whole chunks as fit, at least one. A file of one chunk
    is declared with its own size as chunk size, so that count and size agree in every check; it has at most 64 MB."""
    count = max(1, total // size)
    return Chunks(total, total if count == 1 and total <= MAX_CHUNK else size, count)


def acknowledged(content_range: str, cut: Chunks, expected: int) -> int | None:
    """The bytes TikTok holds by a reply's `Content-Range: bytes 0-{UPLOADED_BYTES}/{TOTAL}`, or None.

    Whether it names the last byte or the count is not documented: the offset to be reached (`expected`) and the ends of
    chunks decide, and otherwise it is the last byte, as in HTTP."""
    match = _CONTENT_RANGE.fullmatch(content_range.strip())
    if not match:
        return None
    named = int(match[1])
    for reading in (named + 1, named):
        if reading == expected:
            return reading
    for reading in (named + 1, named):
        if reading and cut.is_boundary(reading):
            return reading
    return min(named + 1, cut.total) if named else 0


# --- reading ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Creator:
    """The fields of creator_info. `max_s` is None when it is missing."""

    username: str
    levels: tuple[str, ...]
    max_s: float | None
    comment_disabled: bool
    duet_disabled: bool
    stitch_disabled: bool


def creator_of(data: dict[str, Any]) -> Creator:
    """From creator_info's `data`."""
    levels, longest = data.get("privacy_level_options"), data.get("max_video_post_duration_sec")
    known = isinstance(longest, int | float) and not isinstance(longest, bool) and longest > 0
    return Creator(
        username=username_of(data.get("creator_username")),
        levels=tuple(level for level in levels if isinstance(level, str)) if isinstance(levels, list) else (),
        max_s=float(longest) if known else None,  # type: ignore[arg-type]
        comment_disabled=data.get("comment_disabled") is True,
        duet_disabled=data.get("duet_disabled") is True,
        stitch_disabled=data.get("stitch_disabled") is True,
    )


def username_of(value: object) -> str:
    """A user name fit for an address, or ""."""
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.]{1,64}", value) else ""


@dataclass(frozen=True)
class Standing:
    """The fields of status/fetch for a publish_id. `uploaded`, in bytes, is None when it is missing."""

    status: str
    fail_reason: str = ""
    uploaded: int | None = None
    post_id: str = ""

    @property
    def failed(self) -> bool:
        """Nothing was posted by this publish_id, and nothing will be."""
        return self.status == "FAILED"

    @property
    def complete(self) -> bool:
        """Posted, or laid into the creator's inbox."""
        return self.status in ("PUBLISH_COMPLETE", "SEND_TO_USER_INBOX")

    def taken(self, total: int) -> bool:
        """Every byte was accepted: from here on TikTok posts it by itself."""
        return self.complete or (not self.failed and self.uploaded is not None and self.uploaded >= total)


def standing_of(data: dict[str, Any]) -> Standing:
    """From status/fetch's `data`; the id's name is spelled as TikTok spells it."""
    status, reason, uploaded = data.get("status"), data.get("fail_reason"), data.get("uploaded_bytes")
    ids = data.get("publicaly_available_post_id", data.get("publicly_available_post_id"))
    found = [str(value) for value in ids if POST_ID.fullmatch(str(value))] if isinstance(ids, list) else []
    return Standing(
        status=status if isinstance(status, str) else "",
        fail_reason=reason if isinstance(reason, str) else "",
        uploaded=uploaded if isinstance(uploaded, int) and not isinstance(uploaded, bool) and uploaded >= 0 else None,
        post_id=found[0] if found else "",
    )


@dataclass(frozen=True)
class Listed:
    """One of the account's own public videos."""

    post_id: str
    created: datetime
    text: str
    duration_s: float | None


def listed_of(data: dict[str, Any]) -> list[Listed]:
    """From video/list's and video/query's `data`; what is not a video is passed over."""
    videos = data.get("videos")
    found = []
    for item in videos if isinstance(videos, list) else []:
        if not isinstance(item, dict) or not POST_ID.fullmatch(str(item.get("id"))):
            continue
        created, duration, text = item.get("create_time"), item.get("duration"), item.get("video_description")
        if not isinstance(created, int) or not 0 <= created < 2**35:
            continue
        text = text if isinstance(text, str) and text else item.get("title")
        found.append(
            Listed(
                post_id=str(item["id"]),
                created=datetime.fromtimestamp(created, UTC),
                text=text if isinstance(text, str) else "",
                duration_s=float(duration) if isinstance(duration, int | float) else None,
            )
        )
    return found


def same_post(listed: Listed, text: str, duration_s: float | None) -> bool:
    """Whether a listed video may be the one with this caption and length. The list cuts captions short."""
    if duration_s and listed.duration_s and abs(listed.duration_s - duration_s) > 1.5:
        return False
    told, wanted = " ".join(listed.text.split()), " ".join(text.split())
    return told == wanted or (
        units(listed.text) >= LISTED_UNITS - 10 and bool(told) and wanted.startswith(told.rstrip("…."))
    )
