"""Periodic maintenance: the quota ledger is swept, and what is kept for a while is deleted after it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.ports.ledgers import QuotaLedger

log = logging.getLogger(__name__)
EVERY_S = 3_600.0
"""Holds are swept after a day's silence, so an hour more or less is nothing."""


Prunes = Mapping[str, Callable[[], Awaitable[int]]]
"""What deletes old rows and says how many they were, by what the rows are."""


@contextmanager
def housekeeping(ledger: QuotaLedger, prunes: Prunes | None = None, *, every_s: float = EVERY_S) -> Iterator[None]:
    """Runs beside the body. Every cpu worker may do it: a hold is released once, by the first."""
    task = asyncio.create_task(_sweep(ledger, prunes or {}, every_s))
    try:
        yield
    finally:
        task.cancel()


async def _sweep(ledger: QuotaLedger, prunes: Prunes, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            if swept := await ledger.sweep():
                log.info("released the quota of %d publications that were not heard of for a day", swept)
        except ReelwrightError as error:
            log.warning("the quota ledger was not swept: %s", error)
        for what, prune in prunes.items():
            try:
                if gone := await prune():
                    log.info("deleted %d old %s", gone, what)
            except ReelwrightError as error:
                log.warning("old %s were not deleted: %s", what, error)
