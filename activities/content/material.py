"""Speech, pictures and music for a story."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field
from temporalio import activity

from reelwright.domain.base import Grown, Model
from reelwright.domain.chains import ProviderList
from reelwright.domain.content.story import Mood, Music, Narration, Picture, Scene, Story
from reelwright.domain.content.voice import PLAIN, Delivery, VoiceChoice
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.making import Catalog, Composer, Illustrator, MediaStore, Speaker
from reelwright.domain.text.spoken.reading import read_aloud

from ..heartbeat import beating
from ..made import recalled, told
from .asset_specs import ProviderInChain
from .buying import Buyer, Purchasing
from .material_specs import MusicSpec, NarrationSpec, PictureSpec

log = logging.getLogger(__name__)


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


class SettleVoice(Grown, Model):
    """A language whose own voice is to be settled for all scenes of a content."""

    added: ClassVar[frozenset[str]] = frozenset({"content_id"})

    language: str
    content_id: str = ""


class SettledVoice(Model):
    """The name of a voice."""

    voice: str


class CheckVoices(Grown, Model):
    """The voices that a request names, for the language it is spoken in."""

    added: ClassVar[frozenset[str]] = frozenset({"content_id"})

    language: str
    choices: dict[str, VoiceChoice]
    """By the field of the request."""
    content_id: str = ""


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
    """Speaks scenes. A scene whose words did not change is not spoken again. `speaker` speaks where there is no
    `purchasing` by which a chain of speakers is asked."""

    catalog: Catalog
    media: MediaStore
    speaker: Speaker
    speakers: ProviderList[Speaker] | None = None
    purchasing: Purchasing | None = None

    @property
    def _providers(self) -> ProviderList[Speaker]:
        return self.speakers or ProviderList.of(self.speaker)

    @property
    def _buyer(self) -> Buyer:
        return Buyer(self.catalog, self.media, self.purchasing)

    @activity.defn
    async def speak_scene(self, job: SpeakScene) -> Narration:
        """A scene's narration with its word timings. Every voice is given the text as it is read aloud; the timings are
        of the words as they are written."""
        reading = await asyncio.to_thread(read_aloud, job.scene.text, job.language, job.pronunciations)
        delivery = job.delivery.read_as(reading.said)
        spec = NarrationSpec(job.content_id, job.scene, job.language, reading, delivery, job.settled)
        spoken = await self._buyer.buy(spec, self._providers)
        return told(spoken).model_copy(update={"scene": job.scene.index})

    @activity.defn
    async def settle_voice(self, job: SettleVoice) -> SettledVoice:
        """The voice that speaks a language wherever none is named: one for all scenes of a content, though voices are
        added or the release is changed while they are spoken. It is that of the chain's first speaker."""
        providers = await self._buyer.providers(job.content_id, self._providers, "speech")
        for provider in providers[:-1]:
            try:
                return SettledVoice(voice=provider.maker.own_voice(job.language))
            except InvalidInput as error:
                log.info("%s: %s", provider.name, error)
        return SettledVoice(voice=providers[-1].maker.own_voice(job.language))

    @activity.defn
    async def check_voices(self, job: CheckVoices) -> None:
        """Loads the voices that a request names, before anything is spent. Raises `InvalidInput` naming the field where
        no speaker of the chain has one."""
        providers = await self._buyer.providers(job.content_id, self._providers, "speech")
        for field, choice in job.choices.items():
            async with beating(f"loading the voice {choice.voice}"):
                await self._ready(providers, job.language, field, choice)

    async def _ready(
        self, providers: list[ProviderInChain[Speaker]], language: str, field: str, choice: VoiceChoice
    ) -> None:
        away = False
        for provider in providers:
            try:
                return await provider.maker.ready(language, Delivery(choice=choice))
            except InvalidInput as error:
                if provider is providers[-1] and not away:
                    raise InvalidInput(error.message, field=field, remedy=error.remedy) from error
            except (ProviderRefused, ProviderUnavailable) as error:
                if len(providers) == 1:
                    raise
                log.warning("%s cannot be asked for the voice %s now: %s", provider.name, choice.voice, error)
                away = True


@dataclass
class Studio:
    """Draws and composes: the processor-hungry part of the material, on the render or gpu pool. `illustrator` and
    `composer` make it where there is no `purchasing` by which chains are asked."""

    catalog: Catalog
    media: MediaStore
    illustrator: Illustrator
    composer: Composer
    illustrators: ProviderList[Illustrator] | None = None
    composers: ProviderList[Composer] | None = None
    purchasing: Purchasing | None = None

    @property
    def _buyer(self) -> Buyer:
        return Buyer(self.catalog, self.media, self.purchasing)

    @activity.defn
    async def draw_scene(self, job: DrawScene) -> Picture:
        """A scene's still."""
        story = job.story or (await recalled(self.catalog, job.record)).untranslated
        scene = job.scene.model_copy(update={"wish": job.brief}) if job.brief else job.scene
        # What releases before 0.5 made of a wish went by its key: the wish stood in the brief's place.
        asked = job.scene.model_copy(update={"brief": job.brief}) if job.brief else job.scene
        spec = PictureSpec(job.content_id, scene, asked, story, job.take)
        return told(await self._buyer.buy(spec, self.illustrators or ProviderList.of(self.illustrator)))

    @activity.defn
    async def compose_music(self, job: ComposeMusic) -> Music:
        """Background music that loops."""
        spec = MusicSpec(job.content_id, job.mood, job.duration_s, job.take)
        return told(await self._buyer.buy(spec, self.composers or ProviderList.of(self.composer)))
