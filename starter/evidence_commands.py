"""`reelwright evidence` and `reelwright audit`: the commands and their options; what they do is in `evidences` and
`audits`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, Id


def evidence(
    content_id: Id,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the JSON document to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """What every asset of a content was made with and of, and who decided what. See docs/evidence.md."""
    from . import console, evidences

    console.run(evidences.show(content_id, output=output, as_json=as_json), as_json=as_json)


def audit(
    about: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Only rows about this content, account (youtube/main) or channel."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the whole chain of hashes; exit code 1 at a broken link.")
    ] = False,
    expect: Annotated[
        str | None, typer.Option(metavar="HASH", help="With --verify: a hash of an earlier one, still to be in it.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on after a list's next_cursor, which --json prints.")] = None,
    as_json: AsJson = False,
) -> None:
    """Who decided or changed what, newest first. See docs/evidence.md."""
    from . import audits, console

    if verify or expect is not None:
        console.run(audits.verify(expect, as_json=as_json), as_json=as_json)
    else:
        console.run(audits.show(about, limit=limit, cursor=cursor, as_json=as_json), as_json=as_json)
