"""Who calls, how much is left of the quota, and what goes wrong on cue: in front of every YouTube route."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..consent.flow import CodeRefused, Consent
from ..consent.model import CLIENT
from ..store import SandboxStore
from ..wire import Guard
from . import video as yt
from .consent import GOOGLE, refusal

PLATFORM = "youtube"
REFRESH = re.compile(r"1//sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
UNITS = {
    "list": 1,
    "captions.list": 50,
    "captions.insert": 400,
    "captions.update": 450,
    "captions.download": 200,
    "write": 50,
}
"""What a call costs of the pool (docs/platforms/youtube.md#quota). Thumbnails, comments, updates and deletes are all
50."""
PACIFIC = ZoneInfo("America/Los_Angeles")
SCOPE_ROOT = "https://www.googleapis.com/auth/"
SCOPES = {
    "upload": ("youtube", "youtube.force-ssl", "youtube.upload"),
    "read": ("youtube", "youtube.force-ssl", "youtube.readonly"),
    "manage": ("youtube", "youtube.force-ssl"),
    "talk": ("youtube.force-ssl",),
    "analytics": ("yt-analytics.readonly", "youtube", "youtube.readonly"),
}
"""Any one of these lets a call through (from the discovery documents, without `youtubepartner`)."""
ALL_SCOPES = ("youtube.upload", "youtube.force-ssl", "yt-analytics.readonly")


@dataclass(frozen=True)
class YouTubeSettings:
    """What only YouTube has, besides the older ones in `store.Settings`."""

    PLATFORM: ClassVar[str] = PLATFORM

    channelless: tuple[str, ...] = ("nochannel",)
    """Google accounts without a channel."""
    grant_s: float = 0.0
    """How long a grant lives: seven days while the consent screen is in Testing; 0 is without end."""
    scopes: dict[str, list[str]] = field(default_factory=dict)
    """What an account's consent covers, by account, where that is not everything: `{"main": ["youtube.upload"]}`."""
    batch_stats_per_day: int = 10_000
    insert_charged: str = "start"
    """When an insert is charged to its bucket: at the `start` of the upload or at its `end` (not documented)."""
    forced_private: bool = False
    """Uploads stay private, as those of unverified projects did until 2026-11-02."""
    thumbnails_allowed: bool = True
    """Whether channels may set thumbnails of their own."""
    thumbnails_after_processing: bool = False
    """A video takes a thumbnail only once it is processed, as Shorts do."""
    comments_disabled: bool = False
    comment_listed_after_s: float = 0.0
    """Comments are not listed sooner than this."""
    views_per_hour: float = 0.0
    """How fast views come in, on average; each video's own rate is between half and one and a half of that."""


class Access:
    """Tokens, quotas and faults, over a store. Refresh tokens are `1//sandbox-<account>`."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.consent = Consent(store, GOOGLE)
        self.guard = self._guard(yt.QUOTA)
        self.insert_guard = self._guard(yt.INSERT_QUOTA)

    def _guard(self, spent: Callable[[], yt.Refusal]) -> Guard:
        return Guard(
            self._store,
            PLATFORM,
            unauthorized=lambda: yt.UNAUTHORIZED().response(),
            quota_spent=lambda: spent().response(),
            account_of=self.owner,
        )

    def settings(self) -> YouTubeSettings:
        """YouTube's own settings in force."""
        return self._store.platform_settings(YouTubeSettings)

    def owner(self, request: Request) -> str:
        """The account of the bearer token, valid or not, or ""."""
        return self._store.owner_of(request.headers.get("authorization", "").partition(" ")[2].strip())

    # --- who and how much -----------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """OAuth's refresh grant; the refresh token itself is not given out again."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if form.get("grant_type") == "authorization_code":
            return await self._code(form, request.url.query)
        if form.get("grant_type") != "refresh_token":
            return JSONResponse({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
        if not form.get("client_id") or not form.get("client_secret"):
            return JSONResponse({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        match, settings = REFRESH.fullmatch(form.get("refresh_token", "")), self._store.settings()
        if not match or match[1] in settings.revoked or self._ended(match[1]):
            description = "Token has been expired or revoked."
            return JSONResponse({"error": "invalid_grant", "error_description": description}, 400)
        return JSONResponse(self._issued(match[1]))

    def _issued(self, account: str) -> dict[str, Any]:
        life, token = self._store.settings().access_token_s, f"ya29.sandbox-{secrets.token_urlsafe(32)}"
        self._store.add_token(token, account, self._store.now() + life)
        scope = " ".join(SCOPE_ROOT + name for name in self._scopes(account))
        return {"access_token": token, "expires_in": int(life), "token_type": "Bearer", "scope": scope}

    def _ended(self, account: str) -> bool:
        """Whether the grant was one of a project in Testing, and its seven days are over."""
        life, begun = self.settings().grant_s, self.consent.books.kept("granted", account)
        return bool(life and begun and begun + life < self._store.now())

    async def _code(self, form: dict[str, str], query: str) -> Response:
        """The code of a consent page; the refresh token comes with offline access alone, which is always asked for."""
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        try:
            code, given = await self.consent.redeem(form, client_id=client, secret=secret, query=query)
        except CodeRefused as refused:
            return refusal(refused)
        account = given.account
        kept = {**self.settings().scopes, account: [scope.removeprefix(SCOPE_ROOT) for scope in given.scopes]}
        self._store.change_platform_settings(YouTubeSettings, {"scopes": kept})
        revoked = [name for name in self._store.settings().revoked if name != account]
        self._store.change_settings({"revoked": revoked})
        self.consent.books.keep("granted", account, self._store.now())
        answer = {**self._issued(account), "refresh_token": f"1//sandbox-{account}"}
        if life := self.settings().grant_s:
            answer["refresh_token_expires_in"] = int(life)
        self.consent.issued(code, answer["access_token"])
        return JSONResponse(self.consent.finished(answer))

    async def tokeninfo(self, request: Request) -> Response:
        """What a token may do; not behind the API's quota."""
        token = request.query_params.get("access_token", "")
        account = self._store.account_of(token)
        if account is None or account in self._store.settings().revoked:
            return JSONResponse({"error": "invalid_token", "error_description": "Invalid Value"}, 400)
        scope = " ".join(SCOPE_ROOT + name for name in self._scopes(account))
        left = int(self._store.expiry_of(token) - self._store.now())
        return JSONResponse({"azp": CLIENT, "aud": CLIENT, "scope": scope, "expires_in": str(left),
                             "access_type": "offline"})  # fmt: skip

    async def revoke(self, request: Request) -> Response:
        """OAuth's revocation, by a refresh token or an access token: the account's whole consent is gone."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        token = form.get("token") or request.query_params.get("token", "")
        match = REFRESH.fullmatch(token)
        account = match[1] if match else self._store.account_of(token)
        revoked = self._store.settings().revoked
        if not account or account in revoked:
            described = {"error": "invalid_token", "error_description": "Token expired or revoked"}
            return JSONResponse(described, 400)
        self._store.change_settings({"revoked": [*revoked, account]})
        self._store.expire_tokens(account)
        return JSONResponse({})

    def _scopes(self, account: str) -> Sequence[str]:
        return self.settings().scopes.get(account, ALL_SCOPES)

    def account(self, request: Request, needs: str = "read") -> str:
        """The account of the bearer token; 401 for an invalid one, 403 when its consent does not cover the call.
        `needs` is a key of `SCOPES`."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        account = self._store.account_of(token.strip()) if kind.lower() == "bearer" else None
        if account is None:
            raise yt.UNAUTHORIZED()
        if not set(SCOPES[needs]) & set(self._scopes(account)):
            raise yt.Scopeless([SCOPE_ROOT + name for name in SCOPES[needs]])
        return account

    def charge(self, bucket: str, cost: int, limit: int, refusal: Callable[[], yt.Refusal]) -> None:
        """Books on today's bucket; a day begins at midnight Pacific. The project, not the account, has the quota."""
        day = datetime.fromtimestamp(self._store.now(), UTC).astimezone(PACIFIC).date().isoformat()
        if not self._store.charge("project", bucket, day, cost, limit):
            raise refusal()

    def charge_units(self, what: str) -> None:
        """Books a call on the pool that all but inserts share."""
        self.charge("units", UNITS[what], self._store.settings().units_per_day, yt.QUOTA)
