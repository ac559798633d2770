"""The `posts` table: a row before the effect, its result after. Implements `domain.ports.publishing.PostLedger`.

    prepared ──save_session──▶ uploading ──arm────▶ armed ──confirm──▶ posted ⟲ refine
     ▲    ▲────drop_session───────┘    ▲───disarm─────┘ └──────fail──▶ failed   (fail: from any state but posted)
     └─────────reopen, once it is certain that nothing was posted────────┘      posted ──void──▶ failed: the platform's
                                                                               own processing threw the post away

Each transition is one `update … where state in (…)`, so the database and not the caller decides which caller makes it.
A transition that has already happened is answered like success; a forbidden one changes nothing, or raises where the
caller would otherwise take it for done.

An arming is identified by its instant. A caller that undoes one, or records its outcome, passes the instant: the row
may have been disarmed and armed again by another since, and undoing that arming would allow a second post.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import asyncpg

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput, PostRejected
from reelwright.domain.publishing.posting import PostDraft, PostRow, PublishedPost, UploadSession
from reelwright.domain.redaction import know_address, redact, redact_values

from .audit import record
from .database import transaction

ERROR_CHARS = 2_000
AGAIN_BY_CHARS = 200
_ROW = "key, content_id, platform, account, state, session, committed, armed_at, post_id, url, error"


class PostgresPostLedger:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def prepare(
        self, key: str, *, content_id: str, draft: PostDraft, video: AssetRef, again_by: str = ""
    ) -> PostRow:
        """The row of `key`, made if it is new. Raises `InvalidInput` when the key is another post's, and `PostRejected`
        when another row of the same content, platform and account has a live post, or one whose outcome is open:
        another is made only with `again_by`, which is kept in the row."""
        async with transaction(self._pool) as connection:
            try:
                await connection.execute(
                    """insert into posts (key, content_id, platform, account, draft, video)
                       values ($1, $2, $3, $4, $5, $6) on conflict (key) do nothing""",
                    key,
                    content_id,
                    draft.platform.value,
                    draft.account,
                    draft.model_dump_json(),
                    video.model_dump_json(),
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise InvalidInput(
                    f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first"
                ) from error
            row = await connection.fetchrow(f"select {_ROW}, video ->> 'sha256' as sha from posts where key = $1", key)  # noqa: S608
            theirs = (row["content_id"], row["platform"], row["account"], row["sha"])
            if theirs != (content_id, draft.platform.value, draft.account, video.sha256):
                raise InvalidInput(
                    "it already belongs to another post", field="key", remedy="give each post its own key"
                )
            await _only_one_live(connection, key, again_by[:AGAIN_BY_CHARS])
        return _row(row)

    async def save_session(self, key: str, session: UploadSession) -> None:
        """State becomes `uploading`, committed 0. Called before the first byte is sent.

        Raises `InvalidInput` when the row is armed or has ended: bytes must not be sent for it any more."""
        await self._move(
            key,
            """update posts set state = 'uploading', session = $2, committed = 0, updated_at = now()
               where key = $1 and state in ('prepared', 'uploading') returning state""",
            _written(session),
            must="be given an upload session",
        )

    async def checkpoint(
        self, key: str, session: UploadSession, committed: int, *, arming: datetime | None = None
    ) -> bool:
        """The session as it now stands and the acknowledged bytes: of an `uploading` row, or with `arming` of the row
        that was armed then. Whether the row is still that.

        One with fewer bytes than are on record changes nothing: it comes from an attempt that was overtaken, and its
        session may be one that the platform has dropped since."""
        return await self._move(
            key,
            """update posts set session = case when committed <= $3 then $2::json else session end,
                      committed = greatest(committed, $3), updated_at = now()
               where key = $1 and case when $4::timestamptz is null then state = 'uploading'
                                       else state = 'armed' and armed_at = $4 end returning state""",
            _written(session),
            committed,
            arming,
        )

    async def drop_session(self, key: str) -> None:
        """The platform lost the session: back to `prepared`; an armed or ended row stays as it is."""
        await self._move(
            key,
            """update posts set state = 'prepared', session = null, committed = 0, updated_at = now()
               where key = $1 and state = 'uploading' returning state""",
        )

    async def arm(self, key: str) -> PostRow | None:
        """`uploading` becomes `armed`. The row as it was armed, for the one caller who armed it: only that one may
        post. None when the row was in another state. Raises `PostRejected` when another row of the content was armed
        or posted on this account since this one was prepared."""
        async with transaction(self._pool) as connection:
            # The clock's time, not the transaction's: waiting for the row must not make an arming look older.
            try:
                row = await connection.fetchrow(
                    f"""update posts set state = 'armed', armed_at = clock_timestamp(), updated_at = now()
                        where key = $1 and state = 'uploading' returning {_ROW}""",  # noqa: S608
                    key,
                )
            except asyncpg.UniqueViolationError as error:
                raise _live() from error
            if row is None and not await connection.fetchval("select true from posts where key = $1", key):
                raise _unknown(key)
        return _row(row) if row else None

    async def disarm(self, key: str, arming: datetime | None, *, settled_by: str | None = None) -> None:
        """`armed` becomes `uploading` again: it is certain that nothing came of this `arming` (`armed_at`). A row that
        was armed anew since stays as it is. None is whichever arming there is: a person's word, that of `settled_by`. A
        failed row stays failed, but may be reopened from now on."""
        await self._move(
            key,
            """update posts set state = case state when 'armed' then 'uploading' else state end,
                      session = case state when 'armed' then session end, armed_at = null, updated_at = now()
               where key = $1 and state in ('armed', 'failed') and armed_at is not null
                     and ($2::timestamptz is null or armed_at = $2) returning state""",
            arming,
            settled=None if settled_by is None else (settled_by, {"posted": False}),
        )

    async def confirm(self, key: str, post: PublishedPost, *, settled_by: str | None = None) -> None:
        """The post exists: that holds for every earlier state of the row, and it is final.

        Raises `InvalidInput` (`post_id`) when the row, or another row, already has a different post: a duplicate
        that a person should look at."""
        post = redact_values(post)
        async with transaction(self._pool) as connection:
            before = await connection.fetchval("select state from posts where key = $1 for update", key)
            try:
                done = await connection.fetchval(
                    """update posts set state = 'posted', post_id = $2, error = '', session = null,
                              url = coalesce(nullif($3, ''), url), ended_at = now(), updated_at = now()
                       where key = $1 and (state in ('prepared', 'uploading', 'armed', 'failed') or post_id = $2)
                       returning state""",
                    key,
                    post.post_id,
                    post.url,
                )
            except asyncpg.UniqueViolationError as error:
                raise _another_rows(post.post_id) from error
            if done:
                if settled_by is not None and before != "posted":
                    told = {"posted": True, "post_id": post.post_id, "url": post.url}
                    await _audited(connection, "post.settle", key, settled_by, told, {"state": before})
                return
            other = await connection.fetchval("select post_id from posts where key = $1", key)
            if other is None:
                raise _unknown(key)
            raise InvalidInput(
                f"already posted as {other}, and now as {post.post_id}", field="post_id", remedy="delete one of the two"
            )

    async def refine(self, key: str, post: PublishedPost) -> None:
        """Adds the post's permanent id or its address to a posted row, where the platform reports them only later.

        Raises `InvalidInput` (`post_id`) when that id is another row's, or nothing is posted."""
        post = redact_values(post)
        async with transaction(self._pool) as connection:
            try:
                done = await connection.fetchval(
                    """update posts set post_id = $2, url = coalesce(nullif($3, ''), url), updated_at = now()
                       where key = $1 and state = 'posted' returning state""",
                    key,
                    post.post_id,
                    post.url,
                )
            except asyncpg.UniqueViolationError as error:
                raise _another_rows(post.post_id) from error
        if not done:
            raise InvalidInput(f"{key[:200]!r} is not a row that is posted", field="post_id", remedy="confirm it first")

    async def fail(self, key: str, error: str) -> None:
        """Ends the row; the first reason stays, and a post that exists stays posted. An armed row keeps its session:
        whether the post exists may be looked up by it later."""
        await self._move(
            key,
            """update posts set state = 'failed', error = $2, session = case state when 'armed' then session end,
                      ended_at = now(), updated_at = now()
               where key = $1 and state in ('prepared', 'uploading', 'armed') returning state""",
            redact(error).replace("\0", "")[:ERROR_CHARS],
        )

    async def void(self, key: str, error: str) -> None:
        """The platform itself has thrown the post away: a posted row fails, certain to have no post."""
        await self._move(
            key,
            """update posts set state = 'failed', error = $2, post_id = '', url = '', session = null, armed_at = null,
                      ended_at = now(), updated_at = now()
               where key = $1 and state = 'posted' returning state""",
            redact(error).replace("\0", "")[:ERROR_CHARS],
        )

    async def reopen(self, key: str) -> PostRow:
        """A failed row becomes `prepared` again, and one that failed armed becomes `armed`: whether its post exists is
        not for the table to guess, so it is looked up before anything is sent."""
        await self._move(
            key,
            """update posts set state = case when armed_at is null then 'prepared' else 'armed' end, error = '',
                      session = case when armed_at is not null then session end,
                      committed = case when armed_at is null then 0 else committed end,
                      ended_at = null, updated_at = now()
               where key = $1 and state = 'failed' returning state""",
        )
        row = await self.get(key)
        if row is None:
            raise _unknown(key)
        return row

    async def get(self, key: str) -> PostRow | None:
        """The row, or None."""
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(f"select {_ROW} from posts where key = $1", key)  # noqa: S608
        return _row(row) if row else None

    async def _move(
        self, key: str, update: str, *values: Any, must: str = "", settled: tuple[str, dict[str, Any]] | None = None
    ) -> bool:
        """Runs one guarded update, and returns whether it changed the row. A row in another state is not changed; with
        `must` it raises. `settled` is whose word it is, and which, for the audit."""
        async with transaction(self._pool) as connection:
            if await connection.fetchval(update, key, *values):
                if settled is not None:
                    await _audited(connection, "post.settle", key, *settled)
                return True
            state = await connection.fetchval("select state from posts where key = $1", key)
        if state is None:
            raise _unknown(key)
        if must:
            raise InvalidInput(f"a post that is {state} cannot {must}", field="key", remedy="reconcile it instead")
        return False


