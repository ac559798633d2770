"""Checks the parts of a studio: the finding for each, and its remedy. The caller passes the list of parts: a machine's
own (FFmpeg, fonts) are checked where they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from reelwright.domain.errors import InvalidInput
from workflows import policies

from .failures import explained


class State(StrEnum):
    """How a part is: as it should be, worth a word, or in the way."""

    OK = "ok"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True)
class Note:
    """A finding of a check that is not an error, but should be shown."""

    text: str


Seen: TypeAlias = "str | Note"
Check: TypeAlias = "Callable[[], Seen | Awaitable[Seen]]"


@dataclass(frozen=True)
class Finding:
    """One part: its state, what was seen, and what to do about it."""

    part: str
    state: State
    seen: str
    remedy: str = ""


async def look_at(part: str, check: Check) -> Finding:
    """What a check has found; whatever is wrong with one part, the other parts are looked at."""
    try:
        looked = check()
        seen = await looked if isinstance(looked, Awaitable) else looked
        return Finding(part, State.NOTE, seen.text) if isinstance(seen, Note) else Finding(part, State.OK, seen)
    except Exception as error:  # noqa: BLE001 - whatever a part's trouble is, the other parts are looked at
        return wrong(part, error)


def wrong(part: str, error: Exception) -> Finding:
    """An error as a finding."""
    told = explained(error)
    return Finding(part, State.WRONG, f"{told.field}: {told.message}" if told.field else told.message, told.remedy)


async def queue_of(client: Client, queue: str) -> Finding:
    """Whether workers poll a queue."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        )
    )
    if answer.pollers:
        return Finding(f"queue {queue}", State.OK, f"{len(answer.pollers)} worker(s) poll it")
    pool = "cpu" if queue == policies.MAIN_QUEUE else "render"
    return Finding(f"queue {queue}", State.WRONG, "no worker polls it", f"start one: python -m workers.{pool}")


async def database(dsn: str | None) -> str:
    """The schema that a database has. Raises for one that is not named or does not answer."""
    from reelwright.storage.migrate import schema_version

    if dsn is None:
        raise InvalidInput("it is not set here", field="DATABASE_URL", remedy="set it as the workers have it")
    return f"schema version {await asyncio.wait_for(schema_version(dsn), 15)}"
