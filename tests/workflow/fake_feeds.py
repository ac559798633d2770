"""A feed reader without a network, and a book of sources in memory that decides as the one in PostgreSQL does."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from reelwright.domain.content.request import FeedItem
from reelwright.domain.errors import InvalidInput, ProviderUnavailable, ReelwrightError
from reelwright.domain.feeds.entries import Article, FeedDocument, FeedEntry, Validators
from reelwright.domain.feeds.harvest import ClaimedItem, ClaimedRequest, Duplicate, ItemState, Likeness, Verdict
from reelwright.domain.feeds.rules import SLACK
from reelwright.domain.feeds.sifting import repeats
from reelwright.domain.feeds.source import FeedSource, SourceState

WORDS = "The keeper of lamp {n} climbed the tower number {n} on a winter night and lit it for ship {n} as ever. "


def feed_entry(n: int, **fields: str) -> FeedEntry:
    """An entry that is unlike those of other numbers."""
    text = fields.pop("text", WORDS.format(n=n) * 4)
    return FeedEntry(f"Entry {n}", text, f"https://e.org/{n}", keys=(f"guid:{n}",), **fields)


@dataclass
class FakeFeeds:
    """`documents` by address, or the error that reading one raises. `hold`, once set, lets reading begin."""

    documents: dict[str, Sequence[FeedEntry] | ReelwrightError] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    reads: Counter[str] = field(default_factory=Counter)

    async def read(self, url: str, validators: Validators, now: datetime) -> FeedDocument:
        self.reads[url] += 1
        if self.hold:
            await self.hold.wait()
        found = self.documents.get(url, InvalidInput("example.org answers 404", field="feed"))
        if isinstance(found, ReelwrightError):
            raise found
        return FeedDocument(list(found), Validators(f'"{len(found)}"'))

    async def article(self, url: str) -> Article:
        return self.articles.get(url, Article(reason="its page has no article"))

    async def item(self, entry: FeedEntry, text: str) -> FeedItem:
        return FeedItem(title=entry.title, text=text, url=entry.url, published=entry.published)

    async def runs(self, text: str) -> frozenset[int]:
        words = text.split()
        return frozenset(hash(tuple(words[at : at + 5])) for at in range(len(words) - 4))


@dataclass
class MemoryFeedBook:
    """`fail` names calls that raise, and how often. Ids of contents depend on the channel, which is one of its own."""

    sources: dict[str, SourceState] = field(default_factory=dict)
    rows: list[tuple[str, Verdict]] = field(default_factory=list)
    fail: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    channel: str = field(default_factory=lambda: f"c{uuid.uuid4().hex[:8]}")

    def add(self, name: str, url: str = "", **fields: object) -> SourceState:
        """A source that is due; the requests of its contents post nowhere."""
        given = {"url": url or f"https://{name}.example.org/feed", "least_words": 5, "channel": self.channel, **fields}
        given.setdefault("request", {"platforms": [], "formats": ["9:16"], "auto_approve": True})
        now = datetime.now(UTC)
        state = SourceState(name=name, source=FeedSource.model_validate(given), added_at=now, due_at=now)
        self.sources[name] = state
        return state

    def _count(self, call: str) -> None:
        self.calls[call] += 1
        if self.fail[call] > 0:
            self.fail[call] -= 1
            raise ProviderUnavailable("the database does not answer", field="database")

    def states(self) -> Counter[str]:
        return Counter(verdict.state.value for _, verdict in self.rows)

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        self._count("due")
        due = [one for one in self.sources.values() if not one.paused and one.due_at <= now + SLACK]
        return [one.name for one in sorted(due, key=lambda one: (one.source.priority, one.name))][:limit]

    async def find(self, name: str) -> SourceState:
        if name not in self.sources:
            raise InvalidInput(f"there is no source {name}", field="name")
        return self.sources[name]

    async def known(self, source: str, keys: Sequence[str]) -> frozenset[str]:
        seen = {key for name, verdict in self.rows if name == source for key in verdict.keys}
        return frozenset(keys) & seen

    async def duplicate(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> Duplicate | None:
        for name, old in self.rows:
            same = self.sources[name].source.channel == source.source.channel
            if same and old.state in (ItemState.NEW, ItemState.STARTED):
                how = repeats(verdict, old.keys, old.text_sha256, old.runs, likeness.share)
                if how:
                    return Duplicate(old.content_id, how)
        return None

    async def record(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> ItemState | None:
        self._count("record")
        if await self.known(source.name, verdict.keys):
            return None
        if verdict.state is ItemState.NEW and (found := await self.duplicate(source, verdict, likeness, now)):
            verdict = replace(verdict, state=ItemState.DUPLICATE, duplicate_of=found.content_id, content_id="")
        self.rows.append((source.name, verdict))
        return verdict.state

    async def unstarted(self, source: str) -> Sequence[ClaimedItem]:
        waiting = [one for name, one in self.rows if name == source and one.state is ItemState.NEW]
        return [ClaimedItem(content_id=one.content_id, title=one.title) for one in waiting]

    async def request(self, content_id: str) -> ClaimedRequest:
        self._count("request")
        for _, one in self.rows:
            if one.content_id == content_id and one.state is ItemState.NEW:
                return ClaimedRequest(request=one.request, title=one.title)
        return ClaimedRequest()

    async def mark_started(self, content_id: str) -> None:
        self._count("mark_started")
        self.rows = [
            (name, replace(one, state=ItemState.STARTED) if one.content_id == content_id else one)
            for name, one in self.rows
        ]

    async def harvested(
        self, name: str, *, now: datetime, due_at: datetime, outcome: str, error: str, validators: Validators | None
    ) -> None:
        self._count("harvested")
        before = self.sources[name]
        failures = before.failures + 1 if outcome == "failed" else 0
        self.sources[name] = before.model_copy(
            update={"due_at": due_at, "outcome": outcome, "error": error, "failures": failures, "harvested_at": now}
        )
