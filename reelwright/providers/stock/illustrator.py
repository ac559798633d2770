"""Photos of a library as scenes. Implements `domain.ports.providing.PricedIllustrator`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from reelwright.domain.content.story import Scene, Story
from reelwright.domain.costs.estimate import Estimate, free
from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.making import Drawing
from reelwright.domain.ports.providing import StockHit, StockLibrary, StockMemory, StockQuery

from .choice import ranked
from .rules import Rules
from .source import Gone, withdrawn
from .taking import TakenPhoto, take_photo
from .words import search_words

TRIES = 4
"""Works of one search that are fetched at most, until one is what its source says."""


def nothing_fits(library: str, words: Sequence[str], why: Sequence[str] = ()) -> ProviderRefused:
    """The error by which a chain goes on to its next provider: a picture that does not fit is worse than another's."""
    reasons = f" ({'; '.join(why[-3:])})" if why else ""
    return ProviderRefused(
        f"it has nothing that fits {', '.join(repr(each) for each in words) or 'a scene without words'}{reasons}",
        field=library,
        remedy="give the scene a brief that names what is seen, or media of your own",
        why="nothing",
    )


@dataclass(frozen=True)
class StockIllustrator:
    """Shows a photo that fits the scene's words, can be cropped to all formats, and that the channel has not shown."""

    library: StockLibrary
    memory: StockMemory
    rules: Rules = field(default_factory=Rules)

    @property
    def name(self) -> str:
        """The library's."""
        return self.library.name

    def estimate(self, scene: Scene, *, story: Story) -> Estimate:
        """Nothing."""
        return free("images", self.name)

    async def draw(self, scene: Scene, *, story: Story, seed: int, channel: str = "") -> Drawing:
        """Raises `ProviderRefused` (`nothing`) where nothing fits."""
        searches = search_words(scene, story)
        words = tuple(search.words for search in searches)
        # The same scene asked for again finds the same photo; another take, or other words, another one.
        holder = f"{seed}/{scene.index}/{sha256_of(list(words))[:8]}"
        why: list[str] = []
        away: ProviderUnavailable | None = None
        tried: set[str] = set()
        """Works of an earlier search that were of no use."""
        for search, language in searches:
            query = StockQuery(words=words, language=language)
            hits = ranked(await self.library.search(query, search), query, search, self.rules.least_sharpness)
            failures = 0
            while failures < TRIES:
                # Read anew each time: scenes are drawn at once, and another may have taken the best meanwhile.
                shown = await self.memory.shown(channel, [hit.asset for hit in hits], holder)
                hits = [hit for hit in hits if hit.asset not in shown | tried]
                if not hits:
                    break
                hit = hits.pop(0)
                tried.add(hit.asset)
                try:
                    fresh, photo = await self._taken(hit, query)
                except Gone as error:
                    failures += 1
                    why.append(error.message)
                    continue
                except ProviderUnavailable as error:
                    failures += 1
                    away = error
                    continue
                if await self.memory.claim(channel, holder, fresh, photo.look):
                    return Drawing(photo.data, "image/jpeg", credit=fresh.credit, prompt=search)
                why.append(f"{hit.asset}: the channel has shown it, or one that looks the same")
        raise away or nothing_fits(self.name, words, why)

    async def _taken(self, hit: StockHit, query: StockQuery) -> tuple[StockHit, TakenPhoto]:
        """The work as it is now, and its photo. Raises `Gone` where it may no longer be used, and
        `ProviderUnavailable`."""
        fresh = await self.library.again(hit)
        if fresh is None:
            raise withdrawn(hit.asset, self.name)
        with TemporaryDirectory(prefix="reelwright-stock-") as folder:
            file = await self.library.fetch(fresh, Path(folder) / "file")
            return fresh, await take_photo(file, fresh, query, self.rules.least_sharpness, Path(folder))
