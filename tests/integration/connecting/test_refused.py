"""Every way in which a consent goes wrong: nothing is stored, nothing secret is said, and what to do is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr

from control import connecting
from control.connecting import Desk
from control.replies import Reply, read_reply
from reelwright.domain.errors import InvalidInput, NeedsAuthorization, PlatformTransient, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import AccountInfo
from reelwright.domain.publishing.connecting import Way

from ..conftest import Sandbox
from .kit import (
    CONSENT,
    Browser,
    answered,
    begun,
    connected,
    desk_on,
    fresh,
    log_of,
    parameters,
    query_of,
    redirect_to,
    switch,
)

BY_PAGE = [platform for platform in Platform if platform is not Platform.BLUESKY]


async def refused(
    desk: Desk, sandbox: Sandbox, platform: Platform, *, browser: Browser | None = None, **more: Any
) -> ReelwrightError:
    """The error of a connection by which nothing is connected, and of which nothing is kept."""
    name = fresh()
    start = await begun(desk, platform, name, **more)
    address = await (browser or Browser(sandbox.client)).visit(start.url)
    with pytest.raises(ReelwrightError) as caught:
        await answered(desk, platform, address)
    assert await desk.books.accounts.find(platform, name) is None
    assert await desk.books.pool.fetchval("select count(*) from connections where sealed_granted is not null") == 0
    for secret in (start.state.get_secret_value(), *parameters(address).get("code", [])):
        assert secret not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("platform", BY_PAGE)
@pytest.mark.sample(3)
async def test_denied(platform: Platform, desk: Desk, sandbox: Sandbox) -> None:
    error = await refused(desk, sandbox, platform, browser=Browser(sandbox.client, decision="deny"))
    assert error.field == "consent" and "was refused" in error.message
    assert not any(line["what"] == "exchange" for line in await log_of(sandbox, platform))


@pytest.mark.parametrize("state", ["altered", "missing", "doubled"])
async def test_a_foreign_state_exchanges_nothing_and_uses_nothing_up(state: str, desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, Platform.X, state=state)
    start = await begun(desk, Platform.X, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    with pytest.raises(InvalidInput) as caught:
        await answered(desk, Platform.X, address)
    assert caught.value.field == "state"
    assert [line["what"] for line in await log_of(sandbox, Platform.X)] == ["authorize"]
    assert await connecting.awaits(desk, Platform.X, start.state.get_secret_value())


@pytest.mark.parametrize(("spoilt", "field"), [("missing", "code"), ("doubled", "code")])
async def test_an_answer_without_one_code(spoilt: str, field: str, desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, Platform.YOUTUBE, code=spoilt)
    assert (await refused(desk, sandbox, Platform.YOUTUBE)).field == field
    assert not any(line["what"] == "exchange" for line in await log_of(sandbox, Platform.YOUTUBE))


@pytest.mark.parametrize("platform", BY_PAGE)
@pytest.mark.parametrize("spoilt", ["expired", "used"])
@pytest.mark.sample(4)
async def test_a_code_that_is_no_longer_taken(spoilt: str, platform: Platform, desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, platform, code=spoilt)
    error = await refused(desk, sandbox, platform)
    assert isinstance(error, InvalidInput) and error.field == "code" and "begin" in error.remedy


async def test_x_s_code_is_too_old_after_thirty_seconds(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.X, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    await sandbox.settings(clock_offset_s=31)
    with pytest.raises(InvalidInput, match="30 s"):
        await answered(desk, Platform.X, address)


async def test_an_exchange_slower_than_the_codes_life(desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, Platform.X, slow_s=0.05, code_s=0.01)
    error = await refused(desk, sandbox, Platform.X)
    assert error.field == "code" and "begin the connection again" in error.remedy


async def test_a_code_that_is_used_again_ends_the_tokens_of_the_first_use(desk: Desk, sandbox: Sandbox) -> None:
    """What the sandbox does as RFC 6749, 4.1.2 wants it; the row of a connection keeps it from ever happening to us."""
    start = await begun(desk, Platform.X, fresh())
    code = parameters(await Browser(sandbox.client).visit(start.url))["code"][0]
    asked = await desk.books.connections.asked(start.connection.id)
    assert asked is not None
    connector = desk.connector(Platform.X)
    granted = await connector.exchange(SecretStr(code), asked)
    token = granted.choices[0].token
    assert token is not None
    with pytest.raises(InvalidInput):
        await connector.exchange(SecretStr(code), asked)
    account = AccountInfo(platform=Platform.X)
    with pytest.raises(NeedsAuthorization):
        await connector.inspect(account, token.access_token.get_secret_value(), ())


async def test_a_callback_that_comes_twice_is_taken_once(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.TIKTOK, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    both = await asyncio.gather(*(answered(desk, Platform.TIKTOK, address) for _ in range(2)), return_exceptions=True)
    assert sorted(isinstance(each, InvalidInput) for each in both) == [False, True]
    assert sum(line["what"] == "exchange" for line in await log_of(sandbox, Platform.TIKTOK)) == 1
    again = await asyncio.gather(answered(desk, Platform.TIKTOK, address), return_exceptions=True)
    assert isinstance(again[0], InvalidInput) and "already" in str(again[0])


async def test_an_answer_at_another_platforms_address(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.X, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    with pytest.raises(InvalidInput, match="another platform"):
        await connecting.finish(desk, Platform.YOUTUBE, read_reply(query_of(address)))
    assert desk.by_path("x") is Platform.X
    with pytest.raises(InvalidInput):
        desk.by_path("z")
    assert (await answered(desk, Platform.X, address)).choices  # the mistake has used nothing up


async def test_an_answer_in_another_session(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.X, fresh(), way=Way.CONSOLE, session="session-of-ada")
    address = await Browser(sandbox.client).visit(start.url)
    assert (await connecting.pending(desk, start.connection.id, session="session-of-ada")).url == start.url
    for session in ("session-of-eve", ""):
        with pytest.raises(InvalidInput):
            await connecting.pending(desk, start.connection.id, session=session)
        with pytest.raises(InvalidInput, match="another session"):
            await answered(desk, Platform.X, address, session=session)
    held = await answered(desk, Platform.X, address, session="session-of-ada")
    for session in ("session-of-eve", ""):
        with pytest.raises(InvalidInput, match="nothing to pick"):
            await connecting.pick(desk, held.connection.id, held.choices[0].external_id, session=session, by="eve")
    await connecting.pick(desk, held.connection.id, held.choices[0].external_id, session="session-of-ada", by="ada")


@pytest.mark.parametrize(("iss", "taken"), [("right", True), ("wrong", False)])
async def test_an_issuer_in_the_answer_must_be_the_platform(
    iss: str, taken: bool, desk: Desk, sandbox: Sandbox
) -> None:
    await switch(sandbox, Platform.YOUTUBE, iss=iss)
    if taken:
        await connected(desk, sandbox, Platform.YOUTUBE, fresh())
    else:
        assert (await refused(desk, sandbox, Platform.YOUTUBE)).field == "iss"
        assert not any(line["what"] == "exchange" for line in await log_of(sandbox, Platform.YOUTUBE))


async def test_ten_minutes_later_nobody_waits_any_more(desk: Desk, sandbox: Sandbox, pool: Any) -> None:
    start = await begun(desk, Platform.X, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    assert (await connecting.pending(desk, start.connection.id)).url == start.url
    life = await pool.fetchval("select expires_at - begun_at from connections where id = $1", start.connection.id)
    assert life.total_seconds() == 600
    await pool.execute("update connections set expires_at = now() where id = $1", start.connection.id)
    with pytest.raises(InvalidInput, match="expired"):
        await answered(desk, Platform.X, address)
    with pytest.raises(InvalidInput):
        await connecting.pending(desk, start.connection.id)
    await begun(desk, Platform.X, fresh())
    assert await pool.fetchval("select count(*) from connections where id = $1", start.connection.id) == 0


@pytest.mark.parametrize("platform", BY_PAGE)
@pytest.mark.parametrize("used_up", [False, True])
@pytest.mark.sample(3)
async def test_an_exchange_that_fails_once(used_up: bool, platform: Platform, desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, platform, fail_exchanges=1, fail_uses_code=used_up)
    if used_up:
        assert (await refused(desk, sandbox, platform)).field == "code"
    else:
        await connected(desk, sandbox, platform, fresh())
    assert [line["what"] for line in await log_of(sandbox, platform)].count("exchange") == 2


async def test_an_exchange_that_fails_and_fails(desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, Platform.LINKEDIN, fail_exchanges=9)
    error = await refused(desk, sandbox, Platform.LINKEDIN)
    assert isinstance(error, PlatformTransient) and "begin" in error.remedy


@pytest.mark.parametrize("platform", BY_PAGE)
@pytest.mark.sample(3)
async def test_an_application_with_a_wrong_secret_or_of_the_wrong_kind(
    platform: Platform, desk: Desk, sandbox: Sandbox
) -> None:
    kind = "public" if platform is Platform.X else ""  # which must not be sent a secret
    app = {"platform": CONSENT.get(platform, platform.value), "client_id": "sandbox", "secret": "another", "kind": kind}
    await sandbox.post("apps", app)
    error = await refused(desk, sandbox, platform)
    assert isinstance(error, InvalidInput) and error.field.endswith("_SECRET"), str(error)


@pytest.mark.parametrize("platform", BY_PAGE)
@pytest.mark.sample(3)
async def test_a_redirect_that_is_not_registered_is_a_page_and_no_redirect(
    platform: Platform, desk: Desk, sandbox: Sandbox
) -> None:
    app = {"platform": CONSENT.get(platform, platform.value), "redirects": ["https://studio.example/connect/cb/q"]}
    await sandbox.post("apps", {**app, "mode": "live"})
    start = await begun(desk, platform, fresh())
    assert (await Browser(sandbox.client).visit(start.url)).startswith("error page: ")


async def test_what_tells_the_platforms_redirects_apart(desk: Desk, sandbox: Sandbox) -> None:
    async def visit(platform: Platform, redirect: str) -> str:
        start = await begun(desk, platform, fresh(), redirect=redirect)
        return await Browser(sandbox.client).visit(start.url)

    await sandbox.post("apps", {"platform": "youtube", "kind": "desktop"})
    await sandbox.post("apps", {"platform": "x", "redirects": ["http://127.0.0.1:5000/connect/cb/x"]})
    await sandbox.post("apps", {"platform": "tiktok", "redirects": ["http://127.0.0.1:*/connect/cb/t"]})
    taken = [
        (Platform.YOUTUBE, "http://127.0.0.1:6001/connect/cb/g"),
        (Platform.X, "http://127.0.0.1:5000/connect/cb/x"),
        (Platform.TIKTOK, "http://127.0.0.1:6002/connect/cb/t"),
        (Platform.FACEBOOK, "http://localhost:6003/connect/cb/f"),
    ]
    for platform, redirect in taken:
        assert (await visit(platform, redirect)).startswith(f"{redirect}?"), platform
    not_taken = [
        (Platform.YOUTUBE, "https://studio.example/connect/cb/g"),
        (Platform.X, "http://127.0.0.1:5001/connect/cb/x"),
        (Platform.X, "http://127.0.0.1:5000/connect/cb/x/"),
        (Platform.TIKTOK, "http://127.0.0.1:6002/connect/cb/u"),
        (Platform.FACEBOOK, "http://127.0.0.1:6003/connect/cb/f"),
    ]
    for platform, redirect in not_taken:
        assert (await visit(platform, redirect)).startswith("error page"), (platform, redirect)


async def test_linkedin_refuses_all_for_one_scope_that_the_application_lacks(desk: Desk, sandbox: Sandbox) -> None:
    app = {"platform": "linkedin", "secret": "sandbox-application-secret"}
    await sandbox.post("apps", {**app, "scopes": ["openid", "profile", "w_member_social"]})
    await connected(desk, sandbox, Platform.LINKEDIN, fresh())
    error = await refused(desk, sandbox, Platform.LINKEDIN, app="page")
    assert error.field == "consent" and "--app page" in error.message


async def test_the_wrong_verifier_is_told_by_the_platform(desk: Desk, sandbox: Sandbox) -> None:
    """Another process's row: the verifier of one connection with the code of another."""
    one, other = [await begun(desk, Platform.TIKTOK, fresh()) for _ in range(2)]
    code = parameters(await Browser(sandbox.client).visit(one.url))["code"][0]
    reply = Reply(state=other.state.get_secret_value(), code=SecretStr(code))
    with pytest.raises(InvalidInput) as caught:
        await connecting.finish(desk, Platform.TIKTOK, reply)
    assert caught.value.field == "REELWRIGHT_TIKTOK_PKCE"


