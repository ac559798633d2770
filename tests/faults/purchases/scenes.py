"""The workflow of the run: the scenes of one content, spoken side by side, by the product's own activity."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.content.material import SpeakScene, Voices

QUEUE = "faults-purchases"
RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=1))


@workflow.defn
class SpeakAll:
    """Buys each scene's narration; the number of them."""

    @workflow.run
    async def run(self, jobs: list[SpeakScene]) -> int:
        spoken = await asyncio.gather(
            *(
                workflow.execute_activity_method(
                    Voices.speak_scene,
                    job,
                    start_to_close_timeout=timedelta(minutes=2),
                    heartbeat_timeout=timedelta(seconds=5),
                    retry_policy=RETRY,
                )
                for job in jobs
            )
        )
        return sum(each.provider == "one:m" for each in spoken)
