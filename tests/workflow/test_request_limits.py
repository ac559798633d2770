"""What is too large fails with one line at once. The largest request that is allowed: test_history_size.py."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError

from reelwright.domain.content.story import MAX_SCENES
from reelwright.providers.writing.script import ScriptWriter

from .conftest import FakeStudio


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"item": {"title": "a", "text": "x " * 900_000}}, "item.text: more than 100,000 bytes; shorten it"),
        (
            {"topic": "a b", "formats": [f"{240 + 2 * n}x240" for n in range(500)]},
            "formats: 500 formats is more than 6",
        ),
        ({"topic": "a b", "posts": {"youtube": {"thread": ["x" * 24_000] * 25}}}, "posts: the texts of the request"),
        ({"topic": "x" * 1_900_000}, "topic: 1,900,000 characters is more than 300"),
        ({"topic": "a b", "style": {"brand": {"intro": "x" * 1_900_000}}}, "style.brand.intro: 1,900,000 characters"),
    ],
    ids=["item", "formats", "posts", "topic", "style"],
)
async def test_what_is_too_large_fails_with_one_line(studio: FakeStudio, given: dict[str, Any], said: str) -> None:
    handle = await studio.start(given)
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 600)
    cause = failure.value.cause
    assert isinstance(cause, ApplicationError) and cause.type == "InvalidInput"
    assert said in cause.message and "\n" not in cause.message and len(cause.message) < 500


async def test_a_script_of_too_many_scenes_is_refused(studio: FakeStudio) -> None:
    studio.makers.write = ScriptWriter().write  # type: ignore[method-assign]
    script = "\n\n".join(f"## Part {n}\n\nHere it is." for n in range(MAX_SCENES + 1))
    handle = await studio.start({"script": script})
    with pytest.raises(WorkflowFailureError) as failure:
        await asyncio.wait_for(handle.result(), 600)
    assert "script: 201 scenes is more than 200; use fewer headings" in str(failure.value.cause)
