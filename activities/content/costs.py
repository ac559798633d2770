"""What a content is going to cost, before anything is bought for it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field
from temporalio import activity

from reelwright.domain.base import Model
from reelwright.domain.content.request import ContentRequest
from reelwright.domain.content.story import Story, WriteTask
from reelwright.domain.content.taken import TakenMedia
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.costs.estimate import ContentEstimate, Estimate
from reelwright.domain.costs.money import ZERO
from reelwright.domain.costs.whole import ClipShare, Plan, material_costs, paragraphs_of, planned, unwritten_costs
from reelwright.domain.ports.costs import BudgetBook, ChosenMakers, MakerChoice
from reelwright.domain.ports.making import PricedWriter, Writer
from reelwright.domain.text.spoken.reading import read_aloud


class EstimateMaterial(Model):
    """A written story whose material is about to be made. `own_pictures` and `own_speech` are the indices of scenes
    that have their own, `deliveries` those that are not spoken plainly."""

    content_id: str
    story: Story
    pronunciations: Mapping[str, str] = Field(default={})
    deliveries: Mapping[int, Delivery] = Field(default={})
    own_pictures: tuple[int, ...] = ()
    own_speech: tuple[int, ...] = ()
    own_music: bool = False
    clips: ClipShare = "none"

    @classmethod
    def of(cls, content_id: str, request: ContentRequest, story: Story, taken: TakenMedia) -> EstimateMaterial:
        """What is to be made of a story, where the request has brought what is `taken`."""
        scenes = story.scenes
        deliveries = {scene.index: request.delivery(scene.index, scene.turns) for scene in scenes}
        every = taken.narration is not None
        return cls(
            content_id=content_id,
            story=story.untranslated,
            pronunciations=request.pronunciations,
            deliveries={index: delivery for index, delivery in deliveries.items() if delivery != PLAIN},
            own_pictures=tuple(scene.index for scene in scenes if taken.of(scene)),
            own_speech=tuple(scene.index for scene in scenes if every or scene.index + 1 in taken.narrations),
            own_music=taken.music is not None,
            clips=request.clips,
        )


def writing_costs(writer: Writer, task: WriteTask) -> Estimate | None:
    """What a story may cost; None where it costs nothing."""
    return writer.estimate(task) if isinstance(writer, PricedWriter) else None


@dataclass
class Costs:
    """Adds up what a content's providers may charge. Without a `choice` all but the writing is made offline, and costs
    nothing."""

    budgets: BudgetBook
    writer: Writer
    choice: MakerChoice | None = None

    @activity.defn
    async def estimate_content(self, task: WriteTask) -> ContentEstimate:
        """The estimate of a content that is about to be written. Raises `OverBudget` where it may cost more than the
        request or the channel allows a content."""
        makers = await self._makers(task.content_id)
        writing = writing_costs(makers.writer or self.writer, task)
        purchases = [one for one in [writing] if one is not None and not one.free]
        return await self._admitted(task.content_id, [*purchases, *await self._unmade(makers, task, writing)])

    @activity.defn
    async def estimate_material(self, job: EstimateMaterial) -> ContentEstimate:
        """The estimate of all that is made of a written story, with what the content has cost. Raises `OverBudget`
        as above, before any of it is bought."""
        makers = await self._makers(job.content_id)
        spoken: dict[int, str] = {}
        for scene in job.story.scenes if makers.speaker is not None else ():
            reading = await asyncio.to_thread(read_aloud, scene.text, job.story.language, job.pronunciations)
            spoken[scene.index] = reading.text
        plan = Plan(
            job.story,
            own_pictures=frozenset(job.own_pictures),
            own_speech=frozenset(job.own_speech),
            own_music=job.own_music,
            spoken=spoken,
            deliveries=job.deliveries,
            clips=job.clips,
        )
        return await self._admitted(job.content_id, material_costs(makers, plan))

    async def _makers(self, content_id: str) -> ChosenMakers:
        if self.choice is None:
            return ChosenMakers(writer=self.writer)
        return await self.choice.makers(content_id)

    async def _unmade(self, makers: ChosenMakers, task: WriteTask, writing: Estimate | None) -> Sequence[Estimate]:
        """The material of a content that is not written. A script is read by its writer, where that is free."""
        request, clips = task.request, task.request.clips
        if request.script is None:
            return unwritten_costs(makers, request, clips)
        if not any((makers.speaker, makers.illustrator, makers.composer, makers.clips)):
            return ()
        asked = task.model_copy(update={"media_lines": True})
        exact = writing is not None and writing.free
        story = await (makers.writer or self.writer).write(asked) if exact else paragraphs_of(request)
        return material_costs(makers, planned(story, request, clips))

    async def _admitted(self, content_id: str, purchases: Sequence[Estimate]) -> ContentEstimate:
        limits, spent = await self.budgets.limits(content_id), await self.budgets.counted(content_id)
        limits.admit_content(purchases, spent)
        whole = sum(spent.values(), ZERO)
        return ContentEstimate(purchases=tuple(purchases), limit=limits.of_content, spent=whole)
