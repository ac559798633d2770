"""RSS and Atom documents in, plain-text entries out. Nothing is fetched here."""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import feedparser
from lxml import etree  # type: ignore[import-untyped, unused-ignore]  # it has no stubs

from reelwright.domain.errors import InvalidInput
from reelwright.domain.request import FeedItem
from reelwright.domain.text import one_line, words

from .fetch import FIELD
from .plain import plain_text, plain_title

MAX_BYTES = 5_000_000
LEAST_WORDS = 5
"""Fewer words than this (`Comments`) are no text."""
MAX_ENTRIES = 20
MAX_TEXT_CHARS = 20_000
"""Ten times what a short video can tell; more would only travel through the workflow's history."""
_TITLE_CHARS = 200
_HEAD_BYTES = 65_536
# feedparser's time grows with the number of tags, broken ones most of all; honest feeds stay far below this.
_MAX_FEED_TAGS = 300_000
_ROOT = re.compile(rb"<(?:[a-z]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_TRACKING = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid")


@dataclass(frozen=True)
class Entry:
    """One entry, in plain text."""

    title: str
    text: str
    url: str
    published: str

    def item(self, text: str) -> FeedItem:
        """The entry with `text`, which may be its own or its article's; both are cut to a useful length."""
        title = self.title or one_line(text.split("\n")[0])
        return FeedItem(
            title=_shortened(title, _TITLE_CHARS),
            text=_shortened(text, MAX_TEXT_CHARS),
            url=self.url,
            published=self.published,
        )


def parse_feed(data: bytes) -> FeedItem:
    """The newest entry with text of an RSS or Atom document. Nothing is fetched.

    Raises `InvalidInput` (field `feed`): too large, not a feed, no entry, no entry with text.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"more than {MAX_BYTES:,} bytes", field=FIELD, remedy="give a smaller feed")
    for entry in read_entries(data, base=""):
        if len(words(entry.text)) >= LEAST_WORDS:
            return entry.item(entry.text)
    raise no_text()


def no_text() -> InvalidInput:
    """The error for a feed of headlines or pictures only."""
    return InvalidInput(
        "no entry of this feed has text", field=FIELD, remedy="choose another feed, or give the text as a script"
    )


def read_entries(data: bytes, *, base: str) -> Iterator[Entry]:
    """The feed's entries in plain text, newest first, at most `MAX_ENTRIES`."""
    if not data.strip():
        raise InvalidInput("the document is empty", field=FIELD, remedy="check the address")
    # feedparser reads megabytes of anything, slowly; a feed's root element stands at its beginning. (NUL: UTF-16.)
    if not _ROOT.search(data[:_HEAD_BYTES].replace(b"\0", b"")):
        raise InvalidInput("this is not an RSS or Atom feed", field=FIELD, remedy=_hint(data, base))
    if data.count(b"<") > _MAX_FEED_TAGS:
        raise InvalidInput("the feed has too many elements", field=FIELD, remedy="give a smaller feed")
    # Always a stream: given a bare value, feedparser would try it as an address and as a file name first. Its HTML
    # cleaning takes time that grows with the square of a hostile text, and `plain_text` needs none.
    parsed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.version and not parsed.entries:
        raise InvalidInput("this is not an RSS or Atom feed", field=FIELD, remedy=_hint(data, base))
    if not parsed.entries:
        raise InvalidInput("the feed has no entries", field=FIELD, remedy="choose another feed")
    # Stable: entries without a date keep the feed's order, which is newest first by custom.
    newest_first = sorted(parsed.entries, key=lambda entry: -_timestamp(entry))
    for entry in newest_first[:MAX_ENTRIES]:
        yield _entry(entry, base)


def _timestamp(entry: Any) -> float:
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return float(timegm(when)) if when else 0.0
    except (ValueError, OverflowError, TypeError):
        return 0.0


def _entry(entry: Any, base: str) -> Entry:
    values = [str(content.get("value", "")) for content in entry.get("content", [])]
    texts = [plain_text(value) for value in (*values, str(entry.get("summary", ""))) if value]
    seconds = _timestamp(entry)
    return Entry(
        title=plain_title(str(entry.get("title", ""))),
        text=max(texts, key=len, default=""),
        url=_link(str(entry.get("link", "")), base),
        published=datetime.fromtimestamp(seconds, UTC).isoformat() if 0 < seconds < 4e9 else "",
    )


def _link(link: str, base: str) -> str:
    """An absolute http(s) address without tracking, or nothing."""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(link) > 2_000:
        return ""
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith(_TRACKING)
    ]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _hint(data: bytes, base: str) -> str:
    """Where a web page says its feed is."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    for link in root.iter("link") if root is not None else ():
        if (link.get("type") or "").lower() in ("application/rss+xml", "application/atom+xml"):
            found = _link(link.get("href") or "", base)
            if found:
                return f"this page's feed is at {found[:300]}"
    return "give the address of the feed itself"


def _shortened(text: str, limit: int) -> str:
    """The text, cut after a word if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut[: cut.rfind(" ")] if " " in cut else cut).rstrip() + "…"
