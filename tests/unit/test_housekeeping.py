"""The sweepers go on whatever a single sweep ends in."""

from __future__ import annotations

import asyncio
from datetime import timedelta

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


class Requests:
    """Fails the first time, too."""

    def __init__(self) -> None:
        self.kept: list[timedelta] = []

    async def expire(self, keep: timedelta) -> int:
        self.kept.append(keep)
        if len(self.kept) == 1:
            raise ProviderUnavailable("the database is away")
        return 1


async def test_the_books_are_swept_again_after_an_outage_and_not_after_the_end() -> None:
    ledger, requests, keep = Shaky(), Requests(), timedelta(days=30)
    with housekeeping(ledger, {"answers": lambda: requests.expire(keep)}, every_s=0.01):
        async with asyncio.timeout(600):
            while ledger.calls["sweep"] < 3 or len(requests.kept) < 3:
                await asyncio.sleep(0.01)
    swept, expired = ledger.calls["sweep"], len(requests.kept)
    await asyncio.sleep(0.05)
    assert (ledger.calls["sweep"], len(requests.kept)) == (swept, expired)
    assert set(requests.kept) == {keep}
