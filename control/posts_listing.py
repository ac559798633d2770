"""The posts in a list, from the database. Publications that have not posted are queried within a bounded time: one that
does not answer gets a line with the error, and does not hide the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from reelwright.domain.base import Model
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.ids import publish_workflow_id
from reelwright.domain.people import Role
from reelwright.storage.contents import FiledPost, Place, PostgresContents

from .access import allowed
from .listing import LISTED_AT_MOST, newest_runs
from .paging import Page, Placed, page_of, place_of
from .resolve import Content, described, resolve
from .stages import CLOSED
from .studio import Studio
from .temporal.port import CallFailed, Client, Code, Handle, QueryFailed, Run, RunStatus

if TYPE_CHECKING:
    from reelwright.domain.publishing.posting import PublicationStatus

ANSWER_WITHIN = timedelta(seconds=5)
ALL_WITHIN_S = 20.0
ASKED_AT_ONCE = 20
RUNNING = RunStatus.RUNNING
ENDED = ("posted", "failed")
NO_ANSWER = "it does not answer: is a worker up, is its workflow task stuck? see it in Temporal's UI"


class PostRow(Model):
    """One post in a list. `kind` is the place that was asked for (`PostKind`). `stage` is the publication's own answer,
    or how its run ended without one (`cancelled`, `terminated`, `timed_out`); `error` is why it could not be
    queried."""

    content_id: str
    channel: str = ""
    platform: str
    account: str
    stage: str
    kind: str = ""
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
    cursor: str | None = None,
    channel: str | None = None,
) -> Page[PostRow]:
    """At most `limit` posts, newest first, after those that `cursor` stands for: of one content, one platform, one
    stage, one channel, where they are named. Publications that an earlier release started have no channel before they
    have a row.

    A post that exists comes from the database. Publications that are open, or have ended without a post, are found by
    one list query, and only those on the page are queried for what they wait for."""
    if stage is not None and not stage.replace("_", "").isalpha():
        raise InvalidInput(f"unknown stage {stage[:40]!r}", field="stage", remedy="for example parked or failed")
    after = place_of(cursor)
    runs = await _not_made(client, filed, _query(content, platform, None if filed else stage, channel))
    known = [(run, _of_attributes(run, "")) for run in runs.values()]
    made = _filed(filed, after, content, platform, {_where(row) for _, row in known}, limit, channel)
    page = await page_of(
        [Placed(Place(row.started, row.workflow_id), row) for _, row in known],
        made,
        limit=limit,
        after=after,
        wanted=lambda row: stage in (None, row.stage),
    )
    asked = await _asked(client, [runs[row.workflow_id] for row in page.rows if _is_of(runs, row)])
    answers = {row.workflow_id: row for row in asked}
    rows = [answers[row.workflow_id] if _is_of(runs, row) else row for row in page.rows]
    return replace(page, rows=tuple(row for row in rows if stage in (None, row.stage)))


@allowed(Role.VIEWER)
async def posts_of(
    studio: Studio,
    id: str | None = None,
    *,
    platform: Platform | None = None,
    stage: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
    channel: str | None = None,
) -> Page[PostRow]:
    """As `posts_listed`, of a studio, and of the content with this id, if one is named."""
    content = await resolve(studio.client, studio.contents, id) if id is not None else None
    return await posts_listed(
        studio.client,
        studio.contents,
        content=content,
        platform=platform,
        stage=stage,
        limit=limit,
        cursor=cursor,
        channel=channel,
    )


async def _not_made(client: Client, filed: PostgresContents | None, query: str) -> dict[str, Run]:
    """The publications of which the database has no post: without a database all that Temporal has."""
    if filed is None:
        return await newest_runs(client, query, LISTED_AT_MOST)
    runs = await newest_runs(client, f"{query} AND ExecutionStatus != 'Completed'", LISTED_AT_MOST)
    closed = {run.id: _of_attributes(run, "") for run in runs.values() if run.status is not RUNNING}
    posts = await filed.posts_of({row.content_id for row in closed.values()}) if closed else []
    # A retry since has made the post: its run is a completed one, and stands before the failed one.
    made = {(post.content_id, post.platform, post.account) for post in posts if post.state == "posted"}
    return {id: run for id, run in runs.items() if id not in closed or _where(closed[id]) not in made}


async def _filed(
    filed: PostgresContents | None,
    after: Place | None,
    content: Content | None,
    platform: Platform | None,
    known: Collection[tuple[str, str, str]],
    limit: int,
    channel: str | None,
) -> AsyncIterator[Placed[PostRow]]:
    """The database's posts after a place, but for those that are `known` otherwise."""
    if filed is None:
        return
    only = content.content_id if content else None
    while True:
        posts = await filed.posts_page(
            limit + 1, after=after, content_id=only, platform=platform.value if platform else None, channel=channel
        )
        for post in posts:
            after = Place(post.prepared_at, post.key)
            row = _of_books(post)
            if _where(row) not in known:
                yield Placed(after, row)
        if len(posts) <= limit:
            return


