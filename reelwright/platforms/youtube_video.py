"""YouTube's nouns: what a video may say, how we write it, and how we read it back. No HTTP here.

Limits: platform_apis.md 1.5. Everything read comes from outside, so each reader takes any JSON and answers "nothing"
where it does not find what it looks for.
"""

from __future__ import annotations

import re
from typing import Any

from reelwright.domain.errors import PostRejected
from reelwright.domain.posting import PostDraft, Processing, ProcessingState

ID = r"[A-Za-z0-9_-]{1,64}"
TITLE_CHARS = 100
DESCRIPTION_BYTES = 5_000
TAGS_CHARS = 500
MAX_BYTES = 274_877_906_944
"""256 GiB (`maxSize` of videos.insert in the discovery document)."""
MAX_S = 12 * 3_600.0
"""YouTube's product limit for a verified account."""
EDUCATION = "27"
PRIVACY = ("public", "unlisted", "private")
_MANY_IDS = 50


def check(draft: PostDraft, *, width: int, height: int, duration_s: float, size: int) -> None:
    """Raises `PostRejected` naming the first field that YouTube would refuse."""
    if not draft.title.strip():
        raise PostRejected("it is empty", field="title", remedy="give the video a title")
    if len(draft.title) > TITLE_CHARS:
        raise PostRejected(
            f"{len(draft.title)} characters is more than YouTube's {TITLE_CHARS}", field="title", remedy="shorten it"
        )
    if (length := len(draft.description.encode("utf-8", "replace"))) > DESCRIPTION_BYTES:
        raise PostRejected(
            f"{length:,} bytes is more than YouTube's {DESCRIPTION_BYTES:,}", field="description", remedy="shorten it"
        )
    texts = (("title", draft.title), ("description", draft.description), ("tags", "".join(draft.tags)))
    for field, text in texts:
        if "<" in text or ">" in text:
            raise PostRejected("YouTube takes no < and no >", field=field, remedy="write it without them")
    if (length := tags_length(_tags(draft))) > TAGS_CHARS:
        raise PostRejected(
            f"{length} characters in all, with the marker, is more than YouTube's {TAGS_CHARS}",
            field="tags",
            remedy="use fewer or shorter ones",
        )
    if draft.privacy not in PRIVACY:
        raise PostRejected(f"{draft.privacy!r} is none of {', '.join(PRIVACY)}", field="privacy")
    if not 0 < size <= MAX_BYTES:
        raise PostRejected(f"{size:,} bytes is not between 1 and 256 GiB", field="video", remedy="render it again")
    if not 0 < duration_s <= MAX_S:
        raise PostRejected(f"{duration_s:g} s is not between 0 and 12 hours", field="video", remedy="split it up")
    if width < 1 or height < 1:
        raise PostRejected(f"{width}x{height} is no picture", field="video", remedy="render it again")


def tags_length(tags: list[str]) -> int:
    """As YouTube counts: a tag with a space stands in quotes, and commas stand between."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def _tags(draft: PostDraft) -> list[str]:
    """The draft's tags and its marker, each once."""
    given = [tag.strip() for tag in draft.tags if tag.strip()]
    return list(dict.fromkeys([*given, draft.marker]))


def metadata(draft: PostDraft) -> dict[str, Any]:
    """The body of videos.insert, parts `snippet` and `status`. The marker is a tag: the owner can read tags back."""
    language = _bcp47(draft.language)
    return {
        "snippet": {
            "title": draft.title,
            "description": draft.description,
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
    }


def _bcp47(code: str) -> str:
    """`pt-br` is `pt-BR`."""
    language, _, region = code.partition("-")
    return f"{language.lower()}-{region.upper()}" if region else language.lower()


# --- reading ---------------------------------------------------------------------------------------------------------


def id_of(resource: dict[str, Any] | None) -> str:
    """A video resource's id, or "". It becomes part of an address, so it must look like one."""
    value = (resource or {}).get("id")
    return value if isinstance(value, str) and re.fullmatch(ID, value) else ""


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


def processing_of(item: dict[str, Any]) -> Processing:
    """From `status` and `processingDetails` (1.3)."""
    status = _under(item, "status", "uploadStatus")
    if status == "processed":
        return Processing(state=ProcessingState.LIVE)
    if status in ("failed", "rejected", "deleted"):
        reason = _under(item, "status", "failureReason") or _under(item, "status", "rejectionReason")
        why = f"{status}: {reason}" if isinstance(reason, str) else str(status)
        return Processing(state=ProcessingState.FAILED, reason=why)
    if _under(item, "processingDetails", "processingStatus") in ("failed", "terminated"):
        reason = _under(item, "processingDetails", "processingFailureReason")
        return Processing(state=ProcessingState.FAILED, reason=f"processing failed: {reason or 'no reason given'}")
    return Processing(state=ProcessingState.PROCESSING)
