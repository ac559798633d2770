"""Bluesky's XRPC calls, which return data or raise a typed error; they contain no rules about posts.

An account is on a personal data server (PDS), which the session's DID document names; the entryway only refers to it.
The video service takes tokens that the PDS issues for it (docs/platforms/bluesky.md#video).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.publishing.quota import QuotaReading
from reelwright.domain.redaction import know

from ..common.caller import TIMEOUT, Caller, bearer
from ..common.http import again, body_kind, json_body, unreachable
from ..common.oauth import AccessTokens
from .errors import BUCKETS, Window, bluesky_error, dead_token, error_name, window_of
from .post import COLLECTION, DID, object_in, pds_of, text_in

UPLOAD = "com.atproto.repo.uploadBlob"
"""What uploads of a video are authorised for: the service puts the blob on the account's server later."""
SERVICE_TOKEN_LIFE = timedelta(minutes=30)
_HALF = SERVICE_TOKEN_LIFE / 2


@dataclass(frozen=True)
class Home:
    """An account's server: `did` is the account's permanent id, `pds` the server's address, `pds_did` the server's
    id."""

    did: str
    pds: str
    pds_did: str


@dataclass(frozen=True)
class ServiceToken:
    """A token for the video service, good until `expires` (aware)."""

    value: str = field(repr=False)
    expires: datetime


