"""Lists by pages from a real PostgreSQL: nothing is left out and nothing comes twice, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from control.listing import contents_listed
from control.posts_listing import posts_listed
from control.temporal.port import CallFailed, Code
from reelwright.domain.errors import InvalidInput
from reelwright.storage.contents import PostgresContents
from tests.servers import Servers

from ..conftest import database_of_its_own

FIRST = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 1_000
ADD = """insert into content (id, workflow_id, status, request, request_sha256, opened_at, closed_at)
    values ($1, 'content-' || $1, $2, '{"topic": "Tides"}', repeat('0', 64), $3, $4)"""
ADD_POST = """insert into posts (key, content_id, platform, account, draft, video, state, post_id, url, prepared_at,
    armed_at, ended_at) values ($1, $2, 'x', 'default', '{}', '{}', 'posted', $1, '', $3, $3, $3)"""


class OnlyLists:
    """A Temporal client that lists nothing, and fails for whatever else it is asked."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    async def runs(self, query: str, limit: int | None = None) -> AsyncIterator[Any]:
        self.queries.append(query)
        for run in ():
            yield run


class KnowsNone(OnlyLists):
    """The same; it also says of every workflow that there is none."""

    def handle(self, workflow_id: str, result_type: type) -> Any:
        return self

    async def describe(self) -> None:
        raise CallFailed("not found", Code.NOT_FOUND)


@pytest.fixture
async def pool(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


async def added(pool: Any, names: list[str], status: str = "done") -> None:
    """Contents of which five each were opened at the same moment, the first one first."""
    closed = None if status == "running" else FIRST
    rows = [(name, status, FIRST + timedelta(seconds=number // 5), closed) for number, name in enumerate(names)]
    await pool.executemany(ADD, rows)


async def test_a_thousand_contents_are_paged_without_gaps_or_doubles(pool: Any) -> None:
    names = [f"c{number:04}" for number in range(MANY)]
    await added(pool, names)
    client: Any = OnlyLists()
    seen: list[str] = []
    cursor, pages = None, 0
    while True:
        page = await contents_listed(client, PostgresContents(pool), stage=None, limit=37, cursor=cursor)
        assert len(page.rows) == 37 or page.next_cursor is None
        seen += [row.content_id for row in page.rows]
        pages += 1
        # Newer ones, which belong before what has been seen, and some of the very moment that was seen last.
        at = FIRST + timedelta(days=pages)
        await pool.executemany(ADD, [(f"new{pages}-{number}", "done", at, at) for number in range(10)])
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == sorted(names, reverse=True)
    assert len(client.queries) == pages, "one list query a page, for what is not in the database; no workflow was asked"


async def test_running_contents_of_a_page_cost_one_list_query(pool: Any) -> None:
    await added(pool, [f"r{number}" for number in range(50)], "running")
    client: Any = KnowsNone()
    page = await contents_listed(client, PostgresContents(pool), stage=None, limit=20)
    assert {row.stage for row in page.rows} == {"lost"} and len(page.rows) == 20
    assert len([query for query in client.queries if "WorkflowId IN" in query]) == 1 and len(client.queries) == 2


async def test_a_stage_is_paged_as_well(pool: Any) -> None:
    await added(pool, [f"d{number:03}" for number in range(60)])
    await added(pool, [f"f{number:03}" for number in range(60)], "failed")
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = await contents_listed(
            OnlyLists(),  # type: ignore[arg-type]
            PostgresContents(pool), stage="failed", limit=25, cursor=cursor,
        )  # fmt: skip
        seen += [row.content_id for row in page.rows]
        cursor = page.next_cursor
    assert cursor is None and seen == [f"f{number:03}" for number in reversed(range(60))]


async def test_posts_are_paged_from_the_database(pool: Any) -> None:
    names = [f"p{number:03}" for number in range(120)]
    await added(pool, names)
    rows = [(f"key-{name}", name, FIRST + timedelta(seconds=number // 7)) for number, name in enumerate(names)]
    await pool.executemany(ADD_POST, rows)
    await pool.execute(
        """update content set result = '{"posts": [{"platform": "x", "account": "default", "notes": ["cut"]}]}'
           where id = 'p000'"""
    )
    client: Any = OnlyLists()
    seen: list[Any] = []
    cursor = None
    while True:
        page = await posts_listed(
            client, PostgresContents(pool), content=None, platform=None, stage=None, limit=13, cursor=cursor
        )
        seen += page.rows
        late = f"late{len(seen)}"
        await pool.execute(ADD, late, "done", FIRST, FIRST)
        await pool.execute(ADD_POST, f"key-{late}", late, FIRST + timedelta(days=1))
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert [row.content_id for row in seen] == sorted(names, reverse=True)
    assert seen[-1].notes == ("cut",) and seen[0].notes == ()


async def test_a_list_of_one_channel_has_its_contents_and_posts_only(pool: Any) -> None:
    await added(pool, ["k1", "k2", "n1", "d1"])
    for name, channel in (("k1", "kids"), ("k2", "kids"), ("n1", "news")):
        await pool.execute(
            "update content set request = json_build_object('channel', $2::text) where id = $1", name, channel
        )
    await pool.executemany(ADD_POST, [(f"key-{name}", name, FIRST) for name in ("k1", "n1", "d1")])
    client, books = OnlyLists(), PostgresContents(pool)
    for channel, contents, posts in (
        ("kids", {"k1", "k2"}, {"k1"}),
        ("default", {"d1"}, {"d1"}),
        ("none", set(), set()),
    ):
        listed = await contents_listed(client, books, stage=None, limit=9, channel=channel)  # type: ignore[arg-type]
        assert {row.content_id for row in listed.rows} == contents
        page = await posts_listed(
            client,
            books,
            content=None,
            platform=None,
            stage=None,
            limit=9,
            channel=channel,  # type: ignore[arg-type]
        )
        assert {row.content_id for row in page.rows} == posts
        assert {row.channel for row in (*listed.rows, *page.rows)} <= {channel}
    assert [query for query in client.queries if "ReelChannel = 'kids'" in query]


async def test_the_order_of_a_list_is_read_from_an_index(pool: Any) -> None:
    await added(pool, [f"c{number:04}" for number in range(MANY)])
    await pool.execute("analyze content")
    plan = "\n".join(
        row[0]
        for row in await pool.fetch(
            """explain select c.id from content c where (c.opened_at, c.id collate "C") < ($1, $2)
               order by c.opened_at desc, c.id collate "C" desc limit 20""",
            FIRST + timedelta(seconds=100),
            "c0500",
        )
    )
    assert "Index Scan using content_by_opening" in plan and "Seq Scan" not in plan, plan


@pytest.mark.parametrize("cursor", ["x", "é", "AAAA", "bm8gdGltZQ", "MjAyNi0xMS0wMVQwMDowMDowMCBh"])
async def test_what_no_list_gave_out_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidInput, match="cursor"):
        await contents_listed(OnlyLists(), None, stage=None, limit=5, cursor=cursor)  # type: ignore[arg-type]
