"""Instagram's part of the Graph API at wire level: containers, their publishing, reads, comments, the quota.

Source: docs/platforms/instagram.md, docs/platforms/README.md#sandbox. `op`s: `start` (a container is made), `put`
(rupload), `poll` (a container is read), `publish` (media_publish), `read` (everything else that is read), `write`
(comments), `delete`. `fail_processing` at `start`, `put` or `poll` lets the container fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from starlette.responses import JSONResponse, Response

from ..store import Post, SandboxStore, Session
from ..wire import take_fault
from .access import (
    DAY,
    INSTAGRAM,
    Call,
    MetaSettings,
    Refusal,
    day_quota,
    fresh_id,
    hidden,
    missing,
    only,
    paged,
    phase,
)
from .accounts import instagram_user
from .pictures import DOWNLOAD, Fetched, check_picture, children_of, fetch

CAPTION, HASHTAGS, MENTIONS = 2_200, 30, 20
_TEXTS = ("caption", "share_to_feed", "thumb_offset", "audio_name", "is_ai_generated", "is_paid_partnership")


@dataclass(frozen=True)
class InstagramSettings(MetaSettings):
    """How Instagram behaves."""

    PLATFORM: ClassVar[str] = INSTAGRAM
    quota_total: int = 50
    """Posts in any 24 hours; the docs name 25, 50 and 100."""
    containers_per_day: int = 400
    container_s: float = DAY
    carousel_most: int = 10
    """The most items of a carousel: 10 is documented, 20 is said to work."""
    empty_status_polls: int = 0
    """The number of reads with an empty `status_code`, in which the text has the state."""
    second_publish: str = "post"
    """What publishing a published container does, which is not documented: `post` makes a second post, `error` not."""
    status_lag_s: float = 0.0
    """A published container still reads FINISHED for so long."""
    tells_bytes: bool = True
    """Whether containers have `video_status` (not verified)."""


class Instagram:
    """The handlers, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store

    def settings(self) -> InstagramSettings:
        """Those in force."""
        return self._store.platform_settings(InstagramSettings)

    def own(self, call: Call) -> str:
        """The requested Instagram user, which must be the token's."""
        if call.id != instagram_user(call.account):
            raise missing(call.id)
        return call.id

    # --- containers -------------------------------------------------------------------------------------------------

    async def create(self, call: Call) -> Response:
        """`POST /{ig-user}/media`: a container, and for a resumable one the address of its bytes."""
        self.own(call)
        settings = self.settings()
        if call.params.get("media_type") == "CAROUSEL" or call.params.get("image_url"):
            return await self._create_pictures(call, settings)
        _check_container(call)
        day_ago = self._store.now() - DAY
        made = sum(session.created > day_ago for session in self._store.sessions(INSTAGRAM, call.account))
        if made >= settings.containers_per_day:
            raise day_quota()
        told = {name: call.params[name] for name in (*_TEXTS, "media_type") if name in call.params}
        meta: dict[str, Any] = {"told": told, "published": []}
        resumable = call.params.get("upload_type") == "resumable"
        if not resumable:
            meta |= {"fail": "Media download has failed. The media URI doesn't meet our requirements.", "file_size": 0}
        if fault := take_fault(self._store, INSTAGRAM, "start", {"fail_processing"}, account=call.account):
            meta["fail"] = fault.reason or "Media upload has failed with error code 2207053"
        container = self._add(call, meta, "video/mp4")
        body = {"id": container}
        if resumable:
            body["uri"] = str(call.request.url.replace(path=f"/ig-api-upload/v26.0/{container}", query=""))
        return JSONResponse(body)

    def _add(self, call: Call, meta: dict[str, Any], kind: str) -> str:
        container, now = fresh_id("1790", 17), self._store.now()
        self._store.add_session(Session(container, INSTAGRAM, call.account, meta, kind, 0, created=now))
        return container

    async def _create_pictures(self, call: Call, settings: InstagramSettings) -> Response:
        """A container for one picture, for an item of a carousel, or for the carousel itself: its bytes are those of
        its items, one after the other."""
        carousel = call.params.get("media_type") == "CAROUSEL"
        check_picture(call)
        _check_texts(call)
        children = children_of(call, self._store, settings.carousel_most) if carousel else []
        if not all(self._finished(child, settings) for child in children):
            raise Refusal(9007, "Media ID is not available", 2207027)
        day_ago = self._store.now() - DAY
        if sum(one.created > day_ago for one in self._store.sessions(INSTAGRAM, call.account)) >= (
            settings.containers_per_day
        ):
            raise day_quota()
        told = {name: call.params[name] for name in (*_TEXTS, "caption", "alt_text") if name in call.params}
        told["media_type"] = "CAROUSEL_ALBUM" if carousel else "IMAGE"
        fetched = Fetched(b"".join(self._store.session_file(child.id).read_bytes() for child in children))
        if not carousel:
            fetched = await fetch(call.need("image_url"))
            span, points = (0, max(1, len(fetched.data))), {"reset_at_byte", "partial_commit"}
            if take_fault(self._store, INSTAGRAM, "start", points, span, call.account):
                fetched = Fetched(fail=DOWNLOAD)
        told["alt_texts"] = [child.meta["told"].get("alt_text", "") for child in children]  # type: ignore[assignment]
        fault = take_fault(self._store, INSTAGRAM, "start", {"fail_processing"}, account=call.account)
        if fault:
            fetched = Fetched(fail=fault.reason or "Media upload has failed with error code 2207053")
        meta: dict[str, Any] = {"told": told, "published": [], "file_size": len(fetched.data)}
        meta |= {"item": call.flag("is_carousel_item"), "uploaded": self._store.now()}
        meta |= {"fail": fetched.fail} if fetched.fail else {}
        container = self._add(call, meta, "image/jpeg")
        self._store.fill_session(container, fetched.data)
        return JSONResponse({"id": container})

    def _container(self, call: Call, container: str) -> Session:
        session = self._store.session(container)
        if session is None or (session.platform, session.account) != (INSTAGRAM, call.account):
            raise missing(container)
        if session.created + self.settings().container_s < self._store.now() and not session.meta["published"]:
            session.meta["expired"] = True
        return session

    async def read_container(self, call: Call) -> Response:
        """`GET /{container}?fields=status_code,status,video_status`."""
        settings, session = self.settings(), self._container(call, call.id)
        if take_fault(self._store, INSTAGRAM, "poll", {"expire_session"}, account=call.account):
            session.meta["expired"] = True
            self._store.change_session(session.id, session.meta)
        if fault := take_fault(self._store, INSTAGRAM, "poll", {"fail_processing"}, account=call.account):
            session.meta["fail"] = fault.reason or "Media upload has failed with error code 2207053"
            self._store.change_session(session.id, session.meta)
        if hidden(self._store, session, settings):
            raise missing(call.id)
        code, text = self._state(session, settings)
        node: dict[str, Any] = {"id": session.id, "status_code": code, "status": text}
        if settings.tells_bytes:
            whole = bool(session.post_id) or session.committed == session.meta.get("file_size")
            held = session.meta.get("file_size", 0) if whole else session.committed
            told = {"status": "complete" if whole else "in_progress", "bytes_transferred": held}
            node["video_status"] = {"uploading_phase": told}
        elif "video_status" in call.fields:
            raise Refusal(100, "(#100) Tried accessing nonexisting field (video_status) on node type (MediaContainer)")
        return JSONResponse(only(node, call.fields))

    def _state(self, session: Session, settings: InstagramSettings) -> tuple[str, str]:
        published = session.meta["published"]
        if published and self._store.now() - published[0]["at"] >= settings.status_lag_s:
            return "PUBLISHED", "Published: Media has been successfully published."
        if session.meta.get("expired"):
            return "EXPIRED", "Expired: The container was not published within 24 hours."
        if session.committed == 0 and session.meta.get("file_size") == 0:
            return "ERROR", f"Error: {session.meta['fail']}"
        state = "processed" if published else phase(self._store, session, settings)
        if state == "failed":
            return "ERROR", f"Error: {session.meta.get('fail') or settings.fail_reason}"
        if state == "processed":
            return "FINISHED", "Finished: Media has been uploaded and it is ready to be published."
        empty = state == "processing" and session.meta.get("polls", 0) < settings.empty_status_polls
        return "" if empty else "IN_PROGRESS", "In progress: Media is still being processed."

    # --- publishing -------------------------------------------------------------------------------------------------

    async def publish(self, call: Call) -> Response:
        """`POST /{ig-user}/media_publish`: a container becomes a media, whose id is another one."""
        self.own(call)
        settings, session = self.settings(), self._container(call, call.need("creation_id"))
        meta = session.meta
        if meta.get("item"):
            raise Refusal(100, "(#100) A carousel item cannot be published by itself")
        if meta.get("expired"):
            raise Refusal(24, "The media builder has expired or is missing.", 2207008)
        if meta["published"] and settings.second_publish == "error":
            raise Refusal(-1, "The media was published already.", 2207001, kind="OAuthException")
        if not meta["published"] and not self._finished(session, settings):
            raise Refusal(9007, "Media ID is not available", 2207027)
        if self.usage(call.account) >= settings.quota_total:
            raise day_quota()
        media = fresh_id("1800", 17)
        told = {**meta["told"], "container": session.id}
        self._store.publish(session, media, title="", text=meta["told"].get("caption", ""), meta=told)
        meta["published"].append({"id": media, "at": self._store.now()})
        self._store.change_session(session.id, meta)
        return JSONResponse({"id": media})

    def _finished(self, session: Session, settings: InstagramSettings) -> bool:
        """Whether the container's last reading was FINISHED; publishing itself is no reading."""
        meta = session.meta
        whole = meta.get("file_size") and session.committed == meta["file_size"]
        done = self._store.now() - meta.get("uploaded", 0.0) >= settings.processing_s
        polled = meta.get("polls", 0) > settings.processing_polls or settings.processing_polls == 0
        return bool(whole and done and polled and not meta.get("fail") and not settings.fail_reason)

    def usage(self, account: str) -> int:
        """Posts of the last 24 hours, deleted ones too."""
        day_ago = self._store.now() - DAY
        sessions = self._store.sessions(INSTAGRAM, account)
        return sum(one["at"] > day_ago for session in sessions for one in session.meta["published"])

    async def quota(self, call: Call) -> Response:
        """`content_publishing_limit`."""
        self.own(call)
        config = {"quota_total": self.settings().quota_total, "quota_duration": int(DAY)}
        node = {"quota_usage": self.usage(call.account), "config": config}
        wanted = call.fields or ["quota_usage"]
        return JSONResponse({"data": [{name: value for name, value in node.items() if name in wanted}]})

    # --- reads ------------------------------------------------------------------------------------------------------

    def _seen(self, call: Call) -> Iterator[Post]:
        """The account's posts that reads show, newest first."""
        lag = self.settings().listed_after_s
        for post in self._store.posts(INSTAGRAM, call.account):
            if self._store.now() - post.created >= lag:
                yield post

    def _node(self, call: Call, post: Post) -> dict[str, Any]:
        kind = post.meta.get("media_type")
        story, picture = kind == "STORIES", kind in ("IMAGE", "CAROUSEL_ALBUM")
        node = {
            "id": post.post_id,
            "media_type": kind if picture else "VIDEO",
            "media_product_type": "STORY" if story else "FEED" if picture else "REELS",
            "timestamp": datetime.fromtimestamp(post.created, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"),
            "permalink": str(call.request.url.replace(path="/watch", query=f"v={post.post_id}")),
            "shortcode": post.sha256[:11],
            "username": post.account,
            "is_ai_generated": post.meta.get("is_ai_generated") == "true",
        }
        return node | ({"caption": post.text} if post.text and not story else {})

    async def list_media(self, call: Call) -> Response:
        """`GET /{ig-user}/media`: everything but stories."""
        self.own(call)
        return self._list(call, story=False)

    async def list_stories(self, call: Call) -> Response:
        """`GET /{ig-user}/stories`: those of the last 24 hours."""
        self.own(call)
        return self._list(call, story=True)

    def _list(self, call: Call, *, story: bool) -> Response:
        fresh = self._store.now() - DAY
        items = [
            only(self._node(call, post), call.fields)
            for post in self._seen(call)
            if (post.meta.get("media_type") == "STORIES") == story and (not story or post.created > fresh)
        ]
        return JSONResponse(paged(call, items))

    def _media(self, call: Call) -> Post:
        for post in self._seen(call):
            if post.post_id == call.id:
                return post
        raise missing(call.id)

    async def read_media(self, call: Call) -> Response:
        """`GET /{media}`."""
        return JSONResponse(only(self._node(call, self._media(call)), call.fields))

    async def read_user(self, call: Call) -> Response:
        """`GET /{ig-user}`."""
        return JSONResponse(only({"id": self.own(call), "username": call.account}, call.fields))

    async def delete(self, call: Call) -> Response:
        """`DELETE /{media}`."""
        post = self._store.post(call.id)
        if post is None or (post.platform, post.account) != (INSTAGRAM, call.account):
            raise missing(call.id)
        self._store.delete_post(post.post_id)
        return JSONResponse({"success": True})

    async def comment(self, call: Call) -> Response:
        """`POST /{media}/comments`."""
        post, text = self._media(call), call.need("message")
        if post.meta.get("media_type") == "STORIES":
            raise Refusal(100, "(#100) Stories do not support comments")
        number = self._store.add_extra(post.post_id, "comment", {"text": text, "at": self._store.now()}, b"")
        return JSONResponse({"id": f"17850{number:012d}"})

    async def list_comments(self, call: Call) -> Response:
        """`GET /{media}/comments`, newest first."""
        items = [
            {"id": f"17850{number:012d}", "text": meta["text"], "from": {"id": instagram_user(call.account)}}
            for number, meta in self._store.numbered_extras(self._media(call).post_id, "comment")
        ]
        return JSONResponse(paged(call, [only(item, call.fields, ("text",)) for item in items[::-1]]))


def _check_container(call: Call) -> None:
    """What creating a container refuses (docs/platforms/instagram.md#post, #errors)."""
    kind = call.params.get("media_type", "")
    if kind not in ("REELS", "STORIES"):
        raise Refusal(100, "(#100) Param media_type must be one of {REELS, STORIES, CAROUSEL}", 2207023)
    if call.params.get("upload_type") != "resumable" and not call.params.get("video_url"):
        raise Refusal(100, "(#100) The parameter video_url is required")
    _check_texts(call)
    if not call.params.get("thumb_offset", "0").isdigit():
        raise Refusal(1, "The thumb_offset is out of range.", 2207057)


def _check_texts(call: Call) -> None:
    for name in ("share_to_feed", "is_ai_generated", "is_paid_partnership"):
        call.flag(name)
    caption = call.params.get("caption", "")
    hashtags, mentions = re.findall(r"#(?=\w)", caption), re.findall(r"(?<!\w)@(?=\w)", caption)
    if len(caption) > CAPTION or len(hashtags) > HASHTAGS or len(mentions) > MENTIONS:
        raise Refusal(36004, "The caption was too long.", 2207010)
