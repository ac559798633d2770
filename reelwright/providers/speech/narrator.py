"""The voice of a text: a Piper voice where one speaks its language, espeak-ng otherwise, several in a dialogue."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

import numpy as np

from reelwright.domain.content.story import WordTiming
from reelwright.domain.content.voice import ESPEAK, PLAIN, UNCHANGED, Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.making import Speech, SpokenBy

from .aligner import Aligner
from .espeak import EspeakSpeaker
from .piper import USUAL_RATE, PiperSpeaker
from .sound import SAMPLE_RATE, Samples, read_wav, wav_bytes
from .voices import PiperVoice, Shelf

TURN_PAUSE_S = 0.3
"""Between two speakers of a dialogue, besides the breath that each leaves at its ends."""


class Narrator:
    """Speaks every offered language. Where the voice reports no word times, they are aligned."""

    def __init__(self, shelf: Shelf, *, rate: int = USUAL_RATE) -> None:
        self._shelf = shelf
        self._rate = rate
        self._espeak = EspeakSpeaker(rate=rate)
        self._aligner = Aligner()
        self._speakers: dict[str, PiperSpeaker] = {}

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        """Who speaks, and the settings. Raises `InvalidInput` naming `voice`."""
        voices = [self._chosen(choice, language) for choice in delivery.choices]
        names = dict.fromkeys(f"piper {chosen[0].name}" if chosen else ESPEAK for chosen in voices)
        settings: list[str] = []
        for choice, chosen in zip(delivery.choices, voices, strict=True):
            if chosen:
                settings.append(f"{chosen[0].name}#{chosen[1]} {chosen[0].fingerprint}")
            if (choice.speed, choice.pitch) != (1.0, 0.0):
                settings.append(f"{choice.speed:g} {choice.pitch:g}")
        if self._rate != USUAL_RATE:
            settings.append(f"rate {self._rate}")
        if delivery.turns:
            settings += [turn.model_dump_json() for turn in delivery.turns]
        return SpokenBy(", ".join(names), tuple(settings))

    def own_voice(self, language: str) -> str:
        """The name of the voice that speaks where none is named. Raises `InvalidInput` for an unknown language."""
        chosen = self._chosen(UNCHANGED, language)
        return chosen[0].name if chosen else ESPEAK

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        """Loads the voices that a delivery needs."""
        for choice in delivery.choices:
            if chosen := self._chosen(choice, language):
                await self._speaker(chosen[0]).load()

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        """Mono 48 kHz speech and one timing per white-space token. Raises what the engines' `speak` does."""
        if not delivery.turns:
            return await self._one(text, language, delivery.choice)
        tokens = text.split()
        begins = [turn.first for turn in delivery.turns]
        parts = [
            (" ".join(tokens[begin:end]), turn.choice)
            for turn, begin, end in zip(delivery.turns, begins, [*begins[1:], len(tokens)], strict=True)
            if tokens[begin:end]
        ]
        spoken = [await self._one(part, language, choice) for part, choice in parts]
        return await asyncio.to_thread(_joined, spoken)

    async def close(self) -> None:
        """Ends the voices' processes."""
        for speaker in self._speakers.values():
            await speaker.close()

    async def _one(self, text: str, language: str, choice: VoiceChoice) -> Speech:
        chosen = self._chosen(choice, language)
        if chosen is None:
            return await self._espeak.speak(text, language=language, choice=choice)
        voice, number = chosen
        speech = await self._speaker(voice).speak(text, language=language, choice=choice, speaker=number)
        return speech if speech.words else await self._aligner.timed(speech, text, language=language)

    def _chosen(self, choice: VoiceChoice, language: str) -> tuple[PiperVoice, int] | None:
        if language not in LANGUAGES:
            raise InvalidInput(
                f"no voice for {language[:20]!r}", field="language", remedy=f"choose from {', '.join(LANGUAGES)}"
            )
        if choice.voice:
            return self._shelf.named(choice.voice, language, field="voice")
        voice = self._shelf.default(language)
        return (voice, 0) if voice else None

    def _speaker(self, voice: PiperVoice) -> PiperSpeaker:
        return self._speakers.setdefault(voice.name, PiperSpeaker(voice, rate=self._rate))


def _later(by: float, second: float) -> float:
    return round(second + by, 4)


def _joined(parts: Sequence[Speech]) -> Speech:
    """Several speeches as one, with a pause between them. Each is faded at its ends already."""
    pause = np.zeros(int(TURN_PAUSE_S * SAMPLE_RATE))
    pieces: list[Samples] = []
    words: list[WordTiming] = []
    at = 0
    for part in parts:
        if pieces:
            pieces.append(pause)
            at += pause.size
        samples, _ = read_wav(part.wav)
        words += [word.retimed(partial(_later, at / SAMPLE_RATE)) for word in part.words]
        pieces.append(samples)
        at += samples.size
    certainties = [part.certainty for part in parts if part.certainty is not None]
    timings = {part.timing for part in parts}
    return Speech(
        wav=wav_bytes(np.concatenate(pieces)),
        duration_s=at / SAMPLE_RATE,
        words=tuple(words),
        usd=sum(part.usd for part in parts),
        timing=timings.pop() if len(timings) == 1 else ("aligned" if certainties else "espeak"),
        certainty=min(certainties, default=None),
    )
