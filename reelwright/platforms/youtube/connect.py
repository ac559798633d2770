"""Connecting a channel (docs/connecting.md#youtube). One grant is one channel: the one picked on Google's page.

No scope of OpenID is asked for: with one of them Google lets nobody choose a brand account's channel.
"""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, NeedsAuthorization
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Identity, Inspection, ScopeUse, Way

from ..common.connect import Advice, App, ConnectFlow, text
from .settings import YouTubeSettings

ROOT = "https://www.googleapis.com/auth/"
WEB = "web"
"""The application for the console's public address, where one is set."""
SCOPES = (
    ScopeUse(name=f"{ROOT}youtube.upload", gives="uploading videos", needed=True),
    ScopeUse(name=f"{ROOT}youtube.readonly", gives="reading back what was posted", needed=True),
    ScopeUse(name=f"{ROOT}youtube.force-ssl", gives="captions, first comments, deleting posts"),
    ScopeUse(name=f"{ROOT}yt-analytics.readonly", gives="figures: views, watch time"),
)
WIDER = {f"{ROOT}youtube.readonly": (f"{ROOT}youtube.force-ssl", f"{ROOT}youtube")}
"""What one scope allows, others do too (the discovery document)."""

ADVICE = {
    "redirect_uri_mismatch": Advice(
        "redirect", "register the redirect address, byte for byte, with the client in Google's console"
    ),
    "invalid_client": Advice("YOUTUBE_CLIENT_SECRET", "copy id and secret again from Google's console"),
    "unauthorized_client": Advice(
        "YOUTUBE_CLIENT_ID", "use a client of type Desktop app, or Web application with the redirect registered"
    ),
    "invalid_grant": Advice("code", "begin the connection again", "the code has expired or was used before"),
    "admin_policy_enforced": Advice("account", "ask the Workspace's administrator to allow the application"),
    "org_internal": Advice("account", "set the consent screen's user type to External"),
}
"""What to change where, by an error's name or by words of its description."""


