"""`/events` over real sockets and a real database: nothing is lost, by whichever replica it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from console.live import hub as hubs
from console.live import sse
from console.live.hub import Batch, Hub, Listener
from control.studio import Books
from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.news import Item, Mark
from reelwright.domain.people import Caller, Role
from reelwright.storage.news import PostgresNews
from tests.console_app import PERSONS, app_of, browsing
from tests.servers import Servers

from ..conftest import database_of_its_own
from .streams import TELL, Replica, replica, source


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
async def one(pool: Any) -> AsyncIterator[Replica]:
    async with replica(app_of(pool=pool, caller=PERSONS[Role.VIEWER])) as found:
        yield found


async def test_what_changes_is_told_to_those_who_listen_for_it(one: Replica, pool: Any) -> None:
    async with source(one.client, "/events?topics=pauses,contents") as stream, source(one.client) as all_of_it:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.answer.headers["x-accel-buffering"] == "no"
        assert stream.answer.headers["cache-control"] == "no-store"
        await pool.execute(TELL, "quota", "x/a")
        await pool.execute(TELL, "pauses", "x/b\nid: 7\n\n")
        found = await stream.event()
        assert found is not None and found.data == {"pauses": ["x/b\nid: 7\n\n"]}
        assert await all_of_it.keys({"x/a"})
        Mark.of(found.id)


async def test_a_row_that_changes_often_is_told_once_a_turn(one: Replica, pool: Any) -> None:
    async with source(one.client) as stream:
        await pool.execute("insert into news (kind, key) select 'contents', 'same' from generate_series(1, 300)")
        found = await stream.event()
        assert found is not None and found.data == {"contents": ["same"]}


async def test_the_other_replica_goes_on_without_a_gap_when_one_is_killed(pool: Any) -> None:
    """Changes are made all the time; the first replica is cut off in the middle of them."""
    seen: list[str] = []
    wanted = {f"n{number}" for number in range(400)}

    async def change() -> None:
        for number in range(400):
            await pool.execute(TELL, "posts", f"n{number}")

    app = lambda: app_of(pool=pool, caller=PERSONS[Role.VIEWER])  # noqa: E731
    async with replica(app()) as first, replica(app()) as second:
        async with source(first.client) as stream:
            changing = asyncio.create_task(change())
            seen += await stream.keys({"n50"})
            first.kill()
            while (found := await stream.event()) is not None:
                seen += [key for keys in found.data.values() for key in keys]
            last_id = stream.last_id
        assert not wanted <= set(seen), "it was cut off before the end"
        async with source(second.client, last_id=last_id) as stream:
            seen += await stream.keys(wanted - set(seen))
        await changing
    assert set(seen) >= wanted


async def test_a_transaction_that_ends_late_is_told_late_and_not_lost(one: Replica, pool: Any) -> None:
    async with source(one.client) as stream, pool.acquire() as slow:
        under_way = slow.transaction()
        await under_way.start()
        await slow.execute(TELL, "posts", "slow")
        await pool.execute(TELL, "posts", "quick")
        before = one.hub._mark
        while one.hub._state or one.hub._mark < before:
            await asyncio.sleep(0.01)
        await under_way.commit()
        assert set(await stream.keys({"slow", "quick"})) == {"slow", "quick"}


async def test_a_page_hears_what_has_changed_since_it_was_read(one: Replica, pool: Any) -> None:
    mark = str(await PostgresNews(pool).mark())
    await pool.execute(TELL, "contents", "early")
    async with source(one.client, f"/events?after={mark}") as stream:
        assert await stream.keys({"early"}) == ["early"]
    async with source(one.client, "/events?ago=5") as stream:
        await stream.keys({"early"})
    async with source(one.client, "/events?topics=links&ago=5") as stream:
        await pool.execute(TELL, "links", "late")
        assert await stream.keys({"late"}) == ["late"]


async def test_too_old_a_mark_is_answered_with_a_reset(one: Replica, pool: Any) -> None:
    mark = str(await PostgresNews(pool).mark())
    await pool.execute(TELL, "contents", "old")
    await pool.execute("update news set at = now() - interval '2 days' where key = 'old'")
    await PostgresNews(pool).prune()
    async with source(one.client, last_id=mark) as stream:
        found = await stream.event()
        assert found is not None and found.kind == "reset"
        assert stream.last_id > mark
        await pool.execute(TELL, "contents", "new")
        assert await stream.keys({"new"}) == ["new"]


async def test_more_than_a_page_can_take_is_a_reset(one: Replica, pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = str(await PostgresNews(pool).mark())
    await pool.execute("insert into news (kind, key) select 'posts', n::text from generate_series(1, 2500) n")
    async with source(one.client, last_id=mark) as stream:
        found = await stream.event()
        assert found is not None and found.kind == "reset"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("topics=nonsense", "topics"),
        ("after=nonsense", "after"),
        ("ago=-1", "ago"),
        ("ago=nan", "ago"),
        ("ago=x", "ago"),
    ],
)
async def test_a_wrong_question_is_refused(pool: Any, query: str, field: str) -> None:
    async with browsing(app_of(pool=pool), Accept="application/json") as client:
        answer = await client.get(f"/events?{query}")
        assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_who_has_no_session_or_a_link_to_one_review_hears_nothing(pool: Any) -> None:
    for caller, status in ((None, 401), (Caller(name="c", role=Role.VIEWER, way="link"), 403)):
        async with browsing(app_of(pool=pool, caller=caller), Accept="text/event-stream") as client:
            assert (await client.get("/events")).status_code == status
    async with browsing(app_of(pool=pool, caller=None), Accept="*/*") as client:
        assert (await client.get("/events/session")).status_code == 401
    async with browsing(app_of(pool=pool)) as client:
        assert (await client.get("/events/session")).json() == {"role": "admin"}


async def test_a_session_that_ends_ends_its_stream(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "CHECKED_EVERY_S", 0.0)
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.02)
    outcome: list[Any] = [True]

    async def still(books: Books, caller: Caller) -> bool:
        assert books.caller is caller
        if isinstance(outcome[0], Exception):
            raise outcome[0]
        return bool(outcome[0])

    monkeypatch.setattr(sse, "still_open", still)
    async with replica(app_of(pool=pool, caller=PERSONS[Role.VIEWER])) as one, source(one.client) as stream:
        beat = await stream.block()
        assert beat is not None and not beat.kind and beat.id, "a comment with the mark"
        outcome[0] = ProviderUnavailable("the database does not answer")
        for _ in range(3):
            beat = await stream.block()
            assert beat is not None and not beat.kind, "nobody is signed out because the database is away"
        outcome[0] = False
        found = await stream.event()
        assert found is not None and found.kind == "signed-out"
        assert await stream.event() is None
        while one.hub.listeners:
            await asyncio.sleep(0.01)


async def test_it_stops_within_three_seconds_with_streams_open(pool: Any) -> None:
    async with replica(app_of(pool=pool)) as one, AsyncExitStack() as stack:
        streams = [await stack.enter_async_context(source(one.client)) for _ in range(20)]
        assert one.hub.listeners == 20
        began = time.monotonic()
        await one.stop()
        took = time.monotonic() - began
        assert all([await stream.event() is None for stream in streams])
        assert one.hub.listeners == 0
        assert took < 3


async def test_a_hundred_streams_are_one_question_a_turn(pool: Any) -> None:
    asked = 0

    class Counted(Hub):
        async def _poll(self, *, look: bool) -> None:
            nonlocal asked
            asked += 1
            await super()._poll(look=look)

    app = app_of(pool=pool)
    app.state.hub = Counted(app.state.parts.books(PERSONS[Role.ADMIN]), app.state.stopping)
    limits = httpx.Limits(max_connections=None)
    async with replica(app) as one, AsyncExitStack() as stack:
        many = await stack.enter_async_context(httpx.AsyncClient(base_url=one.url, limits=limits, timeout=60))
        streams = [await stack.enter_async_context(source(many)) for _ in range(100)]
        before = asked
        await pool.execute(TELL, "contents", "for all")
        assert await asyncio.gather(*(stream.keys({"for all"}) for stream in streams)) == [["for all"]] * 100
        assert asked - before < 100
    assert one.hub.listeners == 0


async def test_nobody_listens_and_nothing_is_asked(one: Replica) -> None:
    async with source(one.client):
        assert one.hub.listeners == 1 and one.hub._running is not None
    await one.client.get("/health")
    while one.hub.listeners or one.hub._running:
        await asyncio.sleep(0.01)


async def test_a_full_replica_sends_others_away(one: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "STREAMS", 0)
    answer = await one.client.get("/events")
    assert (answer.status_code, answer.headers.get("retry-after")) == (503, "10")


# --- without a server ------------------------------------------------------------------------------------------------


class Away(PostgresNews):
    """A database that is away when `away` says so."""

    away: Exception | None = None

    async def after(self, *args: Any, **given: Any) -> Any:
        if Away.away:
            raise Away.away
        return await super().after(*args, **given)


async def test_while_the_database_is_away_streams_are_told_and_go_on(
    pool: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Books, "news", property(lambda books: Away(books.pool)))
    books, stopping = Books(pool, SecretStr(""), PERSONS[Role.ADMIN]), asyncio.Event()
    hub = Hub(books, stopping, every_s=0.01)
    listener = await hub.join(frozenset({"posts"}), None, books)
    try:
        Away.away = ProviderUnavailable("the database does not answer")
        batch = await listener.next(600)
        assert batch.state is not None and "database" in batch.state and not batch.keys
        other = asyncio.create_task(hub.join(frozenset({"posts"}), None, books))
        assert (await (await other).next(600)).state == batch.state, "one that comes meanwhile is told as well"
        await pool.execute(TELL, "posts", "meanwhile")
    finally:
        Away.away = None
    told: list[Batch] = []
    while not (any(batch.keys for batch in told) and {} in [batch.state for batch in told]):
        told.append(await listener.next(600))
    assert {"posts": ["meanwhile"]} in [batch.keys for batch in told]
    stopping.set()
    while not listener.ended:
        await asyncio.sleep(0.01)


async def test_what_is_in_temporals_way_is_told(pool: Any) -> None:
    await pool.execute(
        "insert into board_watch (turn_at, trouble) values (now(), 'Temporal: down') on conflict (one) do update "
        "set trouble = 'Temporal: down'"
    )
    books = Books(pool, SecretStr(""), PERSONS[Role.ADMIN])
    hub = Hub(books, stopping := asyncio.Event(), every_s=0.01)
    listener = await hub.join(frozenset({"posts"}), None, books)
    assert (await listener.next(600)).state == {"temporal": "Temporal: down"}
    await pool.execute("update board_watch set trouble = ''")
    assert (await listener.next(600)).state == {}
    stopping.set()


async def test_a_fault_in_the_hub_ends_its_streams(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser connects again, where a stream that hears nothing would look alive."""

    async def broken(*args: Any, **given: Any) -> Any:
        raise RuntimeError("a bug")

    books = Books(pool, SecretStr(""), PERSONS[Role.ADMIN])
    hub = Hub(books, asyncio.Event(), every_s=0.01)
    monkeypatch.setattr(hubs, "news_after", broken)
    listener = await hub.join(frozenset({"posts"}), None, books)
    await listener.next(600)
    assert listener.ended
    monkeypatch.undo()
    hub.leave(listener)
    again = await hub.join(frozenset({"posts"}), None, books)
    assert not again.ended
    hub.leave(again)


