"""Renewal of access tokens: the meaning of the answers, for every flow. Each flow's request is in its `SignIn`.

Sources: RFC 6749, 5.2 (errors); the section *Tokens* of each page in docs/platforms.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from reelwright.domain.errors import NeedsAuthorization, PlatformTransient
from reelwright.domain.formats import Platform
from reelwright.domain.publishing.accounts import StoredToken
from reelwright.domain.redaction import know

from .http import body_kind, json_body, readable, retry_after, unreachable
from .sign_in import ClientCredentials

_DEAD = ("invalid_grant", "invalid_request", "access_denied", "expired_token")
"""X answers `invalid_request` for a refresh token that was used before."""
_CLIENT = ("invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type")


class Revoked(Exception):
    """The platform no longer accepts the token; a person must authorise again. The text gives the reason, without
    secrets."""


def renewable(token: StoredToken, credentials: ClientCredentials, now: datetime) -> bool:
    """Whether there is anything to renew it with. A flow that the platform does not have renews nothing."""
    sign_in = credentials.sign_ins.get(token.flow)
    return sign_in is not None and sign_in.renewable(token, now)


async def renew(
    client: httpx.AsyncClient, token: StoredToken, credentials: ClientCredentials, platform: Platform, now: datetime
) -> StoredToken:
    """The renewed token; a refresh token that the answer leaves out stays what it was. The token is `renewable`.

    Raises `Revoked`, `NeedsAuthorization` (the application's own credentials) or `PlatformTransient`."""
    credentials = credentials.of(token)
    know(token.access_token, token.refresh_token, credentials.client_secret)  # the answer may quote them
    sign_in = credentials.sign_ins[token.flow]
    try:
        response = await sign_in.ask(client, token, credentials)
    except httpx.HTTPError as error:
        raise unreachable(f"{platform.label}'s sign-in", error) from None
    body = sign_in.as_grant(json_body(response) or {})
    access = body.get("access_token")
    if response.status_code != 200 or not isinstance(access, str) or not access:
        raise _refusal(response, body, platform, now)
    rotated = body.get("refresh_token")
    know(access, rotated if isinstance(rotated, str) else "")
    life = _life(body.get("expires_in")) or sign_in.default_life
    return token.model_copy(
        update={
            "access_token": SecretStr(access),
            "refresh_token": SecretStr(rotated) if isinstance(rotated, str) and rotated else token.refresh_token,
            "expires_at": now + life if life else None,
            "obtained_at": now,
            "refresh_expires_at": now + ends if (ends := refresh_life(body)) else token.refresh_expires_at,
        }
    )


def _life(expires_in: Any) -> timedelta | None:
    known = isinstance(expires_in, int | float) and not isinstance(expires_in, bool) and expires_in > 0
    return timedelta(seconds=float(expires_in)) if known else None


def refresh_life(body: dict[str, Any]) -> timedelta | None:
    """How long the refresh token of an answer lives, where it tells: TikTok by one name, Google and LinkedIn by
    another."""
    return _life(body.get("refresh_expires_in")) or _life(body.get("refresh_token_expires_in"))


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
