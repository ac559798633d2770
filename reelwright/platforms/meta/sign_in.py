"""How tokens of Facebook Login are renewed (docs/platforms/instagram.md#tokens)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..common.sign_in import ClientCredentials, Renewal

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.publishing.accounts import StoredToken


@dataclass(frozen=True)
class ExchangedToken(Renewal):
    """No refresh token: a valid token is exchanged for a longer-lived one."""

    default_life: timedelta | None = None

    def renewable(self, token: StoredToken, now: datetime) -> bool:
        """See `SignIn.renewable`."""
        return bool(token.access_token.get_secret_value())

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """See `SignIn.ask`."""
        asked = {
            "grant_type": "fb_exchange_token",
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "fb_exchange_token": token.access_token.get_secret_value(),
        }
        return await client.get(self.url, params=asked)
