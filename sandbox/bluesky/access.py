"""Who calls, and how often: sessions of app passwords, tokens for the video service, limits on writing.

An account's app password is `sandbox-<account>`; its handle and its DID follow from its name. Renewed refresh tokens
are used up, unless `grace_s` lets them serve a little longer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore
from ..wire import Guard, Handler
from . import nouns
from .nouns import PDS_DID, PLATFORM, Refusal, invalid

PASSWORD = re.compile(r"sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
HOUR_S, DAY_S = 3_600, 86_400
UPLOAD = "com.atproto.repo.uploadBlob"


@dataclass(frozen=True)
class BlueskySettings:
    """How Bluesky behaves; `POST /_control/settings/bluesky` changes any of them."""

    PLATFORM: ClassVar[str] = PLATFORM

    access_token_s: float = 7_200.0
    refresh_token_s: float = 90 * 86_400.0
    grace_s: float = 0.0
    """So long a refresh token that was used is good for another renewal."""
    logins_per_5_min: int = 30
    points_per_hour: int = 5_000
    points_per_day: int = 35_000
    """For writes of an account: 3 for a new record, 2 for a put, 1 for a deletion."""
    rate_headers: bool = True
    """Older servers do not report their limits."""
    videos_per_day: int = 25
    bytes_per_day: int = 10_000_000_000
    unconfirmed: tuple[str, ...] = ()
    """Accounts whose e-mail address is not confirmed, and which may not upload videos."""
    part_size: int = 5 << 20
    upload_s: float = 86_400.0
    """How long an upload is valid."""
    processing_polls: int = 1
    """So many readings of a job find it under way."""
    processing_s: float = 0.0
    bare_status: bool = True
    """A job's status comes without an envelope, as it does in practice."""
    outcome: str = ""
    """A job's `failureCode`; empty: it succeeds."""
    blob_s: float = 0.0
    """Blobs that no record refers to are forgotten after so long; 0: never."""
    swap_checked: bool = True
    """`swapRecord: null` protects a record that is there; other servers may pass over it."""


