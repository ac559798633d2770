"""Sessions of the AT Protocol, as the renewal of tokens uses them (docs/platforms/bluesky.md#tokens).

A person has a handle and an app password, kept as `handle:app-password` until the first session is made of them
(`createSession`). From then on the session renews itself (`refreshSession`), and its refresh token changes each time.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from reelwright.domain.redaction import know

if TYPE_CHECKING:
    import httpx

_SERVER = "com.atproto.server"


def login_of(secret: str) -> tuple[str, str] | None:
    """Identifier and app password, or None for a refresh token: a JWT has no colon, and an app password neither."""
    identifier, colon, password = secret.rpartition(":")
    return (identifier, password) if colon and identifier and password else None


class SessionGrant:
    """A `spec.SignIn`: a session is made of an app password, and renewed by its own refresh token."""

    async def ask(self, client: httpx.AsyncClient, secret: str, url: str) -> httpx.Response:
        """As the function `ask`."""
        return await ask(client, secret, url)

    def as_grant(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer in the words of an OAuth refresh grant."""
        return as_grant(body)


async def ask(client: httpx.AsyncClient, secret: str, service_url: str) -> httpx.Response:
    """A new session for what a person has, or a renewed one. Raises `httpx.HTTPError`."""
    url, login = f"{service_url.rstrip('/')}/xrpc/{_SERVER}", login_of(secret)
    if login is None:
        return await client.post(f"{url}.refreshSession", headers={"Authorization": f"Bearer {secret}"})
    identifier, password = login
    know(password)
    return await client.post(f"{url}.createSession", json={"identifier": identifier, "password": password})


def as_grant(body: dict[str, Any]) -> dict[str, Any]:
    """The answer in the words of an OAuth refresh grant. How long the access token lives stands in the token."""
    if "accessJwt" not in body:
        return {**body, "error_description": body.get("message")} if "error" in body else body
    access, refresh = body.get("accessJwt"), body.get("refreshJwt")
    life = _life(access) if isinstance(access, str) else None
    return {"access_token": access, "refresh_token": refresh, **({"expires_in": life} if life else {})}


def _life(token: str) -> int | None:
    """Seconds from a JWT's issue to its end (RFC 7519: `iat`, `exp`), or None where it does not tell."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return int(claims["exp"] - claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None