def _where(row: PostRow) -> tuple[str, str, str]:
    return row.content_id, row.platform, row.account


def _is_of(runs: Mapping[str, Run], row: PostRow) -> bool:
    """Whether a row was made from a run, and not from the database."""
    return row.workflow_id in runs


def _query(content: Content | None, platform: Platform | None, stage: str | None, channel: str | None) -> str:
    """Only our own words, a checked id and a checked name get into a query."""
    parts = [f"ReelPlatform = '{platform.value}'" if platform else "ReelPlatform IS NOT NULL"]
    if stage in CLOSED.values():
        parts.append("ExecutionStatus IN ('Canceled', 'Terminated', 'TimedOut', 'Failed')")
    elif stage is not None:
        parts.append(f"ReelStage = '{stage}'")
    if content is not None:
        parts.append(f"ReelContentId = '{content.content_id}'")
    if channel is not None:
        parts.append(f"ReelChannel = '{channel}'")
    return " AND ".join(parts)


async def _asked(client: Client, runs: Sequence[Run]) -> list[PostRow]:
    """Every publication's own answer, queried concurrently; one without an answer in time has the time-out as error."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def ask(run: Run) -> PostRow:
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


async def status_of(handle: Handle[Any], timeout: timedelta) -> PublicationStatus:
    """`publications.status_of`, which is loaded when the first publication is asked: a list of posts that exist asks
    none."""
    from . import publications

    return await publications.status_of(handle, timeout)


async def _row(client: Client, listed: Run) -> PostRow:
    """The newest run's answer: a retry since may have made another one than the list has."""
    try:
        run = await described(client, listed.id) or listed
        status = await status_of(client.handle(run.id, object), ANSWER_WITHIN)
    except (CallFailed, QueryFailed) as error:
        return _of_attributes(listed, _why(error))
    known = _of_attributes(run, "")
    ended = known.stage if run.status in CLOSED and status.stage not in ENDED else ""
    waits = {} if ended else {"detail": status.detail, "until": status.until, "wants": status.wants}
    return known.model_copy(
        update={
            **waits,
            "account": status.account,
            "kind": status.kind.value if status.kind else "",
            "stage": ended or status.stage,
            "url": status.post.url if status.post else "",
            "post_id": status.post.post_id if status.post else "",
            "notes": status.notes,
        }
    )


def _why(error: Exception) -> str:
    if isinstance(error, CallFailed) and error.code in (Code.DEADLINE_EXCEEDED, Code.CANCELLED):
        return NO_ANSWER
    return f"it cannot be asked: {' '.join(str(error).split())[:200]}"


def _of_attributes(run: Run, error: str) -> PostRow:
    attributes = {name: str(value) for name, value in run.attributes.items()}
    stage = attributes.get("ReelStage", "")
    if run.status in CLOSED and stage not in ENDED:
        stage = CLOSED[run.status]
    return PostRow(
        content_id=attributes.get("ReelContentId", ""),
        channel=attributes.get("ReelChannel", ""),
        platform=attributes.get("ReelPlatform", ""),
        account=run.id.rpartition("/")[2] if "/publish/" in run.id else "",
        stage=stage,
        workflow_id=run.id,
        started=run.start_time,
        error=error,
    )


def _of_books(post: FiledPost) -> PostRow:
    """A post that exists, or whose run Temporal no longer has."""
    return PostRow(
        content_id=post.content_id,
        channel=post.channel,
        platform=post.platform,
        account=post.account,
        stage=post.state,
        kind=post.kind,
        detail=post.error,
        url=post.url,
        post_id=post.post_id,
        notes=post.notes,
        workflow_id=publish_workflow_id(post.content_id, post.platform, post.account),
        started=post.prepared_at.astimezone(UTC),
    )
