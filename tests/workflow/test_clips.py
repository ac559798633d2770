"""A request that asks for clips where nobody makes any: the stills stay, and people are told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from reelwright.domain.content.status import PipelineStatus
from reelwright.domain.errors import ProviderRefused
from reelwright.domain.ids import content_id_of_workflow
from reelwright.domain.ports.providing import ClipState
from tests.replay.chain_scenarios import ChainStudio
from workers.pools import cpu_workers, media_worker

from .conftest import FakeStudio, end_all
from .test_content_pipeline import question


async def test_scenes_keep_their_stills_where_nobody_makes_clips(studio: FakeStudio) -> None:
    handle = await studio.start({"script": "One.\n\nTwo.\n\nThree.\n\nFour.", "clips": "some"})
    await question(handle)
    status = await handle.query("status", result_type=PipelineStatus)
    assert "pictures, scenes 1, 4: not by clips: no provider is set up" in status.notes
    assert studio.makers.calls["draw"] == 4
    assert status.cost_usd == 0.1, "the story, four scenes spoken and drawn, music"


@pytest.mark.parametrize("format", ["1280x720", "240x426"])
async def test_a_size_of_ones_own_has_clips_too(format: str, studio: FakeStudio) -> None:
    handle = await studio.start({"script": "One.\n\nTwo.", "clips": "some", "formats": [format]})
    await question(handle)
    status = await handle.query("status", result_type=PipelineStatus)
    assert "pictures, scene 1: not by clips: no provider is set up" in status.notes


@pytest.fixture
async def chains(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[ChainStudio]:
    """A studio with chains of providers, one of clips, whose pools are running."""
    studio = ChainStudio(environment, tmp_path)
    async with AsyncExitStack() as stack:
        for worker in (*cpu_workers(studio.client, studio.cpu()), media_worker(studio.client, studio.staff())):
            await stack.enter_async_context(worker)
        yield studio
    await end_all(environment.client)


async def test_a_clip_tells_what_its_still_was_fallen_back_from(chains: ChainStudio) -> None:
    chains.first["images"].always = ProviderRefused("HTTP 402", why="credit")
    handle = await chains.start({"script": "One.\n\nTwo.", "clips": "some"})
    await question(handle)
    status = await handle.query("status", result_type=PipelineStatus)
    assert chains.film.calls["fetch"] == 1
    assert "pictures, scenes 1, 2: not by one: HTTP 402" in status.notes


async def test_a_clip_that_came_to_nothing_is_counted(chains: ChainStudio) -> None:
    chains.film.states = [ClipState(state="failed", why="it broke", usd=0.1)]
    handle = await chains.start({"script": "One.\n\nTwo.", "clips": "some"})
    await question(handle)
    status = await handle.query("status", result_type=PipelineStatus)
    assert "pictures, scene 1: not by clips: film: it broke" in status.notes
    booked = sum((await chains.catalog.costs(content_id_of_workflow(handle.id))).values())
    assert booked > 0.1 and status.cost_usd == pytest.approx(booked)
