"""Who calls, how much is left of the quota, and what goes wrong on cue: in front of every YouTube route."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import youtube_video as yt
from .store import SandboxStore
from .wire import Guard

PLATFORM = "youtube"
REFRESH = re.compile(r"1//sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
UNITS = {"list": 1, "thumbnails": 50, "captions": 400, "delete": 50}
PACIFIC = ZoneInfo("America/Los_Angeles")


class Access:
    """Tokens, quotas and faults, over a store. Refresh tokens are `1//sandbox-<account>`."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.guard = Guard(
            store,
            PLATFORM,
            unauthorized=lambda: yt.UNAUTHORIZED().response(),
            quota_spent=lambda: yt.QUOTA().response(),
            account_of=self.owner,
        )

    def owner(self, request: Request) -> str:
        """The account of the bearer token, dead or alive, or ""."""
        return self._store.owner_of(request.headers.get("authorization", "").partition(" ")[2].strip())

    # --- who and how much -----------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """OAuth's refresh grant; the refresh token itself is not given out again."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "refresh_token":
            return JSONResponse({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
        if not form.get("client_id") or not form.get("client_secret"):
            return JSONResponse({"error": "invalid_client", "error_description": "Unauthorized"}, 401)
        match, settings = REFRESH.fullmatch(form.get("refresh_token", "")), self._store.settings()
        if not match or match[1] in settings.revoked:
            description = "Token has been expired or revoked."
            return JSONResponse({"error": "invalid_grant", "error_description": description}, 400)
        token = f"ya29.sandbox-{secrets.token_urlsafe(32)}"
        self._store.add_token(token, match[1], self._store.now() + settings.access_token_s)
        answer = {"access_token": token, "expires_in": int(settings.access_token_s), "token_type": "Bearer"}
        return JSONResponse({**answer, "scope": "https://www.googleapis.com/auth/youtube.force-ssl"})

    def account(self, request: Request) -> str:
        """The account of the bearer token, or 401."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        account = self._store.account_of(token.strip()) if kind.lower() == "bearer" else None
        if account is None:
            raise yt.UNAUTHORIZED()
        return account

    def charge(self, bucket: str, cost: int, limit: int, refusal: Callable[[], yt.Refusal]) -> None:
        """Books on today's bucket; a day begins at midnight Pacific. The project, not the account, has the quota."""
        day = datetime.fromtimestamp(self._store.now(), UTC).astimezone(PACIFIC).date().isoformat()
        if not self._store.charge("project", bucket, day, cost, limit):
            raise refusal()

    def charge_units(self, what: str) -> None:
        """Books a call on the pool that all but inserts share."""
        self.charge("units", UNITS[what], self._store.settings().units_per_day, yt.QUOTA)
