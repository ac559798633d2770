"""How each platform renews an access token.

Sources: RFC 6749, 6 (the refresh grant) and 5.2 (its errors); the section *Tokens* of each page in
docs/platforms. Meta's two exchanges have no refresh token: a token that is valid is traded for one that lives longer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import TRADED
from reelwright.domain.publishing.accounts import StoredToken
from reelwright.domain.redaction import know

from .http import body_kind, json_body, readable, retry_after, unreachable

INSTAGRAM_REFRESH = "https://graph.instagram.com/refresh_access_token"
"""For accounts with Instagram's own login; it takes neither the application's id nor its secret."""
INSTAGRAM_AGE = timedelta(hours=24)
"""`ig_refresh_token` takes no younger token."""
_DEAD = ("invalid_grant", "invalid_request", "access_denied", "expired_token")
"""X says `invalid_request` of a refresh token that was used before."""
_CLIENT = ("invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type")
_DEFAULT_LIFE = timedelta(seconds=3_599)
"""Google's usual `expires_in`, should an answer of a refresh grant not name one."""


class SignIn(Protocol):
    """A platform's own way to renew what an account is let in with, where it is no OAuth grant."""

    async def ask(self, client: httpx.AsyncClient, secret: str, url: str) -> httpx.Response:
        """Asks for new tokens with the refresh token, or with what a person has. Raises `httpx.HTTPError`."""
        ...

    def as_grant(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer in the words of an OAuth refresh grant (RFC 6749, 5.1 and 5.2)."""
        ...


@dataclass(frozen=True)
class ClientCredentials:
    """The application's own, and where it renews tokens. TikTok calls the id a key. `instagram_url` is where the flow
    `instagram` renews. `sign_in` renews instead of an OAuth grant."""

    client_id: str
    client_secret: str = field(repr=False)
    token_url: str
    instagram_url: str = INSTAGRAM_REFRESH
    sign_in: SignIn | None = None


class Revoked(Exception):
    """The platform accepts the token no longer; a person must authorise anew. The text says why, without secrets."""


def renewable(token: StoredToken, now: datetime) -> bool:
    """Whether there is anything to renew it with."""
    if token.flow == "facebook":
        return bool(token.access_token.get_secret_value())
    if token.flow == "instagram":
        old = token.obtained_at is not None and now - token.obtained_at >= INSTAGRAM_AGE
        return old and (token.expires_at is None or now < token.expires_at)
    return token.flow != "none" and bool(token.refresh_token.get_secret_value())


async def renew(
    client: httpx.AsyncClient, token: StoredToken, credentials: ClientCredentials, platform: Platform, now: datetime
) -> StoredToken:
    """The renewed token; a refresh token that the answer leaves out stays what it was.

    Raises `Revoked`, `NeedsAuthorization` (the application's own credentials) or `PlatformTransient`."""
    know(token.access_token, token.refresh_token, credentials.client_secret)  # the answer may quote them
    try:
        response = await _ask(client, token, credentials)
    except httpx.HTTPError as error:
        raise unreachable(f"{platform.label}'s sign-in", error) from None
    body = json_body(response) or {}
    body = credentials.sign_in.as_grant(body) if credentials.sign_in else body
    access = body.get("access_token")
    if response.status_code != 200 or not isinstance(access, str) or not access:
        raise _refusal(response, body, platform, now)
    rotated = body.get("refresh_token")
    know(access, rotated if isinstance(rotated, str) else "")
    life = _life(body.get("expires_in"))
    if life is None and token.flow not in TRADED:
        life = _DEFAULT_LIFE
    return token.model_copy(
        update={
            "access_token": SecretStr(access),
            "refresh_token": SecretStr(rotated) if isinstance(rotated, str) and rotated else token.refresh_token,
            "expires_at": now + life if life else None,
            "obtained_at": now,
        }
    )


async def _ask(client: httpx.AsyncClient, token: StoredToken, credentials: ClientCredentials) -> httpx.Response:
    access, refresh = token.access_token.get_secret_value(), token.refresh_token.get_secret_value()
    app_id, secret, url = credentials.client_id, credentials.client_secret, credentials.token_url
    if credentials.sign_in:
        return await credentials.sign_in.ask(client, refresh, url)
    if token.flow == "instagram":
        asked = {"grant_type": "ig_refresh_token", "access_token": access}
        return await client.get(credentials.instagram_url, params=asked)
    if token.flow == "facebook":
        traded = {"grant_type": "fb_exchange_token", "client_id": app_id, "client_secret": secret}
        return await client.get(url, params={**traded, "fb_exchange_token": access})
    form = {"grant_type": "refresh_token", "refresh_token": refresh}
    if token.flow == "x" and secret:  # a confidential client signs in with Basic, a public one names itself
        return await client.post(url, data=form, auth=(app_id, secret))
    form["client_key" if token.flow == "tiktok" else "client_id"] = app_id
    return await client.post(url, data=form if token.flow == "x" else {**form, "client_secret": secret})


def _life(expires_in: Any) -> timedelta | None:
    known = isinstance(expires_in, int | float) and not isinstance(expires_in, bool) and expires_in > 0
    return timedelta(seconds=float(expires_in)) if known else None


def _refusal(response: httpx.Response, body: dict[str, Any], platform: Platform, now: datetime) -> Exception:
    """Only an error's name and description are shown, which hold no secret."""
    error: Any = body.get("error")
    if isinstance(error, dict):  # Graph's envelope
        message, code = error.get("message"), error.get("code")
        why = readable(message) if isinstance(message, str) else "no reason given"
        if code == 190:
            return Revoked(f"{platform.label} no longer accepts its token ({why})")
        error = "" if code in (1, 2, 4, 17, 32, 613) or response.status_code >= 500 else f"code {code}: {why}"
    name = error if isinstance(error, str) else ""
    description = body.get("error_description")
    why = readable(description) if isinstance(description, str) else readable(name)
    if name in _DEAD:
        return Revoked(f"{platform.label} no longer accepts its authorisation ({why})")
    if name in _CLIENT:
        return NeedsAuthorization(
            f"{platform.label} does not accept the application's own credentials ({name})",
            field="client_id",
            remedy="check the client id and secret",
        )
    if name and response.status_code in (400, 401, 403):
        return Revoked(f"{platform.label} refused to renew the sign-in ({why})")
    told = f"HTTP {response.status_code} with {readable(name) if name else body_kind(response)}"
    return PlatformTransient(
        f"{platform.label}'s sign-in answered {told}",
        field="account",
        remedy="it is tried again",
        retry_after_s=retry_after(response, now),
    )
