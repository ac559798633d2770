"""Connecting a Bluesky account by an app password (docs/connecting.md#bluesky): no browser, no consent page, and it can
be revoked alone. OAuth for a program without a public address ends after two weeks, so it is not used."""

from __future__ import annotations

from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import InvalidInput, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.origins import Origin
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.connecting import Asked, Choice, Granted, Guide, Identity, Inspection, ScopeUse
from reelwright.domain.redaction import know

from ..common.connect import TIMEOUT, App, ConnectFlow, error_of, text
from ..common.http import body_kind, json_body, readable, unreachable
from .sessions import SessionGrant, login_of
from .settings import BlueskySettings

PASSWORDS = "https://bsky.app/settings/app-passwords"
_SERVER = "/xrpc/com.atproto.server"
_NO_APP = App("", "", "BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD", secret_needed=False)


class BlueskyConnect(ConnectFlow):
    """See `domain.ports.connecting.Connector`. The code is `handle:app-password`."""

    platform = Platform.BLUESKY
    short = "b"
    issuer = "bluesky"
    flow = "bluesky"
    by_password = True
    pkce = "none"

    def __init__(self, http: httpx.AsyncClient, settings: BlueskySettings, origin: Origin) -> None:
        super().__init__(http, origin=origin, apps={"": _NO_APP})
        self._service_url = settings.bluesky_service_url.rstrip("/")

    def ready(self, app: str) -> None:
        """No application is needed."""
        self.app(app)

    def guide(self, app: str) -> Guide:
        """See `Connector.guide`."""
        return Guide(
            app_type="none: an app password of the account",
            portal=PASSWORDS,
            steps=("Settings, Privacy and security, App passwords: add one, and copy it.",),
            loopback="",
            notes=(
                "an account on another server than Bluesky's own: set REELWRIGHT_BLUESKY_SERVICE_URL to that server",
            ),
        )

    def uses(self, app: str) -> tuple[ScopeUse, ...]:
        """App passwords have no scopes."""
        return ()

    def url(self, asked: Asked) -> str:
        """There is no page."""
        return ""

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """A session, of which its own refresh token is kept and not the password."""
        login = login_of(code.get_secret_value().strip())
        if login is None:
            raise InvalidInput("handle or app password is missing", field="code", remedy="give both")
        handle, password = login[0].strip().lstrip("@"), login[1].strip()
        know(password)
        body = await self._session(handle, password)
        grant = SessionGrant(self._service_url).as_grant(body)
        did, found = text(body.get("did")), text(body.get("handle"))
        if not did.startswith("did:"):
            raise InvalidInput("Bluesky did not say whose account it is", field="account", remedy="connect it again")
        token = self.stored(grant, asked)
        identity = Identity(external_id=did, name=found or did, kind="account", handle=f"@{found}" if found else "")
        return self.granted(
            grant,
            asked,
            subject=did,
            subject_name=found,
            choices=(Choice(identity=identity, token=token),),
            notes=() if body.get("emailConfirmed") else ("videos are taken once the account's e-mail is confirmed",),
        )

    async def _session(self, handle: str, password: str) -> dict[str, Any]:
        url = f"{self._service_url}{_SERVER}.createSession"
        try:
            response = await self._http.post(url, json={"identifier": handle, "password": password}, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise unreachable(self.label, error) from None
        body = json_body(response) or {}
        know(*(value for name in ("accessJwt", "refreshJwt") if isinstance(value := body.get(name), str)))
        if response.status_code == 200 and isinstance(body.get("accessJwt"), str):
            return body
        name, told = error_of(body)
        if response.status_code >= 500 or response.status_code == 429:
            raise PlatformTransient(f"{self.label} answered HTTP {response.status_code}", field="account",
                                    remedy="try it later")  # fmt: skip
        remedy = f"make an app password at {PASSWORDS}, and give it with the handle it belongs to"
        if name == "AuthFactorTokenRequired":
            raise InvalidInput("this is the account's own password", field="code", remedy=remedy)
        said = readable(told) or readable(name) or body_kind(response)
        raise InvalidInput(f"{self.label} said: {said}", field="code", remedy=remedy)

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """`getSession`: who it is, and whether it is active."""
        body = await self.read("GET", f"{self._service_url}{_SERVER}.getSession", token)
        status = text(body.get("status")) or "not active"
        return Inspection(
            external_id=text(body.get("did")),
            name=text(body.get("handle")),
            lacks=(f"the account is {status}",) if body.get("active") is False else (),
        )

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """Ends the session. The app password stays until it is deleted on Bluesky."""
        secret = token.refresh_token.get_secret_value()
        if login_of(secret) is not None:
            raise InvalidInput("no session was begun yet", field="account", remedy=f"delete it at {PASSWORDS}")
        url = f"{self._service_url}{_SERVER}.deleteSession"
        await self.send_form(url, {}, headers={"Authorization": f"Bearer {secret}"})
