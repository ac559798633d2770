"""TikTok's Content Posting API v2 at wire level, with OAuth, the upload server and the Display API's reads.

Source: docs/platforms/tiktok.md, docs/platforms/README.md#sandbox. A post is created with the last byte of its upload,
is processed afterwards, and gets its public id later still; none of the three is reported at once. An account exists as
soon as its refresh token `rft.sandbox-<account>` is used.

Faults by `op`: token, creator (creator_info), start (both inits), put, final (the last chunk), poll (status/fetch;
`expire_session` makes it drop the publish_id), write (cancel), read (video/list, video/query, user/info).
"""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ..store import Post, SandboxStore, Session
from ..wire import json_object, take_fault
from . import post as tt
from .access import Access
from .upload import DAY, Uploads

FIELDS = {
    *("id", "create_time", "title", "video_description", "duration", "height", "width", "cover_image_url", "share_url"),
    *("embed_html", "embed_link", "like_count", "comment_count", "share_count", "view_count", "is_aigc"),
}


class TikTok:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._uploads = Uploads(store, self._access)

    def routes(self) -> list[Route]:
        """The API's, the upload server's, and the pages' of posts."""
        guard, post = self._access.guard, ["POST"]
        root = "/v2/post/publish"
        return [
            Route("/v2/oauth/token/", guard("token", self._access.token), methods=post),
            *self._access.consent.routes(),
            Route("/v2/oauth/revoke/", guard("token", self._access.revoke), methods=post),
            Route(f"{root}/creator_info/query/", guard("creator", self.creator_info), methods=post),
            Route(f"{root}/video/init/", guard("start", self.start_direct), methods=post),
            Route(f"{root}/inbox/video/init/", guard("start", self.start_inbox), methods=post),
            Route(f"{root}/status/fetch/", guard("poll", self.status), methods=post),
            Route(f"{root}/cancel/", guard("write", self.cancel), methods=post),
            Route("/video/", self._uploads.put, methods=["PUT"]),
            Route("/v2/video/list/", guard("read", self.list_videos), methods=post),
            Route("/v2/video/query/", guard("read", self.query_videos), methods=post),
            Route("/v2/user/info/", guard("read", self.user_info), methods=["GET"]),
            Route("/@{user}/video/{post_id}", self.page, methods=["GET"]),
        ]

    # --- before the bytes -------------------------------------------------------------------------------------------

    async def creator_info(self, request: Request) -> Response:
        """What the creator may post."""
        account, settings = self._access.account(request, "video.publish"), self._access.settings()
        self._access.limit(account, "creator_info", settings.creator_infos_per_minute)
        self._check_cap(account, settings)
        name = tt.username(account)
        return tt.envelope(
            {
                "creator_avatar_url": "https://lf16-tt4d.tiktokcdn.com/obj/tiktok-open-platform/8d5740ac.jpeg",
                "creator_username": name,
                "creator_nickname": account,
                "privacy_level_options": tt.levels_of(account, settings),
                "comment_disabled": settings.comment_disabled,
                "duet_disabled": account in settings.private_accounts,
                "stitch_disabled": account in settings.private_accounts,
                "max_video_post_duration_sec": settings.max_duration_s,
            }
        )

    def _check_cap(self, account: str, settings: tt.TikTokSettings) -> None:
        day_ago = self._store.now() - DAY
        recent = [post for post in self._store.posts(tt.PLATFORM, account) if post.created > day_ago]
        if len(recent) >= settings.posts_per_day:
            raise tt.TOO_MANY_POSTS()

    async def start_direct(self, request: Request) -> Response:
        """Direct post: the caption and the audience are set here."""
        account, settings = self._access.account(request, "video.publish"), self._access.settings()
        self._access.limit(account, "init", settings.inits_per_minute)
        body = await _body(request)
        info = tt.check_post_info(body.get("post_info"), account, settings)
        source = tt.check_source(body.get("source_info"), settings)
        self._check_cap(account, settings)
        return self._started(request, account, source, info, inbox=False)

    async def start_inbox(self, request: Request) -> Response:
        """A draft for the creator's inbox."""
        account, settings = self._access.account(request, "video.upload"), self._access.settings()
        self._access.limit(account, "init", settings.inits_per_minute)
        source = tt.check_source((await _body(request)).get("source_info"), settings)
        day_ago = self._store.now() - DAY
        pending = [
            post
            for post in self._store.posts(tt.PLATFORM, account)
            if post.meta.get("inbox") and post.created > day_ago
        ]
        if len(pending) >= settings.pending_per_day:
            raise tt.TOO_MANY_PENDING()
        return self._started(request, account, source, {}, inbox=True)

    def _started(
        self, request: Request, account: str, source: tuple[int, int, int], info: dict[str, Any], *, inbox: bool
    ) -> Response:
        size, chunk, _ = source
        number, token = tt.new_id(), secrets.token_urlsafe(24)
        publish_id = f"v_{'inbox' if inbox else 'pub'}_file~v2-1.{number}"
        meta = {"inbox": inbox, "post_info": info, "chunk": chunk, "token": token, "polls": 0}
        self._store.add_session(
            Session(publish_id, tt.PLATFORM, account, meta, "video/mp4", size, created=self._store.now())
        )
        query = urlencode({"upload_id": number, "upload_token": token})
        return tt.envelope(
            {"publish_id": publish_id, "upload_url": str(request.url.replace(path="/video/", query=query))}
        )

    # --- after the bytes --------------------------------------------------------------------------------------------

    async def status(self, request: Request) -> Response:
        """How far a post has come."""
        account, settings = self._access.account(request), self._access.settings()
        self._access.limit(account, "status", settings.statuses_per_minute)
        session = self._own_session(await _body(request), account, settings)
        return tt.envelope(self._told(session, settings))

    def _own_session(self, body: dict[str, Any], account: str, settings: tt.TikTokSettings) -> Session:
        publish_id = body.get("publish_id")
        session = self._store.session(publish_id) if isinstance(publish_id, str) else None
        if session is None or session.platform != tt.PLATFORM:
            raise tt.NO_PUBLISH_ID()
        if session.account != account:
            raise tt.NOT_YOURS()
        if take_fault(self._store, tt.PLATFORM, "poll", {"expire_session"}, account=account):
            session = self._uploads.change(session, gone=True)
        age = self._store.now() - session.created
        old = settings.publish_id_s and age > settings.publish_id_s
        if old or age < settings.publish_id_after_s or session.meta.get("gone"):
            raise tt.NO_PUBLISH_ID()
        return session

    def _told(self, session: Session, settings: tt.TikTokSettings) -> dict[str, Any]:
        """`data` of a status, which changes by being read and by time."""
        was, left = session.meta.get("lag", [0, 0])
        changes: dict[str, Any] = {"lag": [was, left - 1]} if left else {}
        told: dict[str, Any] = {
            "status": "PROCESSING_UPLOAD",
            "uploaded_bytes": was if left else session.committed,
            "publicaly_available_post_id": [],
        }
        if session.meta.get("cancelled"):
            told |= {"status": "FAILED", "fail_reason": "publish_cancelled"}
        elif "whole_at" in session.meta:
            polls, since = session.meta["polls"] + 1, self._store.now() - session.meta["whole_at"]
            changes["polls"] = polls
            if polls > settings.processing_polls and since >= settings.processing_s:
                told |= self._outcome(session, polls - settings.processing_polls, since, settings)
        if changes:
            self._uploads.change(session, **changes)
        return told

    def _outcome(self, session: Session, reads: int, since: float, settings: tt.TikTokSettings) -> dict[str, Any]:
        """What a processed upload reports at its `reads`-th read, `since` seconds after its last byte."""
        if fate := session.meta.get("fate"):
            return {"status": "FAILED", "fail_reason": fate}
        if session.meta["inbox"]:
            return {"status": "SEND_TO_USER_INBOX"}
        if settings.relapse and reads == 2:
            return {}
        public = session.meta["post_info"].get("privacy_level") == tt.PUBLIC
        known = public and reads > settings.moderation_polls and since >= settings.moderation_s
        return {
            "status": "PUBLISH_COMPLETE",
            "publicaly_available_post_id": [int(session.post_id)] if known else [],
        }

    async def cancel(self, request: Request) -> Response:
        """Best effort: what has all its bytes cannot be cancelled any more."""
        account, settings = self._access.account(request), self._access.settings()
        session = self._own_session(await _body(request), account, settings)
        if "whole_at" in session.meta:
            raise tt.bad("The publish cannot be cancelled.", "publish_not_cancellable")
        self._uploads.change(session, cancelled=True, dead=True)
        return tt.envelope({})

    # --- reads ------------------------------------------------------------------------------------------------------

    def _public(self, account: str, settings: tt.TikTokSettings) -> list[Post]:
        """The account's public posts that moderation has let through, newest first."""
        moderated = self._store.now() - settings.moderation_s
        return [
            post
            for post in self._store.posts(tt.PLATFORM, account)
            if post.meta.get("privacy_level") == tt.PUBLIC and post.created <= moderated
        ]

    async def list_videos(self, request: Request) -> Response:
        """Own public videos, newest first; `cursor` is a time in milliseconds."""
        account, settings = self._access.account(request, "video.list"), self._access.settings()
        self._access.limit(account, "video", settings.reads_per_minute)
        fields, body = _fields(request), await _body(request)
        size, cursor = body.get("max_count", 10), body.get("cursor", 2**62)
        if not isinstance(size, int) or not 1 <= size <= 20 or not isinstance(cursor, int):
            raise tt.bad("The max_count or cursor is invalid.", "invalid_params")
        posts = [post for post in self._public(account, settings) if _millis(post) < cursor]
        page = posts[:size]
        return tt.envelope(
            {
                "videos": [_video(post, fields, request) for post in page],
                "cursor": _millis(page[-1]) if page else 0,
                "has_more": len(posts) > size,
            }
        )

    async def query_videos(self, request: Request) -> Response:
        """Own public videos by id."""
        account, settings = self._access.account(request, "video.list"), self._access.settings()
        self._access.limit(account, "video", settings.reads_per_minute)
        fields, filters = _fields(request), (await _body(request)).get("filters")
        wanted = filters.get("video_ids") if isinstance(filters, dict) else None
        if not isinstance(wanted, list) or not 1 <= len(wanted) <= 20:
            raise tt.bad("The filters.video_ids is invalid.", "invalid_params")
        found = [post for post in self._public(account, settings) if post.post_id in wanted]
        return tt.envelope({"videos": [_video(post, fields, request) for post in found]})

    async def user_info(self, request: Request) -> Response:
        """The requested fields of the creator."""
        account = self._access.account(request)
        whole = {
            "open_id": tt.open_id(account),
            "union_id": f"u{tt.open_id(account)}",
            "username": tt.username(account),
            "display_name": account,
        }
        wanted = request.query_params.get("fields", "").split(",")
        return tt.envelope({"user": {name: value for name, value in whole.items() if name in wanted}})

    async def page(self, request: Request) -> Response:
        """A post's page, at the address it has on TikTok."""
        query = urlencode({"v": request.path_params["post_id"]})
        return RedirectResponse(str(request.url.replace(path="/watch", query=query)), 302)


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise tt.bad("The Content-Type must be application/json.")
    try:
        return json_object(await request.body() or b"{}")
    except ValueError:
        raise tt.bad("The request body is not valid JSON.") from None


def _fields(request: Request) -> set[str]:
    fields = set(request.query_params.get("fields", "").split(","))
    if not fields <= FIELDS:
        raise tt.bad("The fields parameter is missing or invalid.", "invalid_params")
    return fields


def _millis(post: Post) -> int:
    return int(post.created * 1_000)


def _video(post: Post, fields: set[str], request: Request) -> dict[str, Any]:
    """A video object; the caption is cut at 150 characters."""
    path = f"/@{tt.username(post.account)}/video/{post.post_id}"
    whole: dict[str, Any] = {
        **{"id": post.post_id, "create_time": int(post.created), "title": post.text[: tt.LISTED_CHARS]},
        **{"video_description": post.text[: tt.LISTED_CHARS], "duration": 0, "height": 1_920, "width": 1_080},
        **{"share_url": str(request.url.replace(path=path, query="utm_source=sandbox")), "cover_image_url": ""},
        **{"embed_html": "", "embed_link": "", "is_aigc": bool(post.meta.get("is_aigc"))},
        **dict.fromkeys(("like_count", "comment_count", "share_count", "view_count"), 0),
    }
    return {name: whole[name] for name in sorted(fields)}
