"""YouTube's data: the rules for a video, how it is composed, and how it is parsed. No HTTP here.

Limits: docs/platforms/youtube.md#limits. Everything read is foreign data, so each parser accepts any JSON and returns
an empty value where the expected one is missing.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from reelwright.domain.errors import PostRejected
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import PostDraft, PostKind, Processing, ProcessingState

from ..common.http import readable

ID = r"[A-Za-z0-9_-]{1,64}"
TITLE_CHARS = 100
DESCRIPTION_BYTES = 5_000
TAGS_CHARS = 500
MAX_BYTES = 274_877_906_944
"""256 GiB (`maxSize` of videos.insert in the discovery document)."""
MAX_S = 12 * 3_600.0
"""YouTube's product limit for a verified account."""
SHORT_S = 180.0
"""Shorts are at most 3 minutes long (docs/platforms/youtube.md#limits)."""
THUMBNAIL_BYTES, CAPTION_BYTES = 52_428_800, 104_857_600
"""`maxSize` of thumbnails.set and captions.insert (docs/platforms/youtube.md#calls)."""
THUMBNAIL_TYPES = ("image/jpeg", "image/png")
COMMENT_CHARS = 10_000
"""What the comment box takes; the API's own limit is not documented."""
EDUCATION = "27"
PRIVACY = ("public", "unlisted", "private")
_MANY_IDS = 50


def check(draft: PostDraft, video: VideoFacts) -> PostKind:
    """What the video will be: a Short (`REEL`) or a video. Raises `PostRejected` naming the first field that YouTube
    would refuse."""
    _check_texts(draft)
    _check_files(draft)
    if draft.privacy not in PRIVACY:
        raise PostRejected(f"{draft.privacy!r} is none of {', '.join(PRIVACY)}", field="privacy")
    if not 0 < video.size <= MAX_BYTES:
        raise PostRejected(
            f"{video.size:,} bytes is not between 1 and 256 GiB", field="video", remedy="render it again"
        )
    if not 0 < video.duration_s <= MAX_S:
        raise PostRejected(f"{video.duration_s:g} s is not between 0 and 12 hours", field="video", remedy="split it up")
    if video.width < 1 or video.height < 1:
        raise PostRejected(f"{video.width}x{video.height} is no picture", field="video", remedy="render it again")
    return _kind(draft, video)


def _check_texts(draft: PostDraft) -> None:
    if not draft.title.strip():
        raise PostRejected("it is empty", field="title", remedy="give the video a title")
    if len(draft.title) > TITLE_CHARS:
        raise PostRejected(
            f"{len(draft.title)} characters is more than YouTube's {TITLE_CHARS}", field="title", remedy="shorten it"
        )
    below = "caption" if draft.caption else "description"
    if (length := len(description(draft).encode("utf-8", "replace"))) > DESCRIPTION_BYTES:
        raise PostRejected(
            f"{length:,} bytes is more than YouTube's {DESCRIPTION_BYTES:,}", field=below, remedy="shorten it"
        )
    texts = (("title", draft.title), (below, description(draft)), ("tags", "".join(draft.tags)))
    for field, text in texts:
        if "<" in text or ">" in text:
            raise PostRejected("YouTube takes no < and no >", field=field, remedy="write it without them")
    if (length := tags_length(_tags(draft))) > TAGS_CHARS:
        raise PostRejected(
            f"{length} characters in all, with the marker, is more than YouTube's {TAGS_CHARS}",
            field="tags",
            remedy="use fewer or shorter ones",
        )
    if len(draft.first_comment) > COMMENT_CHARS:
        raise PostRejected(
            f"{len(draft.first_comment):,} characters is more than YouTube's {COMMENT_CHARS:,}",
            field="first_comment",
            remedy="shorten it",
        )
    if draft.first_comment and draft.made_for_kids:
        raise PostRejected(
            "videos made for kids have no comments", field="first_comment", remedy="leave the comment out"
        )


