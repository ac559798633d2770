"""Periodic maintenance: the quota ledger is swept, and old requests to providers are deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.ports.buying import RequestRetention
from reelwright.domain.ports.ledgers import QuotaLedger

log = logging.getLogger(__name__)
EVERY_S = 3_600.0
"""Holds are swept after a day's silence, so an hour more or less is nothing."""


@contextmanager
def housekeeping(
    quota: QuotaLedger, requests: RequestRetention, *, keep: timedelta, every_s: float = EVERY_S
) -> Iterator[None]:
    """Runs beside the body. Every cpu worker may do it: a hold is released once, by the first. Answers of providers are
    kept for `keep`."""
    task = asyncio.create_task(_sweep(quota, requests, keep, every_s))
    try:
        yield
    finally:
        task.cancel()


async def _sweep(quota: QuotaLedger, requests: RequestRetention, keep: timedelta, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        await _done(quota.sweep, "released the quota of %d publications that were not heard of for a day")
        await _done(lambda: requests.expire(keep), f"deleted %d requests that were answered {keep.days} days ago")


async def _done(sweep: Callable[[], Awaitable[int]], told: str) -> None:
    """One kind of maintenance; it is done again the next time, whatever it ends in."""
    try:
        if swept := await sweep():
            log.info(told, swept)
    except ReelwrightError as error:
        log.warning("the books were not swept: %s", error)
