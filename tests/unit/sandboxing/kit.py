"""A worker whose requests are recorded instead of sent, and what a real account is to be recognised by."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx

from reelwright.domain.errors import ReelwrightError
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import DeletesPosts, VideoFacts
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.posting import PostDraft
from reelwright.platforms.registry import SPECS
from workers.platform_settings import PlatformSettings
from workers.publishers import build_publishers, build_tokens, seed_accounts
from workers.sandboxing import clients, sites

SANDBOX = "http://sandbox:8090"
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
