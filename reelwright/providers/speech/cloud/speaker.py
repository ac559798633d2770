"""A vendor's voices as a speaker: long text in parts with their context, word times of the vendor or the aligner, and
one sound without drift or clicks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reelwright.domain.content.story import PartTiming, TimingSource
from reelwright.domain.content.voice import PLAIN, UNCHANGED, Delivery, VoiceChoice
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import ReelwrightError
from reelwright.domain.ports.making import Speech, SpokenBy

from ...common.lifecycles import need_alive
from ..aligner import Aligner
from ..espeak import to_speak
from ..sound import SAMPLE_RATE, Samples, finish, wav_bytes
from ..turns import joined, turns_of
from .audio import Place, changed, need_speech, stitched
from .engine import Asked, Engine, Heard, ListedVoice
from .marks import Mark, Times, aligned_times, times_of, words_of
from .texts import Part, parts_of

CONTEXT_CHARS = 400
"""Of the text before and after a part that a vendor is told."""


@dataclass(frozen=True)
class _Spoken:
    """A part with its sound at the wanted speed and pitch, and the times in it."""

    part: Part
    samples: Samples
    times: list[Times]
    certainty: float | None


class CloudSpeaker:
    """Implements `PricedSpeaker` for one vendor. A named voice may be given with the vendor's name
    (`azure:de-DE-KatjaNeural`); one that is another's is refused, so that the next provider of a chain is asked."""

    def __init__(self, engine: Engine, aligner: Aligner | None = None) -> None:
        self.engine = engine
        self._aligner = aligner or Aligner()
        self._seen: set[tuple[str, str]] = set()

    def spoken_by(self, language: str, delivery: Delivery = PLAIN) -> SpokenBy:
        """Who speaks, and the settings. Raises `InvalidInput` naming `voice` or `language`."""
        voices = [self.engine.voice_of(choice, language) for choice in delivery.choices]
        names = dict.fromkeys(f"{self.engine.name} {voice}" for voice in voices)
        settings = [
            f"{voice} {choice.speed:g} {choice.pitch:g}"
            for voice, choice in zip(voices, delivery.choices, strict=True)
            if (choice.speed, choice.pitch) != (1.0, 0.0)
        ]
        settings += [turn.model_dump_json() for turn in delivery.turns]
        return SpokenBy(", ".join(names), (*settings, *self.engine.settings))

    def own_voice(self, language: str) -> str:
        """The voice of the settings, with the vendor's name. Raises `InvalidInput` for an unknown language."""
        return f"{self.engine.vendor}:{self.engine.voice_of(UNCHANGED, language)}"

    def estimate(self, text: str, *, language: str, delivery: Delivery) -> Estimate:
        """Of one scene: by its dearest voice, where there are several."""
        voices = {self.engine.voice_of(choice, language) for choice in delivery.choices}
        estimates = [self.engine.tariff_of(voice).estimate(self.engine.chars(text)) for voice in sorted(voices)]
        return max(estimates, key=lambda one: (not one.priced, one.worst))

    async def ready(self, language: str, delivery: Delivery = PLAIN) -> None:
        """Asks the vendor, once for each voice and for nothing, whether model and voices are there."""
        for choice in delivery.choices:
            key = self.engine.voice_of(choice, language), language
            if key not in self._seen:
                await self.engine.ready(*key)
                self._seen.add(key)

    async def voices(self) -> Sequence[ListedVoice]:
        """The voices that the account has."""
        return await self.engine.voices()

    async def speak(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Speech:
        """Mono 48 kHz speech and one timing per white-space token. Raises `InvalidInput`, `ProviderRefused` and
        `ProviderUnavailable`; an error has what its call, and the calls before it, have cost (`usd`)."""
        need_alive(self.engine.vendor, self.engine.model)
        said: list[Speech] = []
        for part, choice in turns_of(text, delivery):
            try:
                said.append(await self._one(part, language, choice))
            except ReelwrightError as error:
                error.usd += sum(speech.usd for speech in said)
                raise
        return await asyncio.to_thread(joined, said)

    async def _one(self, text: str, language: str, choice: VoiceChoice) -> Speech:
        voice = self.engine.voice_of(choice, language)
        tokens = to_speak(text, language).tokens
        parts = parts_of(tokens, language, self.engine.most_chars)
        heard: list[Heard] = []
        spoken: list[_Spoken] = []
        for number, part in enumerate(parts):
            asked = Asked(
                text=part.text,
                language=language,
                voice=voice,
                choice=choice,
                before=parts[number - 1].text[-CONTEXT_CHARS:] if number else "",
                after=parts[number + 1].text[:CONTEXT_CHARS] if number + 1 < len(parts) else "",
                earlier=tuple(one.request_id for one in heard if one.request_id),
            )
            try:
                heard.append(await self.engine.say(asked))
            except ReelwrightError as error:
                error.usd += _usd(heard)
                raise
            try:
                spoken.append(await self._timed(part, heard[-1], choice, language))
            except ReelwrightError as error:
                error.usd, error.cost_known = _usd(heard), True
                raise
        return await asyncio.to_thread(_speech, tokens, spoken, heard)

    async def _timed(self, part: Part, heard: Heard, choice: VoiceChoice, language: str) -> _Spoken:
        """The part at the wanted speed and pitch, with its times."""
        need_speech(heard.samples, part.text, vendor=self.engine.vendor)
        speed, pitch = self.engine.own(choice)
        samples = await asyncio.to_thread(changed, heard.samples, choice.speed / speed, choice.pitch - pitch)
        longer = samples.size / heard.samples.size
        marks = [Mark(mark.text, mark.start * longer, mark.end * longer) for mark in heard.marks]
        times = await asyncio.to_thread(times_of, part.fragments, marks, samples.size / SAMPLE_RATE, language)
        if times is not None:
            return _Spoken(part, samples, times, None)
        found = await self._aligner.align(samples, SAMPLE_RATE, part.text, language=language)
        return _Spoken(part, samples, aligned_times(part.fragments, found.words), found.certainty)


def _speech(tokens: Sequence[str], spoken: Sequence[_Spoken], heard: Sequence[Heard]) -> Speech:
    whole, places = stitched([one.samples for one in spoken], [one.part.sentence for one in spoken])
    raw = np.clip(np.rint(whole * 32767.0), -32768, 32767).astype(np.int16)
    finished = finish(raw, SAMPLE_RATE)
    duration = finished.samples.size / SAMPLE_RATE
    fragments = [fragment for one in spoken for fragment in one.part.fragments]
    times = [
        _moved(own, place, finished.cut_s, duration)
        for one, place in zip(spoken, places, strict=True)
        for own in one.times
    ]
    certainties = [one.certainty for one in spoken if one.certainty is not None]
    return Speech(
        wav=wav_bytes(finished.samples),
        duration_s=duration,
        words=words_of(tokens, fragments, times),
        usd=_usd(heard),
        timing=_source(certainties),
        certainty=min(certainties, default=None),
        request_id=", ".join(one.request_id for one in heard if one.request_id),
    )


def _usd(heard: Sequence[Heard]) -> float:
    return sum(one.usd for one in heard)


def _source(certainties: Sequence[float]) -> TimingSource:
    """Of a whole the weakest source of its parts."""
    if not certainties:
        return "provider"
    return "aligned" if min(certainties) else "estimated"


def _moved(times: Times, place: Place, cut_s: float, duration: float) -> Times:
    """A piece's own times as those of the whole, inside of the piece."""
    first, last = place.first / SAMPLE_RATE - cut_s, place.last / SAMPLE_RATE - cut_s

    def there(second: float) -> float:
        at = min(max(place.zero / SAMPLE_RATE + second - cut_s, first, 0.0), last, duration)
        return min(round(at, 4), duration)

    return tuple(PartTiming(at, there(start), there(end)) for at, start, end in times)
