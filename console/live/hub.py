"""The news for the streams of this replica: read from the database once a second for all of them, while there are any.
The database has all state: a stream goes on at any other replica where it was broken off here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from control.board import news_after, news_mark, watched
from control.failures import explained
from control.studio import Books
from control.temporal.port import TemporalError
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.news import Item, Mark

log = logging.getLogger(__name__)
EVERY_S = 1.0
STATE_EVERY = 5
"""Polls between two looks at whether Temporal answers."""
PENDING = 1_000
"""Rows that a stream may have waiting. Of one with more only that is told: its page reads all of it anew."""
REPLAYED = 2_000


@dataclass(frozen=True)
class Batch:
    """What a stream sends next. `keys` are the changed rows by kind; `reset`: there is a gap, and everything shown has
    to be read anew; `state` is what does not answer, where that has changed. `mark` is how far this goes."""

    mark: Mark
    keys: dict[str, list[str]] = field(default_factory=dict)
    reset: bool = False
    state: dict[str, str] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.keys or self.reset or self.state is not None)


class Listener:
    """One stream. What it has not sent yet waits here: each row once, however often it has changed."""

    def __init__(self, topics: frozenset[str], mark: Mark) -> None:
        self.topics = topics
        self.mark = mark
        self.ended = False
        self._pending: dict[tuple[str, str], None] = {}
        self._reset = False
        self._state: dict[str, str] | None = None
        self._waiting = asyncio.Event()

    def tell(self, items: Iterable[Item], mark: Mark) -> None:
        """Changed rows, and how far the news go with them."""
        for item in items:
            if item.kind in self.topics:
                self._pending.pop((item.kind, item.key), None)
                self._pending[item.kind, item.key] = None
        self.mark = max(self.mark, mark)
        if len(self._pending) > PENDING:
            self.reset()
        elif self._pending:
            self._waiting.set()

    def reset(self) -> None:
        """Some news are missing."""
        self._pending.clear()
        self._reset = True
        self._waiting.set()

    def show(self, state: dict[str, str]) -> None:
        """What does not answer: by its name, in words."""
        self._state = state
        self._waiting.set()

    def end(self) -> None:
        """No more news will come."""
        self.ended = True
        self._waiting.set()

    async def next(self, within_s: float) -> Batch:
        """What is to be sent; an empty one where nothing has come within that time, or the stream has ended."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._waiting.wait(), within_s)
        keys: dict[str, list[str]] = {}
        for kind, key in self._pending:
            keys.setdefault(kind, []).append(key)
        batch = Batch(self.mark, keys, self._reset, self._state)
        self._pending, self._reset, self._state = {}, False, None
        if not self.ended:
            self._waiting.clear()
        return batch


class Hub:
    """`books` is opened for the console itself. `stopping` ends all streams."""

    def __init__(self, books: Books, stopping: asyncio.Event, *, every_s: float = EVERY_S) -> None:
        self._books = books
        self._stopping = stopping
        self._every_s = every_s
        self._listeners: set[Listener] = set()
        self._mark = Mark(0, 0)
        self._state: dict[str, str] = {}
        self._running: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    @property
    def listeners(self) -> int:
        """How many streams are open here."""
        return len(self._listeners)

    async def join(self, topics: frozenset[str], after: Mark | None, books: Books) -> Listener:
        """A new stream. It begins with what has changed since `after`, as far as the caller of `books` may hear it.
        Raises `ProviderUnavailable` while the database is away."""
        async with self._starting:
            if self._running is None:
                self._mark = await news_mark(self._books)
                self._running = asyncio.create_task(self._run())
            listener = Listener(topics, self._mark)
            self._listeners.add(listener)
        try:
            if after is not None:
                await _replayed(listener, after, books)
        except BaseException:
            self.leave(listener)
            raise
        if self._state:
            listener.show(self._state)
        return listener

    def leave(self, listener: Listener) -> None:
        """A stream has ended."""
        self._listeners.discard(listener)

    async def _run(self) -> None:
        stopped = asyncio.create_task(self._stopping.wait())
        polls = 0
        try:
            while self._listeners and not self._stopping.is_set():
                await self._poll(look=polls % STATE_EVERY == 0)
                polls += 1
                await asyncio.wait({stopped}, timeout=self._every_s)
        except Exception:  # streams that hear nothing would look alive
            log.exception("the news cannot be read")
        finally:
            stopped.cancel()
            self._running = None
            if self._stopping.is_set() or self._listeners:
                for listener in list(self._listeners):
                    listener.end()

    async def _poll(self, *, look: bool) -> None:
        """Reads what is new. While the database is away the streams are told, and go on where they were."""
        state = self._state
        try:
            while True:
                news = await news_after(self._books, self._mark)
                self._mark = news.mark
                for listener in self._listeners:
                    listener.tell(news.items, news.mark)
                    if news.gap:
                        listener.reset()
                if not news.more:
                    break
            if look or "database" in state:
                trouble = (await watched(self._books)).trouble
                state = {"temporal": trouble} if trouble else {}
        except (ReelwrightError, TemporalError) as error:
            state = {"database": explained(error).message}
        if state != self._state:
            self._state = state
            for listener in self._listeners:
                listener.show(state)


async def _replayed(listener: Listener, after: Mark, books: Books) -> None:
    """What is between `after` and now. News that come meanwhile reach the listener as well: some of them twice."""
    told = 0
    while True:
        news = await news_after(books, after, listener.topics)
        told += len(news.items)
        if news.gap or told > REPLAYED:
            listener.tell((), news.mark)
            listener.reset()
            return
        listener.tell(news.items, news.mark)
        after = news.mark
        if not news.more:
            return
