"""`reelwright voices`: the commands and their options; what they do is in `voices`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson, one_of, user_name

app = typer.Typer(help="The voices that speak here, and at providers.", no_args_is_help=True)

_provider = one_of("elevenlabs", "openai", "azure", "gemini")


@app.command("list")
def list_command(
    provider: Annotated[
        str,
        typer.Option(
            help="Of elevenlabs, openai, azure, gemini: the account's voices there.", autocompletion=_provider
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """The voices and the languages they speak: those of this machine, or a provider's."""
    from . import console

    if provider:
        from . import cloud_voices

        console.run(lambda: cloud_voices.list_voices(provider, as_json=as_json), as_json=as_json)
    from . import voices

    console.run(voices.list_voices(as_json=as_json), as_json=as_json)


@app.command("clone")
def clone_command(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Recordings of the person, at least 30 s.")
    ],
    by: Annotated[str, typer.Option("--by", help="Who does it; kept in the audit.", default_factory=user_name)],
    consent: Annotated[int, typer.Option(metavar="NUMBER", help="The consent that covers the voice; gives its name.")],
    as_json: AsJson = False,
) -> None:
    """Make a voice of a person's at ElevenLabs, by a consent on record. See docs/voices.md."""
    from . import cloud_voices, console

    console.run(lambda: cloud_voices.clone(consent, recordings, by=by, as_json=as_json), as_json=as_json)


@app.command("try")
def try_command(
    text: Annotated[str, typer.Argument(help="What is said.")],
    voice: Annotated[str, typer.Argument(help="The voice's name; the language's own if left out.")] = "",
    language: Annotated[str, typer.Option(help="Language of the text.")] = "en",
    speed: Annotated[float, typer.Option(help="How fast it speaks, 0.6 to 1.8.")] = 1.0,
    pitch: Annotated[float, typer.Option(help="How high it speaks, -6 to 6 semitones.")] = 0.0,
    out: Annotated[Path, typer.Option(help="The WAV file that is written.")] = Path("voice.wav"),
    as_json: AsJson = False,
) -> None:
    """Speak a text into a WAV file. Nothing is played."""
    from . import console, voices

    console.run(voices.try_voice(text, voice, language, speed, pitch, out, as_json=as_json), as_json=as_json)
