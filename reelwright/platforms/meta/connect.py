"""Facebook Login, as Facebook pages and Instagram accounts are connected by it (docs/connecting.md#facebook).

One person's consent covers all pages that were ticked on Meta's page. Each account gets its page's token, which has no
end of its own; the person's token is kept with the grant, and all of them end together.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, NeedsAuthorization
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Inspection, ScopeUse
from reelwright.domain.redaction import know

from ..common.connect import Advice, App, ConnectFlow, text
from .api import object_id
from .settings import MetaSettings

PAGES = 50
"""How many answers of a list are read, 100 pages in each."""
FIELDS = (
    "id,name,username,link,picture{url},tasks,access_token,"
    "instagram_business_account{id,username,name,profile_picture_url}"
)
CONFIGURED = "config"
"""What is asked for by a configuration of Login for Business stands in Meta's console, and not here."""
PORTFOLIO = ScopeUse(name="business_management", gives="pages that belong to a business portfolio")
LISTED = ScopeUse(name="pages_show_list", gives="listing your pages", needed=True)
DEV_NOTE = (
    "while the app is in Development mode only people with a role in it see its posts, and only then does it take"
    " http://localhost as a redirect: connect, then switch it to Live"
)

ADVICE = {
    "redirect_uri": Advice(
        "redirect",
        "add the redirect address, byte for byte, to Valid OAuth Redirect URIs (Facebook Login, Settings)",
    ),
    "client secret": Advice("META_APP_SECRET", "copy the App secret again (App settings, Basic)"),
    "client_secret": Advice("META_APP_SECRET", "copy the App secret again (App settings, Basic)"),
    "application": Advice("META_APP_ID", "copy the App ID again (App settings, Basic)"),
    "code has been used": Advice("code", "begin the connection again", "the code was used before"),
    "code has expired": Advice("code", "begin the connection again", "the code has expired"),
}
"""What to change where, by an error's name or by words of its description."""


