"""Checks the parts of a studio: the finding for each, and its remedy. The caller passes the list of parts: a machine's
own (FFmpeg, fonts) are checked where they are used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.lifecycles import WARN_DAYS, Life, Lives
from workflows import policies

from .failures import explained

if TYPE_CHECKING:
    from reelwright.storage.model_lists import Listed


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


async def model_ends(dsn: str | None, configured: Mapping[str, Sequence[str]], shipped: Sequence[Life]) -> Seen:
    """Which of the configured models, by provider, end soon: by what ships with this program, and by what the providers
    have said to the workers, who ask once a day. Raises `InvalidInput` where one has ended."""
    if not any(configured.values()):
        return "none is configured"
    said: list[Listed] = []
    notes: list[str] = []
    if dsn is not None:
        try:
            said = await asyncio.wait_for(_listed(dsn), 15)
        except (ReelwrightError, TimeoutError) as error:
            notes.append(f"what the providers say is not known here: {explained(error).message}")
    today = datetime.now(UTC).date()
    near = Lives(shipped, *(one.ends for one in said)).near(configured, today)
    told = "; ".join(f"{life.label(today)}: {life.remedy}" for life in near)
    if any(life.over(today) for life in near):
        raise InvalidInput(told, field="", remedy="docs/costs.md#models-that-end")
    notes = [*filter(None, [told]), *notes]
    notes += [f"{one.provider}'s list of models was not read: {one.problem}" for one in said if one.problem]
    names = ", ".join(f"{provider}'s {model}" for provider, models in configured.items() for model in models)
    return Note("; ".join(notes)) if notes else f"{names}: no end is known within {WARN_DAYS} days"


async def _listed(dsn: str) -> list[Listed]:
    from reelwright.storage.database import connect
    from reelwright.storage.model_lists import PostgresModelLists

    pool = await connect(dsn, max_size=1)
    try:
        return await PostgresModelLists(pool).all()
    finally:
        await pool.close()


async def database(dsn: str | None) -> str:
    """The schema that a database has. Raises for one that is not named or does not answer."""
    from reelwright.storage.migrate import schema_version

    if dsn is None:
        raise InvalidInput("it is not set here", field="DATABASE_URL", remedy="set it as the workers have it")
    return f"schema version {await asyncio.wait_for(schema_version(dsn), 15)}"
