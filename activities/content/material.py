"""Speech, pictures and music for a story."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field
from temporalio import activity

from reelwright.domain.base import Grown, Model
from reelwright.domain.content.story import Mood, Music, Narration, Picture, Scene, Story
from reelwright.domain.content.voice import PLAIN, Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key, seed_of
from reelwright.domain.licences import picture_licence
from reelwright.domain.ports.making import Catalog, Composer, Drawing, Illustrator, MediaStore, Score, Speaker, Speech
from reelwright.domain.text.spoken.reading import read_aloud

from ..heartbeat import beating
from ..made import Answered, Made, Order, bought, recalled, told


class SpeakScene(Grown, Model):
    """One scene to be spoken, how, and with the request's list of pronunciations. `settled` is the voice wherever none
    is named."""

    added: ClassVar[frozenset[str]] = frozenset({"delivery", "pronunciations", "settled"})

    content_id: str
    scene: Scene
    language: str
    pronunciations: dict[str, str] = Field(default={})
    delivery: Delivery = PLAIN
    settled: str = ""


class SettleVoice(Model):
    """A language whose own voice is to be settled for all scenes of a content."""

    language: str


class SettledVoice(Model):
    """The name of a voice."""

    voice: str


class CheckVoices(Model):
    """The voices that a request names, for the language it is spoken in."""

    language: str
    choices: dict[str, VoiceChoice]
    """By the field of the request."""


class DrawScene(Grown, Model):
    """One scene to be drawn, of a story that is given, as older releases did, or named by its key on record. `take` is
    raised when a reviewer requests other pictures; `brief` is the reviewer's wish for this one."""

    added: ClassVar[frozenset[str]] = frozenset({"brief"})

    content_id: str
    scene: Scene
    story: Story | None = None
    record: str = ""
    take: int = 0
    brief: str = ""


class ComposeMusic(Model):
    """Background music for about `duration_s` seconds."""

    content_id: str
    mood: Mood
    duration_s: float
    take: int = 0


@dataclass
class Voices:
    """Speaks scenes. A scene whose words did not change is not spoken again."""

    catalog: Catalog
    media: MediaStore
    speaker: Speaker

    @activity.defn
    async def speak_scene(self, job: SpeakScene) -> Narration:
        """A scene's narration with its word timings. Every voice is given the text as it is read aloud; the timings are
        of the words as they are written."""
        reading = await asyncio.to_thread(read_aloud, job.scene.text, job.language, job.pronunciations)
        delivery = self._settled(job.delivery.read_as(reading.said), job)
        by = self.speaker.spoken_by(job.language, delivery)

        async def ask() -> Answered[Speech]:
            async with beating(f"speaking scene {job.scene.index + 1}"):
                speech = await self.speaker.speak(reading.text, language=job.language, delivery=delivery)
            return Answered(speech, by.provider, speech.usd)

        async def store(speech: Speech) -> Made[Narration]:
            audio = await self.media.put_bytes(speech.wav, "audio/wav")
            narration = Narration(
                scene=job.scene.index,
                audio=audio,
                duration_s=speech.duration_s,
                words=reading.times(speech.words),
                provider=by.provider,
                timing=speech.timing,
                certainty=speech.certainty,
                usd=speech.usd,
            )
            noted = Noted(
                kind="narration", file=audio, scene=job.scene.index, language=job.language, prompt=reading.text
            )
            return Made(narration, (audio,), by.provider, speech.usd, (noted,))

        # Words and voice decide the sound: a scene that only moved to another place is not spoken, or paid for, again.
        # What is read otherwise than it is written counts too, so that other rules speak anew what they change.
        read = [reading.text] if reading.differs else []
        key = effect_key(job.content_id, "speech", by.provider, job.scene.text, job.language, *read, *by.settings)
        order = Order(key, job.content_id, "speech", by.provider)
        spoken = await bought(self.catalog, order, ask, store, Narration)
        return told(spoken).model_copy(update={"scene": job.scene.index})

    def _settled(self, delivery: Delivery, job: SpeakScene) -> Delivery:
        """The delivery with the content's voice wherever none is named; without, where this worker has no such voice:
        a content that was begun with a voice since removed is finished with another."""
        settled = delivery.settled(job.settled)
        try:
            self.speaker.spoken_by(job.language, settled)
        except InvalidInput:
            return delivery
        return settled

    @activity.defn
    async def settle_voice(self, job: SettleVoice) -> SettledVoice:
        """The voice that speaks a language wherever none is named: one for all scenes of a content, though voices are
        added or the release is changed while they are spoken."""
        return SettledVoice(voice=self.speaker.own_voice(job.language))

    @activity.defn
    async def check_voices(self, job: CheckVoices) -> None:
        """Loads the voices that a request names, before anything is spent. Raises `InvalidInput` naming the field."""
        for field, choice in job.choices.items():
            try:
                async with beating(f"loading the voice {choice.voice}"):
                    await self.speaker.ready(job.language, Delivery(choice=choice))
            except InvalidInput as error:
                raise InvalidInput(error.message, field=field, remedy=error.remedy) from error


