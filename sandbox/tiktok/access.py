"""Who calls TikTok, how often, and OAuth with its own kind of error (docs/platforms/tiktok.md#tokens)."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..consent.flow import CodeRefused, Consent
from ..store import SandboxStore
from ..wire import Guard, Handler
from . import post as tt
from .consent import ANSWERS, TIKTOK

SCOPES = "user.info.basic,video.upload,video.publish,video.list"


class Access:
    """Tokens, limits and faults, over a store. The first refresh token of an account is `rft.sandbox-<account>`; each
    one that is given out works once."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.consent = Consent(store, TIKTOK)
        self._guard = Guard(
            store,
            tt.PLATFORM,
            unauthorized=lambda: self._told(tt.UNAUTHORIZED()),
            quota_spent=lambda: self._told(tt.TOO_MANY_POSTS()),
            account_of=self.owner,
        )
        self.faulty = self._guard.faulty

    def settings(self) -> tt.TikTokSettings:
        """The settings in force."""
        return self._store.platform_settings(tt.TikTokSettings)

    def guard(self, op: str, handler: Handler) -> Handler:
        """The handler behind the guard; a refusal comes with HTTP 200 if so set."""

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except tt.Refusal as refusal:
                self._told(refusal)
                raise

        return self._guard(op, told)

    def _told(self, refusal: tt.Refusal) -> Response:
        if self.settings().errors_as_200:
            refusal.status = 200
        return refusal.response()

    def owner(self, request: Request) -> str:
        """The account of the bearer token, valid or not, or ""."""
        return self._store.owner_of(request.headers.get("authorization", "").partition(" ")[2].strip())

    def account(self, request: Request, scope: str = "") -> str:
        """The account of the bearer token, or 401; with `scope`, one that has granted it."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        account = self._store.account_of(token.strip()) if kind.lower() == "bearer" else None
        if account is None:
            raise tt.UNAUTHORIZED()
        if scope and scope not in self.scopes(account):
            raise tt.SCOPE()
        return account

    def scopes(self, account: str) -> list[str]:
        """What the account has granted."""
        settings = self.settings()
        granted = settings.granted.get(account, SCOPES.split(","))
        return [scope for scope in granted if scope not in settings.missing_scopes]

    def limit(self, account: str, call: str, per_minute: int) -> None:
        """Books a call on the user's own minute, which slides."""
        if self._store.charge_sliding(account, f"tiktok {call}", 60.0, per_minute) < 0:
            raise tt.TOO_FAST()

    # --- OAuth ------------------------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """`POST /v2/oauth/token/` with a form: `client_key`, `client_secret`, `grant_type`, `refresh_token` (or `code`,
        which is `code.sandbox-<account>`). The answer holds a new refresh token every time."""
        form = await _form(request)
        old = self.consent.books.switches().sandbox_codes and form.get("code", "").startswith("code.sandbox-")
        if form.get("grant_type") == "authorization_code" and not old:
            return await self._code(form, request.url.query)
        if not form.get("client_key") or not form.get("client_secret"):
            return _oauth_error("invalid_client", "Client key or secret is incorrect.", 401)
        match form.get("grant_type"):
            case "refresh_token":
                account = self._spend(form.get("refresh_token", ""))
            case "authorization_code":
                account = self._named(form.get("code", "").replace("code.", "rft.", 1))
            case _:
                return self._refused("unsupported_grant_type", "The grant type is not supported.")
        if account is None or account in self._store.settings().revoked:
            return self._refused("invalid_grant", "Refresh token is invalid or expired.")
        return JSONResponse(self._issued(account, form.get("refresh_token", "")))

    def _issued(self, account: str, refresh: str = "") -> dict[str, Any]:
        settings, access = self.settings(), f"act.{secrets.token_urlsafe(36)}"
        refresh = f"rft.{secrets.token_urlsafe(36)}" if settings.rotate or not refresh else refresh
        self._store.add_token(access, account, self._store.now() + settings.access_token_s)
        if settings.rotate:
            self._store.add_token(refresh, account, 0)  # no access token: it never counts as alive
        return {
            "access_token": access,
            "expires_in": int(settings.access_token_s),
            "open_id": tt.open_id(account),
            "refresh_expires_in": int(settings.refresh_token_s),
            "refresh_token": refresh,
            "scope": ",".join(self.scopes(account)),
            "token_type": "Bearer",
        }

    async def _code(self, form: dict[str, str], query: str) -> Response:
        """The code of a consent page."""
        key, secret = form.get("client_key", ""), form.get("client_secret", "")
        try:
            code, given = await self.consent.redeem(form, client_id=key, secret=secret, query=query)
        except CodeRefused as refused:
            status, error, description = ANSWERS[refused.reason]
            return _oauth_error(error, description, status)
        account = given.account
        granted = {**self.settings().granted, account: list(given.scopes)}
        self._store.change_platform_settings(tt.TikTokSettings, {"granted": granted})
        self._store.change_settings({"revoked": [name for name in self._store.settings().revoked if name != account]})
        answer = self._issued(account)
        self.consent.issued(code, answer["access_token"], answer["refresh_token"])
        return JSONResponse(self.consent.finished(answer))

    def _refused(self, error: str, description: str) -> Response:
        return _oauth_error(error, description, self.settings().oauth_error_status)

    def _spend(self, refresh: str) -> str | None:
        """The account of a refresh token, which is used up by it."""
        settings = self.settings()
        if account := self._named(refresh):
            spent = f"spent {refresh}"
            if settings.seed_once and self._store.owner_of(spent):
                return None
            if settings.seed_once:
                self._store.add_token(spent, account, 0)
            return account
        account = self._store.owner_of(refresh) if refresh.startswith("rft.") else ""
        if account and settings.rotate:
            self._store.drop_token(refresh)
        return account or None

    def _named(self, token: str) -> str | None:
        match = tt.REFRESH.fullmatch(token)
        return match[1] if match else None

    async def revoke(self, request: Request) -> Response:
        """`POST /v2/oauth/revoke/`: the access token's account is let out; an empty answer."""
        form = await _form(request)
        account = self._store.owner_of(form.get("token", ""))
        if not account:
            return _oauth_error("invalid_request", "The token is invalid.")
        self._store.expire_tokens(account)
        self._store.database.execute("delete from tokens where account = ? and token like 'rft.%'", (account,))
        return JSONResponse({})


async def _form(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def _oauth_error(error: str, description: str, status: int = 400) -> Response:
    """A flat object, unlike the API's envelope."""
    return JSONResponse({"error": error, "error_description": description, "log_id": tt.log_id()}, status)
