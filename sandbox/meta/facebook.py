"""Facebook pages' part of the Graph API at wire level: reels, stories, classic chunked videos, reads, extras.

Source: docs/platforms/facebook.md, docs/platforms/README.md#sandbox. `op`s: `start`, `put` (rupload and transfer),
`poll` (a video is read), `publish` (finish), `read` (lists), `write` (comments, thumbnails, captions), `delete`.
`fail_processing` at `publish` or `poll` lets the video fail after it was taken; `expire_session` at `poll` or `put`
lets the upload expire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from starlette.responses import JSONResponse, Response

from ..store import Post, SandboxStore, Session
from ..wire import take_fault
from .access import (
    DAY,
    FACEBOOK,
    Call,
    MetaSettings,
    Refusal,
    fresh_id,
    hidden,
    missing,
    only,
    paged,
    phase,
    written,
)
from .accounts import instagram_user, page_of

_TEXTS = ("title", "description", "is_ai_generated", "video_state", "published", "scheduled_publish_time")


@dataclass(frozen=True)
class FacebookSettings(MetaSettings):
    """How Facebook behaves."""

    PLATFORM: ClassVar[str] = FACEBOOK
    reels_per_day: int = 30
    reels_code: int = 9
    """With which code reels over the limit are refused: not documented."""
    window: int = 4 << 20
    """Bytes of a classic upload's window."""
    processing_after_finish: bool = False
    """Processing begins only when the upload is finished."""
    publishing_shows_late: bool = False
    """`publishing_phase` is `not_started` until the processing is done, although the finish was accepted."""
    finish_names_post: bool = True
    """A finish answers with a `post_id`."""
    photo_bytes: int = 4_000_000
    """Photos with more are refused (1366046): where the limit is, is not documented."""
    stories_listed: bool = False
    """`GET /{page}/stories` lists what was posted; docs/platforms/facebook.md#stories has no other read for it."""


