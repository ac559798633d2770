"""Calls of one kind that come while another is under way are made together: one transaction for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Call = TypeVar("Call")
Answer = TypeVar("Answer")
MOST = 64
"""Calls made together at most."""


class Batching(Generic[Call, Answer]):
    """`serve` gets the calls of one kind in the order in which they came, and answers them in the same order. What it
    raises, all of them raise. A call whose caller has gone is made all the same."""

    def __init__(self, serve: Callable[[Sequence[Call]], Awaitable[Sequence[Answer]]]) -> None:
        self._serve = serve
        self._waiting: dict[Hashable, list[tuple[Call, asyncio.Future[Answer]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, kind: Hashable, call: Call) -> Answer:
        """The call's answer."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if kind in self._waiting:
            self._waiting[kind].append((call, answer))
        else:
            self._waiting[kind] = [(call, answer)]
            task = asyncio.create_task(self._run(kind))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await answer

    async def _run(self, kind: Hashable) -> None:
        """Serves until no caller of the kind waits any more."""
        while waiting := self._waiting[kind]:
            together, self._waiting[kind] = waiting[:MOST], waiting[MOST:]
            try:
                answers = await self._serve([call for call, _ in together])
            except BaseException as error:  # noqa: BLE001  passed on to every caller
                for _, answer in together:
                    if not answer.done():
                        answer.set_exception(error)
            else:
                for (_, answer), told in zip(together, answers, strict=True):
                    if not answer.done():
                        answer.set_result(told)
        del self._waiting[kind]
