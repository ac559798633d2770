"""What the storage tests file: contents, results, posts. Shared, not tests themselves."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from reelwright.domain.assets import AssetRef
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.posting import PostDraft, PublishTask, UploadSession
from reelwright.storage.approvals import PostgresApprovals
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.posts import PostgresPostLedger

SHA = "ab" + "0" * 62
OTHER_SHA = "cd" + "1" * 62
FILE = AssetRef(key=f"ab/{SHA}.mp4", sha256=SHA, size=1234, media_type="video/mp4")


def draft(account: str = "default") -> PostDraft:
    return PostDraft(platform=Platform.YOUTUBE, account=account, title="T", description="D", marker="rw0")


def session(uri: str = "https://example.org/?upload_id=1") -> UploadSession:
    return UploadSession(platform=Platform.YOUTUBE, account="default", total=1234, state={"uri": uri})


async def settled(pool: Any) -> None:
    """Until every transaction on the server that began before now has ended: news of later ones wait for it, whichever
    test's it is."""
    now = await pool.fetchval("select pg_current_xact_id()::text::bigint")
    async with asyncio.timeout(600):
        while await pool.fetchval("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint") <= now:
            await asyncio.sleep(0.05)


def fresh() -> str:
    return "c" + uuid.uuid4().hex[:12]


async def open_content(catalog: PostgresCatalog, content_id: str, sha: str = SHA, key: str | None = None) -> None:
    await catalog.open_content(
        content_id,
        workflow_id=f"content-{content_id}",
        request_json='{"topic": "x"}',
        request_sha256=sha,
        request_key=key,
    )


async def approve(pool: Any, *tasks: PublishTask) -> None:
    """The approval that a content's pipeline would have put on record for these posts."""
    for task in tasks:
        await PostgresCatalog(pool).record_decision(
            f"{task.content_id}/decision/{SHA}", content_id=task.content_id, kind="review", decision="approve",
            by="ana", note="", artifact_sha256=SHA,
        )  # fmt: skip
        await PostgresApprovals(pool).record(task.content_id, SHA, [task.approval_digest])


async def record(catalog: PostgresCatalog, key: str, content: str, result: str, usd: float = 0.1) -> str:
    return await catalog.record_result(
        key, content_id=content, step="speech", result_json=result, assets=(FILE, FILE), provider="p", usd=usd
    )


async def ready(ledger: PostgresPostLedger, content: str) -> str:
    key = f"content-{content}/publish/youtube/default/post/1"
    await ledger.prepare(key, content_id=content, draft=draft(), video=FILE)
    await ledger.save_session(key, session())
    return key
