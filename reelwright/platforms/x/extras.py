"""What is added to a post on X once it exists: the thread's replies and the first comment.

Each is a reply of the account's own in the post's conversation, found again by its text.

Source: docs/platforms/x.md, docs/platforms/README.md#retries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from reelwright.domain.errors import PlatformTransient, PostRejected
from reelwright.domain.publishing.posting import Extra, PostDraft, PublishedPost

from ..common.http import json_body, unreachable
from . import post as x_post
from .api import Found, XApi
from .errors import is_duplicate, x_error
from .post import CLOCKS_DIFFER, check_id
from .text import same_text


@dataclass(frozen=True)
class XExtras:
    """`listed_within`: how long X may take to list a reply."""

    api: XApi
    listed_within: timedelta
    clock: Callable[[], datetime]

    async def attach(self, draft: PostDraft, post: PublishedPost, extra: Extra, before: str) -> str:
        """Replies to the post, or to the reply before. An open outcome is transient here: `attached` reads it later."""
        to = before or post.post_id
        check_id(to)
        try:
            response = await self.api.send(
                draft.account, "POST", "/2/tweets", json=x_post.reply_body(draft, extra.text, to)
            )
        except httpx.HTTPError as error:
            raise unreachable("X", error) from None
        if 200 <= response.status_code < 300:
            if created := x_post.id_of(x_post.data_of(json_body(response))):
                return created
            raise PlatformTransient("X did not say which post the reply is", field=extra.name)
        if is_duplicate(response):
            # An earlier attempt of this reply has waited until X would list it (`attached`): an unlisted one is
            # another's.
            found = await self._reply(draft, post, extra)
            if found.post:
                return x_post.id_of(found.post)
            raise PostRejected("X refuses it as a duplicate", field=extra.name, remedy="change the text")
        raise x_error(response, self.clock(), doing="the reply", posting=True)

    async def attached(self, draft: PostDraft, post: PublishedPost, extra: Extra, since: datetime | None) -> str | None:
        """The reply among the account's own posts in this conversation. That it is not there is certain only once X
        has had time to list it `since` it may have been made; until then it is transient."""
        found = await self._reply(draft, post, extra)
        if found.post:
            return x_post.id_of(found.post)
        if not found.complete:
            return None
        now = self.clock()
        left = self.listed_within - (now - (since or now))
        if left > timedelta():
            raise PlatformTransient(
                "X may list a reply late", field=extra.name, retry_after_s=max(1.0, left.total_seconds())
            )
        return ""

    async def _reply(self, draft: PostDraft, post: PublishedPost, extra: Extra) -> Found:
        """The account's own reply with this text in the post's conversation, as far as X lists it now."""
        check_id(post.post_id)

        def ours(listed: dict[str, Any]) -> bool:
            here = listed.get("conversation_id") == post.post_id and listed.get("id") != post.post_id
            return here and same_text(extra.text, x_post.full_text(listed))

        return await self.api.find(draft.account, x_post.made_at(post.post_id) - CLOCKS_DIFFER, ours)
