"""Pexels: photos and clips (docs/providers.md#pexels). One key, never more: working around the limit ends it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reelwright.domain.errors import ProviderUnavailable
from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.domain.redaction import know

from ..common.answers import no_use
from ..common.http import Service, call, refusal
from .licensing import credit
from .rules import Rules
from .source import Rendition, best, fetched, items, now, orientation, paged, raw_of, whole

PER_PAGE = 40
UNKNOWN_WAIT_S = 900.0
"""A 429 has no headers: the hour's limit, or the month's. Asked again after this, which costs one call."""
_LOCALES = (
    *("en-US", "pt-BR", "es-ES", "ca-ES", "de-DE", "it-IT", "fr-FR", "sv-SE", "id-ID", "pl-PL", "ja-JP", "zh-CN"),
    *("ko-KR", "th-TH", "nl-NL", "hu-HU", "vi-VN", "cs-CZ", "da-DK", "fi-FI", "uk-UA", "el-GR", "ro-RO", "nb-NO"),
    *("sk-SK", "tr-TR", "ru-RU"),
)
_LOCALE = {name.split("-")[0]: name for name in _LOCALES}


class Pexels:
    """`rules` say what is of use."""

    name = "pexels"

    def __init__(self, key: SecretStr, rules: Rules, base: str) -> None:
        know(key, lasting=True)
        headers = {"Authorization": key.get_secret_value(), "User-Agent": rules.user_agent}
        self._service = Service(self.name, base, headers)
        self._rules = rules
        self._spent_until = 0.0
        """When the spent quota of the month is reset, as the last good answer said (seconds since 1970)."""

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """The hits of the first pages."""

        async def page(number: int) -> tuple[list[StockHit], bool]:
            params: dict[str, str | int] = {"query": words, "per_page": PER_PAGE, "page": number}
            params["locale"] = _LOCALE.get(query.language.split("-")[0], "en-US")
            if shape := orientation(query):
                params["orientation"] = shape
            path, key = ("videos/search", "videos") if query.kind == "clip" else ("v1/search", "photos")
            answer = await self._ask(path, params)
            found = items(answer, key)
            if found is None:
                raise no_use(self.name, f"its answer has no {key}")
            hits = [hit for item in found if (hit := self._hit(item, query, words))]
            return hits, bool(answer.get("next_page")) and bool(found)

        return await paged(page, query, self._rules.least_sharpness)

    async def again(self, hit: StockHit) -> StockHit | None:
        """The same: addresses stay, and the licence is the site's."""
        return hit

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """The work with this id."""
        path = f"videos/videos/{asset}" if query.kind == "clip" else f"v1/photos/{asset}"
        answer = await self._ask(path, {})
        return self._hit(answer, query, "") if answer else None

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """The file."""
        return await fetched(hit, to, self._rules, self.name)

    async def _ask(self, path: str, params: dict[str, str | int]) -> dict[str, Any]:
        """The answer; empty for a work that is not there."""
        if (left := self._spent_until - time.time()) > 0:
            raise _spent(self.name, left)
        reply = await call(self._service, "GET", path, params=params, also=(404, 410, 429))
        if reply.status in (404, 410):
            return {}
        if reply.status == 429:
            error = refusal(self._service, reply)
            throttled = isinstance(error, ProviderUnavailable) and error.retry_after_s is None
            raise _spent(self.name, UNKNOWN_WAIT_S) if throttled else error
        # The headers come with 200 alone: what they say is remembered for the 429, which has none.
        remaining, reset = (reply.headers.get(f"x-ratelimit-{name}", "") for name in ("remaining", "reset"))
        self._spent_until = float(whole(reset)) if remaining.strip() == "0" else 0.0
        return reply.object()

    def _hit(self, item: dict[str, Any], query: StockQuery, words: str) -> StockHit | None:
        return self._clip(item, query, words) if query.kind == "clip" else self._photo(item, words)

    def _photo(self, item: dict[str, Any], words: str) -> StockHit | None:
        sources = item.get("src")
        address = sources.get("original") if isinstance(sources, dict) else None
        if not isinstance(address, str) or not item.get("id"):
            return None
        author = str(item.get("photographer") or "")
        return self._made(item, words, address, author, item.get("photographer_url"), str(item.get("alt") or ""))

    def _clip(self, item: dict[str, Any], query: StockQuery, words: str) -> StockHit | None:
        files = items(item, "video_files") or []
        # An entry of the kind hls is a playlist, and has no size.
        renditions = [
            Rendition(str(file.get("link") or ""), whole(file.get("width")), whole(file.get("height")))
            for file in files
            if file.get("file_type") == "video/mp4"
        ]
        chosen = best(renditions, query, self._rules.least_sharpness)
        user = item.get("user") if isinstance(item.get("user"), dict) else {}
        if chosen is None or not item.get("id") or user is None:
            return None
        # The page's address says what is seen (`/video/woman-at-the-sea-857195/`): a clip has no title.
        told = str(item.get("url") or "").rstrip("/").rpartition("/")[2].replace("-", " ")
        hit = self._made(item, words, chosen.address, str(user.get("name") or ""), user.get("url"), told)
        tags = tuple(str(tag)[:60] for tag in item.get("tags") or () if isinstance(tag, str))[:40]
        return hit.model_copy(
            update={
                "kind": "clip",
                "width": chosen.width,
                "height": chosen.height,
                "seconds": float(whole(item.get("duration"))),
                "tags": tags,
            }
        )

    def _made(
        self, item: dict[str, Any], words: str, address: str, author: str, author_url: Any, title: str
    ) -> StockHit:
        raw, digest = raw_of(item)
        made = credit(
            self.name,
            str(item["id"]),
            raw_sha256=digest,
            licence="Pexels",
            page=str(item.get("url") or ""),
            title=title,
            author=author,
            author_url=str(author_url or ""),
            query=words,
        )
        line = f"{made.author or 'A photographer'} on Pexels {made.page}".strip()
        return StockHit(
            credit=made.model_copy(update={"line": line}),
            kind="photo",
            address=address,
            width=whole(item.get("width")),
            height=whole(item.get("height")),
            raw=raw,
            read_at=now(),
        )


def _spent(vendor: str, seconds: float) -> ProviderUnavailable:
    spent = ProviderUnavailable(
        "its quota is spent", field=vendor, remedy="it is asked again once it is reset", retry_after_s=round(seconds, 1)
    )
    spent.cost_known = True
    return spent
