"""Pixabay: photos and clips (docs/providers.md#pixabay). Its key stands in the address, so no address is ever shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reelwright.domain.errors import ProviderRefused
from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.domain.redaction import know

from ..common.answers import Told, no_use
from ..common.http import Reply, Service, get_json
from ..common.reading import plainly
from .licensing import credit
from .rules import Rules
from .source import Rendition, best, fetched, items, now, orientation, paged, raw_of, whole

PER_PAGE = 100
FRESH_S = 3_600.0
"""Addresses of pictures expire in about a day: an older one is asked for anew."""
_LARGE, _FULL_HD = 1_280, 1_920
_LANGUAGES = frozenset(
    [
        *("cs", "da", "de", "en", "es", "fr", "id", "it", "hu", "nl", "no", "pl", "pt"),
        *("ro", "sk", "fi", "sv", "tr", "vi", "th", "bg", "ru", "el", "ja", "ko", "zh"),
    ]
)


class Pixabay:
    """`rules` say what is of use. Videos are found without a filter for their shape: that is looked at here."""

    name = "pixabay"

    def __init__(self, key: SecretStr, rules: Rules, base: str) -> None:
        know(key, lasting=True)
        self._service = Service(
            self.name,
            base,
            headers={"User-Agent": rules.user_agent},
            params={"key": key.get_secret_value()},
            read_error=_told,
        )
        self._rules = rules

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """The hits of the first pages."""

        async def page(number: int) -> tuple[list[StockHit], bool]:
            params: dict[str, str | int] = {
                "q": words[:100],
                "safesearch": "true",
                "per_page": PER_PAGE,
                "page": number,
                "order": "popular",
            }
            language = query.language.split("-")[0]
            params["lang"] = language if language in _LANGUAGES else "en"
            if query.kind == "photo":
                params["image_type"] = "photo"
                if (shape := orientation(query)) in ("portrait", "landscape"):
                    params["orientation"] = "vertical" if shape == "portrait" else "horizontal"
            hits, total = await self._ask(query, params, words)
            return hits, number * PER_PAGE < total

        return await paged(page, query, self._rules.least_sharpness)

    async def again(self, hit: StockHit) -> StockHit | None:
        """With a fresh address, where the one at hand may have expired."""
        if hit.kind == "clip" or now() - hit.read_at < FRESH_S:
            return hit
        fresh = await self.find(hit.credit.asset, StockQuery(words=(), kind=hit.kind))
        return fresh and fresh.model_copy(
            update={"credit": fresh.credit.model_copy(update={"query": hit.credit.query})}
        )

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """The work with this id. One that is not there is answered with 400, or with no hits."""
        hits, _ = await self._ask(query, {"id": asset, "safesearch": "true"}, "")
        return next((hit for hit in hits if hit.credit.asset == asset), None)

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """The file."""
        return await fetched(hit, to, self._rules, self.name)

    async def _ask(self, query: StockQuery, params: dict[str, str | int], words: str) -> tuple[list[StockHit], int]:
        """Hits, and how many there are; none for a page or a work that is not there."""
        try:
            answer = await get_json(self._service, "videos/" if query.kind == "clip" else "", params)
        except ProviderRefused as error:
            if error.why == "nothing":
                return [], 0
            raise
        found = items(answer, "hits")
        if found is None:
            raise no_use(self.name, "its answer has no hits")
        made = self._clip if query.kind == "clip" else self._photo
        return [hit for item in found if (hit := made(item, query, words))], whole(answer.get("totalHits"))

    def _photo(self, item: dict[str, Any], query: StockQuery, words: str) -> StockHit | None:
        width, height = whole(item.get("imageWidth")), whole(item.get("imageHeight"))
        if not width or not height or not item.get("id"):
            return None
        # The first two come with keys that Pixabay has approved for them.
        for key, longest in (("imageURL", max(width, height)), ("fullHDURL", _FULL_HD), ("largeImageURL", _LARGE)):
            if address := item.get(key):
                share = min(longest / max(width, height), 1.0)
                return self._made(
                    item, words, "photo", str(address), round(width * share), round(height * share), "Image"
                )
        return None

    def _clip(self, item: dict[str, Any], query: StockQuery, words: str) -> StockHit | None:
        videos = item.get("videos")
        files = videos.values() if isinstance(videos, dict) else ()
        renditions = [
            Rendition(str(file.get("url") or ""), whole(file.get("width")), whole(file.get("height")))
            for file in files
            if isinstance(file, dict)
        ]
        chosen = best(renditions, query, self._rules.least_sharpness)
        if chosen is None or not item.get("id"):
            return None
        hit = self._made(item, words, "clip", chosen.address, chosen.width, chosen.height, "Video")
        return hit.model_copy(update={"seconds": float(whole(item.get("duration")))})

    def _made(
        self, item: dict[str, Any], words: str, kind: str, address: str, width: int, height: int, what: str
    ) -> StockHit:
        raw, digest = raw_of(item)
        made = credit(
            self.name,
            str(item["id"]),
            raw_sha256=digest,
            licence="Pixabay",
            page=str(item.get("pageURL") or ""),
            author=str(item.get("user") or ""),
            query=words,
        )
        line = f"{what} by {made.author or 'a user'} from Pixabay {made.page}".strip()
        tags = tuple(tag.strip()[:60] for tag in str(item.get("tags") or "").split(",") if tag.strip())[:40]
        return StockHit.model_validate(
            {
                "credit": made.model_copy(update={"line": line}),
                "kind": kind,
                "address": address,
                "width": width,
                "height": height,
                "tags": tags,
                "raw": raw,
                "read_at": now(),
            }
        )


def _told(reply: Reply) -> Told:
    """Errors are plain text: `[ERROR 400] "page" is out of valid range.`"""
    if reply.status == 400 and ("out of valid range" in reply.text or '"id"' in reply.text):
        return Told(message="there is no such page", why="nothing")
    if reply.status == 400 and "API key" in reply.text:
        return Told(why="key")
    return plainly(reply)
