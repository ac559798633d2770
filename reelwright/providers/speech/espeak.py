"""Speech offline: espeak-ng, one process per utterance."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from reelwright.domain.content.story import WordTiming
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.making import Speech

from .sound import SAMPLE_RATE, finish, wav_bytes
from .spoken import Chunk, chunked, sayings
from .timing import Event, token_spans

VARIANT = "m7"
"""The voice variant spoken with. Of the neutral ones (m1-m8, f1-f5, klatt) its long-term spectrum comes nearest to
average human speech (Byrne et al. 1994: standard deviation over third octaves 2.8 dB, against 4.7 dB for the plain
voice) and it has the livelier melody of the male ones. Some other variants carry other people's trademarks."""

MAX_CHARS = 20_000
"""About twenty minutes of speech; scenes are far shorter."""

_MODULE = "reelwright.providers.speech.espeak_worker"
_PACKAGE_ROOT = Path(__file__).resolve().parents[3]
# What a Python interpreter may need to start at all. No keys, no tokens, no home.
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


class _ChunkAnswer(BaseModel):
    samples: int
    events: list[tuple[str, int, int, str]]


class _Answer(BaseModel):
    """The first line of what the worker answers."""

    sample_rate: int
    chunks: list[_ChunkAnswer]


class EspeakSpeaker:
    """Speaks with espeak-ng. Needs nothing but its wheel, costs nothing, and the same text gives the same bytes.

    `rate` in words a minute (80 to 450), `timeout_s` for one utterance.
    """

    name = "espeak-ng"

    def __init__(self, timeout_s: float = 60, rate: int = 165) -> None:
        if not 80 <= rate <= 450:
            raise InvalidInput(f"{rate} words a minute cannot be spoken", field="rate", remedy="choose 80 to 450")
        if timeout_s <= 0:
            raise InvalidInput(f"{timeout_s} s is no time", field="timeout_s", remedy="give a positive number")
        self._timeout_s = timeout_s
        self._rate = rate

    async def speak(self, text: str, *, language: str) -> Speech:
        """Mono 48 kHz speech of `text` and one timing per white-space token.

        Raises `InvalidInput` for an unknown language or a text that cannot be spoken, `ProviderUnavailable` when the
        process fails or takes too long. Cancelling ends the process.
        """
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
        chunks = chunked(sayings(tokens, language))
        if not any(char.isalnum() for chunk in chunks for char in chunk.text):
            raise InvalidInput("there is nothing to speak in this scene", field="script", remedy="add a sentence")
        request = {
            "voice": f"{LANGUAGES[language].espeak_voice}+{VARIANT}",
            "rate": self._rate,
            "chunks": [chunk.text for chunk in chunks],
        }
        output = await self._run(json.dumps(request).encode())
        return await asyncio.to_thread(_speech, tokens, chunks, output)

    async def _run(self, request: bytes) -> bytes:
        """What the worker process answers to one request."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-P", "-B", "-m", _MODULE),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(),
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
                f"espeak-ng ended with code {process.returncode}{_last_line(errors)}",
                field="speech",
                remedy="it is tried again; if it stays, reinstall espeakng-loader",
            )
        return output


def _environment() -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "PYTHONPATH": str(_PACKAGE_ROOT), "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}


def _last_line(errors: bytes) -> str:
    """The last thing the process said, without file system paths, to be put after what went wrong."""
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return f": {re.sub(r'/[^ :]+/', '', lines[-1])[:200]}" if lines else ""


def _speech(tokens: list[str], chunks: list[Chunk], output: bytes) -> Speech:
    """The finished speech out of the worker's answer."""
    head, _, pcm = output.partition(b"\n")
    try:
        answer = _Answer.model_validate_json(head)
    except ValidationError as error:
        raise ProviderUnavailable("espeak-ng gave an answer that cannot be read", field="speech") from error
    raw = np.frombuffer(pcm, dtype="<i2")
    if len(answer.chunks) != len(chunks) or sum(chunk.samples for chunk in answer.chunks) != raw.size or not raw.size:
        raise ProviderUnavailable("espeak-ng gave less audio than it announced", field="speech")
    finished = finish(raw, answer.sample_rate)
    duration = finished.samples.size / SAMPLE_RATE
    return Speech(
        wav=wav_bytes(finished.samples),
        duration_s=duration,
        words=tuple(_timings(tokens, chunks, answer, finished.cut_s, duration)),
    )


def _timings(
    tokens: list[str], chunks: list[Chunk], answer: _Answer, cut_s: float, duration: float
) -> list[WordTiming]:
    timings: list[WordTiming] = []
    offset = 0
    remaining = iter(tokens)
    for chunk, told in zip(chunks, answer.chunks, strict=True):
        events = [Event(kind, position, sample, phoneme) for kind, position, sample, phoneme in told.events]
        for span in token_spans(chunk, events, told.samples):
            start, end = (
                round(min(max((offset + sample) / answer.sample_rate - cut_s, 0.0), duration), 4)
                for sample in (span.start, span.end)
            )
            # Rounding up must not lead out of the audio.
            timings.append(WordTiming(text=next(remaining), start=min(start, duration), end=min(end, duration)))
        offset += told.samples
    return timings
