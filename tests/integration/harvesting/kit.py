"""What the harvesting tests share: sources, entries, and a harvest of one source in a real PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from activities.harvesting.harvesting import Harvesting
from reelwright.domain.feeds.harvest import ReadSource, SeenItem, SourceHarvest
from reelwright.domain.feeds.source import FeedSource, SourceState
from reelwright.providers.feeds.harvester import HttpFeedHarvester
from reelwright.storage.feeds import PostgresFeeds
from tests.integration.storage.filing import fresh
from tests.unit.test_feeds import rss

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def story(n: int, words: int = 70) -> str:
    """A text of its own for each number, of so many words."""
    said = "The harbour of town {n} got a market number{w} with boat{w} and quay{n}x{w} for keeper{w} of lamp{n}."
    return " ".join(" ".join(said.format(n=n, w=w) for w in range(words // 15 + 1)).split()[: words - 1]) + " end."


def entry(
    n: int,
    *,
    text: str = "",
    title: str = "",
    link: str = "",
    day: str = "Mon, 23 Nov 2026 08:00:00 GMT",
    guid: str = "",
) -> str:
    named = f"<guid>{guid}</guid>" if guid else ""
    address = link or f"https://harbour.example.org/{n}"
    return (
        f"<title>{title or f'Entry {n}'}</title>{named}<link>{address}</link><pubDate>{day}</pubDate>"
        f"<description>{text or story(n)}</description>"
    )


def feed(*entries: str) -> bytes:
    return rss(*entries)


@dataclass
class Harvester:
    """The activities on a real database and real HTTP on loopback; `now` is their clock."""

    pool: Any
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.book = PostgresFeeds(self.pool)
        self.activities = Harvesting(self.book, HttpFeedHarvester(True, delay_s=0), now=lambda: self.now)

    async def add(self, url: str, **fields: Any) -> SourceState:
        source = FeedSource.model_validate({"url": url, "channel": fresh(), "every_minutes": 30, **fields})
        return await self.book.add(source, by="ana", name=fresh())

    async def read(self, source: SourceState) -> SourceHarvest:
        return await self.activities.read_source(ReadSource(name=source.name))

    async def start(self, found: SourceHarvest) -> list[str]:
        """Notes all claimed items as started, as the workflow does."""
        for item in found.claimed:
            await self.book.mark_started(item.content_id)
        return [item.content_id for item in found.claimed]

    async def items(self, source: SourceState) -> list[SeenItem]:
        return await self.book.items(source.name, state=None, limit=200)
