"""What is added to a post on Instagram once it exists: the first comment. Covers and captions have no place there."""

from __future__ import annotations

from dataclasses import dataclass

from reelwright.domain.errors import PostRejected
from reelwright.domain.publishing.posting import Extra, ExtraKind, PublishedPost

from ..meta.api import Graph, checked_id, object_id
from . import post as ig
from .lookup import LISTED_PAGES


@dataclass(frozen=True)
class InstagramExtras:
    """`POST` and `GET /{media}/comments`."""

    graph: Graph

    async def attach(self, account: str, post: PublishedPost, extra: Extra) -> str:
        """The first comment. One request: `attached` decides whether it must be made again."""
        if extra.kind is not ExtraKind.COMMENT:
            raise PostRejected(f"Instagram has no place for it ({extra.kind.value})", field=extra.name)
        url = self.graph.url(f"{checked_id(post.post_id, 'post_id')}/comments")
        form = {"message": extra.text}
        made = await self.graph.once(account, "POST", url, "the comment", data=form)
        return object_id(made.get("id"))

    async def attached(self, account: str, post: PublishedPost, extra: Extra) -> str | None:
        """Our comment with this text."""
        owner, _ = await self.graph.owner(account)
        path = f"{checked_id(post.post_id, 'post_id')}/comments"
        params = {"fields": "id,text,from", "limit": "50"}
        async for item in self.graph.pages(account, path, "listing comments", LISTED_PAGES, **params):
            if found := ig.comment_id(item, extra.text, owner):
                return found
        return ""
