"""The voice of a text: a Piper voice where one speaks its language, espeak-ng otherwise, several in a dialogue."""

from __future__ import annotations

import asyncio

from reelwright.domain.content.voice import ESPEAK, PLAIN, UNCHANGED, Delivery, VoiceChoice
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.errors import InvalidInput
from reelwright.domain.formats import LANGUAGES
from reelwright.domain.ports.making import Speech, SpokenBy

from .aligner import Aligner
from .espeak import EspeakSpeaker
from .piper import USUAL_RATE, PiperSpeaker
from .turns import joined, turns_of
from .voices import PiperVoice, Shelf


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
        spoken = [await self._one(part, language, choice) for part, choice in turns_of(text, delivery)]
        return await asyncio.to_thread(joined, spoken)

    def estimate(self, text: str, *, language: str, delivery: Delivery) -> Estimate:
        """Costs nothing."""
        return free("speech", "local")

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
