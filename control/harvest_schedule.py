"""The schedule by which feeds are harvested. Temporal's SDK alone knows schedules, so this module loads it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.errors import InvalidInput
from reelwright.domain.feeds.harvest import HarvestRequest
from reelwright.domain.people import Role
from workflows.queues import MAIN_QUEUE

from .access import allowed
from .feeds import SCHEDULE, WORKFLOW
from .links import span
from .studio import Studio

if TYPE_CHECKING:
    from .temporal.http import HttpClient
    from .temporal.sdk import SdkClient

CATCH_UP = timedelta(hours=1)
"""Runs that were missed for longer than this, while Temporal was away, are not made up for: one run reads all."""


@allowed(Role.OPERATOR)
async def schedule(studio: Studio, every: str) -> bool:
    """Harvests every so often (`15m`, `1h`) from now on; a schedule that is there gets the new interval. Whether it was
    made now. A run is left out while the one before is under way."""
    try:
        interval = span(every)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="every", remedy="write 15m, 1h or 1d") from error
    wanted = Schedule(
        action=ScheduleActionStartWorkflow(WORKFLOW, HarvestRequest(), id=SCHEDULE, task_queue=MAIN_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=CATCH_UP),
    )
    client = await _connected(studio)
    try:
        await client.create_schedule(SCHEDULE, wanted)
    except ScheduleAlreadyRunningError:
        handle = client.get_schedule_handle(SCHEDULE)

        def changed(there: ScheduleUpdateInput) -> ScheduleUpdate:
            there.description.schedule.spec = wanted.spec
            return ScheduleUpdate(there.description.schedule)

        await handle.update(changed)
        return False
    return True


@allowed(Role.OPERATOR)
async def unschedule(studio: Studio) -> bool:
    """No more harvests by themselves; False when there was no schedule."""
    try:
        await (await _connected(studio)).get_schedule_handle(SCHEDULE).delete()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def _connected(studio: Studio) -> Client:
    both = cast("SdkClient | HttpClient", studio.client)  # whichever it is: it has, or makes, the SDK's connection
    return (await both.sdk()).connected
