"""The contents in a list, each once: from the database, and from Temporal what has not opened its books yet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from reelwright.domain.content.stages import Stage
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import content_id_of_workflow
from reelwright.domain.people import Role
from reelwright.storage.contents import FiledContent, Place, PostgresContents

from .access import allowed
from .paging import Page, Placed, page_of, place_of
from .resolve import AS_WORKFLOW, MEMO_TITLE, PIPELINE, described
from .stages import CLOSED, DEAD, FINAL, LOST
from .studio import Studio
from .temporal.port import Client, Run, RunStatus

STAGES = (*(stage.value for stage in Stage), *DEAD.values(), LOST)
ASKED_AT_ONCE = 20
LISTED_AT_MOST = 1_000
"""From Temporal's list, for contents that are not in the database."""
LOOKED_AT = 100
OF_CONTENTS = f"WorkflowType = '{PIPELINE}'"
NOT_OPENED = f"(ReelStage IS NULL OR ReelStage = '{Stage.ACCEPTED.value}')"
"""A content opens its books before it enters its first stage."""


@dataclass(frozen=True)
class Listed:
    """One content in a list. `id` is what reaches it in every command."""

    id: str
    content_id: str
    workflow_id: str
    stage: str
    title: str
    channel: str
    usd: float
    review: str
    started: datetime

    def as_json(self) -> dict[str, Any]:
        """For `--json`, times in UTC."""
        return {**vars(self), "started": self.started.astimezone(UTC).isoformat()}


async def contents_listed(
    client: Client,
    filed: PostgresContents | None,
    *,
    stage: str | None,
    limit: int,
    cursor: str | None = None,
    channel: str | None = None,
) -> Page[Listed]:
    """At most `limit` contents, newest first, of one stage and one channel if they are named, after those that `cursor`
    stands for.

    They come from the database. Temporal is only asked for lists, and no workflow is queried: for contents that have
    no row yet, and for the stages of the page's running ones. Without a database it is Temporal's list alone."""
    if stage is not None and stage not in STAGES:
        raise InvalidInput(f"unknown stage {stage[:40]!r}", field="stage", remedy=f"choose from {', '.join(STAGES)}")
    after = place_of(cursor)
    page = await page_of(
        await _not_filed(client, filed, channel),
        _filed(client, filed, after, stage, limit, channel),
        limit=limit,
        after=after,
        wanted=lambda one: stage in (None, one.stage),
    )
    return replace(page, rows=tuple(_with_ids(list(page.rows))))


async def reviews_listed(client: Client, filed: PostgresContents | None) -> list[Listed]:
    """The running contents with an open question, newest first."""
    query = f"{OF_CONTENTS} AND ExecutionStatus = 'Running' AND ReelReview = 'wanted'"
    runs = await newest_runs(client, query, LISTED_AT_MOST)
    rows = await filed.of_workflows(runs.keys()) if filed else {}
    return _with_ids([_of_run(run, rows.get(run.id)) for run in runs.values()])


@allowed(Role.VIEWER)
async def contents_of(
    studio: Studio, *, stage: str | None = None, limit: int = 100, cursor: str | None = None, channel: str | None = None
) -> Page[Listed]:
    """`contents_listed` of a studio."""
    return await contents_listed(
        studio.client, studio.contents, stage=stage, limit=limit, cursor=cursor, channel=channel
    )


@allowed(Role.VIEWER)
async def reviews_of(studio: Studio) -> list[Listed]:
    """`reviews_listed` of a studio."""
    return await reviews_listed(studio.client, studio.contents)


async def _not_filed(client: Client, filed: PostgresContents | None, channel: str | None) -> list[Placed[Listed]]:
    """The contents that only Temporal has: those without a row yet, and without a database all."""
    query = f"{OF_CONTENTS} AND {NOT_OPENED}" if filed else OF_CONTENTS
    query += f" AND ReelChannel = '{_in_quotes(channel)}'" if channel is not None else ""
    runs = await newest_runs(client, query, LISTED_AT_MOST)
    rows = await filed.of_workflows(runs.keys()) if filed and runs else {}
    early = [_of_run(run, None) for run in runs.values() if run.id not in rows]
    return [Placed(Place(one.started, one.workflow_id), one) for one in early]


