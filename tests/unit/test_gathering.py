"""Calls that are made together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from reelwright.storage.quota.batching import MOST, Batching


class Server:
    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.open = asyncio.Event()

    async def serve(self, calls: Sequence[int]) -> list[int]:
        self.served.append(list(calls))
        await self.open.wait()
        if -1 in calls:
            raise ValueError("one of them is wrong")
        return [call * 10 for call in calls]


async def test_what_comes_meanwhile_is_made_together_in_its_order() -> None:
    server = Server()
    gathering = Batching(server.serve)
    asking = [asyncio.create_task(gathering.ask("a", 0))]
    await asyncio.sleep(0.01)
    asking += [asyncio.create_task(gathering.ask("a", number)) for number in range(1, MOST + 3)]
    other = asyncio.create_task(gathering.ask("b", 7))
    await asyncio.sleep(0.01)
    asking[2].cancel()
    server.open.set()
    answers = await asyncio.gather(*asking, other, return_exceptions=True)
    assert server.served == [[0], [7], [*range(1, MOST + 1)], [MOST + 1, MOST + 2]]
    assert isinstance(answers.pop(2), asyncio.CancelledError)
    assert answers == [number * 10 for number in range(MOST + 3) if number != 2] + [70]


async def test_an_error_is_everybodys_and_the_next_ones_are_served() -> None:
    server = Server()
    gathering = Batching(server.serve)
    asking = [asyncio.create_task(gathering.ask("a", 1))]
    await asyncio.sleep(0.01)
    asking += [asyncio.create_task(gathering.ask("a", number)) for number in (-1, 2)]
    await asyncio.sleep(0.01)
    server.open.set()
    assert await asking[0] == 10
    for each in asking[1:]:
        with pytest.raises(ValueError, match="wrong"):
            await each
    assert await gathering.ask("a", 3) == 30
