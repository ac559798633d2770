"""`reelwright account list`: without what reads tokens and knows the platforms' settings."""

from __future__ import annotations

from typing import Any

from control import accounts as control
from control.names import named

from .books import books
from .console import EXIT_OK, print_json
from .tables import Record, print_records


async def list_accounts(platform: str | None, *, as_json: bool) -> int:
    """Accounts without their secrets."""
    async with books() as opened:
        rows = await control.accounts(opened, named(platform))
    if as_json:
        print_json({"accounts": [_as_json(row) for row in rows]})
        return EXIT_OK
    columns = ("platform", "account", "id", "token", "origin", "best_time")
    print_records(
        [column.replace("_", " ") for column in columns],
        [Record(tuple(str(getattr(row, name)) for name in columns), (row.wants,)) for row in rows],
        nothing="no accounts yet; see `reelwright account add --help`",
    )
    return EXIT_OK


def _as_json(row: control.AccountRow) -> dict[str, Any]:
    return {**vars(row), "platform": row.platform.value, "expires_at": row.expires_at and row.expires_at.isoformat()}
