"""The table `news`: what has changed, in the order in which it became visible to everybody."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from reelwright.domain.news import Item, Mark, News
from reelwright.domain.people import Caller

from .database import transaction

KEPT_FOR = timedelta(days=1)
TICKET_LASTS = timedelta(seconds=60)
UNDER_WAY = timedelta(seconds=10)
"""News have the time at which their transaction began; it may have ended so much later."""
# What a transaction that is still under way has written, or may yet write, is at or above this bound.
_COMPLETE = "pg_snapshot_xmin(pg_current_snapshot())"


class PostgresNews:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def mark(self) -> Mark:
        """How far the news are complete now."""
        async with transaction(self._pool) as connection:
            return Mark(int(await connection.fetchval(f"select {_COMPLETE}::text")), 0)

    async def mark_ago(self, length: timedelta) -> Mark:
        """How far the news were complete so long ago, or a little before: the last one that is older."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                """(select xid::text as xid, id from news where at < clock_timestamp() - $1::interval
                    order by news.xid desc, id desc limit 1)
                   union all (select xid::text, id from news_pruned) limit 1""",
                length + UNDER_WAY,
            )
        return Mark(int(row["xid"]), row["id"]) if row else Mark(0, 0)

    async def after(self, mark: Mark, *, limit: int = 500, kinds: frozenset[str] | None = None) -> News:
        """At most `limit` news after a mark, oldest first; of these kinds, if they are named."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""with bounds as materialized (
                        select {_COMPLETE} as complete, pg_snapshot_xmax(pg_current_snapshot()) as next,
                            exists (select from news_pruned
                                    where (xid, id) > ($1::text::xid8, $2::bigint)) as gap)
                    select b.complete::text as complete, b.gap or $1::text::xid8 > b.next as gap,
                        n.xid::text as xid, n.id, n.kind, n.key, n.at
                    from bounds b left join lateral (
                        select * from news
                        where (xid, id) > ($1::text::xid8, $2::bigint) and xid < {_COMPLETE}
                            and ($4::text[] is null or kind = any($4))
                        order by xid, id limit $3) n on true
                    order by n.xid, n.id""",  # noqa: S608 - our own words
                *(str(mark.xid), mark.id, limit + 1, None if kinds is None else sorted(kinds)),
            )
        items = tuple(
            Item(Mark(int(row["xid"]), row["id"]), row["kind"], row["key"], row["at"])
            for row in rows
            if row["id"] is not None
        )
        complete, gap = Mark(int(rows[0]["complete"]), 0), bool(rows[0]["gap"])
        if gap:
            return News((), complete, gap=True)
        if len(items) > limit:
            return News(items[:limit], items[limit - 1].mark, more=True)
        return News(items, max(mark, complete))

    async def prune(self, older_than: timedelta = KEPT_FOR) -> int:
        """Deletes old news, and those that came with a backup of another server, whose numbers mean nothing here;
        tickets that nobody used; and sums up the tallies. How many news are gone."""
        async with transaction(self._pool) as connection:
            await connection.execute("delete from news where xid >= pg_snapshot_xmax(pg_current_snapshot())")
            await connection.execute("delete from news_pruned where xid >= pg_snapshot_xmax(pg_current_snapshot())")
            await connection.execute("delete from stream_tickets where expires_at < now()")
            gone: int = await connection.fetchval(
                """with gone as (delete from news where at < now() - $1::interval returning xid, id),
                        last as (insert into news_pruned (xid, id)
                                 select xid, id from gone order by xid desc, id desc limit 1
                                 on conflict (one) do update set xid = excluded.xid, id = excluded.id
                                 where (excluded.xid, excluded.id) > (news_pruned.xid, news_pruned.id))
                   select count(*) from gone""",
                older_than,
            )
            await fold_tallies(connection)
        return gone

    # --- tickets ----------------------------------------------------------------------------------------------------

    async def keep_ticket(self, ticket: str, caller: Caller) -> None:
        """One that opens a stream for this caller, once, within `TICKET_LASTS`."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                "insert into stream_tickets (sha256, caller, expires_at) values ($1, $2, now() + $3::interval)",
                *(_digest(ticket), caller.model_dump_json(), TICKET_LASTS),
            )

    async def use_ticket(self, ticket: str) -> Caller | None:
        """Whose it is; None for one that was used, has expired, or was never given out."""
        async with transaction(self._pool) as connection:
            text = await connection.fetchval(
                "delete from stream_tickets where sha256 = $1 and expires_at > now() returning caller::text",
                _digest(ticket),
            )
        return Caller.model_validate_json(text) if text else None


def _digest(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


async def fold_tallies(connection: Any, above: int = 0) -> None:
    """Sums the tallies up, where there are more than `above` rows: one row each of channel and stage is left. Rows that
    are added meanwhile stay beside it."""
    if (
        await connection.fetchval("select count(*) from (select from board_tallies limit $1) as rows", above + 1)
        <= above
    ):
        return
    await connection.execute(
        """with gone as (delete from board_tallies returning channel, stage, n)
           insert into board_tallies select channel, stage, sum(n) from gone
           group by channel, stage having sum(n) <> 0"""
    )