@dataclass
class Studio:
    """Draws and composes: the processor-hungry part of the material, on the render or gpu pool."""

    catalog: Catalog
    media: MediaStore
    illustrator: Illustrator
    composer: Composer

    @activity.defn
    async def draw_scene(self, job: DrawScene) -> Picture:
        """A scene's still."""
        story = job.story or (await recalled(self.catalog, job.record)).untranslated
        seed = seed_of(job.content_id, job.take)  # of the whole story: the illustrator distinguishes its scenes
        scene = job.scene.model_copy(update={"wish": job.brief}) if job.brief else job.scene
        # What releases before 0.5 made of a wish went by its key: the wish stood in the brief's place.
        asked = job.scene.model_copy(update={"brief": job.brief}) if job.brief else job.scene

        async def ask() -> Answered[Drawing]:
            async with beating(f"drawing scene {job.scene.index + 1}"):
                drawing = await self.illustrator.draw(scene, story=story, seed=seed)
            return Answered(drawing, self.illustrator.name, drawing.usd)

        async def store(drawing: Drawing) -> Made[Picture]:
            image = await self.media.put_bytes(drawing.data, drawing.media_type)
            picture = Picture(
                scene=job.scene.index,
                image=image,
                provider=self.illustrator.name,
                usd=drawing.usd,
                reading=drawing.reading,
                card=drawing.card,
            )
            noted = Noted(
                kind="picture",
                file=image,
                scene=job.scene.index,
                prompt=json.dumps({"title": story.title, "scene": scene.model_dump(mode="json")}, ensure_ascii=False),
                seed=seed,
                take=job.take,
                licence=picture_licence(picture),
            )
            return Made(picture, (image,), self.illustrator.name, drawing.usd, (noted,))

        key = effect_key(job.content_id, "images", self.illustrator.name, seed, asked, story.title)
        order = Order(key, job.content_id, "images", self.illustrator.name)
        return told(await bought(self.catalog, order, ask, store, Picture))

    @activity.defn
    async def compose_music(self, job: ComposeMusic) -> Music:
        """Background music that loops."""
        seed = seed_of(job.content_id, "music", job.take)

        async def ask() -> Answered[Score]:
            async with beating("composing music"):
                score = await self.composer.compose(job.mood, duration_s=job.duration_s, seed=seed)
            return Answered(score, self.composer.name, score.usd)

        async def store(score: Score) -> Made[Music]:
            audio = await self.media.put_bytes(score.wav, "audio/wav")
            music = Music(
                audio=audio, duration_s=score.duration_s, mood=job.mood, provider=self.composer.name, usd=score.usd
            )
            prompt = f"{job.mood}, {round(job.duration_s)} s"
            noted = Noted(kind="music", file=audio, prompt=prompt, seed=seed, take=job.take)
            return Made(music, (audio,), self.composer.name, score.usd, (noted,))

        key = effect_key(job.content_id, "music", self.composer.name, seed, job.mood, round(job.duration_s))
        order = Order(key, job.content_id, "music", self.composer.name)
        return told(await bought(self.catalog, order, ask, store, Music))
