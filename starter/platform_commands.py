"""`reelwright platform`: hold a platform's posts, and let them go on."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from . import console
from .books import AnyAccount, AsJson, Place, books, wake
from .console import EXIT_FAILURE, EXIT_OK, out, print_json, say
from .publications import platform_of

app = typer.Typer(help="Pause and resume platforms, or single accounts of them.", no_args_is_help=True)


@app.command("pause")
def pause_command(
    platform: Place, account: AnyAccount = None, note: Annotated[str, typer.Option(help="Why, for others.")] = ""
) -> None:
    """Hold everything before its next upload or post. What is made is kept."""
    console.run(pause(platform, account or "", note))


@app.command("resume")
def resume_command(platform: Place, account: AnyAccount = None) -> None:
    """Let the posts go on where they stopped."""
    console.run(resume(platform, account or ""))


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """What is paused, since when and by whom."""
    console.run(list_pauses(as_json=as_json), as_json=as_json)


async def pause(platform: str, account: str, note: str) -> int:
    """Writes the pause; every publication looks at it before it sends or posts anything."""
    place = platform_of(platform)
    async with books() as opened:
        await opened.gate.pause(place, account, by=getpass.getuser(), note=note)
    resume_with = f"reelwright platform resume {place.value}{f' --account {account}' if account else ''}"
    say(f"{_whose(place.label, account)} posts nothing from now on, until `{escape(resume_with)}`")
    return EXIT_OK


async def resume(platform: str, account: str) -> int:
    """Ends the pause and wakes who waits for it."""
    place = platform_of(platform)
    async with books() as opened:
        ended = await opened.gate.resume(place, account)
        left = [each for each in await opened.gate.pauses() if each.platform is place]
    if not ended:
        say(f"{_whose(place.label, account)} was not paused")
    for each in left:
        say(f"still paused: {_whose(place.label, each.account)}, by {escape(each.by)}")
    if not ended:
        return EXIT_FAILURE
    say(f"{_whose(place.label, account)} posts again; {await wake(place, account)}")
    return EXIT_OK


async def list_pauses(*, as_json: bool) -> int:
    """All pauses."""
    async with books() as opened:
        pauses = await opened.gate.pauses()
    if as_json:
        print_json({"pauses": [each.model_dump(mode="json") for each in pauses]})
        return EXIT_OK
    table = Table(box=None, pad_edge=False)
    for column in ("platform", "account", "since", "by", "note"):
        table.add_column(column, overflow="fold")
    for each in pauses:
        since = f"{each.since.astimezone():%Y-%m-%d %H:%M %Z}"
        table.add_row(each.platform.value, escape(each.account) or "all", since, escape(each.by), escape(each.note))
    out.print(table if pauses else "nothing is paused")
    return EXIT_OK


def _whose(label: str, account: str) -> str:
    return f"{label} account {escape(account)}" if account else label
