"""Batches on a real Temporal server: each item once, with its own outcome; held, gone on with, stopped."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle

from activities.batches import batching
from reelwright.domain.batches import BatchAction, BatchProgress
from workflows import policies

from .conftest import FakeStudio, eventually


async def begun(studio: FakeStudio, id: str, **order: Any) -> WorkflowHandle[Any, BatchProgress]:
    return await studio.client.start_workflow(
        "Batch", {"id": id, **order}, id=f"batch-{id}", task_queue=policies.MAIN_QUEUE, result_type=BatchProgress
    )


def fresh() -> str:
    return uuid.uuid4().hex[:12]


async def test_each_item_has_its_own_outcome(studio: FakeStudio) -> None:
    id = fresh()
    studio.desk.refuse, studio.desk.away, studio.desk.bug = {"b"}, {"c"}, {"d"}
    studio.batch_book.add(id, BatchAction.CANCEL, "a", "b", "c", "d", "e")
    result = await (await begun(studio, id, parallel=2)).result()
    assert (result.done, result.failed) == (3, 2)
    assert sorted(studio.desk.done) == [f"cancel {one} for ana" for one in "ace"]
    told = {item.content_id: item.told for item in studio.batch_book.kept[id][1].values()}
    assert "ended already" in told["b"] and "a fault" in told["d"]
    assert studio.desk.most_at_once <= 2


async def test_it_goes_on_in_a_new_run_and_does_nothing_twice(
    studio: FakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batching, "PART", 4)
    id = fresh()
    ids = [f"c{number}" for number in range(30)]
    studio.batch_book.add(id, BatchAction.RETRY, *ids)
    handle = await begun(studio, id, parallel=20)
    await handle.result()
    assert sorted(studio.desk.done) == sorted(f"retry {one} for ana" for one in ids)
    assert studio.batch_book.states(id) == {"done": 30}
    first = studio.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    assert (await first.describe()).status is WorkflowExecutionStatus.CONTINUED_AS_NEW


async def test_a_batch_is_held_and_goes_on(studio: FakeStudio) -> None:
    id = fresh()
    studio.batch_book.add(id, BatchAction.RETRY, "a", "b")
    handle = await begun(studio, id, paused=True)
    assert (await handle.query("progress", result_type=BatchProgress)).paused
    assert studio.desk.done == []
    await handle.signal("go_on")
    assert (await handle.result()).done == 2


async def test_a_stopped_batch_leaves_the_rest(studio: FakeStudio) -> None:
    id = fresh()
    studio.desk.hold = asyncio.Event()
    studio.batch_book.add(id, BatchAction.RETRY, "a", "b", "c")
    handle = await begun(studio, id, parallel=1)

    async def doing() -> bool:
        return studio.desk.at_once == 1

    await eventually(doing)
    await handle.signal("stop")
    studio.desk.hold.set()
    result = await handle.result()
    assert result.stopped and result.done == 1
    assert studio.batch_book.states(id) == {"done": 1, "left": 2}


async def test_a_batch_that_is_not_on_record_is_refused(studio: FakeStudio) -> None:
    for order in ({"id": fresh()}, {"id": "../x"}, {}):
        handle = await studio.client.start_workflow(
            "Batch", order, id=f"batch-{uuid.uuid4().hex}", task_queue=policies.MAIN_QUEUE
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
