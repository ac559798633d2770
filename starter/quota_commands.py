"""`reelwright quota`: the quota ledger, for people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from reelwright.domain.quota import BucketState, buckets_of

from . import console
from .books import AnyAccount, AnyPlatform, AsJson, Place, books, named
from .console import EXIT_OK, out, print_json, say
from .publications import platform_of

app = typer.Typer(help="What is used of the platforms' quotas, what is booked ahead, and the next free place.")


@app.callback(invoke_without_command=True)
def quota(
    context: typer.Context, platform: AnyPlatform = None, account: AnyAccount = None, as_json: AsJson = False
) -> None:
    """Used, held, booked ahead, limit, when it is counted anew, and the next free place (local times)."""
    if context.invoked_subcommand is None:
        console.run(show(platform, account, as_json=as_json), as_json=as_json)


@app.command("set")
def set_limit(
    platform: Place,
    bucket: Annotated[str, typer.Argument(help="As `reelwright quota` names it, for example posts.")],
    limit: Annotated[int, typer.Argument(help="Units per window.")],
    account: AnyAccount = None,
) -> None:
    """Set a limit, for all accounts or one. A lower one that the platform itself reports still counts."""
    console.run(change(platform, bucket, limit, account))


async def show(platform: str | None, account: str | None, *, as_json: bool) -> int:
    """The table, or the same as JSON with UTC times."""
    async with books() as opened:
        states = await opened.quota.state(named(platform), account)
    if as_json:
        print_json({"quota": [state.model_dump(mode="json") for state in states]})
        return EXIT_OK
    table = Table(box=None, pad_edge=False)
    for column in ("platform", "account", "bucket"):
        table.add_column(column, overflow="fold")
    for column in ("used", "held", "booked", "limit"):
        table.add_column(column, justify="right")
    table.add_column("anew")
    table.add_column("next free")
    for state in states:
        table.add_row(*_cells(state))
    out.print(table if states else "nothing is counted yet")
    return EXIT_OK


async def change(platform: str, bucket: str, limit: int, account: str | None) -> int:
    """Stores the limit."""
    place = platform_of(platform)
    async with books() as opened:
        await opened.quota.set_limit(place, bucket, limit, account or "")
    whose = f"account {escape(account)}" if account else "all accounts"
    say(f"{place.label}: {limit} {buckets_of(place)[bucket].what} for {whose}")
    return EXIT_OK


def _cells(state: BucketState) -> tuple[str, ...]:
    limit = f"{state.limit}{' (told by the platform)' if state.reported else ''}"
    counts = (str(number) for number in (state.used, state.held, state.booked))
    return (
        state.platform.value,
        escape(state.account) or "all",
        state.bucket,
        *counts,
        limit,
        _local(state.resets_at),
        _local(state.next_free),
    )


def _local(moment: datetime | None) -> str:
    """A moment on this machine's clock, to the minute."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M %Z}" if moment else "-"
