"""The guards around workflow code: the sandbox is on, and every activity has a worker that takes it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from reelwright.domain.formats import Platform
from workers.plugin import SANDBOX

from .conftest import FakeStudio
from .impure import ImpureWorkflow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(temporal: WorkflowEnvironment) -> WorkflowEnvironment:
    """With the sandbox, as workers have it."""
    return temporal


async def test_the_sandbox_stops_a_look_at_the_clock(studio: FakeStudio) -> None:
    async with Worker(studio.client, task_queue="impure", workflows=[ImpureWorkflow]):
        with pytest.raises(WorkflowFailureError) as failure:
            await studio.client.execute_workflow(ImpureWorkflow.run, id="impure", task_queue="impure")
    assert "datetime.now" in str(failure.value.cause)


def test_our_own_workflow_code_is_never_passed_through() -> None:
    assert not {name for name in SANDBOX.passthrough_modules if name.split(".")[0] in ("workflows", "activities")}
    passed = {name for name in SANDBOX.passthrough_modules if name.startswith("reelwright")}
    assert passed == {"reelwright.domain"}


async def test_every_activity_is_registered_on_exactly_one_pool(studio: FakeStudio) -> None:
    pools = {worker.task_queue: set(worker._activity_worker._activities) for worker in studio.workers}  # type: ignore[union-attr]
    publish = [names for queue, names in pools.items() if queue.startswith("reelwright-publish-")]
    assert len(publish) == len(Platform)
    assert all(names == publish[0] for names in publish)
    others = [names for queue, names in pools.items() if not queue.startswith("reelwright-publish-")]
    registered = [name for names in (*others, publish[0]) for name in names]
    defined = []
    for path in (ROOT / "activities").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef) and any(
                "activity.defn" in ast.unparse(decorator) for decorator in node.decorator_list
            ):
                defined.append(node.name)
    assert sorted(registered) == sorted(defined)
