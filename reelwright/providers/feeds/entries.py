"""RSS, Atom and JSON feeds in, plain-text entries out. Nothing is fetched here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from lxml import etree  # type: ignore[import-untyped, unused-ignore]  # it has no stubs

from reelwright.domain.content.request import FeedItem
from reelwright.domain.errors import InvalidInput
from reelwright.domain.text.decoding import Undecodable
from reelwright.domain.text.incoming import one_line, words
from reelwright.domain.text.mojibake import repaired
from reelwright.providers.writing.phrases import cut_point

from .dates import Dates
from .document import FIELD, text_of
from .identity import TRACKING, Named, keys_of
from .json_feed import json_feed
from .language import language_of
from .plain import paragraphs, plain_text, plain_title
from .raw import Raw, RawFeed
from .xml_feed import is_xml_feed, xml_feed

MAX_BYTES = 5_000_000
LEAST_WORDS = 5
"""Fewer words than this (`Comments`) are no text."""
MAX_ENTRIES = 100
"""How many of the newest entries are read: far more than a channel uses before new ones come."""
MAX_TEXT_CHARS = 20_000
"""Ten times the text of a short video; more would only fill the workflow's history."""
_TITLE_CHARS = 200
_MARK_AND_BLANKS = 64
"""Bytes that may stand before a JSON document begins."""
_NO_FEED = "this is not an RSS or Atom feed, nor a JSON Feed"


@dataclass(frozen=True)
class Entry:
    """One entry, in plain text. `published` is an ISO 8601 instant or empty, `language` as declared or recognised;
    `keys` identify it, see `identity.keys_of`. `fault` is why its text cannot be used; `note` is what was put right."""

    title: str
    text: str
    url: str
    published: str
    language: str = ""
    keys: tuple[str, ...] = ()
    fault: str = ""
    note: str = ""

    def item(self, text: str) -> FeedItem:
        """The entry with `text`, which may be its own or its article's; both are cut to a useful length."""
        title = self.title or one_line(text.split("\n")[0])
        return FeedItem(
            title=_shortened(title, _TITLE_CHARS),
            text=_shortened(text, MAX_TEXT_CHARS),
            url=self.url,
            published=self.published,
            language=language_of(text, self.language),
        )


