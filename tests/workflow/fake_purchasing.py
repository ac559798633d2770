"""What purchases from a chain stand on, in memory, for workflows whose providers fail. PostgreSQL has its own tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from activities.content.buying import Purchasing
from reelwright.domain.assets import AssetRef
from reelwright.domain.chains import FailureRecord, FailureRecords
from reelwright.domain.ports.buying import AtCapacity, CallsPaused, Claim, Permit, Request
from reelwright.domain.ports.channels import ChannelBook


class NewRequests:
    """A ledger in which nothing has ever been asked: every request is whoever's claims it."""

    lease_s = 60.0

    def __init__(self) -> None:
        self.jobs: dict[Request, tuple[str, int]] = {}
        self.purchases: dict[Request, int] = {}

    async def claim(self, request: Request) -> Claim:
        job_id, purchase = self.jobs.get(request, ("", None))
        return Claim("mine", "holder", job_id=job_id, purchase=purchase)

    async def renew(self, request: Request, holder: str) -> bool:
        return True

    async def sent(self, request: Request, holder: str, purchase: int) -> None:
        self.purchases[request] = purchase

    async def accepted(self, request: Request, holder: str, job_id: str) -> None:
        self.jobs[request] = (job_id, self.purchases[request])

    async def failed(self, request: Request, holder: str, *, unknown: bool = False) -> None:
        self.jobs.pop(request, None)

    async def stored(self, request: Request, asset: AssetRef) -> None:
        """Nobody asks again."""

    async def forget(self, request: Request) -> None:
        """Nothing is kept."""


class OpenGate:
    """Every call may be made."""

    lease_s = 60.0

    async def enter(self, provider: str, capability: str, most: int) -> Permit | CallsPaused | AtCapacity:
        return Permit(1)

    async def renew(self, permit: Permit) -> None: ...

    async def leave(self, permit: Permit) -> None: ...

    async def worked(self, provider: str, capability: str) -> None: ...

    async def failed(self, provider: str, capability: str, why: str, retry_after_s: float | None = None) -> None: ...

    async def refused(self, provider: str, capability: str, why: str) -> None: ...


@dataclass
class MemoryFailureLog:
    """What went wrong, in dictionaries."""

    by_key: dict[str, dict[str, FailureRecord]] = field(default_factory=dict)
    makers: dict[tuple[str, str], str] = field(default_factory=dict)

    async def of(self, key: str) -> FailureRecords:
        return FailureRecords(self.by_key.get(key, {}))

    async def add(self, key: str, content_id: str, provider: str, why: str, *, give_up: bool) -> None:
        known = self.by_key.setdefault(key, {})
        before = known.get(provider, FailureRecord(since=datetime.now(UTC)))
        known[provider] = FailureRecord(before.failures + 1, before.since, why, before.given_up or give_up)

    async def settled(self, content_id: str, capability: str) -> str:
        return self.makers.get((content_id, capability), "")

    async def settle(self, content_id: str, capability: str, provider: str, order: Sequence[str]) -> None:
        before = self.makers.get((content_id, capability))
        if before not in order or order.index(provider) > order.index(before):
            self.makers[content_id, capability] = provider


def memory_purchasing(channels: ChannelBook) -> Purchasing:
    """Ports of purchases whose providers nothing is known of."""
    return Purchasing(NewRequests(), OpenGate(), MemoryFailureLog(), channels)
