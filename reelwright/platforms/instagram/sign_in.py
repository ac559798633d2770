"""How tokens of Instagram's own login are renewed (docs/platforms/instagram.md#tokens)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..common.sign_in import ClientCredentials, Renewal

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.publishing.accounts import StoredToken

AGE = timedelta(hours=24)
"""`ig_refresh_token` takes no younger token."""


@dataclass(frozen=True)
class InstagramLogin(Renewal):
    """A token that is valid is refreshed; neither the application's id nor its secret is sent."""

    default_life: timedelta | None = None

    def renewable(self, token: StoredToken, now: datetime) -> bool:
        """See `SignIn.renewable`."""
        old = token.obtained_at is not None and now - token.obtained_at >= AGE
        return old and (token.expires_at is None or now < token.expires_at)

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """See `SignIn.ask`."""
        asked = {"grant_type": "ig_refresh_token", "access_token": token.access_token.get_secret_value()}
        return await client.get(self.url, params=asked)
