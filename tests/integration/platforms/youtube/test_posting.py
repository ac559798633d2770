"""The YouTube adapter against the sandbox over real HTTP: uploads, straight and interrupted."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    AssetCorrupt,
    PlatformTransient,
    SessionLost,
)
from reelwright.platforms.youtube.publisher import YouTubePublisher
from reelwright.platforms.youtube.upload import GRANULE

from ...conftest import Sandbox
from .kit import (
    CHUNK,
    LAST,
    VIDEO,
    Source,
    begun,
    draft,
    post_with_retries,
    publish,
    publisher_for,
    the_one_post,
    upload,
)


@pytest.fixture
def publisher(sandbox: Sandbox, http: httpx.AsyncClient) -> YouTubePublisher:
    return publisher_for(sandbox, http)


# --- the straight way -----------------------------------------------------------------------------------------------


async def test_a_whole_upload_is_byte_equal(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    source, told = Source(), list[int]()
    session = await begun(publisher)
    assert (await publisher.progress(session)).committed == 0
    progress = await upload(publisher, session, source, told.append)
    assert (progress.committed, progress.total, progress.post_id) == (LAST, len(VIDEO), "")
    assert told == [CHUNK, 2 * CHUNK, 3 * CHUNK, 4 * CHUNK, 5 * CHUNK]
    assert await sandbox.posts() == []
    assert source.opened == [0] and source.open_now == 0
    post = await publish(publisher, session, source)
    told_post = await the_one_post(sandbox, post)
    assert source.opened == [0, LAST] and source.open_now == 0
    snippet, status = told_post["meta"]["snippet"], told_post["meta"]["status"]
    assert snippet["title"] == draft().title and snippet["description"] == draft().description
    assert snippet["tags"] == ["octopus", "deep sea", draft().marker]
    assert (snippet["categoryId"], snippet["defaultLanguage"]) == ("27", "pt-BR")
    assert status["privacyStatus"] == "unlisted"
    assert status["containsSyntheticMedia"] is True and status["selfDeclaredMadeForKids"] is False
    assert await publish(publisher, session, source) == post
    assert (await upload(publisher, session, source, told.append)).post_id == post.post_id
    await the_one_post(sandbox, post)


async def test_streaming_reads_no_further_than_a_chunk_ahead(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    source = Source()
    ahead: list[int] = []
    session = await begun(publisher)
    await upload(publisher, session, source, lambda done: ahead.append(source.read_at_most - done))
    assert max(ahead) <= source.piece


async def test_a_large_upload_needs_little_memory(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    """A chunk may be larger than what is in memory of it: it is read while it is sent."""
    size, block = 48 << 20, bytes(1 << 20)

    async def source(offset: int) -> AsyncIterator[bytes]:
        for at in range(offset, size, len(block)):
            yield bytes(bytearray(block)[: size - at])

    publisher = publisher_for(sandbox, http, chunk_size=32 << 20)
    session = await begun(publisher, size)
    tracemalloc.start()
    await upload(publisher, session, source)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 << 20
    post = await publish(publisher, session, source)
    await the_one_post(sandbox, post, hashlib.sha256(bytes(size)).hexdigest())


async def test_a_chunk_that_must_be_sent_again_is_read_again(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    """More than the feed keeps was sent and not kept by the platform."""
    data = hashlib.shake_256(b"long").digest(20 << 20)
    publisher = publisher_for(sandbox, http, chunk_size=16 << 20)
    source, session = Source(data, 1 << 20), await begun(publisher, len(data))
    await sandbox.fault("expire_token", op="put")
    await sandbox.fault("partial_commit", op="put", keep=GRANULE)
    post = await post_with_retries(publisher, session, source)
    await the_one_post(sandbox, post, hashlib.sha256(data).hexdigest())
    assert source.opened == [0, 0, GRANULE, len(data) - GRANULE] and source.open_now == 0


@pytest.mark.parametrize("size", [1, GRANULE - 1, GRANULE, GRANULE + 1, CHUNK, CHUNK + 1])
async def test_small_and_even_sizes(publisher: YouTubePublisher, sandbox: Sandbox, size: int) -> None:
    data = VIDEO[:size]
    session = await begun(publisher, size)
    progress = await upload(publisher, session, Source(data))
    assert progress.committed == (size - 1) // GRANULE * GRANULE < size
    assert await sandbox.posts() == []
    post = await publish(publisher, session, Source(data))
    await the_one_post(sandbox, post, hashlib.sha256(data).hexdigest())


async def test_publish_alone_sends_everything(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await the_one_post(sandbox, await publish(publisher, await begun(publisher), Source()))


async def test_a_source_that_is_too_short_posts_nothing(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    with pytest.raises(AssetCorrupt):
        await publish(publisher, session, Source(VIDEO[:-1]))
    assert await sandbox.posts() == []


# --- what goes wrong on the way -------------------------------------------------------------------------------------

FAULTS: dict[str, list[dict[str, Any]]] = {
    "reset in the first chunk": [{"point": "reset_at_byte", "at_byte": 1_000}],
    "reset in the middle": [{"point": "reset_at_byte", "at_byte": 2 * CHUNK + GRANULE + 77}],
    "reset at a chunk's edge": [{"point": "reset_at_byte", "at_byte": 3 * CHUNK}],
    "reset in the last piece": [{"point": "reset_at_byte", "at_byte": LAST + 5_000}],
    "resets everywhere": [{"point": "reset_at_byte", "at_byte": n * CHUNK + 5} for n in range(5)],
    "reply lost in the middle": [{"point": "after_commit_before_reply", "op": "put", "skip": 2}],
    "reply lost after the last byte": [{"point": "after_commit_before_reply", "op": "final"}],
    "broken before the last byte": [{"point": "before_commit", "op": "final"}],
    "nothing kept": [{"point": "partial_commit", "op": "put", "keep": 0, "count": 2}],
    "less kept than sent": [{"point": "partial_commit", "op": "put", "keep": GRANULE + 9, "count": 4}],
    "503 in the middle": [{"point": "status", "op": "put", "status": 503, "skip": 1, "count": 3}],
    "500 on the last byte": [{"point": "status", "op": "final", "status": 500, "body": "<html>oops</html>"}],
    "502 on the probe": [{"point": "status", "op": "probe", "status": 502, "count": 2}],
    "429 in passing": [
        {
            "point": "status",
            "op": "put",
            "status": 429,
            "body": '{"error":{"code":429,"message":"Too many per minute","errors":[{"reason":"rateLimitExceeded"}]}}',
        }
    ],
    "token expired in the middle": [{"point": "expire_token", "op": "put", "skip": 2}],
    "token expired on the last byte": [{"point": "expire_token", "op": "final"}],
    "lost reply, then a probe that fails": [
        {"point": "after_commit_before_reply", "op": "final"},
        {"point": "status", "op": "probe", "status": 503, "skip": 2, "count": 2},
    ],
    "lost reply, then no probe for long": [
        {"point": "after_commit_before_reply", "op": "final"},
        {"point": "status", "op": "probe", "status": 503, "skip": 2, "count": 6},
    ],
}


@pytest.mark.parametrize("name", FAULTS)
async def test_interruptions_end_in_exactly_one_post(publisher: YouTubePublisher, sandbox: Sandbox, name: str) -> None:
    session = await begun(publisher)
    await sandbox.post("faults", FAULTS[name])
    post = await post_with_retries(publisher, session, Source())
    await the_one_post(sandbox, post)
    assert await sandbox.faults_left() == []


async def test_a_server_that_keeps_little_of_every_chunk(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    await sandbox.settings(max_commit=GRANULE)
    source = Source()
    session = await begun(publisher)
    await the_one_post(sandbox, await post_with_retries(publisher, session, source))
    assert source.opened == [0, LAST], "what was read is not read again"


async def test_the_sandbox_restarts_in_the_middle(
    publisher: YouTubePublisher, sandbox: Sandbox, http: httpx.AsyncClient
) -> None:
    session = await begun(publisher)
    await sandbox.fault("before_commit", op="put", skip=3, count=50)
    with pytest.raises(PlatformTransient):
        await upload(publisher, session, Source())
    port = sandbox.port
    assert sandbox.stop() == 0
    with pytest.raises(PlatformTransient, match="could not be reached"):
        await publisher.progress(session)
    sandbox.start(port)
    await sandbox.client.delete(f"{sandbox.url}/_control/faults")
    assert (await publisher.progress(session)).committed == 3 * CHUNK
    await the_one_post(sandbox, await post_with_retries(publisher, session, Source()))


async def test_session_expired(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    session = await begun(publisher)
    await sandbox.fault("expire_session", op="put", skip=1)
    with pytest.raises(SessionLost):
        await upload(publisher, session, Source())
    for call in (publisher.progress(session), publish(publisher, session, Source())):
        with pytest.raises(SessionLost):
            await call
    assert (await publisher.reconcile(draft(), session, None)).outcome == "unknown"
    await the_one_post(sandbox, await post_with_retries(publisher, await begun(publisher), Source()))


async def test_session_gone_at_the_last_byte_is_not_posted_blindly(
    publisher: YouTubePublisher, sandbox: Sandbox
) -> None:
    session = await begun(publisher)
    await upload(publisher, session, Source())
    await sandbox.fault("expire_session", op="final")
    with pytest.raises(SessionLost):
        await publish(publisher, session, Source())
    assert (await publisher.reconcile(draft(), session, None)).outcome == "unknown"
    assert await sandbox.posts() == []


async def test_two_workers_publish_the_same_session(publisher: YouTubePublisher, sandbox: Sandbox) -> None:
    """A worker that was thought dead and the one that took over: one video, and both are told so."""
    session = await begun(publisher)
    first, second = await asyncio.gather(
        post_with_retries(publisher, session, Source()), post_with_retries(publisher, session, Source())
    )
    assert first == second
    await the_one_post(sandbox, first)
