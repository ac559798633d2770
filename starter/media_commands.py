"""`reelwright media`: the commands and their options; what they do is in `media`."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson, one_of, user_name

app = typer.Typer(help="Own pictures, clips and sound in the media store.", no_args_is_help=True)

KINDS = ("picture", "clip", "sound")


@app.command("add")
def add_command(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Local files, or https:// and s3:// addresses.")
    ],
    as_json: AsJson = False,
) -> None:
    """Check files and store them. Prints the address of each, `media:` and its sha256. See docs/media.md."""
    from . import console, media

    console.run(media.add(files, as_json=as_json), as_json=as_json)


@app.command("list")
def list_command(
    kind: Annotated[str | None, typer.Option(help="Only of this kind.", autocompletion=one_of(*KINDS))] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The stored files, newest first."""
    from . import console, media

    console.run(media.list_media(kind=kind, limit=limit, as_json=as_json), as_json=as_json)


@app.command("show")
def show_command(
    sha256: Annotated[str, typer.Argument(help="The sha256, or its beginning; with or without `media:`.")],
    as_json: AsJson = False,
) -> None:
    """All that is known of a stored file."""
    from . import console, media

    console.run(media.show(sha256, as_json=as_json), as_json=as_json)


@app.command("rights")
def rights_command(
    sha256: Annotated[str, typer.Argument(help="The sha256, or its beginning; with or without `media:`.")],
    by: Annotated[str, typer.Option("--by", help="Who declares it; kept.", default_factory=user_name)],
    licence: Annotated[str, typer.Option(help="own, licensed, CC-BY-4.0 ...; see docs/evidence.md.")] = "own",
    terms: Annotated[str, typer.Option(help="Where the licence's terms stand.")] = "",
    expires: Annotated[str | None, typer.Option(metavar="DAY", help="The last day (UTC) of its use.")] = None,
    consent: Annotated[int | None, typer.Option(metavar="NUMBER", help="Consent of who is seen.")] = None,
    as_json: AsJson = False,
) -> None:
    """Declare under which licence a file may be used, until when, and with whose consent. The last declaration counts;
    what its licence, its expiry or its consent forbids is not posted."""
    from . import console, media

    console.run(
        media.rights(sha256, licence=licence, terms=terms, expires=expires, consent=consent, by=by, as_json=as_json),
        as_json=as_json,
    )
