"""Until the quota ledger has landed: everything is granted at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from reelwright.domain.formats import Platform
from reelwright.domain.quota import Booking, BucketState, QuotaReading, Slot


class Unlimited:
    """Grants everything."""

    async def reserve(self, booking: Booking) -> Slot:
        """Now."""
        return Slot(granted=True, at=datetime.now(UTC))

    async def commit(self, key: str) -> None:
        """Nothing is counted."""

    async def release(self, key: str) -> None:
        """Nothing is counted."""

    async def correct(self, platform: Platform, account: str, readings: Sequence[QuotaReading]) -> None:
        """Nothing is counted."""

    async def spent(self, platform: Platform, account: str, bucket: str, until: datetime) -> None:
        """Nothing is counted."""

    async def sweep(self) -> int:
        """Nothing is held."""
        return 0

    async def state(self, platform: Platform | None = None, account: str | None = None) -> Sequence[BucketState]:
        """No books."""
        return ()
