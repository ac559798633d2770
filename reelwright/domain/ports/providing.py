"""What the providers' adapters implement beyond `making`: prices before a purchase, found works, and clips that are
made by a job which takes minutes.

All calls are coroutines but the estimates, which make no call. Errors are `ProviderUnavailable` (a later try may
succeed) and `ProviderRefused` (it will not; `why` says how), both with what was spent all the same (`usd`), and
`InvalidInput` for what is asked for wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from pydantic import Field

from ..base import Model
from ..content.credit import Credit
from ..content.story import Mood, Scene, Story
from ..content.voice import Delivery
from ..costs.estimate import Estimate
from .making import Composer, Illustrator, Speaker

Shape = Literal["16:9", "9:16", "1:1"]


@runtime_checkable
class PricedSpeaker(Speaker, Protocol):
    """A speaker whose narrations may cost something."""

    def estimate(self, text: str, *, language: str, delivery: Delivery) -> Estimate:
        """Of one scene (step `speech`)."""
        ...


@runtime_checkable
class PricedIllustrator(Illustrator, Protocol):
    """An illustrator whose pictures may cost something."""

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        """Of one scene (step `images`)."""
        ...


@runtime_checkable
class PricedComposer(Composer, Protocol):
    """A composer whose music may cost something."""

    def estimate(self, mood: Mood, *, duration_s: float) -> Estimate:
        """Of one track (step `music`)."""
        ...


class ClipOrder(Model):
    """A moving picture for one scene: what it shows, for how many seconds, in which shape. `seed` is a hint.

    The rest is for makers that look for a clip: `words` to search with, from the most to the least fitting (without
    them the prompt), their `language`, and who shows it: a channel, and the place in it (`holder`: a scene of one
    content), so that nothing is shown twice."""

    prompt: str
    seconds: float = Field(gt=0)
    shape: Shape = "9:16"
    seed: int | None = None
    words: tuple[str, ...] = ()
    language: str = "en"
    channel: str = ""
    holder: str = ""


class ClipJob(Model):
    """A job at a provider, by its id there. It is on record before it is asked about: it was paid for with the
    submission."""

    provider: str
    id: str


class ClipState(Model):
    """What has become of a job. `why` is the provider's reason where it failed (ours to show, already cleaned);
    `usd` is the price, as soon as it is known; `retry_after_s` when to ask again, where the provider says so. Of a
    found clip there is the `credit` as soon as it is done."""

    state: Literal["waiting", "running", "done", "failed", "refused", "expired"]
    progress: float = 0.0
    why: str = ""
    usd: float | None = None
    retry_after_s: float | None = None
    credit: Credit | None = None


class ClipMaker(Protocol):
    """Makes clips by jobs: submit, ask until it is done, fetch. `name` is provider and model (`runway:gen4_turbo`)."""

    @property
    def name(self) -> str: ...

    def estimate(self, order: ClipOrder) -> Estimate:
        """Of one clip (step `clips`)."""
        ...

    async def submit(self, order: ClipOrder, still: bytes | None = None) -> ClipJob:
        """Begins it; with a `still` (JPEG or PNG) as its first picture, where the provider takes one. Not idempotent:
        call it once, and put the job on record before anything else."""
        ...

    async def poll(self, job: ClipJob) -> ClipState:
        """Costs nothing, and may be repeated at will."""
        ...

    async def fetch(self, job: ClipJob, to: Path) -> Path:
        """Writes the finished clip to `to`, whole or not at all; also again, as long as the provider has it. MP4, of
        libraries also WebM: whoever takes it in looks at what it is."""
        ...

    async def cancel(self, job: ClipJob) -> None:
        """Asks for its end; what is done already is done."""
        ...


class StockQuery(Model):
    """What to look for: search words from the most to the least fitting, in `language` (libraries know English best),
    and the least that is of use."""

    words: tuple[str, ...]
    kind: Literal["photo", "clip"] = "photo"
    shapes: tuple[Shape, ...] = ("16:9", "9:16", "1:1")
    seconds: float = 0.0
    pixels: int = 1_080
    """The shorter side of the video."""
    language: str = "en"


class StockHit(Model):
    """One found work. `address` is where the rendition that fits best lies now; addresses expire, so it is fetched at
    once and never kept. `raw` is what the source said of the work, as JSON without secrets; `read_at` when (seconds
    since 1970); `sha1` that of the file at `address`, where the source says it."""

    credit: Credit
    kind: Literal["photo", "clip"]
    address: str
    width: int
    height: int
    seconds: float = 0.0
    tags: tuple[str, ...] = ()
    raw: str = ""
    read_at: float = 0.0
    sha1: str = ""

    @property
    def asset(self) -> str:
        """Its name among all libraries: `pexels:123`."""
        return f"{self.credit.provider}:{self.credit.asset}"


class StockLibrary(Protocol):
    """A library of photos and clips, found by words. All calls raise `ProviderUnavailable` and `ProviderRefused`: an
    empty answer is that there is nothing, never that something went wrong."""

    @property
    def name(self) -> str: ...

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """What it has for one of the query's `words`, best first; empty where it has nothing."""
        ...

    async def again(self, hit: StockHit) -> StockHit | None:
        """The work as it is now, right before it is used: a fresh address and licence. None where it was withdrawn, or
        may no longer be used. Sources whose answers hold for a day give back what they are given."""
        ...

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """The work with this id of the library's, in the rendition that fits the query; None where it has none."""
        ...

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """Writes the work to `to`, whole or not at all."""
        ...


class StockMemory(Protocol):
    """Which works a channel has shown, so that it does not show them again and again. A `holder` is one place (a scene
    of one content): what it holds itself is free to it, so that a repeated attempt finds the same work."""

    async def shown(self, channel: str, assets: Sequence[str], holder: str = "") -> frozenset[str]:
        """Those of the assets (`pexels:123`) that other places of the channel have used."""
        ...

    async def claim(self, channel: str, holder: str, hit: StockHit, look: int | None = None) -> bool:
        """Notes that the place shows the work, in place of what it showed before, and keeps what the source said of
        it. False, and nothing noted, where another place of the channel shows it already, or a picture that looks the
        same (`look` is its perceptual hash). Claims of a channel take turns."""
        ...


class SearchCache(Protocol):
    """Answers of libraries, which their terms want kept for a day."""

    async def answer(self, library: str, key: str, within_s: float) -> str | None:
        """What was kept under the key not longer ago than that."""
        ...

    async def keep(self, library: str, key: str, answer: str) -> None: ...
