"""X's data: the rules for a post, how it is composed, and how X's answers are parsed. No HTTP here.

Limits: docs/platforms/x.md#upload, #post. Everything read is foreign data, so each parser accepts any JSON and returns
an empty value where the expected one is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostDraft, PostKind, Processing, ProcessingState

from .text import INVALID, fit, weight

ID = r"[0-9]{1,19}"
TEXT_WEIGHT, PREMIUM_WEIGHT = 280, 25_000
SEGMENTS = 1_000
"""`segment_index` is 0 to 999."""
TAGS_SHARE = 3
"""At most a third of a text that we write ourselves is hashtags."""
CLOCKS_DIFFER = timedelta(minutes=5)
"""Posts this much older than our own attempt are looked at too."""
_EPOCH_MS = 1_288_834_974_657
"""Where X's ids begin to count: the upper bits of an id are milliseconds since then."""
_TIMING = re.compile(r"\d{2,}:\d{2}:\d{2}[,.]\d{3}\s+-->\s+\d{2,}:\d{2}:\d{2}[,.]\d{3}")
_SUBTITLES_BYTES = 2 << 20


@dataclass(frozen=True)
class Limits:
    """X's limits of a video. The documentation allows 1280x1024 at most; 1080p is commonly accepted in either
    direction, so that is the default here (`longest` and `shortest` are of the longer and the shorter side, in pixels).
    A Premium account may post longer videos: `premium_s`, whose real limit is not documented for the API."""

    shortest_s: float = 0.5
    longest_s: float = 140.0
    premium_s: float = 140.0
    bytes: int = 512 << 20
    fps: float = 60.0
    smallest: int = 32
    longest: int = 1920
    shortest: int = 1200
    ratio: float = 3.0


def premium(options: Mapping[str, str]) -> bool:
    """Whether an account's option `premium` is set (`true`, `yes`, `1`)."""
    return options.get("premium", "").strip().lower() in ("true", "yes", "1", "on")


# --- checks ----------------------------------------------------------------------------------------------------------


def check_video(video: VideoFacts, limits: Limits, *, is_premium: bool) -> None:
    """Raises `PostRejected` naming what X would refuse about the video."""
    longest_s = max(limits.longest_s, limits.premium_s) if is_premium else limits.longest_s
    if not 0 < video.size <= limits.bytes:
        raise _bad("video", f"{video.size:,} bytes is not between 1 and {limits.bytes:,}", "make it smaller")
    if not limits.shortest_s <= video.duration_s <= longest_s:
        wanted = f"{limits.shortest_s:g} to {longest_s:g} s"
        raise _bad("video", f"X takes {wanted}, this one has {video.duration_s:g} s", "shorten it")
    if video.fps > limits.fps:
        raise _bad("video", f"{video.fps:g} frames per second is more than X's {limits.fps:g}", "render it slower")
    low, high = sorted((video.width, video.height))
    if low < limits.smallest or high > limits.longest or low > limits.shortest:
        within = f"{limits.smallest} to {limits.longest}x{limits.shortest} pixels"
        raise _bad("video", f"X takes {within}, this one has {video.width}x{video.height}", "render another size")
    if high > limits.ratio * low:
        raise _bad("video", f"{video.width}x{video.height} is beyond 1:3 or 3:1", "render another shape")
    if video.media_type not in ("video/mp4", "video/quicktime", "video/webm"):
        raise _bad("video", f"X takes no {video.media_type[:40]}", "render an MP4")


def check_draft(draft: PostDraft, limit: int) -> None:
    """Raises `PostRejected` naming the first field that X would refuse; `limit` in X's weighted characters."""
    if draft.kind not in (PostKind.AUTO, PostKind.VIDEO, PostKind.PICTURES):
        raise _bad("kind", f"X has no place for a {draft.kind.value}", "post it as a video")
    if draft.privacy != "public":
        raise _bad("privacy", f"on X there is nothing {draft.privacy!r}", "post it publicly or not on X")
    if not draft.caption and not draft.title.strip():
        raise _bad("title", "it is empty", "give the video a title")
    texts = [("caption", draft.caption)] if draft.caption else []
    texts += [(f"thread[{number}]", part) for number, part in enumerate(draft.thread)]
    texts += [("first_comment", draft.first_comment)] if draft.first_comment else []
    for field, text in texts:
        _check_text(field, text, limit)
    seen: dict[str, str] = {}
    for field, text in texts:
        if (other := seen.setdefault(" ".join(text.split()), field)) != field:
            raise _bad(field, f"it says the same as {other}, which X refuses", "say something else")


def _check_text(field: str, text: str, limit: int) -> None:
    if not text.strip():
        raise _bad(field, "it is empty", "write something or leave it out")
    if found := set(text) & set(INVALID):
        raise _bad(field, f"X takes no U+{ord(min(found)):04X}", "take it out")
    if (length := weight(text)) > limit:
        why = f"{length:,} characters, as X counts them, is more than {limit:,}"
        raise _bad(field, why, "shorten it (an emoji, a Chinese or a Japanese sign is 2, a link 23)")


def _bad(field: str, why: str, remedy: str) -> PostRejected:
    return PostRejected(why, field=field, remedy=remedy)


# --- writing ---------------------------------------------------------------------------------------------------------


