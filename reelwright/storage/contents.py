"""Reads of contents from the database, for lists and reports. Rows outlive Temporal's retention."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .database import transaction

TITLE = """coalesce(
    nullif(c.result ->> 'title', ''),
    (select r.result ->> 'title' from results r where r.content_id = c.id and r.step = 'writing'
     order by r.recorded_at desc limit 1),
    nullif(c.request ->> 'title', ''), c.request ->> 'topic', left(c.request ->> 'script', 80),
    c.request -> 'item' ->> 'title', c.request ->> 'feed', '')"""
CHANNEL = "coalesce(c.request ->> 'channel', 'default')"
_ROW = f"""select c.id, c.workflow_id, c.status, c.opened_at, c.closed_at, {TITLE} as title,
    {CHANNEL} as channel,
    coalesce((select sum(usd) from costs where content_id = c.id), 0) as usd from content c"""  # noqa: S608


_LATEST_POSTS = f"""select p.key, p.content_id, p.platform, p.account, p.state, p.post_id, p.url, p.error,
    p.prepared_at, {CHANNEL} as channel, coalesce(p.draft ->> 'kind', '') as kind,
    (select post ->> 'notes' from json_array_elements(coalesce(c.result -> 'posts', '[]'::json)) post
     where post ->> 'platform' = p.platform and post ->> 'account' = p.account
     limit 1) as notes
    from posts p join content c on c.id = p.content_id
    where not exists (select from posts newer
        where (newer.content_id, newer.platform, newer.account) = (p.content_id, p.platform, p.account)
              and (newer.prepared_at, newer.key collate "C") > (p.prepared_at, p.key collate "C"))"""  # noqa: S608
"""The newest row of each content, platform and account: `retry --post-again` makes another."""


@dataclass(frozen=True, order=True)
class Place:
    """A row's position in a list that is ordered by time, newest first; `key` distinguishes rows of the same time."""

    at: datetime
    key: str


@dataclass(frozen=True)
class FiledContent:
    """One row of `content`. `status` is `running` until it is closed; `usd` is what it has cost so far."""

    content_id: str
    workflow_id: str
    status: str
    title: str
    channel: str
    usd: float
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class FiledDocuments:
    """A content's request, and its result once it is closed: JSON as the models wrote it."""

    request_json: str
    result_json: str | None


@dataclass(frozen=True)
class FiledDecision:
    """Who decided what about which artifact. `kind` is `review` or `moderation`."""

    kind: str
    decision: str
    by: str
    note: str
    artifact_sha256: str
    decided_at: datetime


@dataclass(frozen=True)
class FiledResult:
    """What one step of a content ended with, as JSON."""

    step: str
    result_json: str
    recorded_at: datetime


@dataclass(frozen=True)
class FiledPost:
    """One row of `posts`. `state` is a `domain.publishing.posting.PostState`, `kind` the `PostKind` that was asked
    for."""

    content_id: str
    platform: str
    account: str
    state: str
    post_id: str
    url: str
    error: str
    prepared_at: datetime
    key: str = ""
    notes: tuple[str, ...] = ()
    channel: str = ""
    kind: str = ""


