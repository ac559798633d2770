"""The studio under fire: `reelwright up` in a folder of its own, its accounts and videos, a finger on every process."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from temporalio.client import Client

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.video import RenderedVideo
from reelwright.domain.evidence import Noted
from reelwright.domain.formats import Platform, VideoFormat
from reelwright.domain.ids import effect_key, post_marker
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, PostKind, PostPicture, PublishTask
from reelwright.domain.publishing.quota import BUCKETS
from reelwright.storage.accounts import PostgresAccountStore
from reelwright.storage.catalog import PostgresCatalog
from reelwright.storage.database import connect as connect_database
from reelwright.storage.media import LocalMediaStore
from reelwright.storage.quota.ledger import PostgresQuotaLedger
from reelwright.storage.vault import Vault
from sandbox.platforms import sandbox_account
from tests.integration.storage.filing import approve
from tests.integration.studio.running import LocalStudio
from tests.jpegs import noise_jpeg
from workers.connect import connect
from workers.publishers import token_of

SIZES = (90_000, 700_000, 1_500_000, 9_000_000, 11_000_000)
"""Bytes: less than one piece anywhere, several of YouTube's, and more than one chunk on TikTok and LinkedIn."""


@dataclass
class World:
    """Everything a run needs to hand."""

    studio: LocalStudio
    client: Client
    pool: Any
    http: httpx.AsyncClient
    accounts: PostgresAccountStore
    videos: list[AssetRef]
    pictures: list[PostPicture]
    bytes_of: dict[str, bytes]
    content: str

    @property
    def sandbox(self) -> str:
        """Where the platforms stand."""
        return f"http://127.0.0.1:{self.studio.state.ports['sandbox']}"

    async def add_account(self, platform: Platform, name: str) -> None:
        """An account in the sandbox and in the vault."""
        known = sandbox_account(platform, name)
        info = AccountInfo(platform=platform, name=name, external_id=known.external_id, options=known.options)
        await self.accounts.put(info, token_of(platform, SecretStr(known.token)))

    def shown_sha256(self, task: PublishTask) -> str:
        """Of what is posted; of several pictures, of one after the other."""
        if not task.draft.pictures:
            return task.video.file.sha256
        return hashlib.sha256(b"".join(self.bytes_of[one.file.sha256] for one in task.draft.pictures)).hexdigest()

    async def task(
        self, platform: Platform, account: str, video: AssetRef, pictures: tuple[PostPicture, ...] = ()
    ) -> PublishTask:
        """A publication of a video of twenty seconds, or of pictures, approved."""
        key = effect_key(self.content, f"post/{platform.value}/{account}", video.sha256)
        draft = PostDraft(
            platform=platform, account=account, title=f"Fault {account}", description=f"The post of {account}.",
            tags=("faults",), marker=post_marker(key), pictures=pictures,
            kind=PostKind.PICTURES if pictures else PostKind.AUTO,
        )  # fmt: skip
        rendered = RenderedVideo(
            format=VideoFormat.TALL, file=video, width=1080, height=1920, fps=30, frames=600, duration_s=20.0
        )
        task = PublishTask(content_id=self.content, key=key, draft=draft, video=rendered)
        await approve(self.pool, task)
        return task

    async def generous(self) -> None:
        """The sandbox's daily numbers do not stand in the way of two hundred posts; the quota fault does."""
        await self._set("settings", {"inserts_per_day": 1_000_000, "units_per_day": 100_000_000})
        for platform in ("instagram", "facebook"):
            # Meta's tokens have no refresh token: without this, every expired one would want a person.
            await self._set(f"settings/{platform}", {"exchange_expired": True})
        # A quota fault that names the end of Bluesky's hour would be waited for: longer than a whole run may last.
        await self._set("settings/bluesky", {"rate_headers": False})

    async def _set(self, what: str, changes: dict[str, Any]) -> None:
        (await self.http.post(f"{self.sandbox}/_control/{what}", json=changes)).raise_for_status()

    async def new_day(self, platform: Platform, account: str) -> None:
        """The platform's quota begins anew, sooner than it would."""
        open_again = "update quota_buckets set spent_until = null where id = $1"
        closed = await self.pool.fetch(
            "select id from quota_buckets where platform = $1 and account in ('', $2) and spent_until is not null",
            platform.value,
            account,
        )
        for row in closed:  # a row at a time: the ledger locks several in an order of its own
            await self.pool.execute(open_again, row["id"])

    async def fault(self, fault: dict[str, Any]) -> None:
        """Lets something go wrong."""
        (await self.http.post(f"{self.sandbox}/_control/faults", json=fault)).raise_for_status()

    async def posts(self, platform: Platform) -> list[dict[str, Any]]:
        """What the platform really has."""
        answer = await self.http.get(f"{self.sandbox}/_control/posts", params={"platform": platform.value})
        return list(answer.raise_for_status().json()["posts"])

    def kill(self, name: str) -> bool:
        """kill -9 of one of the studio's processes, by its own pid; the supervisor starts another."""
        ref = self.studio.state.children.get(name)
        process = ref.process() if ref else None
        if process is None:
            return False
        os.kill(process.pid, signal.SIGKILL)
        return True


