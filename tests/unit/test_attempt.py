"""When an attempt is over, and that it stays so."""

from __future__ import annotations

import asyncio

from reelwright.domain.attempt import Attempt, attempt_is_over


class Clock:
    """Seconds, as the test sets them."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_beats_keep_it_and_silence_ends_it_for_good() -> None:
    clock = Clock()
    attempt = Attempt(quiet_s=30, life_s=1_000, clock=clock)
    for _ in range(10):
        clock.now += 29
        assert not attempt.over
        attempt.beat()
    clock.now += 31
    assert attempt.over
    attempt.beat()  # a process that woke up beats again
    assert attempt.over


def test_it_ends_of_age_however_it_beats() -> None:
    clock = Clock()
    attempt = Attempt(quiet_s=30, life_s=100, clock=clock)
    for _ in range(10):
        clock.now += 10
        attempt.beat()
    assert not attempt.over
    clock.now += 1
    assert attempt.over


def test_without_limits_it_never_ends() -> None:
    clock = Clock()
    attempt = Attempt(clock=clock)
    clock.now += 1e9
    assert not attempt.over


async def test_tasks_begun_in_it_belong_to_it_and_others_do_not() -> None:
    clock, go = Clock(), asyncio.Event()

    async def later() -> bool:
        await go.wait()
        return attempt_is_over()

    stranger = asyncio.create_task(later())
    with Attempt(quiet_s=1, clock=clock).running():
        ours = asyncio.create_task(later())
        assert not attempt_is_over()
        clock.now += 2
        assert attempt_is_over()
    assert not attempt_is_over()
    go.set()
    assert (await ours, await stranger) == (True, False)
