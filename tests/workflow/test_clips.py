"""A request that asks for clips where nobody makes any: the stills stay, and people are told."""

from __future__ import annotations

import pytest

from reelwright.domain.content.status import PipelineStatus

from .conftest import FakeStudio
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
