"""What the watcher of running contents reads and writes: the tables `boards`, `wanting_posts` and `board_watch`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.boards import DEAD_STAGES, WantingPost

from .database import transaction
from .news import fold_tallies

TALLIES = 2_000
"""More rows than these are summed up."""
TROUBLE_CHARS = 300


@dataclass(frozen=True)
class Running:
    """A content that has not ended on its board. `settled`: it was not written for some seconds."""

    content_id: str
    workflow_id: str
    stage: str
    review: str
    cost: float
    detail: str
    settled: bool
    dead: bool = False


@dataclass(frozen=True)
class Seen:
    """What Temporal knows of a running content. `cost` is None where it names none."""

    content_id: str
    workflow_id: str
    stage: str
    percent: int
    review: str
    cost: float | None


@dataclass(frozen=True)
class Begun:
    """A content that has a run, and no board yet: no worker has begun it."""

    content_id: str
    workflow_id: str
    channel: str
    title: str
    stage: str
    started: datetime


class PostgresBoardWatch:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def claim(self, every: timedelta) -> bool:
        """Whether it is this caller's turn: of all watchers of a studio one gets each turn, and the next one comes
        `every` later at the earliest."""
        async with transaction(self._pool) as connection:
            mine = await connection.fetchval(
                """insert into board_watch (turn_at) values (clock_timestamp())
                   on conflict (one) do update set turn_at = excluded.turn_at
                   where board_watch.turn_at <= excluded.turn_at - $1::interval returning true""",
                every,
            )
        return bool(mine)

    async def looked(self, trouble: str = "") -> None:
        """The turn has ended; with what was in its way, if anything was."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update board_watch set trouble = $1,
                       seen_at = case when $1 = '' then clock_timestamp() else seen_at end""",
                trouble[:TROUBLE_CHARS],
            )
            await fold_tallies(connection, above=TALLIES)

    async def running(self, settled: timedelta) -> list[Running]:
        """All that have not ended, and those that ended without having closed their books: they may run again."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select content_id, workflow_id, stage, review, cost::float8, detail,
                          updated < now() - $1::interval as settled, ended is not null as dead
                   from boards where ended is null
                   union all
                   select b.content_id, b.workflow_id, b.stage, b.review, b.cost::float8, b.detail, true, true
                   from boards b join content c on c.id = b.content_id and c.status = 'running'
                   where b.ended is not null and b.stage = any($2::text[])""",
                settled,
                [*DEAD_STAGES, "failed", "cancelled"],
            )
        return [Running(**dict(row)) for row in rows]

    async def begin(self, begun: Sequence[Begun]) -> None:
        """Boards of contents that have none. One that has got one meanwhile keeps it."""
        async with transaction(self._pool) as connection:
            await connection.executemany(
                """insert into boards (content_id, workflow_id, channel, title, priority, stage, percent, filed,
                                       started)
                   values ($1, $2, $3, $4, 3, $5, 0, false, $6) on conflict do nothing""",
                [(b.content_id, b.workflow_id, b.channel, b.title, b.stage, b.started) for b in begun],
            )

    async def see(self, seen: Sequence[Seen]) -> None:
        """What is known of running contents. One that has closed its books meanwhile stays as it closed them."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update boards b set
                       stage = s.stage, percent = s.percent, review = s.review, cost = coalesce(s.cost, b.cost),
                       asked = case when s.review = 'wanted' then coalesce(b.asked, now()) end,
                       title = coalesce(
                           (select nullif(left(json_text(r.result, 'title'), 300), '') from results r
                            where r.content_id = b.content_id and r.step = 'writing'
                            order by r.recorded_at desc limit 1), b.title),
                       ended = null, updated = now()
                   from (select * from unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[],
                                              $6::numeric[])
                             as s (content_id, workflow_id, stage, percent, review, cost)
                         order by content_id) s
                   where (b.content_id, b.workflow_id) = (s.content_id, s.workflow_id)
                       and (b.ended is null
                            or exists (select from content c where c.id = b.content_id and c.status = 'running'))""",
                *_columns(seen, "content_id", "workflow_id", "stage", "percent", "review", "cost"),
            )

    async def end(self, stages: Mapping[str, str]) -> None:
        """Ends, by content id, of contents that did not close their books."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update boards b set stage = s.stage, percent = 100, review = '', asked = null, ended = now(),
                       updated = now()
                   from unnest($1::text[], $2::text[]) as s (content_id, stage)
                   where b.content_id = s.content_id and b.ended is null""",
                list(stages),
                list(stages.values()),
            )

    async def forget(self, content_ids: Sequence[str]) -> None:
        """Takes away boards of contents that never began, and of which no run is left."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "delete from boards where not filed and content_id = any($1::text[])", list(content_ids)
            )

    async def work_on(self, content_ids: Sequence[str]) -> None:
        """Puts the last finished step of these contents on their boards, with the number of its pieces."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update boards b set detail = made.detail, updated = now()
                   from (select id, case when n > 1 then last.step || ', ' || n || ' made' else last.step end as detail
                         from unnest($1::text[]) as id
                         join lateral (select step from results where content_id = id
                                       order by recorded_at desc limit 1) as last on true
                         join lateral (select count(*) as n from results
                                       where content_id = id and step = last.step) as pieces on true
                         order by id) as made
                   where b.content_id = made.id and b.ended is null and b.detail <> made.detail""",
                list(content_ids),
            )

    async def wanting(self, posts: Sequence[WantingPost]) -> None:
        """All publications that wait for a person; those that are not among them wait no longer."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "delete from wanting_posts where not (key = any($1::text[]))", [post.key for post in posts]
            )
            names = ("key", "workflow_id", "content_id", "platform", "account", "channel", "stage")
            await connection.execute(
                """insert into wanting_posts (key, workflow_id, content_id, platform, account, channel, stage)
                   select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                                        $7::text[])
                   on conflict (key) do update set stage = excluded.stage, since = now()
                   where wanting_posts.stage <> excluded.stage""",
                *_columns(posts, *names),
            )


def _columns(rows: Sequence[Any], *names: str) -> list[list[Any]]:
    return [[getattr(row, name) for row in rows] for name in names]
