"""What a publication is refused for before anything is booked or sent: `prepare_post` knows the account."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from reelwright.domain.errors import NeedsAuthorization, PostRejected
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostState
from reelwright.platforms.common.http import guarded_client

from ..conftest import Sandbox
from .posting_kit import Bench

LONG = "word " * 100


@pytest.fixture
async def bench(sandbox: Sandbox, pool: Any, content: str, tmp_path: Path) -> AsyncIterator[Bench]:
    async with guarded_client(trust_env=False, timeout=300, verify=False) as client:
        bench = Bench(sandbox, pool, content, tmp_path, client)
        yield bench
        await bench.clear()


async def test_a_text_too_long_for_the_account_is_refused_at_once(bench: Bench) -> None:
    task = await bench.task(Platform.X, await bench.account(Platform.X), caption=LONG)
    with pytest.raises(PostRejected, match="more than 280") as caught:
        await bench.run(bench.activities.prepare_post, task)
    assert (caught.value.field, "shorten it" in caught.value.remedy) == ("caption", True)
    assert await bench.posts.get(task.key) is None


async def test_a_premium_account_may_write_it(bench: Bench) -> None:
    task = await bench.task(Platform.X, await bench.account(Platform.X, premium="yes"), caption=LONG)
    prepared = await bench.run(bench.activities.prepare_post, task)
    assert prepared.state is PostState.PREPARED


@pytest.mark.parametrize("platform", list(Platform))
async def test_an_account_that_is_missing_is_a_persons_to_add(bench: Bench, platform: Platform) -> None:
    task = await bench.task(platform, "nobody")
    with pytest.raises(NeedsAuthorization) as caught:
        await bench.run(bench.activities.prepare_post, task)
    assert await bench.posts.get(task.key) is None
    with pytest.raises(NeedsAuthorization) as later:
        await bench.tokens[platform].access_token("nobody")
    assert str(caught.value) == str(later.value)
    assert "reelwright account authorize" in caught.value.remedy
