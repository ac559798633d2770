"""Who calls, how often, and for what money: in front of every route of the sandbox's X.

OAuth 2.0 tokens come from POST /2/oauth2/token with refresh tokens that are good once (the first one of an account is
`x-sandbox-<account>`); OAuth 1.0a is taken as well, signed for `https://api.twitter.com` or any of X's hosts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, quote, unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..consent.flow import CodeRefused, Consent
from ..store import SandboxStore
from ..wire import Guard, Handler
from . import post as nouns
from .consent import ANSWERS, X_CONSENT

PLATFORM = "x"
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
FIRST_REFRESH = re.compile(rf"x-sandbox-({NAME})(?::[a-z0-9]{{1,32}})?")
"""With something behind a colon it is another one: each works once, and stands for one authorisation by a person."""
OAUTH1_TOKEN = re.compile(rf"sandbox-({NAME})")
HOSTS = ("https://api.twitter.com", "https://upload.twitter.com", "https://api.x.com", "https://upload.x.com")
QUARTER_S, DAY_S = 900, 86_400
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


@dataclass(frozen=True)
class XSettings:
    """How X behaves; `POST /_control/settings/x` changes any of them."""

    PLATFORM: ClassVar[str] = PLATFORM

    access_token_s: float = 7_200.0
    rotate: bool = True
    """Every refresh gives a new refresh token, and the old one is refused from then on."""
    consumer_secret: str = "sandbox-secret"  # noqa: S105
    """The secrets of OAuth 1.0a: of the app (key `sandbox-key`) and of every account (token `sandbox-<account>`)."""
    token_secret: str = "sandbox-secret"  # noqa: S105
    posts_per_quarter: int = 100
    app_posts_per_day: int = 10_000
    media_per_quarter: int = 1_875
    status_per_quarter: int = 1_000
    reads_per_quarter: int = 900
    credits_mills: int = -1
    """Credit in thousandths of a dollar, counted from the last reset: 15 a post, 200 with a link; -1 is endless."""
    credits_shape: str = "credits-depleted"
    """Or `credits`: the older wording of the 402."""
    usage_capped: bool = False
    """POST /2/tweets answers `UsageCapExceeded`, with rate headers that report much left."""
    granted: dict[str, list[str]] = field(default_factory=dict)
    """What an account's consent covers, by account, where that is not the usual."""
    premium: tuple[str, ...] = ()
    """Accounts with 25,000 characters."""
    refuse_duplicates: bool = True
    duplicate_window_s: float = 86_400.0
    self_replies: bool = True
    """Replies to one's own posts are let through, as self-serve tiers are believed to do."""
    listed_after_s: float = 0.0
    """Lists and look-ups do not show a post sooner than this after it was made."""
    processing_polls: int = 1
    """So many STATUS calls read `pending` or `in_progress`; 0 leaves `processing_info` out."""
    processing_s: float = 0.0
    flicker: bool = False
    """Processing falls back to `pending` once on its way."""
    outcome: str = "succeeded"
    """Or `failed`, and why:"""
    outcome_reason: str = "InvalidMedia"
    media_life_s: float = 86_400.0
    max_segment: int = 5 << 20
    reappend: bool = True
    """A segment sent again replaces itself; otherwise it is added once more, and the sizes no longer add up."""


