"""The breaker and the cap on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

from reelwright.domain.ports.buying import AtCapacity, CallsPaused, Permit
from reelwright.storage.gate import FAILURES, PostgresGate


async def enter(gate: PostgresGate, most: int = 4) -> Permit | CallsPaused | AtCapacity:
    return await gate.enter("one", "speech", most)


async def test_it_opens_after_some_failures_tries_with_one_call_and_closes(pool: Any) -> None:
    gate = PostgresGate(pool, open_s=0.2)
    for _ in range(FAILURES - 1):
        await gate.failed("one", "speech", "HTTP 500")
    assert isinstance(await enter(gate), Permit)
    await gate.failed("one", "speech", "HTTP 500")
    paused = await enter(gate)
    assert isinstance(paused, CallsPaused) and "HTTP 500" in paused.why and not paused.brief
    assert isinstance(await gate.enter("one", "images", 4), Permit), "of one capability alone"
    await asyncio.sleep(0.25)
    probe = await enter(gate)
    assert isinstance(probe, Permit)
    assert isinstance(await enter(gate), CallsPaused), "one call tries"
    await gate.failed("one", "speech", "HTTP 500")
    again = await enter(gate)
    assert isinstance(again, CallsPaused) and again.wait_s > 0.2, "longer than the first time"
    await asyncio.sleep(0.45)
    assert isinstance(await enter(gate), Permit)
    await gate.worked("one", "speech")
    assert isinstance(await enter(gate), Permit) and isinstance(await enter(gate, 9), Permit)


async def test_a_pause_that_the_provider_names_is_kept_and_opens_nothing(pool: Any) -> None:
    gate = PostgresGate(pool)
    await gate.failed("one", "speech", "HTTP 429", retry_after_s=0.3)
    paused = await enter(gate)
    assert isinstance(paused, CallsPaused) and paused.brief and paused.wait_s <= 0.3
    await asyncio.sleep(0.35)
    assert isinstance(await enter(gate), Permit) and isinstance(await enter(gate), Permit)


async def test_what_everybody_is_refused_shuts_at_once(pool: Any) -> None:
    gate = PostgresGate(pool)
    await gate.refused("one", "speech", "HTTP 401")
    assert isinstance(await enter(gate), CallsPaused)


async def test_calls_of_a_worker_that_died_are_free_again(pool: Any) -> None:
    gate = PostgresGate(pool, lease_s=0.2)
    first, second = await enter(gate, 2), await enter(gate, 2)
    assert isinstance(first, Permit) and isinstance(second, Permit)
    assert await enter(gate, 2) == AtCapacity(2)
    await gate.leave(first)
    assert isinstance(await enter(gate, 2), Permit)
    await asyncio.sleep(0.25)
    assert isinstance(await enter(gate, 2), Permit)


async def test_no_more_than_may_be_get_in_at_once(pool: Any) -> None:
    gate = PostgresGate(pool)
    found = await asyncio.gather(*(enter(gate, 3) for _ in range(12)))
    assert sum(isinstance(each, Permit) for each in found) == 3
