"""A story, as it is bought."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from reelwright.domain.assets import AssetRef
from reelwright.domain.channels.config import Capability
from reelwright.domain.content.story import Story, WriteTask, require_scenes, require_size
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.errors import ProviderRefused
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.buying import Packed
from reelwright.domain.ports.making import Writer
from reelwright.domain.text.spoken.reading import require_readable

from ..made import Made
from .asset_specs import CallSpec, ProviderInChain
from .costs import writing_costs

ELSEWHERE = frozenset({"max_usd", "request_key", "post_again"})
"""Fields of a request that have nothing to do with its story."""


@dataclass(frozen=True)
class StorySpec(CallSpec[Writer, Story, Story]):
    """A story from whatever the request brings. The same request of a channel gets the same one."""

    capability: ClassVar[Capability] = "writing"
    step: ClassVar[str] = "writing"
    model = Story

    content_id: str
    task: WriteTask

    @cached_property
    def _asked(self) -> WriteTask:
        """What it may cost is no part of what is written: with a higher limit the same story is found again."""
        return self.task.model_copy(update={"request": self.task.request.model_copy(update={"max_usd": None})})

    @cached_property
    def thing(self) -> str:  # type: ignore[override]
        return effect_key(self.task.content_id, "writing", self._asked)

    def key(self, provider: ProviderInChain[Writer]) -> str:
        return self.thing

    def provider_name(self, provider: ProviderInChain[Writer]) -> str:
        return provider.maker.name

    def asked(self, provider: ProviderInChain[Writer]) -> Sequence[Any]:
        request = self.task.request.model_dump(mode="json", exclude=set(ELSEWHERE))
        return [request, self._asked.model_dump(mode="json", exclude={"content_id", "request"})]

    def price(self, provider: ProviderInChain[Writer]) -> Estimate | None:
        return writing_costs(provider.maker, self.task)

    async def ask(self, provider: ProviderInChain[Writer]) -> Story:
        return await provider.maker.write(self.task)

    def pack(self, answer: Story) -> Packed:
        if not answer.text.strip():
            raise ProviderRefused("a story without words", usd=answer.usd, why="nonsense")
        return Packed(answer.model_dump_json(), usd=answer.usd, provider=answer.writer)

    def recalled(self, meta: str) -> Packed:
        """With the price that it has of its own."""
        return Packed(meta, usd=Story.model_validate_json(meta).usd)

    async def made(self, provider: ProviderInChain[Writer], packed: Packed, file: AssetRef | None) -> Made[Story]:
        story, request = Story.model_validate_json(packed.meta), self.task.request
        field = "script" if request.script is not None else request.source
        require_size(story, field=field)
        texts = [scene.text for scene in story.scenes]
        await asyncio.to_thread(require_readable, texts, story.language, field=field)
        require_scenes(story, request)
        ordered = self._asked.model_dump_json(exclude={"content_id", "previous"}, exclude_defaults=True)
        noted = Noted.of_story(story, ordered)
        return Made(story, provider=story.writer, usd=packed.usd, noted=(noted,))
