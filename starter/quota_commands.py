"""`reelwright quota`: the commands and their options; what they do is in `quotas`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AnyAccount, AnyPlatform, AsJson, OfChannel, Place

app = typer.Typer(help="The platforms' quotas: used, booked, the next free place.")


@app.callback(invoke_without_command=True)
def quota(
    context: typer.Context,
    platform: AnyPlatform = None,
    account: AnyAccount = None,
    channel: OfChannel = None,
    as_json: AsJson = False,
) -> None:
    """Used, held, booked ahead, limit, when it is counted anew, the next free place (local times), and the channels
    that post there."""
    if context.invoked_subcommand is None:
        from . import console, quotas

        console.run(quotas.show(platform, account, channel, as_json=as_json), as_json=as_json)


@app.command("set")
def set_limit(
    platform: Place,
    bucket: Annotated[str, typer.Argument(help="As `reelwright quota` names it, for example posts.")],
    limit: Annotated[int, typer.Argument(help="Units per window.")],
    account: AnyAccount = None,
) -> None:
    """Set a limit, for all accounts or one. A lower one that the platform itself reports still counts."""
    from . import console, quotas

    console.run(quotas.change(platform, bucket, limit, account))
