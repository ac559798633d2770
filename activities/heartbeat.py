"""Heartbeats that prove work, not merely a living loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from temporalio import activity

from reelwright.domain.ports import Progress

BEAT_S = 2.0
NO_PROGRESS_S = 180.0
"""A step that has not moved for this long is taken for stuck: the beats stop, and Temporal gives it to another."""


@asynccontextmanager
async def beating(label: str) -> AsyncIterator[Progress]:
    """Heartbeats `{"label", "share"}` while the body runs, as long as `share` (0 to 1) keeps moving.

    The yielded function may be called from any thread.
    """
    share, moved_at = 0.0, time.monotonic()

    def progress(value: float) -> None:
        nonlocal share, moved_at
        if value != share:
            share, moved_at = value, time.monotonic()

    async def beat() -> None:
        while time.monotonic() - moved_at < NO_PROGRESS_S:
            activity.heartbeat({"label": label, "share": round(share, 3)})
            await asyncio.sleep(BEAT_S)

    beats = asyncio.create_task(beat())
    try:
        yield progress
    finally:
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats
