"""The Discord sandbox, driven by discord.py and discord-webhook, unmodified but for the base URL, and by bare httpx."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.discord.accounts import sandbox_webhook
from sandbox.store import SandboxStore
from tests.lazily import Lazily

from ...conftest import Sandbox

discord, http, webhooks = Lazily("discord"), Lazily("discord.http"), Lazily("discord_webhook")

BYTES = hashlib.shake_256(b"file").digest(70_000) + b"\r\n--x\r\n\n\r\x00"
HOOK = 1_000_000_000_000_000_001


@pytest.fixture
def hook(sandbox: Sandbox) -> Iterator[Any]:
    before, http.Route.BASE = http.Route.BASE, sandbox.url + "/api/v10"
    yield discord.SyncWebhook.partial(HOOK, "sandbox-main")
    http.Route.BASE = before


async def call(sandbox: Sandbox, method: str, path: str = "", **rest: Any) -> httpx.Response:
    return await sandbox.client.request(method, f"{sandbox.url}/api/v10/webhooks/{HOOK}/sandbox-main{path}", **rest)


# --- discord.py -------------------------------------------------------------------------------------------------------


async def test_discord_py(sandbox: Sandbox, hook: Any) -> None:
    def drive() -> tuple[Any, Any]:
        sent = hook.send(
            "Hello", username="Studio", embed=discord.Embed(title="T", description="D", colour=7), wait=True
        )
        assert sent.content == "Hello" and sent.embeds[0].title == "T" and sent.author.name == "Studio"
        assert hook.fetch_message(sent.id).created_at.tzinfo is not None
        edited = sent.edit(content="Changed")
        assert edited.edited_at is not None and edited.embeds[0].description == "D"
        other = hook.send("Two", file=discord.File(io.BytesIO(BYTES), "a.bin"), wait=True)
        assert other.attachments[0].filename == "a.bin"
        return sent, other

    sent, other = await asyncio.to_thread(drive)
    texts = {post["post_id"]: post["text"] for post in await sandbox.posts()}
    assert texts == {str(sent.id): "Changed\nT\nD", str(other.id): "Two"}

    def rest() -> None:
        assert hook.send("Three") is None
        sent.delete()
        with pytest.raises(discord.NotFound) as gone:
            hook.fetch_message(sent.id)
        assert gone.value.code == 10_008
        assert hook.fetch().name == "main"

    await sandbox.post("settings/discord", {"per_window": 100})
    await asyncio.to_thread(rest)
    assert [post["text"] for post in await sandbox.posts()] == ["Three", "Two"]


async def test_discord_py_waits_when_it_must_and_knows_a_ban(sandbox: Sandbox, hook: Any) -> None:
    await sandbox.post("settings/discord", {"per_window": 2, "window_s": 1.0})
    await asyncio.to_thread(lambda: [hook.send(str(number)) for number in range(5)])
    assert len(await sandbox.posts()) == 5
    await sandbox.post("settings/discord", {"via": False})
    await sandbox.fault("quota", platform="discord", op="execute")

    def drive() -> int:
        with pytest.raises(discord.HTTPException) as banned:
            hook.send("one too many")
        return banned.value.status

    assert await asyncio.to_thread(drive) == 429


async def test_discord_py_meets_a_deleted_webhook(sandbox: Sandbox, hook: Any) -> None:
    await sandbox.post("settings/discord", {"deleted": ["main"]})
    with pytest.raises(discord.NotFound) as gone:
        await asyncio.to_thread(hook.send, "x")
    assert gone.value.code == 10_015


# --- discord-webhook --------------------------------------------------------------------------------------------------


async def test_discord_webhook(sandbox: Sandbox) -> None:
    def drive() -> list[int]:
        hook = webhooks.DiscordWebhook(url=sandbox_webhook("main", sandbox.url), content="Hello", rate_limit_retry=True)
        hook.add_embed(webhooks.DiscordEmbed(title="T", description="D"))
        hook.add_file(file=BYTES, filename="a.png")
        codes = [hook.execute().status_code]
        hook.content = "Changed"
        codes += [hook.edit().status_code, hook.delete().status_code]
        codes.append(
            webhooks.DiscordWebhook(url=sandbox_webhook("main", sandbox.url), content="Two").execute().status_code
        )
        return codes

    assert await asyncio.to_thread(drive) == [200, 200, 204, 200]
    assert [post["text"] for post in await sandbox.posts()] == ["Two"]


async def test_discord_webhook_sleeps_as_the_body_says(sandbox: Sandbox) -> None:
    await sandbox.post("settings/discord", {"per_window": 1, "window_s": 1.0})

    def drive() -> list[int]:
        hook = webhooks.DiscordWebhook(url=sandbox_webhook("main", sandbox.url), content="x", rate_limit_retry=True)
        return [hook.execute().status_code for _ in range(3)]

    assert await asyncio.to_thread(drive) == [200, 200, 200]
    assert len(await sandbox.posts()) == 3


# --- on the wire ------------------------------------------------------------------------------------------------------


async def test_wait_or_not(sandbox: Sandbox) -> None:
    waited = await call(sandbox, "POST", params={"wait": "true"}, json={"content": "a"})
    assert (waited.status_code, waited.headers["content-type"]) == (200, "application/json")
    assert waited.json()["webhook_id"] == str(HOOK) and int(waited.json()["id"]) > 2**53
    silent = await call(sandbox, "POST", json={"content": "b"})
    assert (silent.status_code, silent.content) == (204, b"")
    await sandbox.post("settings/discord", {"unwaited_lost": True})
    assert (await call(sandbox, "POST", json={"content": "c"})).status_code == 204
    assert [post["text"] for post in await sandbox.posts()] == ["b", "a"]


async def test_files_come_through_as_they_are(sandbox: Sandbox) -> None:
    parts = {"payload_json": (None, '{"content": "c"}'), "_a.png": ("a b.png", BYTES, "image/png")}
    answer = await call(sandbox, "POST", params={"wait": "true"}, files=parts)
    assert answer.status_code == 200 and answer.json()["attachments"][0]["filename"] == "a b.png"
    store = SandboxStore(sandbox.folder)
    [(meta, data)] = store.extras(answer.json()["id"], "file")
    store.close()
    assert data == BYTES and meta == {"name": "a b.png", "media_type": "image/png"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 50_006),
        ({"content": "x" * 2_001}, 50_035),
        ({"embeds": [{"title": "x"}] * 11}, 50_035),
        ({"embeds": [{"title": "x" * 257}]}, 50_035),
        ({"embeds": [{"description": "x" * 4_097}]}, 50_035),
        ({"embeds": [{"description": "x" * 4_000}, {"description": "x" * 2_001}]}, 50_035),
        ({"embeds": [{"title": "x", "url": "javascript:x"}]}, 50_035),
        ({"embeds": ["x"]}, 50_035),
    ],
)
async def test_what_a_message_may_say(sandbox: Sandbox, body: dict[str, Any], code: int) -> None:
    answer = await call(sandbox, "POST", params={"wait": "true"}, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert await sandbox.posts() == []


async def test_too_large_and_not_json(sandbox: Sandbox) -> None:
    await sandbox.post("settings/discord", {"file_bytes": 100, "per_window": 100})
    large = await call(sandbox, "POST", files={"files[0]": ("a", b"x" * 101)})
    assert (large.status_code, large.json()["code"]) == (413, 40_005)
    for body in (b"{", b"[]", b"\xff"):
        answer = await call(sandbox, "POST", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (400, 50_109)


async def test_the_bucket_is_told(sandbox: Sandbox) -> None:
    await sandbox.post("settings/discord", {"per_window": 2, "window_s": 3_600.0})
    left = [await call(sandbox, "POST", json={"content": "x"}) for _ in range(3)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in left] == ["1", "0", "0"]
    throttled = left[2]
    assert throttled.status_code == 429 and throttled.headers["via"] == "1.1 google"
    assert throttled.headers["content-type"] == "application/json"
    body = throttled.json()
    assert set(body) == {"message", "retry_after", "global"} and 0 < body["retry_after"] <= 3_600
    assert throttled.headers["retry-after"].isdigit() and throttled.headers["x-ratelimit-scope"] == "user"


async def test_whose_messages_and_which_webhook(sandbox: Sandbox) -> None:
    made = (await call(sandbox, "POST", params={"wait": "true"}, json={"content": "a"})).json()["id"]
    other = f"{sandbox.url}/api/webhooks/5/sandbox-other/messages/{made}"
    assert (await sandbox.client.get(other)).json()["code"] == 10_008
    wrong = await sandbox.client.post(f"{sandbox.url}/api/webhooks/5/guess", json={"content": "a"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, 50_027)
    page = await sandbox.client.get(f"{sandbox.url}/watch?v={made}")
    assert page.status_code == 200
