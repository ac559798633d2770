"""One call to a provider that costs money: its turn in the ledger and at the gate, both as leases that are renewed
while the call lasts, its cost in the books, and its answer kept before anything else is done."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from temporalio import activity

from reelwright.domain.chains import Link
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, ReelwrightError
from reelwright.domain.ports.buying import CallsPaused, Claim, Packed, Permit, ProviderGate, Request, RequestLedger
from reelwright.domain.ports.making import Catalog

from ..heartbeat import beating, keep_beating
from ..made import Order, buyer, compare
from .asset_specs import CallSpec, ProviderInChain

log = logging.getLogger(__name__)

LOOK_S = 0.5
"""Between two looks at a claim or a slot that another worker has; longer and longer up to `LOOKS_S`."""
LOOKS_S = 3.0
WAIT_SHARE, CALL_SHARE = 0.3, 0.85
"""Of the time that Temporal gives an attempt: what is spent on waiting for a turn, and where a call is broken off."""
MOST_WAIT_S = 120.0
KEEP_S = 60.0
"""How long an answer that is paid for is held while the database does not take it."""
RENEWALS = 3
"""Renewals within a lease."""
EVERYBODYS = frozenset({"key", "credit", "model"})
"""Refusals that hold for every call, not for this one."""


class CallFailed(Exception):
    """The call to a provider failed: not our database, not the media store. `final`: what it was to begin may have
    begun, and it must not be made again."""

    def __init__(self, cause: BaseException, *, final: bool = False) -> None:
        super().__init__(str(cause))
        self.cause, self.final = cause, final

    @property
    def retryable(self) -> bool:
        """Whether the same call may be made again; of an error that nobody foresaw, that too."""
        if self.final:
            return False
        return self.cause.retryable if isinstance(self.cause, ReelwrightError) else True

    @property
    def why(self) -> str:
        """One line for people."""
        if isinstance(self.cause, ReelwrightError):
            unknown = "; nobody knows whether it is charged for" if self.final else ""
            return f"{self.cause.message}{unknown}"
        return f"{type(self.cause).__name__} in its adapter"


class CallNotAllowed(Exception):
    """There is no call to this provider now: its breaker is open, or all the calls it may have are under way."""

    def __init__(self, provider: str, why: str, wait_s: float) -> None:
        super().__init__(why)
        self.provider, self.why, self.wait_s = provider, why, wait_s

    def later(self) -> ProviderUnavailable:
        """Where nobody else is there to ask."""
        return ProviderUnavailable(
            self.why, field=self.provider, remedy="it is tried again by itself", retry_after_s=max(self.wait_s, 1.0)
        )


@dataclass(frozen=True)
class Call:
    """A call that is about to be made, and the books it stands in."""

    catalog: Catalog
    ledger: RequestLedger
    gate: ProviderGate
    order: Order
    request: Request
    holder: str


async def claimed(ledger: RequestLedger, request: Request) -> Claim:
    """The claim, or the answer. While another worker asks for the same, its answer is waited for; raises
    `ProviderUnavailable` where that takes too long: this attempt has not asked, and counts as no try."""
    async with _waiting(f"{request.provider}: the same is being asked just now") as looks:
        async for _ in looks:
            claim = await ledger.claim(request)
            if claim.state != "taken":
                return claim
    raise ProviderUnavailable(
        "another worker is asking for the same",
        field=request.provider,
        remedy="it is looked at again by itself",
        retry_after_s=ledger.lease_s / 3,
    )


async def called(
    call: Call, spec: CallSpec[Any, Any, Any], provider: ProviderInChain[Any], link: Link[Any]
) -> tuple[Packed, int]:
    """The answer, paid for and kept, and the number of its purchase. Raises `CallFailed`, and
    `CallNotAllowed` where it was not made."""
    try:
        async with renewed(call.ledger.lease_s, lambda: call.ledger.renew(call.request, call.holder)):
            permit = await permit_of(call.gate, link, call.request)
            try:
                async with renewed(call.gate.lease_s, lambda: call.gate.renew(permit)):
                    purchase = await reserved(call)
                    packed = await _answer(call, spec, provider, purchase, link)
                    number = await kept_answer(call, purchase, packed)
            finally:
                await call.gate.leave(permit)
    except CallNotAllowed:
        await call.ledger.failed(call.request, call.holder)
        raise
    compare(call.order, packed.usd)
    return packed, number


async def asked_once(
    catalog: Catalog, order: Order, spec: CallSpec[Any, Any, Any], provider: ProviderInChain[Any]
) -> tuple[Packed, int]:
    """The same without ledger and gate: of what is made offline, and of a provider that nobody shares. What a refusal
    or a useless answer has cost is booked; where nobody knows what is charged, the reservation stays."""
    purchase = await catalog.reserve(
        order.key, content_id=order.content_id, step=order.step, provider=order.provider, wanted=order.wanted
    )
    if purchase.answer is not None:
        return spec.recalled(purchase.answer), purchase.id
    try:
        packed = spec.pack(await spec.ask(provider))
    except ReelwrightError as error:
        if error.usd:
            await book_lost(catalog, order, purchase.id, error)
        elif error.cost_known and order.wanted is not None:
            await catalog.release(purchase.id)
        raise
    compare(order, packed.usd)
    number = await catalog.paid(
        purchase.id,
        usd=packed.usd,
        provider=packed.provider or order.provider,
        bought_for=buyer(),
        answer=packed.meta if packed.data is None else None,
    )
    return packed, number


async def kept_answer(call: Call, purchase: int, packed: Packed) -> int:
    """Pays and keeps the answer. It exists nowhere else yet: a database that is away for a moment is waited for."""
    keep_beating()
    end = time.monotonic() + KEEP_S
    while True:
        try:
            return await call.catalog.paid(
                purchase,
                usd=packed.usd,
                provider=packed.provider or call.order.provider,
                bought_for=buyer(),
                request=call.request,
                packed=packed,
            )
        except ProviderUnavailable as error:
            if time.monotonic() > end:
                raise
            log.warning("an answer that is paid for is not on record yet: %s", error)
            await asyncio.sleep(1)


async def book_lost(catalog: Catalog, order: Order, purchase: int, error: ReelwrightError) -> None:
    """What was paid for in vain."""
    await catalog.paid(
        purchase,
        usd=error.usd,
        provider=order.provider,
        bought_for=buyer(),
        lost=True,
        cost_known=error.cost_known,
    )


async def reserved(call: Call) -> int:
    """The number of the purchase, its worst case reserved; from here on the call counts as made."""
    order = call.order
    try:
        purchase = await call.catalog.reserve(
            order.key,
            content_id=order.content_id,
            step=order.step,
            provider=order.provider,
            wanted=order.wanted,
        )
    except ReelwrightError:
        await call.ledger.failed(call.request, call.holder)
        raise
    await call.ledger.sent(call.request, call.holder, purchase.id)
    return purchase.id


async def _answer(
    call: Call, spec: CallSpec[Any, Any, Any], provider: ProviderInChain[Any], purchase: int, link: Link[Any]
) -> Packed:
    """The answer. Whatever comes in its place is booked, and told to the gate."""
    gate, capability = call.gate, call.request.capability
    try:
        packed = spec.pack(await _in_time(call, spec, provider))
    except ReelwrightError as error:
        free = call.order.wanted is not None and call.order.wanted.free
        await _booked(call, purchase, error, unknown=not (error.usd or error.cost_known or free))
        if isinstance(error, ProviderUnavailable):
            await gate.failed(link.name, capability, error.message, error.retry_after_s)
        elif isinstance(error, ProviderRefused) and error.why in EVERYBODYS:
            await gate.refused(link.name, capability, error.message)
        else:
            await gate.worked(link.name, capability)
        raise CallFailed(error) from error
    except Exception as error:
        log.exception("%s by %s", call.order.step, call.order.provider)
        await call.ledger.failed(call.request, call.holder, unknown=True)
        await gate.failed(link.name, capability, f"{type(error).__name__} in its adapter")
        raise CallFailed(error) from error
    await gate.worked(link.name, capability)
    return packed


async def _in_time(call: Call, spec: CallSpec[Any, Any, Any], provider: ProviderInChain[Any]) -> Any:
    """The provider's answer, broken off before Temporal takes the attempt for lost. Its beats go on all the time: a
    provider that thinks reports no progress."""
    info = activity.info()
    limit = info.start_to_close_timeout
    left_s: float | None = None
    if limit is not None:
        used_s = time.time() - info.started_time.timestamp()
        left_s = max(limit.total_seconds() * CALL_SHARE - used_s, 1.0)
    try:
        async with beating(f"{spec.step} by {call.order.provider}") as progress, asyncio.timeout(left_s):
            ticking = asyncio.create_task(_tick(progress))
            try:
                return await spec.ask(provider)
            finally:
                ticking.cancel()
                with suppress(asyncio.CancelledError):
                    await ticking
    except TimeoutError:
        raise ProviderUnavailable(
            f"no answer within {left_s or 0:.0f} s", field=call.order.provider, remedy="it is tried again by itself"
        ) from None


async def _tick(progress: Any) -> None:
    """Moves a progress that nobody reports, never to its end."""
    seconds = 0
    while True:
        await asyncio.sleep(5)
        seconds += 5
        progress(seconds / (seconds + 60))


async def _booked(call: Call, purchase: int, error: ReelwrightError, *, unknown: bool) -> None:
    """What a failed call has cost is booked; what is certainly not charged is free again; else it stays reserved."""
    if error.usd:
        await book_lost(call.catalog, call.order, purchase, error)
    elif not unknown:
        await call.catalog.release(purchase)
    await call.ledger.failed(call.request, call.holder, unknown=unknown)


async def permit_of(gate: ProviderGate, link: Link[Any], request: Request) -> Permit:
    """A permit. Waits for a slot, and for the end of a short pause that the provider has named. Raises
    `CallNotAllowed` where it must not be called, or takes too long."""
    paused: CallsPaused | None = None
    async with _waiting(f"a free call of {link.name}") as looks:
        async for left_s in looks:
            found = await gate.enter(link.name, request.capability, link.concurrency)
            if isinstance(found, Permit):
                return found
            paused = found if isinstance(found, CallsPaused) else None
            if paused is not None:
                if not paused.brief or paused.wait_s > left_s:
                    raise CallNotAllowed(link.name, paused.why, paused.wait_s)
                await asyncio.sleep(min(paused.wait_s, LOOKS_S))
    if paused is not None:
        raise CallNotAllowed(link.name, paused.why, paused.wait_s)
    raise ProviderUnavailable(
        f"all of the {link.concurrency} calls that it may have at once are under way",
        field=link.name,
        remedy="it waits for one by itself; REELWRIGHT_CONCURRENCY sets how many",
        retry_after_s=2.0,
    )


@asynccontextmanager
async def _waiting(label: str) -> AsyncIterator[AsyncIterator[float]]:
    """Looks, ever less often, for a part of the time that the attempt has; each is told how many seconds are left."""
    limit = activity.info().start_to_close_timeout
    patience_s = min(limit.total_seconds() * WAIT_SHARE, MOST_WAIT_S) if limit else MOST_WAIT_S
    async with beating(label) as progress:

        async def looks() -> AsyncIterator[float]:
            begun, pause_s = time.monotonic(), LOOK_S
            while (gone := time.monotonic() - begun) < patience_s:
                yield patience_s - gone
                progress(gone / patience_s)
                await asyncio.sleep(random.uniform(0.5, 1.0) * pause_s)
                pause_s = min(1.5 * pause_s, LOOKS_S)

        yield looks()


@asynccontextmanager
async def renewed(lease_s: float, renew: Any) -> AsyncIterator[None]:
    """Renews a lease while the body runs. One that cannot be renewed runs out: whoever takes it over counts this call
    as one of which nobody knows."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(lease_s / RENEWALS)
            try:
                await renew()
            except ProviderUnavailable as error:
                log.warning("a lease was not renewed: %s", error)

    keeping = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