async def test_tiktok_takes_no_challenge_in_base64(pool: Any, desk: Desk, sandbox: Sandbox) -> None:
    async with desk_on(pool, sandbox, REELWRIGHT_TIKTOK_PKCE="base64url") as other:
        assert (await refused(other, sandbox, Platform.TIKTOK)).field == "REELWRIGHT_TIKTOK_PKCE"


async def test_no_refresh_token(desk: Desk, sandbox: Sandbox) -> None:
    for platform in (Platform.YOUTUBE, Platform.X):
        await switch(sandbox, platform, no_refresh=True)
        assert "refresh token" in (await refused(desk, sandbox, platform)).message


async def test_an_account_without_a_channel(desk: Desk, sandbox: Sandbox) -> None:
    error = await refused(desk, sandbox, Platform.YOUTUBE, browser=Browser(sandbox.client, person="nochannel"))
    assert error.field == "account" and "no channel" in error.message


async def test_a_person_without_pages_and_a_page_that_was_not_ticked(desk: Desk, sandbox: Sandbox) -> None:
    for browser in (Browser(sandbox.client, person="nobody"), Browser(sandbox.client, only=())):
        error = await refused(desk, sandbox, Platform.FACEBOOK, browser=browser)
        assert error.field == "account" and "tick the pages" in error.remedy


