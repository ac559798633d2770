"""Connecting an X account (docs/connecting.md#x). X lets nobody choose: it is the account that the browser is signed in
to, so a person is shown who that was before anything is stored. A code lives 30 seconds."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Identity, Inspection, ScopeUse

from ..common.connect import Advice, App, ConnectFlow, text
from .settings import XSettings

SCOPES = (
    ScopeUse(name="tweet.read", gives="reading back what was posted", needed=True),
    ScopeUse(name="users.read", gives="knowing whose account it is", needed=True),
    ScopeUse(name="tweet.write", gives="posting", needed=True),
    ScopeUse(name="media.write", gives="uploading videos", needed=True),
    ScopeUse(name="offline.access", gives="posting for more than two hours", needed=True),
    ScopeUse(name="tweet.moderate.write", gives="hiding replies"),
)

ADVICE = {
    "unauthorized_client": Advice(
        "X_CLIENT_SECRET",
        "the app's type is 'Web App, Automated App or Bot' with a secret, 'Native App' without one: set the secret"
        " exactly for the first",
    ),
    "invalid_client": Advice("X_CLIENT_SECRET", "copy client id and secret (of OAuth 2.0) again"),
    "redirect": Advice("redirect", "register the callback, byte for byte with port and slash, in the app"),
    "invalid_scope": Advice("REELWRIGHT_X_SCOPES", "name only scopes that X has"),
    "invalid_grant": Advice("code", "begin the connection again", "the code has expired (30 s) or was used before"),
    "authorization code was invalid": Advice(
        "code", "begin the connection again, and go on at once", "the code has expired (30 s) or was used before"
    ),
    "invalid_request": Advice(
        "code", "begin the connection again, and go on at once", "the code has expired (30 s) or was used before"
    ),
}
"""What to change where, by an error's name or by words of its description."""


class XConnect(ConnectFlow):
    """See `domain.ports.connecting.Connector`."""

    platform = Platform.X
    short = "x"
    issuer = "x"
    flow = "x"
    wanted = SCOPES
    advice = ADVICE

    def __init__(self, http: httpx.AsyncClient, settings: XSettings, origin: Origin) -> None:
        app = App(
            settings.x_client_id,
            settings.x_client_secret.get_secret_value(),
            "X_CLIENT_ID",
            "X_CLIENT_SECRET",
            secret_needed=False,
        )
        super().__init__(
            http,
            origin=origin,
            apps={"": app},
            authorize_url=settings.x_authorize_url,
            token_url=f"{settings.x_api_url}/2/oauth2/token",
            scopes=settings.x_scopes,
        )
        self._api_url = settings.x_api_url

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        return Guide(
            app_type="OAuth 2.0, type 'Web App, Automated App or Bot' (with a secret)",
            portal="https://developer.x.com/en/portal/projects-and-apps",
            steps=(
                "App, User authentication settings: Read and write; register the redirect and any website.",
                "Keys and tokens: copy the OAuth 2.0 client id and client secret.",
                "Billing: buy credits; posting and reading are charged for.",
            ),
            notes=(
                "X connects the account that the browser is signed in to: use a private window for another one",
                "X's code lives 30 seconds: with --paste, paste at once",
            ),
        )

    async def redeemed(self, code: SecretStr, asked: Asked) -> dict[str, Any]:
        """A confidential client signs in with Basic, a public one by its id in the form."""
        app = self.app(asked.app)
        form = self.form(code, asked)
        return await self.tokens(form, auth=(app.client_id, app.secret)) if app.secret else await self.tokens(form)

    def form(self, code: SecretStr, asked: Asked) -> dict[str, str]:
        """Without the secret, which is in the header."""
        form = super().form(code, asked)
        form.pop("client_secret", None)
        return form

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """See `Connector.exchange`."""
        body = await self.redeemed(code, asked)
        token = self.stored(body, asked)
        if not token.refresh_token.get_secret_value():
            raise InvalidInput(
                "X sent no refresh token, and without one the account would work for two hours",
                field="REELWRIGHT_X_SCOPES",
                remedy="ask for offline.access",
            )
        identity = await self._me(body["access_token"])
        return self.granted(
            body,
            asked,
            subject=identity.external_id,
            subject_name=identity.name,
            choices=(Choice(identity=identity, token=token),),
        )

    async def _me(self, token: str) -> Identity:
        """`/2/users/me`, which X charges for once a day."""
        params = {"user.fields": "username,name,profile_image_url,verified_type,protected"}
        body = await self.read("GET", f"{self._api_url}/2/users/me", token, params=params)
        user = body.get("data")
        user = user if isinstance(user, dict) else {}
        handle, id = text(user.get("username")), text(user.get("id"))
        if not id:
            raise InvalidInput("X did not say whose account it is", field="account", remedy="connect it again")
        return Identity(
            external_id=id,
            name=text(user.get("name")) or handle or id,
            kind="account",
            handle=f"@{handle}" if handle else "",
            picture=text(user.get("profile_image_url"), 2_000),
            details="protected: only followers see its posts" if user.get("protected") is True else "",
        )

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """Who it is; X tells no scopes of a token, so those on record count."""
        found = await self._me(token)
        notes = (found.details,) if found.details else ()
        return Inspection(external_id=found.external_id, name=found.name, scopes=scopes or None, notes=notes)

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """See `Connector.revoke`."""
        app = self.app(token.client)
        url = f"{self._api_url}/2/oauth2/revoke"
        secret = token.refresh_token.get_secret_value() or token.access_token.get_secret_value()
        if app.secret:
            await self.send_form(url, {"token": secret}, auth=(app.client_id, app.secret))
        else:
            await self.send_form(url, {"token": secret, "client_id": app.client_id})
