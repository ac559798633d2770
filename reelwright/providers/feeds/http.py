"""Reads feeds over HTTP, and the articles that feeds only hint at."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from reelwright.domain.content.request import FeedItem
from reelwright.domain.content.telling import Telling
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.feeds.sifting import FULL_WORDS
from reelwright.domain.text.incoming import one_line, words

from .articles import main_text
from .document import FIELD
from .entries import LEAST_WORDS, MAX_BYTES, Entry, no_text, read_entries
from .fetch import Document, fetch

MAX_ARTICLES = 3
PARSE_S = 30.0
"""A document is given up after this long. What is parsed at all is cut to what takes two seconds."""
_log = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")


class HttpFeedReader:
    """Reads feeds over HTTP, from public addresses only unless `allow_private` (tests, intranets).

    `timeout_s` is for fetching one document, `max_bytes` for one document after decompression.
    """

    def __init__(self, allow_private: bool = False, timeout_s: float = 10, max_bytes: int = MAX_BYTES) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes

    async def newest(self, url: str, telling: Telling | None = None) -> FeedItem:
        """The newest entry with text; a teaser is completed from the article it links to. With `telling`, the newest
        unused entry, claimed for its content.

        Raises `InvalidInput` (field `feed`) and `ProviderUnavailable`, see `fetch` and `parse_feed`; `InvalidInput`
        too when all entries with text have been used.
        """
        document = await self._fetch(url.strip())
        entries = await in_time(lambda: _entries(document))
        untold = await telling.untold([entry.keys for entry in entries]) if telling else range(len(entries))
        articles, trouble = 0, None
        for entry in (entries[index] for index in untold):
            text = entry.text
            if len(words(text)) < FULL_WORDS and entry.url and articles < MAX_ARTICLES:
                articles += 1
                try:
                    article = await self._article(entry.url)
                    text = article if len(words(article)) > len(words(text)) else text
                except ProviderUnavailable as error:
                    trouble = error
                except InvalidInput as error:
                    # A page that is gone or private costs us its text, not the whole feed.
                    _log.info("an article could not be read: %s", error)
            if len(words(text)) >= LEAST_WORDS and (telling is None or await telling.claim(entry.keys)):
                return await in_time(lambda entry=entry, text=text: entry.item(text))  # type: ignore[misc]
        told = [entry for index, entry in enumerate(entries) if index not in set(untold)]
        raise trouble or (_nothing_new(told, telling.channel) if told and telling else no_text(entries))

    async def _fetch(self, url: str) -> Document:
        return await fetch(url, allow_private=self._allow_private, timeout_s=self._timeout_s, max_bytes=self._max_bytes)

    async def _article(self, url: str) -> str:
        """The main text of a web page, or nothing when there is none to be found."""
        page = await self._fetch(url)
        return await in_time(lambda: main_text(page))


async def in_time(work: Callable[[], ResultT]) -> ResultT:
    """`work` in a thread, so that the event loop is not blocked, and no longer than `PARSE_S`."""
    try:
        async with asyncio.timeout(PARSE_S):
            return await asyncio.to_thread(work)
    except TimeoutError as error:
        raise InvalidInput(
            f"the document could not be read within {PARSE_S:g} s", field=FIELD, remedy="give a smaller feed"
        ) from error


def _entries(document: Document) -> list[Entry]:
    return list(
        read_entries(document.data, base=document.url, content_type=document.content_type, language=document.language)
    )


def _nothing_new(told: Sequence[Entry], channel: str) -> InvalidInput:
    since = max((entry.published[:10] for entry in told if entry.published), default="")
    newest = f"“{one_line(told[0].title)[:80]}”" + (f" of {since}" if since else "")
    return InvalidInput(
        f"nothing new since {newest}: all entries with text have been told on channel {channel}",
        field=FIELD,
        remedy="wait for a new entry, or choose another feed or channel",
    )
