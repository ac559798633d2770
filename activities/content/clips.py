"""A moving picture for a scene, in its still's place on the timeline."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.chains import ProviderList
from reelwright.domain.channels.config import Capability
from reelwright.domain.content.credit import Credit
from reelwright.domain.content.image_prompts import prompt_of
from reelwright.domain.content.media import SceneClip
from reelwright.domain.content.story import Picture, Scene, Story
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import InvalidInput, ProviderRefused, ProviderUnavailable
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key, seed_of
from reelwright.domain.licences import picture_licence
from reelwright.domain.ports.buying import Packed
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.media import MediaIntake
from reelwright.domain.ports.providing import ClipJob, ClipMaker, ClipOrder, ClipState, Shape

from ..heartbeat import beating
from ..made import Made, buyer, recalled, told
from .asset_specs import ProviderInChain
from .buying import Buyer, ChainExhausted, Purchasing
from .jobs import JobSpec
from .turns import CallFailed

STILL_BYTES = 30_000_000


class FilmScene(Model):
    """A scene whose still is to be replaced by a clip of about so many seconds."""

    content_id: str
    scene: Scene
    still: Picture
    seconds: float
    story: Story | None = None
    record: str = ""
    shape: Shape = "9:16"
    take: int = 0


class _Filmed(Model):
    """What is known of a clip: its files, whose work it is, and the job's id."""

    media: StoredMedia
    credit: Credit | None = None
    job: str = ""


@dataclass(frozen=True)
class ClipSpec(JobSpec[Picture]):
    """One scene's clip."""

    capability: ClassVar[Capability] = "clips"
    step: ClassVar[str] = "clips"
    model = Picture

    content_id: str
    task: FilmScene
    story: Story
    media: MediaStore
    intake: MediaIntake
    scratch: Path

    def _order(self, provider: ProviderInChain[ClipMaker]) -> ClipOrder:
        scene, task = self.task.scene, self.task
        return ClipOrder(
            prompt=prompt_of(scene, self.story),
            seconds=task.seconds,
            shape=task.shape,
            seed=seed_of(provider.channel, self.story.title, task.take),
            words=scene.search,  # in English, by the model; without them the library makes its own
            language="en" if scene.search else self.story.language,
            channel=provider.channel,
            holder=f"{self.content_id}/{scene.index}/{task.take}",
        )

    @cached_property
    def thing(self) -> str:  # type: ignore[override]
        return effect_key(self.content_id, "clips", self.task.take, self.task.scene, self.story.title, self.task.shape)

    def key(self, provider: ProviderInChain[ClipMaker]) -> str:
        return effect_key(self.content_id, "clips", provider.maker.name, self.task.scene.index, *self.asked(provider))

    def provider_name(self, provider: ProviderInChain[ClipMaker]) -> str:
        return provider.maker.name

    def asked(self, provider: ProviderInChain[ClipMaker]) -> Sequence[Any]:
        order = self._order(provider)
        rounded = order.model_copy(update={"seconds": float(round(order.seconds)), "holder": ""})
        return [rounded.model_dump(mode="json"), self.task.still.image.sha256]

    def price(self, provider: ProviderInChain[ClipMaker]) -> Estimate | None:
        return provider.maker.estimate(self._order(provider))

    async def begin(self, provider: ProviderInChain[ClipMaker]) -> ClipJob:
        image = self.task.still.image
        still: bytes | None = None
        if image.size <= STILL_BYTES and self.task.still.card is None:  # a card is a background without its text
            still = b"".join([chunk async for chunk in self.media.read(image)])
        return await provider.maker.submit(self._order(provider), still)

    async def taken(self, provider: ProviderInChain[ClipMaker], job: ClipJob, state: ClipState) -> Packed:
        """Fetched, and taken in as the user's own media is: decoded to its end, with its still. Raises
        `ProviderRefused` (`nonsense`) for what is no clip."""
        self.scratch.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.scratch, prefix="clip-") as folder:
            async with beating("taking in the clip") as progress:
                try:
                    path = await provider.maker.fetch(job, Path(folder) / "clip")
                except ProviderUnavailable as error:
                    raise CallFailed(error) from error
                try:
                    media = await self.intake.add(
                        path, name="clip", field="clips", workdir=Path(folder), progress=progress
                    )
                except InvalidInput as error:
                    raise ProviderRefused(error.message, field=provider.maker.name, why="nonsense") from error
        if media.clip is None or media.still is None:
            raise ProviderRefused("it is no moving picture", field=provider.maker.name, why="nonsense")
        return Packed(_Filmed(media=media, credit=state.credit, job=job.id).model_dump_json())

    async def made(self, provider: ProviderInChain[ClipMaker], packed: Packed, file: AssetRef | None) -> Made[Picture]:
        found, task = _Filmed.model_validate_json(packed.meta), self.task
        media, credit = found.media, found.credit
        assert media.clip is not None and media.still is not None
        picture = Picture(
            scene=task.scene.index,
            image=media.still,
            provider=provider.maker.name,
            usd=packed.usd,
            clip=SceneClip(file=media.used, facts=media.clip, sound="mute"),
            credit=credit,
        )
        order = self._order(provider)
        clip = Noted(
            kind="picture",
            file=media.file,
            scene=task.scene.index,
            name="clip",
            prompt=order.prompt,
            seed=order.seed,
            take=task.take,
            made_of=() if credit else (task.still.image.sha256,),
            licence=credit.licence if credit else "",
            request_id=found.job,
            credit=credit,
        )
        rest = [each for each in dict.fromkeys([media.used, media.still]) if each != media.file]
        parts = [clip.model_copy(update={"file": each, "made_of": (media.file.sha256,), "prompt": ""}) for each in rest]
        return Made(picture, tuple(dict.fromkeys([media.file, *rest])), provider.maker.name, packed.usd, (clip, *parts))