async def _filed(
    client: Client,
    filed: PostgresContents | None,
    after: Place | None,
    stage: str | None,
    limit: int,
    channel: str | None,
) -> AsyncIterator[Placed[Listed]]:
    """The database's contents after a position, with their stages. A content in any stage may be `running` in the
    database: only Temporal has its stage, so more rows are read than the page will show."""
    if filed is None:
        return
    statuses = None if stage is None else {"running", stage} & {"running", *FINAL}
    size = limit + 1 if stage is None else max(limit + 1, LOOKED_AT)
    while True:
        rows = await filed.page(size, after=after, statuses=statuses, channel=channel)
        runs = await _runs_of(client, [row.workflow_id for row in rows if row.status == "running"])
        for row in rows:
            run = runs.get(row.workflow_id)
            after = Place(row.opened_at, row.content_id)
            yield Placed(after, _of_run(run, row) if run else _of_row(row))
        if len(rows) < size:
            return


async def _runs_of(client: Client, workflow_ids: Sequence[str]) -> dict[str, Run]:
    """The newest run of each workflow, by one query. One that it does not find (it lags behind, or Temporal has
    forgotten it) is looked up by its id."""
    if not workflow_ids:
        return {}
    names = ", ".join(f"'{_in_quotes(id)}'" for id in workflow_ids)
    runs = await newest_runs(client, f"{OF_CONTENTS} AND WorkflowId IN ({names})", len(workflow_ids))
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def look(workflow_id: str) -> Run | None:
        async with slots:
            return await described(client, workflow_id)

    missing = await asyncio.gather(*(look(id) for id in workflow_ids if id not in runs))
    return {**runs, **{run.id: run for run in missing if run is not None}}


def _in_quotes(text: str) -> str:
    """A text inside the quotes of a list filter."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


async def newest_runs(client: Client, query: str, limit: int) -> dict[str, Run]:
    """The newest run of each workflow that a query finds, at most `limit` workflows. A reset or a retry makes another
    run under the same id, and the visibility store lists them all."""
    newest: dict[str, Run] = {}
    async for run in client.runs(query):
        known = newest.get(run.id)
        if known is None and len(newest) == limit:
            break
        if known is None or run.start_time > known.start_time:
            newest[run.id] = run
    return newest


def _of_run(run: Run, row: FiledContent | None) -> Listed:
    attributes = run.attributes
    content_id = row.content_id if row else str(attributes.get("ReelContentId") or content_id_of_workflow(run.id))
    stage = str(attributes.get("ReelStage", Stage.ACCEPTED.value))
    if run.status in DEAD or (run.status in CLOSED and stage not in FINAL):
        stage = CLOSED[run.status]
    running = run.status is RunStatus.RUNNING
    return Listed(
        id=content_id,
        content_id=content_id,
        workflow_id=run.id,
        stage=stage,
        title=row.title if row else str(run.memo.get(MEMO_TITLE, "")),
        channel=str(attributes.get("ReelChannel", row.channel if row else "")),
        usd=float(attributes.get("ReelCostUsd", row.usd if row else 0.0)),
        review=str(attributes.get("ReelReview", "")) if running else "",
        started=row.opened_at if row else run.start_time,
    )


def _of_row(row: FiledContent) -> Listed:
    stage = LOST if row.status == "running" else row.status
    return Listed(
        id=row.content_id, content_id=row.content_id, workflow_id=row.workflow_id, stage=stage, title=row.title,
        channel=row.channel, usd=row.usd, review="", started=row.opened_at,
    )  # fmt: skip


def _with_ids(listed: list[Listed]) -> list[Listed]:
    """Where a content id is also another one's, or another one's workflow id, the workflow id is what reaches it."""
    named: dict[str, set[str]] = {}
    for one in listed:
        for name in (one.content_id, one.workflow_id):
            named.setdefault(name, set()).add(one.workflow_id)
    return [
        Listed(
            **{**vars(one), "id": one.content_id if len(named[one.content_id]) == 1 else AS_WORKFLOW + one.workflow_id}
        )
        for one in listed
    ]
