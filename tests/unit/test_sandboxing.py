"""With real tokens nothing goes to the sandbox, and with the sandbox's tokens nothing leaves: looked at on the wire."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import pytest
import tenacity
import yaml
from pydantic import SecretStr, ValidationError

from reelwright.domain.errors import InvalidInput, NeedsAuthorization, ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin, origin_of
from reelwright.domain.ports.publishing import DeletesPosts, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import Notice, PostDraft
from reelwright.platforms.common import http as platform_http
from reelwright.platforms.registry import SPECS
from workers.platform_settings import PlatformSettings
from workers.publishers import build_announcer, build_publishers, build_tokens, seed_accounts, token_of
from workers.sandboxing import Site, clients, sites, webhook, without_credentials

SANDBOX = "http://sandbox:8090"
COMPOSE = Path(__file__).parents[2] / "docker-compose.yml"
REAL_TOKENS = {
    Platform.YOUTUBE: "1//real-youtube-token",
    Platform.INSTAGRAM: "EAAreal-instagram-token",
    Platform.TIKTOK: "rft.real-tiktok-token!4567.va",
    Platform.FACEBOOK: "EAAreal-facebook-token",
    Platform.X: "real-x-token",
    Platform.LINKEDIN: "AQXreal-linkedin-token",
    Platform.BLUESKY: "real.bsky.social:abcd-efgh-2345-wxyz",
}
HOSTS = {
    Platform.YOUTUBE: {"youtube.googleapis.com", "oauth2.googleapis.com", "www.googleapis.com"},
    Platform.INSTAGRAM: {"graph.facebook.com", "graph.instagram.com", "rupload.facebook.com"},
    Platform.TIKTOK: {"open.tiktokapis.com"},
    Platform.FACEBOOK: {"graph.facebook.com", "graph-video.facebook.com", "rupload.facebook.com"},
    Platform.X: {"api.x.com"},
    Platform.LINKEDIN: {"api.linkedin.com", "www.linkedin.com"},
    Platform.BLUESKY: {"bsky.social", "video.bsky.app"},
}
OF_SANDBOX = re.compile(r"sandbox-(?!application)")


def settings_of(**given: str) -> PlatformSettings:
    return PlatformSettings(**given, _env_file=None)  # type: ignore[call-arg, arg-type]


def variable(name: str) -> str:
    return str(PlatformSettings.model_fields[name].validation_alias)


def token_variable(platform: Platform) -> str:
    return variable(SPECS[platform].tokens[0])


class Vault:
    """The account store of the tests: what it holds is looked at directly."""

    def __init__(self) -> None:
        self.infos: dict[tuple[Platform, str], AccountInfo] = {}
        self.tokens: dict[tuple[Platform, str], StoredToken] = {}

    async def put(self, account: AccountInfo, token: StoredToken | None = None) -> None:
        key = (account.platform, account.name)
        self.infos[key] = account
        if token:
            self.tokens[key] = token

    async def find(self, platform: Platform, name: str) -> AccountInfo | None:
        return self.infos.get((platform, name))

    async def list(self, platform: Platform | None = None) -> Sequence[AccountInfo]:
        return [info for info in self.infos.values() if platform in (None, info.platform)]

    async def remove(self, platform: Platform, name: str) -> bool:
        return self.infos.pop((platform, name), None) is not None

    async def token(self, platform: Platform, name: str) -> StoredToken | None:
        return self.tokens.get((platform, name))

    async def needs_authorization(self, platform: Platform, name: str, reason: str) -> None:
        self.infos[platform, name] = self.infos[platform, name].model_copy(update={"needs_authorization": reason})

    @asynccontextmanager
    async def exclusive(self, platform: Platform, name: str) -> AsyncIterator[Callable[[StoredToken], Awaitable[None]]]:
        async def store(token: StoredToken) -> None:
            self.tokens[platform, name] = token

        yield store


@dataclass
class Wire:
    """Every request that would have left, with all that stands in it. Access tokens that it gives name the token they
    were given for."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    answers: list[httpx.Response] = field(default_factory=list)

    async def handle(self, _: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        body = (await request.aread()).decode(errors="replace")
        headers = " ".join(f"{name}: {value}" for name, value in request.headers.items())
        self.sent.append((str(request.url.host), unquote(f"{request.url} {headers} {body}")))
        if self.answers:
            return self.answers.pop(0)
        given = parse_qs(body).get("refresh_token")
        if given:
            return httpx.Response(200, json={"access_token": f"access-{given[0]}", "expires_in": 3600})
        return httpx.Response(404, json={"error": {"message": "nothing is here", "code": 100}})

    @property
    def hosts(self) -> set[str]:
        return {host for host, _ in self.sent}

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.sent)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    recorded = Wire()

    async def handle(transport: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        return await recorded.handle(transport, request)

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handle)
    return recorded


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the pauses between tries."""
    monkeypatch.setattr(platform_http, "wait_exponential_jitter", lambda **_: tenacity.wait_none())


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PlatformSettings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)


async def worker_sends(settings: PlatformSettings, platform: Platform, vault: Vault) -> list[ReelwrightError]:
    """A worker starts and does with one platform what leads to requests; what went wrong."""
    places = sites(settings)
    errors: list[ReelwrightError] = []
    async with clients(settings) as http:
        await seed_accounts(places, vault)
        tokens = build_tokens(places, http, vault)
        publisher = build_publishers(places, http, tokens)[platform]
        draft = PostDraft(platform=platform, account="default", title="Tides", description="D", marker="m")
        facts = VideoFacts(width=1080, height=1920, duration_s=20, fps=30, size=1_000)
        calls: list[Callable[[], Awaitable[Any]]] = [
            lambda: tokens[platform].access_token("default"),
            lambda: publisher.begin(draft, facts),
        ]
        if isinstance(publisher, DeletesPosts):
            calls.append(lambda: publisher.delete("default", "17841400000000000"))
        for call in calls:
            try:
                async with asyncio.timeout(60):
                    await call()
            except ReelwrightError as error:
                errors.append(error)
    return errors


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("real", [True, False], ids=["real token", "no token"])
@pytest.mark.parametrize("sandbox", [True, False], ids=["sandbox", "no sandbox"])
async def test_what_a_worker_sends_where(platform: Platform, real: bool, sandbox: bool, wire: Wire) -> None:
    given = {token_variable(platform): REAL_TOKENS[platform]} if real else {}
    given |= {"REELWRIGHT_SANDBOX_URL": SANDBOX} if sandbox else {}
    errors = await worker_sends(settings_of(**given), platform, Vault())
    if real:
        assert wire.hosts and wire.hosts <= HOSTS[platform]
        assert REAL_TOKENS[platform].rpartition(":")[2] in wire.text
        assert not OF_SANDBOX.search(wire.text)
    elif sandbox:
        assert wire.hosts == {"sandbox"}
        assert OF_SANDBOX.search(wire.text)
        assert "real-" not in wire.text
    else:
        assert not wire.sent
        assert isinstance(errors[0], NeedsAuthorization)


@pytest.mark.parametrize("platform", Platform)
async def test_an_applications_credentials_alone_make_a_platform_real(platform: Platform, wire: Wire) -> None:
    """Accounts are then added with `reelwright account add`."""
    vault = Vault()
    await vault.put(AccountInfo(platform=platform), token_of(platform, SecretStr(REAL_TOKENS[platform])))
    settings = settings_of(**{variable(SPECS[platform].client_id): "123", "REELWRIGHT_SANDBOX_URL": SANDBOX})
    assert platform not in without_credentials(settings)
    await worker_sends(settings, platform, vault)
    assert wire.hosts and wire.hosts <= HOSTS[platform]
    assert REAL_TOKENS[platform].rpartition(":")[2] in wire.text


@pytest.mark.parametrize("platform", Platform)
async def test_a_real_account_is_not_shown_to_the_sandbox_and_not_overwritten(
    platform: Platform, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    vault = Vault()
    real = token_of(platform, SecretStr(REAL_TOKENS[platform]))
    await vault.put(AccountInfo(platform=platform), real)
    errors = await worker_sends(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX), platform, vault)
    assert not wire.sent
    assert "played by the sandbox here" in str(errors[0])
    assert vault.tokens[platform, "default"] == real
    assert f"account remove {platform.value}" in caplog.text


@pytest.mark.parametrize("platform", Platform)
async def test_an_account_of_the_sandbox_is_not_used_on_the_real_platform(platform: Platform, wire: Wire) -> None:
    vault = Vault()
    await seed_accounts(sites(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)), vault)
    assert vault.tokens[platform, "default"].origin is Origin.SANDBOX
    only_application = settings_of(**{variable(SPECS[platform].client_id): "123"})
    errors = await worker_sends(only_application, platform, vault)
    assert not wire.sent
    assert "its token is the sandbox's" in str(errors[0])
    with_token = settings_of(**{token_variable(platform): REAL_TOKENS[platform]})
    await worker_sends(with_token, platform, vault)
    assert wire.hosts <= HOSTS[platform] and REAL_TOKENS[platform].rpartition(":")[2] in wire.text
    assert vault.tokens[platform, "default"].origin is Origin.REAL


async def test_instagrams_own_login_is_renewed_where_the_account_is(wire: Wire) -> None:
    vault = Vault()
    token = StoredToken(
        access_token=SecretStr("EAAsandbox-second"), flow="instagram", origin=Origin.SANDBOX,
        obtained_at=_days_ago(50), expires_at=_days_ago(-1),
    )  # fmt: skip
    await vault.put(AccountInfo(platform=Platform.INSTAGRAM, name="second"), token)
    settings = settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX)
    async with clients(settings) as http:
        tokens = build_tokens(sites(settings), http, vault)[Platform.INSTAGRAM]
        assert await tokens.access_token("second") == "EAAsandbox-second", "the answer was no token; the old one serves"
    assert wire.hosts == {"sandbox"}
    assert "/refresh_access_token" in wire.text


def _days_ago(days: float) -> Any:
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) - timedelta(days=days)


# --- what earlier releases stored ------------------------------------------------------------------------------------

ROTATED = "act." + "a1B2_-" * 8
OLD = [
    (Platform.YOUTUBE, {"refresh_token": "1//sandbox-default"}, Origin.SANDBOX),
    (Platform.YOUTUBE, {"refresh_token": "1//0real", "access_token": "ya29.a0real"}, Origin.REAL),
    (Platform.X, {"refresh_token": "x-rt-" + "a" * 43, "access_token": "x-at-" + "a" * 43}, Origin.SANDBOX),
    (Platform.X, {"refresh_token": "bWRWa3gzdnk3WHRGU1o0bmRRcTJ5VWxUT"}, Origin.REAL),
    (Platform.LINKEDIN, {"refresh_token": "sandbox-default", "access_token": "AQX-sandbox-abc"}, Origin.SANDBOX),
    (Platform.BLUESKY, {"refresh_token": "main.sandbox.test:sandbox-main"}, Origin.SANDBOX),
    (Platform.BLUESKY, {"refresh_token": "sandbox-fan.bsky.social:abcd-efgh-2345-wxyz"}, Origin.REAL),
    (Platform.BLUESKY, {"refresh_token": "eyJ0.eyJz.c2ln", "access_token": "eyJ0.eyJz.c2ln"}, Origin.REAL),
    (Platform.BLUESKY, {"access_token": "eyJ0.eyJz.sandbox-c2ln"}, Origin.SANDBOX),
    (Platform.LINKEDIN, {"access_token": "AQXdSP_W41_UPs5ioT_t8HESyODB4FqbkJ8LrV_5mff4gPODzOYR"}, Origin.REAL),
    (Platform.INSTAGRAM, {"access_token": "EAAsandbox-default:0123456789abcdef"}, Origin.SANDBOX),
    (Platform.FACEBOOK, {"access_token": "EAA" + "x" * 64}, Origin.UNKNOWN),
    (Platform.FACEBOOK, {"access_token": "EAA" + "x" * 180}, Origin.REAL),
    (Platform.TIKTOK, {"refresh_token": "rft.sandbox-default"}, Origin.SANDBOX),
    (Platform.TIKTOK, {"refresh_token": ROTATED.replace("act", "rft"), "access_token": ROTATED}, Origin.UNKNOWN),
    (Platform.TIKTOK, {"access_token": "act.example12345Example12345Example!4567.va"}, Origin.REAL),
]


@pytest.mark.parametrize(("platform", "texts", "origin"), OLD)
def test_an_old_token_is_told_by_its_shape_or_not_at_all(
    platform: Platform, texts: dict[str, str], origin: Origin
) -> None:
    stored = StoredToken.model_validate_json(StoredToken(flow="x").model_dump_json(exclude={"origin"}))
    token = stored.model_copy(update={name: SecretStr(text) for name, text in texts.items()})
    assert origin_of(platform, token) is origin


@pytest.mark.parametrize("real", [True, False])
async def test_what_cannot_be_told_is_sent_nowhere(real: bool, wire: Wire) -> None:
    vault = Vault()
    await vault.put(
        AccountInfo(platform=Platform.TIKTOK),
        StoredToken(access_token=SecretStr(ROTATED), flow="tiktok"),
    )
    settings = settings_of(**{"TIKTOK_CLIENT_KEY": "key"} if real else {"REELWRIGHT_SANDBOX_URL": SANDBOX})
    errors = await worker_sends(settings, Platform.TIKTOK, vault)
    assert not wire.sent
    assert "an earlier release stored its token" in str(errors[0])
    assert "reelwright account authorize tiktok" in str(errors[0])


@pytest.mark.parametrize(("first", "origin"), [("rft.real", Origin.REAL), ("rft.sandbox-default", Origin.SANDBOX)])
async def test_an_old_account_of_the_environments_is_known_by_its_seed(first: str, origin: Origin) -> None:
    """Its token was renewed since and shows nothing; the account still names the token it was made of."""
    from reelwright.domain.ids import sha256_of

    vault = Vault()
    renewed = StoredToken(access_token=SecretStr(ROTATED), flow="tiktok")
    seeded = AccountInfo(platform=Platform.TIKTOK, options={"seed": sha256_of(first)[:16], "best_time": "18:00 UTC"})
    await vault.put(seeded, renewed)
    real = origin is Origin.REAL
    settings = settings_of(**{"TIKTOK_REFRESH_TOKEN": first} if real else {"REELWRIGHT_SANDBOX_URL": SANDBOX})
    await seed_accounts(sites(settings), vault)
    token = vault.tokens[Platform.TIKTOK, "default"]
    assert token.origin is origin
    assert (token.access_token.get_secret_value() == ROTATED) is real, "a real one that was renewed is kept"
    assert vault.infos[Platform.TIKTOK, "default"].options["best_time"] == "18:00 UTC"


async def test_an_account_of_the_sandbox_keeps_what_it_has_until_it_no_longer_serves() -> None:
    vault, places = Vault(), sites(settings_of(REELWRIGHT_SANDBOX_URL=SANDBOX))
    await seed_accounts(places, vault)
    first = dict(vault.tokens)
    await seed_accounts(places, vault)
    assert vault.tokens == first
    await vault.needs_authorization(Platform.X, "default", "revoked")
    await seed_accounts(places, vault)
    assert vault.tokens[Platform.X, "default"] != first[Platform.X, "default"]
    assert vault.infos[Platform.X, "default"].needs_authorization == ""


# --- addresses -------------------------------------------------------------------------------------------------------


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


# --- Discord ---------------------------------------------------------------------------------------------------------

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


# --- docker-compose --------------------------------------------------------------------------------------------------


def composed(person: dict[str, str]) -> PlatformSettings:
    """The settings of the cpu service for what a person has in `.env`, as Docker Compose puts them together."""
    service = yaml.safe_load(COMPOSE.read_text())["services"]["cpu"]

    def filled(match: re.Match[str]) -> str:
        name, sign, default = match[1], match[2] or "", match[3] or ""
        given = person.get(name)
        return default if given is None or (given == "" and sign == ":-") else given

    pattern = re.compile(r"\$\{(\w+)(:-|-|:\?)?([^}]*)\}")
    given = {name: pattern.sub(filled, str(value)) for name, value in service["environment"].items()}
    names = {variable(name) for name in PlatformSettings.model_fields}
    return settings_of(**{name: value for name, value in {**person, **given}.items() if name in names})


@pytest.mark.parametrize("platform", Platform)
async def test_compose_sends_a_real_account_to_the_real_platform_alone(platform: Platform, wire: Wire) -> None:
    await worker_sends(composed({token_variable(platform): REAL_TOKENS[platform]}), platform, Vault())
    assert wire.hosts and wire.hosts <= HOSTS[platform]
    assert not OF_SANDBOX.search(wire.text)


@pytest.mark.parametrize("platform", Platform)
async def test_compose_without_keys_is_the_sandbox(platform: Platform, wire: Wire) -> None:
    await worker_sends(composed({}), platform, Vault())
    assert wire.hosts == {"sandbox"}


def test_compose_can_do_without_the_sandbox() -> None:
    places = sites(composed({"REELWRIGHT_SANDBOX_URL": "", "REELWRIGHT_SANDBOX_SITE_URL": ""}))
    assert {site.origin for site in places.values()} == {Origin.REAL}


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
