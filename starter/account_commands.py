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


@app.command("connect")
def connect_command(
    platform: Place,
    account: Annotated[str, typer.Option("--name", help="The account's name here.")] = "default",
    paste: Annotated[
        bool, typer.Option("--paste", help="Paste the address that the browser ends on, wherever the browser is.")
    ] = False,
    loopback: Annotated[bool, typer.Option("--loopback", help="Wait for the browser's call on this machine.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what to set on the platform: redirect, application, scopes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Take the account that was granted without asking.")] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let another identity take the place of the account's.")
    ] = False,
    pick: Annotated[str, typer.Option("--pick", metavar="ID", help="Which page, channel or organisation.")] = "",
    application: Annotated[
        str, typer.Option("--app", metavar="NAME", help="Another application of yours: page (LinkedIn), web (YouTube).")
    ] = "",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open no browser; the address is printed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Connect an account by the platform's own consent page; Bluesky by an app password."""
    from reelwright.domain.publishing.connecting import Way

    from . import connecting, console

    if paste and loopback:
        raise typer.BadParameter("--paste and --loopback exclude each other")
    if check:
        console.run(connecting.check(platform, application, as_json=as_json), as_json=as_json)
    way = Way.PASTE if paste else Way.LOOPBACK if loopback else None
    wish = connecting.Wish(account, way, yes, replace, application, not no_browser, pick)
    console.run(connecting.connect(platform, wish))


@app.command("test")
def test_command(
    account: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only accounts of this name.")] = None,
    platform: AnyPlatform = None,
    as_json: AsJson = False,
) -> None:
    """Ask the platforms whether the accounts still work, and what is missing. Exit 1: broken; 2: works with losses."""
    from . import connected, console

    console.run(connected.test(account, platform, as_json=as_json), as_json=as_json)


@app.command("authorize")
def authorize_command(platform: Place, account: OnAccount = "default", token_file: TokenFile = None) -> None:
    """Give an account a new token; what waits for it goes on."""
    from . import accounts, console

    console.run(accounts.authorize(platform, account, token_file))


@app.command("remove")
def remove_command(
    platform: Place,
    account: OnAccount,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Take the grant back on the platform, too, with all accounts of it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask about the other accounts of the grant.")] = False,
) -> None:
    """Forget an account and its tokens. Without --revoke they stay valid on the platform."""
    from . import accounts, connected, console

    if revoke:
        console.run(connected.remove_and_revoke(platform, account, yes=yes))
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
