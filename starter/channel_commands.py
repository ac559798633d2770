"""`reelwright channel`: the commands and their options; what they do is in `channels`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, user_name

app = typer.Typer(help="Channels: versioned configuration that requests inherit from.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The channel's name.")]
By = Annotated[str, typer.Option("--by", help="Who applies it; kept with the version.", default_factory=user_name)]
AnyVersion = Annotated[int | None, typer.Option("--version", min=1, help="Default: the newest.")]


@app.command("apply")
def apply_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Channel files, or folders with .toml files.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Apply channel files, all or none. What is unchanged gets no new version. See docs/channels.md."""
    from . import channels, console

    console.run(channels.apply(files, by=by, as_json=as_json), as_json=as_json)


@app.command("show")
def show_command(
    name: Name,
    version: AnyVersion = None,
    own: Annotated[bool, typer.Option("--own", help="Without what it inherits from other channels.")] = False,
    as_json: AsJson = False,
) -> None:
    """A channel's configuration, a field on each line."""
    from . import channels, console

    console.run(channels.show(name, version=version, own=own, as_json=as_json), as_json=as_json)


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """All channels."""
    from . import channels, console

    console.run(channels.list_channels(as_json=as_json), as_json=as_json)


@app.command("history")
def history_command(name: Name, as_json: AsJson = False) -> None:
    """A channel's versions, newest first: who applied them, and when."""
    from . import channels, console

    console.run(channels.history(name, as_json=as_json), as_json=as_json)


@app.command("diff")
def diff_command(
    name: Name,
    before: Annotated[int | None, typer.Argument(metavar="[A]", min=1, help="Default: the one before B.")] = None,
    after: Annotated[int | None, typer.Argument(metavar="[B]", min=1, help="Default: the newest.")] = None,
    as_json: AsJson = False,
) -> None:
    """The fields that two versions of a channel have differently."""
    from . import channels, console

    console.run(channels.diff(name, before, after, as_json=as_json), as_json=as_json)


@app.command("rollback")
def rollback_command(
    name: Name,
    version: Annotated[int, typer.Argument(min=1, help="The version to bring back.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Make a new version with the configuration of an earlier one."""
    from . import channels, console

    console.run(channels.rollback(name, version, by=by, as_json=as_json), as_json=as_json)


@app.command("export")
def export_command(name: Name, version: AnyVersion = None, as_json: AsJson = False) -> None:
    """Print a channel's own configuration as a file that can be applied."""
    from . import channels, console

    console.run(channels.export(name, version=version, as_json=as_json), as_json=as_json)
