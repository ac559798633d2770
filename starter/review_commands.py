"""`reelwright review`: the commands and their options; what they do is in `reviewing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Id, JsonAtTheEnd, Reviewer

app = typer.Typer(help="See what waits for a reviewer, and decide.", no_args_is_help=True)

Note = Annotated[str, typer.Option(help="Why, or what should change.")]
Artifact = Annotated[
    str | None,
    typer.Option(
        metavar="SHA256", help="The artifact that is judged, as `review show` prints it; 8 digits are enough."
    ),
]


@app.command("list")
def list_waiting(as_json: JsonAtTheEnd = False) -> None:
    """What waits for a reviewer."""
    from . import console, reviewing

    console.run(reviewing.review_list(as_json=as_json), as_json=as_json)


@app.command("show")
def show(
    content_id: Id,
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder for the page [default: out/<id>/review/<artifact>].")
    ] = None,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = True,
    as_json: JsonAtTheEnd = False,
) -> None:
    """What is to be judged, and the hash that names it: as text, and as a page with pictures, sound and video."""
    from . import console, reviewing

    work = reviewing.review_show(content_id, output=output, browse=browse, as_json=as_json)
    console.run(work, as_json=as_json)


@app.command("approve")
def approve(content_id: Id, reviewer: Reviewer, note: Note = "", artifact: Artifact = None) -> None:
    """Let what was shown be rendered and posted."""
    from . import console, reviewing

    console.run(reviewing.decide(content_id, "approve", reviewer=reviewer, note=note, artifact=artifact))


@app.command("reject")
def reject(content_id: Id, reviewer: Reviewer, note: Note = "", artifact: Artifact = None) -> None:
    """End it here."""
    from . import console, reviewing

    console.run(reviewing.decide(content_id, "reject", reviewer=reviewer, note=note, artifact=artifact))


@app.command("revise")
def revise(
    content_id: Id,
    reviewer: Reviewer,
    note: Note = "",
    script: Annotated[Path | None, typer.Option(help="A new script; only changed scenes are made again.")] = None,
    artifact: Artifact = None,
) -> None:
    """Send it back: with a new script, or for other pictures and music."""
    from . import console, reviewing

    console.run(reviewing.decide(content_id, "revise", reviewer=reviewer, note=note, script=script, artifact=artifact))
