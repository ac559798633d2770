"""A publication's quota: reserved in the ledger, spent or released, and corrected by what the platform reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.ports.ledgers import QuotaLedger
from reelwright.domain.ports.publishing import Publisher, ReportsQuota
from reelwright.domain.publishing.posting import SpentQuota
from reelwright.domain.publishing.quota import Booking, Slot, buckets_of

from .posting import adapter_of


@dataclass
class QuotaBooking:
    """Books, spends and releases a publication's quota; applies the platform's own reports."""

    ledger: QuotaLedger
    publishers: Mapping[Platform, Publisher]

    @activity.defn
    async def reserve_quota(self, booking: Booking) -> Slot:
        """The publication's slot. Before it is granted, the platform's own count is read, where it has one."""
        slot = await self.ledger.reserve(booking)
        if slot.granted and await self._corrected(booking):
            slot = await self.ledger.reserve(booking)
        return slot

    @activity.defn
    async def spend_quota(self, key: str) -> None:
        """The post is made: what it held is spent."""
        await self.ledger.commit(key)

    @activity.defn
    async def release_quota(self, key: str) -> None:
        """The post is not made: what it held is free again."""
        await self.ledger.release(key)

    @activity.defn
    async def note_spent(self, spent: SpentQuota) -> None:
        """The platform refused for lack of quota: the bucket is closed until then, and the booking waits anew."""
        draft = spent.task.draft
        bucket = spent.bucket or next(iter(buckets_of(draft.platform)))
        await self.ledger.release(spent.booking)
        await self.ledger.spent(draft.platform, draft.account, bucket, spent.until)

    async def _corrected(self, booking: Booking) -> bool:
        """Whether the platform reported anything. A failed read is no reason to wait: the platform itself refuses what
        is too much."""
        publisher = adapter_of(self.publishers, booking.platform)
        if not isinstance(publisher, ReportsQuota):
            return False
        try:
            readings = await publisher.quota(booking.account)
        except ReelwrightError as error:
            activity.logger.info("%s does not tell its quota: %s", booking.platform.label, error)
            return False
        if readings:
            await self.ledger.correct(booking.platform, booking.account, readings)
        return bool(readings)