def parse_feed(data: bytes, content_type: str = "") -> FeedItem:
    """The newest entry with text of an RSS, Atom or JSON Feed document. Nothing is fetched.

    Raises `InvalidInput` (field `feed`): too large, not a feed, no entry, no entry with text.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"more than {MAX_BYTES:,} bytes", field=FIELD, remedy="give a smaller feed")
    entries = list(read_entries(data, base="", content_type=content_type))
    for entry in entries:
        if len(words(entry.text)) >= LEAST_WORDS:
            return entry.item(entry.text)
    raise no_text(entries)


def no_text(entries: Sequence[Entry] = ()) -> InvalidInput:
    """The error for a feed of headlines or pictures only, or one whose texts were garbled before they came."""
    if fault := next((entry.fault for entry in entries if entry.fault), ""):
        return InvalidInput(
            f"no entry of this feed has text that can be read: {fault}",
            field=FIELD,
            remedy="ask its publisher to send UTF-8, or give the text as a script",
        )
    return InvalidInput(
        "no entry of this feed has text", field=FIELD, remedy="choose another feed, or give the text as a script"
    )


def read_entries(
    data: bytes, *, base: str, content_type: str = "", language: str = "", now: datetime | None = None
) -> Iterator[Entry]:
    """The feed's entries in plain text, newest first, at most `MAX_ENTRIES`.

    `base` is the feed's address, `content_type` and `language` are the HTTP headers' (`Content-Language`).
    """
    if not data.strip():
        raise InvalidInput("the document is empty", field=FIELD, remedy="check the address")
    dates = Dates(now or datetime.now(UTC), language)
    feed = _feed(data, content_type, dates)
    if feed is None:
        raise InvalidInput(_NO_FEED, field=FIELD, remedy=_hint(data, base))
    if not feed.entries:
        raise InvalidInput("the feed has no entries", field=FIELD, remedy="choose another feed")
    raws = [feed.entries[index] for index in _newest(feed.entries, dates)]
    entries = [_entry(raw, base, dates, feed.language or language) for raw in raws]
    named = [
        Named(raw.guid, entry.url or raw.link, entry.title, entry.text, entry.published)
        for raw, entry in zip(raws, entries, strict=True)
    ]
    for entry, keys in zip(entries, keys_of(named, base), strict=True):
        yield replace(entry, keys=keys)


def _feed(data: bytes, content_type: str, dates: Dates) -> RawFeed | None:
    # feedparser reads megabytes of anything, slowly; a feed's root element stands at its beginning.
    if is_xml_feed(data):
        text = text_of(data, content_type)
        return xml_feed(text, lambda written: _order([dates.read(date) for date in written], dates)[:MAX_ENTRIES])
    return json_feed(text_of(data, content_type)) if b"{" in data[:_MARK_AND_BLANKS] else None


def _newest(raws: Sequence[Raw], dates: Dates) -> list[int]:
    return _order([dates.read(raw.date) for raw in raws], dates)[:MAX_ENTRIES]


def _order(found: Sequence[datetime | None], dates: Dates) -> list[int]:
    """The indices of entries, the newest first.

    An entry without a date is as new as the next one in the feed's order that has one, so that it neither loses to an
    old one behind it nor wins over a new one before it. Those dated far ahead come last, the furthest last of all: they
    are announcements, or pinned, or wrong. Equal ones keep the feed's order, which is newest first by custom.
    """
    sane = [None if when is None or dates.is_future(when) else when for when in found]
    future = {index for index, when in enumerate(found) if when is not None and dates.is_future(when)}
    known = [when for when in sane if when is not None]
    rising = len(known) > 1 and known == sorted(known) and known[0] < known[-1]
    ranked = list(sane)
    order = range(len(sane)) if rising else range(len(sane) - 1, -1, -1)
    latest: datetime | None = None
    for index in order:
        if ranked[index] is not None:
            latest = ranked[index]
        else:
            ranked[index] = latest
    epoch = datetime.fromtimestamp(0, UTC)
    if known and not rising:  # behind the last date of a falling feed they are older than it
        oldest = min(known)
        ranked = [oldest if when is None else when for when in ranked]
    position = {index: -index if rising else index for index in range(len(sane))}
    behind = [when.timestamp() if when and index in future else 0.0 for index, when in enumerate(found)]
    return sorted(
        range(len(sane)),
        key=lambda index: (behind[index], -((ranked[index] or epoch).timestamp()), position[index]),
    )


def _entry(raw: Raw, base: str, dates: Dates, feed_language: str) -> Entry:
    texts = [*(plain_text(markup) for markup in raw.markups), *(paragraphs(text) for text in raw.texts)]
    text, fault = max(texts, key=len, default=""), ""
    title = one_line(raw.title) if raw.plain_title else plain_title(raw.title)
    try:
        # Together, since a title alone is too short to detect its language.
        title, _, text = repaired(f"{title}\n{text}").partition("\n")
    except Undecodable as error:
        text, fault = "", str(error)
    when = dates.read(raw.date)
    future = when is not None and dates.is_future(when)
    return Entry(
        title=title,
        text=text,
        url=_link(raw.link, base) or _link(raw.guid, ""),
        published=when.isoformat() if when and not future else "",
        language=raw.language or feed_language,
        fault=fault,
        note=f"its date is in the future ({when:%Y-%m-%d}), and does not count" if when and future else "",
    )


def _link(link: str, base: str) -> str:
    """An absolute http(s) address without tracking, or nothing."""
    if not link.strip():  # joined, it would be the feed's own address
        return ""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or len(link) > 2_000:
        return ""
    query = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not key.lower().startswith(TRACKING)
    ]
    return urlunsplit(parts._replace(query=urlencode(query), fragment=""))


def _hint(data: bytes, base: str) -> str:
    """The feed's address in a web page's links."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    for link in root.iter("link") if root is not None else ():
        if (link.get("type") or "").lower() in ("application/rss+xml", "application/atom+xml", "application/feed+json"):
            found = _link(link.get("href") or "", base)
            if found:
                return f"this page's feed is at {found[:300]}"
    return "give the address of the feed itself"


def _shortened(text: str, limit: int) -> str:
    """The text, cut after a word or a phrase if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    return text[: cut_point(text, limit - 1) or limit - 1].rstrip() + "…"
