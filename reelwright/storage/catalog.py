"""The database's view of content: implements `domain.ports.Catalog`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import asyncpg
from pydantic import ValidationError

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.status import ContentResult, Stage
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import Noted
from reelwright.domain.redaction import redact_known

from . import evidence
from .amounts import dollars
from .audit import record
from .database import transaction
from .purchases import PurchaseRows, settle


class PostgresCatalog(PurchaseRows):
    """`pool` is an `asyncpg.Pool`. Every write is idempotent by its key."""

    async def open_content(
        self,
        content_id: str,
        *,
        workflow_id: str,
        request_json: str,
        request_sha256: str,
        request_key: str | None,
    ) -> None:
        """Claims the id and the request key. The same request again is welcome and reopens a content that failed,
        was cancelled or is incomplete. Raises `InvalidInput` (`content_id`, `request_key`) when either belongs to
        another request."""
        async with transaction(self._pool) as connection:
            try:
                made = await connection.fetchval(
                    """insert into content (id, workflow_id, request, request_sha256, request_key, evidence)
                       values ($1, $2, $3, $4, $5, true) on conflict do nothing returning id""",
                    content_id,
                    workflow_id,
                    request_json,
                    request_sha256,
                    request_key,
                )
            except (asyncpg.CheckViolationError, asyncpg.DataError) as error:
                raise InvalidInput(
                    "not an id, request or key that can be stored", field="content_id", remedy="use plain characters"
                ) from error
            if made:
                return
            row = await connection.fetchrow("select request_sha256 from content where id = $1 for update", content_id)
            if row is None:
                owner = await connection.fetchval("select id from content where request_key = $1", request_key)
                raise InvalidInput(
                    f"it already belongs to content {owner}", field="request_key", remedy="use a new key"
                )
            if row["request_sha256"] != request_sha256:
                raise InvalidInput(
                    f"{content_id} was already used for another request",
                    field="content_id",
                    remedy="choose a new workflow id",
                )
            await connection.execute(
                """update content
                   set status = 'running', closed_at = null, result = null, workflow_id = $2, request = $3
                   where id = $1 and status in ('failed', 'cancelled', 'incomplete')""",
                content_id,
                workflow_id,
                request_json,
            )

    async def close_content(self, content_id: str, *, status: str, result_json: str) -> None:
        """Notes how a content ended, and its videos when the result is a `ContentResult`. The last close wins."""
        if status not in {stage.value for stage in Stage if stage.final}:
            raise InvalidInput(f"{status!r} is not an end", field="status", remedy="close with a final stage")
        async with transaction(self._pool) as connection:
            done = await connection.fetchval(
                """update content set status = $2, result = $3, closed_at = now() where id = $1 returning id""",
                content_id,
                status,
                redact_known(result_json),
            )
            if not done:
                raise _unknown(content_id)
            try:
                result = ContentResult.model_validate_json(result_json)
            except ValidationError:
                return  # some other account of the end: kept as it is, with no videos to take from it
            for video in result.videos:
                await _store_video(connection, content_id, video)

    async def find_result(self, key: str) -> str | None:
        """The JSON an effect ended with, exactly as it was recorded; None when it has not been done."""
        async with transaction(self._pool) as connection:
            found: str | None = await connection.fetchval("select result from results where key = $1", key)
            return found

    async def record_result(
        self,
        key: str,
        *,
        content_id: str,
        step: str,
        result_json: str,
        assets: tuple[AssetRef, ...],
        provider: str,
        usd: float,
        purchase: int | None = None,
        noted: Sequence[Noted] = (),
    ) -> str:
        """Stores an effect's result, its cost in US dollars, its files and what is `noted` of them as evidence, all or
        nothing. The first writer wins; the winner's JSON is returned to everyone. What came of a `purchase` has its
        cost booked already."""
        amount = dollars(usd)
        async with transaction(self._pool) as connection:
            try:
                # A concurrent insert of the same key waits here until the first has committed.
                won = await connection.fetchval(
                    """insert into results (key, content_id, step, result, provider) values ($1, $2, $3, $4, $5)
                       on conflict (key) do nothing returning key""",
                    *(key, content_id, step, redact_known(result_json), provider),
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise _unknown(content_id) from error
            except asyncpg.DataError as error:
                raise InvalidInput("not JSON that can be stored", field="result_json", remedy="mend it") from error
            if purchase is not None:
                await settle(connection, purchase, stored=bool(won))
            if not won:
                return str(await connection.fetchval("select result from results where key = $1", key))
            if purchase is None:
                await connection.execute(
                    "insert into costs (key, content_id, step, provider, usd) values ($1, $2, $3, $4, $5)",
                    *(key, content_id, step, provider, amount),
                )
            await _store_assets_of(connection, key, assets)
            await evidence.note(connection, noted, content_id, provider=provider, usd=usd, record=key)
            return result_json

    async def record_video(self, content_id: str, video: RenderedVideo) -> None:
        """Notes the newest delivered video of a content in one format."""
        async with transaction(self._pool) as connection:
            try:
                await _store_video(connection, content_id, video)
            except asyncpg.ForeignKeyViolationError as error:
                raise _unknown(content_id) from error

    async def videos(self, content_id: str) -> dict[str, AssetRef]:
        """The delivered videos by format."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                """select v.format, a.key, a.sha256, a.size, a.media_type
                   from videos v join assets a on a.key = v.asset_key where v.content_id = $1 order by v.format""",
                content_id,
            )
        return {row["format"]: AssetRef.model_validate(dict(row)) for row in rows}

    async def record_decision(
        self, key: str, *, content_id: str, kind: str, decision: str, by: str, note: str, artifact_sha256: str
    ) -> None:
        """Records a decision; the same key twice is one decision."""
        async with transaction(self._pool) as connection:
            before = await connection.fetchrow(
                """select decision, decided_by, artifact_sha256 from decisions
                   where content_id = $1 and kind = $2 order by decided_at desc, key desc limit 1""",
                content_id,
                kind,
            )
            try:
                new = await connection.fetchval(
                    """insert into decisions (key, content_id, kind, decision, decided_by, note, artifact_sha256)
                       values ($1, $2, $3, $4, $5, $6, $7) on conflict (key) do nothing returning true""",
                    key,
                    content_id,
                    kind,
                    decision,
                    by,
                    note,
                    artifact_sha256,
                )
            except asyncpg.ForeignKeyViolationError as error:
                raise _unknown(content_id) from error
            if new:
                await evidence.note_decision(
                    connection,
                    content_id,
                    kind=kind,
                    decision=decision,
                    by=by,
                    note=note,
                    artifact=artifact_sha256,
                    record=key,
                )
                await record(
                    connection,
                    f"decision.{kind}",
                    content_id,
                    by=by,
                    content_id=content_id,
                    before=dict(before) if before else None,
                    after={"decision": decision, "note": note, "artifact_sha256": artifact_sha256},
                )

    async def costs(self, content_id: str) -> dict[str, float]:
        """US dollars by step, free steps included."""
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(
                "select step, sum(usd) as usd from costs where content_id = $1 group by step order by step", content_id
            )
        return {row["step"]: float(row["usd"]) for row in rows}


def _unknown(content_id: str) -> InvalidInput:
    return InvalidInput(f"there is no content {content_id[:120]!r}", field="content_id", remedy="open it first")


async def _store_assets_of(connection: Any, key: str, assets: Collection[AssetRef]) -> None:
    """The files of a result."""
    for asset in sorted(set(assets), key=lambda asset: asset.key):  # one order for all: no deadlocks
        await _store_asset(connection, asset)
        await connection.execute(
            "insert into result_assets (result_key, asset_key) values ($1, $2) on conflict do nothing", key, asset.key
        )


async def _store_asset(connection: Any, asset: AssetRef) -> None:
    await connection.execute(
        "insert into assets (key, sha256, size, media_type) values ($1, $2, $3, $4) on conflict (key) do nothing",
        asset.key,
        asset.sha256,
        asset.size,
        asset.media_type,
    )


async def _store_video(connection: Any, content_id: str, video: RenderedVideo) -> None:
    await _store_asset(connection, video.file)
    await connection.execute(
        """insert into videos (content_id, format, asset_key, width, height, fps, frames, duration_s)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (content_id, format) do update set
               asset_key = excluded.asset_key, width = excluded.width, height = excluded.height,
               fps = excluded.fps, frames = excluded.frames, duration_s = excluded.duration_s, recorded_at = now()""",
        content_id,
        video.format.value,
        video.file.key,
        video.width,
        video.height,
        video.fps,
        video.frames,
        video.duration_s,
    )
