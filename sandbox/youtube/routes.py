"""YouTube Data API v3 and Analytics v2 at wire level: OAuth, resumable uploads, and what a publisher does with a video.

Source: docs/platforms/youtube.md, docs/platforms/README.md#sandbox. What the real service does is followed where it is
known, and is a setting where it is not (`store.Settings`, `youtube_access.YouTubeSettings`). Every account has one
channel.

What faults call the kinds of request: `token`, `revoke`, `start`, `put` and `final` (bytes, and the last ones),
`probe`, `read`, `write` (update, delete), `thumbnail`, `caption`, `comment`. `fail_processing` strikes the upload that
ends next.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..additions import PostAdditions
from ..store import SandboxStore, iso
from ..wire import json_object
from . import video as yt
from .access import PLATFORM, Access
from .captions import Additions
from .comments import Comments
from .stats import Stats
from .upload import Uploads, listed, own_post, resource

_MUTABLE = ("snippet", "status", "recordingDetails", "localizations", "paidProductPlacementDetails")
"""The parts that videos.update replaces, whole."""


class YouTube:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._uploads = Uploads(store, self._access)
        self._additions = Additions(store, self._access)
        self._comments = Comments(store, self._access)
        self._stats = Stats(store, self._access)

    def routes(self) -> list[Route]:
        """Both upload paths are served: the discovery document's, and the one real clients use."""
        guard, more = self._access.guard, self._additions
        routes = [
            Route("/token", guard("token", self._access.token), methods=["POST"]),
            Route("/revoke", guard("revoke", self._access.revoke), methods=["POST"]),
            Route("/tokeninfo", guard("token", self._access.tokeninfo), methods=["GET"]),
            *self._access.consent.routes(),
        ]
        for root in ("/upload/youtube/v3", "/resumable/upload/youtube/v3"):
            routes += [
                Route(f"{root}/videos", self._access.insert_guard("start", self._uploads.start), methods=["POST"]),
                Route(f"{root}/videos", self._uploads.put, methods=["PUT"]),
                Route(f"{root}/thumbnails/set", guard("thumbnail", more.set_thumbnail), methods=["POST"]),
                Route(f"{root}/captions", guard("caption", more.insert_caption), methods=["POST"]),
                Route(f"{root}/captions", guard("caption", more.update_caption), methods=["PUT"]),
            ]
        return [*routes, *self._videos(), *self._captions_and_comments()]

    def _videos(self) -> list[Route]:
        guard = self._access.guard
        return [
            Route("/youtube/v3/videos", guard("read", self.list_videos), methods=["GET"]),
            Route("/youtube/v3/videos", guard("write", self.update_video), methods=["PUT"]),
            Route("/youtube/v3/videos", guard("write", self.delete_video), methods=["DELETE"]),
            Route("/youtube/v3/videos:batchGetStats", guard("read", self._stats.batch), methods=["GET"]),
            Route("/youtube/v3/channels", guard("read", self.list_channels), methods=["GET"]),
            Route("/youtube/v3/playlistItems", guard("read", self.list_playlist), methods=["GET"]),
            Route("/v2/reports", guard("read", self._stats.report), methods=["GET"]),
        ]

    def _captions_and_comments(self) -> list[Route]:
        guard, captions, comments = self._access.guard, self._additions, self._comments
        root = "/youtube/v3"
        return [
            Route(f"{root}/captions", guard("read", captions.list_captions), methods=["GET"]),
            Route(f"{root}/captions", guard("caption", captions.update_caption), methods=["PUT"]),
            Route(f"{root}/captions", guard("caption", captions.delete_caption), methods=["DELETE"]),
            Route(f"{root}/captions/{{caption_id}}", guard("read", captions.download_caption), methods=["GET"]),
            Route(f"{root}/commentThreads", guard("read", comments.list_threads), methods=["GET"]),
            Route(f"{root}/commentThreads", guard("comment", comments.insert_thread), methods=["POST"]),
            Route(f"{root}/comments", guard("read", comments.list_comments), methods=["GET"]),
            Route(f"{root}/comments", guard("comment", comments.insert_comment), methods=["POST"]),
            Route(f"{root}/comments", guard("comment", comments.update_comment), methods=["PUT"]),
            Route(f"{root}/comments", guard("comment", comments.delete_comment), methods=["DELETE"]),
            Route(f"{root}/comments/setModerationStatus", guard("comment", comments.moderate), methods=["POST"]),
        ]

    # --- videos -----------------------------------------------------------------------------------------------------

    async def list_videos(self, request: Request) -> Response:
        """videos.list by id; the owner's own parts are for the owner."""
        account = self._access.account(request)
        self._access.charge_units("list")
        parts = yt.check_parts(request.query_params.get("part"))
        wanted = [part for part in request.query_params.get("id", "").split(",") if part]
        if not wanted or len(wanted) > 50:
            raise yt.bad("invalidFilters", "The request specifies an invalid filter parameter.", "id")
        found = [post for post in map(self._store.post, wanted) if post and post.platform == PLATFORM]
        items = []
        for post in found:
            if not listed(self._store, post):
                continue
            if parts & {"status", "processingDetails"}:
                self._store.poll(post.post_id)
            fresh = self._store.post(post.post_id) or post
            private = set() if post.account == account else {"processingDetails", "fileDetails", "suggestions"}
            items.append(resource(self._store, fresh, parts - private, owner=post.account == account))
        info = {"totalResults": len(items), "resultsPerPage": len(items)}
        return JSONResponse({"kind": "youtube#videoListResponse", "items": items, "pageInfo": info})

    async def update_video(self, request: Request) -> Response:
        """videos.update: the parts that are named are replaced whole, so what is left out of them is gone."""
        account = self._access.account(request, "manage")
        self._access.charge_units("write")
        parts = yt.check_parts(request.query_params.get("part"))
        try:
            told = json_object(await request.body())
        except ValueError:
            raise yt.bad("parseError", "Parse Error") from None
        post = own_post(self._store, account, str(told.get("id", "")))
        meta: dict[str, Any] = {**post.meta, **{name: told.get(name, {}) for name in _MUTABLE if name in parts}}
        yt.check_insert(meta)
        snippet = meta["snippet"]
        title, text = str(snippet["title"]), str(snippet.get("description", ""))
        PostAdditions(self._store).rewrite(post, title=title, text=text, meta=meta)
        return JSONResponse(resource(self._store, self._store.post(post.post_id) or post, parts))

    async def delete_video(self, request: Request) -> Response:
        """videos.delete: 204."""
        account = self._access.account(request, "manage")
        self._access.charge_units("write")
        post = own_post(self._store, account, request.query_params.get("id", ""))
        self._store.delete_post(post.post_id)
        return Response(status_code=204)

    async def list_channels(self, request: Request) -> Response:
        """channels.list of one's own channel."""
        account = self._access.account(request)
        self._access.charge_units("list")
        if request.query_params.get("mine") != "true":
            raise yt.bad("missingRequiredParameter", "No filter selected.", "mine")
        if account in self._access.settings().channelless:
            return JSONResponse({"kind": "youtube#channelListResponse", "pageInfo": {"totalResults": 0}})
        channel = yt.channel_id(account)
        related = {"likes": "", "uploads": "UU" + channel[2:]}
        item = {
            "kind": "youtube#channel",
            "id": channel,
            "snippet": {"title": account},
            "contentDetails": {"relatedPlaylists": related},
        }
        if "statistics" in request.query_params.get("part", ""):
            item |= {"statistics": {"subscriberCount": "0", "hiddenSubscriberCount": False}}
            item["snippet"] = {"title": account, "customUrl": f"@{account}"}
        return JSONResponse({"kind": "youtube#channelListResponse", "items": [item]})

    async def list_playlist(self, request: Request) -> Response:
        """playlistItems.list of an uploads playlist, newest first, 50 to a page at most."""
        account = self._access.account(request)
        self._access.charge_units("list")
        if request.query_params.get("playlistId") != "UU" + yt.channel_id(account)[2:]:
            raise yt.Refusal(404, "playlistNotFound", "The playlist cannot be found.", "youtube.playlistItem")
        try:
            size = min(50, max(0, int(request.query_params.get("maxResults", "5"))))
            at = int(request.query_params.get("pageToken", "P0")[1:])
        except ValueError:
            raise yt.bad("invalidPageToken", "The request specifies an invalid page token.", "pageToken") from None
        posts = [post for post in self._store.posts(PLATFORM, account) if listed(self._store, post)]
        items = [
            {
                "kind": "youtube#playlistItem",
                "id": f"UU{post.post_id}",
                "snippet": {
                    "publishedAt": iso(post.created),
                    "title": post.meta["snippet"]["title"],
                    "resourceId": {"kind": "youtube#video", "videoId": post.post_id},
                },
                "contentDetails": {"videoId": post.post_id, "videoPublishedAt": iso(post.created)},
            }
            for post in posts[at : at + size]
        ]
        answer: dict[str, object] = {"kind": "youtube#playlistItemListResponse", "items": items}
        if at + size < len(posts):
            answer["nextPageToken"] = f"P{at + size}"
        return JSONResponse({**answer, "pageInfo": {"totalResults": len(posts), "resultsPerPage": size}})
