"""`reelwright`: the commands and their options. Their work is done in the modules beside this one.

A command imports what it uses when it runs, so that help, completion and refusals appear at once.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import (
    account_commands,
    channel_commands,
    cost_commands,
    deploy_commands,
    media_commands,
    platform_commands,
    quota_commands,
    review_commands,
    voice_commands,
)
from .options import PLATFORMS, STAGES, AsJson, Id, JsonAtTheEnd, OfChannel, Reviewer, one_of

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
app.add_typer(cost_commands.app, name="budget")
app.command("cost")(cost_commands.cost)

Topic = Annotated[str | None, typer.Option(help="What the video is about.")]
Script = Annotated[Path | None, typer.Option(help="A script, plain text or Markdown; spoken word for word.")]
Feed = Annotated[str | None, typer.Option(help="A feed's URL or file; its newest entry with text is told.")]
Title = Annotated[str, typer.Option(help="Title; made from the text if left out.")]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="16:9, 9:16, 1:1 or a size such as 1280x720; may be repeated.",
        autocompletion=one_of("16:9", "9:16", "1:1"),
    ),
]
Platforms = Annotated[
    list[str] | None,
    typer.Option(
        "--platform",
        metavar="PLATFORM",
        help="Where to post, all, or none; may be repeated. Default: youtube.",
        autocompletion=one_of(*PLATFORMS, "all", "none"),
    ),
]
Language = Annotated[
    str | None, typer.Option(help="Language of the speech and captions. Default: the feed's own, else en.")
]
Translations = Annotated[
    list[str] | None,
    typer.Option("--translation", metavar="LANGUAGE=FILE", help="The script in another language, for captions."),
]
Say = Annotated[
    list[str] | None, typer.Option("--say", metavar="WORD=SPOKEN", help="How a word is said, as it sounds.")
]
Voice = Annotated[str | None, typer.Option(help="The voice that speaks; see `reelwright voices list`.")]
Speed = Annotated[float | None, typer.Option(help="How fast it speaks, 0.6 to 1.8. Default: 1.")]
Pitch = Annotated[float | None, typer.Option(help="How high it speaks, -6 to 6 semitones. Default: 0.")]
VoicesFile = Annotated[
    Path | None,
    typer.Option("--voices", help="A TOML file with the voices of a dialogue and of scenes; docs/voices.md."),
]
Media = Annotated[
    Path | None,
    typer.Option("--media", metavar="FOLDER", help="Own pictures and clips, called by scene: 03.jpg; docs/media.md."),
]
OwnNarration = Annotated[
    str | None,
    typer.Option("--narration", metavar="FILE|FOLDER", help="A recorded narration: one file, or one for each scene."),
]
OwnMusic = Annotated[str | None, typer.Option("--music", metavar="FILE", help="Own music, looped or cut to length.")]
Intro = Annotated[str | None, typer.Option("--intro", metavar="FILE", help="An own clip before the first scene.")]
Outro = Annotated[str | None, typer.Option("--outro", metavar="FILE", help="An own clip after the last scene.")]
Video = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[FORMAT=]FILE",
        help="A finished video, posted as it is; may be repeated, one for each format. docs/finished-videos.md.",
    ),
]
Description = Annotated[str, typer.Option(help="The description of a finished video. Elsewhere made from the text.")]
MadeWithAi = Annotated[
    bool, typer.Option("--made-with-ai", help="Declare a finished video as made with AI. What is made here always is.")
]
Account = Annotated[str, typer.Option(help="Account on the platform.")]
PostAccount = Annotated[
    str | None, typer.Option("--account", help="Account on the platforms. Default: the channel's, else default.")
]
Channel = Annotated[
    str | None,
    typer.Option(help="Channel it belongs to and inherits from; see docs/channels.md. Default: default."),
]
Privacy = Annotated[
    str | None,
    typer.Option(
        help="public, unlisted or private. Default: public.", autocompletion=one_of("public", "unlisted", "private")
    ),
]
Kids = Annotated[
    bool | None, typer.Option("--made-for-kids/--not-made-for-kids", help="Declare the video as made for kids.")
]
PublishAt = Annotated[
    str | None, typer.Option(help="When to post: a time such as 2026-12-24T18:00+01:00, or best; at once if left out.")
]
PostOptionsFile = Annotated[
    Path | None, typer.Option("--posts", help="A TOML file with options of single platforms; see docs/publishing.md.")
]
Priority = Annotated[int | None, typer.Option(min=1, max=5, help="1 goes before 5 where quota is short. Default: 3.")]
Paid = Annotated[
    bool | None, typer.Option("--paid-partnership/--no-paid-partnership", help="Declare a paid partnership.")
]
AutoApprove = Annotated[
    bool | None,
    typer.Option("--auto-approve/--no-auto-approve", help="No human review, unless moderation wants one."),
]
AllowTemplate = Annotated[
    bool | None,
    typer.Option(
        "--allow-template/--no-allow-template",
        help="Let --auto-approve count for a piece from templates, which states no facts, too.",
    ),
]
PostAgain = Annotated[bool, typer.Option("--post-again", help="Post even where this content has a live post already.")]
MaxUsd = Annotated[
    float | None, typer.Option(metavar="USD", help="The most that it may cost; refused before anything is bought.")
]
Style = Annotated[Path | None, typer.Option(help="A TOML file with the channel's look; see docs/style.md.")]
Preset = Annotated[
    str | None, typer.Option(help="draft, standard or high.", autocompletion=one_of("draft", "standard", "high"))
]
ContentId = Annotated[str | None, typer.Option("--id", help="Content id; the same id given twice is one run.")]
Key = Annotated[str | None, typer.Option(help="Request key; the same key given twice is one run.")]
Out = Annotated[Path | None, typer.Option(help="Folder for the files. Default: out/<content id>.")]
OnStage = typer.Option(help="Only those in this stage.", autocompletion=one_of(*STAGES))
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]
Cursor = Annotated[str | None, typer.Option(help="Go on after a list's next_cursor, which --json tells.")]


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


def asked_for(
    topic: Topic = None,
    script: Script = None,
    feed: Feed = None,
    title: Title = "",
    formats: Formats = None,
    platforms: Platforms = None,
    language: Language = None,
    translation: Translations = None,
    say: Say = None,
    voice: Voice = None,
    speed: Speed = None,
    pitch: Pitch = None,
    voices: VoicesFile = None,
    media: Media = None,
    narration: OwnNarration = None,
    music: OwnMusic = None,
    intro: Intro = None,
    outro: Outro = None,
    video: Video = None,
    description: Description = "",
    made_with_ai: MadeWithAi = False,
    account: PostAccount = None,
    channel: Channel = None,
    privacy: Privacy = None,
    made_for_kids: Kids = None,
    paid_partnership: Paid = None,
    publish_at: PublishAt = None,
    priority: Priority = None,
    posts: PostOptionsFile = None,
    auto_approve: AutoApprove = None,
    allow_template: AllowTemplate = None,
    post_again: PostAgain = False,
    max_usd: MaxUsd = None,
    style: Style = None,
    preset: Preset = None,
    content_id: ContentId = None,
    key: Key = None,
) -> Asked:
    """The options of a request, the same for every command that starts contents."""
    from .inputs import Asked

    return Asked(
        topic=topic, script=script, feed=feed, title=title, formats=formats or (), platforms=platforms or (),
        language=language, account=account, translations=translation or (), say=say or (), channel=channel,
        privacy=privacy, made_for_kids=made_for_kids, paid_partnership=paid_partnership, publish_at=publish_at,
        priority=priority, posts=posts, auto_approve=auto_approve, allow_template=allow_template,
        post_again=post_again, max_usd=max_usd, style=style, preset=preset, content_id=content_id, key=key, voice=voice,
        speed=speed, pitch=pitch, voices=voices, media=media, narration=narration, music=music, intro=intro,
        outro=outro, video=video or (), description=description, made_with_ai=made_with_ai,
    )  # fmt: skip


def asks(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of `asked_for` before its own, and passes it their result as `asked`."""
    request = _parameters(asked_for)
    own = {name: parameter for name, parameter in _parameters(command).items() if name != "asked"}

    def wrapped(**options: Any) -> None:
        asked = asked_for(**{name: options.pop(name) for name in request})
        command(asked=asked, **options)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__annotations__ = {name: p.annotation for name, p in {**request, **own}.items()}
    wrapped.__signature__ = inspect.Signature(list({**request, **own}.values()))  # type: ignore[attr-defined]
    return wrapped


