"""Word times for any narration, offline, in every offered language: its text is spoken by espeak-ng, which reports
when each word is spoken, and that sound is aligned with the narration's (`warping.py`)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import numpy as np

from reelwright.domain.content.story import PartTiming, TimingSource, WordTiming
from reelwright.domain.ports.making import Speech

from .espeak import EspeakSpeaker, RawSpeech
from .sound import read_wav
from .warping import HOP_S, Floats, frames_of, spoken_span, warp

_SILENCE = 0.001
"""A sound whose peak stays under -60 dBFS has no words."""
_ALL, _NOTHING = 0.8, 1.5
"""`unlike` of two sounds that certainly have the same text, and of two that certainly do not. `unlike` is the mean
distance, times its ratio to the distance from the same reference played backwards (the same sounds, and no words),
times how unevenly one had to be stretched. Measured: right texts 0.2 to 1.11, wrong ones 1.17 to 1.73
(docs/voices.md)."""


@dataclass(frozen=True)
class Alignment:
    """One timing per white-space token, and the confidence that they match the sound: 0 to 1."""

    words: tuple[WordTiming, ...]
    certainty: float

    @property
    def timing(self) -> TimingSource:
        """Where the times come from: without any confidence they are spread by the length of the words."""
        return "aligned" if self.certainty else "estimated"


class Aligner:
    """Lays text along sound. Costs about a twentieth of the sound's length in CPU."""

    def __init__(self, speaker: EspeakSpeaker | None = None) -> None:
        self._speaker = speaker or EspeakSpeaker()

    async def timed(self, speech: Speech, text: str, *, language: str) -> Speech:
        """The speech with the times of the words of `text`."""
        samples, rate = read_wav(speech.wav)
        found = await self.align(samples, rate, text, language=language)
        return replace(speech, words=found.words, timing=found.timing, certainty=found.certainty)

    async def align(self, samples: Floats, rate: int, text: str, *, language: str) -> Alignment:
        """The times of the words of `text` in mono `samples` at `rate` Hz. Raises what `EspeakSpeaker.speak` does."""
        reference = await self._speaker.raw(text, language=language)
        return await asyncio.to_thread(aligned, reference, samples, rate)


def aligned(reference: RawSpeech, samples: Floats, rate: int) -> Alignment:
    """The words of `reference` in mono `samples` at `rate` Hz, and how certainly they are heard there."""
    duration = samples.size / rate
    if not samples.size or float(np.max(np.abs(samples))) < _SILENCE:
        return Alignment(_spread([word.text for word in reference.words], duration), 0.0)
    # Silence at the ends, of which the reference has little, would draw the first and the last words into it.
    first_sample, last_sample = spoken_span(samples, rate)
    cut_s = first_sample / rate
    known, heard = frames_of(reference.samples, reference.rate), frames_of(samples[first_sample:last_sample], rate)
    found = warp(known, heard)
    path = found.path

    latest = 0.0

    def placed(second: float, first: int) -> float:
        """Where a moment of the reference is in the sound, in order."""
        nonlocal latest
        frame = min(max(round(second / HOP_S) - first, 0), len(path) - 1)
        latest = max(latest, round(min(cut_s + (int(path[frame]) + first) * HOP_S, duration), 4))
        return latest

    words: list[WordTiming] = []
    for word in reference.words:
        spans = word.parts or (PartTiming(0, word.start, word.end),)
        parts: list[PartTiming] = []
        for at, start, end in spans:
            begin = placed(start, 1)
            parts.append(PartTiming(at, begin, placed(end, 0) if end > start else begin))
        kept = tuple(parts) if word.parts else ()
        words.append(WordTiming(text=word.text, start=parts[0].start, end=parts[-1].end, parts=kept))
    unlike = found.distance * (1 + found.unevenness) * found.distance / warp(known[::-1], heard).distance
    return Alignment(tuple(words), round(float(np.clip((_NOTHING - unlike) / (_NOTHING - _ALL), 0.0, 1.0)), 3))


def _spread(tokens: list[str], duration: float) -> tuple[WordTiming, ...]:
    """By the length of the words: better than nothing, and no more."""
    ends = np.cumsum([len(token) + 1 for token in tokens]) / sum(len(token) + 1 for token in tokens) * duration
    starts = np.append(0.0, ends[:-1])
    return tuple(
        WordTiming(text=token, start=round(float(start), 4), end=round(min(float(end), duration), 4))
        for token, start, end in zip(tokens, starts, ends, strict=True)
    )
