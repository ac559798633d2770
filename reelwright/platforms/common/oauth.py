"""What an adapter sees of OAuth: bearer tokens that are good for now. Where they come from stands in `vault_tokens`."""

from __future__ import annotations

from typing import Protocol

from reelwright.domain.publishing.accounts import AccountInfo


class AccessTokens(Protocol):
    """Where an adapter gets its bearer tokens."""

    async def access_token(self, account: str, *, rejected: str = "") -> str:
        """A token for the account. `rejected` is one the platform has just refused, and is never returned again.

        Raises `NeedsAuthorization` when a person must act and `PlatformTransient` when it is worth trying again."""
        ...

    async def info(self, account: str) -> AccountInfo:
        """The account, without its secrets. Raises `NeedsAuthorization` when there is none of that name."""
        ...
