"""Openverse: openly licensed photos of many sources (docs/providers.md#openverse). An index, whose licences may be
stale: each is read anew before it is used."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.domain.redaction import know

from ..common.answers import no_use
from ..common.http import Service, call, get_json
from .licensing import credit, licence_of
from .rules import Rules
from .source import fetched, items, now, orientation, paged, raw_of, whole

PER_PAGE = 20
"""More is answered with 401 where there is no token."""
_SHAPES = {"portrait": "tall", "landscape": "wide", "square": "square"}


class Openverse:
    """Photos alone. Without `client` (id and secret) as anybody, whom it allows little."""

    name = "openverse"

    def __init__(self, rules: Rules, base: str, client: tuple[str, SecretStr] | None = None) -> None:
        if client is not None:
            know(client[1], lasting=True)
        self._rules = rules
        self._client = client
        self._base = base
        self._token = ("", 0.0)
        """And the monotonic second from which on it is no longer used."""
        self._lock = asyncio.Lock()

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """The hits of the first pages; no clips."""
        if query.kind == "clip":
            return []

        async def page(number: int) -> tuple[list[StockHit], bool]:
            params: dict[str, str | int] = {
                "q": words[:200],
                "license": ",".join(sorted(self._rules.licences)),
                "mature": "false",
                "filter_dead": "true",
                "page": number,
                "page_size": PER_PAGE,
            }
            if shape := orientation(query):
                params["aspect_ratio"] = _SHAPES[shape]
            answer = await get_json(await self._service(), "v1/images/", params)
            found = items(answer, "results")
            if found is None:
                raise no_use(self.name, "its answer has no results")
            hits = [hit for item in found if (hit := self._hit(item, words))]
            return hits, number < whole(answer.get("page_count"))

        return await paged(page, query, self._rules.least_sharpness)

    async def again(self, hit: StockHit) -> StockHit | None:
        """As it is listed now."""
        fresh = await self.find(hit.credit.asset, StockQuery(words=()))
        return fresh and fresh.model_copy(
            update={"credit": fresh.credit.model_copy(update={"query": hit.credit.query})}
        )

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """The photo with this id."""
        if query.kind == "clip":
            return None
        reply = await call(await self._service(), "GET", f"v1/images/{asset}/", also=(404, 410))
        return None if reply.status in (404, 410) else self._hit(reply.object(), "")

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """The file, of the source's host."""
        return await fetched(hit, to, self._rules, self.name)

    async def _service(self) -> Service:
        headers = {"User-Agent": self._rules.user_agent}
        if self._client is None:
            return Service(self.name, self._base, headers)
        async with self._lock:
            if time.monotonic() >= self._token[1]:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": self._client[0],
                    "client_secret": self._client[1].get_secret_value(),
                }
                anybody = Service(self.name, self._base, headers)
                answer = (await call(anybody, "POST", "v1/auth_tokens/token/", form=form)).object()
                token = answer.get("access_token")
                if not isinstance(token, str) or not token:
                    raise no_use(self.name, "its answer has no access_token")
                know(token)
                self._token = (token, time.monotonic() + 0.9 * whole(answer.get("expires_in")))
        return Service(self.name, self._base, {**headers, "Authorization": f"Bearer {self._token[0]}"})

    def _hit(self, item: dict[str, Any], words: str) -> StockHit | None:
        """None for a work that may not be used: what it says of itself counts, not what was asked for."""
        licence = licence_of(_code(item), self._rules.licences)
        address, asset = item.get("url"), item.get("id")
        if not licence or not isinstance(address, str) or not isinstance(asset, str) or item.get("mature") is True:
            return None
        raw, digest = raw_of(item)
        made = credit(
            self.name,
            asset,
            raw_sha256=digest,
            licence=licence,
            page=str(item.get("foreign_landing_url") or ""),
            title=str(item.get("title") or ""),
            author=str(item.get("creator") or ""),
            author_url=str(item.get("creator_url") or ""),
            licence_url=str(item.get("license_url") or ""),
            query=words,
        )
        tags = tuple(str(tag.get("name"))[:60] for tag in items(item, "tags") or [] if tag.get("name"))[:40]
        return StockHit(
            credit=made,
            kind="photo",
            address=address,
            width=whole(item.get("width")),
            height=whole(item.get("height")),
            tags=tags,
            raw=raw,
            read_at=now(),
        )


def _code(item: dict[str, Any]) -> str:
    """`by-sa 2.0`, `cc0`, `pdm`."""
    name, version = str(item.get("license") or "").lower(), str(item.get("license_version") or "")
    return name if name in ("cc0", "pdm") else f"{name} {version}"