def test_a_slow_stream_has_each_row_once_and_not_more_than_it_can_hold() -> None:
    listener = Listener(frozenset({"posts"}), Mark(1, 0))

    def item(number: int, kind: str = "posts") -> Item:
        return Item(Mark(2, number), kind, f"k{number}", None)  # type: ignore[arg-type]

    listener.tell([item(1), item(2), item(1), item(3, "quota")], Mark(2, 3))
    assert list(listener._pending) == [("posts", "k2"), ("posts", "k1")], "the newest is last"
    listener.tell([item(number) for number in range(hubs.PENDING + 1)], Mark(2, 9))
    assert not listener._pending and listener._reset and listener.mark == Mark(2, 9)


def test_frames_have_one_id_each_at_their_end() -> None:
    mark = Mark(5, 6)
    assert sse.frame(Batch(mark)) == "id: 5.6\n: \n\n"
    assert sse.frame(Batch(mark, {"posts": ["a"]})) == 'id: 5.6\ndata: {"posts":["a"]}\n\n'
    both = sse.frame(Batch(mark, {"posts": ["a"]}, reset=True, state={}))
    assert both == 'event: state\ndata: {}\n\nevent: reset\ndata: {}\n\nid: 5.6\ndata: {"posts":["a"]}\n\n'