class MetaConnect(ConnectFlow):
    """What both platforms share; each says what a page is to it (`choice`)."""

    issuer = "meta"
    flow = "none"
    separator = ","
    pkce = "none"
    denials = frozenset({"access_denied", "user_denied"})
    advice = ADVICE

    def __init__(self, http: httpx.AsyncClient, settings: MetaSettings, origin: Origin, scopes: str) -> None:
        app = App(settings.meta_app_id, settings.meta_app_secret.get_secret_value(), "META_APP_ID", "META_APP_SECRET")
        super().__init__(
            http,
            origin=origin,
            apps={"": app},
            authorize_url=settings.meta_authorize_url.replace("{version}", settings.meta_version),
            token_url=f"{settings.meta_api_url}/{settings.meta_version}/oauth/access_token",
            scopes=scopes,
        )
        self._root = f"{settings.meta_api_url}/{settings.meta_version}"
        self._config_id = settings.meta_config_id

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        return Guide(
            app_type="app of type Business, with Facebook Login (or Facebook Login for Business)",
            portal="https://developers.facebook.com/apps",
            steps=(
                "Use cases: 'Manage everything on your Page' and 'Manage messaging & content on Instagram'; add their"
                " optional permissions one by one.",
                "Facebook Login, Settings: add the redirect to Valid OAuth Redirect URIs (http://localhost needs none"
                " in Development mode).",
                "With Facebook Login for Business: make a configuration with these permissions, and set"
                " REELWRIGHT_META_CONFIG_ID to its id.",
                "App settings, Basic: copy App ID and App secret.",
            ),
            loopback="localhost",
            any_port=True,
            notes=(DEV_NOTE,),
        )

    def query(self, asked: Asked) -> dict[str, str]:
        """By scopes, or by a configuration in their place."""
        query = super().query(asked)
        if self._config_id:
            del query["scope"]
            return {**query, "config_id": self._config_id}
        return {**query, "auth_type": "rerequest"}

    # --- from the code to the pages ---------------------------------------------------------------------------------

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """See `Connector.exchange`. The code's token lives an hour, and is exchanged for one of about 60 days."""
        short = await self.redeemed(code, asked)
        app = self.app(asked.app)
        form = {"grant_type": "fb_exchange_token", "client_id": app.client_id, "client_secret": app.secret}
        body = await self.tokens({**form, "fb_exchange_token": short["access_token"]})
        token = body["access_token"]
        me = await self._get("me", token, fields="id,name")
        scopes = await self._permissions(token)
        kept = self.stored(body, asked).model_copy(update={"scopes": scopes})
        choices = [self._choice(page, scopes) for page in await self._pages(token, scopes)]
        if not choices:
            raise InvalidInput(
                f"no page came along with the consent of {text(me.get('name')) or 'this person'}",
                field="account",
                remedy="connect again and tick the pages; a page of a business portfolio needs business_management;"
                " a person without a page makes one first",
            )
        return self.granted(
            body,
            asked,
            scopes=scopes,
            subject=text(me.get("id")),
            subject_name=text(me.get("name")),
            choices=tuple(choices),
            kept=kept,
            notes=(DEV_NOTE,),
        )

    async def _permissions(self, token: str) -> tuple[str, ...]:
        """What the person granted; the token's answer does not say it."""
        body = await self._get("me/permissions", token)
        rows = body.get("data")
        rows = rows if isinstance(rows, list) else []
        return tuple(
            text(row.get("permission")) for row in rows if isinstance(row, dict) and row.get("status") == "granted"
        )

    async def _pages(self, token: str, scopes: Iterable[str]) -> list[dict[str, Any]]:
        """The person's pages, and those of their businesses; each once."""
        found = await self._all("me/accounts", token, FIELDS)
        if PORTFOLIO.name in scopes:
            for business in await self._all("me/businesses", token, "id,name"):
                for edge in ("owned_pages", "client_pages"):
                    if of := object_id(business.get("id")):
                        found += await self._all(f"{of}/{edge}", token, FIELDS)
        return list({page["id"]: page for page in reversed(found) if object_id(page.get("id"))}.values())[::-1]

    async def _all(self, path: str, token: str, fields: str) -> list[dict[str, Any]]:
        """All of a list. The next part is asked for by its cursor: the address that Meta gives for it holds the
        token."""
        found: list[dict[str, Any]] = []
        after = ""
        for _ in range(PAGES):
            body = await self._get(path, token, fields=fields, limit="100", **({"after": after} if after else {}))
            rows = body.get("data")
            found += [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
            paging: Any = body.get("paging")
            cursors: Any = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
            after = text(cursors.get("after"), 2_000) if isinstance(cursors, dict) else ""
            if not after:
                break
        return found

    async def _get(self, path: str, token: str, **params: str) -> dict[str, Any]:
        return await self.read("GET", f"{self._root}/{path}", token, params={**params, **self._proof(token)})

    def _proof(self, token: str) -> dict[str, str]:
        """Apps can be set to want it with every call."""
        secret = self.app("").secret
        if not secret:
            return {}
        proof = hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        know(proof)
        return {"appsecret_proof": proof}

    def _choice(self, page: dict[str, Any], scopes: tuple[str, ...]) -> Choice:
        access = page.get("access_token")
        know(access if isinstance(access, str) else "")
        choice = self.choice(page)
        why = choice.identity.refused
        tasks = page.get("tasks")
        if not why and isinstance(tasks, list) and "CREATE_CONTENT" not in tasks:
            why = "your role on this page does not allow posting (task CREATE_CONTENT)"
        if not why and not (isinstance(access, str) and access):
            why = "Meta gave no token for this page: tick it in the dialog"
        if why:
            return choice.model_copy(update={"identity": choice.identity.model_copy(update={"refused": why})})
        token = StoredToken(
            access_token=SecretStr(str(access)),
            obtained_at=datetime.now(UTC),
            flow="none",
            scopes=scopes,
            origin=self.origin,
        )
        return choice.model_copy(update={"token": token})

    def choice(self, page: dict[str, Any]) -> Choice:
        """What a page is to the platform, without its token."""
        raise NotImplementedError

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def fields(self) -> str:
        """What is read of an account to see whether it is there."""
        raise NotImplementedError

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """The account, and Meta's own view of its token (`debug_token`)."""
        found = await self._get(account.external_id or "me", token, fields=self.fields())
        app = self.app("")
        told: dict[str, Any] = {}
        notes: tuple[str, ...] = (DEV_NOTE,)
        if app.secret:
            body = await self.read(
                "GET",
                f"{self._root}/debug_token",
                f"{app.client_id}|{app.secret}",
                params={"input_token": token},
            )
            data = body.get("data")
            told = data if isinstance(data, dict) else {}
        if told.get("is_valid") is False:
            raise NeedsAuthorization("Meta calls its token invalid", field="token", remedy="connect it again")
        have = told.get("scopes")
        return Inspection(
            external_id=text(found.get("id")),
            name=text(found.get("name")) or text(found.get("username")),
            scopes=tuple(text(name) for name in have) if isinstance(have, list) else None,
            ends=_earliest(told.get("expires_at"), told.get("data_access_expires_at")),
            notes=notes,
        )

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """All permissions of the person for this application, and with them every page and Instagram account."""
        secret = token.access_token.get_secret_value()
        know(secret)
        await self.send_form(
            f"{self._root}/{object_id(subject) or 'me'}/permissions",
            {},
            method="DELETE",
            headers={"Authorization": f"Bearer {secret}"},
            params=self._proof(secret),
        )


def _earliest(*instants: Any) -> datetime | None:
    """The first of them to come; Meta writes 0 for never."""
    given = [
        each for each in instants if isinstance(each, int) and not isinstance(each, bool) and 0 < each < 4_102_444_800
    ]
    return datetime.fromtimestamp(min(given), UTC) if given else None


def picture_of(page: dict[str, Any]) -> str:
    """A page's picture."""
    picture: Any = page.get("picture")
    data: Any = picture.get("data") if isinstance(picture, dict) else None
    return text(data.get("url"), 2_000) if isinstance(data, dict) else ""
