"""What a platform offers for connecting accounts to it."""

from __future__ import annotations

from typing import Protocol

from pydantic import SecretStr

from ..formats import Platform
from ..origins import Origin
from ..publishing.accounts import AccountInfo, StoredToken
from ..publishing.connecting import Asked, Granted, Guide, Inspection, ScopeUse, Way


class Connector(Protocol):
    """One platform's way from a consent page to an account.

    `short` is its part of the callback's path: one path for each platform, so that no answer of one is taken for
    another's (RFC 9700, 4.4). `by_password`: there is no consent page; the code is `handle:app-password`.
    """

    @property
    def platform(self) -> Platform: ...

    @property
    def origin(self) -> Origin: ...

    @property
    def short(self) -> str: ...

    @property
    def by_password(self) -> bool: ...

    @property
    def apps(self) -> tuple[str, ...]:
        """The names of its applications; the first is empty and stands for the usual one."""
        ...

    def app_for(self, way: Way) -> str:
        """The application to ask with, where a person names none."""
        ...

    def app_of(self, account: AccountInfo, token: StoredToken) -> str:
        """The application whose scopes an account needs."""
        ...

    def ready(self, app: str) -> None:
        """Raises `InvalidInput` naming the setting when the application's id or secret is not set."""
        ...

    def guide(self, app: str) -> Guide:
        """What to set on the platform."""
        ...

    def uses(self, app: str) -> tuple[ScopeUse, ...]:
        """The scopes that are asked for."""
        ...

    def url(self, asked: Asked) -> str:
        """The consent page's address; empty where there is none."""
        ...

    def issued_by(self, iss: str) -> bool:
        """Whether an answer's `iss` (RFC 9207) is this platform's."""
        ...

    def denied(self, error: str, description: str) -> str:
        """Why the platform sent no code, in our own words."""
        ...

    async def exchange(self, code: SecretStr, asked: Asked) -> Granted:
        """The code for tokens, and who can be picked.

        Raises `InvalidInput` (what the platform said, and what to change where) and `PlatformTransient`."""
        ...

    async def inspect(self, account: AccountInfo, token: str, scopes: tuple[str, ...]) -> Inspection:
        """Reads, cheaply, whether the account can be posted to. `scopes` are those on record. Raises
        `NeedsAuthorization` and `PlatformTransient`."""
        ...

    async def revoke(self, token: StoredToken, subject: str) -> None:
        """Takes the whole grant back at the platform. Raises `InvalidInput` where it refuses, `PlatformTransient`."""
        ...