class YouTubeConnect(ConnectFlow):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.YOUTUBE
    short = "g"
    issuer = "google"
    flow = "google"
    wanted = SCOPES
    advice = ADVICE

    def __init__(self, http: httpx.AsyncClient, settings: YouTubeSettings, origin: Origin) -> None:
        main = App(
            settings.youtube_client_id,
            settings.youtube_client_secret.get_secret_value(),
            "YOUTUBE_CLIENT_ID",
            "YOUTUBE_CLIENT_SECRET",
        )
        web = App(
            settings.youtube_web_client_id,
            settings.youtube_web_client_secret.get_secret_value(),
            "YOUTUBE_WEB_CLIENT_ID",
            "YOUTUBE_WEB_CLIENT_SECRET",
        )
        super().__init__(
            http,
            origin=origin,
            apps={"": main, **({WEB: web} if web.client_id else {})},
            authorize_url=settings.google_authorize_url,
            token_url=settings.youtube_token_url,
            scopes=settings.youtube_scopes,
        )
        self._api_url = settings.youtube_api_url
        self._revoke_url = settings.google_revoke_url
        self._tokeninfo_url = settings.google_tokeninfo_url

    def app_for(self, way: Way) -> str:
        """The web client for the console, where there is one."""
        return WEB if way is Way.CONSOLE and WEB in self._apps else ""

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        kind = "Web application" if app == WEB else "Desktop app"
        return Guide(
            app_type=f"OAuth client of type {kind}",
            portal="https://console.cloud.google.com/auth/clients",
            steps=(
                "Enable the YouTube Data API v3 and the YouTube Analytics API in the project.",
                "Consent screen: External; add yourself as a test user, then publish it (In production; unverified is"
                " enough for your own accounts).",
                f"Clients: create one of type {kind}"
                + (" and register the redirect." if app == WEB else "; no redirect has to be registered."),
            ),
            any_port=True,
            notes=(
                "while the consent screen is in Testing, Google ends every grant after 7 days",
                "uploads of a project that Google has not audited stay private, without an error",
            ),
        )

    def query(self, asked: Asked) -> dict[str, str]:
        """With a refresh token, and with the account's and the channel's pickers: `consent` alone skips them."""
        return {**super().query(asked), "access_type": "offline", "prompt": "consent select_account"}

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """See `Connector.exchange`."""
        body = await self.redeemed(code, asked)
        token = self.stored(body, asked)
        if not token.refresh_token.get_secret_value():
            raise InvalidInput(
                "Google sent no refresh token, and without one the account would work for an hour",
                field="code",
                remedy="remove the application at https://myaccount.google.com/connections, and connect again",
            )
        try:
            channels = await self._channels(body["access_token"])
        except NeedsAuthorization as error:
            raise InvalidInput(
                f"the channel cannot be read: {error.message}",
                field="scope",
                remedy="connect again and leave every permission ticked; the YouTube Data API must be enabled",
            ) from None
        if not channels:
            raise InvalidInput(
                "this Google account has no channel",
                field="account",
                remedy="make a channel on YouTube, or choose another account or brand account on Google's page",
            )
        choices = tuple(Choice(identity=_identity(each), token=token) for each in channels)
        first = choices[0].identity
        return self.granted(
            body,
            asked,
            subject=first.external_id,
            subject_name=first.name,
            choices=choices,
            ends=token.refresh_expires_at,
            notes=_private(channels[0]),
        )

    def scopes_of(self, body: dict[str, Any], asked: Asked) -> tuple[str, ...]:
        """As granted; a narrower scope counts as granted with a wider one."""
        return widened(super().scopes_of(body, asked))

    async def _channels(self, token: str) -> list[dict[str, Any]]:
        params = {"part": "snippet,status,contentDetails,statistics", "mine": "true"}
        body = await self.read("GET", f"{self._api_url}/youtube/v3/channels", token, params=params)
        items = body.get("items")
        return [item for item in items if isinstance(item, dict) and item.get("id")] if isinstance(items, list) else []

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """The channel (1 unit), and the token's scopes (free)."""
        channels = await self._channels(token)
        if not channels:
            raise NeedsAuthorization("the account has no channel any more", field="account", remedy="connect it again")
        told = await self.read("GET", self._tokeninfo_url, token, params={"access_token": token})
        have = told.get("scope")
        found = _identity(channels[0])
        return Inspection(
            external_id=found.external_id,
            name=found.name,
            scopes=widened(tuple(have.split())) if isinstance(have, str) else None,
            notes=(
                *_private(channels[0]),
                "uploads of a project that Google has not audited stay private, without an error",
            ),
        )

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """See `Connector.revoke`."""
        secret = token.refresh_token.get_secret_value() or token.access_token.get_secret_value()
        await self.send_form(self._revoke_url, {"token": secret})


def widened(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """With those that a wider scope includes."""
    more = [name for name, wider in WIDER.items() if name not in scopes and set(wider) & set(scopes)]
    return (*scopes, *more)


def _identity(item: dict[str, Any]) -> Identity:
    snippet: Any = item.get("snippet")
    snippet = snippet if isinstance(snippet, dict) else {}
    statistics: Any = item.get("statistics")
    count = text(statistics.get("subscriberCount")) if isinstance(statistics, dict) else ""
    pictures: Any = snippet.get("thumbnails")
    default: Any = pictures.get("default") if isinstance(pictures, dict) else None
    return Identity(
        external_id=text(item.get("id")),
        name=text(snippet.get("title")) or text(item.get("id")),
        kind="channel",
        handle=text(snippet.get("customUrl")),
        picture=text(default.get("url"), 2_000) if isinstance(default, dict) else "",
        details=f"{count} subscribers" if count else "",
    )


def _private(item: dict[str, Any]) -> tuple[str, ...]:
    status: Any = item.get("status")
    long = status.get("longUploadsStatus") if isinstance(status, dict) else None
    told = "YouTube lets this channel upload at most 15 minutes until its phone number is confirmed"
    return (told,) if long in ("eligible", "disallowed") else ()
