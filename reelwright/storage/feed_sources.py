"""The table `feed_sources`: which feeds are harvested, and how that went. Changes of it are in the audit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from reelwright.domain.errors import InvalidInput, NotFound, ProviderUnavailable
from reelwright.domain.feeds.entries import Validators
from reelwright.domain.feeds.rules import SLACK
from reelwright.domain.feeds.source import FeedSource, SourceState, name_of

from .audit import record
from .database import transaction

BY_CHARS, NOTE_CHARS, ERROR_CHARS = 100, 500, 500
_LOCK = "select pg_advisory_xact_lock(hashtextextended('feed_sources', 0))"


class PostgresFeedSources:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    # --- changes -----------------------------------------------------------------------------------------------------

    async def add(self, source: FeedSource, *, by: str, name: str = "") -> SourceState:
        """Adds a source; without a name it gets one from its host. Raises `InvalidInput` where the name is taken, and
        where the channel has the feed already."""
        async with transaction(self._pool) as connection:
            await connection.execute(_LOCK)
            names = await connection.fetch("select name, url, channel from feed_sources")
            for row in names:
                if (row["url"], row["channel"]) == (source.url, source.channel):
                    raise InvalidInput(
                        f"channel {source.channel} has this feed already, as {row['name']}",
                        field="url",
                        remedy=f"remove {row['name']} first to change it; what it has seen is kept under its name",
                    )
            taken = frozenset(row["name"] for row in names)
            if name in taken:
                raise InvalidInput(f"there is a source {name} already", field="name", remedy="choose another one")
            name = name or name_of(source.url, taken)
            data = source.model_dump(mode="json", exclude_unset=True)
            await connection.execute(
                """insert into feed_sources (name, source, url, channel, priority, added_by)
                   values ($1, $2, $3, $4, $5, $6)""",
                name,
                json.dumps(data),
                source.url,
                source.channel,
                source.priority,
                by[:BY_CHARS],
            )
            added = await source_in(connection, name)
            await record(connection, "feed.add", name, by=by, after=data)
        return added

    async def remove(self, name: str, *, by: str) -> SourceState:
        """Removes a source. Its items stay on record; those that were claimed and not started are given up, and another
        source may bring them."""
        async with transaction(self._pool) as connection:
            before = await source_in(connection, name, lock=True)
            await connection.execute(
                """delete from told_entries t using feed_items i
                   where i.source = $1 and i.state = 'new' and t.channel = i.channel and t.content_id = i.content_id""",
                name,
            )
            await connection.execute(
                """update feed_items
                   set state = 'filtered', reason = 'its source was removed', request = null, content_id = null
                   where source = $1 and state = 'new'""",
                name,
            )
            await connection.execute("delete from feed_sources where name = $1", name)
            data = before.source.model_dump(mode="json", exclude_unset=True)
            await record(connection, "feed.remove", name, by=by, before=data)
        return before

    async def pause(self, name: str, *, by: str, note: str = "") -> SourceState:
        """Nothing of it is read or started from now on. A second pause changes nothing."""
        return await self._change(
            name,
            lambda state: not state.paused,
            "update feed_sources set paused_at = now(), paused_by = $2, note = $3 where name = $1",
            (by[:BY_CHARS], note[:NOTE_CHARS]),
            action="feed.pause",
            by=by,
        )

    async def resume(self, name: str, *, by: str) -> SourceState:
        """It is due at once, whatever went wrong before."""
        return await self._change(
            name,
            lambda state: state.paused or state.failures > 0,
            """update feed_sources
               set paused_at = null, paused_by = '', note = '', failures = 0, error = '', due_at = now()
               where name = $1""",
            (),
            action="feed.resume",
            by=by,
        )

    async def _change(
        self, name: str, wanted: Callable[[SourceState], bool], sql: str, values: Sequence[str], *, action: str, by: str
    ) -> SourceState:
        async with transaction(self._pool) as connection:
            before = await source_in(connection, name, lock=True)
            if not wanted(before):
                return before
            await connection.execute(sql, name, *values)
            after = await source_in(connection, name)
            await record(connection, action, name, by=by, before=_held(before), after=_held(after))
        return after

    # --- reading -----------------------------------------------------------------------------------------------------

    async def find(self, name: str) -> SourceState:
        """Raises `InvalidInput` for an unknown one."""
        async with transaction(self._pool) as connection:
            return await source_in(connection, name)

    async def sources(self, channel: str | None = None) -> list[SourceState]:
        """All of them, by name, with how many of their items came to what."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select * from feed_sources where $1::text is null or channel = $1 order by name", channel
            )
            counted = await connection.fetch(
                "select source, state, count(*) as number from feed_items group by source, state"
            )
        counts: dict[str, dict[str, int]] = {}
        for row in counted:
            counts.setdefault(row["source"], {})[row["state"]] = row["number"]
        return [_state(row, counts.get(row["name"], {})) for row in rows]

    async def due(self, now: datetime, limit: int) -> Sequence[str]:
        """The names of the sources that are due and not paused, by priority, then by the time they wait."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select name from feed_sources where paused_at is null and due_at <= $1
                   order by priority, due_at, name limit $2""",
                now + SLACK,
                limit,
            )
        return [row["name"] for row in rows]


async def source_in(connection: Any, name: str, *, lock: bool = False) -> SourceState:
    """A source, within a transaction. Raises `InvalidInput` for an unknown one."""
    row = None
    if "\0" not in name:
        row = await connection.fetchrow(
            f"select * from feed_sources where name = $1{' for update' * lock}",  # noqa: S608
            name,
        )
    if row is None:
        raise NotFound(f"there is no source {name[:64]!r}", field="name", remedy="see `reelwright feeds list`")
    counted = await connection.fetch(
        "select state, count(*) as number from feed_items where source = $1 group by state", name
    )
    return _state(row, {each["state"]: each["number"] for each in counted})


async def harvested(
    connection: Any,
    name: str,
    *,
    now: datetime,
    due_at: datetime,
    outcome: str,
    error: str,
    validators: Validators | None,
) -> None:
    """Notes how a harvest went, within a transaction; a failure leaves when it was last read."""
    failed = outcome == "failed"
    await connection.execute(
        """update feed_sources
           set due_at = $2, outcome = $3, error = $4, failures = case when $5 then failures + 1 else 0 end,
               harvested_at = case when $5 then harvested_at else $6 end
           where name = $1""",
        name,
        due_at,
        outcome,
        error[:ERROR_CHARS],
        failed,
        now,
    )
    if validators is not None:
        await connection.execute(
            "update feed_sources set etag = $2, last_modified = $3 where name = $1",
            name,
            validators.etag,
            validators.last_modified,
        )


def _held(state: SourceState) -> dict[str, Any]:
    return {"paused": state.paused, "failures": state.failures, "note": state.note}


def _state(row: Any, counts: dict[str, int]) -> SourceState:
    values = dict(row)
    try:
        source = FeedSource.model_validate_json(values["source"])
    except ValidationError as error:
        raise ProviderUnavailable(
            f"source {values['name']} was written by a newer release", field="feed", remedy="update this one"
        ) from error
    validators = Validators(values["etag"], values["last_modified"])
    return SourceState.model_validate({**values, "source": source, "validators": validators, "counts": counts})
