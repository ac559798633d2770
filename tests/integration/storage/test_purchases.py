"""Purchases on a real PostgreSQL: what was paid is booked once per payment, and a small answer is found again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reelwright.domain.errors import InvalidInput
from reelwright.storage.catalog import PostgresCatalog


async def reserve(catalog: PostgresCatalog, content: str, key: str = "story") -> int:
    return (await catalog.reserve(f"{content}/{key}", content_id=content, step="writing", provider="p")).id


async def pay(catalog: PostgresCatalog, purchase: int, usd: float = 0.25, **more: Any) -> int:
    return await catalog.paid(purchase, usd=usd, provider="p:model", bought_for="run/1", **more)


async def store(catalog: PostgresCatalog, content: str, purchase: int | None, key: str = "story") -> str:
    return await catalog.record_result(
        f"{content}/{key}",
        content_id=content,
        step="writing",
        result_json='{"n": 1}',
        assets=(),
        provider="p:model",
        usd=0.25,
        purchase=purchase,
    )


async def states(pool: Any, content: str) -> list[tuple[str, str | None]]:
    rows = await pool.fetch("select state, answer from purchases where content_id = $1 order by id", content)
    return [(row["state"], row["answer"]) for row in rows]


async def test_a_purchase_is_reserved_paid_and_stored_and_booked_once(
    catalog: PostgresCatalog, content: str, pool: Any
) -> None:
    purchase = await reserve(catalog, content)
    assert await catalog.costs(content) == {}
    assert await pay(catalog, purchase, answer='{"n": 1}') == purchase
    assert await catalog.costs(content) == {"writing": 0.25}, "paid, whatever comes of it"
    assert await states(pool, content) == [("paid", '{"n": 1}')]
    await store(catalog, content, purchase)
    assert await catalog.costs(content) == {"writing": 0.25}
    assert await states(pool, content) == [("stored", None)]
    assert await catalog.spent("run/1") >= 0.25


async def test_a_small_answer_is_found_by_the_next_attempt(catalog: PostgresCatalog, content: str) -> None:
    purchase = await pay(catalog, await reserve(catalog, content), answer='{"n": 1}')
    again = await catalog.reserve(f"{content}/story", content_id=content, step="writing", provider="p")
    assert (again.id, again.answer) == (purchase, '{"n": 1}')


async def test_an_answer_that_was_not_kept_is_bought_again_and_both_are_booked(
    catalog: PostgresCatalog, content: str, pool: Any
) -> None:
    first = await pay(catalog, await reserve(catalog, content))
    second = await pay(catalog, await reserve(catalog, content))
    assert first != second
    await store(catalog, content, second)
    assert await catalog.costs(content) == {"writing": 0.5}
    assert [state for state, _ in await states(pool, content)] == ["paid", "stored"]


async def test_an_attempt_that_came_to_nothing_leaves_one_row_however_often(
    catalog: PostgresCatalog, content: str, pool: Any
) -> None:
    numbers = {await reserve(catalog, content) for _ in range(5)}
    assert len(numbers) == 1
    assert await states(pool, content) == [("reserved", None)]


async def test_two_that_pay_at_once_are_both_booked_and_one_result_counts(
    catalog: PostgresCatalog, content: str, pool: Any
) -> None:
    reserved = [await reserve(catalog, content) for _ in range(2)]
    paid = await asyncio.gather(*(pay(catalog, number) for number in reserved))
    assert len(set(paid)) == 2
    told = await asyncio.gather(*(store(catalog, content, number) for number in paid))
    assert len(set(told)) == 1
    assert await catalog.costs(content) == {"writing": 0.5}
    assert sorted(state for state, _ in await states(pool, content)) == ["lost", "stored"]


async def test_what_was_paid_in_vain_is_booked(catalog: PostgresCatalog, content: str, pool: Any) -> None:
    await pay(catalog, await reserve(catalog, content), lost=True)
    assert await catalog.costs(content) == {"writing": 0.25}
    assert await states(pool, content) == [("lost", None)]
    assert (await catalog.reserve(f"{content}/story", content_id=content, step="writing", provider="p")).answer is None


async def test_a_worker_of_the_release_before_still_books_its_results(catalog: PostgresCatalog, content: str) -> None:
    await pay(catalog, await reserve(catalog, content))  # by a new worker, which then dies
    await store(catalog, content, None)  # by an old one, which knows of no purchases
    assert await catalog.costs(content) == {"writing": 0.5}


async def test_amounts_and_contents_are_checked(catalog: PostgresCatalog, content: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await reserve(catalog, "nobody")
    assert caught.value.field == "content_id"
    for bad in (-1.0, float("nan"), 1e9):
        with pytest.raises(InvalidInput) as caught:
            await pay(catalog, await reserve(catalog, content), usd=bad)
        assert caught.value.field == "usd"
