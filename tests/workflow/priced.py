"""Makers whose material may cost something, with prices that can be reckoned by hand."""

from __future__ import annotations

from reelwright.domain.content.story import Mood, Scene, Story, WriteTask
from reelwright.domain.content.voice import PLAIN, Delivery
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.costs.money import Money
from reelwright.domain.ports.costs import ChosenMakers
from reelwright.domain.ports.providing import ClipOrder

from .fakes import Makers


def priced(step: str, provider: str, usd: str, times: int = 1) -> Estimate:
    """At most twice as much as usually."""
    return Estimate(step=step, provider=provider, usual=Money.of(usd) * times, worst=Money.of(usd) * (2 * times))


class PricedSpeech(Makers):
    """A tenth of a cent a character."""

    def estimate(self, text: str, *, language: str, delivery: Delivery = PLAIN) -> Estimate:
        return priced("speech", "v:speech", "0.001", len(text))


class PricedPictures(Makers):
    """Ten cents a picture."""

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        return priced("images", "p:images", "0.10")


class PricedMusic(Makers):
    """A cent a second."""

    def estimate(self, mood: Mood, *, duration_s: float) -> Estimate:
        return priced("music", "m:music", "0.01", round(duration_s))


class PricedClips(Makers):
    """A dollar a clip."""

    def estimate(self, order: ClipOrder) -> Estimate:
        return priced("clips", "c:clips", "1")


class PricedWriting(Makers):
    """A cent a story; a script is free."""

    def estimate(self, task: WriteTask) -> Estimate:
        return free("writing", "script") if task.request.script else priced("writing", "w:writing", "0.01")


class Choice:
    """Always these makers."""

    def __init__(self, writer: Makers | None = None, *, clips: bool = False) -> None:
        self.chosen = ChosenMakers(
            writer=writer or PricedWriting(),
            speaker=PricedSpeech(),
            illustrator=PricedPictures(),
            composer=PricedMusic(),
            clips=PricedClips() if clips else None,  # type: ignore[arg-type]
        )

    async def makers(self, content_id: str) -> ChosenMakers:
        return self.chosen
