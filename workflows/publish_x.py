"""PublishX: one post on one account, once, and its thread."""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

with workflow.unsafe.imports_passed_through():
    from reelwright.domain.posting import PostResult, PublishTask

# Reloaded inside the sandbox on purpose: it runs as workflow code.
with workflow.unsafe.sandbox_import_notification_policy(workflow.SandboxImportNotificationPolicy.SILENT):
    from .messages import started
    from .publication import TASK, Publication


@workflow.defn(versioning_behavior=VersioningBehavior.AUTO_UPGRADE)
class PublishX(Publication):
    """Media is uploaded and processed first; the post is one call, the thread a reply at a time after it."""

    @workflow.run
    @started(wants=TASK)
    async def run(self, task: PublishTask) -> PostResult:
        """The process is the same everywhere: `publication.py`."""
        return await self.publish()
