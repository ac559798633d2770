"""One object that makes clients, workers and replayers agree: converter, interceptors, sandbox."""

from __future__ import annotations

import dataclasses

from temporalio import workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from .converter import data_converter
from .interceptors import ErrorTranslation, Heartbeats

# Only the domain passes wholesale; passing `workflows` would switch the sandbox off without a word.
SANDBOX = SandboxRestrictions.default.with_passthrough_modules(
    "reelwright.domain", "pydantic", "pydantic_core", "annotated_types"
).with_import_notification_policy(workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH)


def _runner(existing: WorkflowRunner | None) -> WorkflowRunner:
    if isinstance(existing, SandboxedWorkflowRunner):
        return dataclasses.replace(existing, restrictions=SANDBOX)
    return SandboxedWorkflowRunner(restrictions=SANDBOX)


def reelwright_plugin() -> SimplePlugin:
    """The plugin to give to `Client.connect` (workers take it from their client) and to `Replayer`."""
    return SimplePlugin(
        "reelwright",
        data_converter=data_converter,
        interceptors=[ErrorTranslation(), Heartbeats()],
        workflow_runner=_runner,
    )
