"""Picture posts on Instagram (docs/platforms/instagram.md#pictures): one picture, or a carousel.

Instagram takes no picture's bytes, only a public address from which it fetches them. Each picture of a carousel gets a
container of its own; another one holds them in order, and the text. From there on it is as with a video: nothing is
visible until `media_publish`, and the container's state shows the outcome.

`UploadSession.state`: `items` (the pictures' containers, in order), `container` (the one to be published), `begun`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from reelwright.domain.errors import PlatformTransient, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.platforms.facts import PictureRules
from reelwright.domain.ports.publishing import Checkpoint, PostFiles
from reelwright.domain.publishing.posting import PostDraft, PostPicture, UploadProgress, UploadSession

from ..common.pictures import require_public
from ..meta.api import Graph, beginning, object_id
from . import post as ig

LOOKS = 5
"""So often the pictures' containers are read in one attempt, with growing pauses."""
Read = Callable[[UploadSession, str], Awaitable[dict[str, Any] | None]]
"""Reads a container by its id; None while Instagram does not find it."""


class InstagramPictures:
    """`alt_texts`: whether the pictures of a carousel get alternative texts too (UNVERIFIED for them)."""

    def __init__(
        self, graph: Graph, rules: PictureRules, *, alt_texts: bool, read: Read, clock: Callable[[], datetime]
    ) -> None:
        self._graph = graph
        self.rules = rules
        self._alt_texts = alt_texts
        self._read = read
        self._now = clock

    def check_address(self, address: str) -> None:
        """See `PostsPictures.check_address`."""
        require_public(address, self._graph.api_url, self._graph.label)

    def begin(self, draft: PostDraft) -> UploadSession:
        """Nothing is sent yet: every container needs an address that must not have expired when it is made."""
        state = {"items": [], "begun": self._now().isoformat()}
        return UploadSession(platform=Platform.INSTAGRAM, account=draft.account, total=draft.picture_bytes, state=state)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Makes the containers that are missing. One that is made twice expires unseen."""
        done = UploadProgress(committed=session.total, total=session.total)
        if session.state.get("container"):
            await self._finished(session, [str(session.state["container"])], looks=1, wait=False)
            return done
        owner, _ = await self._graph.owner(session.account)
        single = len(draft.pictures) == 1
        items = [item for item in session.state.get("items", ()) if object_id(item)]
        for number, picture in enumerate(draft.pictures[len(items) :], start=len(items)):
            form = await self._item(picture, files, carousel=not single)
            if single:
                form |= ig.shared_fields(draft)
            items.append(await self._make(session.account, owner, form))
            session = _with(session, items=list(items), **({"container": items[0]} if single else {}))
            await checkpoint(session, sum(one.file.size for one in draft.pictures[: number + 1]))
        if not single:
            await self._finished(session, items, looks=LOOKS)
            form = {"media_type": "CAROUSEL", "children": ",".join(items), **ig.shared_fields(draft)}
            session = _with(session, container=await self._make(session.account, owner, form))
            await checkpoint(session, session.total)
        return done

    async def _item(self, picture: PostPicture, files: PostFiles, *, carousel: bool) -> dict[str, str]:
        address = await files.address(picture.file)
        self.check_address(address)
        form = {"image_url": address, **({"is_carousel_item": "true"} if carousel else {})}
        if picture.alt and (self._alt_texts or not carousel):
            form["alt_text"] = picture.alt
        return form

    async def _make(self, account: str, owner: str, form: dict[str, str]) -> str:
        with beginning():
            made = await self._graph.post(account, f"{owner}/media", "making the container", form)
        if container := object_id(made.get("id")):
            return container
        raise PlatformTransient(
            "Instagram made a container without telling its id", field="upload", remedy="it is tried again"
        )

    async def _finished(self, session: UploadSession, items: list[str], *, looks: int, wait: bool = True) -> None:
        """Returns when Instagram has fetched and processed all of them; with `wait` off one that is still being
        processed is no fault. Raises `SessionLost` for one that has failed or expired."""
        pending = list(items)
        for look in range(looks):
            left: list[str] = []
            for item in pending:
                container = await self._read(session, item)
                state = ig.state_of(container) if container is not None else ""
                if container is not None and state in ("ERROR", "EXPIRED"):
                    why = ig.readiness(container).reason
                    raise SessionLost(f"a picture's container is {state}: {why}", field="upload", remedy="made anew")
                if state not in ("FINISHED", "PUBLISHED"):
                    left.append(item)
            pending = left
            if not pending or not wait:
                return
            await asyncio.sleep(self._pause(look))
        raise PlatformTransient(
            "Instagram has not fetched all pictures yet", field="upload", remedy="it is asked again", retry_after_s=5.0
        )

    def _pause(self, look: int) -> float:
        """Seconds after that look."""
        return self._graph.retry_wait_s * (look + 1)


def _with(session: UploadSession, **changes: Any) -> UploadSession:
    return session.model_copy(update={"state": {**session.state, **changes}})
