"""Accounts: who posts where. They are connected in the console or on the command line."""

from __future__ import annotations

from control import accounts
from reelwright.domain.errors import NotFound
from reelwright.domain.people import Role

from ..calls import Called
from ..models.common import Done
from ..models.house import AccountList
from ..models.posts import BestTime, NextTime
from ..parameters import AccountPath, PlatformPath, PlatformQuery
from ..routing import operation

TAG = "Accounts"


@operation("GET", "/v1/accounts", needs=Role.VIEWER, tag=TAG, answers=AccountList)
async def list_accounts(call: Called, platform: PlatformQuery = None) -> AccountList:
    """All accounts: how long each may post, and what a person must do. Never a token."""
    return AccountList(items=tuple(await accounts.accounts(call.books, platform)))


@operation("PUT", "/v1/accounts/{platform}/{account}/best-time", needs=Role.ADMIN, tag=TAG, answers=NextTime)
async def set_best_time(call: Called, platform: PlatformPath, account: AccountPath, body: BestTime) -> NextTime:
    """The time of day at which posts with `publish_at: best` appear."""
    at = await accounts.set_best_time(call.books, platform, account, body.best_time, by=call.caller.name)
    return NextTime(next=at)


@operation("DELETE", "/v1/accounts/{platform}/{account}", needs=Role.ADMIN, tag=TAG, answers=Done)
async def remove_account(call: Called, platform: PlatformPath, account: AccountPath) -> Done:
    """Deletes an account and its tokens. Posts that wait for it wait until it is there again."""
    if not await accounts.remove(call.books, platform, account, by=call.caller.name):
        raise NotFound(
            f"{platform.label} has no account {account!r} here", field="account", remedy="see GET /api/v1/accounts"
        )
    return Done(done=f"{platform.value}/{account} is removed")


OPERATIONS = [list_accounts, set_best_time, remove_account]
