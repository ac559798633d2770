"""`reelwright deploy`: the commands and their options; what they do is in `deploying`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson

app = typer.Typer(help="Versions of the workers: which takes the work, and which can go.", no_args_is_help=True)

Version = Annotated[str | None, typer.Argument(metavar="[VERSION]", help="Build id, as `deploy status` lists it.")]


@app.command("status")
def status(as_json: AsJson = False) -> None:
    """The versions with their workers, and the open workflows that each holds, by type."""
    from . import console, deploying

    console.run(deploying.status(as_json=as_json), as_json=as_json)


@app.command("promote")
def promote(
    version: Version = None,
    ramp: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Only this share; 0 ends the ramp. Default: all.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Though it is older than the current version.")] = False,
    as_json: AsJson = False,
) -> None:
    """Give a version the work. Without VERSION it is the newest one that has workers."""
    from . import console, deploying

    console.run(deploying.promote(version, ramp=ramp, back=back, as_json=as_json), as_json=as_json)


@app.command("drain")
def drain(
    version: Version = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until its workers can go.")] = False,
    move: Annotated[
        bool, typer.Option("--move", help="Let what is pinned to it go on with the current version.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell whether the workers of old versions can go; exit code 1 while they cannot."""
    from . import console, deploying

    console.run(deploying.drain(version, wait=wait, move=move, as_json=as_json), as_json=as_json)