async def _only_one_live(connection: Any, key: str, again_by: str) -> None:
    """Raises `PostRejected` when another row has this content's live post on the account, unless another was requested:
    the row then gets the next number. One that is live itself stays as it is."""
    other = await connection.fetchrow(
        """select other.key, other.post_id, other.url, other.again, mine.content_id, mine.platform
           from posts as mine join posts as other
               on (other.content_id, other.platform, other.account) = (mine.content_id, mine.platform, mine.account)
           where mine.key = $1 and other.key <> mine.key and other.again >= mine.again
                 and (other.state in ('armed', 'posted') or (other.state = 'failed' and other.armed_at is not null))
                 and not (mine.state in ('armed', 'posted') or (mine.state = 'failed' and mine.armed_at is not null))
           order by other.again desc limit 1""",
        key,
    )
    if other is None:
        return
    if not again_by:
        raise _live(other["url"] or other["post_id"], other["content_id"], other["platform"])
    await connection.execute(
        "update posts set again = $2, again_by = $3, updated_at = now() where key = $1",
        key,
        other["again"] + 1,
        again_by,
    )
    before = {"key": other["key"], "post_id": other["post_id"]}
    await _audited(connection, "post.again", key, again_by, {"again": other["again"] + 1}, before)


async def _audited(connection: Any, action: str, key: str, by: str, after: Any, before: Any = None) -> None:
    row = await connection.fetchrow("select content_id, platform, account from posts where key = $1", key)
    subject = f"{row['platform']}/{row['account']}"
    after = {"key": key, **after}
    await record(connection, action, subject, by=by, content_id=row["content_id"], before=before, after=after)


