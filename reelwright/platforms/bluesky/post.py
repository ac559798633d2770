"""Bluesky's data: the rules for a post, its record and record key, and the parsing of responses. No HTTP here.

Limits and shapes: docs/platforms/bluesky.md#post, #video. Everything read is foreign data, so each parser accepts any
JSON and returns an empty value where the expected one is missing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import gcd
from typing import Any

from reelwright.domain.content.video import CaptionFile
from reelwright.domain.errors import PostRejected
from reelwright.domain.ports.publishing import VideoFacts
from reelwright.domain.publishing.posting import Extra, ExtraKind, PostDraft, PostKind, Processing, ProcessingState

from .text import BYTES, GRAPHEMES, clean, facets_of, fit, fits, graphemes

COLLECTION = "app.bsky.feed.post"
DID = r"did:[a-z]{2,20}:[A-Za-z0-9._:%-]{1,256}"
RKEY = r"[2-7a-j][2-7a-z]{12}"
TAGS_SHARE = 3
"""At most a third of a text that we write ourselves is hashtags."""
AI_NOTE = "Made with AI."
"""Bluesky has no field and no label for this, so a composed text contains it."""
AI_TAG = "AIGenerated"
"""A tag of the record, which is not part of the text: for captions, which are posted word for word."""
ALT_CHARS = 2_000
CAPTIONS, CAPTION_BYTES = 20, 20_000
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_FIRST_US, _SPAN_US = 1_672_531_200_000_000, 94_608_000_000_000
"""2023-01-01, and three years: where the keys of our posts lie. In the past, so that no clock finds them too new."""


@dataclass(frozen=True)
class Limits:
    """What Bluesky's video service takes of a video (docs/platforms/bluesky.md#video); the app's own numbers."""

    longest_s: float = 600.0
    bytes: int = 300_000_000


# --- keys ------------------------------------------------------------------------------------------------------------


def tid(microseconds: int, clock: int) -> str:
    """A timestamp identifier (AT Protocol, "TID"): 53 bits of microseconds since the epoch, 10 bits of a clock's id,
    13 characters that sort as the numbers do."""
    number = (microseconds & (1 << 53) - 1) << 10 | clock & 1023
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def rkey_of(marker: str, part: str = "") -> str:
    """The record key of a post, or of a reply to it (`part`): computed from the post's key alone, in the format of a
    timestamp identifier, which Bluesky requires."""
    digest = hashlib.sha256(f"{marker}/{part}".encode()).digest()
    return tid(_FIRST_US + int.from_bytes(digest[:8]) % _SPAN_US, int.from_bytes(digest[8:10]))


def uri_of(did: str, rkey: str) -> str:
    """A record's address within the protocol."""
    return f"at://{did}/{COLLECTION}/{rkey}"


# --- checks ----------------------------------------------------------------------------------------------------------


def check_video(video: VideoFacts, limits: Limits) -> None:
    """Raises `PostRejected` naming what Bluesky would refuse about the video."""
    if not 0 < video.size <= limits.bytes:
        raise _bad("video", f"{video.size:,} bytes is not between 1 and {limits.bytes:,}", "make it smaller")
    if not 0 < video.duration_s <= limits.longest_s:
        why = f"Bluesky takes up to {limits.longest_s:g} s, this one has {video.duration_s:g} s"
        raise _bad("video", why, "shorten it")
    if video.media_type != "video/mp4":
        raise _bad("video", f"{video.media_type[:40]} is not posted here", "render an MP4")


def check_draft(draft: PostDraft) -> None:
    """Raises `PostRejected` naming the first field that Bluesky would refuse."""
    if draft.kind not in (PostKind.AUTO, PostKind.VIDEO):
        raise _bad("kind", f"Bluesky has no place for a {draft.kind.value}", "post it as a video")
    if draft.privacy != "public":
        raise _bad("privacy", f"on Bluesky there is nothing {draft.privacy!r}", "post it publicly or not on Bluesky")
    if not draft.caption and not draft.title.strip():
        raise _bad("title", "it is empty", "give the video a title")
    texts = [("caption", draft.caption)] if draft.caption else []
    texts += [(f"thread[{number}]", part) for number, part in enumerate(draft.thread)]
    texts += [("first_comment", draft.first_comment)] if draft.first_comment else []
    for field, text in texts:
        _check_text(field, clean(text))


def _check_text(field: str, text: str) -> None:
    if not text:
        raise _bad(field, "it is empty", "write something or leave it out")
    if not fits(text):
        length = f"{graphemes(text):,} characters and {len(text.encode()):,} bytes"
        raise _bad(field, f"{length} are more than {GRAPHEMES:,} or {BYTES:,}", "shorten it")


def _bad(field: str, why: str, remedy: str) -> PostRejected:
    return PostRejected(why, field=field, remedy=remedy)


# --- writing ---------------------------------------------------------------------------------------------------------