class Facebook:
    """The handlers, over a store. A session's id is its video's."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store

    def settings(self) -> FacebookSettings:
        """Those in force."""
        return self._store.platform_settings(FacebookSettings)

    def own(self, call: Call) -> str:
        """The requested page, which must be the token's."""
        if call.id not in (page_of(call.account), "me"):
            raise missing(call.id)
        return page_of(call.account)

    def _open(self, call: Call, kind: str, **meta: Any) -> str:
        """A new upload; its video's id."""
        if fault := take_fault(self._store, FACEBOOK, "start", {"fail_processing"}, account=call.account):
            meta["fail"] = fault.reason or "The video could not be processed"
        video = fresh_id("9", 16)
        told = {"kind": kind, "told": {}, **meta}
        self._store.add_session(Session(video, FACEBOOK, call.account, told, "video/mp4", 0, created=self._store.now()))
        return video

    def video(self, call: Call, video: str) -> Session:
        """The upload of a video of the account's."""
        session = self._store.session(video)
        if session is None or (session.platform, session.account) != (FACEBOOK, call.account):
            raise missing(video)
        return session

    # --- reels, stories ---------------------------------------------------------------------------------------------

    async def reel(self, call: Call) -> Response:
        """`POST /{page}/video_reels`."""
        return self._two_step(call, "reel")

    async def story(self, call: Call) -> Response:
        """`POST /{page}/video_stories`."""
        return self._two_step(call, "story")

    def _two_step(self, call: Call, kind: str) -> Response:
        self.own(call)
        step = call.need("upload_phase").lower()
        if step == "start":
            video = self._open(call, kind)
            url = str(call.request.url.replace(path=f"/video-upload/v26.0/{video}", query=""))
            return JSONResponse({"video_id": video, "upload_url": url})
        if step != "finish":
            raise Refusal(100, "(#100) Param upload_phase must be one of {start, finish}")
        session = self.video(call, call.need("video_id"))
        if session.meta["kind"] != kind:
            raise missing(session.id)
        state = call.params.get("video_state", "DRAFT").upper()
        if state not in ("PUBLISHED", "DRAFT", "SCHEDULED"):
            raise Refusal(100, "(#100) Param video_state must be one of {DRAFT, PUBLISHED, SCHEDULED}")
        return self._finish(call, session, published=state == "PUBLISHED")

    def reels_today(self, account: str) -> int:
        """Reels published in the last 24 hours."""
        day_ago = self._store.now() - DAY
        sessions = self._store.sessions(FACEBOOK, account)
        return sum(one.meta["kind"] == "reel" and one.meta.get("finished", 0.0) > day_ago for one in sessions)

    # --- classic ----------------------------------------------------------------------------------------------------

    async def classic(self, call: Call) -> Response:
        """`POST /{page}/videos`: start, transfer, finish; offsets are text, and the windows are ours."""
        self.own(call)
        step = call.need("upload_phase").lower()
        if step == "start":
            size = call.need("file_size")
            if not size.isdigit() or int(size) < 1:
                raise Refusal(100, "(#100) Param file_size must be a positive integer")
            video = self._open(call, "video", file_size=int(size), upload_phase="chunked")
            ids = {"video_id": video, "upload_session_id": "8" + video[1:]}
            return JSONResponse({**ids, **self._window(0, int(size))})
        session = self.video(call, "9" + call.need("upload_session_id")[1:])
        if session.meta.get("expired"):
            raise Refusal(6000, "The video upload session is invalid.", 1363041)
        if step == "transfer":
            return await self._transfer(call, session)
        if step != "finish":
            raise Refusal(100, "(#100) Param upload_phase must be one of {start, transfer, finish}")
        return self._finish(call, session, published=call.flag("published", True))

    def _window(self, start: int, size: int) -> dict[str, str]:
        return {"start_offset": str(start), "end_offset": str(min(size, start + self.settings().window))}

    async def _transfer(self, call: Call, session: Session) -> Response:
        size, upload = session.meta["file_size"], call.files.get("video_file_chunk")
        if take_fault(self._store, FACEBOOK, "put", {"expire_session"}, account=call.account):
            self._store.change_session(session.id, {**session.meta, "expired": True})
            raise Refusal(6000, "The video upload session is invalid.", 1363041)
        if upload is None:
            raise Refusal(100, "(#100) The parameter video_file_chunk is required")
        window = self._window(session.committed, size)
        if call.params.get("start_offset") != window["start_offset"]:
            raise Refusal(6001, "The chunk's offset is not the expected one", 1363037, data=window, transient=False)
        data = await upload.read(self.settings().window)
        if partial := take_fault(self._store, FACEBOOK, "put", {"partial_commit"}, account=call.account):
            data = data[: partial.keep]
        data = data[: size - session.committed]
        with self._store.session_file(session.id).open("r+b") as file:
            file.seek(session.committed)
            file.write(data)
        reached = session.committed + len(data)
        self._store.commit(session.id, reached)
        self._store.change_session(session.id, {**session.meta, "uploaded": self._store.now()})
        return JSONResponse(self._window(reached, size))

    # --- finishing --------------------------------------------------------------------------------------------------

    def _finish(self, call: Call, session: Session, *, published: bool) -> Response:
        """A finished video is a post; finished again it is the same one."""
        meta = session.meta
        if meta.get("expired"):
            raise Refusal(100, "(#100) The upload has expired")
        if not session.post_id and (not meta.get("file_size") or session.committed < meta["file_size"]):
            raise Refusal(6000, "There was a problem uploading your video file.", 1363019, transient=False)
        call.flag("is_ai_generated")
        if meta["kind"] == "reel" and published and not session.post_id:
            settings = self.settings()
            if self.reels_today(call.account) >= settings.reels_per_day:
                raise Refusal(settings.reels_code, "The page has published too many reels in 24 hours.")
        told = {name: call.params[name] for name in _TEXTS if name in call.params}
        fault = take_fault(self._store, FACEBOOK, "publish", {"fail_processing"}, account=call.account)
        late = {"fail": fault.reason or "The video could not be processed", "polls": 0} if fault else {}
        answer: dict[str, Any] = {"success": True}
        post_id = session.post_id
        if published and not post_id:
            story = meta["kind"] == "story"
            post_id = f"{page_of(call.account)}_{fresh_id('12', 15)}" if story else session.id
            shown = {**told, "kind": meta["kind"], "video_id": session.id}
            title, text = told.get("title", ""), told.get("description", "")
            self._store.publish(session, post_id, title=title, text=text, meta=shown)
            late["finished"] = self._store.now()
        self._store.change_session(session.id, {**meta, "told": told, **late})
        if post_id and self.settings().finish_names_post:
            answer["post_id"] = post_id
        return JSONResponse(answer)

    # --- reads ------------------------------------------------------------------------------------------------------

    async def read_video(self, call: Call) -> Response:
        """`GET /{video}?fields=status,permalink_url`."""
        settings, session = self.settings(), self.video(call, call.id)
        if take_fault(self._store, FACEBOOK, "poll", {"expire_session"}, account=call.account):
            session.meta["expired"] = True
            self._store.change_session(session.id, session.meta)
        if fault := take_fault(self._store, FACEBOOK, "poll", {"fail_processing"}, account=call.account):
            session.meta["fail"] = fault.reason or "The video could not be processed"
            self._store.change_session(session.id, session.meta)
        if session.post_id and self._store.post(session.post_id) is None and not session.meta.get("fell"):
            raise missing(call.id)
        if hidden(self._store, session, settings):
            raise missing(call.id)
        node: dict[str, Any] = {"id": session.id}
        if "status" in call.fields:
            node["status"] = self._status(session, settings)
        if session.meta.get("finished"):
            node["published"] = True
            node["permalink_url"] = f"/watch?v={session.post_id}"
        node |= {name: session.meta["told"][name] for name in ("title", "description") if name in session.meta["told"]}
        return JSONResponse(only(node, call.fields))

    def _status(self, session: Session, settings: FacebookSettings) -> dict[str, Any]:
        """The three phases; `bytes_transfered` is misspelt, as it is (docs/platforms/facebook.md#processing)."""
        meta, finished = session.meta, bool(session.meta.get("finished"))
        waiting = settings.processing_after_finish and not finished
        whole = bool(session.post_id) or session.committed == meta.get("file_size")
        state = "uploading" if waiting else phase(self._store, session, settings)
        held = meta.get("file_size", 0) if whole else session.committed  # a published session counts from its post
        uploading: dict[str, Any] = {"status": "complete" if whole else "in_progress", "bytes_transfered": held}
        processing: dict[str, Any] = {"status": "not_started"}
        publishing: dict[str, Any] = {"status": "not_started", "publish_status": "draft"}
        video = "upload_complete" if whole else "uploading"
        if state == "processing":
            video, processing = "processing", {"status": "in_progress"}
        elif state == "processed":
            video, processing = "ready", {"status": "complete"}
        elif state == "failed":
            reason = meta.get("fail") or settings.fail_reason
            video, processing = "error", {"status": "error", "error": {"message": reason}}
            if session.post_id and self._store.post(session.post_id):  # a post whose video fails is never seen
                self._store.change_session(session.id, {**meta, "fell": True})
                self._store.delete_post(session.post_id)
        if finished and not (settings.publishing_shows_late and state != "processed") and state != "failed":
            done = "complete" if state == "processed" else "in_progress"
            publishing = {"status": done, "publish_status": "published", "publish_time": int(meta["finished"])}
        if meta.get("expired") and not finished:
            video = "expired"
        return {
            "video_status": video,
            "uploading_phase": uploading,
            "processing_phase": processing,
            "publishing_phase": publishing,
        }

    def _seen(self, call: Call, kinds: tuple[str, ...]) -> list[Post]:
        lag, now = self.settings().listed_after_s, self._store.now()
        posts = self._store.posts(FACEBOOK, call.account)
        return [post for post in posts if post.meta["kind"] in kinds and now - post.created >= lag]

    async def list_videos(self, call: Call) -> Response:
        """`GET /{page}/videos` (reels are videos, too) and `/{page}/video_reels`."""
        self.own(call)
        reels = call.request.url.path.rstrip("/").endswith("video_reels")
        items = [
            {
                "id": post.post_id,
                "title": post.title,
                "description": post.text,
                "created_time": written(post.created),
                "permalink_url": f"/watch?v={post.post_id}",
            }
            for post in self._seen(call, ("reel",) if reels else ("reel", "video"))
        ]
        return JSONResponse(paged(call, [only(item, call.fields, ("description",)) for item in items]))

    async def list_stories(self, call: Call) -> Response:
        """`GET /{page}/stories`."""
        self.own(call)
        posts = self._seen(call, ("story",)) if self.settings().stories_listed else []
        items = [
            {"post_id": post.post_id, "media_id": post.meta["video_id"], "status": "PUBLISHED", "media_type": "video",
             "creation_time": str(int(post.created)), "url": f"/watch?v={post.post_id}"}
            for post in posts
        ]  # fmt: skip
        return JSONResponse(paged(call, items))

    async def read_page(self, call: Call) -> Response:
        """`GET /{page}` and `/me`."""
        node = {"id": self.own(call), "name": call.account}
        node["instagram_business_account"] = {"id": instagram_user(call.account)}  # type: ignore[assignment]
        return JSONResponse(only(node, call.fields, ("name",)))

    # --- extras -----------------------------------------------------------------------------------------------------

    def _post(self, call: Call) -> Post:
        post = self._store.post(call.id)
        if post is None or (post.platform, post.account) != (FACEBOOK, call.account):
            raise missing(call.id)
        return post

    async def comment(self, call: Call) -> Response:
        """`POST /{video}/comments`."""
        post, text = self._post(call), call.need("message")
        number = self._store.add_extra(post.post_id, "comment", {"text": text, "at": self._store.now()}, b"")
        return JSONResponse({"id": f"{post.post_id}_{number:012d}"})

    async def list_comments(self, call: Call) -> Response:
        """`GET /{video}/comments`."""
        post = self._post(call)
        who = {"id": page_of(call.account), "name": call.account}
        items = [
            {"id": f"{post.post_id}_{number:012d}", "message": meta["text"], "from": who}
            for number, meta in self._store.numbered_extras(post.post_id, "comment")
        ]
        return JSONResponse(paged(call, [only(item, call.fields, ("message", "from")) for item in items]))

    async def thumbnail(self, call: Call) -> Response:
        """`POST /{video}/thumbnails` with `source` and `is_preferred`."""
        post, source = self._post(call), call.files.get("source")
        data = await source.read() if source else b""
        if not data.startswith((b"\xff\xd8\xff", b"\x89PNG")) or len(data) > 10_000_000:
            raise Refusal(100, "(#100) source must be a JPEG or PNG of at most 10 MB")
        self._store.add_extra(post.post_id, "thumbnail", {"is_preferred": call.flag("is_preferred")}, data)
        return JSONResponse({"success": True})

    async def list_thumbnails(self, call: Call) -> Response:
        """`GET /{video}/thumbnails`."""
        found = self._store.numbered_extras(self._post(call).post_id, "thumbnail")
        items = [{"id": f"{number:012d}", "is_preferred": meta["is_preferred"]} for number, meta in found]
        return JSONResponse(paged(call, items))

    async def captions(self, call: Call) -> Response:
        """`POST /{video}/captions`: a `.srt` that is named after its locale."""
        post, track = self._post(call), call.files.get("captions_file")
        name = re.search(r"\.([a-z]{2,3}_[A-Z]{2})\.srt$", (track.filename or "") if track else "")
        if track is None or name is None:
            raise Refusal(100, "(#100) captions_file must be named filename.locale.srt")
        data = await track.read()
        if b"-->" not in data:
            raise Refusal(387, "There was a problem uploading your captions file.")
        self._store.add_extra(post.post_id, "caption", {"locale": name[1]}, data)
        return JSONResponse({"success": True})

    async def list_captions(self, call: Call) -> Response:
        """`GET /{video}/captions`."""
        found = self._store.extras(self._post(call).post_id, "caption")
        return JSONResponse({"data": [{"locale": meta["locale"], "locale_name": meta["locale"]} for meta, _ in found]})

    async def delete(self, call: Call) -> Response:
        """`DELETE /{post or video}`."""
        self._store.delete_post(self._post(call).post_id)
        return JSONResponse({"success": True})
