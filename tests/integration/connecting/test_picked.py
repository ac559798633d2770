"""What is picked of a consent, what is lost by it, and who may take whose place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from control import accounts, connecting
from control import connected as afterwards
from control.connecting import Desk
from control.studio import Books
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.storage.vault import Vault
from workers.publishers import credentials, seed_accounts
from workers.sandboxing import Site, sites

from ..conftest import Sandbox
from .kit import KEY, Browser, answered, begun, connected, desk_on, fresh, settings_on, switch


async def granted(
    desk: Desk, sandbox: Sandbox, platform: Platform, name: str, browser: Browser | None = None, **more: Any
) -> connecting.Held:
    start = await begun(desk, platform, name, **more)
    return await answered(desk, platform, await (browser or Browser(sandbox.client)).visit(start.url))


@pytest.mark.parametrize(
    ("platform", "scope", "loses"),
    [
        (Platform.YOUTUBE, "yt-analytics.readonly", "figures"),
        (Platform.TIKTOK, "video.list", "reading back"),
        (Platform.FACEBOOK, "pages_manage_engagement", "first comments"),
        (Platform.INSTAGRAM, "instagram_manage_insights", "figures"),
    ],
)
async def test_a_part_that_was_not_granted_is_a_loss(
    platform: Platform, scope: str, loses: str, desk: Desk, sandbox: Sandbox
) -> None:
    name = fresh()
    done = await connected(desk, sandbox, platform, name, browser=Browser(sandbox.client, without=[scope]))
    assert [use.name.rsplit("/", 1)[-1] for use in done.lacks] == [scope] and loses in done.lacks[0].gives
    found = await afterwards.check(desk, platform, name)
    assert (found.state, [use.name for use in found.lacks]) == ("losses", [done.lacks[0].name])


async def test_thirty_pages_come_in_parts_and_two_of_one_grant_are_connected(desk: Desk, sandbox: Sandbox) -> None:
    held = await granted(desk, sandbox, Platform.FACEBOOK, "one", Browser(sandbox.client, person="many"))
    assert len({each.external_id for each in held.choices}) == 30 and held.person == "Many Person"
    for account, which in (("one", 4), ("two", 29)):
        await connecting.pick(
            desk, held.connection.id, held.choices[which].external_id, account=account, more=account == "one", by="ada"
        )
    with pytest.raises(InvalidInput, match="nothing to pick"):
        await connecting.held(desk, held.connection.id)
    together = await afterwards.siblings(desk, Platform.FACEBOOK, "one")
    assert together == [(Platform.FACEBOOK, "one"), (Platform.FACEBOOK, "two")]


async def test_each_page_that_cannot_be_picked_says_why(desk: Desk, sandbox: Sandbox) -> None:
    mixed = Browser(sandbox.client, person="mixed")
    held = await granted(desk, sandbox, Platform.INSTAGRAM, fresh(), mixed)
    why = {each.name: each.refused for each in held.choices}
    assert why["mixed"] == "" and why["mixed-portfolio"] == ""
    assert "no Instagram account" in why["mixed-plain"] and "does not allow posting" in why["mixed-reader"]
    plain = next(each for each in held.choices if each.name == "mixed-plain")
    with pytest.raises(InvalidInput, match="no Instagram account"):
        await connecting.pick(desk, held.connection.id, plain.external_id, by="ada")
    with pytest.raises(InvalidInput, match="none of those"):
        await connecting.pick(desk, held.connection.id, "17841499999999999", by="ada")
    without = Browser(sandbox.client, person="mixed", without=["business_management"])
    held = await granted(desk, sandbox, Platform.FACEBOOK, fresh(), without)
    assert "mixed-portfolio" not in {each.name for each in held.choices}
    assert "business portfolio" in held.lacks[0].gives


async def test_an_organisation_is_picked_by_the_role_on_it(desk: Desk, sandbox: Sandbox) -> None:
    three = Browser(sandbox.client, person="three")
    held = await granted(desk, sandbox, Platform.LINKEDIN, "org", three, app="page")
    told = [(each.kind, each.name, bool(each.refused)) for each in held.choices]
    assert [refused for _, _, refused in told] == [False, False, True] and told[0][1] == "Page of three"
    await connecting.pick(desk, held.connection.id, held.choices[1].external_id, by="ada")
    assert (await afterwards.check(desk, Platform.LINKEDIN, "org")).state == "works"
    member = await granted(desk, sandbox, Platform.LINKEDIN, "me", three)
    assert [each.kind for each in member.choices] == ["member"]


async def test_the_brand_channel_is_one_of_its_own(desk: Desk, sandbox: Sandbox) -> None:
    start = await begun(desk, Platform.YOUTUBE, "brand")
    assert "prompt=consent+select_account" in start.url and "openid" not in start.url and "userinfo" not in start.url
    brand = await connected(
        desk, sandbox, Platform.YOUTUBE, "brand", browser=Browser(sandbox.client, only=["default-brand"])
    )
    personal = await connected(
        desk, sandbox, Platform.YOUTUBE, "personal", browser=Browser(sandbox.client, only=["default"])
    )
    assert brand.identity.handle == "@default-brand" and brand.identity.external_id != personal.identity.external_id
    stuck = start.url.replace("scope=", "scope=openid+")
    assert (await Browser(sandbox.client, only=["default-brand"]).visit(stuck)).startswith("error page")


async def test_another_identity_takes_no_place_unasked(desk: Desk, sandbox: Sandbox, pool: Any) -> None:
    name = fresh()
    first = await connected(desk, sandbox, Platform.X, name)
    await switch(sandbox, Platform.X, people=["stranger"])
    held = await granted(desk, sandbox, Platform.X, name)
    with pytest.raises(InvalidInput) as caught:
        await connecting.pick(desk, held.connection.id, held.choices[0].external_id, by="ada")
    assert first.identity.external_id in str(caught.value) and held.choices[0].external_id in str(caught.value)
    assert "--replace" in caught.value.remedy
    kept = await desk.books.accounts.find(Platform.X, name)
    assert kept is not None and kept.external_id == first.identity.external_id
    done = await connecting.pick(desk, held.connection.id, held.choices[0].external_id, replace=True, by="ada")
    assert done.replaced
    after = json.loads(await pool.fetchval("select after from audit order by sequence desc limit 1"))
    assert after["replaced"] == first.identity.external_id


async def test_the_same_identity_under_two_names_is_refused(desk: Desk, sandbox: Sandbox) -> None:
    first = fresh()
    await connected(desk, sandbox, Platform.X, first)
    held = await granted(desk, sandbox, Platform.X, fresh())
    with pytest.raises(InvalidInput, match=first):
        await connecting.pick(desk, held.connection.id, held.choices[0].external_id, by="ada")


async def test_connecting_again_renews_the_grant_and_clears_what_was_wanted(
    desk: Desk, sandbox: Sandbox, pool: Any
) -> None:
    name = fresh()
    await connected(desk, sandbox, Platform.TIKTOK, name, browser=Browser(sandbox.client, without=["video.list"]))
    await accounts.set_best_time(desk.books, Platform.TIKTOK, name, "18:00 UTC")
    await desk.books.accounts.needs_authorization(Platform.TIKTOK, name, "it has lapsed")
    await connected(desk, sandbox, Platform.TIKTOK, name)
    info = await desk.books.accounts.find(Platform.TIKTOK, name)
    assert info is not None and (info.needs_authorization, info.options["best_time"]) == ("", "18:00 UTC")
    grant = await desk.books.grants.of(Platform.TIKTOK, name)
    assert grant is not None and "video.list" in grant.scopes
    assert await pool.fetchval("select count(*) from grants where platform = 'tiktok'") == 1


async def test_a_real_account_s_place_is_not_compared_with_the_sandboxs(desk: Desk, sandbox: Sandbox) -> None:
    name = fresh()
    real = StoredToken.model_validate({"refresh_token": "1//real", "flow": "google", "origin": Origin.REAL})
    await desk.books.accounts.put(AccountInfo(platform=Platform.YOUTUBE, name=name, external_id="UCreal"), real)
    assert (await connected(desk, sandbox, Platform.YOUTUBE, name)).replaced


async def test_what_was_connected_is_renewed(desk: Desk, sandbox: Sandbox) -> None:
    for platform in (Platform.YOUTUBE, Platform.X, Platform.TIKTOK, Platform.LINKEDIN):
        name = fresh()
        await connected(desk, sandbox, platform, name)
        token = await desk.books.accounts.token(platform, name)
        assert token is not None
        await sandbox.post("expire_tokens", {})
        assert (await afterwards.check(desk, platform, name)).state == "works", platform
        renewed = await desk.books.accounts.token(platform, name)
        assert renewed is not None and renewed.access_token != token.access_token


async def test_ends_that_platforms_tell_are_kept_and_said(desk: Desk, sandbox: Sandbox) -> None:
    await sandbox.post("settings/tiktok", {"refresh_token_s": 10 * 86_400.0})
    await switch(sandbox, Platform.TIKTOK, numbers_as_text=True)
    name = fresh()
    await connected(desk, sandbox, Platform.TIKTOK, name)
    found = await afterwards.check(desk, Platform.TIKTOK, name)
    assert found.ends is not None and 9 <= (found.ends - datetime.now(UTC)).days <= 10
    assert any("connect it again before" in note for note in found.notes)


async def test_seven_days_in_testing(desk: Desk, sandbox: Sandbox) -> None:
    await sandbox.post("settings/youtube", {"grant_s": 7 * 86_400.0})
    name = fresh()
    await connected(desk, sandbox, Platform.YOUTUBE, name)
    await sandbox.settings(clock_offset_s=8 * 86_400.0)
    await sandbox.post("expire_tokens", {})
    found = await afterwards.check(desk, Platform.YOUTUBE, name)
    assert found.state == "broken" and any("7 days" in note for note in found.notes), found


async def test_what_is_withdrawn_later_is_a_loss(desk: Desk, sandbox: Sandbox) -> None:
    name = fresh()
    await connected(desk, sandbox, Platform.YOUTUBE, name)
    await sandbox.post("settings/youtube", {"scopes": {"default": ["youtube.upload", "youtube.readonly"]}})
    found = await afterwards.check(desk, Platform.YOUTUBE, name)
    assert found.state == "losses" and len(found.lacks) == 2
    await sandbox.post("settings/youtube", {"scopes": {"default": ["youtube.readonly"]}})
    assert (await afterwards.check(desk, Platform.YOUTUBE, name)).state == "broken"


async def test_what_a_platform_restricts_is_a_note(desk: Desk, sandbox: Sandbox) -> None:
    await connected(desk, sandbox, Platform.TIKTOK, "clips")
    await connected(desk, sandbox, Platform.FACEBOOK, "page")
    await sandbox.post("settings/tiktok", {"unaudited": True})
    await sandbox.post("settings/facebook", {"data_access_s": 5 * 86_400.0})
    clips, page = [
        await afterwards.check(desk, platform, name)
        for platform, name in ((Platform.TIKTOK, "clips"), (Platform.FACEBOOK, "page"))
    ]
    assert clips.state == page.state == "works"
    assert any("nothing can be posted publicly" in note for note in clips.notes)
    assert any("connect it again before" in note for note in page.notes)
    assert any("Development mode" in note for note in page.notes)


async def test_accounts_that_were_not_connected_here_are_checked_all_the_same(desk: Desk, sandbox: Sandbox) -> None:
    await seed_accounts(sites(settings_on(sandbox)), desk.books.accounts)
    found = await afterwards.check_all(desk)
    assert {each.platform: (each.state, each.problems) for each in found} == dict.fromkeys(Platform, ("works", ()))


async def test_the_last_account_takes_the_grants_own_token_along(desk: Desk, sandbox: Sandbox, pool: Any) -> None:
    await connected(desk, sandbox, Platform.FACEBOOK, "page")
    sealed = "select count(*) from grants where sealed_token is not null"
    assert await pool.fetchval(sealed) == 1
    await accounts.remove(desk.books, Platform.FACEBOOK, "page", by="ada")
    assert await pool.fetchval(sealed) == 0


async def test_answers_in_another_shape(desk: Desk, sandbox: Sandbox) -> None:
    await switch(sandbox, Platform.INSTAGRAM, shape="data", numbers_as_text=True)
    assert (await connected(desk, sandbox, Platform.INSTAGRAM, fresh())).lacks == ()


async def test_a_grant_taken_back_takes_all_its_accounts_with_it(desk: Desk, sandbox: Sandbox, pool: Any) -> None:
    facebook = await granted(desk, sandbox, Platform.FACEBOOK, "page")
    await connecting.pick(desk, facebook.connection.id, facebook.choices[0].external_id, by="ada")
    await connected(desk, sandbox, Platform.INSTAGRAM, "gram")
    gone = await afterwards.revoke(desk, Platform.INSTAGRAM, "gram", by="eve")
    assert list(gone) == [(Platform.FACEBOOK, "page"), (Platform.INSTAGRAM, "gram")]
    for platform, name in gone:
        info = await desk.books.accounts.find(platform, name)
        assert info is not None and "taken back" in info.needs_authorization
        assert (await afterwards.check(desk, platform, name)).state == "broken"
    row = await pool.fetchrow("select who, action, after from audit order by sequence desc limit 1")
    assert (row["who"], row["action"]) == ("eve", "grant.revoke")
    assert json.loads(row["after"])["accounts"] == ["facebook/page", "instagram/gram"]


@pytest.mark.parametrize("platform", [Platform.YOUTUBE, Platform.X, Platform.TIKTOK, Platform.LINKEDIN])
async def test_taken_back_on_the_platform_itself(platform: Platform, desk: Desk, sandbox: Sandbox) -> None:
    name = fresh()
    await connected(desk, sandbox, platform, name)
    token = await desk.books.accounts.token(platform, name)
    await afterwards.revoke(desk, platform, name, by="ada")
    assert token is not None
    await desk.books.accounts.put(AccountInfo(platform=platform, name=name), token)  # as if nobody had noticed
    assert (await afterwards.check(desk, platform, name)).state == "broken"


async def test_what_was_added_by_hand_has_no_grant_to_take_back(desk: Desk) -> None:
    name = fresh()
    await desk.books.accounts.put(AccountInfo(platform=Platform.X, name=name))
    with pytest.raises(InvalidInput, match="not connected here"):
        await afterwards.revoke(desk, Platform.X, name, by="ada")
    found = await afterwards.check(desk, Platform.X, name)
    assert found.state == "broken" and "not been authorised" in found.problems[0]
    with pytest.raises(InvalidInput, match="no account"):
        await afterwards.check_all(desk, "nobody")


async def test_a_configuration_of_login_for_business_takes_the_scopes_place(
    pool: Any, desk: Desk, sandbox: Sandbox
) -> None:
    wanted = [use.name for use in desk.connector(Platform.FACEBOOK).uses("")]
    app = {"platform": "meta", "secret": "sandbox-application-secret", "config_id": "4711", "config_scopes": wanted}
    await sandbox.post("apps", app)
    async with desk_on(pool, sandbox, REELWRIGHT_META_CONFIG_ID="4711") as other:
        start = await begun(other, Platform.FACEBOOK, fresh())
        assert "config_id=4711" in start.url and "scope" not in start.url
        held = await answered(other, Platform.FACEBOOK, await Browser(sandbox.client).visit(start.url))
        assert held.lacks == ()


async def test_a_second_application_renews_what_it_was_given(pool: Any, desk: Desk, sandbox: Sandbox) -> None:
    """The settings' own applications: the sandbox is given as if it were the platform."""
    settings = settings_on(sandbox)
    assert settings.linkedin_page_client_id == ""
    token = StoredToken.model_validate({"refresh_token": "r", "flow": "linkedin", "client": "page"})
    changed = settings.model_copy(update={"linkedin_client_id": "member", "linkedin_page_client_id": "page-app"})
    found = credentials(Site(Platform.LINKEDIN, Origin.REAL, changed))
    assert found.of(token).client_id == "page-app"
    assert found.of(token.model_copy(update={"client": ""})).client_id == "member"


async def test_keys_are_changed_with_what_connecting_has_sealed(desk: Desk, sandbox: Sandbox, pool: Any) -> None:
    await connected(desk, sandbox, Platform.FACEBOOK, "page")
    await granted(desk, sandbox, Platform.X, fresh())
    new = Vault.new_key()
    await accounts.reseal(Books(pool, SecretStr(f"{new} {KEY}")))
    books = Books(pool, SecretStr(new))
    grant = await books.grants.of(Platform.FACEBOOK, "page")
    assert grant is not None and await books.grants.token(grant) is not None
    assert await pool.fetchval("select count(*) from connections") == 0
    await pool.execute("delete from accounts")
    await pool.execute("delete from grants")
