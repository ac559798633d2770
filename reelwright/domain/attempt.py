"""Whether an attempt is still valid. One that its supervisor may have given up must not repeat the work of its
successor.

An attempt shows that it runs by its heartbeats. Without them the supervisor gives it up; it cannot distinguish an ended
process from a suspended one (a paused machine, a stopped process, a blocked loop). So the attempt checks its own
heartbeats as the supervisor does, only more strictly: once they were missing for too long, or it is too old, it is
over, and later heartbeats do not change that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Where there is one, the clock that goes on while the machine sleeps."""
_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


def _seconds() -> float:
    return time.clock_gettime(_CLOCK)


class Attempt:
    """Begins when it is made. `quiet_s`: how long it may go without a beat; `life_s`: how long it may take in all;
    None is for ever. `clock` counts seconds and never backwards."""

    def __init__(
        self, *, quiet_s: float | None = None, life_s: float | None = None, clock: Callable[[], float] = _seconds
    ) -> None:
        self._quiet_s = quiet_s
        self._life_s = life_s
        self._clock = clock
        self._began = self._beat_at = clock()

    def beat(self) -> None:
        """A sign of life is about to be sent. It does not bring back an attempt that is over."""
        if not self.over:
            self._beat_at = self._clock()

    @property
    def over(self) -> bool:
        """Whether it may have been given up, so that nothing more may be sent in its name."""
        now = self._clock()
        still = self._quiet_s is not None and now - self._beat_at > self._quiet_s
        return still or (self._life_s is not None and now - self._began > self._life_s)

    @contextmanager
    def running(self) -> Iterator[None]:
        """What is called in the body, and the tasks it begins, belong to this attempt (`attempt_is_over`)."""
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)


def attempt_is_over() -> bool:
    """Whether the attempt that the caller belongs to is over; never, for what belongs to none."""
    attempt = _current.get()
    return attempt is not None and attempt.over
