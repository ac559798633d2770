"""Boards: how contents stand, in the order, the filters and the counts of lists, and how they follow the contents."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from control.board import board, boards_of, counts, news_after, news_mark, stream_ticket, today, use_stream_ticket
from control.listing import STAGES
from control.studio import Books
from reelwright.domain.boards import BEGINS_AT, DEAD_STAGES, WANTING_STAGES, BoardFilters, WantingPost
from reelwright.domain.channels.config import ChannelConfig
from reelwright.domain.content.stages import Stage
from reelwright.domain.costs.money import Money
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Caller, Role
from reelwright.storage.board_watch import Begun, PostgresBoardWatch, Seen
from reelwright.storage.boards import _page
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.migrations.versions import v0023_live
from reelwright.storage.news import PostgresNews
from tests.servers import Servers, emptied

from ..conftest import database_of_its_own
from .filing import fresh, open_content

VIEWER = Caller(name="vera", role=Role.VIEWER, way="session", key="s")
DAY = datetime(2026, 11, 1, tzinfo=UTC)
MANY = 10_000
SEED = f"""insert into content (id, workflow_id, status, request, request_sha256, result, opened_at, closed_at)
    select 'c' || lpad(n::text, 5, '0'), 'content-c' || lpad(n::text, 5, '0'),
        case when n % 50 = 0 then 'running' when n % 20 = 1 then 'failed' else 'done' end,
        json_build_object('topic', 'Topic ' || n, 'channel', 'ch' || n % 10), repeat('0', 64),
        case when n % 50 > 0 then json_build_object('title', 'Tides ' || n, 'reason', 'because') end,
        timestamptz '2026-11-01 00:00+00' + (n / 3) * interval '1 minute',
        case when n % 50 > 0 then timestamptz '2026-11-02 00:00+00' + n * interval '1 minute' end
    from generate_series(1, {MANY}) n"""


@pytest.fixture(scope="module")
async def shared(servers: Servers) -> AsyncIterator[Any]:
    async with database_of_its_own(servers) as pool:
        yield pool


@pytest.fixture(scope="module")
async def many(servers: Servers) -> AsyncIterator[Books]:
    """Ten thousand contents, which are only read."""
    async with database_of_its_own(servers) as pool:
        await pool.execute(SEED)
        await pool.execute("analyze boards")
        yield Books(pool, SecretStr("unused"), VIEWER)


@pytest.fixture
async def books(shared: Any) -> Books:
    await emptied(shared)
    return Books(shared, SecretStr("unused"), VIEWER)


async def one(books: Books, content_id: str) -> Any:
    [found] = await boards_of(books, [content_id])
    return found


async def seen(books: Books, content_id: str, stage: str, review: str = "", cost: float | None = None) -> None:
    known = Seen(content_id, f"content-{content_id}", stage, BEGINS_AT.get(stage, 100), review, cost)
    await PostgresBoardWatch(books.pool).see([known])


# --- following the contents ------------------------------------------------------------------------------------------


async def test_a_board_follows_its_content_from_the_first_to_the_last(books: Books) -> None:
    catalog, content = PostgresCatalog(books.pool), fresh()
    await open_content(catalog, content)
    board = await one(books, content)
    assert (board.stage, board.title, board.channel, board.filed, board.ended) == (
        "accepted",
        "x",
        "default",
        True,
        None,
    )
    await catalog.record_result(
        f"{content}/writing", content_id=content, step="writing", result_json='{"title": "Why  tides\\nturn"}',
        assets=(), provider="p", usd=0.25,
    )  # fmt: skip
    await seen(books, content, "review", "wanted", 0.25)
    board = await one(books, content)
    assert (board.stage, board.percent, board.review, board.cost) == ("review", 35, "wanted", Money.of("0.25"))
    assert board.asked is not None and board.title == "Why  tides\nturn"
    asked = board.asked
    await seen(books, content, "parked", "wanted")
    board = await one(books, content)
    assert board.asked == asked and board.cost == Money.of("0.25"), "it waits since then, and has cost what it had"
    await catalog.close_content(content, status="rejected", result_json='{"title": "Tides", "reason": "too wet"}')
    board = await one(books, content)
    assert (board.stage, board.percent, board.title, board.detail) == ("rejected", 100, "Tides", "too wet")
    assert board.review == "" and board.asked is None and board.ended is not None and board.cost == Money.of("0.25")


async def test_what_temporal_says_late_does_not_open_a_closed_content(books: Books) -> None:
    catalog, content = PostgresCatalog(books.pool), fresh()
    await open_content(catalog, content)
    await catalog.close_content(content, status="done", result_json="{}")
    await seen(books, content, "publishing")
    assert (await one(books, content)).stage == "done"
    await catalog.close_content(content, status="failed", result_json="{}")
    await open_content(catalog, content)
    board = await one(books, content)
    assert (board.stage, board.percent, board.ended) == ("accepted", 0, None), "it was started again"


async def test_one_that_died_lives_again_when_it_runs(books: Books) -> None:
    watch, content = PostgresBoardWatch(books.pool), fresh()
    await open_content(PostgresCatalog(books.pool), content)
    await watch.end({content: "terminated"})
    board = await one(books, content)
    assert (board.stage, board.percent) == ("terminated", 100) and board.ended is not None
    [known] = [each for each in await watch.running(timedelta(0)) if each.content_id == content]
    assert known.dead
    await seen(books, content, "writing")
    board = await one(books, content)
    assert (board.stage, board.ended) == ("writing", None)


async def test_one_that_no_worker_has_begun_is_there_and_goes_with_its_run(books: Books) -> None:
    watch, content = PostgresBoardWatch(books.pool), fresh()
    begun = Begun(content, f"content-{content}", "default", "A title", "accepted", DAY)
    await watch.begin([begun, begun])
    board = await one(books, content)
    assert (board.filed, board.title, board.stage) == (False, "A title", "accepted")
    await open_content(PostgresCatalog(books.pool), content)
    board = await one(books, content)
    assert board.filed and board.title == "x" and board.started > DAY
    await watch.forget([content])
    assert (await one(books, content)).filed, "one with a row is kept"
    other = fresh()
    await watch.begin([Begun(other, f"content-{other}", "default", "", "accepted", DAY)])
    await watch.forget([other])
    assert await boards_of(books, [other]) == []


@pytest.mark.parametrize("request_json", ['{"topic": "x", "priority": "urgent"}', "[]", '"x"'])
@pytest.mark.parametrize("result_json", ['{"reason": "a\\u0000b"}', "[]", '"gone"', "7"])
async def test_what_cannot_be_shown_does_not_keep_a_content_from_its_end(
    books: Books, request_json: str, result_json: str
) -> None:
    content = fresh()
    await books.pool.execute(
        "insert into content (id, workflow_id, request, request_sha256) values ($1, $1, $2, repeat('0', 64))",
        *(content, request_json),
    )
    await books.pool.execute(
        "update content set status = 'done', closed_at = now(), result = $2 where id = $1", content, result_json
    )
    assert (await one(books, content)).stage == "done"


async def test_the_last_finished_step_is_its_detail(books: Books) -> None:
    catalog, content = PostgresCatalog(books.pool), fresh()
    await open_content(catalog, content)
    for n in range(3):
        await catalog.record_result(
            f"{content}/speech/{n}", content_id=content, step="speech", result_json="{}", assets=(), provider="p", usd=0
        )
    mark = await PostgresNews(books.pool).mark()
    await PostgresBoardWatch(books.pool).work_on([content, "unknown"])
    assert (await one(books, content)).detail == "speech, 3 made"
    assert [item.key for item in (await news_after(books, mark)).items] == [content]
    mark = await PostgresNews(books.pool).mark()
    await PostgresBoardWatch(books.pool).work_on([content])
    assert (await news_after(books, mark)).items == (), "the same again is no news"


async def test_a_board_of_the_day_before_the_migration_is_there(servers: Servers) -> None:
    """A database of an earlier release with contents in it: they get their boards and their counts."""
    from reelwright.storage.database import connect
    from reelwright.storage.migrate import migrate
    from tests.servers import blank

    dsn = await blank(servers.need("postgres"))
    await migrate(dsn, to=v0023_live.down_revision)
    pool = await connect(dsn)
    try:
        await pool.execute(SEED.replace(str(MANY), "100"))
        await migrate(dsn)
        books = Books(pool, SecretStr("unused"), VIEWER)
        assert (await counts(books)).stages == {"accepted": 2, "failed": 5, "done": 93}
        assert (await one(books, "c00007")).title == "Tides 7"
        assert (await news_after(books, await news_mark(books))).items == ()
        assert await pool.fetchval("select count(*) from news") == 0
    finally:
        await pool.close()


# --- counts and today ------------------------------------------------------------------------------------------------


async def test_counts_are_those_of_the_boards_however_they_were_changed(books: Books) -> None:
    catalog = PostgresCatalog(books.pool)
    contents = [fresh() for _ in range(6)]
    for content in contents:
        await open_content(catalog, content)
    await asyncio.gather(*(seen(books, content, "review", "wanted") for content in contents[:3]))
    await catalog.close_content(contents[0], status="done", result_json="{}")
    await catalog.close_content(contents[5], status="failed", result_json="{}")
    found = await counts(books)
    assert found.stages == {"done": 1, "review": 2, "accepted": 2, "failed": 1} and found.reviews == 2
    await PostgresNews(books.pool).prune()
    assert await books.pool.fetchval("select count(*) from board_tallies") == 4
    assert await counts(books) == found
    assert (await counts(books, "another")).stages == {}
    await books.pool.execute("delete from content where id = $1", contents[5])
    assert "failed" not in (await counts(books)).stages


async def test_today_tells_what_wants_a_person_and_what_the_day_has_brought(books: Books) -> None:
    catalog, pool, watch = PostgresCatalog(books.pool), books.pool, PostgresBoardWatch(books.pool)
    asks, runs, failed, posted = contents = [fresh() for _ in range(4)]
    for content in contents:
        await open_content(catalog, content)
    await seen(books, asks, "review", "wanted")
    await catalog.close_content(failed, status="failed", result_json='{"reason": "no disk"}')
    await catalog.close_content(posted, status="done", result_json='{"title": "Posted"}')
    await pool.execute(
        """insert into posts (key, content_id, platform, account, draft, video, state, post_id, url, armed_at, ended_at)
           values ('k', $1, 'x', 'main', '{}', '{}', 'posted', '1', 'https://x/1', now(), now()),
                  ('o', $1, 'youtube', 'main', '{}', '{}', 'posted', '2', '', now(), now() - interval '2 days')""",
        posted,
    )
    await pool.execute(
        "insert into accounts (platform, name, needs_authorization) values ('x', 'a', 'revoked'), ('x', 'b', '')"
    )
    stuck = WantingPost(f"{runs}/x/a", f"w-{runs}", runs, "x", "a", "default", "parked", DAY)
    await watch.wanting([stuck])
    config = ChannelConfig.model_validate({"name": "news", "budget": {"usd_per_day": 1.0, "usd_per_month": 100}})
    await PostgresChannels(pool).apply([config, ChannelConfig(name="kids", extends="news")], by="ana")
    await pool.execute(
        """insert into purchases (key, content_id, step, provider, channel, usd, held_usd, state)
           values ('p', $1, 's', 'v', 'news', 0.5, 0.4, 'reserved'), ('q', $1, 's', 'v', 'kids', 0.1, 0, 'reserved')""",
        runs,
    )
    await pool.execute("insert into costs (key, content_id, step, provider, usd) values ('p', $1, 's', 'v', 0.5)", runs)
    found = await today(books)
    assert [row.content_id for row in found.reviews] == [asks] and found.counts.reviews == 1
    assert [row.content_id for row in found.running] == [runs] and found.running_in_all == 1
    assert [(row.content_id, row.detail) for row in found.failed] == [(failed, "no disk")] and found.failed_in_all == 1
    assert [(row.title, row.url) for row in found.posted] == [("Posted", "https://x/1")] and found.posted_in_all == 1
    assert [(row.name, row.why) for row in found.lapsed] == [("a", "revoked")]
    assert [(row.key, row.stage) for row in found.wanting] == [(stuck.key, "parked")] and found.counts.parked == 1
    assert [(row.channel, row.period, row.percent) for row in found.near] == [("news", "day", 90)]
    assert found.spent == {"default": Money.of("0.5")}
    mark = await news_mark(books)
    await watch.wanting([])
    assert (await today(books)).wanting == ()
    assert [(item.kind, item.key) for item in (await news_after(books, mark)).items] == [("posts", stuck.key)]


async def test_an_empty_studio_has_an_empty_day(books: Books) -> None:
    found = await today(books)
    assert found.reviews == found.running == found.failed == found.posted == found.lapsed == found.near == ()
    assert found.counts.stages == {} and found.counts.watched.seen_at is None and found.spent == {}


# --- lists -----------------------------------------------------------------------------------------------------------


async def listed(books: Books, filters: BoardFilters, limit: int = 100) -> list[Any]:
    """All pages."""
    rows: list[Any] = []
    after: str | None = None
    while True:
        page = await board(books, filters, after=after, limit=limit)
        rows += page.rows
        if page.next_cursor is None:
            return rows
        after = page.next_cursor


async def test_pages_have_every_row_once_and_in_order(many: Books) -> None:
    failed = await listed(many, BoardFilters(stages=("failed",)), limit=83)
    assert len(failed) == MANY // 20
    assert [(row.started, row.content_id) for row in failed] == sorted(
        ((row.started, row.content_id) for row in failed), reverse=True
    )
    assert len({row.content_id for row in failed}) == len(failed)
    ended = await listed(many, BoardFilters(order="ended", channel="ch3", until=DAY + timedelta(days=2)))
    assert [row.ended for row in ended] == sorted((row.ended for row in ended), reverse=True)
    assert ended and all(row.channel == "ch3" and row.ended < DAY + timedelta(days=2) for row in ended)


@pytest.mark.parametrize(
    ("filters", "rows"),
    [
        (BoardFilters(stages=("failed", "accepted")), 700),
        (BoardFilters(running=True), 200),
        (BoardFilters(running=False, channel="ch1"), 1_000),
        (BoardFilters(text="TIDES 123"), 11),
        (BoardFilters(text="c0012"), 10),
        (BoardFilters(text="%"), 0),
        (BoardFilters(text="_"), 0),
        (BoardFilters(text="\\"), 0),
        (BoardFilters(text="' or 1=1 --"), 0),
        (BoardFilters(ids=("c00001", "c00050", "nobodys")), 2),
        (BoardFilters(ids=("c00001", "c00050"), stages=("failed",)), 1),
        (BoardFilters(order="asked"), 0),
        (BoardFilters(since=DAY, until=DAY + timedelta(minutes=2)), 5),
        (BoardFilters(channel="nobodys"), 0),
    ],
)
async def test_filters(many: Books, filters: BoardFilters, rows: int) -> None:
    assert len(await listed(many, filters, limit=500)) == rows


@pytest.mark.parametrize(
    "filters",
    [
        BoardFilters(),
        BoardFilters(stages=("failed",)),
        BoardFilters(channel="ch3"),
        BoardFilters(running=True),
        BoardFilters(order="ended"),
        BoardFilters(order="asked"),
    ],
    ids=str,
)
async def test_lists_are_read_in_the_order_of_an_index(many: Books, filters: BoardFilters) -> None:
    from reelwright.storage.contents import Place

    for after in (None, Place(DAY + timedelta(days=1), "c00500")):
        query, values = _page(filters, after, 101)
        plan = "\n".join(row[0] for row in await many.pool.fetch(f"explain {query}", *values))
        assert "Index Scan using boards_" in plan and "Sort" not in plan and "Seq Scan" not in plan, plan


async def test_reviews_are_listed_by_age(books: Books) -> None:
    contents = [fresh() for _ in range(5)]
    for content in contents:
        await open_content(PostgresCatalog(books.pool), content)
        await seen(books, content, "review", "wanted")
    assert [row.content_id for row in await listed(books, BoardFilters(order="asked"), limit=2)] == contents


async def test_what_cannot_be_asked_for_is_refused(many: Books) -> None:
    for field, asked in (
        ("stage", board(many, BoardFilters(stages=("lurking",)))),
        ("cursor", board(many, after="no cursor")),
        ("limit", board(many, limit=0)),
        ("channel", board(many, BoardFilters(channel="a b'"))),
        ("channel", counts(many, "' or true")),
        ("rows", boards_of(many, ["x"] * 501)),
        ("rows", board(many, BoardFilters(ids=("x",) * 501))),
        ("rows", board(many, BoardFilters(ids=("x\0",)))),
        ("q", board(many, BoardFilters(text="a\0b"))),
    ):
        with pytest.raises(InvalidInput) as raised:
            await asked
        assert raised.value.field == field


async def test_a_ticket_is_its_callers(books: Books) -> None:
    ticket = await stream_ticket(books)
    assert await use_stream_ticket(books, ticket + "x") is None
    assert await use_stream_ticket(books, ticket) == VIEWER
    assert await use_stream_ticket(books, ticket) is None
    assert await use_stream_ticket(books, "") is None


def test_stages_and_percents_are_those_of_the_workflows() -> None:
    from workflows.content.board import PERCENT
    from workflows.policies import WANTS

    assert {stage.value: percent for stage, percent in PERCENT.items()} == {str(k): v for k, v in BEGINS_AT.items()}
    assert {stage for stage, _ in WANTS.values()} | {"parked"} == set(WANTING_STAGES)
    assert {stage.value for stage in Stage} | set(DEAD_STAGES) == set(STAGES)
    assert json.dumps(list(BEGINS_AT))
