"""The Discord announcer against the sandbox over real HTTP."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import pytest

from reelwright.domain.errors import (
    InvalidInput,
    NeedsAuthorization,
    OutcomeUnknown,
    PlatformTransient,
    PostRejected,
    ReelwrightError,
)
from reelwright.domain.publishing.posting import Notice
from reelwright.platforms.notices.discord import DiscordAnnouncer, webhook_address
from reelwright.platforms.notices.discord_embed import message, plain
from sandbox.discord.accounts import sandbox_webhook
from tests.servers import free_port

from ...conftest import Sandbox

GOOD = "https://discord.com/api/webhooks/123456789012345678/aB3_-token"


def notice(**changes: Any) -> Notice:
    given: dict[str, Any] = {"key": "k", "title": "Posted to TikTok", "text": "Why octopuses have three hearts"}
    return Notice(**{**given, "url": "https://www.tiktok.com/@main/video/7", "level": "good", **changes})


def announcer_for(sandbox: Sandbox, http: httpx.AsyncClient, account: str = "main", **changes: Any) -> DiscordAnnouncer:
    return DiscordAnnouncer(http, sandbox_webhook(account, sandbox.url), also=(sandbox.url,), **changes)


@pytest.fixture
async def announcer(sandbox: Sandbox, http: httpx.AsyncClient) -> DiscordAnnouncer:
    return announcer_for(sandbox, http)


async def test_a_notice_arrives(announcer: DiscordAnnouncer, sandbox: Sandbox) -> None:
    await announcer.announce(notice())
    [post] = await sandbox.posts()
    assert (post["platform"], post["account"]) == ("discord", "main")
    assert post["text"] == "Posted to TikTok\nWhy octopuses have three hearts"
    meta = post["meta"]
    assert meta["username"] == "Reelwright" and meta["allowed_mentions"] == {"parse": []}
    [embed] = meta["embeds"]
    assert embed["url"] == "https://www.tiktok.com/@main/video/7" and embed["color"] == 0x2E9E5B
    assert "content" not in meta


async def test_the_longest_notice_is_taken(announcer: DiscordAnnouncer, sandbox: Sandbox) -> None:
    for sign in ("x", "*", "\U0001f419", "a *b* ", "\n- "):
        await announcer.announce(notice(title=sign * 5_000, text=sign * 50_000))
    posts = await sandbox.posts()
    assert len(posts) == 5
    for post in posts[1:]:
        [embed] = post["meta"]["embeds"]
        assert 240 < len(embed["title"].encode("utf-16-le")) // 2 <= 256 and embed["title"].endswith("…")
        assert 4_080 < len(embed["description"].encode("utf-16-le")) // 2 <= 4_096


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "ftp://x/y", "http://", "https://e.org/" + "x" * 2_048])
async def test_an_address_that_discord_would_refuse_is_left_out(
    announcer: DiscordAnnouncer, sandbox: Sandbox, url: str
) -> None:
    await announcer.announce(notice(url=url, text=""))
    [post] = await sandbox.posts()
    [embed] = post["meta"]["embeds"]
    assert "url" not in embed and "description" not in embed


def test_markup_and_mentions_are_shown_as_they_are() -> None:
    nasty = "@everyone <@1> <#2> <t:1:R> **b** __u__ ~~s~~ `c` ||s|| [a](https://e.org) :x: \\*\n# h\n- i\n> q\u202e"
    embed = message(notice(title=nasty, text=nasty), "R")["embeds"][0]
    for text in (embed["title"], embed["description"]):
        bare = text.replace("\\\\", "")
        for at, sign in enumerate(bare):
            assert sign not in "*_~`|>#[]()<@:" or bare[at - 1] == "\\", (at, text)
    assert "\n\\- i\n" in embed["description"] and "\n" not in embed["title"] and "\u202e" not in str(embed)


def test_a_cut_never_leaves_half_a_sign() -> None:
    assert plain("*" * 20, 10) == "\\*" * 4 + "…"
    assert plain("*" * 5, 10) == "\\*" * 5
    assert plain("ab cd", 5) == "ab cd" and plain("ab cd.", 5) == "ab c…" and plain("abc def", 5) == "abc…"
    assert plain("a-b\n-c\n- d", 99) == "a-b\n-c\n\\- d"


# --- the address is a secret ------------------------------------------------------------------------------------------


def test_addresses_that_are_webhooks() -> None:
    wanted = "https://discord.com/api/v10/webhooks/123456789012345678/aB3_-token?wait=true"
    for given in (GOOD, f" {GOOD}/\n", GOOD.replace("/api/", "/api/v9/"), f"{GOOD}?thread_id=77"):
        address = webhook_address(given)
        assert address.get_secret_value() == wanted + ("&thread_id=77" if "thread" in given else "")
        assert "token" not in repr(address) and "token" not in str(address)
    assert webhook_address(GOOD.replace("discord.com", "ptb.discord.com"))
    local = "http://127.0.0.1:7/api/webhooks/1/t"
    for also in ("http://127.0.0.1:7", "http://127.0.0.1:7/", "127.0.0.1:7"):
        assert webhook_address(local, also=(also,)).get_secret_value().startswith("http://127.0.0.1:7/api/v10/")


@pytest.mark.parametrize(
    "given",
    [
        "",
        "discord",
        GOOD.replace("https", "http"),
        GOOD.replace("discord.com", "discord.com.evil.org"),
        GOOD.replace("discord.com", "evil.org"),
        GOOD.replace("discord.com", "user@discord.com"),
        GOOD.replace("discord.com", "discord.com:8443"),
        GOOD.replace("aB3_-token", "../../users/@me"),
        GOOD.replace("aB3_-token", "a%2Fb"),
        GOOD.replace("123456789012345678", "abc"),
        GOOD + "?wait=false",
        GOOD + "/slack",
        GOOD + "#x",
        "https://[bad/api/webhooks/1/t",
        "http://127.0.0.1:1/api/webhooks/1/aB3_-token",
    ],
)
def test_addresses_that_are_not(given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        webhook_address(given, also=("http://127.0.0.1:2",))
    assert refused.value.field == "discord webhook" and refused.value.remedy
    assert "aB3_-token" not in str(refused.value)


async def test_the_address_is_never_logged(
    announcer: DiscordAnnouncer, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await announcer.announce(notice())
    await sandbox.fault("status", platform="discord", op="execute", status=500)
    with pytest.raises(OutcomeUnknown) as unknown:
        await announcer.announce(notice())
    assert "webhooks/1000000000000000001/…" in caplog.text
    for text in (caplog.text, str(unknown.value), repr(announcer), repr(vars(announcer))):
        assert "sandbox-main" not in text


# --- what Discord answers ---------------------------------------------------------------------------------------------

ANSWERS: list[tuple[int, str, type[ReelwrightError]]] = [
    (404, '{"message": "Unknown Webhook", "code": 10015}', NeedsAuthorization),
    (401, '{"message": "Invalid Webhook Token", "code": 50027}', NeedsAuthorization),
    (403, '{"message": "Missing Access", "code": 50001}', NeedsAuthorization),
    (400, '{"message": "Invalid Form Body", "code": 50035}', PostRejected),
    (404, "<html>nginx</html>", PlatformTransient),
    (403, "<html>Cloudflare</html>", PlatformTransient),
    (302, "", PlatformTransient),
    (429, '{"message": "You are being rate limited.", "retry_after": 64.57, "global": false}', PlatformTransient),
    (429, "<html>error 1015</html>", PlatformTransient),
    (500, '{"message": "500: Internal Server Error", "code": 0}', OutcomeUnknown),
    (502, "<html>Bad Gateway</html>", OutcomeUnknown),
    (200, "", OutcomeUnknown),
    (200, "<html>", OutcomeUnknown),
    (200, "[]", OutcomeUnknown),
    (200, '{"id": 5}', OutcomeUnknown),
    (204, "", OutcomeUnknown),
]


@pytest.mark.parametrize(("status", "body", "kind"), ANSWERS, ids=lambda value: str(value)[:40])
async def test_answers(
    announcer: DiscordAnnouncer, sandbox: Sandbox, status: int, body: str, kind: type[ReelwrightError]
) -> None:
    await sandbox.fault("status", platform="discord", op="execute", status=status, body=body)
    with pytest.raises(ReelwrightError) as refused:
        await announcer.announce(notice())
    assert type(refused.value) is kind and refused.value.field and refused.value.remedy
    assert "<" not in str(refused.value)
    if "64.57" in body:
        assert isinstance(refused.value, PlatformTransient) and refused.value.retry_after_s == 64.57
    assert await sandbox.posts() == [] and await sandbox.faults_left() == []


async def test_short_waits_are_slept_here(announcer: DiscordAnnouncer, sandbox: Sandbox) -> None:
    await sandbox.post("settings/discord", {"per_window": 2, "window_s": 0.5})
    for _ in range(6):
        await announcer.announce(notice())
    assert len(await sandbox.posts()) == 6


async def test_long_waits_are_left_to_the_workflow(announcer: DiscordAnnouncer, sandbox: Sandbox) -> None:
    await sandbox.post("settings/discord", {"per_window": 1, "window_s": 3_600.0})
    await announcer.announce(notice())
    with pytest.raises(PlatformTransient) as slow:
        await announcer.announce(notice())
    assert slow.value.retry_after_s is not None and slow.value.retry_after_s > 5
    assert len(await sandbox.posts()) == 1


@pytest.mark.parametrize(("point", "posts"), [("before_commit", 0), ("after_commit_before_reply", 1)])
async def test_a_lost_answer_is_not_sent_again(
    announcer: DiscordAnnouncer, sandbox: Sandbox, point: str, posts: int
) -> None:
    await sandbox.fault(point, platform="discord", op="execute")
    with pytest.raises(OutcomeUnknown):
        await announcer.announce(notice())
    assert len(await sandbox.posts()) == posts


async def test_done_and_answered_with_an_error(announcer: DiscordAnnouncer, sandbox: Sandbox) -> None:
    await sandbox.fault("error_though_done", platform="discord", op="execute", status=503)
    with pytest.raises(OutcomeUnknown):
        await announcer.announce(notice())
    assert len(await sandbox.posts()) == 1


async def test_nobody_there(http: httpx.AsyncClient) -> None:
    home = f"http://127.0.0.1:{free_port()}"
    announcer = DiscordAnnouncer(http, sandbox_webhook("main", home), also=(home,))
    with pytest.raises(PlatformTransient):
        await announcer.announce(notice())


async def test_a_deleted_webhook(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    await sandbox.post("settings/discord", {"deleted": ["old"]})
    with pytest.raises(NeedsAuthorization, match="Unknown Webhook"):
        await announcer_for(sandbox, http, "old").announce(notice())
