"""The sweeper goes on whatever a single sweep ends in."""

from __future__ import annotations

import asyncio

from reelwright.domain.errors import ProviderUnavailable
from tests.workflow.fake_platforms import MemoryQuota
from workers.housekeeping import housekeeping


class Shaky(MemoryQuota):
    """Fails the first time."""

    async def sweep(self) -> int:
        self.calls["sweep"] += 1
        if self.calls["sweep"] == 1:
            raise ProviderUnavailable("the database is away")
        return 1


async def test_the_ledger_is_swept_again_after_an_outage_and_not_after_the_end() -> None:
    ledger = Shaky()
    with housekeeping(ledger, every_s=0.01):
        async with asyncio.timeout(600):
            while ledger.calls["sweep"] < 3:
                await asyncio.sleep(0.01)
    swept = ledger.calls["sweep"]
    await asyncio.sleep(0.05)
    assert ledger.calls["sweep"] == swept
