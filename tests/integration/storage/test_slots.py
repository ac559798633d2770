"""Posting slots of channels: their instants, and that each takes one post per account, in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from reelwright.domain.channels.config import PostingSlot
from reelwright.domain.channels.in_force import InForce
from reelwright.domain.channels.slots import upcoming
from reelwright.domain.errors import PostRejected
from reelwright.domain.formats import Platform
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.channels import PostgresChannels
from reelwright.storage.slots import PostgresSlots
from tests.integration.storage.filing import fresh, open_content

MORNING, EVENING = PostingSlot(time="09:00"), PostingSlot(time="18:00", platforms=[Platform.X])
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)  # a Tuesday


def at(*texts: str) -> list[datetime]:
    return [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in texts]


@pytest.mark.parametrize(
    ("slots", "now", "wanted"),
    [
        ([MORNING], NOW, at("2026-12-02 09:00", "2026-12-03 09:00")),
        ([MORNING, EVENING], NOW, at("2026-12-01 18:00", "2026-12-02 09:00", "2026-12-02 18:00")),
        ([EVENING, MORNING, EVENING], NOW, at("2026-12-01 18:00", "2026-12-02 09:00", "2026-12-02 18:00")),
        ([PostingSlot(time="12:00", days=["tue", "fri"])], NOW, at("2026-12-04 12:00", "2026-12-08 12:00")),
        # Berlin's clocks go forward on 28 March 2027: 02:30 is skipped, and read as 03:30 summer time (PEP 495)
        (
            [PostingSlot(time="02:30", zone="Europe/Berlin")],
            datetime(2027, 3, 27, 12, tzinfo=UTC),
            at("2027-03-28 01:30", "2027-03-29 00:30"),
        ),
        # a day ahead of UTC: the slot of today there is yesterday's date here
        ([PostingSlot(time="01:00", zone="Pacific/Auckland", days=["wed"])], NOW, at("2026-12-08 12:00")),
        ([PostingSlot(time="18:00", platforms=[Platform.TIKTOK])], NOW, []),
        ([], NOW, []),
    ],
)
def test_slots_come_in_order_each_once(slots: list[PostingSlot], now: datetime, wanted: list[datetime]) -> None:
    assert list(islice(upcoming(slots, Platform.X, now), len(wanted) or 1)) == wanted


async def content(pool: Any, *slots: PostingSlot) -> str:
    """A content whose channel has these slots."""
    name = fresh()
    await open_content(PostgresCatalog(pool), name)
    await PostgresChannels(pool).keep(name, InForce(channel="c", version=1, slots=slots))
    return name


async def test_each_slot_of_an_account_takes_one_post_and_a_post_keeps_its_own(pool: Any) -> None:
    slots, account, one = PostgresSlots(pool), fresh(), await content(pool, MORNING, EVENING)
    other = await content(pool, MORNING)

    async def claim(key: str, of: str = one, to: str = account, now: datetime = NOW) -> datetime | None:
        return await slots.claim(f"{account}/{key}", content_id=of, platform=Platform.X, account=to, now=now)

    claimed = await asyncio.gather(*(claim(f"p{number}") for number in range(4)))
    assert sorted(filter(None, claimed)) == list(islice(upcoming([MORNING, EVENING], Platform.X, NOW), 4))
    assert await claim("p0") == claimed[0] == await claim("p0", now=NOW + timedelta(days=40)), (
        "however late it is asked"
    )
    assert await claim("later", other) == datetime(2026, 12, 4, 9, tzinfo=UTC), "another content of the account"
    assert await claim("elsewhere", to=fresh()) == datetime(2026, 12, 1, 18, tzinfo=UTC), "another account"


async def test_no_slots_is_no_wait_and_a_full_year_is_a_reason(pool: Any) -> None:
    slots, account = PostgresSlots(pool), fresh()
    rare = await content(pool, PostingSlot(time="09:00", platforms=[Platform.X]))

    async def claim(key: str, of: str, platform: Platform = Platform.X) -> datetime | None:
        return await slots.claim(f"{account}/{key}", content_id=of, platform=platform, account=account, now=NOW)

    assert await claim("a", await content(pool)) is None
    assert await claim("b", fresh()) is None, "a content of an earlier release"
    assert await claim("c", rare, Platform.TIKTOK) is None
    await pool.execute(
        """insert into slot_claims (post_key, content_id, platform, account, at)
           select $1 || day, $2, 'x', $1, timestamptz '2026-12-01 09:00Z' + day * interval '1 day'
           from generate_series(0, 366) as day""",
        account,
        rare,
    )
    with pytest.raises(PostRejected, match=r"all posting slots of X .* are taken; add slots"):
        await claim("d", rare)
