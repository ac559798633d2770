"""Heartbeats that prove work, not merely a living loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from datetime import timedelta

from temporalio import activity

from reelwright.domain.attempt import Attempt
from reelwright.domain.ports.rendering import Progress

BEAT_S = 2.0
NO_PROGRESS_S = 180.0
"""A step that has not moved for this long is taken for stuck: the beats stop, and Temporal gives it to another."""
QUIET_SHARE, LIFE_SHARE = 0.5, 0.9
"""What an attempt allows itself of the time in which Temporal would give it up: without a beat, and in all."""


class Pulse:
    """The details of an activity's heartbeats: `{"label", "share"}`. They stop when `share` (0 to 1) has not changed
    for `NO_PROGRESS_S` and no other part of the work has begun or ended meanwhile."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._share = 0.0
        self._moved_at = time.monotonic()
        self._held = False
        self._attempt: Attempt | None = None

    def progress(self, share: float) -> None:
        """May be called from any thread."""
        if share != self._share:
            self._share, self._moved_at = share, time.monotonic()

    @contextmanager
    def part(self, label: str, attempt: Attempt | None = None) -> Iterator[None]:
        """A part of the work, with a name of its own; `attempt` records each beat."""
        self._label, self._share, self._moved_at, self._attempt = label, 0.0, time.monotonic(), attempt
        try:
            yield
        finally:
            self._moved_at, self._attempt = time.monotonic(), None

    def hold(self) -> None:
        """From here on the work is not taken for stuck; the activity's time limit alone ends it."""
        self._held = True

    async def beat(self) -> None:
        """Beats until it is cancelled, with a pause while nothing moves. An answer that is paid for just before the
        attempt would be given up is kept."""
        while True:
            if self._held or time.monotonic() - self._moved_at < NO_PROGRESS_S:
                if self._attempt:
                    self._attempt.beat()
                activity.heartbeat({"label": self._label, "share": round(self._share, 3)})
            await asyncio.sleep(BEAT_S)


_current: ContextVar[Pulse | None] = ContextVar("pulse", default=None)


@asynccontextmanager
async def alive(label: str) -> AsyncIterator[Pulse]:
    """Heartbeats while the body runs. The workers put every activity that has a heartbeat timeout into one of these
    (`workers/interceptors.py`), from its first line to its last."""
    pulse = Pulse(label)
    beats = asyncio.create_task(pulse.beat())
    token = _current.set(pulse)
    try:
        yield pulse
    finally:
        _current.reset(token)
        beats.cancel()
        with suppress(asyncio.CancelledError):
            await beats


@asynccontextmanager
async def beating(label: str, attempt: Attempt | None = None) -> AsyncIterator[Progress]:
    """Names a part of the activity and yields the function that reports its progress (see `Pulse`). Where the activity
    has no heartbeats yet, they are sent during the body."""
    async with AsyncExitStack() as stack:
        pulse = _current.get()
        if pulse is None:
            pulse = await stack.enter_async_context(alive(label))
        stack.enter_context(pulse.part(label, attempt))
        yield pulse.progress


def keep_beating() -> None:
    """What comes now has been paid for: it is not given up for being slow."""
    if pulse := _current.get():
        pulse.hold()


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
