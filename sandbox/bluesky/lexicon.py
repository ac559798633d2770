"""What the sandbox's server checks of a post's record, as the lexicon `app.bsky.feed.post` has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import regex

from .nouns import COLLECTION

_URI = re.compile(r"at://did:[a-z]+:[A-Za-z0-9._:%-]+/[A-Za-z0-9.-]+/[A-Za-z0-9._~:-]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_EMBEDS = ("app.bsky.embed.video", "app.bsky.embed.images", "app.bsky.embed.external")


def check(record: dict[str, Any]) -> str:
    """What is wrong with a record, or ""."""
    checks = (_type, _text, _created, _languages, _tags, _facets, _embed, _reply)
    return next((why for one in checks if (why := one(record))), "")


def blobs_in(value: Any) -> Iterator[dict[str, Any]]:
    """All references to blobs within a record."""
    if isinstance(value, dict):
        if value.get("$type") == "blob" and isinstance(value.get("ref"), dict):
            yield value
        else:
            for inner in value.values():
                yield from blobs_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from blobs_in(inner)


def _type(record: dict[str, Any]) -> str:
    return "" if record.get("$type") == COLLECTION else f"Record/$type must be {COLLECTION}"


def _text(record: dict[str, Any]) -> str:
    text = record.get("text")
    if not isinstance(text, str):
        return "Record must have the property text"
    if len(text.encode()) > 3_000:
        return "Record/text must not be longer than 3000 characters"
    return "Record/text must not be longer than 300 graphemes" if len(regex.findall(r"\X", text)) > 300 else ""


def _created(record: dict[str, Any]) -> str:
    try:
        when = datetime.fromisoformat(str(record.get("createdAt")))
    except ValueError:
        return "Record/createdAt must be an valid atproto datetime"
    return "" if when.tzinfo else "Record/createdAt must be an valid atproto datetime"


def _languages(record: dict[str, Any]) -> str:
    languages = record.get("langs", [])
    if not isinstance(languages, list) or len(languages) > 3:
        return "Record/langs must not have more than 3 elements"
    sound = all(isinstance(code, str) and _LANGUAGE.fullmatch(code) for code in languages)
    return "" if sound else "Record/langs/0 must be a well-formed BCP 47 language tag"


def _tags(record: dict[str, Any]) -> str:
    tags = record.get("tags", [])
    if not isinstance(tags, list) or len(tags) > 8:
        return "Record/tags must not have more than 8 elements"
    return "" if all(_is_tag(tag) for tag in tags) else "Record/tags/0 must not be longer than 64 graphemes"


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and 0 < len(regex.findall(r"\X", tag)) <= 64 and len(tag.encode()) <= 640


def _facets(record: dict[str, Any]) -> str:
    size = len(record["text"].encode())
    for facet in record.get("facets", []):
        index = facet.get("index", {})
        start, end = index.get("byteStart"), index.get("byteEnd")
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= size):
            return "Record/facets/0/index must lie within the text"
        for feature in facet.get("features", []):
            kind = str(feature.get("$type", "")).rpartition("#")[2]
            sound = {
                "link": re.match(r"[a-z]+:\S+$", str(feature.get("uri"))),
                "mention": re.match(r"did:[a-z]+:\S+$", str(feature.get("did"))),
                "tag": _is_tag(feature.get("tag")),
            }.get(kind, True)
            if not sound:
                return f"Record/facets/0/features/0 is not a sound {kind}"
    return ""


def _embed(record: dict[str, Any]) -> str:
    embed = record.get("embed")
    if embed is None:
        return ""
    if not isinstance(embed, dict) or embed.get("$type") not in _EMBEDS:
        return "Record/embed must be one of the known embeds"
    if embed["$type"] != "app.bsky.embed.video":
        return ""
    video, ratio, captions = embed.get("video"), embed.get("aspectRatio"), embed.get("captions", [])
    if not isinstance(video, dict) or video.get("mimeType") != "video/mp4":
        return "Record/embed/video must be a blob of video/mp4"
    if video.get("size", 0) > 300_000_000:
        return "Record/embed/video is too large"
    if ratio is not None and not all(
        isinstance(ratio.get(side), int) and ratio[side] > 0 for side in ("width", "height")
    ):
        return "Record/embed/aspectRatio must have a width and a height"
    if not isinstance(captions, list) or len(captions) > 20:
        return "Record/embed/captions must not have more than 20 elements"
    for caption in captions:
        file = caption.get("file", {})
        if not _LANGUAGE.fullmatch(str(caption.get("lang"))) or file.get("mimeType") != "text/vtt":
            return "Record/embed/captions/0/file must be a blob of text/vtt"
        if file.get("size", 0) > 20_000:
            return "Record/embed/captions/0/file is too large"
    return ""


def _reply(record: dict[str, Any]) -> str:
    reply = record.get("reply")
    if reply is None:
        return ""
    for name in ("root", "parent"):
        ref = reply.get(name) if isinstance(reply, dict) else None
        if not isinstance(ref, dict) or not _URI.fullmatch(str(ref.get("uri"))) or not ref.get("cid"):
            return f"Record/reply/{name} must have a uri and a cid"
    return ""
