"""The times of a script's words in a sound that was recorded elsewhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.base import Model
from reelwright.domain.content.finished import HeardVideo
from reelwright.domain.content.story import Narration
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.finishing import WordAligner
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.text.spoken.reading import read_aloud

from ..heartbeat import beating
from ..made import Made, once


class TimeWords(Model):
    """A script, and the sound in which it is said."""

    content_id: str
    heard: HeardVideo
    text: str
    language: str


@dataclass
class SpokenWords:
    """Aligns scripts with sounds."""

    catalog: Catalog
    media: MediaStore
    aligner: WordAligner

    @activity.defn
    async def time_words(self, job: TimeWords) -> Narration:
        """The script with the times of its words, and how certain they are. The text is read aloud as a voice would
        be given it; the times are of the words as they are written."""
        reading = await asyncio.to_thread(read_aloud, job.text, job.language)

        async def make() -> Made[Narration]:
            async with beating("looking for the words in the sound"):
                wav = b"".join([piece async for piece in self.media.read(job.heard.audio)])
                words, certainty = await self.aligner.times(wav, reading.text, language=job.language)
            narration = Narration(
                scene=0,
                audio=job.heard.audio,
                duration_s=job.heard.duration_s,
                words=reading.times(words),
                provider="own",
                timing="aligned" if certainty else "estimated",
                certainty=certainty,
            )
            return Made(narration, (job.heard.audio,))

        key = effect_key(job.content_id, "words", job.heard.audio.sha256, job.text, job.language, reading.text)
        return (await once(self.catalog, key, make, Narration, content_id=job.content_id, step="words")).result
