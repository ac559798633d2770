"""Found works in a real PostgreSQL: what a channel has shown, and answers that are kept for a day."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from reelwright.domain.content.credit import Credit
from reelwright.domain.content.story import Scene, Story
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.providing import StockHit
from reelwright.providers.stock.illustrator import StockIllustrator
from reelwright.providers.stock.rules import Rules
from reelwright.providers.stock.source import CachedLibrary
from reelwright.storage.stock import PostgresStock
from tests.stand_ins.libraries import Work, library_of, photo

from .filing import fresh


def hit(asset: str, raw: str = "{}") -> StockHit:
    credit = Credit(provider="pexels", asset=asset, licence="Pexels", raw_sha256=sha256_of(raw))
    return StockHit(credit=credit, kind="photo", address="https://a/1", width=1, height=1, raw=raw)


@pytest.fixture
def stock(pool: Any) -> PostgresStock:
    return PostgresStock(pool)


async def test_a_work_belongs_to_one_place_of_a_channel(stock: PostgresStock) -> None:
    channel, other = fresh(), fresh()
    assert await stock.claim(channel, "story/0", hit("1"))
    assert await stock.claim(channel, "story/0", hit("1")), "a repeated attempt finds its own"
    assert not await stock.claim(channel, "story/1", hit("1"))
    assert await stock.claim(other, "story/1", hit("1"))
    assert await stock.shown(channel, ["pexels:1", "pexels:2"]) == {"pexels:1"}
    assert await stock.shown(channel, ["pexels:1"], "story/0") == frozenset()


async def test_what_looks_the_same_is_the_same(stock: PostgresStock) -> None:
    channel = fresh()
    look = -0x0123_4567_89AB_CDEF
    assert await stock.claim(channel, "story/0", hit("1"), look)
    assert not await stock.claim(channel, "story/1", hit("2"), look ^ 0b111111)
    assert await stock.claim(channel, "story/1", hit("2"), look ^ 0xFFFF)
    assert await stock.claim(channel, "story/2", hit("3"))


async def test_a_place_that_takes_another_work_lets_go_of_the_first(stock: PostgresStock) -> None:
    channel = fresh()
    assert await stock.claim(channel, "story/0", hit("1"))
    assert await stock.claim(channel, "story/0", hit("2"))
    assert await stock.claim(channel, "story/1", hit("1"))


async def test_of_claims_at_once_one_succeeds(stock: PostgresStock) -> None:
    channel = fresh()
    claims = await asyncio.gather(*(stock.claim(channel, f"story/{n}", hit("1"), 77) for n in range(8)))
    assert claims.count(True) == 1


async def test_a_work_may_be_shown_again_after_a_while(pool: Any) -> None:
    channel = fresh()
    assert await PostgresStock(pool).claim(channel, "story/0", hit("1"))
    await pool.execute("update stock_shown set shown_at = now() - interval '30 days' where channel = $1", channel)
    assert not await PostgresStock(pool).claim(channel, "story/1", hit("1"))
    assert await PostgresStock(pool, repeat_days=20).claim(channel, "story/1", hit("1"))


async def test_what_the_source_said_is_kept_though_it_says_something_else_later(
    stock: PostgresStock, pool: Any
) -> None:
    channel, asset = fresh(), fresh()
    assert await stock.claim(channel, "story/0", hit(asset, '{"licence":"by"}'))
    assert await stock.claim(channel, "story/0", hit(asset, '{"licence":"by-nc"}'))
    rows = await pool.fetch("select raw, credit from stock_works where asset = $1 order by noted_at", f"pexels:{asset}")
    assert [row["raw"] for row in rows] == ['{"licence":"by"}', '{"licence":"by-nc"}']
    assert Credit.model_validate_json(rows[0]["credit"]).licence == "Pexels"
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await pool.execute("delete from stock_works where asset = $1 and raw like '%nc%'", f"pexels:{asset}")


async def test_answers_are_kept_for_a_day(stock: PostgresStock, pool: Any) -> None:
    library = fresh()
    assert await stock.answer(library, "key", 60) is None
    await stock.keep(library, "key", "[1]")
    await stock.keep(library, "key", "[2]")
    assert await stock.answer(library, "key", 60) == "[2]"
    await pool.execute("update stock_searches set read_at = now() - interval '3 days' where library = $1", library)
    assert await stock.answer(library, "key", 86_400) is None
    await stock.keep(library, "other", "[3]")
    assert await pool.fetchval("select count(*) from stock_searches where library = $1", library) == 1


async def test_scenes_drawn_at_once_show_different_photos_and_search_once(stock: PostgresStock, pool: Any) -> None:
    channel = fresh()
    scenes = tuple(Scene(index=n, text="A lighthouse at the sea.") for n in range(3))
    story = Story(title="Lights", description="", scenes=scenes, writer="test")
    works = [Work(int(fresh()[1:8], 16), photo(n, 1_200, 1_200), width=1_200, height=1_200) for n in range(4)]
    with library_of("openverse", *works) as twin:
        library = CachedLibrary(twin.library(), stock)
        illustrator = StockIllustrator(library, stock, Rules(allow_private=True))
        drawn = await asyncio.gather(*(illustrator.draw(s, story=story, seed=1, channel=channel) for s in scenes))
        assets = [drawing.credit.asset for drawing in drawn if drawing.credit]
        assert len(set(assets)) == len(scenes)
        searches = sum(asked.path == "/v1/images/" for asked in twin.calls())
        again = await illustrator.draw(scenes[2], story=story, seed=1, channel=channel)
        assert again.credit and again.credit.asset == assets[2]
        assert sum(asked.path == "/v1/images/" for asked in twin.calls()) == searches
    kept = await pool.fetch("select holder, asset from stock_shown where channel = $1", channel)
    assert {row["asset"] for row in kept} == {f"openverse:{asset}" for asset in assets}
