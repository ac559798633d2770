"""The pipeline as a next release may have it: another step, behind `workflow.patched`."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.content.request import ContentRequest
    from reelwright.domain.content.status import ContentResult

# Reloaded inside the sandbox on purpose: it runs as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from workflows.content.pipeline import ContentPipeline
    from workflows.messages import started

STEP = "a-step-of-the-next-release"


@workflow.defn(name="ContentPipeline", versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class NextPipeline(ContentPipeline):
    """Runs that are under way go on without the new step."""

    @workflow.run
    @started(wants="a request")
    async def run(self, request: ContentRequest) -> ContentResult:
        if workflow.patched(STEP):
            await workflow.sleep(timedelta(milliseconds=1))
        return await super().run(request)
