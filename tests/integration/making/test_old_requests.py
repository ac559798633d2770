"""What was bought long ago is not looked for for ever: old requests are deleted, and none that guards a purchase."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from reelwright.domain.content.story import Picture
from reelwright.storage import requests
from reelwright.storage.requests import PostgresRequests

from .kit import Provider, Shop, activity, draw, provider_list

KEEP = timedelta(days=180)


async def drawn(shop: Shop[Any], content: str) -> Picture:
    """The first scene's picture, bought from the only provider."""
    studio = shop.studio(provider_list(Provider("one"), offline=Provider("off")))
    return await activity().run(studio.draw_scene, draw(content))


async def bought(pool: Any, *, days: int = 200, closed: bool = True) -> tuple[Shop[Any], str]:
    """The shop of a picture that was bought so many days ago, and its content."""
    shop = Shop[Any](pool)
    content = await shop.content()
    assert (await drawn(shop, content)).usd > 0
    await pool.execute(
        "update requests set done_at = done_at - $2::interval where channel = $1", shop.channel, timedelta(days=days)
    )
    if closed:
        await pool.execute("update content set status = 'done', closed_at = now() where id = $1", content)
    return shop, content


async def rows(shop: Shop[Any]) -> int:
    return int(await shop.pool.fetchval("select count(*) from requests where channel = $1", shop.channel))


async def test_what_is_old_is_bought_anew_and_its_books_stay(pool: Any) -> None:
    shop, content = await bought(pool)
    reused = await drawn(shop, await shop.content())
    assert reused.reused is not None, "until then it is found again"
    assert await PostgresRequests(pool).expire(KEEP) >= 1
    assert await rows(shop) == 0
    anew = await drawn(shop, await shop.content())
    assert anew.reused is None and anew.usd > 0
    assert await shop.catalog.costs(content) == {"images": pytest.approx(anew.usd)}
    assert [row["state"] for row in await shop.purchases(content)] == ["stored"]


@pytest.mark.parametrize(
    ("days", "closed", "change"),
    [
        (179, True, ""),
        (200, False, ""),
        (200, True, "update requests set state = 'unknown' where channel = $1"),
        (200, True, "update requests set state = 'sent' where channel = $1"),
        (200, True, "update requests set data = 'x' where channel = $1"),
        (
            200,
            True,
            "update purchases set state = 'paid' where id in (select purchase from requests where channel = $1)",
        ),
    ],
    ids=["young", "its content is still made", "unknown", "under way", "not stored", "not settled"],
)
async def test_what_guards_a_purchase_stays(days: int, closed: bool, change: str, pool: Any) -> None:
    shop, _ = await bought(pool, days=days, closed=closed)
    if change:
        await pool.execute(change, shop.channel)
    await PostgresRequests(pool).expire(KEEP)
    assert await rows(shop) == 1


async def test_many_are_deleted_a_part_at_a_time(pool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shops = [(await bought(pool))[0] for _ in range(3)]
    monkeypatch.setattr(requests, "AT_ONCE", 2)
    await PostgresRequests(pool).expire(KEEP)
    assert [await rows(shop) for shop in shops] == [0, 0, 0]
