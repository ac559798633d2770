"""Who calls LinkedIn, by which version, and how much is left of the day: in front of every LinkedIn route.

Source: docs/platforms/linkedin.md#errors, #tokens, docs/platforms/README.md#sandbox. An account's name gives both URNs
it may post as: the member's and that of the one page it administers.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..consent.flow import CodeRefused, Consent
from ..store import SandboxStore
from ..wire import Guard
from ..wire import Refusal as WireRefusal
from .accounts import organization, person
from .consent import ANSWERS, LINKEDIN

PLATFORM = "linkedin"
REFRESH = re.compile(r"sandbox-([A-Za-z0-9][A-Za-z0-9._-]{0,63})")
SCOPES = "openid,profile,w_member_social,w_organization_social,r_organization_social,rw_organization_admin"
MAY_POST = ("ADMINISTRATOR", "CONTENT_ADMINISTRATOR")
YEAR_S = 365 * 86_400


@dataclass(frozen=True)
class LinkedInSettings:
    """How LinkedIn behaves; `POST /_control/settings/linkedin` changes any of them. UNVERIFIED behaviour is here."""

    PLATFORM: ClassVar[str] = PLATFORM

    versions: tuple[str, ...] = tuple(f"2025{month:02}" for month in range(12, 13)) + tuple(
        f"2026{month:02}" for month in range(1, 12)
    )
    """The active ones; any other is answered with 426."""
    require_protocol: bool = True
    """`X-Restli-Protocol-Version: 2.0.0` must be there."""
    access_token_s: float = 60 * 86_400.0
    granted: dict[str, list[str]] = field(default_factory=dict)
    """What an account's consent covers, by account, where that is not everything."""
    revocable: bool = True
    refreshable: bool = True
    """Whether the application is one of the approved partners whose tokens can be renewed."""
    member_reads: bool = False
    """Whether it has r_member_social, which is closed."""
    organization_reads: bool = True
    """Whether it has r_organization_social."""
    organization_role: str = "ADMINISTRATOR"
    """The account's role on its page; with any but this and CONTENT_ADMINISTRATOR it cannot post there."""
    part_size: int = 4_194_304
    last_byte_beyond: bool = True
    """The last part's `lastByte` is that of a whole part, beyond the file's end (seen in LinkedIn's own example)."""
    upload_token: bool = True
    """Whether `uploadToken` is more than an empty string; finalizing requires it in either case."""
    extra_urls: bool = True
    """Whether captions and thumbnail get an address when they are requested."""
    captions_status: int = 201
    upload_s: float = 86_400.0
    """How long part addresses are valid; afterwards they answer `expired_status`."""
    expired_status: int = 403
    finalize_again: bool = True
    """Whether a second finalizing is answered 200; else 400."""
    processing_polls: int = 1
    """So often a finalized video still reads `PROCESSING`, and at least for so many seconds:"""
    processing_s: float = 0.0
    lost_polls: int = 0
    """So often a finalized video reads 404 before that."""
    outcome: str = "AVAILABLE"
    """Or `PROCESSING_FAILED`, and why:"""
    outcome_reason: str = ""
    posts_per_day: int = 150
    """Per member and UTC day; no header reports it."""
    duplicate_s: float = 86_400.0
    """How long content is remembered in order to refuse it again, deleted posts included; 0 never."""
    duplicate_ghosts: bool = False
    """A refused duplicate is named by a new URN that leads nowhere (composio issue 2710)."""
    truncates: bool = True
    """An unescaped reserved character silently drops the rest of the text."""
    bare_hashtags: bool = False
    """An unescaped `#word` is a hashtag; else it is a reserved character like the others."""
    count_escapes: bool = True
    """Whether backslashes count towards the 3000."""
    listed_after_s: float = 0.0
    """Reads do not show a post or a comment sooner than this."""
    drops: bool = False
    """A post answered with 201 is never to be seen."""


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer with LinkedIn's error envelope; `service` is its `serviceErrorCode`."""

    status: int
    code: str
    message: str
    service: int = 0
    details: tuple[tuple[str, str], ...] = ()

    def response(self) -> JSONResponse:
        """`{"status", "serviceErrorCode"?, "code", "message"}`, or with `errorDetails` where there are any."""
        body: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.code:
            body["code"] = self.code
        if self.service:
            body["serviceErrorCode"] = self.service
        if self.details:
            body["errorDetailType"] = "com.linkedin.common.error.BadRequest"
            inputs = [{"description": text, "input": {}, "code": code} for code, text in self.details]
            body["errorDetails"] = {"inputErrors": inputs}
        return JSONResponse(body, self.status)


