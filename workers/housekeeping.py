"""Periodic maintenance: the quota ledger is swept, and news of before yesterday are deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.ports.ledgers import QuotaLedger
from reelwright.storage.news import PostgresNews

log = logging.getLogger(__name__)
EVERY_S = 3_600.0
"""Holds are swept after a day's silence, so an hour more or less is nothing."""


@contextmanager
def housekeeping(ledger: QuotaLedger, news: PostgresNews | None = None, *, every_s: float = EVERY_S) -> Iterator[None]:
    """Runs beside the body. Every cpu worker may do it: a hold is released once, by the first."""
    task = asyncio.create_task(_sweep(ledger, news, every_s))
    try:
        yield
    finally:
        task.cancel()


async def _sweep(ledger: QuotaLedger, news: PostgresNews | None, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            if swept := await ledger.sweep():
                log.info("released the quota of %d publications that were not heard of for a day", swept)
        except ReelwrightError as error:
            log.warning("the quota ledger was not swept: %s", error)
        try:
            if news is not None and (gone := await news.prune()):
                log.info("deleted %d news that are older than a day", gone)
        except ReelwrightError as error:
            log.warning("old news were not deleted: %s", error)
