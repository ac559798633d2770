"""The contents in a list: what Temporal knows as live, and from the database what has ended, each content once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from reelwright.domain.content.status import Stage
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ids import content_id_of_workflow
from reelwright.storage.contents import FiledContent, PostgresContents

from .contents import MEMO_TITLE
from .resolve import AS_WORKFLOW, PIPELINE, described
from .view import CLOSED, DEAD, FINAL, LOST

STAGES = (*(stage.value for stage in Stage), *DEAD.values(), LOST)
ASKED_AT_ONCE = 20


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
    client: Client, filed: PostgresContents | None, *, stage: str | None, limit: int
) -> list[Listed]:
    """At most `limit` contents, newest first, of one stage if one is named."""
    if stage is not None and stage not in STAGES:
        raise InvalidInput(f"unknown stage {stage[:40]!r}", field="stage", remedy=f"choose from {', '.join(STAGES)}")
    runs = await newest_runs(client, _query(stage), limit)
    rows = await filed.newest(limit, _filed_as(stage)) if filed else []
    latest = await _latest(client, runs, rows, again=stage is not None)
    by_workflow = {row.workflow_id: row for row in rows}
    listed = [await _of_run(run, by_workflow.get(run.id)) for run in latest.values()]
    listed += [_of_row(row) for row in rows if row.workflow_id not in latest]
    listed = [one for one in listed if stage in (None, one.stage)]
    listed.sort(key=lambda one: one.started, reverse=True)
    return _with_ids(listed[:limit])


async def reviews_listed(client: Client, filed: PostgresContents | None) -> list[Listed]:
    """The running contents with an open question, newest first."""
    query = f"WorkflowType = '{PIPELINE}' AND ExecutionStatus = 'Running' AND ReelReview = 'wanted'"
    runs = await newest_runs(client, query, 1000)
    rows = {row.workflow_id: row for row in (await filed.newest(1000, "running") if filed else [])}
    return _with_ids([await _of_run(run, rows.get(run.id)) for run in runs.values()])


async def newest_runs(client: Client, query: str, limit: int) -> dict[str, WorkflowExecution]:
    """The newest run of each workflow that a query finds, at most `limit` workflows. A reset or a retry makes another
    run under the same id, and the visibility store lists them all."""
    newest: dict[str, WorkflowExecution] = {}
    async for run in client.list_workflows(query):
        known = newest.get(run.id)
        if known is None and len(newest) == limit:
            break
        if known is None or run.start_time > known.start_time:
            newest[run.id] = run
    return newest


def _query(stage: str | None) -> str:
    query = f"WorkflowType = '{PIPELINE}'"
    if stage is None:
        return query
    dead = {name: status for status, name in DEAD.items()}
    if stage in dead:
        return f"{query} AND ExecutionStatus = '{'Terminated' if stage == 'terminated' else 'TimedOut'}'"
    if stage in FINAL:
        return f"{query} AND (ReelStage = '{stage}' OR ExecutionStatus IN ('Failed', 'Canceled'))"
    return f"{query} AND ReelStage = '{stage}' AND ExecutionStatus = 'Running'"


def _filed_as(stage: str | None) -> str | None:
    """The database's word for a stage: all that has not ended is `running` there."""
    return stage if stage is None or stage in FINAL else "running"


async def _latest(
    client: Client, runs: dict[str, WorkflowExecution], rows: Iterable[FiledContent], *, again: bool
) -> dict[str, WorkflowExecution]:
    """The runs, and those of contents that only the database named as running. With `again` every run is looked up
    by its id: what a query for a stage found may have been superseded by a newer run in another stage."""
    missing = {row.workflow_id for row in rows if again or row.status == "running"} - set(runs)
    wanted = sorted(missing | set(runs)) if again else sorted(missing)
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def look(workflow_id: str) -> WorkflowExecution | None:
        async with slots:
            return await described(client, workflow_id)

    found = await asyncio.gather(*(look(workflow_id) for workflow_id in wanted))
    return {**({} if again else runs), **{run.id: run for run in found if run is not None}}


async def _of_run(run: WorkflowExecution, row: FiledContent | None) -> Listed:
    attributes = {pair.key.name: pair.value for pair in run.typed_search_attributes}
    content_id = row.content_id if row else str(attributes.get("ReelContentId") or content_id_of_workflow(run.id))
    stage = str(attributes.get("ReelStage", Stage.ACCEPTED.value))
    if run.status in DEAD or (run.status in CLOSED and stage not in FINAL):
        stage = CLOSED[run.status]
    running = run.status is WorkflowExecutionStatus.RUNNING
    return Listed(
        id=content_id,
        content_id=content_id,
        workflow_id=run.id,
        stage=stage,
        title=row.title if row else str(await run.memo_value(MEMO_TITLE, "")),
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