class Access:
    """Tokens, limits and faults, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.consent = Consent(store, X_CONSENT)
        self._guard = Guard(
            store,
            PLATFORM,
            unauthorized=lambda: nouns.UNAUTHORIZED().response(),
            quota_spent=self._spent,
            account_of=self.owner,
        )

    def settings(self) -> XSettings:
        """The settings in force."""
        return self._store.platform_settings(XSettings)

    # --- limits -----------------------------------------------------------------------------------------------------

    def route(self, op: str, handler: Handler, limit: str, what: str) -> Handler:
        """The handler behind faults and its rate limit (a setting's name), with X's headers on every answer."""

        async def metered(request: Request) -> Response:
            account = await self.account(request)
            allowed, now = int(getattr(self.settings(), limit)), self._store.now()
            window = int(now // QUARTER_S)
            bucket = (f"x:{account}", what, str(window))
            admitted = self._store.charge(*bucket, 1, allowed)
            try:
                if not admitted:
                    raise nouns.THROTTLED()
                response = await handler(request)
            except nouns.Refusal as refusal:
                response = refusal.response()
            left = max(0, allowed - self._store.used(*bucket))
            headers = {"limit": allowed, "remaining": left, "reset": (window + 1) * QUARTER_S}
            response.headers.update({f"x-rate-limit-{name}": str(value) for name, value in headers.items()})
            if what == "posts":
                response.headers.update(self._day_headers())
            return response

        return self._guard(op, metered)

    def plain(self, op: str, handler: Handler) -> Handler:
        """The handler behind faults only."""
        return self._guard(op, handler)

    def charge_app(self) -> None:
        """One post of the whole app's day."""
        limit = self.settings().app_posts_per_day
        if not self._store.charge("x:app", "app_posts", self._day(), 1, limit):
            raise nouns.THROTTLED()

    def charge_credits(self, cost: int) -> None:
        """What a post costs, or 402."""
        settings = self.settings()
        if settings.credits_mills >= 0 and not self._store.charge(
            "x:app", "credits", "all", cost, settings.credits_mills
        ):
            raise nouns.no_credits(settings.credits_shape)

    def _day(self) -> str:
        return str(int(self._store.now() // DAY_S))

    def _day_headers(self) -> dict[str, str]:
        limit = self.settings().app_posts_per_day
        left = max(0, limit - self._store.used("x:app", "app_posts", self._day()))
        told = {"limit": limit, "remaining": left, "reset": (int(self._day()) + 1) * DAY_S}
        return {f"x-app-limit-24hour-{name}": str(value) for name, value in told.items()}

    def _spent(self) -> Response:
        response = nouns.THROTTLED().response()
        reset = (int(self._store.now() // QUARTER_S) + 1) * QUARTER_S
        told = {"limit": self.settings().posts_per_quarter, "remaining": 0, "reset": reset}
        response.headers.update({f"x-rate-limit-{name}": str(value) for name, value in told.items()})
        return response

    # --- who --------------------------------------------------------------------------------------------------------

    def owner(self, request: Request) -> str:
        """The account the request claims to be of, or ""."""
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "oauth":
            match = OAUTH1_TOKEN.fullmatch(_oauth1_header(rest).get("oauth_token", ""))
            return match[1] if match else ""
        return self._store.owner_of(rest.strip())

    async def account(self, request: Request) -> str:
        """The account of the bearer token or the OAuth 1.0a signature, or 401."""
        kind, _, rest = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and rest.startswith("x-at-") and (who := self._store.account_of(rest.strip())):
            return who
        if kind.lower() == "oauth" and (who := self.owner(request)) and await self._signed(request, rest):
            return who
        raise nouns.UNAUTHORIZED()

    async def _signed(self, request: Request, header: str) -> bool:
        """HMAC-SHA1 over method, address and parameters; JSON and multipart bodies are no part of it
        (docs/platforms/x.md#tokens)."""
        given = _oauth1_header(header)
        signature = given.pop("oauth_signature", "")
        if given.get("oauth_signature_method") != "HMAC-SHA1" or given.get("oauth_consumer_key") != "sandbox-key":
            return False
        pairs = [*given.items(), *parse_qsl(request.url.query, keep_blank_values=True)]
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs += parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        encoded = sorted((_encode(name), _encode(value)) for name, value in pairs if name != "realm")
        parameters = "&".join(f"{name}={value}" for name, value in encoded)
        settings = self.settings()
        key = f"{_encode(settings.consumer_secret)}&{_encode(settings.token_secret)}".encode()
        for host in (*HOSTS, f"{request.url.scheme}://{request.url.netloc}"):
            text = "&".join([request.method, _encode(host + request.url.path), _encode(parameters)])
            digest = hmac.new(key, text.encode(), hashlib.sha1).digest()
            if hmac.compare_digest(base64.b64encode(digest).decode(), signature):
                return True
        return False

    # --- POST /2/oauth2/token ---------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """The refresh grant; a confidential client comes with Basic, a public one with `client_id` in the body."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if form.get("grant_type") == "authorization_code":
            return await self._code(form, request)
        if not (_basic(request) or form.get("client_id")):
            told = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
            return JSONResponse(told, 401)
        if form.get("grant_type") != "refresh_token":
            told = {"error": "unsupported_grant_type", "error_description": "Value passed for the grant is invalid."}
            return JSONResponse(told, 400)
        given = form.get("refresh_token", "")
        account = self._redeem(given)
        if account is None:
            told = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            return JSONResponse(told, 400)
        return JSONResponse(self._issued(account, given))

    def _issued(self, account: str, given: str = "") -> dict[str, Any]:
        settings, access = self.settings(), f"x-at-{secrets.token_urlsafe(32)}"
        self._store.add_token(access, account, self._store.now() + settings.access_token_s)
        if settings.rotate or not given:
            given = f"x-rt-{secrets.token_urlsafe(32)}"
            self._store.add_token(given, account, 0)
        answer = {"token_type": "bearer", "expires_in": int(settings.access_token_s), "access_token": access}
        scope = " ".join(settings.granted.get(account, SCOPES.split()))
        return {**answer, "scope": scope, "refresh_token": given}

    async def _code(self, form: dict[str, str], request: Request) -> Response:
        """The code of a consent page: a confidential client comes with Basic, a public one without a secret."""
        name, secret = credentials(request)
        basic = bool(name and secret)
        try:
            client = name or form.get("client_id", "")
            code, given = await self.consent.redeem(
                form, client_id=client, secret=secret, basic=basic, query=request.url.query
            )
        except CodeRefused as refused:
            status, error, description = ANSWERS[refused.reason]
            return JSONResponse({"error": error, "error_description": description}, status)
        account = given.account
        granted = {**self.settings().granted, account: list(given.scopes)}
        self._store.change_platform_settings(XSettings, {"granted": granted})
        self._store.change_settings({"revoked": [each for each in self._store.settings().revoked if each != account]})
        answer = self._issued(account)
        if "offline.access" not in given.scopes:
            answer.pop("refresh_token")
        self.consent.issued(code, answer["access_token"], answer.get("refresh_token", ""))
        return JSONResponse(self.consent.finished(answer))

    async def revoke(self, request: Request) -> Response:
        """`POST /2/oauth2/revoke`: the token, and with a refresh token all of the account's."""
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
        if not (_basic(request) or form.get("client_id")):
            told = {"error": "unauthorized_client", "error_description": "Missing valid authorization header"}
            return JSONResponse(told, 401)
        token = form.get("token", "")
        account = self._store.owner_of(token)
        if not account:
            told = {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            return JSONResponse(told, 400)
        self._store.expire_tokens(account)
        self._store.drop_token(token)
        return JSONResponse({"revoked": True})

    def _redeem(self, token: str) -> str | None:
        """The account of a refresh token, which is used up by this. What it expires is not what access tokens do."""
        first, rotate = FIRST_REFRESH.fullmatch(token), self.settings().rotate
        account = first[1] if first else self._store.owner_of(token) if token.startswith("x-rt-") else ""
        if not account or account in self._store.settings().revoked:
            return None
        if first and rotate:
            if self._store.owner_of(f"used:{token}"):
                return None
            self._store.add_token(f"used:{token}", account, 0)
        elif rotate:
            self._store.drop_token(token)
        return account


def _basic(request: Request) -> bool:
    return all(credentials(request))


def credentials(request: Request) -> tuple[str, str]:
    """Client id and secret of a Basic header, or empty."""
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (unquote(name), unquote(secret)) if kind.lower() == "basic" else ("", "")


def _oauth1_header(text: str) -> dict[str, str]:
    pairs = re.findall(r'([A-Za-z0-9_]+)="([^"]*)"', text)
    return {unquote(name): unquote(value) for name, value in pairs}


def _encode(text: str) -> str:
    return quote(text, safe="~-._")