def text_of(draft: PostDraft, limit: int = TEXT_WEIGHT) -> str:
    """The post's text: the given caption word for word, or title, as much of the description as fits, and hashtags."""
    if draft.caption:
        return draft.caption
    clean = str.maketrans("", "", INVALID)
    title, description = draft.title.translate(clean).strip(), draft.description.translate(clean).strip()
    title = fit(title, limit)
    tags = ""
    for tag in dict.fromkeys(map(hashtag, draft.tags)):
        longer = f"{tags} {tag}".strip()
        if tag and weight(longer) <= limit // TAGS_SHARE and weight(f"{title}\n\n{longer}") <= limit:
            tags = longer
    taken = weight("\n\n".join(part for part in (title, tags) if part)) + 2
    body = fit(description, limit - taken) if limit > taken else ""
    text = "\n\n".join(part for part in (title, body, tags) if part)
    # Neighbours can make a link of what was none (and the other way round), so the whole is counted once more.
    return text if weight(text) <= limit else title


def hashtag(tag: str) -> str:
    """`deep sea` is `#DeepSea`; what has no letter is no hashtag."""
    words = re.findall(r"\w+", tag)
    joined = "".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else "".join(words)
    return f"#{joined}" if re.search(r"[^\W\d_]", joined) else ""


def post_body(draft: PostDraft, text: str, media_ids: Sequence[str]) -> dict[str, Any]:
    """The body of POST /2/tweets for the video, or for the pictures in order."""
    media = {"media_ids": list(media_ids)}
    body: dict[str, Any] = {"text": text, "media": media, "made_with_ai": draft.synthetic_media}
    if draft.paid_partnership:
        body["paid_partnership"] = True
    return body


def reply_body(draft: PostDraft, text: str, to: str) -> dict[str, Any]:
    """The body of POST /2/tweets for a reply to a post of one's own."""
    return {"text": text, "reply": {"in_reply_to_tweet_id": to}, "made_with_ai": draft.synthetic_media}


def extras_of(draft: PostDraft) -> tuple[Extra, ...]:
    """The thread, each part a reply to the one before, then the first comment."""
    thread = [
        Extra(
            kind=ExtraKind.REPLY, name=f"reply-{number}", text=text, after=f"reply-{number - 1}" if number > 2 else ""
        )
        for number, text in enumerate(draft.thread, start=2)
    ]
    comment = [Extra(kind=ExtraKind.COMMENT, name="comment", text=draft.first_comment)] if draft.first_comment else []
    return (*thread, *comment)


def subtitle_files(draft: PostDraft) -> list[CaptionFile]:
    """The caption files X can take: one SRT per language."""
    return list(
        {language_code(file.language): file for file in reversed(draft.captions) if file.kind == "srt"}.values()
    )


def language_code(language: str) -> str:
    """`pt-br` is `PT`: X names a language by two capital letters."""
    return language.partition("-")[0].upper()


def language_name(language: str) -> str:
    """For people: `Portuguese`."""
    known = LANGUAGES.get(language.lower())
    return known.name if known else language


def sound_subtitles(data: bytes) -> bool:
    """Whether a file is an SRT one can read: UTF-8, with at least one timing, of a reasonable size."""
    if not 0 < len(data) <= _SUBTITLES_BYTES or b"\0" in data:
        return False
    try:
        return _TIMING.search(data.decode("utf-8-sig")) is not None
    except UnicodeDecodeError:
        return False


# --- reading ---------------------------------------------------------------------------------------------------------


def data_of(body: dict[str, Any] | None) -> dict[str, Any]:
    """The `data` object, or an empty one."""
    data = (body or {}).get("data")
    return data if isinstance(data, dict) else {}


def id_of(item: dict[str, Any]) -> str:
    """An id, or "". It becomes part of an address, so it must look like one."""
    value = item.get("id")
    return value if isinstance(value, str) and re.fullmatch(ID, value) else ""


def media_keys(post: dict[str, Any]) -> list[str]:
    """The keys of the media on a post."""
    attachments = post.get("attachments")
    keys = attachments.get("media_keys") if isinstance(attachments, dict) else None
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def shows(post: dict[str, Any], media_id: str, media_key: str) -> bool:
    """Whether our upload is on the post. A media key is a digit or two, an underscore and the media's id."""
    return any(key == media_key or key.partition("_")[2] == media_id for key in media_keys(post))


def full_text(post: dict[str, Any]) -> str:
    """A post's text; of a long one `text` holds only the beginning."""
    note = post.get("note_tweet") or post.get("note_post")
    text = note.get("text") if isinstance(note, dict) else post.get("text")
    return text if isinstance(text, str) else ""


def made_at(post_id: str) -> datetime:
    """When a post was made, by its id."""
    return datetime.fromtimestamp(((int(post_id) >> 22) + _EPOCH_MS) / 1000, UTC)


def processing_of(data: dict[str, Any]) -> Processing:
    """From `processing_info`; X leaves it out when there is nothing to wait for."""
    info = data.get("processing_info")
    if not isinstance(info, dict):
        return Processing(state=ProcessingState.LIVE)
    state = info.get("state")
    if state == "succeeded":
        return Processing(state=ProcessingState.LIVE)
    if state != "failed":
        return Processing(state=ProcessingState.PROCESSING, reason=state if isinstance(state, str) else "")
    error = info.get("error")
    error = error if isinstance(error, dict) else {}
    name, message = error.get("name"), error.get("message")
    named = name if isinstance(name, str) else ""
    why = ": ".join(part for part in (named, message) if isinstance(part, str) and part)
    # InvalidMedia and UnsupportedMedia are about the file itself; anything else may be X's own trouble.
    hopeless = named in ("InvalidMedia", "UnsupportedMedia", "InvalidContent")
    return Processing(state=ProcessingState.FAILED, reason=why or "no reason given", again=not hopeless)


def check_id(post_id: str) -> None:
    """Raises `PostRejected` for what is no post's id, before it becomes part of an address."""
    if not re.fullmatch(ID, post_id):
        raise PostRejected(f"{post_id[:40]!r} is not a post's id on X", field="post_id")
