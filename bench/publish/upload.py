"""One large file to a sandbox on loopback: through the YouTube adapter out of the local media store, and as a bare
streaming PUT by httpx of the same bytes to a sink that stores and hashes alike. Each in a process of its own."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from reelwright.domain.assets import AssetRef
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import PostFiles, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.posting import PostDraft, UploadSession
from reelwright.platforms.youtube.publisher import YouTubePublisher
from reelwright.storage.media import LocalMediaStore

from .stage import MB, Memory

READ = MB
"""Bytes the bare PUT reads and sends at once."""


async def make_video(folder: Path, megabytes: int) -> AssetRef:
    """A file of random bytes in the local media store under `folder`."""
    source, block = folder / "video.bin", os.urandom(16 * MB)
    with source.open("wb") as file:
        for number in range(megabytes // 16):
            file.write(hashlib.sha256(number.to_bytes(4)).digest() + block[32:])
    ref = await LocalMediaStore(folder / "media").put(source, "video/mp4")
    source.unlink()
    return ref


class OneToken:
    """An access token that outlives the upload. Implements `oauth.AccessTokens`."""

    def __init__(self, token: str) -> None:
        self._token = token

    @staticmethod
    async def of(client: httpx.AsyncClient, url: str) -> OneToken:
        """The sandbox's token endpoint makes an account of any refresh token that begins like its own."""
        form = {"grant_type": "refresh_token", "refresh_token": "1//sandbox-bench"}
        answer = await client.post(f"{url}/token", data={**form, "client_id": "bench", "client_secret": "bench"})
        return OneToken(str(answer.raise_for_status().json()["access_token"]))

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """See `AccessTokens`."""
        assert not rejected, "the sandbox refused its own token"
        return self._token

    async def info(self, account: str) -> AccountInfo:
        """See `AccessTokens`."""
        return AccountInfo(platform=Platform.YOUTUBE, name=account)


async def through_adapter(folder: Path, url: str, ref: AssetRef) -> dict[str, float]:
    """Begin, upload, publish; seconds, and how far the memory rose."""
    store = LocalMediaStore(folder / "media")
    draft = PostDraft(platform=Platform.YOUTUBE, account="bench", title="Large", description="", marker="rwbench")
    facts = VideoFacts(width=1920, height=1080, duration_s=600, fps=30, size=ref.size)
    files = PostFiles(lambda start: store.read(ref, start=start), _unused)
    async with httpx.AsyncClient(trust_env=False, timeout=120) as client:
        publisher = YouTubePublisher(client, await OneToken.of(client, url), url)
        with Memory() as memory:
            began = time.perf_counter()
            session = await publisher.begin(draft, facts)
            await publisher.upload(draft, session, files, _kept)
            post = await publisher.publish(draft, session, files, _kept)
            seconds = time.perf_counter() - began
        posts = (await client.get(f"{url}/_control/posts")).json()["posts"]
        assert [(each["post_id"], each["sha256"]) for each in posts] == [(post.post_id, ref.sha256)], "bytes differ"
        await client.post(f"{url}/_control/reset")
    return {"seconds": seconds, "rss_growth_mb": memory.growth_mb}


async def bare(folder: Path, url: str, ref: AssetRef) -> dict[str, float]:
    """The same bytes in one PUT."""
    path = folder / "media" / ref.key

    async def pieces() -> AsyncIterator[bytes]:
        with path.open("rb") as file:
            while block := file.read(READ):
                yield block

    async with httpx.AsyncClient(trust_env=False, timeout=120) as client:
        await client.get(f"{url}/_control/health")
        with Memory() as memory:
            began = time.perf_counter()
            headers = {"Content-Length": str(ref.size)}
            answer = await client.put(f"{url}/_control/sink", content=pieces(), headers=headers)
            seconds = time.perf_counter() - began
    assert answer.json() == {"sha256": ref.sha256, "size": ref.size}, "bytes differ"
    return {"seconds": seconds, "rss_growth_mb": memory.growth_mb}


async def _unused(ref: AssetRef) -> bytes:
    raise AssertionError(f"nothing but the video is read, and not {ref.key}")


async def _kept(session: UploadSession, committed: int) -> None:
    """Clears the benchmark's ledger."""
