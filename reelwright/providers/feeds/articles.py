"""The main text of a web page, and whether it is one: a page of links has none."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import trafilatura
from lxml import etree  # type: ignore[import-untyped, unused-ignore]  # it has no stubs

from reelwright.domain.feeds.entries import Article
from reelwright.domain.text.incoming import words

from .document import text_of
from .fetch import Document
from .identity import link_key
from .plain import paragraphs

# trafilatura's time grows with the number of tags, faster for broken ones; articles stay far below this.
MAX_PAGE_TAGS = 60_000
PROSE_WORDS = 8
"""A line of an article is about as long at least; a menu's lines are shorter."""
LEAST_PROSE = 0.5
"""Of an article's words at least this share stands in such lines."""
LEAST_SENTENCES = 2
_SENTENCE_END = re.compile("[.!?…][\"'”’»)]*(?:\\s|$)|[。！？۔؟।]|[\u0e00-\u0e7f]{40}")
_HEAD_BYTES = 200_000


def article_of(document: Document) -> Article:
    """The article of a page. Where there is none, `reason` says why."""
    key = link_key(_canonical(document) or document.url)
    if document.data.count(b"<") > MAX_PAGE_TAGS:
        return Article(key=key, reason=f"its page has more than {MAX_PAGE_TAGS:,} tags")
    text = main_text(document)
    if not words(text):
        return Article(key=key, reason="its page has no article")
    if is_navigation(text):
        return Article(key=key, reason="its page is all navigation")
    return Article(text=text, key=key)


def main_text(document: Document) -> str:
    """What trafilatura takes for the page's text, a blank line between paragraphs; nothing of a page of tags."""
    if document.data.count(b"<") > MAX_PAGE_TAGS:
        return ""
    page = text_of(document.data, document.content_type)
    text = trafilatura.extract(
        page, url=document.url, include_comments=False, include_tables=False, favor_precision=True, output_format="txt"
    )
    # trafilatura gives a line per paragraph.
    return paragraphs("\n\n".join(line for line in (text or "").split("\n") if line.strip()))


def is_navigation(text: str) -> bool:
    """Whether a page's text is menus, lists of headlines and the like, and no prose: most of it short lines, or hardly
    a sentence in all."""
    lines = [(len(words(line)), line) for line in text.split("\n") if line.strip()]
    total = sum(count for count, _ in lines)
    prose = sum(count for count, line in lines if count >= PROSE_WORDS and _SENTENCE_END.search(line))
    sentences = len(_SENTENCE_END.findall(text))
    return total == 0 or sentences < LEAST_SENTENCES or prose < LEAST_PROSE * total


def _canonical(document: Document) -> str:
    """The address that the page itself names (`<link rel="canonical">`), or nothing. It only identifies: it is not
    fetched."""
    parser = etree.HTMLParser(no_network=True, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(document.data[:_HEAD_BYTES], parser)
    except (etree.XMLSyntaxError, ValueError):
        return ""
    for link in root.iter("link") if root is not None else ():
        if "canonical" in (link.get("rel") or "").lower().split():
            try:
                return str(urljoin(document.url, (link.get("href") or "").strip()))[:2_000]
            except ValueError:
                return ""
    return ""
