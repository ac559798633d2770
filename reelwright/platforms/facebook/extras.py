"""What is added to a page's video once it exists: a thumbnail, caption tracks, the first comment."""

from __future__ import annotations

import logging
from typing import Any

from reelwright.domain.errors import PostRejected
from reelwright.domain.ports.publishing import PostFiles
from reelwright.domain.publishing.posting import Extra, ExtraKind, PublishedPost

from ..meta.api import Graph, checked_id, items_of, object_id
from . import post as fb

_log = logging.getLogger(__name__)

LISTED_PAGES = 4
THUMBNAIL_TYPES = {"image/jpeg": "jpg", "image/png": "png"}


class FacebookExtras:
    """`POST /{video}/thumbnails`, `/captions` and `/comments` (parameters: facebook_business's advideo.py)."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    async def attach(self, account: str, post: PublishedPost, extra: Extra, files: PostFiles) -> str:
        """One request; its id where Facebook gives one."""
        video = checked_id(post.post_id, "post_id")
        match extra.kind:
            case ExtraKind.THUMBNAIL if extra.file:
                suffix = THUMBNAIL_TYPES.get(extra.file.media_type)
                if suffix is None:
                    raise PostRejected(f"{extra.file.media_type} is not taken", field="thumbnail", remedy="use a JPEG")
                picture = (f"thumbnail.{suffix}", await files.read(extra.file), extra.file.media_type)
                return await self._send(
                    account, f"{video}/thumbnails", {"is_preferred": "true"}, files={"source": picture}
                )
            case ExtraKind.CAPTIONS if extra.file and extra.language in fb.LOCALES:
                locale = fb.LOCALES[extra.language]
                track = (f"captions.{locale}.srt", await files.read(extra.file), "application/octet-stream")
                return await self._send(account, f"{video}/captions", {}, files={"captions_file": track})
            case ExtraKind.COMMENT:
                return await self._send(account, f"{video}/comments", {"message": extra.text})
        raise PostRejected(f"Facebook has no place for it ({extra.kind.value})", field=extra.name)

    async def _send(self, account: str, path: str, form: dict[str, str], **rest: Any) -> str:
        doing = f"the {path.rpartition('/')[2]}"
        made = await self._graph.once(account, "POST", self._graph.url(path), doing, data=form, **rest)
        return object_id(made.get("id"))

    async def attached(self, account: str, post: PublishedPost, extra: Extra) -> str | None:
        """A comment by its text, a track by its locale. A thumbnail is always reported as missing: Facebook's own
        cannot be distinguished from ours, and setting it again changes nothing."""
        video = checked_id(post.post_id, "post_id")
        match extra.kind:
            case ExtraKind.COMMENT:
                page, _ = await self._graph.owner(account)
                params = {"fields": "id,message,from", "limit": "50"}
                listing = self._graph.pages(account, f"{video}/comments", "listing comments", LISTED_PAGES, **params)
                async for item in listing:
                    if comment := fb.comment_id(item, extra.text, page):
                        return comment
                return ""
            case ExtraKind.CAPTIONS:
                told = await self._graph.get(account, f"{video}/captions", "listing captions")
                wanted = fb.LOCALES.get(extra.language)
                found = [item for item in items_of(told) if item.get("locale") == wanted]
                return object_id(found[0].get("id")) or wanted if found else ""
        return ""
