"""A voice made of a person's at ElevenLabs, by a consent that is on record. Its name is the consent's, and it is spoken
with by that name: once the consent has ended, nothing that it says is posted (docs/evidence.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reelwright.domain.consents import Consent, need_voice
from reelwright.domain.errors import InvalidInput, ProviderRefused

from ...common.answers import no_use
from ...common.http import post_bytes
from ..sound import SAMPLE_RATE
from .audio import decoded
from .elevenlabs import ElevenLabs

MOST_SAMPLES = 25
SAMPLE_BYTES = 10_000_000
LEAST_S = 30.0
"""Of all recordings together; a minute or two make a better voice."""


@dataclass(frozen=True)
class Cloned:
    """The voice: its id at the provider, the name it is chosen by, and whether the provider wants a proof first."""

    id: str
    name: str
    needs_proof: bool


def recordings(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """The files' names and bytes. Raises `InvalidInput` for none, too many, one that cannot be read, is too large or is
    no sound, and for too little speech."""
    if not 1 <= len(paths) <= MOST_SAMPLES:
        raise _wrong(f"{len(paths)} recordings", f"give 1 to {MOST_SAMPLES}")
    read: list[tuple[str, bytes]] = []
    seconds = 0.0
    for path in paths:
        try:
            with path.open("rb") as file:
                data = file.read(SAMPLE_BYTES + 1)
        except OSError as error:
            raise _wrong(f"{path.name} cannot be read ({error.strerror})", "name a recording") from error
        if len(data) > SAMPLE_BYTES:
            raise _wrong(f"{path.name} has more than {SAMPLE_BYTES:,} bytes", "send it as MP3, or in parts")
        try:
            seconds += decoded(data, vendor=path.name).size / SAMPLE_RATE
        except ProviderRefused as error:
            raise _wrong(f"{path.name}: {error.message}", "give WAV, FLAC, MP3 or Ogg") from error
        read.append((path.name, data))
    if seconds < LEAST_S:
        raise _wrong(f"{seconds:.0f} s of speech are too little", f"give at least {LEAST_S:.0f} s")
    return read


async def need_no_voice(engine: ElevenLabs, name: str) -> None:
    """Raises `InvalidInput` for a name that cannot be one, or that the account has already: two could not be told
    apart."""
    if not engine.fits(name, mine=True):
        raise InvalidInput(
            f"{name[:60]!r} cannot be the name of a voice", field="consent", remedy="use letters, digits and spaces"
        )
    if any(voice.name == name for voice in await engine.voices()):
        raise InvalidInput(
            f"{engine.vendor} has a voice {name!r}", field="consent", remedy="record the consent with another --voice"
        )


async def clone(engine: ElevenLabs, consent: Consent, samples: Sequence[tuple[str, bytes]], now: datetime) -> Cloned:
    """Makes the voice. The provider is told the consent's number, and not the person's name. Not idempotent. Raises
    `InvalidInput` (field `consent`) where the consent does not allow it, `ProviderRefused`, `ProviderUnavailable`."""
    name = need_voice(consent, now)
    files = [("files", (file, data, "application/octet-stream")) for file, data in samples]
    form = [("name", (None, name)), ("description", (None, f"reelwright consent {consent.id}"))]
    reply = await post_bytes(engine.service, "v1/voices/add", files=[*form, *files])
    body = reply.object(usd=0.0)
    id = body.get("voice_id")
    if not isinstance(id, str) or not id:
        raise no_use(engine.vendor, "its answer has no voice", cost_known=False)
    return Cloned(id[:60], name, body.get("requires_verification") is True)


def _wrong(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(what, field="recording", remedy=remedy)
