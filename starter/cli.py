"""`reelwright`: the commands and their options. What they do stands in the modules beside this one."""

from __future__ import annotations

import getpass
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from . import (
    account_commands,
    commands,
    console,
    doctor,
    platform_commands,
    publication_commands,
    quota_commands,
    stack_commands,
)
from .inputs import Asked

app = typer.Typer(
    help="A durable short-video studio on Temporal.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
review_app = typer.Typer(help="See what waits for a reviewer, and decide.", no_args_is_help=True)
app.add_typer(review_app, name="review")
app.add_typer(quota_commands.app, name="quota")
app.add_typer(account_commands.app, name="account")
app.add_typer(platform_commands.app, name="platform")

Id = Annotated[str, typer.Argument(metavar="ID", help="Content id, or its workflow id.")]
Topic = Annotated[str | None, typer.Option(help="What the video is about.")]
Script = Annotated[Path | None, typer.Option(help="A script, plain text or Markdown; spoken word for word.")]
Feed = Annotated[str | None, typer.Option(help="A feed's URL or file; its newest entry with text is told.")]
Title = Annotated[str, typer.Option(help="Title; made from the text if left out.")]
Formats = Annotated[
    list[str] | None, typer.Option("--format", help="16:9, 9:16, 1:1 or a size such as 1280x720; may be repeated.")
]
Platforms = Annotated[list[str] | None, typer.Option("--platform", help="Where to post, or all; may be repeated.")]
Language = Annotated[
    str | None, typer.Option(help="Language of the speech and captions. Default: the feed's own, else en.")
]
Translations = Annotated[
    list[str] | None,
    typer.Option("--translation", metavar="LANGUAGE=FILE", help="The script in another language, for captions."),
]
Account = Annotated[str, typer.Option(help="Account on the platform.")]
Channel = Annotated[str, typer.Option(help="Channel the content belongs to.")]
Privacy = Annotated[str, typer.Option(help="public, unlisted or private.")]
Kids = Annotated[bool, typer.Option("--made-for-kids", help="Declare the video as made for kids.")]
PublishAt = Annotated[
    str | None, typer.Option(help="When to post: a time such as 2026-12-24T18:00+01:00, or best; at once if left out.")
]
PostOptionsFile = Annotated[
    Path | None, typer.Option("--posts", help="A TOML file with options of single platforms; see docs/publishing.md.")
]
Priority = Annotated[int, typer.Option(min=1, max=5, help="1 goes before 5 where quota is short.")]
Paid = Annotated[bool, typer.Option("--paid-partnership", help="Declare a paid partnership.")]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="No human review, unless moderation wants one.")]
Style = Annotated[Path | None, typer.Option(help="A TOML file with the channel's look; see docs/style.md.")]
Preset = Annotated[str | None, typer.Option(help="draft, standard or high.")]
ContentId = Annotated[str | None, typer.Option("--id", help="Content id; the same id given twice is one run.")]
Key = Annotated[str | None, typer.Option(help="Request key; the same key given twice is one run.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the files. Default: out/<content id>.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output at the end.")]
Reviewer = Annotated[str, typer.Option(help="Who decides.", default_factory=getpass.getuser)]
Note = Annotated[str, typer.Option(help="Why, or what should change.")]


