"""What purchases from providers stand on, shared by all workers: the ledger of requests, by which the same is never
bought twice, the gate in front of each provider, and what went wrong for a purchase so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ..assets import AssetRef
from ..chains import FailureRecords
from ..costs.money import Money


@dataclass(frozen=True)
class Request:
    """What is asked of a provider, by the sha256 of all that decides the answer (provider, model, parameters, inputs,
    version of the prompt), within a channel. `job`: it is begun with one call and done later, by its id there."""

    channel: str
    sha256: str
    capability: str
    provider: str
    content_id: str
    job: bool = False


@dataclass(frozen=True)
class Packed:
    """An answer as it is kept: what is known of it as JSON (`meta`), and its bytes, which become a file of their own.
    `usd` is its price in US dollars; `provider` who gave it, where that is not whom it was ordered from."""

    meta: str
    data: bytes | None = None
    media_type: str = ""
    usd: float = 0.0
    provider: str = ""


@dataclass(frozen=True)
class Bought:
    """An answer that is on record. `asset` is its file, once it is stored; until then there are its bytes. `purchase`
    is the number of the purchase, `key` the record it was bought for, and `settled` whether that has its result."""

    packed: Packed
    purchase: int
    key: str
    asset: AssetRef | None = None
    settled: bool = False


@dataclass(frozen=True)
class Claim:
    """What comes of asking for a request. `mine`: it is to be asked by whoever holds `holder`; `taken`: another worker
    is asking just now; `done`: there is an answer; `lost`: a job was begun by a worker that died before it had the
    job's id, and nobody knows whether the provider charges for it. `job_id` is that of a job to be asked about,
    `purchase` that of its reservation, and `unknown` counts the calls whose outcome nobody knows."""

    state: Literal["mine", "taken", "done", "lost"]
    holder: str = ""
    bought: Bought | None = None
    job_id: str = ""
    purchase: int | None = None
    unknown: int = 0


class RequestLedger(Protocol):
    """The table of requests. Claims are leases, which `renew` keeps alive."""

    @property
    def lease_s(self) -> float:
        """How long a claim lasts without being renewed."""
        ...

    async def claim(self, request: Request) -> Claim:
        """Claims it. One whose claim ran out after it was sent counts as unknown: what was reserved for it stays, and
        it may be asked again, but for a job."""
        ...

    async def renew(self, request: Request, holder: str) -> bool:
        """Another lease. False where the claim was lost."""
        ...

    async def sent(self, request: Request, holder: str, purchase: int) -> None:
        """The call is about to be made."""
        ...

    async def accepted(self, request: Request, holder: str, job_id: str) -> None:
        """The job has an id: from here on it is asked about, never begun again."""
        ...

    async def rest(self, request: Request, holder: str) -> None:
        """The job is left to whoever asks about it next, at once."""
        ...

    async def failed(self, request: Request, holder: str, *, unknown: bool = False) -> None:
        """It came to nothing. `unknown`: the provider may charge for it all the same."""
        ...

    async def stored(self, request: Request, asset: AssetRef) -> None:
        """The answer's bytes are this file of the media store."""
        ...

    async def forget(self, request: Request) -> None:
        """The answer's file is gone: it is asked anew."""
        ...


class RequestRetention(Protocol):
    """The end of what the table of requests keeps."""

    async def expire(self, keep: timedelta) -> int:
        """Deletes requests whose answers were stored longer ago than that, and returns how many: not those of a
        content that is still made, and none that guards a purchase (one under way, one that is paid for and not stored,
        one of which nobody knows whether it was charged for). What was bought by them stays on record."""
        ...


@dataclass(frozen=True)
class Permit:
    """The right to make one call now; a lease."""

    id: int


@dataclass(frozen=True)
class CallsPaused:
    """No call now. `brief`: the provider itself named the pause; nothing else is wrong with it."""

    why: str
    until: datetime | None = None
    wait_s: float = 0.0
    brief: bool = False


@dataclass(frozen=True)
class AtCapacity:
    """As many calls are under way as may be."""

    most: int


class ProviderGate(Protocol):
    """The circuit breaker and the cap on calls at once, for each provider and capability."""

    @property
    def lease_s(self) -> float: ...

    async def enter(self, provider: str, capability: str, most: int) -> Permit | CallsPaused | AtCapacity:
        """A permit, or why there is none."""
        ...

    async def renew(self, permit: Permit) -> None: ...

    async def leave(self, permit: Permit) -> None: ...

    async def worked(self, provider: str, capability: str) -> None:
        """It answered."""
        ...

    async def failed(self, provider: str, capability: str, why: str, retry_after_s: float | None = None) -> None:
        """It did not. After some failures within a minute nobody calls for a while."""
        ...

    async def refused(self, provider: str, capability: str, why: str) -> None:
        """It refuses everybody (its key, its credit, its model): nobody calls for some minutes."""
        ...


class FailureLog(Protocol):
    """What went wrong for a purchase, by its key without a provider; and who makes all of one kind for a content."""

    async def of(self, key: str) -> FailureRecords: ...

    async def add(self, key: str, content_id: str, provider: str, why: str, *, give_up: bool) -> None:
        """One more failed call."""
        ...

    async def settled(self, content_id: str, capability: str) -> str:
        """The provider of all a content's pieces of one kind; empty before the first."""
        ...

    async def settle(self, content_id: str, capability: str, provider: str, order: Sequence[str]) -> None:
        """It is this one, unless one further down `order` is settled already."""
        ...


@dataclass(frozen=True)
class UnknownPurchase:
    """A purchase of which nobody knows whether it was charged for: the worker died, or the connection broke, between
    the call and its answer. `held` is the most that it may have cost, and counts against the budget."""

    id: int
    content_id: str
    channel: str
    step: str
    provider: str
    held: Money
    since: datetime
