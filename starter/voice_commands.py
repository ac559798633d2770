"""`reelwright voices`: the commands and their options; what they do is in `voices`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import AsJson

app = typer.Typer(help="The voices that speak here.", no_args_is_help=True)


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """The voices and the languages they speak."""
    from . import console, voices

    console.run(voices.list_voices(as_json=as_json), as_json=as_json)


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
