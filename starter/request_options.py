"""The options of a request: one function's signature, which every command that starts contents is given."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import PLATFORMS, one_of

if TYPE_CHECKING:
    from .inputs import Asked

Topic = Annotated[str | None, typer.Option(help="What the video is about.")]
Script = Annotated[Path | None, typer.Option(help="A script, plain text or Markdown; spoken word for word.")]
Feed = Annotated[str | None, typer.Option(help="A feed's URL or file; its newest entry with text is used.")]
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
CaptionLanguages = Annotated[
    list[str] | None,
    typer.Option(
        "--caption-language",
        metavar="LANGUAGE",
        help="Captions, title and description in this language too, by the language model; may be repeated.",
    ),
]
Tone = Annotated[str, typer.Option(help="How a language model is to write, as in 'warm and a little ironic'.")]
CallToAction = Annotated[str, typer.Option(help="What the viewers are asked to do at the end, for a language model.")]
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
AllowRepeat = Annotated[
    bool | None,
    typer.Option(
        "--allow-repeat/--no-allow-repeat", help="It may repeat an earlier content of its channel, text and pictures."
    ),
]
PostAgain = Annotated[bool, typer.Option("--post-again", help="Post even where this content has a live post already.")]
Moving = Annotated[
    str | None,
    typer.Option(
        "--clips",
        metavar="none|some|all",
        help="Moving pictures in place of stills, by providers: some of them, or all.",
        autocompletion=one_of("none", "some", "all"),
    ),
]
MaxUsd = Annotated[
    float | None, typer.Option(metavar="USD", help="The most that it may cost; refused before anything is bought.")
]
Style = Annotated[Path | None, typer.Option(help="A TOML file with the channel's look; see docs/style.md.")]
Preset = Annotated[
    str | None, typer.Option(help="draft, standard or high.", autocompletion=one_of("draft", "standard", "high"))
]
ContentId = Annotated[str | None, typer.Option("--id", help="Content id; the same id given twice is one run.")]
Key = Annotated[str | None, typer.Option(help="Request key; the same key given twice is one run.")]


def asked_for(
    topic: Topic = None,
    script: Script = None,
    feed: Feed = None,
    title: Title = "",
    formats: Formats = None,
    platforms: Platforms = None,
    language: Language = None,
    translation: Translations = None,
    caption_language: CaptionLanguages = None,
    tone: Tone = "",
    call_to_action: CallToAction = "",
    say: Say = None,
    voice: Voice = None,
    speed: Speed = None,
    pitch: Pitch = None,
    voices: VoicesFile = None,
    media: Media = None,
    clips: Moving = None,
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
    allow_repeat: AllowRepeat = None,
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
        allow_repeat=allow_repeat, post_again=post_again, max_usd=max_usd, style=style, preset=preset,
        content_id=content_id, key=key, voice=voice,
        speed=speed, pitch=pitch, voices=voices, media=media, clips=clips, narration=narration, music=music,
        intro=intro, outro=outro, video=video or (), description=description, made_with_ai=made_with_ai,
        caption_languages=caption_language or (), tone=tone, call_to_action=call_to_action,
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
