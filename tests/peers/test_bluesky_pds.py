"""Posting to Bluesky's own server, from npm (`make pds`): what our sandbox says of the AT Protocol is true of it.

Real are accounts and app passwords, sessions and their renewal, service tokens, blobs, `putRecord` with `swapRecord`,
and the lexicons that the server checks records against. Bluesky's video service is not published; `video_service.py`
stands for it and stores each video on the real server.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization, OutcomeUnknown
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import PostDraft, PublishedPost
from reelwright.platforms.bluesky.publisher import BlueskyPublisher
from reelwright.platforms.bluesky.sessions import SessionGrant
from reelwright.platforms.common.sign_in import ClientCredentials
from reelwright.platforms.common.vault_tokens import VaultTokens

from ..integration.platforms.bluesky.kit import VIDEO, Files, captions, draft, facts
from ..integration.platforms.contract import MemoryAccounts
from .video_service import VideoService

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent / "pds"
POST = "app.bsky.feed.post"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server's address."""
    node = os.environ.get("PDS_NODE") or shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        pytest.skip("Bluesky's server is not installed: run it as `make pds`")
    own = {"PORT": str(free_port()), "PLC_PORT": str(free_port()), "DIR": str(tmp_path_factory.mktemp("pds"))}
    process = subprocess.Popen(
        [node, "serve.mjs"], cwd=HERE, env={"PATH": os.environ["PATH"], **own}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = next((line for line in process.stdout if line.startswith("ready ")), "")
        assert line, "the server ended before it was ready"
        yield line.split()[1]
    finally:
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def served(service: VideoService) -> Iterator[str]:
    """The service on a port of its own, in a thread."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(service.app(), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class Dropping(httpx.AsyncHTTPTransport):
    """Loses the answer to the next request for `method`, after the server has done what it says."""

    method = ""
    lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if self.method and self.method in request.url.path:
            self.method, self.lost = "", self.lost + 1
            await response.aread()
            raise httpx.ReadError("connection reset", request=request)
        return response


@dataclass
class Account:
    """One account of the real server, our adapter, and the row of a post."""

    did: str
    pds: str
    http: httpx.AsyncClient
    wire: Dropping
    tokens: VaultTokens
    publisher: BlueskyPublisher
    accounts: MemoryAccounts
    session: Any = None
    armed_at: datetime | None = None

    async def checkpoint(self, session: Any, committed: int) -> None:
        self.session = type(session).model_validate_json(session.model_dump_json())

    async def uploaded(self, wanted: PostDraft) -> None:
        await self.checkpoint(await self.publisher.begin(wanted, facts()), 0)
        await self.publisher.upload(wanted, self.session, Files().given(), self.checkpoint)
        assert (await self.publisher.ready(wanted, self.session)).state.value == "live"

    async def publish(self, wanted: PostDraft) -> PublishedPost:
        self.armed_at = datetime.now(UTC)
        return await self.publisher.publish(wanted, self.session, Files().given(), self.checkpoint)

    async def records(self) -> list[dict[str, Any]]:
        params = {"repo": self.did, "collection": POST}
        answer = await self.http.get(f"{self.pds}/xrpc/com.atproto.repo.listRecords", params=params)
        return list(answer.raise_for_status().json()["records"])

    async def the_one_record(self, post: PublishedPost) -> dict[str, Any]:
        """There is one post, this one, and the server holds all bytes of its video."""
        (record,) = await self.records()
        assert record["uri"] == f"at://{self.did}/{POST}/{post.post_id}"
        cid = record["value"]["embed"]["video"]["ref"]["$link"]
        blob = await self.http.get(f"{self.pds}/xrpc/com.atproto.sync.getBlob", params={"did": self.did, "cid": cid})
        assert blob.raise_for_status().content == VIDEO
        return dict(record)


@pytest.fixture
async def account(pds: str) -> AsyncIterator[Account]:
    wire = Dropping()
    async with httpx.AsyncClient(transport=wire, timeout=30) as http:
        service = VideoService(pds)
        name = f"u{os.urandom(6).hex()}"
        asked = {"handle": f"{name}.test", "email": f"{name}@example.com", "password": os.urandom(12).hex()}
        made = await http.post(f"{pds}/xrpc/com.atproto.server.createAccount", json=asked)
        owner = {"Authorization": f"Bearer {made.raise_for_status().json()['accessJwt']}"}
        app = await http.post(
            f"{pds}/xrpc/com.atproto.server.createAppPassword", json={"name": "reelwright"}, headers=owner
        )
        accounts = MemoryAccounts()
        secret = SecretStr(f"{name}.test:{app.raise_for_status().json()['password']}")
        await accounts.put(
            AccountInfo(platform=Platform.BLUESKY, name="main"),
            StoredToken(refresh_token=secret, flow="bluesky", origin=Origin.REAL),
        )
        tokens = VaultTokens(
            http,
            accounts,
            Platform.BLUESKY,
            ClientCredentials("", "", {"bluesky": SessionGrant(pds)}),
            origin=Origin.REAL,
            retry_wait_s=0.01,
        )
        with served(service) as video_url:
            publisher = BlueskyPublisher(http, tokens, service_url=pds, video_url=video_url, retry_wait_s=0.01)
            yield Account(made.json()["did"], pds, http, wire, tokens, publisher, accounts)


async def test_a_post_with_captions_and_a_thread(account: Account) -> None:
    wanted = draft(captions=(captions(),), thread=("First, the gills.",), first_comment="And the third?")
    await account.uploaded(wanted)
    post = await account.publish(wanted)
    record = await account.the_one_record(post)
    assert record["value"]["embed"]["captions"][0]["lang"] == "de"
    before = ""
    for extra in account.publisher.extras(wanted):
        assert await account.publisher.attached(wanted, post, extra) == ""
        before = await account.publisher.attach(wanted, post, extra, Files().given(), before)
        assert await account.publisher.attach(wanted, post, extra, Files().given(), before) == before, "said twice"
        assert await account.publisher.attached(wanted, post, extra) == before
    replies = [record["value"]["reply"] for record in await account.records() if "reply" in record["value"]]
    assert len(replies) == 2 and {reply["root"]["uri"] for reply in replies} == {record["uri"]}
    await account.publisher.delete("main", post.post_id)
    assert all(record["uri"].rpartition("/")[2] != post.post_id for record in await account.records())


async def test_the_same_call_again_changes_nothing(account: Account) -> None:
    wanted = draft()
    await account.uploaded(wanted)
    first = await account.publish(wanted)
    record = await account.the_one_record(first)
    assert await account.publish(wanted) == first
    assert await account.the_one_record(first) == record


async def test_a_record_with_our_key_and_another_content_is_never_written_over(account: Account) -> None:
    wanted = draft()
    await account.uploaded(wanted)
    first = await account.publish(wanted)
    record = await account.the_one_record(first)
    await account.uploaded(wanted)  # a new upload session, in which the record is written anew
    assert await account.publish(wanted.model_copy(update={"description": "Another text"})) == first
    assert await account.the_one_record(first) == record


async def test_a_lost_answer_is_settled_by_reading(account: Account) -> None:
    wanted = draft()
    await account.uploaded(wanted)
    told = await account.publisher.reconcile(wanted, account.session, None)
    assert told.outcome == "absent"
    account.wire.method = "putRecord"
    try:
        post = await account.publish(wanted)
    except OutcomeUnknown:
        told = await account.publisher.reconcile(wanted, account.session, account.armed_at)
        assert told.outcome == "posted" and told.post is not None
        post = told.post
    assert account.wire.lost == 1
    await account.the_one_record(post)


async def test_a_session_is_renewed_and_ends_for_good_with_its_app_password(account: Account) -> None:
    first = await account.tokens.access_token("main")
    second = int(datetime.now(UTC).timestamp())
    while int(datetime.now(UTC).timestamp()) == second:  # two of one second are the same token
        await asyncio.sleep(0.1)
    both = await asyncio.gather(*(account.tokens.access_token("main", rejected=first) for _ in range(2)))
    assert first not in both and both[0] == both[1]
    stored = await account.accounts.token(Platform.BLUESKY, "main")
    assert (
        stored is not None
        and stored.expires_at is not None
        and stored.expires_at > datetime.now(UTC) + timedelta(minutes=1)
    )
    wrong = stored.model_copy(
        update={"refresh_token": SecretStr("u.test:wrong-pass-word-here"), "access_token": SecretStr("")}
    )
    await account.accounts.put(AccountInfo(platform=Platform.BLUESKY, name="main"), wrong)
    with pytest.raises(NeedsAuthorization):
        await account.tokens.access_token("main")
