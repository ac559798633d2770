"""The watcher on a real database: what it writes, what it leaves, and whose turn it is. Temporal's own answers are in
tests/workflow/test_board_watcher.py."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control import board_watcher
from control.board import boards_of, counts
from control.board_watcher import BoardWatcher
from control.studio import Books
from control.temporal.port import CallFailed, Code, Run, RunStatus
from reelwright.domain.news import Mark
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.news import PostgresNews
from tests.servers import Servers, emptied

from ..conftest import database_of_its_own
from .filing import fresh, open_content, settled

DAY = datetime(2026, 11, 1, tzinfo=UTC)


class Listed:
    """A Temporal client with these runs; `away` is what every call ends in."""

    def __init__(self) -> None:
        self.listed: list[Run] = []
        self.ended: dict[str, Run] = {}
        self.away: Exception | None = None
        self.lists = self.described = 0

    async def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Run]:
        self.lists += 1
        if self.away:
            raise self.away
        for run in self.listed:
            yield run

    def handle(self, workflow_id: str, result_type: type) -> Any:
        self._asked = workflow_id
        return self

    async def describe(self) -> Run:
        self.described += 1
        if self._asked not in self.ended:
            raise CallFailed("not found", Code.NOT_FOUND)
        return self.ended[self._asked]


def running(content: str, stage: str, **attributes: Any) -> Run:
    return Run(
        id=f"content-{content}", run_id="r", workflow_type="ContentPipeline", status=RunStatus.RUNNING, start_time=DAY,
        attributes={"ReelContentId": content, "ReelStage": stage, "ReelChannel": "default", **attributes},
    )  # fmt: skip


@pytest.fixture(scope="module")
async def shared(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def books(shared: Any) -> Books:
    await emptied(shared)
    return Books(shared, SecretStr("unused"))


@pytest.fixture
def temporal() -> Listed:
    return Listed()


def watcher(books: Books, temporal: Listed, listeners: int = 1) -> BoardWatcher:
    async def client() -> Any:
        return temporal

    return BoardWatcher(books.pool, client, lambda: listeners)


async def opened(books: Books, *, settled: bool = False) -> str:
    content = fresh()
    await open_content(PostgresCatalog(books.pool), content)
    if settled:
        await books.pool.execute("update boards set updated = now() - interval '1 minute'")
    return content


async def stage_of(books: Books, content: str) -> str:
    found = await boards_of(books, [content])
    return found[0].stage if found else ""


async def told(books: Books, mark: Mark) -> list[tuple[str, str]]:
    await settled(books.pool)
    return sorted({(item.kind, item.key) for item in (await PostgresNews(books.pool).after(mark)).items})


async def test_only_what_has_changed_is_written(books: Books, temporal: Listed) -> None:
    one, two = await opened(books), await opened(books)
    temporal.listed = [running(one, "review", ReelReview="wanted", ReelCostUsd=0.5), running(two, "material")]
    watch, mark = watcher(books, temporal), await PostgresNews(books.pool).mark()
    assert await watch.turn()
    assert await told(books, mark) == sorted([("contents", one), ("contents", two), ("reviews", one)])
    found = await counts(books)
    assert (found.stages, found.reviews) == ({"review": 1, "material": 1}, 1)
    assert found.watched.seen_at is not None and found.watched.trouble == ""
    mark = await PostgresNews(books.pool).mark()
    assert await watch.turn()
    assert await told(books, mark) == [], "the second look has seen the same"
    temporal.listed[1] = running(two, "material", ReelCostUsd=0.01)
    assert await watch.turn()
    assert await told(books, mark) == [("contents", two)]


async def test_of_two_watchers_one_takes_the_turn(books: Books, temporal: Listed) -> None:
    watchers = [watcher(books, temporal) for _ in range(4)]
    assert sorted(await asyncio.gather(*(each.turn(timedelta(minutes=1)) for each in watchers))) == [False] * 3 + [True]
    assert temporal.lists == 1
    await books.pool.execute("update board_watch set turn_at = now() - interval '2 minutes'")
    assert await watchers[0].turn(timedelta(minutes=1)), "whoever had it may be gone"


async def test_what_is_not_listed_is_looked_for(books: Books, temporal: Listed) -> None:
    ended, lost, lags = await opened(books), await opened(books), await opened(books, settled=True)
    fresh_one = await opened(books)
    dead = replace(running(ended, "writing"), status=RunStatus.TERMINATED)
    temporal.ended = {dead.id: dead, f"content-{lags}": running(lags, "writing")}
    watch = watcher(books, temporal)
    await watch.turn()
    assert [await stage_of(books, each) for each in (ended, lost, lags, fresh_one)] == [
        "terminated", "lost", "accepted", "accepted",
    ]  # fmt: skip
    assert temporal.described == 3, "the fourth has just begun: Visibility may not have it yet"
    temporal.listed = [running(lost, "writing")]
    await watch.turn()
    assert await stage_of(books, lost) == "writing", "it was started again"


async def test_one_without_a_row_is_listed_and_goes_with_its_run(books: Books, temporal: Listed) -> None:
    content = fresh()
    temporal.listed = [replace(running(content, "accepted"), memo={"title": "Tides"})]
    watch = watcher(books, temporal)
    await watch.turn()
    [found] = await boards_of(books, [content])
    assert (found.title, found.stage, found.filed) == ("Tides", "accepted", False)
    temporal.listed = []
    await books.pool.execute("update boards set updated = now() - interval '1 minute'")
    await watch.turn()
    assert await boards_of(books, [content]) == []


async def test_another_workflow_under_the_same_id_does_not_take_its_place(books: Books, temporal: Listed) -> None:
    content = await opened(books)
    temporal.listed = [replace(running(content, "writing"), id="impostor"), running(content, "review")]
    await watcher(books, temporal).turn()
    [found] = await boards_of(books, [content])
    assert (found.workflow_id, found.stage) == (f"content-{content}", "review")


@pytest.mark.parametrize("away", [CallFailed("down", Code.UNAVAILABLE), TimeoutError(), ConnectionRefusedError("no")])
async def test_while_temporal_is_away_the_boards_keep_what_they_had(
    books: Books, temporal: Listed, away: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    content = await opened(books, settled=True)
    temporal.listed = [running(content, "material")]
    watch = watcher(books, temporal)
    await watch.turn()
    before = (await counts(books)).watched
    temporal.away = away
    with caplog.at_level(logging.WARNING):
        assert await watch.turn() and await watch.turn()
    found = await counts(books)
    assert found.watched.trouble and found.watched.seen_at == before.seen_at and found.stages == {"material": 1}
    assert len(caplog.records) == 1, "it is told once"
    temporal.away = None
    await watch.turn()
    assert (await counts(books)).watched.trouble == ""


async def test_it_takes_turns_until_it_is_stopped(
    books: Books, temporal: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_watcher, "WATCHED", timedelta(seconds=0.02))
    stop = asyncio.Event()
    task = asyncio.create_task(watcher(books, temporal).run(stop))
    async with asyncio.timeout(600):
        while temporal.lists < 3:
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(task, 600)
