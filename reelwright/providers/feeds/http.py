"""Reads feeds over HTTP, and the articles that feeds only hint at."""

from __future__ import annotations

import asyncio
import logging

import trafilatura

from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.request import FeedItem
from reelwright.domain.text import clean, words

from .entries import LEAST_WORDS, MAX_BYTES, no_text, read_entries
from .fetch import fetch

FULL_WORDS = 60
"""An entry with fewer words of its own is a teaser; the article behind its link is read."""
MAX_ARTICLES = 3
# trafilatura's time grows with the number of tags, faster for broken ones; articles stay far below this.
_MAX_PAGE_TAGS = 60_000
_log = logging.getLogger(__name__)


class HttpFeedReader:
    """Reads feeds over HTTP, from public addresses only unless `allow_private` (tests, intranets).

    `timeout_s` is for one document, `max_bytes` for one document after decompression.
    """

    def __init__(self, allow_private: bool = False, timeout_s: float = 10, max_bytes: int = MAX_BYTES) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes

    async def newest(self, url: str) -> FeedItem:
        """The newest entry with text; a teaser is filled up from the article it links to.

        Raises `InvalidInput` (field `feed`) and `ProviderUnavailable`, see `fetch` and `parse_feed`.
        """
        document = await fetch(
            url.strip(), allow_private=self._allow_private, timeout_s=self._timeout_s, max_bytes=self._max_bytes
        )
        entries = await asyncio.to_thread(lambda: list(read_entries(document.data, base=document.url)))
        articles, trouble = 0, None
        for entry in entries:
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
            if len(words(text)) >= LEAST_WORDS:
                return entry.item(text)
        raise trouble or no_text()

    async def _article(self, url: str) -> str:
        """The main text of a web page, or nothing when there is none to be found."""
        page = await fetch(url, allow_private=self._allow_private, timeout_s=self._timeout_s, max_bytes=self._max_bytes)
        return await asyncio.to_thread(_main_text, page.data, page.url)


def _main_text(page: bytes, url: str) -> str:
    if page.count(b"<") > _MAX_PAGE_TAGS:
        return ""
    text = trafilatura.extract(
        page, url=url, include_comments=False, include_tables=False, favor_precision=True, output_format="txt"
    )
    # trafilatura gives a line per paragraph.
    return "\n\n".join(line for line in clean(text or "").split("\n") if line)
