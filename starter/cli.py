"""`reelwright`: the commands and their options. Their work is done in the modules beside this one.

A command imports what it uses when it runs, so that help, completion and refusals appear at once.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import (
    account_commands,
    channel_commands,
    consent_commands,
    cost_commands,
    deploy_commands,
    evidence_commands,
    feed_commands,
    media_commands,
    people_commands,
    platform_commands,
    quota_commands,
    review_commands,
    token_commands,
    voice_commands,
)
from .options import PLATFORMS, STAGES, AsJson, Id, JsonAtTheEnd, OfChannel, Reviewer, one_of
from .request_options import asks

if TYPE_CHECKING:
    from .inputs import Asked

app = typer.Typer(
    help="A durable short-video studio on Temporal.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich would double what help costs
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(review_commands.app, name="review")
app.add_typer(quota_commands.app, name="quota")
app.add_typer(account_commands.app, name="account")
app.add_typer(platform_commands.app, name="platform")
app.add_typer(deploy_commands.app, name="deploy")
app.add_typer(voice_commands.app, name="voices")
app.add_typer(channel_commands.app, name="channel")
app.add_typer(media_commands.app, name="media")
app.add_typer(feed_commands.app, name="feeds")
app.add_typer(cost_commands.app, name="budget")
app.add_typer(consent_commands.app, name="consent")
app.add_typer(people_commands.app, name="people")
app.add_typer(token_commands.app, name="token")
app.command("cost")(cost_commands.cost)
app.command("evidence")(evidence_commands.evidence)
app.command("audit")(evidence_commands.audit)

Account = Annotated[str, typer.Option(help="Account on the platform.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the files. Default: out/<content id>.")]
OnStage = typer.Option(help="Only those in this stage.", autocompletion=one_of(*STAGES))
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]
Cursor = Annotated[str | None, typer.Option(help="Go on after a list's next_cursor, which --json prints.")]


COMPLETION = "_REELWRIGHT_COMPLETE"
"""Set by a shell that asks for completions."""


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"reelwright {metadata.version('reelwright')}")
        raise typer.Exit


@app.callback()
def studio(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Print the version and end.")
    ] = False,
) -> None:
    """A durable short-video studio on Temporal."""


@app.command()
@asks
def run(asked: Asked, out: Out = None, as_json: JsonAtTheEnd = False) -> None:
    """Make a video and post it; end with files and a report. Progress is shown while it runs."""
    from . import console, starting

    console.run(lambda: starting.run(asked, out=out, as_json=as_json), as_json=as_json)


@app.command()
@asks
def start(asked: Asked, as_json: JsonAtTheEnd = False) -> None:
    """Start the same and return at once. `status` and `fetch` take it from there."""
    from . import console, starting

    console.run(lambda: starting.start(asked, as_json=as_json), as_json=as_json)


@app.command()
def status(content_id: Id, as_json: JsonAtTheEnd = False) -> None:
    """Where a content is."""
    from . import console, looking

    console.run(looking.status(content_id, as_json=as_json), as_json=as_json)


@app.command("list")
def list_contents(
    stage: Annotated[str | None, OnStage] = None,
    channel: OfChannel = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    as_json: JsonAtTheEnd = False,
) -> None:
    """The contents, newest first."""
    from . import console, looking

    console.run(
        looking.list_contents(stage=stage, channel=channel, limit=limit, cursor=cursor, as_json=as_json),
        as_json=as_json,
    )


@app.command()
def fetch(content_id: Id, out: Out = None, as_json: JsonAtTheEnd = False) -> None:
    """Fetch the files and the report of a finished content."""
    from . import commands, console

    console.run(commands.fetch(content_id, out=out, as_json=as_json), as_json=as_json)


@app.command()
def cancel(content_id: Id) -> None:
    """Stop a content; what it has made is kept."""
    from . import console, looking

    console.run(looking.cancel(content_id))


@app.command()
def posts(
    content_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only those of this content.")] = None,
    platform: Annotated[
        str | None, typer.Option(help="Only those on this platform.", autocompletion=one_of(*PLATFORMS))
    ] = None,
    stage: Annotated[str | None, typer.Option(help="Only those in this stage, for example parked.")] = None,
    channel: OfChannel = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    as_json: JsonAtTheEnd = False,
) -> None:
    """The posts: where they are, what they wait for and need."""
    from . import console, looking

    console.run(
        looking.posts(
            content_id, platform=platform, stage=stage, channel=channel, limit=limit, cursor=cursor, as_json=as_json
        ),
        as_json=as_json,
    )


@app.command()
def settle(
    content_id: Id,
    platform: Annotated[
        str, typer.Option(help="The platform that does not report the outcome.", autocompletion=one_of(*PLATFORMS))
    ],
    reviewer: Reviewer,
    account: Account = "default",
    posted: Annotated[str | None, typer.Option(metavar="POST_ID", help="It is there, under this id.")] = None,
    not_posted: Annotated[bool, typer.Option("--not-posted", help="It is not there; it may be posted.")] = False,
    url: Annotated[str, typer.Option(help="The post's address, if you have it.")] = "",
) -> None:
    """Say whether a parked post exists, after a look at the account."""
    from . import console, publication_commands

    console.run(
        publication_commands.settle(
            content_id, platform=platform, account=account, posted=posted, not_posted=not_posted, url=url, by=reviewer
        )
    )


@app.command()
def retry(
    content_id: Id,
    reviewer: Reviewer,
    platforms: Annotated[
        list[str] | None,
        typer.Option(
            "--platform", metavar="PLATFORM", help="Only there; may be repeated.", autocompletion=one_of(*PLATFORMS)
        ),
    ] = None,
    account: Annotated[str | None, typer.Option(help="Only on this account.")] = None,
    post_again: Annotated[
        bool, typer.Option("--post-again", help="Post although this content has a live post there; needs --platform.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until the posts that are tried again have ended.")
    ] = True,
    out: Out = None,
    as_json: JsonAtTheEnd = False,
) -> None:
    """Try failed posts again, all at once, from the same files. Nothing is made anew. A post that still waits on a
    platform that is named looks again. The content's other posts are not waited for."""
    from . import console, publication_commands

    console.run(
        publication_commands.retry(
            content_id,
            platforms=platforms or (),
            account=account,
            again_by=reviewer if post_again else "",
            wait=wait,
            out_dir=out,
            as_json=as_json,
        ),
        as_json=as_json,
    )


