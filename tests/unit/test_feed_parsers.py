"""What feedparser alone makes of the corpus, beside what is made of it here (docs/adr/0012-feeds.md). The numbers stand
in that page: where a release of feedparser changes them, the decision wants another look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import feedparser
import pytest
from lxml import html

from reelwright.domain.errors import InvalidInput
from reelwright.providers.feeds import dates, parse_feed
from tests.unit.feed_shapes import SHAPES, Shape

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ALONE_AT_LEAST, ALONE_AT_MOST = 40, 75
"""Per cent of the shapes: 55 of 101 with feedparser 6.0.14."""


def alone(data: bytes, content_type: str) -> tuple[str, str, str] | None:
    """Title, text and date of the newest entry, as feedparser's documentation shows how: its own detection of the
    encoding, its sanitised HTML without tags, its dates. None where it finds no entry."""
    found = feedparser.parse(data, response_headers={"content-type": content_type} if content_type else {})
    entries: Sequence[Any] = sorted(
        found.entries, key=lambda entry: tuple(entry.get("published_parsed") or entry.get("updated_parsed") or ())[:6],
        reverse=True,
    )  # fmt: skip
    for entry in entries:
        markup = entry.content[0].value if entry.get("content") else entry.get("summary", "")
        text = " ".join(html.fromstring(f"<div>{markup}</div>").text_content().split())
        when = entry.get("published_parsed") or entry.get("updated_parsed")
        if len(text.split()) >= 5:
            return entry.get("title", ""), text, datetime(*when[:6], tzinfo=UTC).isoformat() if when else ""
    return None


def ours(data: bytes, content_type: str) -> tuple[str, str, str] | None:
    try:
        item = parse_feed(data, content_type)
    except InvalidInput:
        return None
    return item.title, item.text, item.published


def right(shape: Shape, read: Callable[[bytes, str], tuple[str, str, str] | None]) -> bool:
    try:
        found = read(shape.data, shape.content_type)
    except Exception:  # noqa: BLE001  # whatever it raises, it is not right
        return False
    if found is None or shape.refused:
        return found is None and bool(shape.refused)
    title, text, published = found
    return (title, " ".join(text.split())[: len(shape.begins)], published) == (
        shape.title,
        " ".join(shape.begins.split()),
        shape.published,
    )


def test_what_feedparser_alone_gets_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dates.Dates, "is_future", lambda self, when: when > NOW + dates.CLOCK_ERROR)
    here = {shape.name for shape in SHAPES if right(shape, ours)}
    there = {shape.name for shape in SHAPES if right(shape, alone)}
    assert len(here) == len(SHAPES), sorted({shape.name for shape in SHAPES} - here)
    share = 100 * len(there) / len(SHAPES)
    assert ALONE_AT_LEAST <= share <= ALONE_AT_MOST, f"{len(there)} of {len(SHAPES)}; wrong: {sorted(here - there)}"
