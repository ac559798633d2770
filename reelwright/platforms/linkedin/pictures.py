"""The pictures of a picture post on LinkedIn (docs/platforms/linkedin.md#pictures): each is an image of its own, with
an address that takes its bytes. What is uploaded is not visible, and may be uploaded again.

`UploadSession.state`: `author`, `opened`, `tried` and `notes` as for a video; `images`: `image` (URN), `url`, `expires`
(seconds since the epoch, 0 unknown), `size` and `sent`, in the order of the pictures; `stale`: LinkedIn cannot use one.
"""

from __future__ import annotations

from typing import Any

from reelwright.domain.errors import SessionLost
from reelwright.domain.formats import Platform
from reelwright.domain.ports.publishing import Checkpoint, PostFiles
from reelwright.domain.publishing.posting import PostDraft, UploadProgress, UploadSession

from ..common.http import again, json_body
from .api import LinkedInApi
from .upload import committed, put, read_image

PUT_TRIES = 5


class LinkedInPictures:
    """The uploads of one application."""

    def __init__(self, api: LinkedInApi) -> None:
        self._api = api

    async def begin(self, draft: PostDraft, notes: list[str]) -> UploadSession:
        """Nothing is sent yet; each image is opened when its turn has come."""
        author = await self._api.author(draft)
        state = {"author": author, "opened": self._api.now(), "images": [], "notes": notes}
        return UploadSession(platform=Platform.LINKEDIN, account=draft.account, total=draft.picture_bytes, state=state)

    async def send(
        self, draft: PostDraft, session: UploadSession, files: PostFiles, checkpoint: Checkpoint
    ) -> UploadProgress:
        """Opens and fills the images that are missing. Raises `SessionLost` when an address has expired."""
        if session.state.get("stale"):
            raise SessionLost("LinkedIn could not use a picture", field="upload", remedy="they are uploaded again")
        images: list[dict[str, Any]] = [dict(image) for image in session.state["images"]]
        author = session.state["author"]
        for number, picture in enumerate(draft.pictures):
            if number == len(images):
                images.append(await self._open(draft, author, picture.file.size))
                session = await _kept(session, images, checkpoint)
            image = images[number]
            if image["sent"]:
                continue
            if 0 < image["expires"] <= self._api.now():
                raise SessionLost("an image's address has expired", field="upload", remedy="a new upload is begun")
            await self._put(image["url"], await files.read(picture.file))
            images[number] = {**image, "sent": True}
            session = await _kept(session, images, checkpoint)
        return UploadProgress(committed=session.total, total=session.total)

    async def _open(self, draft: PostDraft, author: str, size: int) -> dict[str, Any]:
        path, body = "/rest/images?action=initializeUpload", {"initializeUploadRequest": {"owner": author}}
        answer = json_body(await self._api.action(draft.account, path, body, "opening the upload", author))
        told = read_image(answer, self._api.url)
        return {
            "image": told["image"],
            "url": told["image_url"],
            "expires": told["expires"],
            "size": size,
            "sent": False,
        }

    async def _put(self, url: str, data: bytes) -> None:
        await again(lambda: put(self._api.client, url, data), attempts=PUT_TRIES, wait_s=self._api.retry_wait_s)


async def _kept(session: UploadSession, images: list[dict[str, Any]], checkpoint: Checkpoint) -> UploadSession:
    """Puts the images on record as they now stand."""
    session = session.model_copy(update={"state": {**session.state, "images": [dict(image) for image in images]}})
    await checkpoint(session, committed(session))
    return session
