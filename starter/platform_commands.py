"""`reelwright platform`: the commands and their options; what they do is in `pauses`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AnyAccount, AsJson, Place

app = typer.Typer(help="Pause and resume platforms, or single accounts of them.", no_args_is_help=True)


@app.command("pause")
def pause_command(
    platform: Place, account: AnyAccount = None, note: Annotated[str, typer.Option(help="Why, for others.")] = ""
) -> None:
    """Hold everything before its next upload or post. What is made is kept."""
    from . import console, pauses

    console.run(pauses.pause(platform, account or "", note))


@app.command("resume")
def resume_command(platform: Place, account: AnyAccount = None) -> None:
    """Let the posts go on where they stopped."""
    from . import console, pauses

    console.run(pauses.resume(platform, account or ""))


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """What is paused, since when and by whom."""
    from . import console, pauses

    console.run(pauses.list_pauses(as_json=as_json), as_json=as_json)
