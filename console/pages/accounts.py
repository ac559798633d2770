"""The accounts that posts go to; tokens are never shown, nor their ends."""

from __future__ import annotations

from starlette.responses import Response

from control import accounts as control
from control.names import platform_of
from reelwright.domain.people import Role

from ..forms import form_of, text_of
from ..routing import PageRequest, page, to
from ..templating import render


@page("/accounts", needs=Role.VIEWER)
async def accounts(request: PageRequest) -> Response:
    """All accounts, those first that want a person."""
    rows = sorted(await control.accounts(request.books), key=lambda row: (not row.wants, row.platform, row.account))
    return render(request, "accounts.html", rows=rows, connected=request.query_params.get("connected", "")[:100])


@page("/accounts/{platform}/{account}/best-time", needs=Role.ADMIN, methods=("POST",))
async def set_best_time(request: PageRequest) -> Response:
    """Stores the time of day at which its posts appear."""
    platform, account = platform_of(request.path_params["platform"]), request.path_params["account"]
    when = text_of(await form_of(request), "best_time", most=60)
    await control.set_best_time(request.books, platform, account, when, by=request.caller.name)
    return to(request, "accounts")


@page("/accounts/{platform}/{account}/remove", needs=Role.ADMIN, methods=("POST",))
async def remove_account(request: PageRequest) -> Response:
    """Deletes the account and its tokens here; at the platform nothing changes."""
    platform, account = platform_of(request.path_params["platform"]), request.path_params["account"]
    await control.remove(request.books, platform, account, by=request.caller.name)
    return to(request, "accounts")


ROUTES = [accounts, set_best_time, remove_account]