class BlueskyApi:
    """Requests of all accounts. Their servers, their tokens for the video service, and the rate limits that Bluesky
    last reported are kept in memory."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        tokens: AccessTokens,
        *,
        service_url: str,
        video_url: str,
        video_did: str,
        retry_wait_s: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._caller = Caller(client, tokens, refused=dead_token)
        self._service_url = service_url.rstrip("/")
        self._video_url = video_url.rstrip("/")
        self._video_did = video_did
        self._retry_wait_s = retry_wait_s
        self._homes: dict[str, Home] = {}
        self._service_tokens: dict[tuple[str, str], ServiceToken] = {}
        self._windows: dict[str, dict[str, Window]] = {}
        self.clock = clock

    # --- the account's server ---------------------------------------------------------------------------------------

    async def home(self, account: str) -> Home:
        """The account's server; requested once."""
        if account not in self._homes:
            session = await self._asked(account, self._service_url, "com.atproto.server.getSession", "asking who it is")
            did = text_in(session, "did", DID)
            if not did:
                raise NeedsAuthorization(
                    "Bluesky does not tell which account it is", field="account", remedy="authorise the account again"
                )
            pds = self._trusted(pds_of(object_in(session, "didDoc")))
            server = await self._open(f"{pds}/xrpc/com.atproto.server.describeServer", "asking what the server is")
            self._homes[account] = Home(did, pds, text_in(server, "did", DID) or f"did:web:{urlsplit(pds).hostname}")
        return self._homes[account]

    def _trusted(self, pds: str) -> str:
        """The server that the session names, else the one that was called. A token is sent over TLS only, unless the
        configured address has no TLS either (the sandbox, a server on this machine)."""
        if not pds or urlsplit(pds).scheme == "https" or urlsplit(self._service_url).scheme == "http":
            return pds or self._service_url
        raise NeedsAuthorization(
            f"the account's server {urlsplit(pds).hostname} is named without https",
            field="account",
            remedy="check the account's DID document",
        )

    async def _asked(self, account: str, host: str, nsid: str, doing: str, **rest: Any) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            return self._body(await self._sent(account, "GET", f"{host}/xrpc/{nsid}", **rest), doing)

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    async def query(self, account: str, nsid: str, doing: str, **params: str) -> dict[str, Any]:
        """A read of the account's server, as the account."""
        return await self._asked(account, (await self.home(account)).pds, nsid, doing, params=params)

    async def write(self, account: str, nsid: str, doing: str, **rest: Any) -> dict[str, Any]:
        """A call that may be repeated; the body of its answer."""

        async def once() -> dict[str, Any]:
            return self._body(await self.send(account, nsid, **rest), doing)

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    async def send(self, account: str, nsid: str, **rest: Any) -> httpx.Response:
        """One call to the account's server, without retries; returns the response of any status. Raises
        `httpx.HTTPError` when none came."""
        home = await self.home(account)
        response = await self._caller.request(account, "POST", f"{home.pds}/xrpc/{nsid}", **rest)
        window = window_of(response)
        if window and (name := BUCKETS.get(window.seconds)):
            self._windows.setdefault(account, {})[name] = window
        return response

    async def _sent(self, account: str, method: str, url: str, **rest: Any) -> httpx.Response:
        try:
            return await self._caller.request(account, method, url, **rest)
        except httpx.HTTPError as error:
            raise unreachable("Bluesky", error) from None

    async def record(self, home: Home, rkey: str) -> dict[str, Any] | None:
        """A post's record with its `uri` and `cid`, or None: the server certainly has none. Needs no
        authentication, and returns what was written just now."""
        params = {"repo": home.did, "collection": COLLECTION, "rkey": rkey}

        async def once() -> dict[str, Any] | None:
            response = await self._plain("GET", f"{home.pds}/xrpc/com.atproto.repo.getRecord", params=params)
            if error_name(response) == "RecordNotFound":
                return None
            body = self._body(response, "looking for the post")
            if not text_in(body, "cid") or not text_in(body, "uri"):
                raise PlatformTransient("Bluesky told a record without its name", field="bluesky")
            return body

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    async def did_of(self, account: str, handle: str) -> str:
        """The DID of the handle's account; "" when it cannot be resolved."""
        home = await self.home(account)
        url = f"{home.pds}/xrpc/com.atproto.identity.resolveHandle"

        async def once() -> str:
            response = await self._plain("GET", url, params={"handle": handle})
            if response.status_code == 400 and error_name(response) in ("InvalidRequest", "HandleNotFound"):
                return ""
            return text_in(self._body(response, f"looking up @{handle}"), "did", DID)

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    # --- the video service ------------------------------------------------------------------------------------------

    async def video(
        self,
        account: str,
        method: str,
        nsid: str,
        doing: str,
        *,
        fresh: bool = False,
        limits: bool = False,
        **rest: Any,
    ) -> dict[str, Any]:
        """A call of the video service, which may be repeated. `limits`: a token for the service itself; else one with
        which it may put the video on the account's server. `fresh`: one that has all its life before it."""
        lxm = nsid if limits else UPLOAD
        given = rest.pop("headers", {})

        async def once() -> dict[str, Any]:
            token = await self._service_token(account, lxm, fresh=fresh)
            response = await self._plain(
                method, f"{self._video_url}/xrpc/{nsid}", headers={**given, **bearer(token)}, **rest
            )
            if dead_token(response):
                self._service_tokens.pop((account, lxm), None)
                raise PlatformTransient("the video service no longer takes its token", field="bluesky")
            return self._body(response, doing, field="video")

        return await again(once, attempts=4, wait_s=self._retry_wait_s)

    async def job(self, job_id: str) -> dict[str, Any]:
        """A job's status; needs no authentication."""

        async def once() -> dict[str, Any]:
            url = f"{self._video_url}/xrpc/app.bsky.video.getJobStatus"
            return self._body(await self._plain("GET", url, params={"jobId": job_id}), "asking about the video")

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    async def _service_token(self, account: str, lxm: str, *, fresh: bool) -> str:
        known, now = self._service_tokens.get((account, lxm)), self.clock()
        if known and not fresh and now < known.expires - _HALF:
            return known.value
        home, expires = await self.home(account), now + SERVICE_TOKEN_LIFE
        audience = home.pds_did if lxm == UPLOAD else self._video_did
        params = {"aud": audience, "lxm": lxm, "exp": str(int(expires.timestamp()))}
        told = await self.query(account, "com.atproto.server.getServiceAuth", "asking for a token for videos", **params)
        token = text_in(told, "token", r"\S+")
        if not token:
            raise PlatformTransient("Bluesky gave no token for the video service", field="bluesky")
        know(token)
        self._service_tokens[account, lxm] = ServiceToken(token, expires)
        return token

    # --- small things -----------------------------------------------------------------------------------------------

    async def _open(self, url: str, doing: str) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            return self._body(await self._plain("GET", url), doing)

        return await again(once, attempts=3, wait_s=self._retry_wait_s)

    async def _plain(self, method: str, url: str, **rest: Any) -> httpx.Response:
        """Without the account's token."""
        try:
            return await self._client.request(method, url, timeout=TIMEOUT, follow_redirects=False, **rest)
        except httpx.HTTPError as error:
            raise unreachable("Bluesky", error) from None

    def _body(self, response: httpx.Response, doing: str, *, field: str = "post") -> dict[str, Any]:
        if not 200 <= response.status_code < 300:
            raise bluesky_error(response, self.clock(), doing=doing, field=field)
        body = json_body(response)
        if body is None and response.content.strip():
            raise PlatformTransient(f"{doing} gave {body_kind(response)}", field="bluesky", remedy="it is tried again")
        return body or {}

    def readings(self, account: str) -> list[QuotaReading]:
        """The write limits that Bluesky last reported, as far as they are still current."""
        now = self.clock()
        return [
            QuotaReading(bucket=name, used=max(0, window.limit - window.remaining), limit=window.limit,
                         resets_at=window.resets_at)
            for name, window in self._windows.get(account, {}).items()
            if window.limit > 0 and window.resets_at > now
        ]  # fmt: skip
