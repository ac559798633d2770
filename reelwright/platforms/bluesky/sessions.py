"""Sessions of the AT Protocol, as the renewal of tokens uses them (docs/platforms/bluesky.md#tokens).

A person has a handle and an app password, kept as `handle:app-password` until the first session is made of them
(`createSession`). From then on the session renews itself (`refreshSession`), and its refresh token changes each time.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reelwright.domain.redaction import know

from ..common.sign_in import ClientCredentials, Renewal

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.publishing.accounts import StoredToken

_SERVER = "com.atproto.server"


def login_of(secret: str) -> tuple[str, str] | None:
    """Identifier and app password, or None for a refresh token: a JWT has no colon, and an app password neither."""
    identifier, colon, password = secret.rpartition(":")
    return (identifier, password) if colon and identifier and password else None


@dataclass(frozen=True)
class SessionGrant(Renewal):
    """A session is made of an app password, and renewed by its own refresh token. `url` is the account's service."""

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """See `SignIn.ask`."""
        secret = token.refresh_token.get_secret_value()
        url, login = f"{self.url.rstrip('/')}/xrpc/{_SERVER}", login_of(secret)
        if login is None:
            return await client.post(f"{url}.refreshSession", headers={"Authorization": f"Bearer {secret}"})
        identifier, password = login
        know(password)
        return await client.post(f"{url}.createSession", json={"identifier": identifier, "password": password})

    def as_grant(self, body: dict[str, Any]) -> dict[str, Any]:
        """See `SignIn.as_grant`. The access token's lifetime is in the token itself."""
        if "accessJwt" not in body:
            return {**body, "error_description": body.get("message")} if "error" in body else body
        access, refresh = body.get("accessJwt"), body.get("refreshJwt")
        life = _life(access) if isinstance(access, str) else None
        return {"access_token": access, "refresh_token": refresh, **({"expires_in": life} if life else {})}


def _life(token: str) -> int | None:
    """Seconds from a JWT's issue to its expiry (RFC 7519: `iat`, `exp`), or None where these are missing."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        return int(claims["exp"] - claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None
