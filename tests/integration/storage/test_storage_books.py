"""Effects and pauses on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reelwright.domain.formats import Platform
from reelwright.storage.effects import PostgresEffectLedger
from reelwright.storage.pauses import PostgresGate

from .filing import fresh


@pytest.fixture
def effects(pool: Any) -> PostgresEffectLedger:
    return PostgresEffectLedger(pool)


@pytest.fixture
async def gate(pool: Any) -> PostgresGate:
    await pool.execute("delete from pauses")
    return PostgresGate(pool)


async def test_twenty_begin_an_effect_and_one_may_make_it(effects: PostgresEffectLedger) -> None:
    key = fresh()
    told = await asyncio.gather(*(effects.begin(key) for _ in range(20)))
    assert sorted(told) == ["begun"] * 19 + ["new"]
    await effects.done(key, "comment-1\0")
    await effects.done(key, "comment-2")
    assert await effects.begin(key) == "done"
    assert await effects.result(key) == "comment-1"
    await effects.forget(key)
    assert await effects.begin(key) == "done"


async def test_what_certainly_did_not_happen_may_be_begun_again(effects: PostgresEffectLedger) -> None:
    key = fresh()
    assert await effects.begin(key) == "new"
    await effects.forget(key)
    assert await effects.begin(key) == "new"
    assert await effects.begin(key) == "begun"
    assert await effects.result(key) == ""
    assert await effects.result("never begun") == ""


async def test_an_effect_noted_without_a_beginning_is_done(effects: PostgresEffectLedger) -> None:
    key = fresh()
    await effects.done(key, "found on the platform")
    assert (await effects.begin(key), await effects.result(key)) == ("done", "found on the platform")


async def test_a_pause_holds_an_account_or_the_whole_platform(gate: PostgresGate) -> None:
    await gate.pause(Platform.X, "news", by="Ana", note="wrong logo")
    await gate.pause(Platform.X, "news", by="Ben", note="second thought")
    held = await gate.closed(Platform.X, "news")
    assert held is not None and (held.account, held.by, held.note) == ("news", "Ana", "wrong logo")
    assert held.since.tzinfo is not None
    assert await gate.closed(Platform.X, "sports") is None
    assert await gate.closed(Platform.YOUTUBE, "news") is None
    await gate.pause(Platform.X, "", by="Ben", note="")
    whole = await gate.closed(Platform.X, "sports")
    assert whole is not None and whole.account == ""
    assert [(p.platform, p.account) for p in await gate.pauses()] == [(Platform.X, ""), (Platform.X, "news")]


async def test_resuming_a_platform_leaves_its_paused_accounts(gate: PostgresGate) -> None:
    await gate.pause(Platform.X, "", by="Ana", note="")
    await gate.pause(Platform.X, "news", by="Ana", note="")
    assert await gate.resume(Platform.X, "")
    assert not await gate.resume(Platform.X, "")
    assert await gate.closed(Platform.X, "sports") is None
    assert await gate.closed(Platform.X, "news") is not None
    assert await gate.resume(Platform.X, "news")
    assert await gate.pauses() == []