def _live(post: str = "", content_id: str = "ID", platform: str = "PLATFORM") -> PostRejected:
    """`post` is the address or id of the other post, empty while its outcome is open."""
    return PostRejected(
        f"this content is posted on the account already: {post}"
        if post
        else "another version of this content was sent to the account, and may be posted",
        field="post",
        remedy=f"`reelwright retry {content_id} --platform {platform} --post-again` posts this version as well",
    )


def _unknown(key: str) -> InvalidInput:
    return InvalidInput(f"there is no post {key[:200]!r}", field="key", remedy="prepare it first")


def _another_rows(post_id: str) -> InvalidInput:
    return InvalidInput(f"{post_id} is already another row's post", field="post_id", remedy="look at both")


def _row(row: Any) -> PostRow:
    values = {name: row[name] for name in _ROW.split(", ")}
    values["session"] = json.loads(row["session"]) if row["session"] else None
    known = PostRow.model_validate(values)
    if known.session:
        _know_addresses(known.session.state)
    return known


def _written(session: UploadSession) -> str:
    """The session as JSON. From now on its addresses count as secrets: an address gives write access."""
    _know_addresses(session.state)
    return session.model_dump_json()


def _know_addresses(value: Any) -> None:
    if isinstance(value, str) and "://" in value:
        know_address(value)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _know_addresses(item)
