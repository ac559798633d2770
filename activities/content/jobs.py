"""A purchase that is begun with one call and done minutes later: the job's id is on record before it is asked about,
and a worker that takes it over asks on. It is never begun twice."""

from __future__ import annotations

import asyncio
import random
import time
from abc import abstractmethod
from typing import Any, ClassVar

from temporalio import activity

from reelwright.domain.chains import Link
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable, ReelwrightError, Refusal
from reelwright.domain.ports.buying import Claim, Packed
from reelwright.domain.ports.providing import ClipJob, ClipMaker, ClipState

from ..heartbeat import beating
from .asset_specs import AssetSpec, PaidT, ProviderInChain
from .turns import EVERYBODYS, Call, CallFailed, book_lost, kept_answer, permit_of, renewed, reserved

POLL_S, POLLS_S = 2.0, 20.0
"""Between two looks at a job, longer and longer."""
FREE_POLLS = 3
"""Of a job that costs nothing, so many unanswered questions in a row are a failed try; else it is waited for."""
JOB_SHARE = 0.8
"""Of the time that Temporal gives an attempt: then the next attempt goes on asking."""
_WHY: dict[str, Refusal] = {"refused": "policy", "failed": "nonsense", "expired": "nonsense"}


class JobSpec(AssetSpec[ClipMaker, PaidT]):
    """What is begun with one call, and done later by a job."""

    optional: ClassVar[bool] = True

    @abstractmethod
    async def begin(self, provider: ProviderInChain[ClipMaker]) -> ClipJob:
        """The one call that begins it."""

    @abstractmethod
    async def taken(self, provider: ProviderInChain[ClipMaker], job: ClipJob, state: ClipState) -> Packed:
        """The finished work, fetched and taken in. May be repeated. Raises `CallFailed` where it does not come: the job
        stays on record, and the next try goes on with it."""


async def filmed(
    call: Call, spec: JobSpec[Any], provider: ProviderInChain[ClipMaker], link: Link[ClipMaker], claim: Claim
) -> tuple[Packed, int]:
    """The finished work, paid for and kept, and the number of its purchase. Raises as `called`."""
    if claim.state == "lost":
        raise CallFailed(
            ProviderRefused(
                "a worker died while it began this, and nobody knows whether it is charged for",
                field=call.order.provider,
                remedy="see `reelwright budget unknown`",
            )
        )
    async with renewed(call.ledger.lease_s, lambda: call.ledger.renew(call.request, call.holder)):
        if claim.job_id and claim.purchase is not None:
            purchase, job = claim.purchase, ClipJob(provider=call.order.provider, id=claim.job_id)
        else:
            purchase, job = await _begun(call, spec, provider, link)
        state = await _done(call, provider, link, job, purchase)
        if state.state != "done":
            await _ended(call, purchase, state)
        try:
            packed = await spec.taken(provider, job, state)
        except ProviderRefused as error:  # it is paid for, and cannot be used
            error.usd = error.usd or _price(call, state)
            await book_lost(call.catalog, call.order, purchase, error)
            await call.ledger.failed(call.request, call.holder)
            raise CallFailed(error) from error
        except CallFailed:
            await call.ledger.rest(call.request, call.holder)
            raise
        packed = Packed(packed.meta, usd=_price(call, state))
        return packed, await kept_answer(call, purchase, packed)


async def _begun(
    call: Call, spec: JobSpec[Any], provider: ProviderInChain[ClipMaker], link: Link[ClipMaker]
) -> tuple[int, ClipJob]:
    """The reservation and the job, its id on record. An error of the call itself leaves open whether there is a job,
    but for those that are certainly not charged for."""
    capability = call.request.capability
    try:
        permit = await permit_of(call.gate, link, call.request)
    except Exception:
        await call.ledger.failed(call.request, call.holder)
        raise
    try:
        purchase = await reserved(call)
    except BaseException:
        await call.gate.leave(permit)
        raise
    try:
        job = await spec.begin(provider)
    except ReelwrightError as error:
        known = error.cost_known or bool(call.order.wanted and call.order.wanted.free)
        if known:
            await call.catalog.release(purchase)
        await call.ledger.failed(call.request, call.holder, unknown=not known)
        if isinstance(error, ProviderUnavailable):
            await call.gate.failed(link.name, capability, error.message, error.retry_after_s)
        elif isinstance(error, ProviderRefused) and error.why in EVERYBODYS:
            await call.gate.refused(link.name, capability, error.message)
        raise CallFailed(error, final=not known) from error
    finally:
        await call.gate.leave(permit)
    await call.ledger.accepted(call.request, call.holder, job.id)
    await call.gate.worked(link.name, capability)
    return purchase, job


async def _done(
    call: Call, provider: ProviderInChain[ClipMaker], link: Link[ClipMaker], job: ClipJob, purchase: int
) -> ClipState:
    """The job's last state. An answer that does not come is asked for again. Raises `CallFailed` at the end of the
    attempt's time, after which another one goes on, and where the provider refuses to be asked: then nobody knows what
    the job costs."""
    limit = activity.info().start_to_close_timeout
    end = time.monotonic() + (limit.total_seconds() * JOB_SHARE if limit else 3_600)
    pause_s, turn, away = POLL_S, 0, 0
    free = bool(call.order.wanted and call.order.wanted.free)
    async with beating(f"{call.order.step} by {call.order.provider}") as progress:
        while time.monotonic() < end:
            turn += 1
            try:
                state = await provider.maker.poll(job)
                away = 0
            except ProviderUnavailable as error:
                away += 1
                if free and away >= FREE_POLLS:
                    await call.ledger.rest(call.request, call.holder)
                    raise CallFailed(error) from error
                state = ClipState(state="waiting", retry_after_s=error.retry_after_s)
            except ProviderRefused as error:
                if free:
                    await call.catalog.release(purchase)
                await call.ledger.failed(call.request, call.holder, unknown=not free)
                if error.why in EVERYBODYS:
                    await call.gate.refused(link.name, call.request.capability, error.message)
                raise CallFailed(error) from error
            if state.state not in ("waiting", "running"):
                return state
            progress(turn / (turn + 20))  # not the job's own, which may stand still
            await asyncio.sleep(min(state.retry_after_s or random.uniform(0.7, 1.0) * pause_s, POLLS_S))
            pause_s = min(1.3 * pause_s, POLLS_S)
    raise CallFailed(
        ProviderUnavailable(
            f"job {job.id} is not done yet", field=link.name, remedy="it is asked about again by itself"
        )
    )


async def _ended(call: Call, purchase: int, state: ClipState) -> None:
    """Raises `CallFailed` for a job that came to nothing; what it has cost is booked, or known to nobody."""
    error = ProviderRefused(
        state.why or f"its job {state.state}", field=call.order.provider, usd=state.usd or 0.0, why=_WHY[state.state]
    )
    if error.usd:
        await book_lost(call.catalog, call.order, purchase, error)
    elif state.usd is not None:
        await call.catalog.release(purchase)
    await call.ledger.failed(call.request, call.holder, unknown=state.usd is None)
    raise CallFailed(error)


def _price(call: Call, state: ClipState) -> float:
    """What the provider says, or else what it was to cost."""
    if state.usd is not None:
        return state.usd
    return float(call.order.wanted.usual) if call.order.wanted is not None else 0.0
