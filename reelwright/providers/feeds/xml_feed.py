"""RSS, RDF and Atom, parsed by `feedparser`, only the required entries."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import feedparser

from .blocks import blocks_of, date_in
from .raw import Raw, RawFeed

MAX_PARSED_CHARS = 1_500_000
"""What `feedparser` is given at most: it reads about a megabyte in a second."""
MAX_TAGS = 40_000
"""Its time grows with the number of tags, broken ones most of all."""
_ROOT = re.compile(rb"<(?:[a-z][\w.-]{0,20}:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_HEAD_BYTES = 65_536
# No line end behind it: feedparser then takes a document type for text.
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>'
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)
_ROOT_TAG = re.compile(r"<(?:[a-z][\w.-]{0,20}:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_ENTITY = re.compile(r"<!ENTITY\s+(?P<name>[\w.-]{1,60})\s+(?:\"(?P<plain>[^\"<&%]{0,200})\")?")
_MOST_REFERENCES = 2_000
_REFERENCE = re.compile(r"&([\w.-]{1,60});")
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_LANGUAGE = re.compile(
    r"<(?:dc:)?language(?:\s[^<>]*)?>\s*(?:<!\[CDATA\[)?\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3})"
    r"|<(?:[a-z]+:)?(?:rss|feed|channel|rdf)\b[^<>]*\bxml:lang\s*=\s*[\"']([A-Za-z][\w-]{1,20})",
    re.IGNORECASE,
)
_ENTRY_LANGUAGE = re.compile(
    r"<(?:dc:)?language(?:\s[^<>]*)?>\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,3})\s*<"
    r"|\bxml:lang\s*=\s*[\"']([A-Za-z][\w-]{1,20})",
    re.IGNORECASE,
)


def is_xml_feed(data: bytes) -> bool:
    """Whether a feed's root element stands near the beginning, in any encoding that has ASCII's signs."""
    return _ROOT.search(data[:_HEAD_BYTES].replace(b"\0", b"")) is not None


def xml_feed(text: str, choose: Callable[[list[str]], list[int]]) -> RawFeed | None:
    """The entries that `choose` picks by the dates of all as written, in the feed's order; None for no feed."""
    blocks = blocks_of(text)
    wanted = choose([date_in(block) for block in blocks.entries])
    chosen: list[int] = []
    room, tags = MAX_PARSED_CHARS, MAX_TAGS
    for index in wanted:
        block = blocks.entries[index]
        if len(block) <= room and (found := block.count("<")) <= tags:
            room, tags = room - len(block), tags - found
            chosen.append(index)
    # Always a stream: given a bare value, feedparser would try it as an address and as a file name first. Its HTML
    # cleaning takes time that grows with the square of a hostile text, and `plain_text` needs none.
    document = _without_doctype(blocks.document(chosen))
    stream = io.BytesIO(_DECLARATION + document.encode("utf-8", "replace"))
    parsed = feedparser.parse(stream, response_headers=_HEADERS, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.version and not parsed.entries:
        return None
    languages = [_entry_language(blocks.entries[index]) for index in sorted(chosen)]
    if len(languages) != len(parsed.entries):  # broken markup, which a parser divides in its own way
        languages = [""] * len(parsed.entries)
    entries = [_raw(entry, language) for entry, language in zip(parsed.entries, languages, strict=True)]
    return RawFeed(entries=entries, language=_first_group(_LANGUAGE.search(blocks.head)))


def _without_doctype(document: str) -> str:
    """The document without its type and the entities that this declares: those of plain text are put in their places,
    all others are nothing. A parser would expand a few of them to millions of characters."""
    doctype = _DOCTYPE.search(document)
    root = _ROOT_TAG.search(document)
    if doctype is None or root is None or root.start() < doctype.start():
        return document
    declared = document[doctype.start() : root.start()]
    values = {found["name"]: found["plain"] or "" for found in _ENTITY.finditer(declared)}
    rest = document[: doctype.start()] + document[root.start() :]
    if values:
        rest = _REFERENCE.sub(lambda found: values.get(found[1], found[0]), rest, count=_MOST_REFERENCES)
        rest = _REFERENCE.sub(lambda found: "" if found[1] in values else found[0], rest)
    return rest


def _entry_language(block: str) -> str:
    return _first_group(_ENTRY_LANGUAGE.search(block[:2_000]))


def _first_group(found: re.Match[str] | None) -> str:
    return next((group for group in found.groups() if group), "") if found else ""


def _raw(entry: Any, language: str) -> Raw:
    contents = [content for content in entry.get("content", []) if str(content.get("value", ""))]
    detail = entry.get("title_detail") or {}
    summary = str(entry.get("summary", ""))
    return Raw(
        guid=str(entry.get("id", "")),
        link=str(entry.get("link", "")),
        title=str(entry.get("title", "")),
        plain_title=False,
        markups=tuple(str(content["value"]) for content in contents) + ((summary,) if summary else ()),
        date=str(entry.get("published", "") or entry.get("updated", "") or entry.get("created", "")),
        language=language or str(detail.get("language") or ""),
    )
