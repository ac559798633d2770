"""The SDK of the AT Protocol, `atproto`, against the sandbox: what it takes for a PDS is one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from reelwright.platforms.bluesky.post import rkey_of
from reelwright.platforms.bluesky.text import facets_of
from sandbox.bluesky.nouns import did_of, handle_of
from tests.lazily import Lazily

from ...conftest import Sandbox
from .kit import VIDEO

atproto, exceptions = Lazily("atproto"), Lazily("atproto.exceptions")

ACCOUNT = "main"


@pytest.fixture
async def client(sandbox: Sandbox) -> Any:
    made = atproto.Client(base_url=sandbox.url)
    await asyncio.to_thread(made.login, handle_of(ACCOUNT), f"sandbox-{ACCOUNT}")
    return made


async def posts(sandbox: Sandbox) -> list[dict[str, Any]]:
    return [post for post in await sandbox.posts() if post["platform"] == "bluesky"]


async def test_it_signs_in_and_posts(client: Any, sandbox: Sandbox) -> None:
    assert client.me is not None and client.me.did == did_of(ACCOUNT)
    text = atproto.client_utils.TextBuilder().text("Grüße 👋🏽 ").link("hier", "https://example.com")
    text = text.text(" ").tag("#See", "See")
    made = await asyncio.to_thread(client.send_post, text)
    (told,) = await posts(sandbox)
    assert made.uri.endswith(told["post_id"]) and made.cid == told["meta"]["cid"]
    assert [facet["index"] for facet in told["meta"]["record"]["facets"]] == [
        {"byteStart": 17, "byteEnd": 21, "$type": "app.bsky.richtext.facet#byteSlice"},
        {"byteStart": 22, "byteEnd": 26, "$type": "app.bsky.richtext.facet#byteSlice"},
    ]


async def test_its_records_and_ours_are_read_alike(client: Any) -> None:
    """A record as the adapter writes it, in the SDK's own models."""
    text = "See #Töpfern on example.com"
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-01-01T00:00:00.000Z",
              "langs": ["de"], "facets": facets_of(text, {})}  # fmt: skip
    body: dict[str, Any] = {
        "repo": did_of(ACCOUNT),
        "collection": "app.bsky.feed.post",
        "rkey": rkey_of("x"),
        "record": record,
    }
    first = await asyncio.to_thread(client.com.atproto.repo.put_record, body)
    again = await asyncio.to_thread(client.com.atproto.repo.put_record, body)
    assert first.cid == again.cid and first.commit is not None and again.commit is None
    found = await asyncio.to_thread(client.get_post, rkey_of("x"), did_of(ACCOUNT))
    assert found.value.text == text and isinstance(
        found.value.facets[0].features[0], atproto.models.AppBskyRichtextFacet.Tag
    )


async def test_it_sends_a_video_the_simple_way(client: Any, sandbox: Sandbox) -> None:
    ratio = atproto.models.AppBskyEmbedDefs.AspectRatio(width=9, height=16)
    video = b"\0\0\0\x18ftypmp42" + VIDEO  # it names no type, and the server looks at the bytes
    made = await asyncio.to_thread(client.send_video, "Three hearts", video, "An octopus", video_aspect_ratio=ratio)
    (told,) = await posts(sandbox)
    assert made.uri.endswith(told["post_id"]) and told["size"] == len(video)


async def test_it_deletes_and_finds_nothing_then(client: Any, sandbox: Sandbox) -> None:
    made = await asyncio.to_thread(client.send_post, "for a moment")
    assert await asyncio.to_thread(client.delete_post, made.uri)
    assert await posts(sandbox) == []
    with pytest.raises(exceptions.BadRequestError) as caught:
        await asyncio.to_thread(client.get_post, made.uri.rpartition("/")[2], did_of(ACCOUNT))
    assert caught.value.response.content.error == "RecordNotFound"


async def test_it_renews_a_session_that_has_lapsed(client: Any, sandbox: Sandbox) -> None:
    await sandbox.post("expire_tokens", {})
    with pytest.raises(exceptions.BadRequestError) as caught:
        await asyncio.to_thread(client.send_post, "too late")
    assert caught.value.response.content.error == "ExpiredToken"
    session = client.export_session_string()
    renewed = atproto.Client(base_url=sandbox.url)
    await asyncio.to_thread(renewed.login, session_string=session)
    await asyncio.to_thread(renewed._refresh_and_set_session)
    await asyncio.to_thread(renewed.send_post, "in time")
    assert [post["text"] for post in await posts(sandbox)] == ["in time"]
