"""The outbox: what is changed is told in the same transaction, nothing is left out, and nobody reads past a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.news import TOPICS, Mark, News, named_topics
from reelwright.domain.people import Caller, Role
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.migrations.versions.v0023_live import TOLD
from reelwright.storage.news import PostgresNews
from reelwright.storage.pauses import PostgresGate
from reelwright.storage.posts import PostgresPostLedger
from tests.servers import Servers

from ..conftest import database_of_its_own
from .filing import fresh, open_content, ready, settled

TELL = "insert into news (kind, key) values ('pauses', $1) returning id"


@pytest.fixture(scope="module")
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture
def news(pool: Any) -> PostgresNews:
    return PostgresNews(pool)


async def at_least(count: int, news: PostgresNews, mark: Mark) -> News:
    """The news after a mark, once there are so many: transactions of other tests hold them back."""
    async with asyncio.timeout(600):
        while len((found := await news.after(mark)).items) < count:
            await asyncio.sleep(0.05)
    return found


async def told(news: PostgresNews, mark: Mark) -> set[tuple[str, str]]:
    await settled(news._pool)
    found = await news.after(mark)
    assert not found.gap
    return {(item.kind, item.key) for item in found.items}


async def test_what_is_changed_is_told_and_what_is_rolled_back_is_not(pool: Any, news: PostgresNews) -> None:
    mark, content = await news.mark(), fresh()
    await open_content(PostgresCatalog(pool), content)
    await PostgresGate(pool).pause(Platform.X, "main", by="ana", note="")
    sequence = await pool.fetchval("select max(sequence) from audit")
    assert await told(news, mark) == {("contents", content), ("pauses", "x/main"), ("audit", str(sequence))}
    mark = await news.mark()
    with pytest.raises(ZeroDivisionError):
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("delete from pauses")
            raise ZeroDivisionError
    assert await told(news, mark) == set()
    assert await PostgresGate(pool).resume(Platform.X, "main", by="ana")
    assert ("pauses", "x/main") in await told(news, mark)


async def test_an_upload_that_goes_on_is_no_news(pool: Any, news: PostgresNews) -> None:
    content = fresh()
    await open_content(PostgresCatalog(pool), content)
    key = await ready(PostgresPostLedger(pool), content)
    mark = await news.mark()
    await pool.execute("update posts set committed = committed + 1, updated_at = now() where key = $1", key)
    assert await told(news, mark) == set()
    assert await PostgresPostLedger(pool).arm(key)
    assert await told(news, mark) == {("posts", f"{content}/youtube/default")}


async def test_a_line_that_moves_is_told_once_an_account(pool: Any, news: PostgresNews) -> None:
    mark = await news.mark()
    await pool.execute(
        """insert into quota_bookings (key, platform, account, priority, costs, scheduled, state, slot_at, heard_at)
           select 'b' || n, 'x', 'a' || n % 2, 3, '{}', false, 'waiting', now(), now() from generate_series(1, 50) n"""
    )
    assert [item.key for item in (await at_least(2, news, mark)).items] in (["x/a0", "x/a1"], ["x/a1", "x/a0"])
    mark = await news.mark()
    await pool.execute("update quota_bookings set heard_at = now()")
    assert await told(news, mark) == set()
    await pool.execute("update quota_bookings set slot_at = now() + interval '1 hour' where account = 'a1'")
    assert [(item.kind, item.key) for item in (await at_least(1, news, mark)).items] == [("quota", "x/a1")]


async def test_news_whose_transactions_commit_in_another_order_are_not_lost(pool: Any, news: PostgresNews) -> None:
    """The later transaction has the smaller id, and the earlier one ends first: a reader that went by ids alone, or by
    what is visible, would go on past the one that is still under way."""
    mark = await news.mark()
    async with pool.acquire() as early, pool.acquire() as late:
        first, second = early.transaction(), late.transaction()
        await first.start()
        await early.execute("select pg_current_xact_id()")
        await second.start()
        await late.execute("select pg_current_xact_id()")
        behind = await late.fetchval(TELL, "late")
        assert await early.fetchval(TELL, "early") > behind
        await first.commit()
        found = await at_least(1, news, mark)
        assert [item.key for item in found.items] == ["early"], "its transaction is before all that are under way"
        await second.commit()
    assert [item.key for item in (await at_least(1, news, found.mark)).items] == ["late"]


async def test_a_transaction_under_way_holds_back_only_what_came_after_it(pool: Any, news: PostgresNews) -> None:
    mark = await news.mark()
    async with pool.acquire() as slow:
        under_way = slow.transaction()
        await under_way.start()
        await slow.execute(TELL, "slow")
        await pool.execute(TELL, "quick")
        waits = await news.after(mark)
        assert waits.items == () and waits.mark >= mark
        await under_way.commit()
    assert {item.key for item in (await at_least(2, news, waits.mark)).items} == {"slow", "quick"}


async def test_news_come_in_portions(pool: Any, news: PostgresNews) -> None:
    mark = await news.mark()
    await pool.executemany(TELL, [(f"k{n}",) for n in range(25)])
    await settled(pool)
    seen: list[str] = []
    while True:
        found = await news.after(mark, limit=10)
        seen, mark = seen + [item.key for item in found.items], found.mark
        if not found.more:
            break
    assert seen == [f"k{n}" for n in range(25)]
    assert (await news.after(mark, kinds=frozenset({"posts"}))).items == ()


async def test_who_has_seen_less_than_was_deleted_has_a_gap(pool: Any, news: PostgresNews) -> None:
    old = await news.mark()
    await pool.execute(TELL, "yesterday")
    await pool.execute("update news set at = now() - interval '25 hours' where key = 'yesterday'")
    kept = await news.mark()
    await pool.execute(TELL, "today")
    assert await news.prune() == 1
    assert (await news.after(old)).gap
    assert await told(news, kept) == {("pauses", "today")}
    assert await news.prune() == 0
    assert (await news.after(old)).gap, "the second time forgets nothing"


async def test_news_of_another_server_are_a_gap(pool: Any, news: PostgresNews) -> None:
    """A backup that is restored elsewhere brings numbers of transactions that are yet to come there."""
    mark = await news.mark()
    elsewhere = Mark(mark.xid + 10**9, 5)
    assert (await news.after(elsewhere)).gap
    await pool.execute("insert into news (xid, kind, key) values ($1::text::xid8, 'x', 'restored')", str(elsewhere.xid))
    await news.prune(timedelta(days=9))
    assert not await pool.fetchval("select count(*) from news where key = 'restored'")


async def test_a_reader_uses_the_index(pool: Any) -> None:
    await pool.execute("insert into news (kind, key) select 'posts', n::text from generate_series(1, 20000) n")
    await pool.execute("analyze news")
    plan = "\n".join(
        row[0]
        for row in await pool.fetch(
            """explain select * from news where (xid, id) > ($1::text::xid8, $2::bigint)
               and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, id limit 500""",
            "900",
            3,
        )
    )
    assert "Index Scan using news_pkey" in plan and "Seq Scan" not in plan, plan


async def test_a_ticket_opens_once(pool: Any, news: PostgresNews) -> None:
    ana = Caller(name="ana", role=Role.REVIEWER, way="session", key="s1")
    await news.keep_ticket("secret", ana)
    assert "secret" not in str(await pool.fetch("select * from stream_tickets"))
    assert await news.use_ticket("another") is None
    assert await news.use_ticket("secret") == ana
    assert await news.use_ticket("secret") is None
    await news.keep_ticket("late", ana)
    await pool.execute("update stream_tickets set expires_at = now()")
    assert await news.use_ticket("late") is None


def test_every_kind_that_is_told_is_a_topic() -> None:
    assert {kind for _, kinds, *_ in TOLD for kind in kinds} <= set(TOPICS)


@pytest.mark.parametrize("text", ["", "1", "1.2.3", "-1.2", "a.b", "1.", f"{2**64}.0", f"1.{2**63}", "1.2\n", "¹.2"])
def test_a_mark_is_checked(text: str) -> None:
    assert Mark.of(str(Mark(7, 9))) == Mark(7, 9)
    with pytest.raises(InvalidInput) as raised:
        Mark.of(text)
    assert raised.value.field == "after"


def test_topics_are_checked() -> None:
    assert named_topics("", Role.ADMIN) == frozenset(TOPICS)
    assert named_topics("", Role.VIEWER) == frozenset(TOPICS) - {"people"}
    assert named_topics("posts, contents,", Role.VIEWER) == {"posts", "contents"}
    with pytest.raises(InvalidInput) as raised:
        named_topics("posts,people", Role.OPERATOR)
    assert raised.value.field == "topics"
