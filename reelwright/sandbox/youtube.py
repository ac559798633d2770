"""YouTube Data API v3 at wire level: OAuth's token endpoint, resumable uploads, and the reads a publisher needs.

Source: platform_apis.md sections 1 and 9. What the real service does is followed where it is known, and is a setting
where it is not (`store.Settings`). Every account has one channel.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import youtube_video as yt
from .store import Post, SandboxStore, iso
from .wire import json_object, multipart_related
from .youtube_access import PLATFORM, Access
from .youtube_upload import Uploads, resource

MAX_THUMBNAIL = 52_428_800
MAX_CAPTION = 104_857_600


class YouTube:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._uploads = Uploads(store, self._access)

    def routes(self) -> list[Route]:
        """Both upload paths are served: the discovery document's, and the one real clients use."""
        guard = self._access.guard
        routes = [Route("/token", guard("token", self._access.token), methods=["POST"])]
        for root in ("/upload/youtube/v3", "/resumable/upload/youtube/v3"):
            routes += [
                Route(f"{root}/videos", guard("start", self._uploads.start), methods=["POST"]),
                Route(f"{root}/videos", self._uploads.put, methods=["PUT"]),
                Route(f"{root}/thumbnails/set", guard("write", self.set_thumbnail), methods=["POST"]),
                Route(f"{root}/captions", guard("write", self.insert_caption), methods=["POST"]),
            ]
        return [
            *routes,
            Route("/youtube/v3/videos", guard("read", self.list_videos), methods=["GET"]),
            Route("/youtube/v3/videos", guard("write", self.delete_video), methods=["DELETE"]),
            Route("/youtube/v3/channels", guard("read", self.list_channels), methods=["GET"]),
            Route("/youtube/v3/playlistItems", guard("read", self.list_playlist), methods=["GET"]),
        ]

    # --- thumbnails, captions ---------------------------------------------------------------------------------------

    def _own_post(self, request: Request, post_id: str) -> Post:
        account, post = self._access.account(request), self._store.post(post_id)
        if post is None or post.platform != PLATFORM or not self._listed(post):
            raise yt.NOT_FOUND()
        if post.account != account:
            raise yt.Refusal(403, "forbidden", "The request is not properly authorized.")
        return post

    async def set_thumbnail(self, request: Request) -> Response:
        """thumbnails.set with `uploadType=media`: the picture is the body."""
        post = self._own_post(request, request.query_params.get("videoId", ""))
        self._access.charge_units("thumbnails")
        data, kind = await request.body(), request.headers.get("content-type", "")
        if not data:
            raise yt.Refusal(400, "mediaBodyRequired", "The request does not include the image content.")
        if len(data) > MAX_THUMBNAIL or not data.startswith((b"\xff\xd8\xff", b"\x89PNG")):
            raise yt.Refusal(400, "invalidImage", "The provided image content is invalid.", "youtube.thumbnail")
        self._store.add_extra(post.post_id, "thumbnail", {"media_type": kind}, data)
        url = str(request.url.replace(path=f"/_media/{post.post_id}/thumbnail", query=""))
        return JSONResponse({"kind": "youtube#thumbnailSetResponse", "items": [{"default": {"url": url}}]})

    async def insert_caption(self, request: Request) -> Response:
        """captions.insert as `multipart/related`: the snippet, then the track."""
        self._access.account(request)
        self._access.charge_units("captions")
        try:
            (_, head), (kind, data) = multipart_related(await request.body(), request.headers.get("content-type", ""))
            snippet = json_object(head)["snippet"]
            post_id, language, name = snippet["videoId"], snippet["language"], snippet.get("name", "")
        except (ValueError, KeyError, TypeError):
            raise yt.bad("invalidMetadata", "The request contains invalid metadata values.") from None
        post = self._own_post(request, str(post_id))
        if not data or len(data) > MAX_CAPTION:
            raise yt.bad("contentRequired", "The request does not contain the caption track contents.")
        if len(str(name)) > 150:
            raise yt.bad("nameTooLong", "The specified caption track name is too long.")
        if any((meta["language"], meta["name"]) == (language, name) for meta, _ in self._captions(post)):
            raise yt.Refusal(
                409, "captionExists", "The specified video already has a caption track.", "youtube.caption"
            )
        meta = {"language": language, "name": name, "media_type": kind, "isDraft": bool(snippet.get("isDraft"))}
        number = self._store.add_extra(post.post_id, "caption", meta, data)
        told = {**snippet, "status": "serving", "trackKind": "standard", "lastUpdated": iso(self._store.now())}
        return JSONResponse({"kind": "youtube#caption", "id": f"caption-{number}", "snippet": told})

    def _captions(self, post: Post) -> list[tuple[dict[str, object], bytes]]:
        return self._store.extras(post.post_id, "caption")

    # --- reads ------------------------------------------------------------------------------------------------------

    def _listed(self, post: Post) -> bool:
        return self._store.now() - post.created >= self._store.settings().listed_after_s

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
        for post in filter(self._listed, found):
            if parts & {"status", "processingDetails"}:
                self._store.poll(post.post_id)
            fresh = self._store.post(post.post_id) or post
            private = set() if post.account == account else {"processingDetails", "fileDetails", "suggestions"}
            items.append(resource(self._store, fresh, parts - private))
        info = {"totalResults": len(items), "resultsPerPage": len(items)}
        return JSONResponse({"kind": "youtube#videoListResponse", "items": items, "pageInfo": info})

    async def delete_video(self, request: Request) -> Response:
        """videos.delete: 204."""
        post = self._own_post(request, request.query_params.get("id", ""))
        self._access.charge_units("delete")
        self._store.delete_post(post.post_id)
        return Response(status_code=204)

    async def list_channels(self, request: Request) -> Response:
        """channels.list of one's own channel."""
        account = self._access.account(request)
        self._access.charge_units("list")
        if request.query_params.get("mine") != "true":
            raise yt.bad("missingRequiredParameter", "No filter selected.", "mine")
        channel = yt.channel_id(account)
        related = {"likes": "", "uploads": "UU" + channel[2:]}
        item = {
            "kind": "youtube#channel",
            "id": channel,
            "snippet": {"title": account},
            "contentDetails": {"relatedPlaylists": related},
        }
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
        posts = list(filter(self._listed, self._store.posts(PLATFORM, account)))
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
