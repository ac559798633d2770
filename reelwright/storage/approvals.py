"""The `approved_posts` table: the last check before an upload. Implements `domain.ports.publishing.Approvals`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from reelwright.domain.errors import InvalidInput, PostRejected

from .database import transaction

_LAST = """select decision from decisions
           where content_id = $1 and kind = 'review' and artifact_sha256 = {artifact}
           order by decided_at desc, key desc limit 1"""
_PEOPLE = """select count(distinct lower(trim(decided_by))) from decisions
             where content_id = $1 and kind = 'review' and artifact_sha256 = $2 and decision = 'approve'"""
REMEDY = "let its ContentPipeline post it: what a reviewer approved there is on record"


class PostgresApprovals:
    """`pool` is an `asyncpg.Pool`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def record(
        self, content_id: str, artifact_sha256: str, digests: Sequence[str], *, approvers: int = 1
    ) -> None:
        """Notes that these posts are made from this material; the same again changes nothing. Raises `InvalidInput`
        (`approval`) when the last decision on record about the material is not an approval, or fewer people than
        `approvers` have approved it."""
        async with transaction(self._pool) as connection:
            decision = await connection.fetchval(_LAST.format(artifact="$2"), content_id, artifact_sha256)
            if decision != "approve":
                raise InvalidInput(
                    f"the material {artifact_sha256[:12]} of content {content_id[:120]!r} is not approved"
                    + (f": the last decision is {decision}" if decision else ""),
                    field="approval",
                    remedy="have it reviewed first",
                )
            people = await connection.fetchval(_PEOPLE, content_id, artifact_sha256) if approvers > 1 else 1
            if people < approvers:
                raise InvalidInput(
                    f"{people} of {approvers} people have approved the material {artifact_sha256[:12]}",
                    field="approval",
                    remedy="have it approved by another person",
                )
            # The posts of this content are known from now on: what stood for any of them goes.
            await connection.execute("delete from approved_posts where content_id = $1 and digest = '*'", content_id)
            try:
                await connection.executemany(
                    """insert into approved_posts (content_id, digest, artifact_sha256) values ($1, $2, $3)
                       on conflict (content_id, digest) do update
                           set artifact_sha256 = excluded.artifact_sha256, recorded_at = now()""",
                    [(content_id, digest, artifact_sha256) for digest in digests],
                )
            except asyncpg.CheckViolationError as error:
                raise InvalidInput("not a sha256", field="digests", remedy="give approval digests") from error

    async def need(self, content_id: str, digest: str) -> None:
        """Returns when the post was made from material whose last decision on record is an approval. Raises
        `PostRejected` (`approval`) otherwise."""
        async with transaction(self._pool) as connection:
            known = await connection.fetchrow(
                f"""select artifact_sha256, ({_LAST.format(artifact="approved_posts.artifact_sha256")}) as decision
                    from approved_posts where content_id = $1 and digest in ($2, '*') order by digest desc limit 1""",  # noqa: S608
                content_id,
                digest,
            )
        if known is None:
            raise PostRejected(
                "no approval is on record for exactly this text and video", field="approval", remedy=REMEDY
            )
        if known["decision"] != "approve":
            raise PostRejected(
                f"the last decision about its material ({known['artifact_sha256'][:12]}) is {known['decision']}",
                field="approval",
                remedy=REMEDY,
            )
