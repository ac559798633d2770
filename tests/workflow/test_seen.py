"""Pictures and frames are judged once they are made, before a reviewer is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelwright.domain.content.status import Stage
from tests import own_samples as samples

from .conftest import FakeStudio
from .fakes import own_intake
from .test_content_pipeline import SCRIPT, question
from .test_review_gate import said

SECOND = "the picture of scene 2"


async def test_without_a_classifier_nothing_is_looked_at(studio: FakeStudio) -> None:
    result = await (await studio.start({"script": SCRIPT, "auto_approve": True})).result()
    assert (result.status, studio.looker.seen) == (Stage.DONE, [])


async def test_what_is_seen_joins_the_question_and_a_revision_looks_again(studio: FakeStudio) -> None:
    studio.looker.name, studio.looker.finds = "fake", {SECOND: "review"}
    content = await studio.start({"script": SCRIPT, "auto_approve": True})
    asked = await question(content)
    assert asked.reasons == (f"{SECOND}: something: mend it",), "auto-approval does not count"
    count = len(studio.looker.seen)
    assert SECOND in studio.looker.seen
    studio.looker.finds = {}
    await content.execute_update("submit_review", said("revise", "ana", of=asked, note="other pictures"))
    result = await content.result()
    assert result.status is Stage.DONE, "nothing speaks for a look any more"
    assert len(studio.looker.seen) == 2 * count
    kinds = [(row["kind"], row["decision"]) for row in studio.catalog.decisions]
    assert ("moderation", "review") in kinds


async def test_a_picture_that_must_not_be_shown_ends_the_content(studio: FakeStudio) -> None:
    studio.looker.name, studio.looker.finds = "fake", {SECOND: "block"}
    result = await (await studio.start({"script": SCRIPT, "auto_approve": True})).result()
    assert (result.status, studio.renderer.calls.total()) == (Stage.BLOCKED, 0)
    assert SECOND in result.reason


@pytest.mark.lengthy
async def test_three_frames_of_a_clip_are_looked_at(studio: FakeStudio, tmp_path: Path) -> None:
    intake = own_intake(studio.media, studio.own)
    path = samples.clip(tmp_path / "a.mp4", shades=lambda n: 20 * n)
    stored = await intake.add(path, name="a.mp4", field="file", workdir=tmp_path, progress=lambda share: None)
    studio.looker.name = "fake"
    request = {
        "script": SCRIPT,
        "auto_approve": True,
        "media": {"1": {"file": f"media:{stored.file.sha256}"}},
        "platforms": [],
    }
    await (await studio.start(request)).result()
    clip = [f"the clip of scene 1, {moment}" for moment in ("first frame", "middle", "last frame")]
    assert set(clip) < set(studio.looker.seen)
    assert "the picture of scene 1" not in studio.looker.seen