async def test_a_member_who_administers_nothing(desk: Desk, sandbox: Sandbox) -> None:
    error = await refused(desk, sandbox, Platform.LINKEDIN, browser=Browser(sandbox.client, person="alone"), app="page")
    assert "administers no LinkedIn page" in error.message


@pytest.mark.parametrize(
    ("platform", "scope"),
    [
        (Platform.YOUTUBE, "youtube.upload"),
        (Platform.TIKTOK, "video.publish"),
        (Platform.FACEBOOK, "pages_manage_posts"),
        (Platform.INSTAGRAM, "instagram_content_publish"),
    ],
)
async def test_without_the_right_to_post_there_is_no_account(
    platform: Platform, scope: str, desk: Desk, sandbox: Sandbox
) -> None:
    error = await refused(desk, sandbox, platform, browser=Browser(sandbox.client, without=[scope]))
    assert error.field == "scope" and scope in error.message


async def test_cancelled_while_the_person_was_away(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.X, fresh())
    address = await Browser(sandbox.client).visit(start.url)
    assert await connecting.cancel(desk, start.connection.id)
    with pytest.raises(InvalidInput, match="nobody asked"):
        await answered(desk, Platform.X, address)
    assert not await connecting.cancel(desk, start.connection.id)


async def test_what_no_platform_would_take_is_refused_before_anything_is_asked(
    desk: Desk, pool: Any, sandbox: Sandbox
) -> None:
    connector = desk.connector(Platform.X)
    for base in ("http://192.168.0.7:8080", "ftp://studio.example", "https://studio.example/?a=b", "studio"):
        with pytest.raises(InvalidInput) as caught:
            connecting.redirect_of(connector, base)
        assert caught.value.field == "REELWRIGHT_CONNECT_URL"
    assert connecting.redirect_of(connector, "https://studio.example/") == "https://studio.example/connect/cb/x"
    with pytest.raises(InvalidInput) as caught:
        await begun(desk, Platform.X, "no/name")
    assert caught.value.field == "account"
    with pytest.raises(InvalidInput) as caught:
        await begun(desk, Platform.X, "n", app="none")
    assert caught.value.field == "app"
    assert redirect_to(desk, Platform.FACEBOOK).startswith("http://localhost:")
