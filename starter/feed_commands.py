"""`reelwright feeds`: the commands and their options; what they do is in `feeds`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, OfChannel, one_of, user_name

app = typer.Typer(help="Feeds that are harvested: each new item becomes a content, once.", no_args_is_help=True)

STATES = ("new", "started", "duplicate", "filtered", "failed")
Name = Annotated[str, typer.Argument(help="The source's name.")]
By = Annotated[str, typer.Option("--by", help="Who does it; kept in the audit.", default_factory=user_name)]
Words = Annotated[list[str] | None, typer.Option("--include", metavar="WORD", help="Only items with one of these.")]
NoWords = Annotated[list[str] | None, typer.Option("--exclude", metavar="WORD", help="No items with one of these.")]


Channel = Annotated[str | None, typer.Option(help="The channel of its contents. Default: default.")]
Priority = Annotated[int | None, typer.Option(min=1, max=5, help="1 goes first. Default: 3.")]
Most = Annotated[int | None, typer.Option("--most", help="How many items become contents in one harvest. Default: 3.")]
LeastWords = Annotated[int | None, typer.Option(help="Items with fewer words are left out. Default: 40.")]
MaxAge = Annotated[int | None, typer.Option(metavar="DAYS", help="Older entries are left out. Default: 7.")]
Language = Annotated[str | None, typer.Option(help="What is spoken. Default: each item's own language.")]
Request = Annotated[
    Path | None,
    typer.Option("--request", metavar="FILE", help="A JSON file with other fields of the requests; docs/feeds.md."),
]


@app.command("add")
def add_command(
    url: Annotated[str, typer.Argument(help="The feed's address: RSS, RDF, Atom or JSON Feed.")],
    by: By,
    name: Annotated[str | None, typer.Option(help="A name for it. Default: its host's.")] = None,
    channel: Channel = None,
    priority: Priority = None,
    every: Annotated[int | None, typer.Option(metavar="MINUTES", help="How often it is read. Default: 30.")] = None,
    most: Most = None,
    least_words: LeastWords = None,
    max_age: MaxAge = None,
    include: Words = None,
    exclude: NoWords = None,
    language: Language = None,
    only_new: Annotated[
        bool, typer.Option("--only-new", help="Leave out what is in the feed at the first harvest.")
    ] = False,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Add a source. It is due at the next harvest."""
    from . import console, feeds

    given = feeds.Given(
        url=url,
        channel=channel,
        priority=priority,
        every_minutes=every,
        most_items=most,
        least_words=least_words,
        max_age_days=max_age,
        include=include,
        exclude=exclude,
        language=language,
        only_new=only_new or None,
        request=request,
    )
    console.run(lambda: feeds.add(given, name=name, by=by, as_json=as_json), as_json=as_json)


@app.command("list")
def list_command(channel: OfChannel = None, as_json: AsJson = False) -> None:
    """All sources: when each is read next, what its items came to, and what is wrong with it."""
    from . import console, feeds

    console.run(feeds.list_sources(channel, as_json=as_json), as_json=as_json)


@app.command("show")
def show_command(
    name: Name,
    state: Annotated[
        str | None, typer.Option(help=f"Only items of this state: {', '.join(STATES)}.", autocompletion=one_of(*STATES))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many items at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """A source, and what has become of its newest items, with the reasons."""
    from . import console, feeds

    console.run(feeds.show(name, state=state, limit=limit, as_json=as_json), as_json=as_json)


@app.command("test")
def test_command(
    url: Annotated[str, typer.Argument(metavar="URL|NAME", help="A feed's address, or a source's name.")],
    channel: Channel = None,
    most: Most = None,
    least_words: LeastWords = None,
    max_age: MaxAge = None,
    include: Words = None,
    exclude: NoWords = None,
    request: Request = None,
    as_json: AsJson = False,
) -> None:
    """Read a feed and show which items would become contents, and why the others would not. Writes nothing."""
    from . import console, feeds

    given = feeds.Given(
        url=url,
        channel=channel,
        most_items=most,
        least_words=least_words,
        max_age_days=max_age,
        include=include,
        exclude=exclude,
        request=request,
    )
    console.run(lambda: feeds.test(given, as_json=as_json), as_json=as_json)


@app.command("pause")
def pause_command(name: Name, by: By, note: Annotated[str, typer.Option(help="Why, for others.")] = "") -> None:
    """Read and start nothing of a source until it is resumed."""
    from . import console, feeds

    console.run(feeds.pause(name, by=by, note=note))


@app.command("resume")
def resume_command(name: Name, by: By) -> None:
    """Let a source go on; it is due at once, whatever went wrong before."""
    from . import console, feeds

    console.run(feeds.resume(name, by=by))


@app.command("remove")
def remove_command(name: Name, by: By) -> None:
    """Remove a source. What it has brought stays on record, and is not brought again."""
    from . import console, feeds

    console.run(feeds.remove(name, by=by))


@app.command("harvest")
def harvest_command(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Default: all that are due.")] = None,
    as_json: AsJson = False,
) -> None:
    """Harvest now, in the running studio, and tell what came of it."""
    from . import console, feeds

    console.run(feeds.harvest(names or (), as_json=as_json), as_json=as_json)


@app.command("schedule")
def schedule_command(
    every: Annotated[str, typer.Option(metavar="SPAN", help="15m, 1h, 1d.")] = "15m",
    off: Annotated[bool, typer.Option("--off", help="No more harvests by themselves.")] = False,
) -> None:
    """Harvest every so often, by a schedule of Temporal. Each source is read as often as it says itself."""
    from . import console, feeds

    console.run(feeds.schedule(every, off=off))
