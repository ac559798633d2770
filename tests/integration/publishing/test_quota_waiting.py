"""The bench's world of waiting publications, in small: nobody polls, nobody is lost, no herd wakes."""

from __future__ import annotations

from typing import Any

import pytest

from bench.publish.waiting import World, check
from reelwright.domain.formats import Platform
from reelwright.storage.quota.ledger import PostgresQuotaLedger

PUBLICATIONS = 200


@pytest.mark.deep
async def test_two_hundred_wait_for_one_account(pool: Any) -> None:
    world = World(Platform.TIKTOK, {"posts": 1, "inits": 1})
    ledger = PostgresQuotaLedger(pool, clock=lambda: world.now)
    await world.live(ledger, PUBLICATIONS)
    check(world, PUBLICATIONS)
    assert max(world.asked.values()) == 2  # on arrival, and when its turn has come
    assert max(world.wakes.values()) <= 6
    assert [number for _, number in sorted(world.granted)] == list(range(PUBLICATIONS))
