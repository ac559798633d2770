"""Temporal's worker deployment API: thin, typed calls, which neither print nor read settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.deployment.v1 import RoutingConfig, WorkerDeploymentInfo
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import VersioningOverride, WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
    SetWorkerDeploymentRampingVersionRequest,
    UpdateWorkflowExecutionOptionsRequest,
)
from temporalio.client import Client
from temporalio.client import WorkflowExecution as Run
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.people import HERE, Caller

from .versions import UNVERSIONED

OPEN = "ExecutionStatus = 'Running'"
PINNED = "TemporalWorkflowVersioningBehavior = 'Pinned'"


@dataclass(frozen=True)
class Deployment:
    """One deployment of one namespace."""

    client: Client
    name: str
    caller: Caller = HERE
    """Who asks: `control.deployments` checks the role."""

    async def described(self) -> WorkerDeploymentInfo | None:
        """The server's description of the deployment, or None before its first worker."""
        request = DescribeWorkerDeploymentRequest(namespace=self.client.namespace, deployment_name=self.name)
        try:
            answer = await self.client.workflow_service.describe_worker_deployment(request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return answer.worker_deployment_info

    async def set_current(self, build_id: str, *, missing_queues: bool = False) -> None:
        """New runs, and all that are not pinned, go to this version (or to the workers without one) from now on.
        `missing_queues` lets a version take over whose workers do not yet poll every queue of the one before."""
        await self.client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=self.client.namespace,
                deployment_name=self.name,
                build_id=_asked(build_id),
                ignore_missing_task_queues=missing_queues,
            )
        )

    async def set_ramp(self, build_id: str, percent: float) -> None:
        """That share of new runs, and of all that are not pinned, goes to this version. 0 % ends the ramp."""
        await self.client.workflow_service.set_worker_deployment_ramping_version(
            SetWorkerDeploymentRampingVersionRequest(
                namespace=self.client.namespace,
                deployment_name=self.name,
                build_id=_asked(build_id) if percent else "",
                percentage=percent,
            )
        )

    async def workers(self, queue: str) -> dict[str, int]:
        """How many workers poll the queue for workflow tasks, by build id; `UNVERSIONED` for those without a version.
        The server lists a worker for some minutes after its last poll."""
        answer = await self.client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=self.client.namespace,
                task_queue=TaskQueue(name=queue),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
        counts: dict[str, int] = {}
        for poller in answer.pollers:
            options = poller.deployment_options
            if options.deployment_name in ("", self.name):
                build = options.build_id if options.deployment_name else UNVERSIONED
                counts[build] = counts.get(build, 0) + 1
        return counts

    async def count(self, build_id: str, *conditions: str) -> int:
        """The number of open runs of this version, or of none; `conditions` narrow it."""
        return (await self.client.count_workflows(" AND ".join([OPEN, self._of(build_id), *conditions]))).count

    def pinned(self, build_id: str) -> AsyncIterator[Run]:
        """The open runs that are pinned to this version."""
        return self.client.list_workflows(" AND ".join([OPEN, PINNED, self._of(build_id)]))

    async def unpin(self, run: Run) -> bool:
        """Lets a run go on with the current version; False when it has ended meanwhile."""
        request = UpdateWorkflowExecutionOptionsRequest(
            namespace=self.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=run.id, run_id=run.run_id),
            workflow_execution_options=WorkflowExecutionOptions(
                versioning_override=VersioningOverride(auto_upgrade=True)
            ),
            update_mask=FieldMask(paths=["versioning_override"]),
        )
        try:
            await self.client.workflow_service.update_workflow_execution_options(request)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return True

    def _of(self, build_id: str) -> str:
        if build_id == UNVERSIONED:
            return "TemporalWorkerDeploymentVersion IS NULL"
        return f"TemporalWorkerDeploymentVersion = '{self.name}:{build_id}'"


def current_build(routing: RoutingConfig) -> str:
    """The current version's build id; `UNVERSIONED` where no version is current."""
    return routing.current_deployment_version.build_id or UNVERSIONED


def was_chosen(routing: RoutingConfig) -> bool:
    """Whether what is current was ever set: workers without a version are current where nothing was."""
    return routing.HasField("current_version_changed_time")


def _asked(build_id: str) -> str:
    return "" if build_id == UNVERSIONED else build_id
