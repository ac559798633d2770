"""Clips of a library as scenes: found as others are made. Implements `domain.ports.providing.ClipMaker`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.providing import (
    ClipJob,
    ClipOrder,
    ClipState,
    StockHit,
    StockLibrary,
    StockMemory,
    StockQuery,
)

from .choice import ranked
from .illustrator import TRIES, nothing_fits
from .rules import Rules
from .source import withdrawn
from .taking import take_clip
from .words import query_words

_SEPARATOR = "|"


@dataclass(frozen=True)
class StockClips:
    """A submission is a search, and the job's id the found clip's with what it was chosen for: a restart asks for the
    same clip again. Nothing is paid; only a clip that the channel has not shown is taken."""

    library: StockLibrary
    memory: StockMemory
    rules: Rules = field(default_factory=Rules)

    @property
    def name(self) -> str:
        """The library's."""
        return self.library.name

    def estimate(self, order: ClipOrder) -> Estimate:
        """Nothing."""
        return free("clips", self.name)

    async def submit(self, order: ClipOrder, still: bytes | None = None) -> ClipJob:
        """Finds a clip; the still is not looked at. Raises `ProviderRefused` (`nothing`) where none fits."""
        words = order.words or query_words(order.prompt, order.language)
        query = StockQuery(
            words=words, kind="clip", shapes=(order.shape,), seconds=order.seconds, language=order.language
        )
        holder = order.holder or f"{order.seed}/{order.prompt[:200]}"
        why: list[str] = []
        tried: set[str] = set()
        """Works of an earlier search that were of no use."""
        for search in words:
            hits = ranked(await self.library.search(query, search), query, search, self.rules.least_sharpness)
            gone = 0
            while gone < TRIES:
                shown = await self.memory.shown(order.channel, [hit.asset for hit in hits], holder)
                hits = [hit for hit in hits if hit.asset not in shown | tried]
                if not hits:
                    break
                hit = hits.pop(0)
                tried.add(hit.asset)
                fresh = await self.library.again(hit)
                if fresh is None:
                    gone += 1
                    why.append(withdrawn(hit.asset, self.name).message)
                elif await self.memory.claim(order.channel, holder, fresh):
                    return ClipJob(provider=self.name, id=_id_of(fresh, order))
        raise nothing_fits(self.name, words, why)

    async def poll(self, job: ClipJob) -> ClipState:
        """Done as long as the library has it under a licence that is accepted."""
        hit = await self._hit(job)
        if hit is None:
            return ClipState(state="expired", why="it was withdrawn, or its licence has changed")
        return ClipState(state="done", progress=1.0, usd=0.0, credit=hit.credit)

    async def fetch(self, job: ClipJob, to: Path) -> Path:
        """The clip as the library has it. Raises `ProviderRefused` (`nothing`) where it is not what was chosen."""
        hit = await self._hit(job)
        if hit is None:
            raise withdrawn(f"{self.name}:{_parts(job)[0]}", self.name)
        with TemporaryDirectory(prefix="reelwright-stock-", dir=to.parent) as folder:
            file = await self.library.fetch(hit, Path(folder) / "file")
            await take_clip(file, hit, _query_of(job), self.rules.least_sharpness, Path(folder))
            return file.replace(to)

    async def cancel(self, job: ClipJob) -> None:
        """Nothing is under way."""

    async def _hit(self, job: ClipJob) -> StockHit | None:
        return await self.library.find(_parts(job)[0], _query_of(job))


def _id_of(hit: StockHit, order: ClipOrder) -> str:
    return _SEPARATOR.join((hit.credit.asset, order.shape, f"{order.seconds:g}"))


def _parts(job: ClipJob) -> tuple[str, str, str]:
    parts = job.id.split(_SEPARATOR)
    if len(parts) != 3:
        raise InvalidInput(f"{job.id[:60]!r} is no job of a library", field=job.provider, remedy="submit it anew")
    return parts[0], parts[1], parts[2]


def _query_of(job: ClipJob) -> StockQuery:
    _, shape, seconds = _parts(job)
    return StockQuery.model_validate({"words": (), "kind": "clip", "shapes": (shape,), "seconds": float(seconds)})
