"""The pipeline on real Temporal and PostgreSQL, with chains that fall through: what people are told, and one voice."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.content.channels import Channels
from activities.content.costs import Costs
from activities.content.editorial import Editorial
from activities.content.records import Records
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.status import PipelineStatus
from reelwright.domain.errors import ProviderRefused
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.budgets import PostgresBudgets
from reelwright.storage.media import LocalMediaStore
from tests.workflow.conftest import ONE_FORMAT, FakeStudio, end_all
from tests.workflow.test_content_pipeline import question
from workers.pools import CpuActivities, MediaActivities, cpu_workers, media_worker

from .kit import Provider, Shop, provider_list

pytestmark = pytest.mark.lengthy


@dataclass
class ChainStudio(FakeStudio):
    """Books on PostgreSQL, material by chains of stand-ins."""

    shop: Any = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.one, self.two, self.off = Provider("one"), Provider("two"), Provider("off")
        self.chain = provider_list(self.one, self.two, offline=self.off)
        self.catalog = self.shop.catalog
        self.media = self.shop.media

    def cpu(self) -> CpuActivities:
        shop, makers = self.shop, self.makers
        return dataclasses.replace(
            super().cpu(),
            records=Records(shop.catalog, PostgresApprovals(shop.pool)),
            channels=Channels(shop.channels, self.policies),
            costs=Costs(PostgresBudgets(shop.pool), makers),
            editorial=Editorial(
                shop.catalog,
                makers,
                makers,
                makers,
                channels=shop.channels,
                writers=self.chain,
                purchasing=shop.purchasing,
            ),
            voices=shop.voices(self.chain),
        )

    def staff(self) -> MediaActivities:
        return dataclasses.replace(super().staff(), studio=self.shop.studio(self.chain))


@pytest.fixture
async def chains(temporal: WorkflowEnvironment, pool: Any, tmp_path: Path) -> AsyncIterator[ChainStudio]:
    studio = ChainStudio(temporal, tmp_path, shop=Shop[Any](pool, media=LocalMediaStore(tmp_path / "media")))
    async with AsyncExitStack() as stack:
        for worker in [*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())]:
            await stack.enter_async_context(worker)
        yield studio
    await end_all(studio.client)


async def test_a_story_is_spoken_by_one_and_what_was_fallen_back_from_is_in_the_report(chains: ChainStudio) -> None:
    refused = ProviderRefused("HTTP 402 (credit or spending limit)", why="credit")
    speak, draw = chains.one.speak, chains.one.draw
    turns = iter([False, True])

    async def speaks_once(*args: Any, **named: Any) -> Any:
        chains.one.fails = [refused] if next(turns, True) else [None]
        return await speak(*args, **named)

    async def draws_nothing(*args: Any, **named: Any) -> Any:
        chains.one.fails = [ProviderRefused("it declines", why="policy")]
        return await draw(*args, **named)

    chains.one.speak, chains.one.draw = speaks_once, draws_nothing  # type: ignore[method-assign]
    request = ContentRequest(topic="Tides", channel=chains.shop.channel, formats=ONE_FORMAT, platforms=())
    handle = await chains.start(request)
    wanted = await question(handle)
    status: PipelineStatus = await handle.query("status", result_type=PipelineStatus)
    notes = "\n".join(status.notes)
    assert "pictures, scenes 1, 2: not by one: it declines" in notes
    assert "narration, scene" in notes and "one: HTTP 402" in notes and "one: all of this content are by two" in notes
    speakers = await chains.shop.pool.fetch(
        "select result ->> 'by' as by from results where content_id = $1 and step = 'speech' order by recorded_at",
        status.content_id,
    )
    assert [row["by"] for row in speakers].count("two") == 2, "all scenes by one, at last"
    decision = {"decision": "approve", "reviewer": "e", "artifact_sha256": wanted.artifact_sha256}
    await handle.signal("review", decision)
    result = await handle.result()
    assert any("not by one: it declines" in note for note in result.notes)
    assert result.cost.usd == pytest.approx(sum((await chains.shop.catalog.costs(status.content_id)).values()))
