"""What picture models have in common: the prompt, one seed for a story, the check of what comes, and the record."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate
from reelwright.domain.ports.making import Drawing

from ..common.lifecycles import need_alive
from .checking import fitted
from .prompting import Prompt, framed


@dataclass(frozen=True)
class Sent:
    """What a model sent: a picture file's bytes, what it cost, its id, and the seed that it used (None where it takes
    none)."""

    data: bytes
    usd: float = 0.0
    request_id: str = ""
    seed: int | None = None


class ModelIllustrator(ABC):
    """Implements `PricedIllustrator` for one model. `name` is all that decides how a picture looks besides prompt and
    seed: pictures are found again by it."""

    vendor: ClassVar[str]
    model: str

    @property
    @abstractmethod
    def name(self) -> str: ...

    @abstractmethod
    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        """Of one scene."""

    @abstractmethod
    async def make(self, prompt: Prompt, seed: int) -> Sent:
        """One square picture, as large as the model makes them. Raises `ProviderRefused` and `ProviderUnavailable`,
        with what was spent."""

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        """A JPEG of at least 1920x1920 with the subject in its middle. `prompt` ends with what was done to the picture.
        Raises `ProviderRefused` and `ProviderUnavailable`; also what is no picture has been paid for (`usd`)."""
        need_alive(self.vendor, self.model)
        prompt = framed(scene, story)
        sent = await self.make(prompt, seed)
        made = await asyncio.to_thread(fitted, sent.data, vendor=self.vendor, usd=sent.usd)
        return Drawing(
            data=made.data,
            media_type="image/jpeg",
            usd=sent.usd,
            request_id=sent.request_id,
            prompt=f"{prompt.with_negative}\n({made.done})",
            seed=sent.seed,
        )
