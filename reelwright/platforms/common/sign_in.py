"""How a platform's tokens are renewed: one `SignIn` for each flow, in the platform's folder where it is more than a
refresh grant of OAuth. This module loads no HTTP client, since specifications name its classes.

Source: RFC 6749, 6 (the refresh grant) and 5.1 (its answer).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from reelwright.domain.platforms.facts import Flow
from reelwright.domain.publishing.accounts import StoredToken

if TYPE_CHECKING:
    import httpx


class SignIn(Protocol):
    """One way to renew a token. `default_life` is a new token's lifetime where the answer names none; None: no
    known expiry."""

    @property
    def default_life(self) -> timedelta | None: ...

    def renewable(self, token: StoredToken, now: datetime) -> bool:
        """Whether there is anything to renew the token with."""
        ...

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """Requests a new token. Raises `httpx.HTTPError`."""
        ...

    def as_grant(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer with the names of an OAuth refresh grant (RFC 6749, 5.1 and 5.2)."""
        ...


@dataclass(frozen=True)
class ClientCredentials:
    """The application's own id and secret, and the flows by which its tokens are renewed. `others` are further
    applications on the same platform, as (id, secret) by the name that `StoredToken.client` has."""

    client_id: str
    client_secret: str = field(repr=False)
    sign_ins: dict[Flow, SignIn]
    others: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    def of(self, token: StoredToken) -> ClientCredentials:
        """Those of the application that the token was issued to."""
        client_id, secret = self.others.get(token.client, (self.client_id, self.client_secret))
        return replace(self, client_id=client_id, client_secret=secret)


@dataclass(frozen=True)
class Renewal:
    """What most flows share: an OAuth answer, and a refresh token to ask with. `url` is where tokens are renewed."""

    url: str
    default_life: timedelta | None = timedelta(seconds=3_599)
    """Google's usual `expires_in`."""

    def renewable(self, token: StoredToken, now: datetime) -> bool:
        """See `SignIn.renewable`."""
        return bool(token.refresh_token.get_secret_value())

    def as_grant(self, body: dict[str, Any]) -> dict[str, Any]:
        """See `SignIn.as_grant`."""
        return body


@dataclass(frozen=True)
class RefreshGrant(Renewal):
    """The refresh grant with the application's id and secret in the form. `id_name` is the field of its id."""

    id_name: str = "client_id"

    async def ask(self, client: httpx.AsyncClient, token: StoredToken, app: ClientCredentials) -> httpx.Response:
        """See `SignIn.ask`."""
        form = {"grant_type": "refresh_token", "refresh_token": token.refresh_token.get_secret_value()}
        return await client.post(
            self.url, data={**form, self.id_name: app.client_id, "client_secret": app.client_secret}
        )