def _parameters(function: Callable[..., object]) -> dict[str, inspect.Parameter]:
    """With the annotations as objects. `Asked` itself is imported only where a command runs, so a placeholder is
    used."""
    return dict(inspect.signature(function, eval_str=True, locals={"Asked": object}).parameters)


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
    from . import commands, console

    console.run(commands.status(content_id, as_json=as_json), as_json=as_json)


@app.command("list")
def list_contents(
    stage: Annotated[str | None, OnStage] = None,
    channel: OfChannel = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    as_json: JsonAtTheEnd = False,
) -> None:
    """The contents, newest first."""
    from . import commands, console

    console.run(
        commands.list_contents(stage=stage, channel=channel, limit=limit, cursor=cursor, as_json=as_json),
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
    from . import commands, console

    console.run(commands.cancel(content_id))


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
    from . import console, publication_commands

    console.run(
        publication_commands.posts(
            content_id, platform=platform, stage=stage, channel=channel, limit=limit, cursor=cursor, as_json=as_json
        ),
        as_json=as_json,
    )


@app.command()
def settle(
    content_id: Id,
    platform: Annotated[str, typer.Option(help="The platform that does not tell.", autocompletion=one_of(*PLATFORMS))],
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


def main() -> None:
    """Entry point of the console script."""
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
