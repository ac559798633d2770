"""Reads feeds and articles for a harvest. Implements `domain.ports.feeds.FeedHarvester`."""

from __future__ import annotations

import asyncio
from datetime import datetime

from reelwright.domain.content.request import FeedItem
from reelwright.domain.feeds.entries import NO_VALIDATORS, Article, FeedDocument, FeedEntry, Validators

from .articles import article_of
from .entries import MAX_BYTES, Entry, read_entries
from .fetch import Document, fetch
from .http import in_time
from .polite import Manners


class HttpFeedHarvester:
    """From public addresses only unless `allow_private` (tests, intranets). `timeout_s` is for fetching one document,
    `max_bytes` for one document after decompression, `delay_s` between two requests to one host."""

    def __init__(
        self,
        allow_private: bool = False,
        *,
        delay_s: float = 2.0,
        timeout_s: float = 10,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._manners = Manners(self._fetch, delay_s)

    async def read(self, url: str, validators: Validators, now: datetime) -> FeedDocument:
        """The feed, if it has changed. Its own address was given by a person: no robots.txt is asked about it."""
        document = await self._fetch(url, self._max_bytes, validators)
        if document.unchanged:
            return FeedDocument(validators=validators, unchanged=True)
        entries = await in_time(lambda: _entries(document, now))
        return FeedDocument(entries, document.validators)

    async def article(self, url: str) -> Article:
        """The main text of a page. Where a link leads elsewhere (a counter of clicks), the robots.txt of that site
        counts too."""
        await self._manners.before(url)
        page = await self._fetch(url, self._max_bytes)
        if page.url != url:
            await self._manners.before(page.url)
        return await in_time(lambda: article_of(page))

    async def item(self, entry: FeedEntry, text: str) -> FeedItem:
        """The entry with its own or its article's text."""
        found = Entry(entry.title, entry.text, entry.url, entry.published, entry.language, entry.keys)
        return await in_time(lambda: found.item(text))

    async def runs(self, text: str) -> frozenset[int]:
        """Hashes of runs of words, as texts are recognised by elsewhere (docs/adr/0012-feeds.md)."""
        from reelwright.providers.moderation.likeness import runs_of  # NumPy, SciPy and Pillow come with it

        return await asyncio.to_thread(runs_of, text)

    async def _fetch(self, url: str, max_bytes: int, validators: Validators = NO_VALIDATORS) -> Document:
        return await fetch(
            url.strip(),
            allow_private=self._allow_private,
            timeout_s=self._timeout_s,
            max_bytes=max_bytes,
            validators=validators,
        )


def _entries(document: Document, now: datetime) -> list[FeedEntry]:
    found = read_entries(
        document.data, base=document.url, content_type=document.content_type, language=document.language, now=now
    )
    return [
        FeedEntry(
            entry.title, entry.text, entry.url, entry.published, entry.language, entry.keys, entry.fault, entry.note
        )
        for entry in found
    ]