def text_of(draft: PostDraft) -> str:
    """The post's text: the given caption word for word, or title, as much of the description as fits, that it is made
    with AI, and hashtags."""
    if draft.caption:
        return clean(draft.caption)
    note = AI_NOTE if draft.synthetic_media else ""
    title = fit(clean(draft.title), GRAPHEMES - graphemes(note) - 2)
    tags = ""
    for tag in dict.fromkeys(map(hashtag, draft.tags)):
        longer = f"{tags} {tag}".strip()
        if tag and graphemes(longer) <= GRAPHEMES // TAGS_SHARE and fits(_joined(title, note, longer)):
            tags = longer
    room = GRAPHEMES - graphemes(_joined(title, note, tags)) - 2
    text = _joined(title, fit(clean(draft.description), room), note, tags)
    return text if fits(text) else _joined(title, note)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def hashtag(tag: str) -> str:
    """`deep sea` is `#DeepSea`; what has no letter is no hashtag."""
    words = re.findall(r"\w+", clean(tag))
    joined = "".join(word[:1].upper() + word[1:] for word in words) if len(words) > 1 else "".join(words)
    return f"#{joined}" if re.search(r"[^\W\d_]", joined) else ""


def stamp(when: datetime) -> str:
    """An instant the way records hold it."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def post_record(
    draft: PostDraft,
    text: str,
    dids: Mapping[str, str],
    *,
    created: datetime,
    video: Mapping[str, Any],
    captions: Mapping[str, Any],
    size: tuple[int, int],
) -> dict[str, Any]:
    """The record of the video's post. `video` and `captions` (by language) are blobs, `size` is in pixels."""
    width, height = size
    divisor = gcd(width, height) or 1
    embed: dict[str, Any] = {
        "$type": "app.bsky.embed.video",
        "video": dict(video),
        "alt": alt_of(draft),
        "aspectRatio": {"width": width // divisor, "height": height // divisor},
    }
    if captions:
        embed["captions"] = [{"lang": language, "file": blob} for language, blob in captions.items()]
    record = {**_plain(draft, text, dids, created), "embed": embed}
    if draft.synthetic_media:
        record["tags"] = [AI_TAG]
    return record


def reply_record(
    draft: PostDraft,
    text: str,
    dids: Mapping[str, str],
    *,
    created: datetime,
    root: Mapping[str, str],
    parent: Mapping[str, str],
) -> dict[str, Any]:
    """The record of a reply; `root` and `parent` are `uri` and `cid` of the thread's first post and the one before."""
    return {**_plain(draft, clean(text), dids, created), "reply": {"root": dict(root), "parent": dict(parent)}}


def _plain(draft: PostDraft, text: str, dids: Mapping[str, str], created: datetime) -> dict[str, Any]:
    record: dict[str, Any] = {"$type": COLLECTION, "text": text, "createdAt": stamp(created)}
    if draft.language:
        record["langs"] = [draft.language]
    if facets := facets_of(text, dids):
        record["facets"] = facets
    return record


def alt_of(draft: PostDraft) -> str:
    """The video's alternative text."""
    return _joined(clean(draft.title), clean(draft.description))[:ALT_CHARS]


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


def caption_files(draft: PostDraft) -> list[CaptionFile]:
    """The caption files Bluesky can take: one WebVTT per language."""
    files = {file.language: file for file in reversed(draft.captions) if file.kind == "vtt"}
    return list(reversed(files.values()))[:CAPTIONS]


def sound_captions(data: bytes) -> bool:
    """Whether a file is a WebVTT of a size that a record may refer to."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT") and len(data) <= CAPTION_BYTES


# --- reading ---------------------------------------------------------------------------------------------------------


def text_in(body: Mapping[str, Any] | None, name: str, pattern: str = r".+") -> str:
    """A string of an answer that looks as it should, or ""."""
    value = (body or {}).get(name)
    return value if isinstance(value, str) and re.fullmatch(pattern, value) else ""


def object_in(body: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """An object of an answer, or an empty one."""
    value = (body or {}).get(name)
    return value if isinstance(value, dict) else {}


def pds_of(did_document: Mapping[str, Any]) -> str:
    """The address of the server that holds the account, out of its DID document; "" where it names none."""
    services = did_document.get("service")
    for service in services if isinstance(services, list) else []:
        named = isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds")
        if named and (url := text_in(service, "serviceEndpoint", r"https?://[^\s/?#@]+/?")):
            return url.rstrip("/")
    return ""


def job_in(body: dict[str, Any]) -> dict[str, Any]:
    """A job's status, which comes bare or wrapped."""
    return object_in(body, "jobStatus") or body


def blob_in(job: dict[str, Any]) -> dict[str, Any]:
    """The video's blob once the job has one, or an empty object."""
    blob = object_in(job, "blob")
    return blob if text_in(object_in(blob, "ref"), "$link") else {}


def processing_of(job: dict[str, Any]) -> Processing:
    """From a job's status; an unknown state counts as in progress."""
    if blob_in(job):
        return Processing(state=ProcessingState.LIVE)
    state = text_in(job, "state")
    if state != "JOB_STATE_FAILED":
        return Processing(state=ProcessingState.PROCESSING, reason=state)
    code, told = text_in(job, "failureCode"), text_in(job, "error") or text_in(job, "message")
    # These two are about the file itself; the others are often the service's own trouble.
    hopeless = code in ("validation_failure", "pds_upload_unsupported_blob_size")
    why = ": ".join(part for part in (code, told) if part)
    return Processing(state=ProcessingState.FAILED, reason=why or "no reason given", again=not hopeless)
