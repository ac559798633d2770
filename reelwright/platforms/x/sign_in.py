"""How X renews tokens (docs/platforms/x.md#tokens)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..common.sign_in import ClientCredentials, Renewal

if TYPE_CHECKING:
    import httpx

    from reelwright.domain.publishing.accounts import StoredToken


@dataclass(frozen=True)
class XGrant(Renewal):
    """The refresh grant. A confidential client signs in with Basic, a public one sends its id in the form."""

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """See `SignIn.ask`."""
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token.get_secret_value()}
        if app.client_secret:
            return await client.post(self.url, data=form, auth=(app.client_id, app.client_secret))
        return await client.post(self.url, data={**form, "client_id": app.client_id})
