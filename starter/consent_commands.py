"""`reelwright consent`: the commands and their options; what they do is in `consents`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, user_name

app = typer.Typer(help="Consents of people whose voice was cloned or who are seen.", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="Who does it; kept in the audit.", default_factory=user_name)]


@app.command("add")
def add_command(
    by: By,
    person: Annotated[str, typer.Option(help="Whose voice or picture it is.")],
    use: Annotated[str, typer.Option(help="What it may be used for.")],
    document: Annotated[Path, typer.Option(metavar="FILE", help="The signed document; only its sha256 is kept.")],
    voice: Annotated[
        str, typer.Option(help="The installed voice that was made of it; without, it is for pictures and clips.")
    ] = "",
    given: Annotated[str | None, typer.Option(metavar="DAY", help="When it was given. Default: today.")] = None,
    expires: Annotated[str | None, typer.Option(metavar="DAY", help="The last day (UTC) on which it holds.")] = None,
    as_json: AsJson = False,
) -> None:
    """Record a consent; prints its number, which `media rights --consent` takes. See docs/evidence.md."""
    from . import consents, console

    console.run(
        consents.add(
            person=person, use=use, document=document, voice=voice, given=given, expires=expires, by=by, as_json=as_json
        ),
        as_json=as_json,
    )


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """The consents, newest first, and which of them have ended."""
    from . import consents, console

    console.run(consents.show(as_json=as_json), as_json=as_json)


@app.command("revoke")
def revoke_command(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="The consent's number.")],
    by: By,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: AsJson = False,
) -> None:
    """End a consent: nothing that needs it is posted from now on. What is posted stays, and is a person's to delete."""
    from . import consents, console

    console.run(consents.revoke(number, by=by, note=note, as_json=as_json), as_json=as_json)
