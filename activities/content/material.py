"""Speech, pictures and music for a story."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.story import Mood, Music, Narration, Picture, Scene, Story
from reelwright.domain.ids import effect_key, seed_of
from reelwright.domain.ports.making import Catalog, Composer, Illustrator, MediaStore, Speaker

from ..heartbeat import beating
from ..made import once


class SpeakScene(Model):
    """One scene to be spoken."""

    content_id: str
    scene: Scene
    language: str


class DrawScene(Model):
    """One scene to be drawn. `take` is raised when a reviewer wants other pictures."""

    content_id: str
    scene: Scene
    story: Story
    take: int = 0


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
        """A scene's narration with its word timings."""

        async def make() -> tuple[Narration, tuple[AssetRef, ...], str, float]:
            async with beating(f"speaking scene {job.scene.index + 1}"):
                speech = await self.speaker.speak(job.scene.text, language=job.language)
            audio = await self.media.put_bytes(speech.wav, "audio/wav")
            narration = Narration(
                scene=job.scene.index,
                audio=audio,
                duration_s=speech.duration_s,
                words=speech.words,
                provider=self.speaker.name,
                usd=speech.usd,
            )
            return narration, (audio,), self.speaker.name, speech.usd

        # The words alone decide the sound: a scene that only moved to another place is not spoken, or paid for, again.
        key = effect_key(job.content_id, "speech", self.speaker.name, job.scene.text, job.language)
        spoken = await once(self.catalog, key, make, Narration, content_id=job.content_id, step="speech")
        return spoken.model_copy(update={"scene": job.scene.index})


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
        seed = seed_of(job.content_id, job.take)  # of the whole story: the illustrator tells its scenes apart

        async def make() -> tuple[Picture, tuple[AssetRef, ...], str, float]:
            async with beating(f"drawing scene {job.scene.index + 1}"):
                drawing = await self.illustrator.draw(job.scene, story=job.story, seed=seed)
            image = await self.media.put_bytes(drawing.data, drawing.media_type)
            picture = Picture(scene=job.scene.index, image=image, provider=self.illustrator.name, usd=drawing.usd)
            return picture, (image,), self.illustrator.name, drawing.usd

        key = effect_key(job.content_id, "images", self.illustrator.name, seed, job.scene, job.story.title)
        return await once(self.catalog, key, make, Picture, content_id=job.content_id, step="images")

    @activity.defn
    async def compose_music(self, job: ComposeMusic) -> Music:
        """Background music that loops."""
        seed = seed_of(job.content_id, "music", job.take)

        async def make() -> tuple[Music, tuple[AssetRef, ...], str, float]:
            async with beating("composing music"):
                score = await self.composer.compose(job.mood, duration_s=job.duration_s, seed=seed)
            audio = await self.media.put_bytes(score.wav, "audio/wav")
            music = Music(
                audio=audio, duration_s=score.duration_s, mood=job.mood, provider=self.composer.name, usd=score.usd
            )
            return music, (audio,), self.composer.name, score.usd

        key = effect_key(job.content_id, "music", self.composer.name, seed, job.mood, round(job.duration_s))
        return await once(self.catalog, key, make, Music, content_id=job.content_id, step="music")