class PostgresContents:
    """Reads only. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    @property
    def pool(self) -> Any:
        """What it reads from."""
        return self._pool

    async def find(self, id: str) -> list[FiledContent]:
        """The contents with this id, or made by the workflow with this id."""
        if "\0" in id:  # PostgreSQL has no such text
            return []
        rows = await self._fetch(f"{_ROW} where c.id = $1 or c.workflow_id = $1", id)
        return [_content(row) for row in rows]

    async def page(
        self,
        limit: int,
        *,
        after: Place | None = None,
        statuses: Collection[str] | None = None,
        channel: str | None = None,
    ) -> list[FiledContent]:
        """At most `limit` contents after a place, newest first; only of those statuses and of that channel, if they are
        named. The key of a content's place is its id."""
        # An unused condition is left out: "or it is null" would prevent the use of the index.
        where = ["true"]
        values: list[Any] = [limit]
        if after is not None:
            values += [after.at, after.key]
            where.append('(c.opened_at, c.id collate "C") < ($2, $3)')
        if statuses is not None:
            values.append(list(statuses))
            where.append(f"c.status = any(${len(values)}::text[])")
        if channel is not None:
            values.append(channel)
            where.append(f"{CHANNEL} = ${len(values)}")
        order = 'order by c.opened_at desc, c.id collate "C" desc limit $1'
        rows = await self._fetch(f"{_ROW} where {' and '.join(where)} {order}", *values)
        return [_content(row) for row in rows]

    async def of_workflows(self, workflow_ids: Collection[str]) -> dict[str, FiledContent]:
        """The contents that these workflows made, by workflow id."""
        rows = await self._fetch(f"{_ROW} where c.workflow_id = any($1::text[])", list(workflow_ids))
        return {row["workflow_id"]: _content(row) for row in rows}

    async def documents(self, content_id: str) -> FiledDocuments | None:
        """Request and result; None when there is no such content."""
        rows = await self._fetch("select request, result from content where id = $1", content_id)
        return FiledDocuments(rows[0]["request"], rows[0]["result"]) if rows else None

    async def decisions(self, content_id: str) -> list[FiledDecision]:
        """All decisions, oldest first."""
        rows = await self._fetch(
            """select kind, decision, decided_by, note, artifact_sha256, decided_at from decisions
               where content_id = $1 order by decided_at""",
            content_id,
        )
        return [FiledDecision(*row) for row in rows]

    async def results(self, content_id: str, *steps: str) -> list[FiledResult]:
        """What the steps ended with, oldest first."""
        rows = await self._fetch(
            """select step, result, recorded_at from results
               where content_id = $1 and step = any($2::text[]) order by recorded_at""",
            content_id,
            list(steps),
        )
        return [FiledResult(*row) for row in rows]

    async def finished_steps(self, content_id: str) -> dict[str, datetime]:
        """When each step was last finished."""
        rows = await self._fetch(
            "select step, max(recorded_at) as at from results where content_id = $1 group by step order by at",
            content_id,
        )
        return {row["step"]: row["at"] for row in rows}

    async def posts(self, limit: int, *, content_id: str | None = None, platform: str | None = None) -> list[FiledPost]:
        """The newest posts, of one content or platform if one is named."""
        rows = await self._fetch(
            """select content_id, platform, account, state, post_id, url, error, prepared_at from posts
               where ($2::text is null or content_id = $2) and ($3::text is null or platform = $3)
               order by prepared_at desc limit $1""",
            limit,
            content_id,
            platform,
        )
        return [FiledPost(*row) for row in rows]

    async def posts_page(
        self,
        limit: int,
        *,
        after: Place | None = None,
        content_id: str | None = None,
        platform: str | None = None,
        channel: str | None = None,
    ) -> list[FiledPost]:
        """At most `limit` posts after a place, newest first: the newest of each content, platform and account."""
        where: list[str] = []
        values: list[Any] = [limit]
        if after is not None:
            values += [after.at, after.key]
            where.append('and (p.prepared_at, p.key collate "C") < ($2, $3)')
        for column, value in (("p.content_id", content_id), ("p.platform", platform), (CHANNEL, channel)):
            if value is not None:
                values.append(value)
                where.append(f"and {column} = ${len(values)}")
        order = 'order by p.prepared_at desc, p.key collate "C" desc limit $1'
        rows = await self._fetch(f"{_LATEST_POSTS} {' '.join(where)} {order}", *values)
        return [_post(row) for row in rows]

    async def posts_of(self, content_ids: Collection[str]) -> list[FiledPost]:
        """The posts of these contents: the newest of each platform and account."""
        rows = await self._fetch(f"{_LATEST_POSTS} and p.content_id = any($1::text[])", list(content_ids))
        return [_post(row) for row in rows]

    async def _fetch(self, query: str, *values: Any) -> list[Any]:
        async with transaction(self._pool) as connection:
            return list(await connection.fetch(query, *values))


def _content(row: Any) -> FiledContent:
    title = " ".join(str(row["title"]).split())
    return FiledContent(
        content_id=row["id"],
        workflow_id=row["workflow_id"],
        status=row["status"],
        title=title,
        channel=row["channel"],
        usd=float(row["usd"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
    )


def _post(row: Any) -> FiledPost:
    values = dict(row)
    return FiledPost(**{**values, "notes": tuple(json.loads(values["notes"] or "[]"))})
