"""The pipeline with a handler as the SDK's examples write it: a signal without input stops it for ever."""

from __future__ import annotations

from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.status import ContentResult

# Reloaded inside the sandbox on purpose: it runs as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from workflows.content.pipeline import ContentPipeline
    from workflows.messages import started


@workflow.defn(name="ContentPipeline")
class UnguardedPipeline(ContentPipeline):
    """The same commands, another handler."""

    @workflow.run
    @started(wants="a request")
    async def run(self, request: ContentRequest) -> ContentResult:
        return await super().run(request)

    @workflow.signal
    async def review(self, decision: Any) -> None:
        self._desk.take_signal(decision)
