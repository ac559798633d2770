"""The posts in a list. Each publication is asked for itself, within a bounded time: one that does not answer has a line
that says so, and hides no other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecution, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.storage.contents import FiledPost, PostgresContents

from .listing import newest_runs
from .publications import status_of
from .resolve import Content, described
from .view import CLOSED

ANSWER_WITHIN = timedelta(seconds=5)
ALL_WITHIN_S = 20.0
ASKED_AT_ONCE = 20
ENDED = ("posted", "failed")
NO_ANSWER = "it does not answer: is a worker up, is its workflow task stuck? see it in Temporal's UI"


class PostRow(Model):
    """One post in a list. `stage` is the publication's own word, or how its run ended without one (`cancelled`,
    `terminated`, `timed_out`); `error` says why it could not be asked."""

    content_id: str
    platform: str
    account: str
    stage: str
    detail: str = ""
    until: datetime | None = None
    wants: str = ""
    url: str = ""
    post_id: str = ""
    notes: tuple[str, ...] = ()
    workflow_id: str
    started: datetime
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        data = self.model_dump(mode="json")
        return {**data, "until": data["until"] or ""}


async def posts_listed(
    client: Client,
    filed: PostgresContents | None,
    *,
    content: Content | None,
    platform: Platform | None,
    stage: str | None,
    limit: int,
) -> list[PostRow]:
    """At most `limit` posts, newest first: of one content, one platform, one stage, where they are named."""
    if stage is not None and not stage.replace("_", "").isalpha():
        raise InvalidInput(f"unknown stage {stage[:40]!r}", field="stage", remedy="for example parked or failed")
    runs = await newest_runs(client, _query(content, platform, stage), limit)
    rows = await _asked(client, list(runs.values()))
    if filed:
        only = content.content_id if content else None
        known = await filed.posts(limit, content_id=only, platform=platform.value if platform else None)
        seen = {(row.content_id, row.platform, row.account) for row in rows}
        rows += [_of_books(post) for post in known if (post.content_id, post.platform, post.account) not in seen]
    rows = [row for row in rows if stage in (None, row.stage)]
    return sorted(rows, key=lambda row: row.started, reverse=True)[:limit]


def _query(content: Content | None, platform: Platform | None, stage: str | None) -> str:
    """Only our own words and a checked id get into a query."""
    parts = [f"ReelPlatform = '{platform.value}'" if platform else "ReelPlatform IS NOT NULL"]
    if stage in CLOSED.values():
        parts.append("ExecutionStatus IN ('Canceled', 'Terminated', 'TimedOut', 'Failed')")
    elif stage is not None:
        parts.append(f"ReelStage = '{stage}'")
    if content is not None:
        parts.append(f"ReelContentId = '{content.content_id}'")
    return " AND ".join(parts)


async def _asked(client: Client, runs: Sequence[WorkflowExecution]) -> list[PostRow]:
    """Every publication's own answer, asked side by side; what has not answered in time has the time-out as error."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(run: WorkflowExecution) -> PostRow:
        async with slots:
            return await _row(client, run)

    asking = [asyncio.create_task(ask(run)) for run in runs]
    if asking:
        await asyncio.wait(asking, timeout=ALL_WITHIN_S)
    rows = []
    for run, task in zip(runs, asking, strict=True):
        if task.done():
            rows.append(task.result())
        else:
            task.cancel()
            rows.append(_of_attributes(run, NO_ANSWER))
    return rows


async def _row(client: Client, listed: WorkflowExecution) -> PostRow:
    """The newest run's answer: a retry since may have made another one than the list has."""
    try:
        run = await described(client, listed.id) or listed
        status = await status_of(client.get_workflow_handle(run.id), ANSWER_WITHIN)
    except (RPCError, WorkflowQueryFailedError) as error:
        return _of_attributes(listed, _why(error))
    known = _of_attributes(run, "")
    ended = known.stage if run.status in CLOSED and status.stage not in ENDED else ""
    waits = {} if ended else {"detail": status.detail, "until": status.until, "wants": status.wants}
    return known.model_copy(
        update={
            **waits,
            "account": status.account,
            "stage": ended or status.stage,
            "url": status.post.url if status.post else "",
            "post_id": status.post.post_id if status.post else "",
            "notes": status.notes,
        }
    )


def _why(error: Exception) -> str:
    if isinstance(error, RPCError) and error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return NO_ANSWER
    return f"it cannot be asked: {' '.join(str(error).split())[:200]}"


def _of_attributes(run: WorkflowExecution, error: str) -> PostRow:
    attributes = {pair.key.name: str(pair.value) for pair in run.typed_search_attributes}
    stage = attributes.get("ReelStage", "")
    if run.status in CLOSED and stage not in ENDED:
        stage = CLOSED[run.status]
    return PostRow(
        content_id=attributes.get("ReelContentId", ""),
        platform=attributes.get("ReelPlatform", ""),
        account=run.id.rpartition("/")[2] if "/publish/" in run.id else "",
        stage=stage,
        workflow_id=run.id,
        started=run.start_time,
        error=error,
    )


def _of_books(post: FiledPost) -> PostRow:
    """A post of which Temporal knows no run any more."""
    return PostRow(
        content_id=post.content_id,
        platform=post.platform,
        account=post.account,
        stage=post.state,
        detail=post.error,
        url=post.url,
        post_id=post.post_id,
        workflow_id=publish_workflow_id(post.content_id, post.platform, post.account),
        started=post.prepared_at.astimezone(UTC),
    )
