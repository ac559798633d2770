"""A Facebook page's photos and posts of photos at wire level (docs/platforms/facebook.md#pictures).

`op`s: `put` (a photo is uploaded), `publish` (the feed), `poll` (a photo is read), `read` (lists). `expire_session` at
`publish` lets the account's photos that are in no post vanish.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from ..store import Post, SandboxStore, Session
from ..wire import NoAnswer, take_fault
from .access import FACEBOOK, Call, Refusal, fresh_id, missing, only, paged, written
from .accounts import page_of
from .facebook import FacebookSettings

MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF")
KIND = "feed"
"""The `kind` of a post with photos."""


class Photos:
    """The handlers, over a store. A session's id is its photo's."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store

    def _own(self, call: Call) -> str:
        if call.id not in (page_of(call.account), "me"):
            raise missing(call.id)
        return page_of(call.account)

    async def upload(self, call: Call) -> Response:
        """`POST /{page}/photos`: a photo; without `published=false` it is a post at once."""
        page, source = self._own(call), call.files.get("source")
        data = await source.read() if source else b""
        if take_fault(self._store, FACEBOOK, "put", {"reset_at_byte"}, (0, len(data)), call.account):
            return NoAnswer(call.request)
        if take_fault(self._store, FACEBOOK, "put", {"partial_commit"}, account=call.account):
            raise Refusal(1, "Please reduce the amount of data you're asking for, then retry your request")
        if not data.startswith(MAGIC):
            raise Refusal(324, "(#324) Requires upload file")
        if len(data) > self._store.platform_settings(FacebookSettings).photo_bytes:
            raise Refusal(1, "Your photos couldn't be uploaded. Photos should be smaller than 4 MB.", 1366046)
        photo, kind = fresh_id("7", 16), (source.content_type if source else None) or "image/jpeg"
        meta: dict[str, Any] = {"kind": "photo", "alt": call.params.get("alt_text_custom", ""), "file_size": len(data)}
        self._store.add_session(Session(photo, FACEBOOK, call.account, meta, kind, 0, created=self._store.now()))
        self._store.fill_session(photo, data)
        if call.flag("published", True):
            post_id = self._post(call, page, [self._photo(call, photo)], call.params.get("caption", ""))
            return JSONResponse({"id": photo, "post_id": post_id})
        return JSONResponse({"id": photo})

    def _photo(self, call: Call, photo: str) -> Session:
        session = self._store.session(photo)
        if session is None or (session.platform, session.account) != (FACEBOOK, call.account):
            raise missing(photo)
        if session.meta["kind"] != "photo":
            raise missing(photo)
        return session

    async def feed(self, call: Call) -> Response:
        """`POST /{page}/feed` with `attached_media`: the post."""
        page = self._own(call)
        try:
            attached = json.loads(call.params.get("attached_media", "[]"))
            names = [str(one["media_fbid"]) for one in attached]
        except (ValueError, TypeError, KeyError):
            raise Refusal(100, "(#100) Param attached_media must be an array of objects") from None
        if not names and not call.params.get("message"):
            raise Refusal(100, "(#100) The post is empty")
        if take_fault(self._store, FACEBOOK, "publish", {"expire_session"}, account=call.account):
            for name in names:
                self._store.drop_session(name)
        photos = [self._photo(call, name) for name in names]
        if any(photo.post_id for photo in photos):
            raise Refusal(100, "(#100) This photo was already posted", 1366051)
        if not photos:
            raise Refusal(100, "(#100) Posts without photos are not served here")
        return JSONResponse({"id": self._post(call, page, photos, call.params.get("message", ""))})

    def _post(self, call: Call, page: str, photos: list[Session], text: str) -> str:
        post_id = f"{page}_{fresh_id('12', 15)}"
        meta = {
            "kind": KIND,
            "photos": [photo.id for photo in photos],
            "alt_texts": [photo.meta["alt"] for photo in photos],
        }
        self._store.publish_pictures(photos, post_id, text=text, meta=meta)
        return post_id

    async def read_photo(self, call: Call) -> Response:
        """`GET /{photo}`."""
        session = self._photo(call, call.id)
        node = {"id": session.id, "alt_text_custom": session.meta["alt"]}
        if session.post_id and self._store.post(session.post_id):
            node["page_story_id"] = session.post_id
        return JSONResponse(only(node, call.fields))

    def is_photo(self, object_id: str) -> bool:
        """Whether there is a photo of this id."""
        session = self._store.session(object_id)
        return session is not None and session.platform == FACEBOOK and session.meta["kind"] == "photo"

    async def published_posts(self, call: Call) -> Response:
        """`GET /{page}/published_posts`, newest first."""
        self._own(call)
        lag, now = self._store.platform_settings(FacebookSettings).listed_after_s, self._store.now()
        posts = self._store.posts(FACEBOOK, call.account)
        seen = [post for post in posts if post.meta["kind"] == KIND and now - post.created >= lag]
        return JSONResponse(paged(call, [only(node_of(post), call.fields, ("message",)) for post in seen]))


def node_of(post: Post) -> dict[str, Any]:
    """A post of photos as Graph shows it: several photos are attachments of an attachment."""
    parts: list[dict[str, Any]] = [{"type": "photo", "target": {"id": photo}} for photo in post.meta["photos"]]
    if len(parts) == 1:
        attachment: dict[str, Any] = parts[0]
    else:
        attachment = {"type": "album", "target": {"id": parts[0]["target"]["id"]}, "subattachments": {"data": parts}}
    return {
        "id": post.post_id,
        "message": post.text,
        "created_time": written(post.created),
        "permalink_url": f"/watch?v={post.post_id}",
        "attachments": {"data": [attachment]},
    }