class Access:
    """Tokens, limits and faults, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.guard = Guard(
            store,
            PLATFORM,
            unauthorized=lambda: _expired().response(),
            quota_spent=self._spent,
            account_of=self.owner,
        )

    def settings(self) -> BlueskySettings:
        """The settings in force."""
        return self._store.platform_settings(BlueskySettings)

    # --- who --------------------------------------------------------------------------------------------------------

    def owner(self, request: Request) -> str:
        """The account that a request is of or about, whether its token still serves or not; or ""."""
        if bearer := _bearer(request):
            return self._store.owner_of(bearer) or nouns.account_named(
                self._store, str(nouns.claims_of(bearer).get("sub", ""))
            )
        if job := self._store.session(request.query_params.get("jobId", "")):
            return job.account
        return nouns.account_named(self._store, request.query_params.get("repo", ""))

    def account(self, request: Request) -> str:
        """The account of an access token; 400 `ExpiredToken` for an expired one, as from the real server."""
        bearer = _bearer(request)
        if not bearer:
            raise Refusal(401, "AuthMissing", "Authentication Required")
        claims = nouns.claims_of(bearer)
        if claims.get("scope") != "com.atproto.appPass" or not self._store.owner_of(bearer):
            raise invalid("Token could not be verified", "InvalidToken")
        account = self._store.account_of(bearer)
        if account is None:
            raise _expired()
        return account

    def serviced(self, request: Request, audience: str, method: str) -> str:
        """The account of a token for the video service; it must be made for this audience and this method."""
        bearer = _bearer(request)
        claims, account = nouns.claims_of(bearer), self._store.account_of(bearer)
        if account is None or "lxm" not in claims:
            raise Refusal(401, "InvalidToken", "token is missing, unknown or expired")
        if claims.get("aud") != audience:
            wanted = "the user's PDS DID" if audience == PDS_DID else audience
            raise Refusal(401, "BadJwtAudience", f"invalid token audience, should be {wanted}")
        if claims["lxm"] != method:
            raise Refusal(401, "BadJwtLexiconMethod", f"bad jwt lexicon method, must match: {method}")
        return account

    # --- sessions ---------------------------------------------------------------------------------------------------

    async def create_session(self, request: Request) -> Response:
        """`createSession`: a handle or a DID, and an app password."""
        asked = await nouns.read(request)
        identifier, password = str(asked.get("identifier", "")).lstrip("@"), str(asked.get("password", ""))
        found = PASSWORD.fullmatch(password)
        account = found[1] if found else ""
        names = (nouns.handle_of(account), nouns.did_of(account))
        if not account or identifier.lower() not in names or account in self._store.settings().revoked:
            raise Refusal(401, "AuthenticationRequired", "Invalid identifier or password")
        left = self._store.charge_sliding(f"{PLATFORM}:{account}", "logins", 300, self.settings().logins_per_5_min)
        if left < 0:
            raise Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded", {"Retry-After": "300"})
        nouns.know(self._store, account)
        return JSONResponse({**self._issued(account), **self._told(account, request)})

    async def refresh_session(self, request: Request) -> Response:
        """`refreshSession`: the refresh token is the bearer, and is used up by this."""
        bearer, now = _bearer(request), self._store.now()
        account, claims = self._store.owner_of(bearer), nouns.claims_of(bearer)
        if not bearer:
            raise Refusal(401, "AuthMissing", "Authentication Required")
        if not account or claims.get("scope") != "com.atproto.refresh" or account in self._store.settings().revoked:
            raise invalid("Token has been revoked", "ExpiredToken")
        used = self._store.owner_of(f"used:{bearer}") != ""
        if claims.get("exp", 0) <= now or (used and self._store.expiry_of(f"used:{bearer}") <= now):
            raise invalid("Token has been revoked", "ExpiredToken")
        if not used:
            self._store.add_token(f"used:{bearer}", account, now + self.settings().grace_s)
        return JSONResponse({**self._issued(account), **self._told(account, request)})

    async def get_session(self, request: Request) -> Response:
        """`getSession`: who it is."""
        return JSONResponse(self._told(self.account(request), request))

    def _issued(self, account: str) -> dict[str, Any]:
        now, settings = self._store.now(), self.settings()
        claims = {"sub": nouns.did_of(account), "aud": PDS_DID, "iat": int(now)}
        access = {**claims, "scope": "com.atproto.appPass", "exp": int(now + settings.access_token_s)}
        refresh = {**claims, "scope": "com.atproto.refresh", "exp": int(now + settings.refresh_token_s)}
        told = {"accessJwt": nouns.token("at+jwt", access), "refreshJwt": nouns.token("refresh+jwt", refresh)}
        self._store.add_token(told["accessJwt"], account, now + settings.access_token_s)
        self._store.add_token(told["refreshJwt"], account, 0)
        return told

    def _told(self, account: str, request: Request) -> dict[str, Any]:
        did, handle = nouns.did_of(account), nouns.handle_of(account)
        service = {
            "id": "#atproto_pds",
            "type": "AtprotoPersonalDataServer",
            "serviceEndpoint": str(request.base_url).rstrip("/"),
        }
        document = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "alsoKnownAs": [f"at://{handle}"],
            "service": [service],
        }
        confirmed = account not in self.settings().unconfirmed
        return {"did": did, "handle": handle, "didDoc": document, "emailConfirmed": confirmed, "active": True}

    async def service_auth(self, request: Request) -> Response:
        """`getServiceAuth`: a token with which the account acts at another service, for one method."""
        account, params, now = self.account(request), request.query_params, self._store.now()
        method, expires = params.get("lxm", ""), float(params.get("exp", now + 60))
        if not 0 < expires - now <= (HOUR_S if method else 60):
            raise invalid("cannot request a token with that expiration", "BadExpiration")
        claims = {"iss": nouns.did_of(account), "aud": params.get("aud", ""), "lxm": method, "exp": int(expires)}
        value = nouns.token("JWT", claims)
        self._store.add_token(value, account, expires)
        return JSONResponse({"token": value})

    # --- limits -----------------------------------------------------------------------------------------------------

    def metered(self, op: str, points: int, handler: Handler) -> Handler:
        """The handler behind faults and the write limits, which every answer reports in its headers."""

        async def counted(request: Request) -> Response:
            account = self.account(request)
            if not self._charged(account, points):
                return self._spent(account)
            try:
                response = await handler(request)
            except Refusal as refusal:
                response = refusal.response()
            response.headers.update(self._headers(account))
            return response

        return self.guard(op, counted)

    def _windows(self, account: str) -> list[tuple[str, int, str, int]]:
        """(bucket, seconds, window, limit) of both limits."""
        settings, now = self.settings(), self._store.now()
        return [
            ("points", HOUR_S, str(int(now // HOUR_S)), settings.points_per_hour),
            ("points_day", DAY_S, str(int(now // DAY_S)), settings.points_per_day),
        ]

    def _charged(self, account: str, points: int) -> bool:
        return all(
            self._store.charge(f"{PLATFORM}:{account}", name, window, points, limit)
            for name, _, window, limit in self._windows(account)
        )

    def _headers(self, account: str, *, spent: bool = False) -> dict[str, str]:
        """Of the limit that is nearer."""
        if not self.settings().rate_headers:
            return {}
        left = {
            name: max(0, limit - self._store.used(f"{PLATFORM}:{account}", name, window))
            for name, _, window, limit in self._windows(account)
        }
        name, seconds, window, limit = min(self._windows(account), key=lambda item: left[item[0]])
        return {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": "0" if spent else str(left[name]),
            "RateLimit-Reset": str((int(window) + 1) * seconds),
            "RateLimit-Policy": f"{limit};w={seconds}",
        }

    def _spent(self, account: str = "") -> Response:
        headers = self._headers(account, spent=True)
        return Refusal(429, "RateLimitExceeded", "Rate Limit Exceeded", headers).response()


def _bearer(request: Request) -> str:
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    return rest.strip() if kind.lower() == "bearer" else ""


def _expired() -> Refusal:
    return invalid("Token has expired", "ExpiredToken")
