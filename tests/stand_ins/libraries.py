"""Pexels, Pixabay, Openverse and Wikimedia Commons as one catalogue of works, each in its own wire shape.

The shapes are those of docs/providers.md; of what libraries do that surprises: a search for portrait works finds others
too, sizes and rates are null, a playlist stands among the files, the largest file is missing, the page past the end is
an error at one and empty at another, errors come with status 200, addresses expire.
"""

from __future__ import annotations

import functools
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image
from pydantic import SecretStr

from reelwright.domain.ports.providing import StockLibrary
from reelwright.providers.stock.openverse import Openverse
from reelwright.providers.stock.pexels import Pexels
from reelwright.providers.stock.pixabay import Pixabay
from reelwright.providers.stock.rules import Rules
from reelwright.providers.stock.wikimedia import Wikimedia

from .server import Answer, Asked, Server, serving

KEY = "stock-key-0123456789abcdef"
CONTACT = "Reelwright/0.4 (studio@example.org) httpx"


@functools.cache
def photo(seed: int, width: int = 2_400, height: int = 2_400) -> bytes:
    """A picture with large shapes, always the same one for a seed: cheap to make, and unlike that of another seed."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    made = io.BytesIO()
    Image.fromarray(small).resize((width, height), Image.Resampling.BILINEAR).save(made, "JPEG", quality=80)
    return made.getvalue()


@dataclass
class Work:
    """A work in the catalogue. `says` is what the library says of its size, where that is wrong."""

    id: int
    data: bytes
    title: str = "a lighthouse at the sea"
    tags: tuple[str, ...] = ("lighthouse", "sea")
    author: str = "Ada Example"
    width: int = 2_400
    height: int = 2_400
    seconds: int = 0
    licence: str = "by 4.0"
    meta: dict[str, str] = field(default_factory=dict)
    gone: bool = False
    answer: Answer | None = None
    """In place of the file."""

    @property
    def kind(self) -> str:
        return "clip" if self.seconds else "photo"


@dataclass
class Twin:
    """One library. `works` may be changed at any time."""

    name: str
    works: list[Work] = field(default_factory=list)
    server: Server = field(init=False)

    @property
    def url(self) -> str:
        return self.server.url

    def answer(self, asked: Asked) -> Answer:
        if asked.path.startswith("/files/"):
            return self._file(int(asked.path.split("/")[2]))
        return getattr(self, f"_{self.name}")(asked)  # type: ignore[no-any-return]

    def library(self, rules: Rules | None = None, **options: Any) -> StockLibrary:
        """The adapter, set to this server."""
        rules = (rules or Rules(user_agent=CONTACT)).model_copy(update={"allow_private": True})
        made: dict[str, Callable[[], StockLibrary]] = {
            "pexels": lambda: Pexels(SecretStr(KEY), rules, self.url),
            "pixabay": lambda: Pixabay(SecretStr(KEY), rules, self.url),
            "openverse": lambda: Openverse(rules, self.url, **options),
            "wikimedia": lambda: Wikimedia(rules, self.url),
        }
        return made[self.name]()

    def calls(self) -> list[Asked]:
        """The requests that are no downloads."""
        return [asked for asked in self.server.asked if not asked.path.startswith("/files/")]

    def change(self, id: int, **fields: Any) -> None:
        self.works = [replace(work, **fields) if work.id == id else work for work in self.works]

    def _file(self, id: int) -> Answer:
        work = next((work for work in self.works if work.id == id), None)
        if work is None or work.gone:
            return Answer(410, b"gone")
        kind = "video/mp4" if work.seconds else "image/jpeg"
        return work.answer or Answer(200, work.data, {"Content-Type": kind})

    def _address(self, work: Work, rendition: str = "full") -> str:
        return f"{self.url}/files/{work.id}/{rendition}"

    def _found(self, kind: str, words: str) -> list[Work]:
        """All whose title or tags have one of the words; libraries know synonyms, which `*` stands for."""
        wanted = set(words.lower().split())
        return [
            work
            for work in self.works
            if work.kind == kind and not work.gone and wanted & {*work.title.lower().split(), *work.tags, "*"}
        ]

    # --- Pexels ------------------------------------------------------------------------------------------------------

    def _pexels(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != KEY:
            return Answer.of({"status": 401, "code": "Unauthorized"}, 401)
        limits = {"X_Ratelimit_Limit": "20000", "X_Ratelimit_Remaining": "19000", "X_Ratelimit_Reset": "1795000000"}
        if asked.path.endswith("/search"):
            kind = "clip" if "video" in asked.path else "photo"
            per_page, page = int(asked.query["per_page"]), int(asked.query["page"])
            found = self._found(kind, asked.query["query"])
            shown = found[(page - 1) * per_page : page * per_page]
            answer: dict[str, Any] = {"page": page, "per_page": per_page, "total_results": len(found)}
            answer["videos" if kind == "clip" else "photos"] = [self._pexels_item(work) for work in shown]
            if page * per_page < len(found):
                answer["next_page"] = f"{self.url}/v1/search?page={page + 1}"
            return Answer.of(answer, **limits)
        work = next((work for work in self.works if str(work.id) == asked.path.split("/")[-1] and not work.gone), None)
        if work is None:
            return Answer.of({"status": 404, "error": "Not Found"}, 404)
        return Answer.of(self._pexels_item(work), **limits)

    def _pexels_item(self, work: Work) -> dict[str, Any]:
        slug = work.title.replace(" ", "-")
        if not work.seconds:
            return {
                "id": work.id,
                "width": work.width,
                "height": work.height,
                "url": f"https://www.pexels.com/photo/{slug}-{work.id}/",
                "photographer": work.author,
                "photographer_url": "https://www.pexels.com/@ada",
                "photographer_id": 7,
                "avg_color": "#123456",
                "alt": work.title,
                "src": {"original": self._address(work), "portrait": self._address(work, "portrait"), "tiny": ""},
            }
        listed = {"fps": None, "quality": None, "file_type": "video/mp4"}
        return {
            "id": work.id,
            "width": work.width,
            "height": work.height,
            "url": f"https://www.pexels.com/video/{slug}-{work.id}/",
            "image": self._address(work, "image"),
            "duration": work.seconds,
            "user": {"id": 7, "name": work.author, "url": "https://www.pexels.com/@ada"},
            "video_files": [
                {"id": 1, **listed, "width": None, "height": None, "link": self._address(work, "hls")}
                | {"quality": "hls", "file_type": "application/x-mpegURL"},
                {"id": 2, **listed, "width": None, "height": None, "link": self._address(work, "unknown")},
                {"id": 3, **listed, "width": 270, "height": 480, "quality": "sd", "link": self._address(work, "sd")},
                {"id": 4, **listed, "width": work.width, "height": work.height, "link": self._address(work)},
            ],
            "video_pictures": [],
            "tags": list(work.tags),
        }

    # --- Pixabay -----------------------------------------------------------------------------------------------------

    def _pixabay(self, asked: Asked) -> Answer:
        plain = {"Content-Type": "text/plain"}
        if asked.query.get("key") != KEY:
            return Answer(400, b"[ERROR 400] Invalid or missing API key (https://pixabay.com/api/docs/).", plain)
        kind = "clip" if asked.path.startswith("/videos") else "photo"
        if "id" in asked.query:
            found = [work for work in self.works if str(work.id) == asked.query["id"] and not work.gone]
            if not found:
                return Answer(400, b'[ERROR 400] "id" is out of valid range.', plain)
            page, per_page = 1, 20
        else:
            found = self._found(kind, asked.query["q"])
            page, per_page = int(asked.query["page"]), int(asked.query["per_page"])
            if page > 1 and (page - 1) * per_page >= len(found):
                return Answer(400, b'[ERROR 400] "page" is out of valid range.', plain)
        shown = found[(page - 1) * per_page : page * per_page]
        return Answer.of(
            {
                "total": len(found) * 3,
                "totalHits": min(len(found), 500),
                "hits": [self._pixabay_item(work) for work in shown],
            },
            X_RateLimit_Limit="100",
            X_RateLimit_Remaining="99",
            X_RateLimit_Reset="60",
        )

    def _pixabay_item(self, work: Work) -> dict[str, Any]:
        item: dict[str, Any] = {
            "id": work.id,
            "pageURL": f"https://pixabay.com/id-{work.id}/",
            "tags": ", ".join(work.tags),
            "user": work.author,
            "user_id": 7,
        }
        if work.seconds:
            none = {"url": "", "width": 0, "height": 0, "size": 0, "thumbnail": ""}
            small = {"url": self._address(work, "tiny"), "width": 360, "height": 640, "size": 9, "thumbnail": ""}
            full = {"url": self._address(work), "width": work.width, "height": work.height, "size": 99}
            return item | {
                "type": "film",
                "duration": work.seconds,
                "videos": {"large": none, "medium": full, "tiny": small},
            }
        return item | {
            "type": "photo",
            "webformatURL": self._address(work, "web"),
            "largeImageURL": self._address(work, "large"),
            "imageURL": self._address(work),
            "imageWidth": work.width,
            "imageHeight": work.height,
            "imageSize": len(work.data),
        }

    # --- Openverse ---------------------------------------------------------------------------------------------------

    def _openverse(self, asked: Asked) -> Answer:
        if asked.path == "/v1/auth_tokens/token/":
            if b"client_secret=wrong" in asked.body:
                return Answer.of({"error": "invalid_client"}, 401)
            return Answer.of({"access_token": "openverse-token-1", "expires_in": 36_000, "token_type": "Bearer"})
        known = asked.headers.get("authorization") == "Bearer openverse-token-1"
        if asked.path == "/v1/images/":
            page_size, page = int(asked.query["page_size"]), int(asked.query["page"])
            if page_size > 20 and not known:
                return Answer.of({"detail": "Authentication credentials were not provided."}, 401)
            found = self._found("photo", asked.query["q"])  # whatever licence was asked for: filters may be dropped
            shown = found[(page - 1) * page_size : page * page_size]
            return Answer.of(
                {
                    "result_count": len(found),
                    "page_count": -(-len(found) // page_size),
                    "page_size": page_size,
                    "page": page,
                    "results": [self._openverse_item(work) for work in shown],
                }
            )
        work = next((work for work in self.works if self._uuid(work) in asked.path and not work.gone), None)
        return Answer.of(self._openverse_item(work)) if work else Answer.of({"detail": "Not found."}, 404)

    @staticmethod
    def _uuid(work: Work) -> str:
        return f"00000000-0000-4000-8000-{work.id:012d}"

    def _openverse_item(self, work: Work) -> dict[str, Any]:
        name, _, version = work.licence.partition(" ")
        return {
            "id": self._uuid(work),
            "title": work.title,
            "foreign_landing_url": f"https://www.flickr.com/photos/ada/{work.id}",
            "url": self._address(work),
            "creator": work.author,
            "creator_url": "https://www.flickr.com/photos/ada",
            "license": name,
            "license_version": version or None,
            "license_url": "https://creativecommons.org/licenses/by/4.0/",
            "provider": "flickr",
            "source": "flickr",
            "filesize": None,
            "filetype": None,
            "tags": [{"name": tag, "accuracy": None} for tag in work.tags],
            "attribution": f'"{work.title}" by {work.author} is licensed under CC.',
            "mature": False,
            "width": work.width,
            "height": work.height,
        }

    # --- Wikimedia Commons -------------------------------------------------------------------------------------------

    def _wikimedia(self, asked: Asked) -> Answer:
        if "@" not in asked.headers.get("user-agent", ""):
            return Answer(403, b"Please set a user-agent and respect our robot policy", {"Content-Type": "text/plain"})
        if "pageids" in asked.query:
            id = asked.query["pageids"]
            found = [work for work in self.works if str(work.id) == id and not work.gone]
            pages = [self._commons_item(work, 1) for work in found] or [{"pageid": int(id), "missing": True}]
            return Answer.of({"batchcomplete": True, "query": {"pages": pages}})
        words, _, kind = asked.query["gsrsearch"].partition(" filetype:")
        limit, offset = int(asked.query["gsrlimit"]), int(asked.query["gsroffset"])
        found = self._found("clip" if kind == "video" else "photo", words)
        shown = found[offset : offset + limit]
        if not shown:
            return Answer.of({"batchcomplete": True})
        pages = [self._commons_item(work, index) for index, work in enumerate(shown, start=1)]
        answer: dict[str, Any] = {"batchcomplete": True, "query": {"pages": pages[::-1]}}
        if offset + limit < len(found):
            answer["continue"] = {"gsroffset": offset + limit, "continue": "gsroffset||"}
        return Answer.of(answer)

    def _commons_item(self, work: Work, index: int) -> dict[str, Any]:
        code = work.licence.replace(" ", "-")
        machine = code if code.startswith(("cc", "pd")) else f"cc-{code}"
        meta = {
            "License": machine,
            "LicenseShortName": machine.upper(),
            "LicenseUrl": "https://creativecommons.org/licenses/by/4.0",
            "Artist": f'<a href="//commons.wikimedia.org/wiki/User:Ada" title="User:Ada">{work.author}</a>',
            "ObjectName": work.title,
            "ImageDescription": f"<p>{work.title}, seen <b>today</b></p>",
            "Categories": "|".join(work.tags),
            "Restrictions": "",
            **work.meta,
        }
        info: dict[str, Any] = {
            "url": self._address(work),
            "descriptionurl": f"https://commons.wikimedia.org/wiki/File:Work_{work.id}.jpg",
            "width": work.width,
            "height": work.height,
            "size": len(work.data),
            "sha1": hashlib.sha1(work.data, usedforsecurity=False).hexdigest(),
            "mime": "video/webm" if work.seconds else "image/jpeg",
            "user": "Ada",
            "extmetadata": {name: {"value": value} for name, value in meta.items() if value},
        }
        if work.seconds:
            info["duration"] = work.seconds + 0.04
        return {"pageid": work.id, "ns": 6, "title": f"File:{work.title}.jpg", "index": index, "imageinfo": [info]}


@contextmanager
def library_of(name: str, *works: Work) -> Iterator[Twin]:
    """A library with these works, until the end of the block."""
    twin = Twin(name, list(works))
    with serving(twin.answer) as server:
        twin.server = server
        yield twin


class Memory:
    """`StockMemory` and `SearchCache` without a database. Looks are the same where they are equal."""

    def __init__(self) -> None:
        self.places: dict[tuple[str, str], tuple[str, int | None]] = {}
        self.answers: dict[tuple[str, str], str] = {}

    async def shown(self, channel: str, assets: Any, holder: str = "") -> frozenset[str]:
        used = {asset for (of, by), (asset, _) in self.places.items() if of == channel and by != holder}
        return frozenset(used & set(assets))

    async def claim(self, channel: str, holder: str, hit: Any, look: int | None = None) -> bool:
        others = [at for (of, by), at in self.places.items() if of == channel and by != holder]
        if any(asset == hit.asset or (look is not None and seen == look) for asset, seen in others):
            return False
        self.places[channel, holder] = (hit.asset, look)
        return True

    async def answer(self, library: str, key: str, within_s: float) -> str | None:
        return self.answers.get((library, key))

    async def keep(self, library: str, key: str, answer: str) -> None:
        self.answers[library, key] = answer
