"""`reelwright token`: the commands and their options; what they do is in `tokens`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson, one_of
from .people_commands import ROLES

app = typer.Typer(help="Tokens by which programs act for a person.", no_args_is_help=True)


@app.command("make")
def make_command(
    name: Annotated[str, typer.Argument(help="The person for whom the program acts.")],
    label: Annotated[str, typer.Option(help="What it is for.")],
    role: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}; at most the person's.", autocompletion=one_of(*ROLES)
        ),
    ] = "viewer",
    expires: Annotated[str, typer.Option(help="For how long it is good: 30m, 12h, 90d.")] = "90d",
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, this once: only its hash is kept."""
    from . import console, tokens

    console.run(tokens.make(name, label=label, role=role, expires=expires, as_json=as_json), as_json=as_json)


@app.command("list")
def list_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only those of this person.")] = None,
    as_json: AsJson = False,
) -> None:
    """The tokens: whose they are, until when, and when they were last used."""
    from . import console, tokens

    console.run(tokens.list_tokens(name, as_json=as_json), as_json=as_json)


@app.command("revoke")
def revoke_command(token_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it.")]) -> None:
    """Revoke a token: it opens nothing from now on."""
    from . import console, tokens

    console.run(tokens.revoke(token_id))
