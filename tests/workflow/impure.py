"""A workflow that does what the sandbox is there to stop."""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow


@workflow.defn(failure_exception_types=[Exception])
class ImpureWorkflow:
    """Looks at the machine's clock."""

    @workflow.run
    async def run(self) -> str:
        return datetime.now().isoformat()
