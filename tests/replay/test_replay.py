"""Runs that are under way must survive a deploy: recorded histories replay on today's workflows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from workers.plugin import reelwright_plugin
from workers.pools import WORKFLOWS

from .reordered import Reordered

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


async def replay(path: Path, workflows: Iterable[type]) -> None:
    history = WorkflowHistory.from_json(path.stem.replace("_", "/"), path.read_text())
    await Replayer(workflows=list(workflows), plugins=[reelwright_plugin()]).replay_workflow(history)


def test_there_are_histories_of_every_workflow() -> None:
    names = {path.stem.replace("content-", "").partition("_")[2].partition("_")[0] or "content" for path in HISTORIES}
    assert names == {"content", "render", "publish"}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_recorded_history_replays(path: Path) -> None:
    await replay(path, WORKFLOWS)


async def test_a_changed_order_does_not_replay() -> None:
    path = next(path for path in HISTORIES if path.stem == "content-feed")
    with pytest.raises(NondeterminismError):
        await replay(path, [Reordered])
