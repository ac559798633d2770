"""`reelwright people`: the commands and their options; what they do is in `people`."""

from __future__ import annotations

from typing import Annotated

import typer

from reelwright.domain.people import Role

from .options import AsJson, one_of

app = typer.Typer(help="Who may sign in to the console, and with which role.", no_args_is_help=True)

ROLES = tuple(role.value for role in Role)
Name = Annotated[str, typer.Argument(help="The person's name.")]
RoleWord = Annotated[
    str, typer.Option("--role", help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}.", autocompletion=one_of(*ROLES))
]


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Everybody, with their roles."""
    from . import console, people

    console.run(people.list_people(as_json=as_json), as_json=as_json)


@app.command("first")
def first_command(as_json: AsJson = False) -> None:
    """Print the link by which somebody becomes the first admin, where there is nobody yet."""
    from . import console, people

    console.run(people.first(as_json=as_json), as_json=as_json)


@app.command("add")
def add_command(name: Name, role: RoleWord = "viewer", as_json: AsJson = False) -> None:
    """Add a person, and print the link by which they set their password."""
    from . import console, people

    console.run(people.add(name, role, as_json=as_json), as_json=as_json)


@app.command("role")
def role_command(
    name: Name,
    role: Annotated[str, typer.Argument(help=f"{', '.join(ROLES[:-1])} or {ROLES[-1]}.")],
) -> None:
    """Give a person another role. Their sessions end."""
    from . import console, people

    console.run(people.set_role(name, role))


@app.command("disable")
def disable_command(name: Name) -> None:
    """End a person's sessions at once; they cannot sign in, and their tokens open nothing."""
    from . import console, people

    console.run(people.set_enabled(name, False))


@app.command("enable")
def enable_command(name: Name) -> None:
    """Let a person sign in again."""
    from . import console, people

    console.run(people.set_enabled(name, True))


@app.command("password")
def password_command(
    name: Name,
    password_file: Annotated[
        str | None,
        typer.Option("--password-file", help="Set it to the first line of this file, - for standard input."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print a link by which a person sets a new password, once and within a day; or set it from a file."""
    from . import console, people

    console.run(lambda: people.password(name, password_file, as_json=as_json), as_json=as_json)


@app.command("sessions")
def sessions_command(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Only those of this person.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who is signed in, from where and since when."""
    from . import console, people

    console.run(people.list_sessions(name, as_json=as_json), as_json=as_json)


@app.command("sign-out")
def sign_out_command(
    name: Name,
    only: Annotated[str | None, typer.Option("--session", help="This session alone; left out: all of them.")] = None,
) -> None:
    """End a person's sessions."""
    from . import console, people

    console.run(people.sign_out(name, only))
