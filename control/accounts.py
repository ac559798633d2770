"""Who posts where: the accounts, without their secrets, and what is done to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from reelwright.domain.base import Model
from reelwright.domain.errors import NotFound
from reelwright.domain.formats import Platform
from reelwright.domain.origins import origin_of
from reelwright.domain.people import Role
from reelwright.domain.publishing.accounts import AccountInfo, StoredToken
from reelwright.domain.publishing.schedule import best_instant
from reelwright.storage.accounts import PostgresAccountStore

from .access import allowed
from .studio import Books


class AccountRow(Model):
    """One account in a list. `token` describes how long it is valid, `wants` what a person must do; empty is
    nothing."""

    platform: Platform
    account: str
    id: str
    token: str
    origin: str
    expires_at: datetime | None
    best_time: str
    wants: str


@allowed(Role.VIEWER)
async def accounts(books: Books, platform: Platform | None = None) -> list[AccountRow]:
    """All accounts, or those of one platform."""
    store = books.accounts
    return [await _row(store, info) for info in await store.list(platform)]


@allowed(Role.ADMIN)
async def add(
    books: Books,
    platform: Platform,
    account: str,
    token: StoredToken,
    *,
    external_id: str = "",
    options: Mapping[str, str],
    by: str = "",
) -> None:
    """Makes the account, or changes what is given of one that is there."""
    store = books.accounts
    known = await store.find(platform, account)
    info = AccountInfo(
        platform=platform,
        name=account,
        external_id=external_id or (known.external_id if known else ""),
        options={**(known.options if known else {}), **options},
    )
    await store.put(info, token, by=by)


@allowed(Role.ADMIN)
async def authorize(books: Books, platform: Platform, account: str, token: StoredToken, *, by: str = "") -> None:
    """Replaces the account's token. `InvalidInput` when there is no such account."""
    await books.accounts.put(await account_of(books, platform, account), token, by=by)


@allowed(Role.ADMIN)
async def remove(books: Books, platform: Platform, account: str, *, by: str = "") -> bool:
    """Deletes the account and its tokens; returns whether it existed."""
    return await books.accounts.remove(platform, account, by=by)


@allowed(Role.ADMIN)
async def set_best_time(books: Books, platform: Platform, account: str, when: str, *, by: str = "") -> datetime:
    """Stores `HH:MM Zone` as the time at which its posts appear; the next such instant."""
    following = best_instant(when, datetime.now(UTC))
    info = await account_of(books, platform, account)
    changed = info.model_copy(update={"options": {**info.options, "best_time": when}})
    await books.accounts.put(changed, by=by)
    return following


@allowed(Role.ADMIN)
async def reseal(books: Books, *, by: str = "") -> int:
    """Encrypts all tokens with the first key; how many accounts."""
    return await books.accounts.reseal(by=by)


@allowed(Role.VIEWER)
async def find(books: Books, platform: Platform, account: str) -> AccountInfo | None:
    """The account, or None."""
    return await books.accounts.find(platform, account)


@allowed(Role.VIEWER)
async def account_of(books: Books, platform: Platform, account: str) -> AccountInfo:
    """The account, or `InvalidInput` when there is none of that name."""
    info = await books.accounts.find(platform, account)
    if info is None:
        raise NotFound(
            f"{platform.label} has no account {account[:80]!r} here",
            field="account",
            remedy=f"see `reelwright account list`, or `reelwright account add {platform.value}`",
        )
    return info


async def _row(store: PostgresAccountStore, info: AccountInfo) -> AccountRow:
    token = await store.token(info.platform, info.name)
    return AccountRow(
        platform=info.platform,
        account=info.name,
        id=info.external_id,
        token=_lifetime(info.platform, token),
        origin=origin_of(info.platform, token).value if token else "",
        expires_at=token.expires_at if token else None,
        best_time=info.options.get("best_time", ""),
        wants=info.needs_authorization and f"authorise it again: {info.needs_authorization}",
    )


def _lifetime(platform: Platform, token: StoredToken | None) -> str:
    """How long the token serves, in a person's words."""
    if token is None:
        return "none"
    if token.refresh_token.get_secret_value() or token.flow in platform.facts.traded:
        return "renewed by itself"
    return f"until {token.expires_at.astimezone():%Y-%m-%d}" if token.expires_at else "for good, as far as is known"