@app.command()
def up(
    temporal_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Temporal's server.")] = None,
    ui_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Temporal's UI.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Tell a start that fails as one JSON object on standard output, too.")
    ] = False,
) -> None:
    """Run the local studio until Ctrl-C: Temporal with its UI, PostgreSQL, the pools, the sandbox platforms."""
    from . import console, stack_commands

    console.run(stack_commands.up(temporal_port=temporal_port, ui_port=ui_port), as_json=as_json)


@app.command()
def down() -> None:
    """Stop the local studio. Nothing is lost: the next `up` goes on."""
    from . import console, stack_commands

    console.run(stack_commands.down())


@app.command("inspect")
def inspect_command(
    file: Annotated[Path, typer.Argument(help="An MP4, a JPEG, or another file that can hold a C2PA manifest.")],
    trust: Annotated[
        Path | None, typer.Option(metavar="PEM", help="Certificates of issuers to trust; without, none is checked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a file's mark back: how it says it was made, who signed it, and whether it is unchanged. Exit code 0 only
    for a valid mark. See docs/marking.md."""
    from . import console, inspecting

    console.run(inspecting.inspect(file, trust=trust, as_json=as_json), as_json=as_json)


@app.command("doctor")
def doctor_command(as_json: JsonAtTheEnd = False) -> None:
    """Tell what is missing or wrong, and what to do about it."""
    from . import console, doctor

    console.run(doctor.doctor(as_json=as_json), as_json=as_json)


def _only(name: str) -> None:
    """Takes the other commands out of `app` when `name` is one of them: Typer reads the options of every command that
    there is before it looks at the command line, which takes more than most commands do. Anything else (an option, a
    mistyped name, completion) meets all of them."""
    groups = [group for group in app.registered_groups if group.name == name]
    commands = [
        command
        for command in app.registered_commands
        if name == (command.name or (command.callback.__name__.replace("_", "-") if command.callback else ""))
    ]
    if len(groups) + len(commands) == 1:
        app.registered_groups[:], app.registered_commands[:] = groups, commands


def main() -> None:
    """Entry point of the console script."""
    # Most of what a command allocates are modules, which stay: looking for garbage among them takes a tenth of its CPU.
    gc.set_threshold(100_000)
    if len(sys.argv) > 1 and COMPLETION not in os.environ:
        _only(sys.argv[1])
    # Pydantic would read the entry points of all installed packages; no plugin of it is used here.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from . import console

    console.tolerate_any_text()
    try:
        app()
        code: Any = console.EXIT_OK
    except SystemExit as ended:
        code = ended.code
    except Exception as error:  # noqa: BLE001 - every error is shown as one line
        code = console.complain(error)
    console.end(code if isinstance(code, int) else console.EXIT_FAILURE if code else console.EXIT_OK)


if __name__ == "__main__":
    main()