@dataclass
class Clips:
    """Has clips made or found, on the render or gpu pool, where they are decoded. Without a chain every scene keeps its
    still."""

    catalog: Catalog
    media: MediaStore
    intake: MediaIntake
    scratch: Path
    makers: ProviderList[ClipMaker] | None = None
    purchasing: Purchasing | None = None

    @activity.defn
    async def film_scene(self, job: FilmScene) -> Picture:
        """The scene's clip with its still; the still as it was, with the reasons, where nobody makes one."""
        if self.makers is None or self.purchasing is None:
            return job.still.model_copy(update={"fell_back": (*job.still.fell_back, "clips: no provider is set up")})
        story = job.story or (await recalled(self.catalog, job.record)).untranslated
        spec = ClipSpec(job.content_id, job, story, self.media, self.intake, self.scratch)
        try:
            return told(await Buyer(self.catalog, self.media, self.purchasing).buy(spec, self.makers))
        except ChainExhausted as exhausted:
            why = tuple(f"clips: {line}" for line in exhausted.fell_back) or ("clips: no provider is set up",)
            return await self._still(job, why)

    async def _still(self, job: FilmScene, why: tuple[str, ...]) -> Picture:
        """The still in the clip's place, with the reasons in its evidence: a second row, since rows are not changed."""
        still = job.still
        noted = Noted(
            kind="picture",
            file=still.image,
            scene=job.scene.index,
            name="in a clip's place",
            take=job.take,
            licence=still.credit.licence if still.credit else picture_licence(still),
            credit=still.credit,
            fell_back=why,
        )
        kept = still.model_copy(update={"fell_back": (*still.fell_back, *why)})
        await self.catalog.record_result(
            effect_key(job.content_id, "clips", "still", job.take, job.scene.index, still.image.sha256, list(why)),
            content_id=job.content_id,
            step=ClipSpec.step,
            result_json=kept.model_dump_json(),
            assets=(still.image,),
            provider=still.provider,
            usd=0.0,
            noted=(noted,),
        )
        return kept.model_copy(update={"spent_usd": await self.catalog.spent(buyer())})  # clips that came to nothing
