"""Wikimedia Commons: photos and clips, each with a licence of its own (docs/providers.md#wikimedia-commons)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reelwright.domain.errors import ProviderRefused, ProviderUnavailable
from reelwright.domain.ports.providing import StockHit, StockQuery
from reelwright.domain.text.incoming import foreign

from ..common.answers import AGAIN, retry_after
from ..common.http import Service, call
from .licensing import credit, credit_line, licence_of, name_of
from .rules import Rules
from .source import CLIP_BYTES, PHOTO_BYTES, fetched, now, paged, raw_of, whole

PER_PAGE = 40
THUMB = 3_840
"""One of the widths that are served; any other is refused for good."""
_BUSY = frozenset(
    {"maxlag", "ratelimited", "readonly", "internal_api_error_DBQueryError", "cirrussearch-too-busy-error"}
)
_PLAIN = frozenset({"image/jpeg", "image/png", "image/webp"})
_CLIPS = frozenset({"video/webm", "video/ogg", "application/ogg", "video/mp4"})
_READ = {
    "action": "query",
    "format": "json",
    "formatversion": "2",
    "maxlag": "5",
    "prop": "imageinfo",
    "iiprop": "url|size|mime|sha1|user|timestamp|extmetadata",
    "iiurlwidth": str(THUMB),
}


class Wikimedia:
    """`rules.user_agent` must name somebody who can be asked: without, Wikimedia refuses."""

    name = "wikimedia"

    def __init__(self, rules: Rules, base: str) -> None:
        self._service = Service(self.name, base, {"User-Agent": rules.user_agent})
        self._rules = rules

    async def search(self, query: StockQuery, words: str) -> Sequence[StockHit]:
        """The hits of the first pages."""
        kind = "video" if query.kind == "clip" else "bitmap"

        async def page(number: int) -> tuple[list[StockHit], bool]:
            params = {
                "generator": "search",
                "gsrnamespace": "6",
                "gsrsearch": f"{_plain(words)} filetype:{kind}",
                "gsrlimit": str(PER_PAGE),
                "gsroffset": str((number - 1) * PER_PAGE),
            }
            answer = await self._ask(params)
            found = sorted(_pages(answer), key=lambda item: whole(item.get("index")))
            return [hit for item in found if (hit := self._hit(item, query, words))], "continue" in answer

        return await paged(page, query, self._rules.least_sharpness)

    async def again(self, hit: StockHit) -> StockHit | None:
        """As its page says now."""
        fresh = await self.find(hit.credit.asset, StockQuery(words=(), kind=hit.kind))
        return fresh and fresh.model_copy(
            update={"credit": fresh.credit.model_copy(update={"query": hit.credit.query})}
        )

    async def find(self, asset: str, query: StockQuery) -> StockHit | None:
        """The work with this page id."""
        found = _pages(await self._ask({"pageids": asset}))
        return self._hit(found[0], query, "") if found else None

    async def fetch(self, hit: StockHit, to: Path) -> Path:
        """The file. An original is compared with the sha1 that its page names."""
        return await fetched(hit, to, self._rules, self.name)

    async def _ask(self, params: dict[str, str]) -> dict[str, Any]:
        """The answer. Errors come with status 200."""
        reply = await call(self._service, "GET", "api.php", params={**_READ, **params})
        answer = reply.object()
        error = answer.get("error")
        if not isinstance(error, dict):
            return answer
        code, info = str(error.get("code"))[:100], foreign(str(error.get("info") or ""))
        if code in _BUSY or code.startswith("internal_api_error"):
            busy = ProviderUnavailable(
                f"{code}: {info}",
                field=self.name,
                remedy=AGAIN,
                retry_after_s=retry_after(reply.headers),
            )
            busy.cost_known = True
            raise busy
        raise ProviderRefused(f"{code}: {info}", field=self.name, remedy="change the words", why="input")

    def _hit(self, item: dict[str, Any], query: StockQuery, words: str) -> StockHit | None:
        """None for a work that may not be used, or is no picture or clip."""
        infos = item.get("imageinfo")
        info = infos[0] if isinstance(infos, list) and infos and isinstance(infos[0], dict) else {}
        meta = info.get("extmetadata") if isinstance(info.get("extmetadata"), dict) else {}
        licence = self._licence(meta or {})
        file = _file(info, query)
        if not licence or file is None or not item.get("pageid"):
            return None
        address, width, height, sha1 = file
        raw, digest = raw_of(item)
        title, author = name_of(_value(meta, "ObjectName")) or _stem(item), name_of(_value(meta, "Artist"))
        page = str(info.get("descriptionurl") or "")
        attribution = name_of(_value(meta, "Attribution"))
        made = credit(
            self.name,
            str(item["pageid"]),
            raw_sha256=digest,
            licence=licence,
            page=page,
            title=title,
            author=author or str(info.get("user") or ""),
            licence_url=_value(meta, "LicenseUrl"),
            line=credit_line(title, attribution, licence, page) if attribution else "",
            query=words,
        )
        told = " ".join((_stem(item), name_of(_value(meta, "ImageDescription"))))
        tags = (told[:300], *(part[:60] for part in _value(meta, "Categories").split("|") if part))[:40]
        return StockHit(
            credit=made,
            kind=query.kind,
            address=address,
            width=width,
            height=height,
            seconds=float(info["duration"]) if isinstance(info.get("duration"), (int, float)) else 0.0,
            tags=tags,
            raw=raw,
            read_at=now(),
            sha1=sha1,
        )

    def _licence(self, meta: dict[str, Any]) -> str:
        """Empty where the machine-readable licence is missing or not accepted, where the file is not free or about to
        be deleted, and where persons or marks restrict its use: nobody looks at it here."""
        if any(_value(meta, name).strip() not in ("", "false", "0") for name in ("NonFree", "DeletionReason")):
            return ""
        if _value(meta, "Restrictions").strip():
            return ""
        return licence_of(_value(meta, "License"), self._rules.licences)


def _pages(answer: dict[str, Any]) -> list[dict[str, Any]]:
    query = answer.get("query")
    pages = query.get("pages") if isinstance(query, dict) else None
    found = [page for page in pages if isinstance(page, dict)] if isinstance(pages, list) else []
    return [page for page in found if not page.get("missing")]


def _file(info: dict[str, Any], query: StockQuery) -> tuple[str, int, int, str] | None:
    """Address, size and, of an original, the sha1 of the file to fetch."""
    mime, width, height = str(info.get("mime") or ""), whole(info.get("width")), whole(info.get("height"))
    size, url = whole(info.get("size")), str(info.get("url") or "")
    if query.kind == "clip":
        usable = mime in _CLIPS and url and size <= CLIP_BYTES
        return (url, width, height, str(info.get("sha1") or "")) if usable else None
    if mime in _PLAIN and width <= THUMB and size <= PHOTO_BYTES and url:
        return url, width, height, str(info.get("sha1") or "")
    thumb = str(info.get("thumburl") or "")
    smaller = whole(info.get("thumbwidth")), whole(info.get("thumbheight"))
    return (thumb, *smaller, "") if thumb and mime.startswith("image/") else None


def _value(meta: Any, name: str) -> str:
    """The value of a field of extmetadata; a localised one in English, or its first."""
    held = meta.get(name) if isinstance(meta, dict) else None
    value = held.get("value") if isinstance(held, dict) else None
    if isinstance(value, dict):
        value = value.get("en") or next((text for key, text in value.items() if key != "_type"), "")
    return str(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _stem(item: dict[str, Any]) -> str:
    """The file's name without namespace and ending."""
    return name_of(str(item.get("title") or "").partition(":")[2].rpartition(".")[0].replace("_", " "))


def _plain(words: str) -> str:
    """Without the signs that the search takes for operators."""
    return " ".join("".join(char if char.isalnum() else " " for char in words).split())
