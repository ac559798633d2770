"""A pipeline whose first step is another one: what a careless edit looks like to a run under way."""

from __future__ import annotations

from typing import Any

from temporalio import workflow


@workflow.defn(name="ContentPipeline")
class Reordered:
    """Sleeps where the recorded runs opened the content."""

    @workflow.run
    async def run(self, request: Any = None) -> None:
        await workflow.sleep(1)