def _check_files(draft: PostDraft) -> None:
    if (picture := draft.thumbnail) and not 0 < picture.size <= THUMBNAIL_BYTES:
        raise PostRejected(
            f"{picture.size:,} bytes is not between 1 and 50 MiB", field="thumbnail", remedy="give a smaller picture"
        )
    if picture and picture.media_type not in THUMBNAIL_TYPES:
        raise PostRejected(
            f"{picture.media_type} is not a picture YouTube takes", field="thumbnail", remedy="give a JPEG or a PNG"
        )
    for track in draft.captions:
        if not 0 < track.file.size <= CAPTION_BYTES:
            raise PostRejected(
                f"{track.file.size:,} bytes ({track.language}) is not between 1 and 100 MiB",
                field="captions",
                remedy="write them anew or leave them out",
            )


def _kind(draft: PostDraft, video: VideoFacts) -> PostKind:
    """There is no field for Shorts: YouTube makes one of every upload that is upright or square, and short enough."""
    short = video.height >= video.width and video.duration_s <= SHORT_S
    match draft.kind:
        case PostKind.AUTO:
            return PostKind.REEL if short else PostKind.VIDEO
        case PostKind.VIDEO:
            return PostKind.VIDEO
        case PostKind.REEL if short:
            return PostKind.REEL
        case PostKind.REEL:
            raise PostRejected(
                f"{video.width}x{video.height} and {video.duration_s:g} s is no Short",
                field="kind",
                remedy="render it upright or square and at most 3 minutes long, or post it as a video",
            )
    raise PostRejected(f"YouTube has no place for a {draft.kind.value}", field="kind", remedy="post it as a video")


def tags_length(tags: list[str]) -> int:
    """As YouTube counts: a tag with a space stands in quotes, and commas stand between."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def _tags(draft: PostDraft) -> list[str]:
    """The draft's tags and its marker, each once."""
    given = [tag.strip() for tag in draft.tags if tag.strip()]
    return list(dict.fromkeys([*given, draft.marker]))


def description(draft: PostDraft) -> str:
    """What stands below the video: the text that is meant for exactly this platform, if there is one."""
    return draft.caption or draft.description


def metadata(draft: PostDraft) -> dict[str, Any]:
    """The body of videos.insert; its keys are the parts. The marker is a tag: the owner can read tags back."""
    language = bcp47(draft.language)
    paid = {"paidProductPlacementDetails": {"hasPaidProductPlacement": True}} if draft.paid_partnership else {}
    return {
        "snippet": {
            "title": draft.title,
            "description": description(draft),
            "tags": _tags(draft),
            "categoryId": EDUCATION,
            "defaultLanguage": language,
            "defaultAudioLanguage": language,
        },
        "status": {
            "privacyStatus": draft.privacy,
            "selfDeclaredMadeForKids": draft.made_for_kids,
            "containsSyntheticMedia": draft.synthetic_media,
            "license": "youtube",
            "embeddable": True,
        },
        **paid,
    }


def bcp47(code: str) -> str:
    """`pt-br` is `pt-BR`."""
    language, _, region = code.partition("-")
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


def multipart(told: dict[str, Any], data: bytes, kind: str, boundary: str) -> tuple[str, bytes]:
    """`multipart/related` of JSON and a file, as Google's simple uploads require: the content type, and the body. The
    boundary must not occur in the data, so it is a long random one."""
    head = f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(told)}\r\n"
    middle = f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n"
    body = head.encode() + middle.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/related; boundary={boundary}", body


# --- reading ---------------------------------------------------------------------------------------------------------


def id_of(resource: dict[str, Any] | None) -> str:
    """A video resource's id, or "". It becomes part of an address, so it must look like one."""
    value = (resource or {}).get("id")
    return value if isinstance(value, str) and re.fullmatch(ID, value) else ""


