"""What `reelwright voices` does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reelwright.domain.content.voice import ESPEAK, Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput
from reelwright.domain.explain import explain
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.text.incoming import clean
from reelwright.domain.text.spoken.reading import read_aloud
from reelwright.providers.speech.narrator import Narrator
from reelwright.providers.speech.voices import PiperVoice, Shelf
from workers.settings import load_settings

from .console import EXIT_OK, plain, print_json, say
from .folders import need_writable
from .tables import Record, print_records


async def list_voices(*, as_json: bool) -> int:
    """Every voice; the first of its language speaks where none is named."""
    shelf = Shelf.of(load_settings().voices)
    rows: list[dict[str, Any]] = [_listed(voice, shelf) for voice in shelf.voices]
    own = {voice.language for voice in shelf.voices}
    rest = [code for code in LANGUAGES if code not in own]
    rows.append(
        {"voice": ESPEAK, "languages": list(LANGUAGES), "speaks_unnamed": rest, "speakers": [], "from": "installed"}
    )
    if as_json:
        print_json({"voices": rows})
        return EXIT_OK
    print_records(
        ("voice", "languages", "from", "speaks unnamed"),
        [
            Record((row["voice"], _few(row["languages"]), row["from"], _few(row["speaks_unnamed"])), _speakers(row))
            for row in rows
        ],
        nothing="there is no voice",
    )
    return EXIT_OK


def _listed(voice: PiperVoice, shelf: Shelf) -> dict[str, Any]:
    first = shelf.default(voice.language) == voice
    return {
        "voice": voice.name,
        "languages": [voice.language],
        "speaks_unnamed": [voice.language] if first else [],
        "speakers": list(voice.speakers),
        "from": "installed" if voice.installed else "REELWRIGHT_VOICES",
    }


async def try_voice(
    text: str, voice: str, language: str, speed: float, pitch: float, out: Path, *, as_json: bool
) -> int:
    """Speaks `text` into `out`, with the reading of numbers and signs that a narration has; the printed words are those
    of the text."""
    settings = load_settings()
    try:
        delivery = Delivery(choice=VoiceChoice(voice=voice, speed=speed, pitch=pitch))
    except ValidationError as error:
        raise explain(error) from error
    if out.is_dir():
        raise InvalidInput(f"{out} is a folder", field="out", remedy="name a file, such as voice.wav")
    need_writable(out.parent)
    narrator = Narrator(Shelf.of(settings.voices), rate=settings.speech_rate)
    try:
        by = narrator.spoken_by(language, delivery)
        reading = await asyncio.to_thread(read_aloud, clean(text), language)
        speech = await narrator.speak(reading.text, language=language, delivery=delivery)
    finally:
        await narrator.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(speech.wav)
    if as_json:
        words = [word.model_dump(mode="json") for word in reading.times(speech.words)]
        told = {"timing": speech.timing, "certainty": speech.certainty, "words": words}
        print_json({"file": str(out), "voice": by.provider, "duration_s": round(speech.duration_s, 3), **told})
    else:
        say(f"{plain(str(out))}: {speech.duration_s:.1f} s by {by.provider}")
    return EXIT_OK


def _few(names: object, most: int = 6) -> str:
    listed = [str(name) for name in names] if isinstance(names, list) else []
    return ", ".join(listed) if len(listed) <= most else f"{', '.join(listed[:most])} and {len(listed) - most} more"


def _speakers(row: dict[str, object]) -> tuple[str, ...]:
    return (f"speakers (voice#speaker): {_few(row['speakers'])}",) if row["speakers"] else ()