def asked_for(
    topic: Topic = None,
    script: Script = None,
    feed: Feed = None,
    title: Title = "",
    formats: Formats = None,
    platforms: Platforms = None,
    language: Language = None,
    translation: Translations = None,
    account: Account = "default",
    channel: Channel = "default",
    privacy: Privacy = "public",
    made_for_kids: Kids = False,
    paid_partnership: Paid = False,
    publish_at: PublishAt = None,
    priority: Priority = 3,
    posts: PostOptionsFile = None,
    auto_approve: AutoApprove = False,
    style: Style = None,
    preset: Preset = None,
    content_id: ContentId = None,
    key: Key = None,
) -> Asked:
    """The options by which a content is asked for, the same for every command that asks."""
    return Asked(
        topic=topic, script=script, feed=feed, title=title, formats=formats or (), platforms=platforms or (),
        language=language, account=account, translations=translation or (), channel=channel, privacy=privacy,
        made_for_kids=made_for_kids, paid_partnership=paid_partnership, publish_at=publish_at, priority=priority,
        posts=posts, auto_approve=auto_approve, style=style, preset=preset, content_id=content_id, key=key,
    )  # fmt: skip


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of `asked_for` before its own, and hands it what they make as `asked`."""
    request = inspect.signature(asked_for, eval_str=True).parameters
    own = {name: p for name, p in inspect.signature(command, eval_str=True).parameters.items() if name != "asked"}

    def wrapped(**options: Any) -> None:
        asked = asked_for(**{name: options.pop(name) for name in request})
        command(asked=asked, **options)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__annotations__ = {name: p.annotation for name, p in {**request, **own}.items()}
    wrapped.__signature__ = inspect.Signature(list({**request, **own}.values()))  # type: ignore[attr-defined]
    return wrapped


@app.command()
@asks
def run(asked: Asked, out: Out = None, as_json: Json = False) -> None:
    """Make a video and post it; watch it happen; end with files and a report."""
    console.run(commands.run(asked, out=out, as_json=as_json), as_json=as_json)


@app.command()
@asks
def start(asked: Asked, as_json: Json = False) -> None:
    """Start the same and return at once; `status` and `fetch` take it from there."""
    console.run(commands.start(asked, as_json=as_json), as_json=as_json)


@app.command()
def status(content_id: Id, as_json: Json = False) -> None:
    """Where a content is."""
    console.run(commands.status(content_id, as_json=as_json), as_json=as_json)


@app.command("list")
def list_contents(
    stage: Annotated[str | None, typer.Option(help="Only those in this stage.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """The contents, newest first."""
    console.run(commands.list_contents(stage=stage, limit=limit, as_json=as_json), as_json=as_json)


@app.command()
def fetch(content_id: Id, out: Out = None, as_json: Json = False) -> None:
    """Fetch the files and the report of a finished content."""
    console.run(commands.fetch(content_id, out=out, as_json=as_json), as_json=as_json)


@app.command()
def cancel(content_id: Id) -> None:
    """Stop a content; what it has made is kept."""
    console.run(commands.cancel(content_id))


@app.command()
def posts(
    content_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Only those of this content.")] = None,
    platform: Annotated[str | None, typer.Option(help="Only those on this platform.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only those in this stage, for example parked.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 20,
    as_json: Json = False,
) -> None:
    """The posts: where they are, what they wait for, what is wanted of you."""
    console.run(
        publication_commands.posts(content_id, platform=platform, stage=stage, limit=limit, as_json=as_json),
        as_json=as_json,
    )


@app.command()
def settle(
    content_id: Id,
    platform: Annotated[str, typer.Option(help="The platform that does not tell.")],
    reviewer: Reviewer,
    account: Account = "default",
    posted: Annotated[str | None, typer.Option(metavar="POST_ID", help="It is there, under this id.")] = None,
    not_posted: Annotated[bool, typer.Option("--not-posted", help="It is not there; it may be posted.")] = False,
    url: Annotated[str, typer.Option(help="The post's address, if you have it.")] = "",
) -> None:
    """Say whether a parked post exists, after a look at the account."""
    console.run(
        publication_commands.settle(
            content_id, platform=platform, account=account, posted=posted, not_posted=not_posted, url=url, by=reviewer
        )
    )


@app.command()
def retry(
    content_id: Id,
    reviewer: Reviewer,
    platforms: Annotated[list[str] | None, typer.Option("--platform", help="Only there; may be repeated.")] = None,
    account: Annotated[str | None, typer.Option(help="Only on this account.")] = None,
    post_again: Annotated[
        bool, typer.Option("--post-again", help="Post although this content has a live post there; needs --platform.")
    ] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Try failed posts again, from the same files; nothing is made anew."""
    console.run(
        publication_commands.retry(
            content_id,
            platforms=platforms or (),
            account=account,
            again_by=reviewer if post_again else "",
            out_dir=out,
            as_json=as_json,
        ),
        as_json=as_json,
    )


@review_app.command("list")
def review_list(as_json: Json = False) -> None:
    """What waits for a reviewer."""
    console.run(commands.review_list(as_json=as_json), as_json=as_json)


@review_app.command("show")
def review_show(content_id: Id) -> None:
    """The text to be judged, and the digest that names it."""
    console.run(commands.review_show(content_id))


@review_app.command("approve")
def review_approve(content_id: Id, reviewer: Reviewer, note: Note = "") -> None:
    """Let it be rendered and posted."""
    console.run(commands.decide(content_id, "approve", reviewer=reviewer, note=note))


@review_app.command("reject")
def review_reject(content_id: Id, reviewer: Reviewer, note: Note = "") -> None:
    """End it here."""
    console.run(commands.decide(content_id, "reject", reviewer=reviewer, note=note))


@review_app.command("revise")
def review_revise(
    content_id: Id,
    reviewer: Reviewer,
    note: Note = "",
    script: Annotated[Path | None, typer.Option(help="A new script; only changed scenes are made again.")] = None,
) -> None:
    """Send it back: with a new script, or for other pictures and music."""
    console.run(commands.decide(content_id, "revise", reviewer=reviewer, note=note, script=script))


@app.command()
def up(
    temporal_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Temporal's server.")] = None,
    ui_port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of Temporal's UI.")] = None,
) -> None:
    """Run the local studio until Ctrl-C: Temporal with its UI, PostgreSQL, the pools, the sandbox platforms."""
    console.run(stack_commands.up(temporal_port=temporal_port, ui_port=ui_port))


@app.command()
def down() -> None:
    """Stop the local studio. Nothing is lost: the next `up` goes on."""
    console.run(stack_commands.down())


@app.command("doctor")
def doctor_command(as_json: Json = False) -> None:
    """Tell what is missing or wrong, and what to do about it."""
    console.run(doctor.doctor(as_json=as_json), as_json=as_json)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
