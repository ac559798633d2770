"""The pictures of a picture post on X (docs/platforms/x.md#pictures): each is uploaded in one request, and gets its
alternative text before the post. What is uploaded is not visible, and X deletes it after about a day.

`UploadSession.state`: `text` as for a video, `pictures` (`id`, `key`, `expires` and `told` of each, in order), and once
all are there what `Media.of` reads of a video: of the first picture, by which the post is found again.
"""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

from reelwright.domain.errors import PlatformTransient, SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles
from reelwright.domain.publishing.posting import PostDraft, PostPicture, UploadProgress, UploadSession

from .api import XApi
from .post import data_of, id_of
from .upload import LIFE_S, seconds_of

CATEGORY = "tweet_image"


class XPictures:
    """The uploads of all accounts. `life_s`: an upload that is older, in seconds, is made again, whatever X says of its
    life (UNVERIFIED)."""

    def __init__(self, api: XApi, *, life_s: float) -> None:
        self._api = api
        self._life_s = life_s

    def begin(self, draft: PostDraft, text: str) -> UploadSession:
        """Nothing is sent yet."""
        state = {"text": text, "pictures": []}
        return UploadSession(platform=Platform.X, account=draft.account, total=draft.picture_bytes, state=state)

    async def upload(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Uploads the pictures that are missing, each with its alternative text. Raises `SessionLost` when one has
        expired."""
        pictures: list[dict[str, Any]] = [dict(one) for one in session.state["pictures"]]
        expired = any(datetime.fromisoformat(one["expires"]) <= self._api.clock() for one in pictures)
        if expired or session.state.get("stale"):
            raise SessionLost("X no longer has a picture", field="upload", remedy="they are uploaded again")
        for number, picture in enumerate(draft.pictures):
            if number == len(pictures):
                pictures.append(await self._send(session.account, picture, await files.read(picture.file)))
                session = await _kept(session, pictures, draft, checkpoint)
            if picture.alt and not pictures[number]["told"]:
                await self._tell(session.account, pictures[number]["id"], picture.alt)
                pictures[number] = {**pictures[number], "told": True}
                session = await _kept(session, pictures, draft, checkpoint)
        return UploadProgress(committed=session.total, total=session.total)

    async def _send(self, account: str, picture: PostPicture, data: bytes) -> dict[str, Any]:
        body = {
            "media": base64.b64encode(data).decode(),
            "media_category": CATEGORY,
            "media_type": picture.file.media_type,
        }
        asked = self._api.clock()
        answer = data_of(
            await self._api.call(
                account, "POST", "/2/media/upload", "uploading a picture", attempts=4, upload=True, json=body
            )
        )
        media_id, key = id_of(answer), answer.get("media_key")
        if not media_id:
            raise PlatformTransient("X took a picture without an id", field="upload", remedy="it is tried again")
        life = min(seconds_of(answer.get("expires_after_secs"), LIFE_S), self._life_s)
        expires = (asked + timedelta(seconds=life)).isoformat()
        return {"id": media_id, "key": key if isinstance(key, str) else "", "expires": expires, "told": False}

    async def _tell(self, account: str, media_id: str, alt: str) -> None:
        """Repeating it is harmless."""
        body = {"id": media_id, "metadata": {"alt_text": {"text": alt}}}
        await self._api.call(account, "POST", "/2/media/metadata", "adding an alternative text", upload=True, json=body)


def media_ids(session: UploadSession) -> list[str]:
    """The pictures of a session in order; none where it is a video's."""
    return [one["id"] for one in session.state.get("pictures", ())]


async def _kept(
    session: UploadSession, pictures: list[dict[str, Any]], draft: PostDraft, checkpoint: Checkpoint
) -> UploadSession:
    """Puts the pictures on record as they now stand."""
    state = {**session.state, "pictures": [dict(one) for one in pictures]}
    if len(pictures) == len(draft.pictures):
        first, expires = pictures[0], min(one["expires"] for one in pictures)
        state |= {"media_id": first["id"], "media_key": first["key"], "segment": session.total, "sent": 1}
        state |= {"finalized": True, "processed": True, "expires": expires}
    session = session.model_copy(update={"state": state})
    await checkpoint(session, sum(one.file.size for one in draft.pictures[: len(pictures)]))
    return session
