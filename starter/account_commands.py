"""`reelwright account`: the commands and their options; what they do is in `accounts`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AnyPlatform, AsJson, OnAccount, Place

app = typer.Typer(help="The accounts that posts go to, and their tokens.", no_args_is_help=True)

TokenFile = Annotated[
    str | None, typer.Option("--token-file", help="File with the token, - for standard input; asked for if left out.")
]
ExternalId = Annotated[str, typer.Option("--id", help="The platform's own id of the account, where it needs one.")]
Options = Annotated[list[str] | None, typer.Option("--option", metavar="NAME=VALUE", help="May be repeated.")]


@app.command("list")
def list_command(platform: AnyPlatform = None, as_json: AsJson = False) -> None:
    """The accounts, and which of them a person must authorise."""
    from . import account_list, console

    console.run(account_list.list_accounts(platform, as_json=as_json), as_json=as_json)


@app.command("add")
def add_command(
    platform: Place,
    account: OnAccount = "default",
    external_id: ExternalId = "",
    options: Options = None,
    token_file: TokenFile = None,
) -> None:
    """Make an account, or change what is given of one, with its token."""
    from . import accounts, console

    console.run(accounts.add(platform, account, external_id, options or [], token_file))


@app.command("authorize")
def authorize_command(platform: Place, account: OnAccount = "default", token_file: TokenFile = None) -> None:
    """Give an account a new token; what waits for it goes on."""
    from . import accounts, console

    console.run(accounts.authorize(platform, account, token_file))


@app.command("remove")
def remove_command(platform: Place, account: OnAccount) -> None:
    """Forget an account and its tokens. To be done on the platform as well, where they stay valid."""
    from . import accounts, console

    console.run(accounts.remove(platform, account))


@app.command("best-time")
def best_time_command(
    platform: Place,
    at: Annotated[str, typer.Option(help="Time of the day, such as 18:00.")],
    zone: Annotated[str, typer.Option(help="Time zone, such as Europe/Berlin.")],
    account: OnAccount = "default",
) -> None:
    """Set the time at which posts with `--publish-at best` appear."""
    from . import accounts, console

    console.run(accounts.best_time(platform, account, at, zone))


@app.command("reseal")
def reseal_command() -> None:
    """Encrypt all tokens with the first key of REELWRIGHT_SECRET_KEY, after which older keys may go."""
    from . import accounts, console

    console.run(accounts.reseal())
