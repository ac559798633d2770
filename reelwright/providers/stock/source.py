"""What the libraries share: how a hit is put together, downloaded and kept."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ids import sha256_of
from reelwright.domain.ports.providing import SearchCache, StockHit, StockLibrary, StockQuery
from reelwright.domain.redaction import redact_known

from ..common.downloading import BadDownload, Rule, download
from .choice import fits
from .rules import Rules

PHOTO_BYTES, CLIP_BYTES = 80_000_000, 400_000_000
DAY_S = 86_400.0
PAGES, ENOUGH = 2, 8
"""Pages of a search that are read at most, and hits that can be shown after which no further one is."""
_HITS = TypeAdapter(tuple[StockHit, ...])


class Gone(ProviderRefused):
    """The work was withdrawn between search and use, or its file is no file of the kind it should be."""


@dataclass(frozen=True)
class Rendition:
    """One file of a clip."""

    address: str
    width: int
    height: int
    media_type: str = "video/mp4"


def best(renditions: Iterable[Rendition], query: StockQuery, least_sharpness: float) -> Rendition | None:
    """The smallest one that needs no enlarging, else the largest of use; H.264 in MP4 before the rest."""
    usable = [one for one in renditions if one.address and fits(one.width, one.height, query, least_sharpness)]
    usable.sort(key=lambda one: (one.media_type != "video/mp4", one.width * one.height))
    kind = usable[0].media_type if usable else ""
    alike = [one for one in usable if one.media_type == kind]
    return next((one for one in alike if fits(one.width, one.height, query, 1.0)), alike[-1] if alike else None)


def orientation(query: StockQuery) -> str:
    """`portrait`, `landscape` or `square` for a query of one shape; empty for several."""
    names = {"9:16": "portrait", "16:9": "landscape", "1:1": "square"}
    return names[query.shapes[0]] if len(query.shapes) == 1 else ""


def raw_of(item: Any) -> tuple[str, str]:
    """What a source said of a work, as canonical JSON without our keys, and its sha256."""
    text = redact_known(json.dumps(item, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    return text, hashlib.sha256(text.encode()).hexdigest()


def whole(value: Any) -> int:
    """A number of pixels or seconds out of an answer; 0 where it is null or none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return 0
    try:
        return max(int(float(value)), 0)
    except (ValueError, OverflowError):
        return 0


def items(answer: dict[str, Any], key: str) -> list[dict[str, Any]] | None:
    """The objects of a list in an answer; None where there is no list."""
    found = answer.get(key)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else None


async def paged(
    page: Callable[[int], Awaitable[tuple[list[StockHit], bool]]], query: StockQuery, least_sharpness: float
) -> list[StockHit]:
    """The hits of the first pages (from 1; each with whether there are more), until there is a choice of them that can
    be shown."""
    found: dict[str, StockHit] = {}
    for number in range(1, PAGES + 1):
        hits, more = await page(number)
        found |= {hit.asset: hit for hit in hits if hit.asset not in found}
        if not more or sum(fits(hit.width, hit.height, query, least_sharpness) for hit in found.values()) >= ENOUGH:
            break
    return list(found.values())


async def fetched(hit: StockHit, to: Path, rules: Rules, vendor: str) -> Path:
    """The work in `to`. Raises `Gone` and `ProviderUnavailable`."""
    rule = Rule(
        most_bytes=CLIP_BYTES if hit.kind == "clip" else PHOTO_BYTES,
        allow_private=rules.allow_private,
        user_agent=rules.user_agent,
    )
    address = hit.address if rules.allow_private else re.sub("^http://", "https://", hit.address)
    try:
        return await download(address, to, rule, sha1=hit.sha1)
    except BadDownload as error:
        if error.later:
            away = ProviderUnavailable(error.reason, field=vendor, remedy="it is tried again by itself")
            away.cost_known = True
            raise away from error
        raise Gone(
            f"{hit.asset}: {error.reason}", field=vendor, remedy="another work is taken", why="nothing"
        ) from error


@dataclass(frozen=True)
class CachedLibrary:
    """A library whose searches are kept for a day, as the terms of Pexels and Pixabay want: the same words are not
    asked for twice. Works are read anew before they are used where that matters (`again`)."""

    library: StockLibrary
    cache: SearchCache
    within_s: float = DAY_S

    @property
    def name(self) -> str:
        """The library's."""
        return self.library.name

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """Those kept for the same query and words, else the library's own."""
        key = sha256_of([query.model_copy(update={"words": (), "seconds": 0.0}).model_dump(mode="json"), words])
        kept_answer = await self.cache.answer(self.name, key, self.within_s)
        if kept_answer is not None:
            return _HITS.validate_json(kept_answer)
        hits = tuple(await self.library.search(query, words))
        await self.cache.keep(self.name, key, _HITS.dump_json(hits).decode())
        return hits

    async def again(self, hit: StockHit) -> StockHit | None:
        """As the library says now."""
        return await self.library.again(hit)

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """As the library says now."""
        return await self.library.find(asset, query)

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """The library's."""
        return await self.library.fetch(hit, to)


def now() -> float:
    """Seconds since 1970."""
    return time.time()


def withdrawn(asset: str, vendor: str) -> Gone:
    """The error for a work that is no longer to be had."""
    return Gone(
        f"{asset}: it was withdrawn, or its licence has changed",
        field=vendor,
        remedy="another work is taken",
        why="nothing",
    )