def checked_id(post_id: str) -> str:
    """An id that came from a database or a person and goes into a request."""
    if not re.fullmatch(ID, post_id):
        raise PostRejected(f"{post_id[:40]!r} is not a video's id", field="post_id")
    return post_id


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a list answer that are objects."""
    items = answer.get("items")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _under(item: dict[str, Any], *path: str) -> Any:
    value: Any = item
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def tags_of(item: dict[str, Any]) -> list[str]:
    """A video's tags; YouTube leaves the field out when there are none."""
    tags = _under(item, "snippet", "tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def uploads_playlist(channels: dict[str, Any]) -> str:
    """The uploads playlist of the first channel, or ""."""
    for item in items_of(channels):
        value = _under(item, "contentDetails", "relatedPlaylists", "uploads")
        if isinstance(value, str) and re.fullmatch(ID, value):
            return value
    return ""


def listed_ids(page: dict[str, Any]) -> list[str]:
    """The video ids on a page of a playlist, at most 50."""
    ids = [_under(item, "contentDetails", "videoId") for item in items_of(page)]
    return [value for value in ids if isinstance(value, str) and re.fullmatch(ID, value)][:_MANY_IDS]


def published_at(item: dict[str, Any]) -> datetime | None:
    """When a listed video was uploaded."""
    try:
        at = datetime.fromisoformat(str(_under(item, "snippet", "publishedAt")))
    except ValueError:
        return None
    return at if at.tzinfo else None


def has_thumbnail(item: dict[str, Any]) -> bool:
    """Whether a video has a thumbnail of its owner's."""
    return _under(item, "contentDetails", "hasCustomThumbnail") is True


def thing_id(item: dict[str, Any]) -> str:
    """The id of a caption track or a comment, or "". It never becomes part of an address."""
    value = item.get("id")
    return value[:200] if isinstance(value, str) else ""


def track_of(answer: dict[str, Any], language: str) -> str:
    """The id of the nameless track of a language that was uploaded, or ""."""
    for item in items_of(answer):
        snippet = item.get("snippet")
        told = snippet if isinstance(snippet, dict) else {}
        own = str(told.get("trackKind")).lower() != "asr" and not told.get("name")
        if own and str(told.get("language")).lower() == language.lower():
            return thing_id(item)
    return ""


def comment_of(answer: dict[str, Any], text: str) -> str:
    """The id of the thread whose first comment is exactly this text. `textOriginal` is returned to its author alone, so
    another author's comment is never matched."""
    for item in items_of(answer):
        if _under(item, "snippet", "topLevelComment", "snippet", "textOriginal") == text:
            return thing_id(item)
    return ""


_WHY = {
    "duplicate": "the channel has this very video already",
    "copyright": "its sound or pictures are somebody else's",
    "claim": "somebody claims it as theirs",
    "trademark": "it uses somebody's trademark",
    "length": "it is longer than the channel may upload",
    "inappropriate": "it is against the community guidelines",
    "termsOfUse": "it is against the terms of service",
    "codec": "YouTube does not know its codec",
    "conversion": "YouTube could not convert it",
    "invalidFile": "YouTube does not know the file's format",
    "emptyFile": "the file is empty",
    "tooSmall": "the file is too small",
    "uploadAborted": "the upload was broken off",
}


def processing_of(item: dict[str, Any]) -> Processing:
    """From `status` and `processingDetails` (docs/platforms/youtube.md#processing). A video that has failed is on the
    channel all the same, so it is for a person to delete it before it is posted again."""
    status = _under(item, "status", "uploadStatus")
    if status == "processed":
        return Processing(state=ProcessingState.LIVE)
    if status in ("failed", "rejected", "deleted"):
        reason = _under(item, "status", "failureReason") or _under(item, "status", "rejectionReason")
        told = f"{status}: {reason}" if isinstance(reason, str) else str(status)
        words = f"{told} ({_WHY[reason]})" if isinstance(reason, str) and reason in _WHY else told
        return Processing(state=ProcessingState.FAILED, reason=readable(words))
    if _under(item, "processingDetails", "processingStatus") in ("failed", "terminated"):
        reason = _under(item, "processingDetails", "processingFailureReason")
        why = readable(f"processing failed: {reason or 'no reason given'}")
        return Processing(state=ProcessingState.FAILED, reason=why)
    return Processing(state=ProcessingState.PROCESSING)
