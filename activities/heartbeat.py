"""Heartbeats that prove work, not merely a living loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from temporalio import activity

from reelwright.domain.attempt import Attempt
from reelwright.domain.ports.making import Progress

BEAT_S = 2.0
NO_PROGRESS_S = 180.0
"""A step that has not moved for this long is taken for stuck: the beats stop, and Temporal gives it to another."""
QUIET_SHARE, LIFE_SHARE = 0.5, 0.9
"""What an attempt allows itself of the time in which Temporal would give it up: without a beat, and in all."""


@asynccontextmanager
async def beating(label: str, attempt: Attempt | None = None) -> AsyncIterator[Progress]:
    """Heartbeats `{"label", "share"}` while the body runs, as long as `share` (0 to 1) keeps moving; `attempt` is told
    of each.

    The yielded function may be called from any thread.
    """
    share, moved_at = 0.0, time.monotonic()

    def progress(value: float) -> None:
        nonlocal share, moved_at
        if value != share:
            share, moved_at = value, time.monotonic()

    async def beat() -> None:
        while time.monotonic() - moved_at < NO_PROGRESS_S:
            if attempt:
                attempt.beat()
            activity.heartbeat({"label": label, "share": round(share, 3)})
            await asyncio.sleep(BEAT_S)

    beats = asyncio.create_task(beat())
    try:
        yield progress
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats


@asynccontextmanager
async def in_time(label: str) -> AsyncIterator[None]:
    """Heartbeats while the body runs, and lets it send no request once Temporal may have given this attempt up: a
    blocked loop or a stopped process sends no beats, and must not go on when it wakes up as if nothing had happened.
    """
    info = activity.info()
    attempt = Attempt(
        quiet_s=_part(info.heartbeat_timeout, QUIET_SHARE), life_s=_part(info.start_to_close_timeout, LIFE_SHARE)
    )
    with attempt.running():
        async with beating(label, attempt):
            yield


def _part(limit: timedelta | None, share: float) -> float | None:
    return limit.total_seconds() * share if limit else None