@asynccontextmanager
async def world(studio: LocalStudio, rng: random.Random) -> AsyncIterator[World]:
    """A world around a studio that is up."""
    env = studio.state.env
    pool = await connect_database(env["DATABASE_URL"], max_size=4)
    try:
        async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
            media = LocalMediaStore(Path(env["REELWRIGHT_MEDIA_URL"]))
            videos = [await media.put_bytes(rng.randbytes(size), "video/mp4") for size in SIZES]
            noise = [noise_jpeg(rng.randrange(10**6), 400, 500) for _ in range(6)]
            refs = [await media.put_bytes(data, "image/jpeg") for data in noise]
            pictures = [
                PostPicture(file=ref, width=400, height=500, alt=f"Noise {number}") for number, ref in enumerate(refs)
            ]
            bytes_of = {ref.sha256: data for ref, data in zip(refs, noise, strict=True)}
            content = f"faults-{rng.randrange(10**6)}"
            catalog = PostgresCatalog(pool)
            await catalog.open_content(
                content, workflow_id=f"content-{content}", request_json="{}", request_sha256="0" * 64, request_key=None
            )
            noted = [Noted(kind="video", file=video) for video in videos]
            noted += [Noted(kind="post_picture", file=picture) for picture in refs]
            await catalog.record_result(
                content, content_id=content, step="render", result_json="{}", assets=(*videos, *refs), provider="local",
                usd=0.0, noted=noted,
            )  # fmt: skip
            client = await connect(env["TEMPORAL_ADDRESS"])
            ledger = PostgresQuotaLedger(pool)
            for bucket in BUCKETS:  # a day's worth of posts is made in minutes here; quota is one of the faults
                await ledger.set_limit(bucket.platform, bucket.name, 10_000_000)
            accounts = PostgresAccountStore(pool, Vault(SecretStr(env["REELWRIGHT_SECRET_KEY"])))
            yield World(studio, client, pool, http, accounts, videos, pictures, bytes_of, content)
    finally:
        await pool.close()


async def outlasting(call: Any, patience_s: float = 120) -> Any:
    """The result of a call to a Temporal server that may just have been killed, as may its workers."""
    from temporalio.service import RPCError, RPCStatusCode

    from control.temporal.port import CallFailed

    passing = (
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.UNKNOWN,
        RPCStatusCode.RESOURCE_EXHAUSTED,  # "workflow is busy", just after a restart
        RPCStatusCode.FAILED_PRECONDITION,  # "no poller seen for task queue recently", just after a worker was killed
    )
    async with asyncio.timeout(patience_s):
        while True:
            try:
                return await call()
            except (RPCError, CallFailed) as error:
                if (error.code if isinstance(error, CallFailed) else error.status) not in passing:
                    raise
                await asyncio.sleep(1)
