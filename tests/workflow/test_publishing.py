"""One post, whatever happens to the irreversible call."""

from __future__ import annotations

from reelwright.domain.request import ContentRequest
from reelwright.domain.status import Stage

from .conftest import FakeStudio

REQUEST = ContentRequest(script="A scene.\n\nAnother one.", auto_approve=True)


async def test_a_lost_reply_is_reconciled_not_repeated(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert studio.youtube.calls["publish"] == 1
    assert studio.youtube.calls["reconcile"] == 1


async def test_an_open_outcome_is_looked_up_again_and_again(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    studio.youtube.hidden_reads = 4
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == studio.youtube.calls["publish"] == 1
    assert studio.youtube.calls["reconcile"] == 5


async def test_an_outcome_that_stays_open_posts_nothing_more(studio: FakeStudio) -> None:
    studio.youtube.lose_reply = 1
    studio.youtube.hidden_reads = 1_000
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.INCOMPLETE
    assert "does not tell whether the post was made" in result.reason
    assert len(studio.youtube.posts) == 1
    assert len(result.videos) == 3


async def test_a_certain_no_is_tried_again(studio: FakeStudio) -> None:
    studio.youtube.fail_before = 2
    result = await (await studio.start(REQUEST)).result()
    assert result.status is Stage.DONE
    assert len(studio.youtube.posts) == 1
    assert studio.youtube.calls["publish"] == 3
