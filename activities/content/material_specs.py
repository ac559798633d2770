"""A scene spoken, a scene drawn, and music, as they are bought."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.channels.config import Capability
from reelwright.domain.content.credit import Credit
from reelwright.domain.content.picturing import PictureCard, PictureReading
from reelwright.domain.content.story import Mood, Music, Narration, Picture, Scene, Story, TimingSource, WordTiming
from reelwright.domain.content.voice import Delivery
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import InvalidInput, ProviderRefused
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key, seed_of, sha256_of
from reelwright.domain.licences import picture_licence
from reelwright.domain.ports.buying import Packed
from reelwright.domain.ports.making import Composer, Drawing, Illustrator, Score, Speaker, Speech, SpokenBy
from reelwright.domain.ports.providing import PricedComposer, PricedIllustrator, PricedSpeaker
from reelwright.domain.text.spoken.reading import Reading

from ..heartbeat import beating
from ..made import Made
from .asset_specs import CallSpec, ProviderInChain


class _Spoken(Model):
    """What is known of a speech besides its bytes."""

    duration_s: float
    words: tuple[WordTiming, ...]
    timing: TimingSource = ""
    certainty: float | None = None
    request_id: str = ""


class _Drawn(Model):
    """What is known of a drawing besides its bytes."""

    reading: PictureReading | None = None
    card: PictureCard | None = None
    credit: Credit | None = None
    request_id: str = ""
    prompt: str = ""
    seed: int | None = None


class _Composed(Model):
    """What is known of a score besides its bytes."""

    duration_s: float
    request_id: str = ""
    prompt: str = ""


def _some(data: bytes, what: str, *, usd: float, whole: bool = True) -> bytes:
    """The bytes. Raises `ProviderRefused` for none: the next provider is asked."""
    if not data or not whole:
        raise ProviderRefused(f"an empty {what}", remedy="another provider is asked", usd=usd, why="nonsense")
    return data


@dataclass(frozen=True)
class NarrationSpec(CallSpec[Speaker, Speech, Narration]):
    """One scene, spoken. A voice that only some of the chain's providers have is theirs; one who has it not speaks with
    its own, but for the first, which is passed over."""

    capability: ClassVar[Capability] = "speech"
    step: ClassVar[str] = "speech"
    model = Narration
    one_maker: ClassVar[bool] = True

    content_id: str
    scene: Scene
    language: str
    reading: Reading
    delivery: Delivery
    settled: str = ""

    @cached_property
    def thing(self) -> str:  # type: ignore[override]
        return effect_key(
            self.content_id, "speech", self.scene.text, self.language, self.reading.text, self.delivery, self.settled
        )

    def key(self, provider: ProviderInChain[Speaker]) -> str:
        """Words and voice decide the sound: a scene that only moved to another place is not spoken, or paid for, again.
        What is read otherwise than it is written counts too, so that other rules speak anew what they change."""
        by, read = self._by(provider), [self.reading.text] if self.reading.differs else []
        return effect_key(self.content_id, "speech", by.provider, self.scene.text, self.language, *read, *by.settings)

    def provider_name(self, provider: ProviderInChain[Speaker]) -> str:
        return self._by(provider).provider

    def asked(self, provider: ProviderInChain[Speaker]) -> Sequence[Any]:
        return [self.reading.text, self.language, *self._by(provider).settings]

    def price(self, provider: ProviderInChain[Speaker]) -> Estimate | None:
        maker = provider.maker
        if provider.offline or not isinstance(maker, PricedSpeaker):
            return None
        return maker.estimate(self.reading.text, language=self.language, delivery=self._delivery(provider))

    async def ask(self, provider: ProviderInChain[Speaker]) -> Speech:
        async with beating(f"speaking scene {self.scene.index + 1}"):
            return await provider.maker.speak(
                self.reading.text, language=self.language, delivery=self._delivery(provider)
            )

    def pack(self, answer: Speech) -> Packed:
        known = _Spoken(
            duration_s=answer.duration_s,
            words=answer.words,
            timing=answer.timing,
            certainty=answer.certainty,
            request_id=answer.request_id,
        )
        data = _some(answer.wav, "narration", usd=answer.usd, whole=answer.duration_s > 0)
        return Packed(known.model_dump_json(), data, "audio/wav", answer.usd)

    async def made(self, provider: ProviderInChain[Speaker], packed: Packed, file: AssetRef | None) -> Made[Narration]:
        assert file is not None
        known, by = _Spoken.model_validate_json(packed.meta), self._by(provider)
        narration = Narration(
            scene=self.scene.index,
            audio=file,
            duration_s=known.duration_s,
            words=self.reading.times(known.words),
            provider=by.provider,
            timing=known.timing,
            certainty=known.certainty,
            usd=packed.usd,
            by="" if provider.alone else provider.name,
        )
        noted = Noted(
            kind="narration",
            file=file,
            scene=self.scene.index,
            language=self.language,
            prompt=self.reading.text,
            request_id=known.request_id,
        )
        return Made(narration, (file,), by.provider, packed.usd, (noted,))

    def _by(self, provider: ProviderInChain[Speaker]) -> SpokenBy:
        return provider.maker.spoken_by(self.language, self._delivery(provider))

    def _delivery(self, provider: ProviderInChain[Speaker]) -> Delivery:
        """The delivery with the content's voice wherever none is named; without, where this worker has no such voice:
        a content that was begun with a voice since removed is finished with another."""
        settled = self.delivery.settled(self.settled)
        for delivery in (settled, self.delivery):
            try:
                provider.maker.spoken_by(self.language, delivery)
            except InvalidInput:
                continue
            return delivery
        return self.delivery if provider.first else self.delivery.unnamed()


@dataclass(frozen=True)
class PictureSpec(CallSpec[Illustrator, Drawing, Picture]):
    """One scene, drawn. `asked_of` is the scene by which its results are found; `drawn` the one that is drawn."""

    capability: ClassVar[Capability] = "images"
    step: ClassVar[str] = "images"
    model = Picture

    content_id: str
    drawn: Scene
    asked_of: Scene
    story: Story
    take: int = 0

    @cached_property
    def thing(self) -> str:  # type: ignore[override]
        return effect_key(self.content_id, "images", self.take, self.asked_of, self.story.title)

    def _seed(self, provider: ProviderInChain[Illustrator]) -> int:
        """One for the whole story: the illustrator distinguishes its scenes. What is bought is the same for the same
        story in another content of the channel."""
        if provider.offline:
            return seed_of(self.content_id, self.take)
        return seed_of(provider.channel, self.story.title, self.take)

    def key(self, provider: ProviderInChain[Illustrator]) -> str:
        name, seed, story = provider.maker.name, self._seed(provider), self.story
        # A prompt says who is seen and in which style; the offline drawer reads neither.
        seen = [] if provider.offline or not (story.look or story.characters) else [story.look, story.characters]
        return effect_key(self.content_id, "images", name, seed, self.asked_of, story.title, *seen)

    def provider_name(self, provider: ProviderInChain[Illustrator]) -> str:
        return provider.maker.name

    def asked(self, provider: ProviderInChain[Illustrator]) -> Sequence[Any]:
        told = self.story.model_copy(update={"scenes": (), "usd": 0.0, "writer": "", "notice": ""})
        scene = self.drawn.model_copy(update={"index": 0})
        return [self._seed(provider), sha256_of(scene), sha256_of(told.booked())]

    def price(self, provider: ProviderInChain[Illustrator]) -> Estimate | None:
        maker = provider.maker
        if provider.offline or not isinstance(maker, PricedIllustrator):
            return None
        return maker.estimate(self.drawn, story=self.story)

    async def ask(self, provider: ProviderInChain[Illustrator]) -> Drawing:
        async with beating(f"drawing scene {self.drawn.index + 1}"):
            return await provider.maker.draw(
                self.drawn, story=self.story, seed=self._seed(provider), channel=provider.channel
            )

    def pack(self, answer: Drawing) -> Packed:
        known = _Drawn(
            reading=answer.reading,
            card=answer.card,
            credit=answer.credit,
            request_id=answer.request_id,
            prompt=answer.prompt,
            seed=answer.seed,
        )
        data = _some(answer.data, "picture", usd=answer.usd)
        return Packed(known.model_dump_json(), data, answer.media_type, answer.usd)

    async def made(
        self, provider: ProviderInChain[Illustrator], packed: Packed, file: AssetRef | None
    ) -> Made[Picture]:
        assert file is not None
        known, name = _Drawn.model_validate_json(packed.meta), provider.maker.name
        picture = Picture(
            scene=self.drawn.index,
            image=file,
            provider=name,
            usd=packed.usd,
            reading=known.reading,
            card=known.card,
            credit=known.credit,
        )
        ordered = {"title": self.story.title, "scene": self.drawn.model_dump(mode="json")}
        noted = Noted(
            kind="picture",
            file=file,
            scene=self.drawn.index,
            prompt=known.prompt or json.dumps(ordered, ensure_ascii=False),
            seed=self._seed(provider) if known.seed is None else known.seed,
            take=self.take,
            licence=known.credit.licence if known.credit else picture_licence(picture),
            request_id=known.request_id,
            credit=known.credit,
        )
        return Made(picture, (file,), name, packed.usd, (noted,))


@dataclass(frozen=True)
class MusicSpec(CallSpec[Composer, Score, Music]):
    """Background music."""

    capability: ClassVar[Capability] = "music"
    step: ClassVar[str] = "music"
    model = Music

    content_id: str
    mood: Mood
    duration_s: float
    take: int = 0

    @cached_property
    def thing(self) -> str:  # type: ignore[override]
        return effect_key(self.content_id, "music", self.take, self.mood, round(self.duration_s))

    def _seed(self, provider: ProviderInChain[Composer]) -> int:
        return seed_of(self.content_id if provider.offline else provider.channel, "music", self.take)

    def key(self, provider: ProviderInChain[Composer]) -> str:
        seconds = round(self.duration_s)
        return effect_key(self.content_id, "music", provider.maker.name, self._seed(provider), self.mood, seconds)

    def provider_name(self, provider: ProviderInChain[Composer]) -> str:
        return provider.maker.name

    def asked(self, provider: ProviderInChain[Composer]) -> Sequence[Any]:
        return [self._seed(provider), self.mood, round(self.duration_s)]

    def price(self, provider: ProviderInChain[Composer]) -> Estimate | None:
        maker = provider.maker
        if provider.offline or not isinstance(maker, PricedComposer):
            return None
        return maker.estimate(self.mood, duration_s=self.duration_s)

    async def ask(self, provider: ProviderInChain[Composer]) -> Score:
        async with beating("composing music"):
            return await provider.maker.compose(self.mood, duration_s=self.duration_s, seed=self._seed(provider))

    def pack(self, answer: Score) -> Packed:
        known = _Composed(duration_s=answer.duration_s, request_id=answer.request_id, prompt=answer.prompt)
        data = _some(answer.wav, "track", usd=answer.usd, whole=answer.duration_s > 0)
        return Packed(known.model_dump_json(), data, "audio/wav", answer.usd)

    async def made(self, provider: ProviderInChain[Composer], packed: Packed, file: AssetRef | None) -> Made[Music]:
        assert file is not None
        known, name = _Composed.model_validate_json(packed.meta), provider.maker.name
        music = Music(audio=file, duration_s=known.duration_s, mood=self.mood, provider=name, usd=packed.usd)
        noted = Noted(
            kind="music",
            file=file,
            prompt=known.prompt or f"{self.mood}, {round(self.duration_s)} s",
            seed=self._seed(provider),
            take=self.take,
            request_id=known.request_id,
        )
        return Made(music, (file,), name, packed.usd, (noted,))
