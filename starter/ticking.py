"""A line at regular intervals where no progress bar is shown: in a log, in a pipe."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from .console import err, say

EVERY_S = 10.0


def elapsed(seconds: float) -> str:
    """`2:10`, or `1:02:10`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@asynccontextmanager
async def regular_lines(text: Callable[[], str], *, every_s: float = EVERY_S) -> AsyncIterator[None]:
    """While the body runs, prints the result of `text` with the time elapsed, every `every_s` seconds. At a terminal,
    which has a progress bar, it prints nothing. `text` must be ready for `say`."""
    if err().is_terminal:
        yield
        return
    began = time.monotonic()

    async def tell() -> None:
        while True:
            await asyncio.sleep(every_s)
            say(f"{text()}, {elapsed(time.monotonic() - began)} elapsed")

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
