"""Speech offline by Piper's neural voices: a process for each voice, kept while there is text to speak."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from reelwright.domain.content.voice import UNCHANGED, VoiceChoice
from reelwright.domain.errors import InvalidInput, ProviderUnavailable
from reelwright.domain.ports.making import Speech
from reelwright.domain.text.sentence_ends import sentence_ends

from .child import SpeakingChild
from .espeak import Said, to_speak
from .phonemes import phoneme_spans
from .pieces import Piece, joined, word_timings
from .sound import SAMPLE_RATE, finish, heard_span, wav_bytes
from .voices import PiperVoice

Pcm: TypeAlias = NDArray[np.int16]

PACE = 1.2
"""How much longer than a voice's own its phonemes are: Joe reads at 200 words a minute, a narrator at 170, as does
espeak-ng at its usual rate."""
USUAL_RATE = 150
"""Words a minute (`REELWRIGHT_SPEECH_RATE`) that `PACE` stands for."""
SENTENCE_PAUSE_S = 0.28
"""Silence between sentences, besides `EDGE_S` at the ends of both. What a voice leaves there itself (up to 0.3 s) is
cut off, since the pause between two scenes, 0.48 s, is to be the longer one."""
MAX_PIECES = 60
"""A sentence without an end is parted here: the model's cost and memory grow faster than its text."""
PATIENCE_S = 0.05
"""For each character, besides the time for any request: ten times what it takes on an idle core."""
_FADE_S = 0.004
_RATE_STEP = 150
"""Sample rates are multiples of this in Hz, so that conversion to 48 kHz has a short filter."""


class _Spoken(BaseModel):
    samples: int
    phonemes: list[tuple[str, int]] | None
    tokens: list[list[str]]


class _Answer(BaseModel):
    bytes: int
    sentences: list[_Spoken]


class PiperSpeaker:
    """Speaks with one voice. The same text gives the same bytes on the same machine. Word times are the model's own.

    `rate` is the setting in words a minute; `idle_s` how long the process is kept without text to speak.
    """

    def __init__(
        self, voice: PiperVoice, *, rate: int = USUAL_RATE, timeout_s: float = 180, idle_s: float = 60
    ) -> None:
        self.voice = voice
        self._rate = rate
        self._child = SpeakingChild(voice.model, timeout_s=timeout_s, idle_s=idle_s)

    async def load(self) -> None:
        """Raises `InvalidInput` when the file is no voice."""
        await self._child.ask(None)

    async def close(self) -> None:
        """Ends the process, if there is one."""
        await self._child.close()

    async def speak(self, text: str, *, language: str, choice: VoiceChoice = UNCHANGED, speaker: int = 0) -> Speech:
        """Mono 48 kHz speech and one timing per white-space token; no timings where the model reports no durations.

        Raises what `EspeakSpeaker.speak` does, and `InvalidInput` for a file that is no voice.
        """
        said = to_speak(text, language)
        sentences = _sentences(said, language)
        # Higher is slower speech played faster: the model has no pitch of its own.
        rate = round(self.voice.sample_rate * 2 ** (choice.pitch / 12) / _RATE_STEP) * _RATE_STEP
        stretch = PACE * USUAL_RATE / self._rate / choice.speed * rate / self.voice.sample_rate
        header, body = await self._child.ask(
            {
                "length_scale": stretch,
                "speaker": speaker,
                "sentences": [{"text": joined(one)[0], "tokens": [piece.said for piece in one]} for one in sentences],
            },
            more_s=PATIENCE_S * len(text),
        )
        return await asyncio.to_thread(_speech, said, sentences, header, body, rate)


def _sentences(said: Said, language: str) -> list[list[Piece]]:
    """The pieces by sentences. A silent one (an emoji) goes with the sentence before it."""
    ends = sentence_ends(said.tokens, language)
    parts: list[list[Piece]] = [[]]
    for piece, after in zip(said.pieces, [*said.pieces[1:], None], strict=True):
        parts[-1].append(piece)
        inside = after is not None and after.token == piece.token
        end = piece.ends_sentence if inside else ends[piece.token]
        if end or len(parts[-1]) >= MAX_PIECES:
            parts.append([])
    spoken: list[list[Piece]] = []
    for part in filter(None, parts):
        if spoken and not (_is_heard(part) and _is_heard(spoken[-1])):
            spoken[-1].extend(part)
        else:
            spoken.append(part)
    return spoken


def _is_heard(pieces: Sequence[Piece]) -> bool:
    return any(piece.is_heard for piece in pieces)


def _speech(
    said: Said, sentences: Sequence[Sequence[Piece]], header: dict[str, object], body: bytes, rate: int
) -> Speech:
    try:
        answer = _Answer.model_validate(header)
    except ValidationError as error:
        raise ProviderUnavailable("Piper gave an answer that cannot be read", field="speech") from error
    pcm = np.frombuffer(body, dtype="<i2")
    if not answer.bytes:
        raise InvalidInput(
            "the voice makes no sound of this text", field="voice", remedy="choose a voice of the text's language"
        )
    if (
        len(answer.sentences) != len(sentences)
        or sum(one.samples for one in answer.sentences) != pcm.size
        or not pcm.size
    ):
        raise ProviderUnavailable("Piper gave less audio than it announced", field="speech")
    raw, places = _with_pauses(pcm, [one.samples for one in answer.sentences], rate)
    finished = finish(raw, rate)
    duration = finished.samples.size / SAMPLE_RATE
    spans = [
        (min(max(begin + span.start, first), last), min(max(begin + span.end, first), last))
        for (begin, first, last), one in zip(places, answer.sentences, strict=True)
        if one.phonemes is not None
        for span in phoneme_spans(one.phonemes, one.tokens)
    ]
    timed = len(spans) == len(said.pieces)

    def place(sample: int) -> float:
        # Rounding up must not lead out of the audio.
        return min(round(min(max(sample / rate - finished.cut_s, 0.0), duration), 4), duration)

    times = [(place(start), place(end)) for start, end in spans]
    return Speech(
        wav=wav_bytes(finished.samples),
        duration_s=duration,
        words=word_timings(said.tokens, said.pieces, times) if timed else (),
        timing="model" if timed else "",
    )


def _with_pauses(pcm: Pcm, lengths: Sequence[int], rate: int) -> tuple[Pcm, list[tuple[int, int, int]]]:
    """The sentences with a pause between them, each faded at its ends. For each, where its first sample would be had
    nothing been cut off, and where it begins and ends."""
    pause, ramp = int(SENTENCE_PAUSE_S * rate), max(1, int(_FADE_S * rate))
    pieces: list[Pcm] = []
    places: list[tuple[int, int, int]] = []
    at = taken = 0
    for length in lengths:
        whole = pcm[taken : taken + length].astype(np.float64)
        first, last = heard_span(whole / 32768.0, rate)
        piece = whole[first:last]
        edge = np.linspace(0.0, 1.0, min(ramp, piece.size // 2))
        piece[: edge.size] *= edge
        piece[piece.size - edge.size :] *= edge[::-1]
        if pieces:
            pieces.append(np.zeros(pause, dtype=np.int16))
            at += pause
        places.append((at - first, at, at + piece.size))
        pieces.append(np.rint(piece).astype(np.int16))
        at, taken = at + piece.size, taken + length
    return np.concatenate(pieces), places
