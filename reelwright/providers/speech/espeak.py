"""Speech offline: espeak-ng, one process per utterance."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from reelwright.domain.content.story import WordTiming
from reelwright.domain.content.voice import ESPEAK, UNCHANGED, VoiceChoice
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.making import Speech

from .child import environment, last_line
from .pieces import Chunk, Piece, chunked, pieces_of, word_timings
from .sound import SAMPLE_RATE, Samples, finish, wav_bytes
from .timing import Event, token_spans

VARIANT = "m7"
"""The voice variant spoken with. Of the neutral ones (m1-m8, f1-f5, klatt) its long-term spectrum comes nearest to
average human speech (Byrne et al. 1994: standard deviation over third octaves 2.8 dB, against 4.7 dB for the plain
voice) and it has the livelier melody of the male ones. Some other variants carry other people's trademarks."""

RATES = (80, 450)
"""Words a minute that the library takes."""
_SEMITONES = (-4.5, -4.0, -3.5, -2.4, -1.5, 0.0, 1.2, 2.7, 4.5, 6.2)
_PITCHES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90)
"""The library's own pitch, 0 to 100, and what it does to the voice: measured with espeak-ng 1.52. Lower than 4.5
semitones it does not go."""

MAX_CHARS = 20_000
"""About twenty minutes of speech; scenes are far shorter."""

_MODULE = "reelwright.providers.speech.espeak_worker"


class _ChunkAnswer(BaseModel):
    samples: int
    events: list[tuple[str, int, int, str]]
    pieces: list[list[str]]


class _Answer(BaseModel):
    """The first line of what the worker answers."""

    sample_rate: int
    chunks: list[_ChunkAnswer]


@dataclass(frozen=True)
class RawSpeech:
    """Samples at `rate` Hz, full scale 1.0, and the time of each token."""

    samples: Samples
    rate: int
    words: tuple[WordTiming, ...]


class EspeakSpeaker:
    """Speaks with espeak-ng. Needs nothing but its wheel, costs nothing, and the same text gives the same bytes.

    `rate` in words a minute (80 to 450), `timeout_s` for one utterance.
    """

    name = ESPEAK

    def __init__(self, timeout_s: float = 60, rate: int = 165) -> None:
        if not RATES[0] <= rate <= RATES[1]:
            raise InvalidInput(f"{rate} words a minute cannot be spoken", field="rate", remedy="choose 80 to 450")
        if timeout_s <= 0:
            raise InvalidInput(f"{timeout_s} s is no time", field="timeout_s", remedy="give a positive number")
        self._timeout_s = timeout_s
        self._rate = rate

    async def speak(self, text: str, *, language: str, choice: VoiceChoice = UNCHANGED) -> Speech:
        """Mono 48 kHz speech of `text` and one timing per white-space token.

        Raises `InvalidInput` for an unknown language or a text that cannot be spoken, `ProviderUnavailable` when the
        process fails or takes too long. Cancelling ends the process.
        """
        said = to_speak(text, language)
        output = await self._run(self._request(said.chunks, language, choice))
        return await asyncio.to_thread(_speech, said, output)

    async def raw(self, text: str, *, language: str) -> RawSpeech:
        """The same as it comes, at espeak-ng's own rate, untrimmed and not made louder: to be compared with."""
        said = to_speak(text, language)
        output = await self._run(self._request(said.chunks, language, UNCHANGED))
        return await asyncio.to_thread(_raw, said, output)

    def _request(self, chunks: Sequence[Chunk], language: str, choice: VoiceChoice) -> bytes:
        request = {
            "voice": f"{LANGUAGES[language].espeak_voice}+{VARIANT}",
            "rate": round(min(max(self._rate * choice.speed, RATES[0]), RATES[1])),
            "pitch": round(float(np.interp(choice.pitch, _SEMITONES, _PITCHES))),
            "chunks": [{"text": chunk.text, "pieces": chunk.said} for chunk in chunks],
        }
        return json.dumps(request).encode()

    async def _run(self, request: bytes) -> bytes:
        """What the worker process answers to one request."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-P", "-B", "-m", _MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(),
            limit=2**20,
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                output, errors = await process.communicate(request)
        except TimeoutError as error:
            raise ProviderUnavailable(
                f"espeak-ng took longer than {self._timeout_s:g} s",
                field="speech",
                remedy="it is tried again; if it stays, the machine is overloaded",
            ) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise ProviderUnavailable(
                f"espeak-ng ended with code {process.returncode}{last_line(errors)}",
                field="speech",
                remedy="it is tried again; if it stays, reinstall espeakng-loader",
            )
        return output


@dataclass(frozen=True)
class Said:
    """A text's tokens, the pieces that they are spoken in, and those in chunks."""

    tokens: list[str]
    pieces: list[Piece]

    @cached_property
    def chunks(self) -> list[Chunk]:
        """What is synthesised at once."""
        return chunked(self.pieces)


