"""One object that makes clients, workers and replayers agree: converter, interceptors, sandbox."""

from __future__ import annotations

import dataclasses

from temporalio import workflow
from temporalio.plugin import SimplePlugin
from temporalio.worker import WorkerConfig, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from .converter import data_converter
from .interceptors import ErrorTranslation, Heartbeats
from .without_versions import WithoutVersions

# Only the domain passes as a whole; passing `workflows` would silently switch the sandbox off.
SANDBOX = SandboxRestrictions.default.with_passthrough_modules(
    "reelwright.domain", "pydantic", "pydantic_core", "annotated_types"
).with_import_notification_policy(workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH)


def _runner(existing: WorkflowRunner | None) -> WorkflowRunner:
    if isinstance(existing, SandboxedWorkflowRunner):
        return dataclasses.replace(existing, restrictions=SANDBOX)
    return SandboxedWorkflowRunner(restrictions=SANDBOX)


class _Plugin(SimplePlugin):
    """Workers without a version answer without one."""

    def configure_worker(self, config: WorkerConfig) -> WorkerConfig:
        config = super().configure_worker(config)
        deployment = config.get("deployment_config")
        if deployment is None or not deployment.use_worker_versioning:
            config["workflow_runner"] = WithoutVersions(config["workflow_runner"])
        return config


def reelwright_plugin() -> SimplePlugin:
    """The plugin to give to `Client.connect` (workers take it from their client) and to `Replayer`."""
    return _Plugin(
        "reelwright",
        data_converter=data_converter,
        interceptors=[ErrorTranslation(), Heartbeats()],
        workflow_runner=_runner,
    )
