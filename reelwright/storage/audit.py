"""The table `audit`: who decided or changed what, each row with the hash of the one before it.

`record` is called within the transaction of the change itself, so that there is no change without its row. Writers take
turns from there to the end of their transactions (an advisory lock): call it last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from reelwright.domain.audit import START, SYSTEM, AuditRow, Chain, Verified
from reelwright.domain.redaction import redact_known

from .database import transaction

WHO_CHARS = 200
_AT_ONCE = 1_000
_ROW = "sequence, at, who, action, subject, content_id, before, after, previous, hash"
_LOCK = "select pg_advisory_xact_lock(hashtextextended('audit', 0))"


async def turn(connection: Any) -> None:
    """Waits for this transaction's turn to write; it lasts until the transaction's end."""
    await connection.execute(_LOCK)


async def newest_after(connection: Any, action: str, subject: str) -> Any:
    """The `after` of the newest row of an action on a subject; None where there is none."""
    found = await connection.fetchval(
        "select after from audit where subject = $1 and action = $2 order by sequence desc limit 1", subject, action
    )
    return None if found is None else json.loads(found)


async def record(
    connection: Any,
    action: str,
    subject: str,
    *,
    by: str = "",
    content_id: str | None = None,
    before: Any = None,
    after: Any = None,
) -> None:
    """Adds a row. `before` and `after` are JSON data; a secret that this process knows is struck from them. Without
    `by` the program itself has done it."""
    await turn(connection)
    head = await connection.fetchrow("select sequence, hash from audit_head")
    row = AuditRow(
        sequence=(head["sequence"] if head else 0) + 1,
        at=await connection.fetchval("select clock_timestamp()"),
        who=_plain(by)[:WHO_CHARS] or SYSTEM,
        action=action,
        subject=_plain(subject),
        content_id=content_id,
        before=as_stored(before),
        after=as_stored(after),
        previous=head["hash"] if head else START,
        hash="",
    ).sealed()
    await connection.execute(
        f"insert into audit ({_ROW}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",  # noqa: S608
        *(getattr(row, name) for name in ("sequence", "at", "who", "action", "subject", "content_id")),
        None if row.before is None else json.dumps(row.before, ensure_ascii=False),
        None if row.after is None else json.dumps(row.after, ensure_ascii=False),
        row.previous,
        row.hash,
    )
    await connection.execute(
        """insert into audit_head (sequence, hash) values ($1, $2)
           on conflict (one) do update set sequence = excluded.sequence, hash = excluded.hash""",
        row.sequence,
        row.hash,
    )


class PostgresAudit:
    """Reads only. `pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def page(self, limit: int, *, before: int | None = None, about: str | None = None) -> Sequence[AuditRow]:
        """At most `limit` rows before a sequence, newest first; only those about a content (its id or its workflow's)
        or another subject, if one is named."""
        if about is not None and "\0" in about:
            return []
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                f"""select {_ROW} from audit
                    where ($2::bigint is null or sequence < $2)
                        and ($3::text is null or subject = $3 or content_id = $3
                             or content_id in (select id from content where workflow_id = $3))
                    order by sequence desc limit $1""",  # noqa: S608
                limit,
                before,
                about,
            )
        return [_row(row) for row in rows]

    async def verify(self, expected: str = "") -> Verified:
        """Walks the whole chain as it is at one moment, up to the first broken link. `expected` is the beginning of a
        hash that one of the rows must have."""
        chain, last = Chain(expected), 0
        async with transaction(self._pool) as connection:
            await connection.execute("set transaction isolation level repeatable read")
            head = await connection.fetchrow("select sequence, hash from audit_head")
            while chain.broken is None:
                rows = await connection.fetch(
                    f"select {_ROW} from audit where sequence > $1 order by sequence limit {_AT_ONCE}",  # noqa: S608
                    last,
                )
                if not rows:
                    break
                chain.check(_row(row) for row in rows)
                last = rows[-1]["sequence"]
        return chain.end(head["sequence"] if head else 0, head["hash"] if head else START)


def as_stored(value: Any) -> Any:
    """JSON data as PostgreSQL takes it: without null characters, and without known secrets."""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, dict):
        return {_plain(key): as_stored(item) for key, item in value.items()}
    return [as_stored(item) for item in value] if isinstance(value, list | tuple) else value


def _plain(text: str) -> str:
    return redact_known(text.replace("\0", ""))


def _row(row: Any) -> AuditRow:
    values = dict(row)
    for side in ("before", "after"):
        values[side] = None if values[side] is None else json.loads(values[side])
    return AuditRow.model_validate(values)