def to_speak(text: str, language: str) -> Said:
    """The spoken form of a text. Raises `InvalidInput` where it cannot be spoken."""
    if language not in LANGUAGES:
        raise InvalidInput(
            f"no voice for {language[:20]!r}", field="language", remedy=f"choose from {', '.join(LANGUAGES)}"
        )
    if len(text) > MAX_CHARS:
        raise InvalidInput(
            f"{len(text):,} characters in one scene is more than {MAX_CHARS:,}",
            field="script",
            remedy="split it into several scenes",
        )
    tokens = text.split()
    said = Said(tokens, pieces_of(tokens, language))
    if not any(piece.is_heard for piece in said.pieces):
        raise InvalidInput("there is nothing to speak in this scene", field="script", remedy="add a sentence")
    return said


def _read(chunks: Sequence[Chunk], output: bytes) -> tuple[NDArray[np.int16], _Answer]:
    """The samples and the events out of the worker's answer."""
    head, _, pcm = output.partition(b"\n")
    try:
        answer = _Answer.model_validate_json(head)
    except ValidationError as error:
        raise ProviderUnavailable("espeak-ng gave an answer that cannot be read", field="speech") from error
    raw = np.frombuffer(pcm, dtype="<i2")
    if len(answer.chunks) != len(chunks) or sum(chunk.samples for chunk in answer.chunks) != raw.size or not raw.size:
        raise ProviderUnavailable("espeak-ng gave less audio than it announced", field="speech")
    return raw, answer


def _raw(said: Said, output: bytes) -> RawSpeech:
    raw, answer = _read(said.chunks, output)
    words = _timings(said, answer, 0.0, raw.size / answer.sample_rate)
    return RawSpeech(raw.astype(np.float64) / 32768.0, answer.sample_rate, words)


def _speech(said: Said, output: bytes) -> Speech:
    """The finished speech."""
    raw, answer = _read(said.chunks, output)
    finished = finish(raw, answer.sample_rate)
    duration = finished.samples.size / SAMPLE_RATE
    return Speech(
        wav=wav_bytes(finished.samples),
        duration_s=duration,
        words=_timings(said, answer, finished.cut_s, duration),
        timing="espeak",
    )


def _timings(said: Said, answer: _Answer, cut_s: float, duration: float) -> tuple[WordTiming, ...]:
    offset = 0

    def place(sample: int) -> float:
        # Rounding up must not lead out of the audio.
        second = (offset + sample) / answer.sample_rate - cut_s
        return min(round(min(max(second, 0.0), duration), 4), duration)

    times: list[tuple[float, float]] = []
    for chunk, told in zip(said.chunks, answer.chunks, strict=True):
        events = [Event(kind, position, sample, phoneme) for kind, position, sample, phoneme in told.events]
        spans = token_spans(chunk, events, told.samples, told.pieces)
        times += [(place(span.start), place(span.end)) for span in spans]
        offset += told.samples
    return word_timings(said.tokens, said.pieces, times)
