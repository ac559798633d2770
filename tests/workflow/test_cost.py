"""What people are told a content has cost, against what the books say."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowHandle
from temporalio.testing import ActivityEnvironment

from activities.content.material import SpeakScene, Voices
from reelwright.domain.content.status import PipelineStatus
from reelwright.domain.content.story import Music, Narration, Scene, Story
from reelwright.domain.ids import sha256_of
from workflows import search

from .conftest import FakeStudio
from .fakes import Makers, MemoryCatalog, MemoryMedia
from .test_content_pipeline import SCRIPT, question


async def told(handle: WorkflowHandle[Any, Any]) -> tuple[float, float | None]:
    """What `status` says, and what the list of contents says."""
    status = await handle.query("status", result_type=PipelineStatus)
    return status.cost_usd, (await handle.describe()).typed_search_attributes.get(search.COST_USD)


async def test_what_came_from_the_books_is_not_counted_again(studio: FakeStudio) -> None:
    handle = await studio.start({"script": SCRIPT}, "content-cost")
    await question(handle)
    # Story, two scenes spoken and drawn, music: six things at a cent.
    assert await told(handle) == (0.06, 0.06)
    await handle.signal("review", {"decision": "revise", "reviewer": "e", "script": SCRIPT + "\n\nAnd a third one."})
    wanted = await question(handle, 1)
    # The story anew, the third scene spoken and drawn, and longer music.
    spent = pytest.approx(sum(studio.catalog.booked["cost"].values()))
    assert await told(handle) == (spent, spent)
    assert (await told(handle))[0] == pytest.approx(0.10)
    decision = {"decision": "approve", "reviewer": "e", "artifact_sha256": wanted.artifact_sha256}
    await handle.signal("review", decision)
    result = await handle.result()
    assert result.cost.usd == pytest.approx((await told(handle))[0])


async def test_what_was_spent_is_told_and_not_kept() -> None:
    catalog, env = MemoryCatalog(), ActivityEnvironment()
    voices = Voices(catalog, MemoryMedia(), Makers())
    job = SpeakScene(content_id="c", scene=Scene(index=0, text="Hello."), language="en")
    first, again = await env.run(voices.speak_scene, job), await env.run(voices.speak_scene, job)
    assert (first.spent, again.spent) == (0.01, 0.0)
    assert sha256_of(first.booked()) == sha256_of(again.booked()), "what is judged does not depend on when it was paid"
    assert "spent_usd" not in next(iter(catalog.results.values()))


@pytest.mark.parametrize(
    "model",
    [
        Story(title="t", description="d", scenes=(Scene(index=0, text="x"),), writer="w", usd=0.5),
        Narration.model_validate_json(
            '{"scene": 0, "audio": {"key": "k", "sha256": "0", "size": 1, "media_type": "a/b"}, "duration_s": 1.0,'
            ' "words": [], "provider": "p", "usd": 0.5}'
        ),
        Music.model_validate_json(
            '{"audio": {"key": "k", "sha256": "0", "size": 1, "media_type": "a/b"}, "duration_s": 1.0,'
            ' "mood": "calm", "provider": "p", "usd": 0.5}'
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_an_answer_of_an_older_release_counts_as_it_did(model: Story | Narration | Music) -> None:
    assert model.spent == 0.5
    assert "spent_usd" not in model.model_dump_json()


def test_digests_of_what_is_on_record_stay() -> None:
    story = Story(title="t", description="d", scenes=(Scene(index=0, text="x"),), writer="w", usd=0.5)
    assert sha256_of(story) == "51a3d7bbce5d62803a7766a4d6433c6ac1de71f39e6e2d0f2aae815b8ba6f116"
    assert sha256_of(story.model_copy(update={"spent_usd": 0.1}).booked()) == sha256_of(story)
