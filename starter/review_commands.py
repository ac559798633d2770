"""`reelwright review`: the commands and their options; what they do is in `reviewing` and `review_shown`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import Id, JsonAtTheEnd, Reviewer

app = typer.Typer(help="See what waits for a reviewer, and decide.", no_args_is_help=True)
links_app = typer.Typer(help="Signed links to reviews that were made.", no_args_is_help=True)
app.add_typer(links_app, name="links")

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
    from . import console, looking

    console.run(looking.review_list(as_json=as_json), as_json=as_json)


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
    from . import console, review_shown

    work = review_shown.review_show(content_id, output=output, browse=browse, as_json=as_json)
    console.run(work, as_json=as_json)


@app.command("approve")
def approve(
    content_id: Id,
    reviewer: Reviewer,
    note: Note = "",
    artifact: Artifact = None,
    thumbnail: Annotated[int | None, typer.Option(help="The number of one of the thumbnails that are offered.")] = None,
) -> None:
    """Let what was shown be rendered and posted."""
    from . import console, reviewing

    changes = {"thumbnail": thumbnail}
    console.run(
        reviewing.decide(content_id, "approve", reviewer=reviewer, note=note, artifact=artifact, changes=changes)
    )


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
    scene: Annotated[list[int] | None, typer.Option(help="A scene to draw anew; may be repeated.")] = None,
    picture: Annotated[
        list[str] | None, typer.Option(metavar="SCENE=ADDRESS", help="An own picture for a scene: 3=media:SHA256.")
    ] = None,
    title: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM=TITLE", help="Another title of the post there.")
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="PLATFORM=TEXT", help="Another text of the post there.")
    ] = None,
) -> None:
    """Send it back: with a new script, for other pictures and music, or with other texts for platforms."""
    from . import console, reviewing

    changes = reviewing.changes_of(scenes=scene or (), pictures=picture or (), titles=title or (), texts=text or ())
    console.run(
        reviewing.decide(
            content_id, "revise", reviewer=reviewer, note=note, script=script, artifact=artifact, changes=changes
        )
    )


@app.command("link")
def link(
    content_id: Id,
    reviewer: Reviewer,
    expires: Annotated[str, typer.Option(help="For how long it opens the review: 30m, 12h, 3d.")] = "3d",
    decide: Annotated[bool, typer.Option("--decide", help="It may be used to decide, too.")] = False,
    as_json: JsonAtTheEnd = False,
) -> None:
    """Make a signed link to the open review, for a client outside: it opens exactly what is shown now."""
    from . import console, review_links

    console.run(
        review_links.make(content_id, expires=expires, decide=decide, by=reviewer, as_json=as_json), as_json=as_json
    )


@links_app.command("list")
def links_list(content_id: Id, as_json: JsonAtTheEnd = False) -> None:
    """The links that were made for a content."""
    from . import console, review_links

    console.run(review_links.list_links(content_id, as_json=as_json), as_json=as_json)


@links_app.command("revoke")
def links_revoke(
    content_id: Id,
    reviewer: Reviewer,
    only: Annotated[str | None, typer.Option("--link", help="This link alone; left out: all of the content.")] = None,
) -> None:
    """Revoke links: their tokens open nothing from now on."""
    from . import console, review_links

    console.run(review_links.revoke(content_id, only, by=reviewer))
