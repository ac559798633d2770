"""Addresses: of the real platforms, of the sandbox, of pages for people, and of the webhook for notices."""

from __future__ import annotations

import httpx
import pytest
from pydantic import ValidationError

from reelwright.domain.errors import InvalidInput, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.posting import Notice
from reelwright.platforms.registry import SPECS
from workers.platform_settings import PlatformSettings
from workers.publishers import build_announcer
from workers.sandboxing import Site, clients, sites, webhook

from .kit import (
    REAL_TOKENS,
    SANDBOX,
    Vault,
    Wire,
    settings_of,
    token_variable,
    variable,
    worker_sends,
)


@pytest.mark.parametrize("platform", Platform)
async def test_an_address_that_is_set_is_the_real_platforms(platform: Platform, wire: Wire) -> None:
    """For a proxy, or for a test; the sandbox plays a platform at its own address."""
    given = dict.fromkeys(map(variable, SPECS[platform].api), "https://proxy.example")
    real = {token_variable(platform): REAL_TOKENS[platform]}
    await worker_sends(settings_of(**given, **real, REELWRIGHT_SANDBOX_URL=SANDBOX), platform, Vault())
    assert wire.hosts == {"proxy.example"}
    wire.sent.clear()
    await worker_sends(settings_of(**given, REELWRIGHT_SANDBOX_URL=SANDBOX), platform, Vault())
    assert wire.hosts == {"sandbox"}


@pytest.mark.parametrize("platform", Platform)
def test_a_real_platforms_address_must_not_lead_to_the_sandbox(platform: Platform) -> None:
    real = {token_variable(platform): REAL_TOKENS[platform], "REELWRIGHT_SANDBOX_URL": f"{SANDBOX}/"}
    for name in SPECS[platform].api:
        with pytest.raises(InvalidInput, match=f"^{variable(name)}: it leads to the sandbox"):
            sites(settings_of(**real, **{variable(name): f"{SANDBOX.upper().replace('HTTP', 'http')}/x"}))


@pytest.mark.parametrize("platform", Platform)
def test_a_token_of_the_sandbox_needs_a_sandbox(platform: Platform) -> None:
    from sandbox.platforms import sandbox_account

    given = {token_variable(platform): sandbox_account(platform.value, "default").token}
    with pytest.raises(InvalidInput, match=f"^{token_variable(platform)}: it is a token of the sandbox"):
        sites(settings_of(**given))
    assert sites(settings_of(**given, REELWRIGHT_SANDBOX_URL=SANDBOX))[platform].origin is Origin.SANDBOX


@pytest.mark.parametrize(("origin", "elsewhere"), [(Origin.SANDBOX, "https://api.x.com/2"), (Origin.REAL, SANDBOX)])
async def test_no_redirect_leads_from_one_to_the_other(origin: Origin, elsewhere: str, wire: Wire) -> None:
    here = {Origin.SANDBOX: SANDBOX, Origin.REAL: "https://api.x.com"}[origin]
    wire.answers = [httpx.Response(307, headers={"location": elsewhere})]
    async with clients(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)) as http:
        with pytest.raises(InvalidInput, match="kept apart"):
            await http[origin].post(here, content=b"token", follow_redirects=True)
    assert len(wire.sent) == 1


async def test_what_is_for_the_sandbox_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    async with clients(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)) as http:
        assert not http[Origin.SANDBOX]._mounts
        assert http[Origin.REAL]._mounts


def test_pages_are_where_people_find_them() -> None:
    settings = settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX, REELWRIGHT_SANDBOX_SITE_URL="http://localhost:8090/")
    places = sites(settings)
    assert places[Platform.YOUTUBE].settings.youtube_api_url == SANDBOX
    assert places[Platform.YOUTUBE].settings.youtube_watch_url == "http://localhost:8090/watch?v={id}"
    assert places[Platform.FACEBOOK].settings.meta_site_url == "http://localhost:8090"


@pytest.mark.parametrize("url", ["sandbox:8090", "http://user:p@sandbox:8090", "http://sandbox/path", "ftp://sandbox"])
def test_the_sandboxs_address_is_checked(url: str) -> None:
    with pytest.raises(ValidationError):
        settings_of(REELWRIGHT_SANDBOX_URL=url)


def test_every_address_and_every_credential_belongs_to_a_platform() -> None:
    """A new setting is an address of one platform, a secret of one, or neither, knowingly."""
    known = {
        name
        for mine in SPECS.values()
        for name in (mine.client_id, mine.client_secret, *mine.tokens, *mine.api, *mine.pages)
    }
    others = {name for name in PlatformSettings.model_fields if name.endswith("_url") or "token" in name}
    assert others - known == {"sandbox_url", "sandbox_site_url"}
    site: Site
    for site in sites(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)).values():
        for name in (*SPECS[site.platform].api, *SPECS[site.platform].pages):
            assert getattr(site.settings, name).startswith(SANDBOX), name


def test_blueskys_app_password_belongs_to_a_handle() -> None:
    """Set in one or in two; a password alone is refused by the handle's name."""

    def first_token(settings: PlatformSettings) -> str:
        found = SPECS[Platform.BLUESKY].first_token(settings)
        assert found is not None
        return found[1].get_secret_value()

    given = {"BLUESKY_HANDLE": "ana.bsky.social", "BLUESKY_APP_PASSWORD": "abcd-efgh-2345-wxyz"}
    assert first_token(settings_of(**given)) == ":".join(given.values())
    with pytest.raises(InvalidInput) as caught:
        first_token(settings_of(BLUESKY_APP_PASSWORD=given["BLUESKY_APP_PASSWORD"]))
    assert caught.value.field == "BLUESKY_HANDLE" and "bsky.social" in caught.value.remedy


HOOK = "https://discord.com/api/webhooks/1/real-webhook-token"


@pytest.mark.parametrize(
    ("given", "sandbox", "host"),
    [(HOOK, SANDBOX, "discord.com"), (HOOK, "", "discord.com"), ("", SANDBOX, "sandbox"), ("", "", "")],
)
async def test_where_notices_go(given: str, sandbox: str, host: str, wire: Wire) -> None:
    settings = settings_of(DISCORD_WEBHOOK_URL=given, REELWRIGHT_SANDBOX_URL=sandbox)
    async with clients(settings) as http:
        announcer = build_announcer(settings, http)
        assert (announcer is not None) is bool(host)
        if announcer:
            with pytest.raises(ReelwrightError):
                await announcer.announce(Notice(key="k", title="T", text="posted"))
    assert wire.hosts == ({host} if host else set())
    assert ("real-webhook-token" in wire.text) is bool(given)
    assert ("sandbox-default" in wire.text) is (host == "sandbox")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (f"{SANDBOX}/api/webhooks/1/real-webhook-token", "it leads to the sandbox"),
        ("https://discord.com/api/webhooks/1/sandbox-default", "a webhook of the sandbox on another host"),
    ],
)
def test_a_webhook_stays_where_it_belongs(given: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=r"^DISCORD_WEBHOOK_URL: ") as caught:
        webhook(settings_of(DISCORD_WEBHOOK_URL=given, REELWRIGHT_SANDBOX_URL=SANDBOX))
    assert said in str(caught.value) and "real-webhook" not in str(caught.value)
