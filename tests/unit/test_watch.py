"""The bar of `reelwright run`: it tells the truth, and it never goes back."""

from __future__ import annotations

import asyncio
from functools import partial
from unittest.mock import AsyncMock, Mock

import pytest

from control.temporal.port import CallFailed, Code, RunStatus
from control.watching import RENDERING_FROM, RENDERING_TO, Rendering, overall_percent
from reelwright.domain.content.status import PipelineStatus, Stage
from reelwright.domain.content.video import RenderProgress
from starter import ticking
from starter.watch import Watch
from workflows.content.board import PERCENT


def beat(title: str, share: float) -> dict[str, object]:
    return {"label": f"rendering {title}", "share": share}


def status(stage: Stage, percent: int) -> PipelineStatus:
    return PipelineStatus(content_id="c", stage=stage, percent=percent)


def test_a_render_is_weighed_by_its_work() -> None:
    running = {"16:9 scene 1": 600, "1:1 scene 1": 300, "1:1 scene 2": 100}
    begun = Rendering(RenderProgress(done=0, total=1000, running=running))
    assert begun.share == 0.0
    both = Rendering(begun.progress, (beat("16:9 scene 1", 0.5), beat("1:1 scene 2", 1.0), beat("mixing sound", 0.9)))
    assert both.share == pytest.approx(0.4)
    # A task that ends takes its beat with it, and nothing is lost: its weight is done.
    ended = Rendering(RenderProgress(done=600, total=1000, running={"1:1 scene 1": 300, "1:1 scene 2": 100}))
    assert ended.share == pytest.approx(0.6)
    assert Rendering(RenderProgress(done=0, total=0)).share == 0.0
    assert "rendering 16:9 scene 1 50 %" in both.doing


def test_only_a_render_moves_the_bar_between_stages() -> None:
    rendering = Rendering(RenderProgress(done=1, total=2))
    assert overall_percent(status(Stage.MATERIAL, 20), rendering) == 20
    assert overall_percent(status(Stage.RENDERING, 38), None) == 38
    percent = overall_percent(status(Stage.RENDERING, 38), rendering)
    assert RENDERING_FROM + 20 < percent < RENDERING_TO


def test_the_bar_never_goes_back_but_for_a_revision() -> None:
    watch = Watch(Mock(), Mock(), "c")

    def shown(stage: Stage, percent: int, share: float | None = None) -> float:
        rendering = Rendering(RenderProgress(done=round(share * 100), total=100)) if share is not None else None
        watch._show(status(stage, percent), rendering)
        return watch._bar.tasks[0].completed

    assert [shown(Stage.WRITING, 2), shown(Stage.REVIEW, 35)] == [2, 35]
    assert shown(Stage.WRITING, 2) == 2, "a revision begins again, and says so"
    up = [shown(Stage.RENDERING, 38, share) for share in (0.0, 0.4, 0.7)]
    assert up == sorted(up) and up[2] > up[1] > up[0]
    # A killed worker's segment is begun again, the server is away, the answer is late: what was seen stays.
    assert [shown(Stage.RENDERING, 38, 0.5), shown(Stage.RENDERING, 38)] == [up[2], up[2]]
    assert shown(Stage.PUBLISHING, 90) == 90 and shown(Stage.DONE, 100) == 100


def test_where_the_bar_stands_is_where_the_workflow_says_it_does() -> None:
    assert (PERCENT[Stage.RENDERING], PERCENT[Stage.PUBLISHING]) == (RENDERING_FROM, RENDERING_TO)


async def test_without_a_terminal_a_line_comes_at_least_every_ten_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ticking.EVERY_S <= 10
    monkeypatch.setattr("starter.watch.regular_lines", partial(ticking.regular_lines, every_s=0.01))
    rendering = Rendering(RenderProgress(done=5, total=10), (beat("16:9 scene 3", 0.5),))
    monkeypatch.setattr("control.watching.rendering_of", AsyncMock(return_value=rendering))
    handle = Mock()
    handle.describe = AsyncMock(return_value=Mock(status=RunStatus.RUNNING))
    handle.query = AsyncMock(return_value=status(Stage.RENDERING, 38))
    watching = asyncio.create_task(Watch(Mock(), handle, "c").until_closed())
    said = ""
    while "rendering 61 %, rendering 16:9 scene 3 50 %, 0:00 elapsed" not in said:
        assert not watching.done()
        await asyncio.sleep(0.01)
        said += capsys.readouterr().err
    watching.cancel()


async def test_the_last_news_before_the_end_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    handle = Mock()
    handle.describe = AsyncMock(return_value=Mock(status=RunStatus.COMPLETED))
    last = status(Stage.DONE, 100).model_copy(update={"steps": {"post to tiktok": "https://example.org/1"}})
    handle.query = AsyncMock(return_value=last)
    await Watch(Mock(), handle, "c").until_closed()
    assert "post to tiktok: https://example.org/1" in capsys.readouterr().err
    handle.query = AsyncMock(side_effect=CallFailed("no worker", Code.DEADLINE_EXCEEDED))
    await Watch(Mock(), handle, "c").until_closed()


def test_what_is_news_does_not_depend_on_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    steps = {"speech": "3 made", "notice": "a thumbnail could not be made"}
    shown = status(Stage.MATERIAL, 20).model_copy(update={"steps": steps, "made": {"speech": 3}})
    Watch(Mock(), Mock(), "c")._show(shown, None)
    said = capsys.readouterr().err
    assert "notice: a thumbnail could not be made" in said
    assert "speech" not in said, "a counter moves the bar, and is no news"
