"""The table `feed_items`: what has become of feeds' entries. Implements `domain.ports.feeds.FeedBook`, together with
`feed_sources`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from reelwright.domain.feeds.entries import Validators
from reelwright.domain.feeds.harvest import (
    ClaimedItem,
    ClaimedRequest,
    Duplicate,
    ItemState,
    Likeness,
    SeenItem,
    Verdict,
)
from reelwright.domain.feeds.sifting import repeats
from reelwright.domain.feeds.source import SourceState

from .database import transaction
from .feed_sources import PostgresFeedSources, harvested, source_in
from .told import claim_in, tellers_in, turn_of

MOST_TRIES = 3
"""How often an entry is looked at whose article cannot be read at the moment."""
_FINAL = f"(state <> 'failed' or tries >= {MOST_TRIES})"
_TAKEN = "state in ('new', 'started')"


class PostgresFeeds(PostgresFeedSources):
    """`pool` is an `asyncpg.Pool`."""

    # --- what was seen -----------------------------------------------------------------------------------------------

    async def known(self, source: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of the keys whose entries of this source have been decided for good."""
        async with transaction(self._pool) as connection:
            return await _known(connection, source, keys)

    async def duplicate(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> Duplicate | None:
        """By its keys, what any content of the channel tells; by its text, what a source of the channel has brought as
        long as a text is remembered."""
        async with transaction(self._pool) as connection:
            return await _duplicate(connection, source.source.channel, verdict, likeness, now)

    # --- what is decided ---------------------------------------------------------------------------------------------

    async def record(
        self, source: SourceState, verdict: Verdict, likeness: Likeness, now: datetime
    ) -> ItemState | None:
        """Records what was decided; a `NEW` one takes its keys in the channel. What another source has taken meanwhile
        is recorded as a duplicate. The state on record; None when it was decided before, and for a source that is gone
        or paused."""
        channel = source.source.channel
        async with transaction(self._pool) as connection:
            await turn_of(connection, channel)
            held = await connection.fetchval(
                "select paused_at is not null from feed_sources where name = $1 for share", source.name
            )
            if held is not False or await _known(connection, source.name, verdict.keys):
                return None
            if verdict.state is ItemState.NEW:
                verdict = await _claimed(connection, channel, verdict, likeness, now)
            await _insert(connection, source, verdict)
        return verdict.state

    async def unstarted(self, source: str) -> Sequence[ClaimedItem]:
        """Items that were claimed and not started, the oldest claim first; none of a paused source."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select i.content_id, i.title, i.priority from feed_items i join feed_sources s on s.name = i.source
                   where i.source = $1 and i.state = 'new' and s.paused_at is null order by i.id""",
                source,
            )
        return [ClaimedItem(**dict(row)) for row in rows]

    async def request(self, content_id: str) -> ClaimedRequest:
        """The request of a claimed item; empty when it is not to be started."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(
                """select i.request, i.title from feed_items i join feed_sources s on s.name = i.source
                   where i.content_id = $1 and i.state = 'new' and s.paused_at is null""",
                content_id,
            )
        if row is None:
            return ClaimedRequest()
        return ClaimedRequest(request=json.loads(row["request"]), title=row["title"])

    async def mark_started(self, content_id: str) -> None:
        """The request is Temporal's from here on. Idempotent."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """update feed_items set state = 'started', started_at = now(), request = null
                   where content_id = $1 and state <> 'started'""",
                content_id,
            )

    async def harvested(
        self, name: str, *, now: datetime, due_at: datetime, outcome: str, error: str, validators: Validators | None
    ) -> None:
        """Notes how a harvest went. `validators` None leaves those on record."""
        async with transaction(self._pool) as connection:
            await harvested(
                connection, name, now=now, due_at=due_at, outcome=outcome, error=error, validators=validators
            )

    async def items(self, source: str | None, *, state: ItemState | None, limit: int) -> list[SeenItem]:
        """What was decided, the newest first. Raises `InvalidInput` for an unknown source that has no items either."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select source, state, title, url, published, reason, coalesce(content_id, '') as content_id,
                          duplicate_of, seen_at
                   from feed_items where ($1::text is null or source = $1) and ($2::text is null or state = $2)
                   order by id desc limit $3""",
                source,
                state.value if state else None,
                limit,
            )
            if source is not None and not rows:
                await source_in(connection, source)
        return [SeenItem(**dict(row)) for row in rows]


async def _duplicate(
    connection: Any, channel: str, verdict: Verdict, likeness: Likeness, now: datetime
) -> Duplicate | None:
    told = await tellers_in(connection, channel, verdict.keys)
    if found := next((told[key] for key in verdict.keys if key in told), ""):
        return Duplicate(found, "the same entry")
    if not verdict.text_sha256:
        return None
    rows = await connection.fetch(
        f"""select content_id, keys, text_sha256, runs from feed_items
            where channel = $1 and {_TAKEN} and seen_at >= $2 and text_sha256 = $3
            union all
            (select content_id, keys, text_sha256, runs from feed_items
             where channel = $1 and {_TAKEN} and seen_at >= $2 and runs <> '{{}}' and runs && $4
             order by cardinality(array(select unnest(runs) intersect select unnest($4::bigint[]))) desc, id
             limit 5)""",  # noqa: S608
        channel,
        likeness.since(now),
        verdict.text_sha256,
        sorted(verdict.runs),
    )
    for row in rows:
        how = repeats(verdict, row["keys"], row["text_sha256"], frozenset(row["runs"]), likeness.share)
        if how:
            return Duplicate(row["content_id"], how)
    return None


async def _known(connection: Any, source: str, keys: Sequence[str]) -> frozenset[str]:
    rows = await connection.fetch(
        f"select keys from feed_items where source = $1 and keys && $2 and {_FINAL}",  # noqa: S608
        source,
        list(keys),
    )
    return frozenset(keys).intersection(key for row in rows for key in row["keys"])


async def _claimed(connection: Any, channel: str, verdict: Verdict, likeness: Likeness, now: datetime) -> Verdict:
    found = await _duplicate(connection, channel, verdict, likeness, now)
    if found is None and await claim_in(connection, channel, verdict.keys, verdict.content_id):
        return verdict
    of, how = (found.content_id, found.how) if found else (verdict.content_id, "the same entry")
    return replace(
        verdict,
        state=ItemState.DUPLICATE,
        reason=f"{how} as in {of}",
        duplicate_of=of,
        content_id="",
        request=None,
    )


async def _insert(connection: Any, source: SourceState, verdict: Verdict) -> None:
    earlier = await connection.fetch(
        "delete from feed_items where source = $1 and keys && $2 and state = 'failed' returning tries",
        source.name,
        list(verdict.keys),
    )
    tries = 1 + max((row["tries"] for row in earlier), default=0)
    await connection.execute(
        """insert into feed_items (source, channel, keys, state, reason, title, url, published, content_id,
                                   duplicate_of, request, priority, text_sha256, runs, tries)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)""",
        source.name,
        source.source.channel,
        list(verdict.keys),
        verdict.state.value,
        verdict.reason,
        verdict.title,
        verdict.url,
        verdict.published,
        verdict.content_id or None,
        verdict.duplicate_of,
        None if verdict.request is None else json.dumps(verdict.request),
        source.source.priority,
        verdict.text_sha256,
        sorted(verdict.runs) if verdict.state is ItemState.NEW else [],
        tries if verdict.retry else MOST_TRIES,
    )
