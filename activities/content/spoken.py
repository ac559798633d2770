"""The times of a script's words in a sound that was recorded elsewhere: a narration, or a finished video's sound."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.finished import HeardVideo
from reelwright.domain.content.story import OWN, Narration
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.own_sound import Recordings, TimedWords
from reelwright.domain.text.spoken.reading import Reading, read_aloud

from ..heartbeat import beating
from ..made import Made, once


class TimeWords(Model):
    """A script, and the sound in which it is said."""

    content_id: str
    heard: HeardVideo
    text: str
    language: str


async def read_texts(
    texts: Sequence[str], language: str, pronunciations: Mapping[str, str] | None = None
) -> list[Reading]:
    """The texts as a voice would be given them: recordings are compared with these."""
    return await asyncio.to_thread(lambda: [read_aloud(text, language, pronunciations) for text in texts])


def recorded_narration(scene: int, audio: AssetRef, duration_s: float, found: TimedWords) -> Narration:
    """A recorded sound with the times of its words."""
    return Narration(
        scene=scene,
        audio=audio,
        duration_s=duration_s,
        words=found.words,
        provider=OWN,
        timing=found.timing,
        certainty=found.certainty,
    )


@dataclass
class SpokenWords:
    """Finds the words of scripts in sounds that stay as they are."""

    catalog: Catalog
    media: MediaStore
    recordings: Recordings

    @activity.defn
    async def time_words(self, job: TimeWords) -> Narration:
        """The script with the times of its words, and how certain they are."""
        [reading] = await read_texts([job.text], job.language)

        async def make() -> Made[Narration]:
            async with beating("looking for the words in the sound"):
                wav = b"".join([piece async for piece in self.media.read(job.heard.audio)])
                found = await self.recordings.words(wav, reading, language=job.language)
            narration = recorded_narration(0, job.heard.audio, job.heard.duration_s, found)
            return Made(narration, (job.heard.audio,))

        key = effect_key(job.content_id, "words", job.heard.audio.sha256, job.text, job.language, reading.text)
        return (await once(self.catalog, key, make, Narration, content_id=job.content_id, step="words")).result