NO_TOKEN = partial(Refusal, 401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", 65604)
BAD_TOKEN = partial(Refusal, 401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
OLD_TOKEN = partial(Refusal, 401, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired", 65602)
REVOKED = partial(
    Refusal, 401, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user", 65601
)
THROTTLED = partial(
    Refusal,
    429,
    "TOO_MANY_REQUESTS",
    "Resource level throttle APPLICATION DAY limit for calls to this resource is reached.",
    101,
)
NOT_FOUND = partial(Refusal, 404, "NOT_FOUND", "Could not find entity")


def denied(resource: str) -> Refusal:
    """403: the token does not reach so far."""
    return Refusal(403, "ACCESS_DENIED", f"Not enough permissions to access: {resource}.20260901", 100)


def invalid(code: str, message: str, status: int = 400) -> Refusal:
    """A body or parameter that is not taken."""
    return Refusal(status, code, message, details=((code, message),))


class Access:
    """Tokens, versions, quotas and faults, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self.consent = Consent(store, LINKEDIN)
        self.guard = Guard(
            store,
            PLATFORM,
            unauthorized=lambda: OLD_TOKEN().response(),
            quota_spent=lambda: THROTTLED().response(),
            account_of=self.owner,
        )

    def settings(self) -> LinkedInSettings:
        """As they are now."""
        return self._store.platform_settings(LinkedInSettings)

    def _bearer(self, request: Request) -> str:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""

    def owner(self, request: Request) -> str:
        """The account of the bearer token, valid or not, or ""."""
        return self._store.owner_of(self._bearer(request))

    def account(self, request: Request) -> str:
        """The account that calls, its token and the request's headers checked."""
        token, settings = self._bearer(request), self.settings()
        owner = self._store.owner_of(token)
        if not token:
            raise NO_TOKEN()
        if not owner:
            raise BAD_TOKEN()
        if owner in self._store.settings().revoked:
            raise REVOKED()
        if self._store.account_of(token) is None:
            raise OLD_TOKEN()
        version = request.headers.get("linkedin-version", "")
        if not version:
            raise Refusal(
                400, "VERSION_MISSING", "A version must be present. Please specify a version by adding header"
            )
        if version.partition(".")[0] not in settings.versions:
            message = f"Requested version {version.replace('.', '')[:6]}01 is not active"
            raise Refusal(426, "NONEXISTENT_VERSION", message)
        if settings.require_protocol and request.headers.get("x-restli-protocol-version") != "2.0.0":
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Header X-Restli-Protocol-Version must be 2.0.0")
        return owner

    def acts_as(self, account: str, urn: object, resource: str) -> str:
        """The URN that the account posts as; 403 for one that is not its own."""
        allowed = {person(account)}
        allowed |= {organization(name) for name, role in self.organizations(account) if role in MAY_POST}
        if urn not in allowed:
            raise denied(resource)
        return str(urn)

    def organizations(self, account: str) -> list[tuple[str, str]]:
        """The pages of a member, each by the sandbox's name and the member's role on it."""
        if account == "alone":
            return []
        if account == "three":
            return [("three", "ADMINISTRATOR"), ("three-2", "CONTENT_ADMINISTRATOR"), ("three-3", "ANALYST")]
        return [(account, self.settings().organization_role)]

    def may_read(self, account: str, author: str, resource: str) -> None:
        """403 for posts and comments of members, unless the application is let into them."""
        settings = self.settings()
        readable = {organization(account)} if settings.organization_reads else set()
        readable |= {person(account)} if settings.member_reads else set()
        if author not in readable:
            raise denied(resource)

    def charge(self, account: str) -> None:
        """Books a post on the UTC day."""
        day = datetime.fromtimestamp(self._store.now(), UTC).date().isoformat()
        if not self._store.charge(account, "linkedin.posts", day, 1, self.settings().posts_per_day):
            raise THROTTLED()

    # --- OAuth --------------------------------------------------------------------------------------------------------

    async def token(self, request: Request) -> Response:
        """Renewing (approved partners only) or exchanging a code; codes and refresh tokens are `sandbox-<account>`.
        The refresh token stays the same, and its own life is fixed."""
        form = await _form(request)
        native = form.get("grant_type") == "authorization_code" and form.get("code_verifier")
        if not form.get("client_id") or not (form.get("client_secret") or native):
            return _oauth_error("invalid_client", "Client authentication failed", 401)
        grant, settings = form.get("grant_type"), self.settings()
        old = self.consent.books.switches().sandbox_codes and REFRESH.fullmatch(form.get("code", ""))
        if grant == "authorization_code" and not old:
            return await self._code(form, request.url.query)
        if grant not in ("refresh_token", "authorization_code"):
            return _oauth_error("invalid_request", f"Unsupported grant type {str(grant)[:40]!r}")
        given = form.get("refresh_token" if grant == "refresh_token" else "code", "")
        match = REFRESH.fullmatch(given)
        if grant == "refresh_token" and not settings.refreshable:
            return _oauth_error("unauthorized_client", "This client is not allowed to use refresh tokens", 403)
        if not match or match[1] in self._store.settings().revoked:
            text = "The provided authorization grant or refresh token is invalid, expired or revoked."
            return _oauth_error("invalid_request", text)
        return JSONResponse(self._issued(match[1]))

    def _issued(self, account: str) -> dict[str, Any]:
        settings, token = self.settings(), f"AQX-sandbox-{secrets.token_urlsafe(48)}"
        self._store.add_token(token, account, self._store.now() + settings.access_token_s)
        scope = self.scopes(account)
        answer: dict[str, Any] = {"access_token": token, "expires_in": int(settings.access_token_s), "scope": scope}
        if settings.refreshable:
            answer |= {"refresh_token": f"sandbox-{account}", "refresh_token_expires_in": YEAR_S}
        return answer

    def scopes(self, account: str) -> str:
        """What the account's last consent covers."""
        return ",".join(self.settings().granted.get(account, SCOPES.split(",")))

    async def _code(self, form: dict[str, str], query: str) -> Response:
        """The code of a consent page."""
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        try:
            code, given = await self.consent.redeem(form, client_id=client, secret=secret, query=query)
        except CodeRefused as refused:
            status, error, description = ANSWERS[refused.reason]
            return _oauth_error(error, description, status)
        account = given.account
        granted = {**self.settings().granted, account: list(given.scopes)}
        self._store.change_platform_settings(LinkedInSettings, {"granted": granted})
        self._store.change_settings({"revoked": [name for name in self._store.settings().revoked if name != account]})
        answer = self._issued(account)
        self.consent.issued(code, answer["access_token"])
        return JSONResponse(self.consent.finished(answer))

    async def revoke(self, request: Request) -> Response:
        """Whether LinkedIn has this is not documented."""
        form = await _form(request)
        owner = self._store.owner_of(form.get("token", ""))
        if not owner or not self.settings().revocable:
            return _oauth_error("invalid_request", "The token is not valid")
        self._store.change_settings({"revoked": [*self._store.settings().revoked, owner]})
        return JSONResponse({})

    async def introspect(self, request: Request) -> Response:
        """Whether a token is alive."""
        form = await _form(request)
        token = form.get("token", "")
        owner = self._store.owner_of(token)
        if not owner:
            return JSONResponse({"active": False})
        active = self._store.account_of(token) is not None and owner not in self._store.settings().revoked
        status = "active" if active else "revoked" if owner in self._store.settings().revoked else "expired"
        told = {"active": active, "status": status, "client_id": form.get("client_id", ""), "auth_type": "3L"}
        return JSONResponse({**told, "scope": self.scopes(owner)})


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(body).items()}


def _oauth_error(error: str, description: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status)
