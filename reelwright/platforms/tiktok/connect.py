"""Connecting a TikTok account (docs/connecting.md#tiktok)."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, NeedsAuthorization
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Identity, Inspection, ScopeUse

from ..common.connect import Advice, App, ConnectFlow, text
from .settings import TikTokSettings

SCOPES = (
    ScopeUse(name="user.info.basic", gives="knowing whose account it is", needed=True),
    ScopeUse(name="user.info.profile", gives="the account's name in addresses"),
    ScopeUse(name="video.publish", gives="posting directly", needed=True),
    ScopeUse(name="video.upload", gives="sending drafts to the inbox"),
    ScopeUse(name="video.list", gives="reading back what was posted, and figures"),
)
FIELDS = "open_id,union_id,display_name,avatar_url"

ADVICE = {
    "redirect_uri": Advice(
        "redirect", "register the redirect address, byte for byte, with Login Kit of the app's platform"
    ),
    "code_challenge": Advice("REELWRIGHT_TIKTOK_PKCE", "set hex for a Desktop platform, none or base64url for Web"),
    "Code verifier": Advice("REELWRIGHT_TIKTOK_PKCE", "set hex for a Desktop platform, none or base64url for Web"),
    "invalid_client": Advice("TIKTOK_CLIENT_SECRET", "copy key and secret again; a sandbox has its own"),
    "client_key": Advice("TIKTOK_CLIENT_KEY", "copy key and secret again; a sandbox has its own"),
    "invalid_scope": Advice(
        "REELWRIGHT_TIKTOK_SCOPES", "name only scopes that the app's products have, or have them added"
    ),
    "unauthorized_client": Advice("TIKTOK_CLIENT_KEY", "add Login Kit to the app, and yourself as a target user"),
    "invalid_grant": Advice("code", "begin the connection again", "the code has expired or was used before"),
}
"""What to change where, by an error's name or by words of its description."""


class TikTokConnect(ConnectFlow):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.TIKTOK
    short = "t"  # TikTok is said to refuse paths with its own name
    issuer = "tiktok"
    flow = "tiktok"
    id_name = "client_key"
    separator = ","
    wanted = SCOPES
    advice = ADVICE

    def __init__(self, http: httpx.AsyncClient, settings: TikTokSettings, origin: Origin) -> None:
        app = App(
            settings.tiktok_client_key,
            settings.tiktok_client_secret.get_secret_value(),
            "TIKTOK_CLIENT_KEY",
            "TIKTOK_CLIENT_SECRET",
        )
        super().__init__(
            http,
            origin=origin,
            apps={"": app},
            authorize_url=settings.tiktok_authorize_url,
            token_url=f"{settings.tiktok_api_url}/v2/oauth/token/",
            scopes=settings.tiktok_scopes,
        )
        self.pkce = settings.tiktok_pkce
        self._api_url = settings.tiktok_api_url

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        return Guide(
            app_type="app with the platform Desktop (command line) or Web (console)",
            portal="https://developers.tiktok.com/apps",
            steps=(
                "Platforms: add Desktop for a listener on this machine, Web for an https address.",
                "Products: add Login Kit, and register the redirect there; add Content Posting API with Direct Post.",
                f"Scopes: {', '.join(use.name for use in self.uses(app))}.",
                "Until the app is reviewed: add a sandbox with yourself as target user, and use the sandbox's key.",
            ),
            notes=(
                "posts of an app that TikTok has not audited are private, for at most five users a day",
                "TikTok's guidelines refuse apps for private use; drafts to the inbox need no audit",
            ),
        )

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """See `Connector.exchange`."""
        body = await self.redeemed(code, asked)
        token = self.stored(body, asked)
        open_id = text(body.get("open_id"))
        if not open_id:
            raise InvalidInput("TikTok named no account", field="code", remedy="begin the connection again")
        identity = await self._identity(body["access_token"], open_id, token.scopes)
        return self.granted(
            body,
            asked,
            subject=open_id,
            subject_name=identity.name,
            choices=(Choice(identity=identity, token=token),),
            ends=token.refresh_expires_at,
        )

    async def _identity(self, access: str, open_id: str, scopes: tuple[str, ...]) -> Identity:
        """From the profile, and from creator_info, which shows the account that posts are made with."""
        found: dict[str, Any] = {}
        if "user.info.basic" in scopes:
            fields = FIELDS + (",username" if "user.info.profile" in scopes else "")
            user = _data(
                await self.read("GET", f"{self._api_url}/v2/user/info/", access, params={"fields": fields})
            ).get("user")
            found = user if isinstance(user, dict) else {}
        if text(found.get("open_id")) not in ("", open_id):
            raise InvalidInput("TikTok named two accounts", field="code", remedy="begin the connection again")
        if "video.publish" in scopes:
            creator = await self._creator(access)
            found = {
                **found,
                "username": creator.get("creator_username") or found.get("username"),
                "display_name": creator.get("creator_nickname") or found.get("display_name"),
                "avatar_url": creator.get("creator_avatar_url") or found.get("avatar_url"),
            }
        handle = text(found.get("username"))
        return Identity(
            external_id=open_id,
            name=text(found.get("display_name")) or handle or open_id,
            kind="account",
            handle=f"@{handle}" if handle else "",
            picture=text(found.get("avatar_url"), 2_000),
        )

    async def _creator(self, access: str) -> dict[str, Any]:
        url = f"{self._api_url}/v2/post/publish/creator_info/query/"
        return _data(await self.read("POST", url, access, json={}))

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """creator_info (20 a minute) proves the right to post; scopes are those of the token's answer."""
        params = {"fields": "open_id,display_name"}
        user = _data(await self.read("GET", f"{self._api_url}/v2/user/info/", token, params=params)).get("user")
        found = user if isinstance(user, dict) else {}
        notes: tuple[str, ...] = ()
        lacks: tuple[str, ...] = ()
        try:
            creator = await self._creator(token)
        except NeedsAuthorization as error:
            lacks = (f"posting: {error.message}",)
        else:
            levels = creator.get("privacy_level_options")
            if isinstance(levels, list) and "PUBLIC_TO_EVERYONE" not in levels:
                notes = ("nothing can be posted publicly: the account is private, or TikTok has not audited the app",)
        return Inspection(
            external_id=text(found.get("open_id")),
            name=text(found.get("display_name")),
            scopes=scopes or None,
            notes=notes,
            lacks=lacks,
        )

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """See `Connector.revoke`."""
        app = self.app(token.client)
        form = {"client_key": app.client_id, "client_secret": app.secret}
        await self.send_form(
            f"{self._api_url}/v2/oauth/revoke/", {**form, "token": token.access_token.get_secret_value()}
        )


def _data(body: dict[str, Any]) -> dict[str, Any]:
    data = body.get("data")
    return data if isinstance(data, dict) else {}
