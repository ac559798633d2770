"""`temporal workflow reset`, as an operator does it."""

from __future__ import annotations

import uuid
from typing import Any

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle

from reelwright.domain.content.status import ContentResult


async def task_ends(handle: WorkflowHandle[Any, Any]) -> list[int]:
    """The ids of the events a run can be reset to: the ends of its workflow tasks."""
    kind = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    return [event.event_id async for event in handle.fetch_history_events() if event.event_type == kind]


async def before_activity(handle: WorkflowHandle[Any, Any], activity: str) -> int:
    """The end of the workflow task that scheduled the first `activity`."""
    async for event in handle.fetch_history_events():
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == activity:
            return int(scheduled.workflow_task_completed_event_id)
    raise AssertionError(f"no {activity} in the history")


async def reset(client: Client, workflow_id: str, event_id: int) -> WorkflowHandle[Any, ContentResult]:
    """Resets the newest run to that event; later signals and updates are applied again, as by default."""
    answer = await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            reason="test",
            workflow_task_finish_event_id=event_id,
            request_id=str(uuid.uuid4()),
        )
    )
    assert answer.run_id, "the server has made no new run"
    return client.get_workflow_handle(workflow_id, result_type=ContentResult)
