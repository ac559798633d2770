"""Thumbnails and caption tracks of sandboxed videos (docs/platforms/youtube.md#calls, #quota)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..additions import Extra, PostAdditions
from ..store import Post, SandboxStore, iso
from ..wire import json_object, multipart_related
from . import video as yt
from .access import Access
from .upload import own_post, state_of

MAX_THUMBNAIL = 52_428_800
MAX_CAPTION = 104_857_600
MAX_NAME = 150
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG")
_THUMBNAIL, _CAPTION = "youtube.thumbnail", "youtube.caption"


class Additions:
    """thumbnails.set and captions.*, over a store. Both are given as simple uploads (`media`, `multipart`)."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access
        self._extras = PostAdditions(store)

    async def set_thumbnail(self, request: Request) -> Response:
        """thumbnails.set with `uploadType=media`: the picture is the body."""
        account = self._access.account(request, "upload")
        post = own_post(self._store, account, request.query_params.get("videoId", ""))
        self._access.charge_units("write")
        settings, data = self._access.settings(), await request.body()
        if not settings.thumbnails_allowed:
            message = "The authenticated user doesn't have permissions to upload and set custom video thumbnails."
            raise yt.Refusal(403, "forbidden", message, _THUMBNAIL)
        if settings.thumbnails_after_processing and state_of(self._store, post)["status"]["uploadStatus"] == "uploaded":
            raise yt.Refusal(400, "failedPrecondition", "Precondition check failed.", "global")
        if not data:
            raise yt.Refusal(400, "mediaBodyRequired", "The request does not include the image content.", _THUMBNAIL)
        if len(data) > MAX_THUMBNAIL or not data.startswith(_PICTURES):
            raise yt.Refusal(400, "invalidImage", "The provided image content is invalid.", _THUMBNAIL)
        kind = request.headers.get("content-type", "")
        self._extras.add(post.post_id, "thumbnail", {"media_type": kind}, data)
        url = str(request.url.replace(path=f"/_media/{post.post_id}/thumbnail", query=""))
        items = [{"default": {"url": url, "width": 120, "height": 90}}]
        return JSONResponse({"kind": "youtube#thumbnailSetResponse", "items": items})

    # --- captions ---------------------------------------------------------------------------------------------------

    async def list_captions(self, request: Request) -> Response:
        """captions.list of a video of one's own."""
        account = self._access.account(request, "talk")
        self._access.charge_units("captions.list")
        post = own_post(self._store, account, request.query_params.get("videoId", ""))
        items = [_told(extra) for extra in self._extras.of(post.post_id, "caption")]
        return JSONResponse({"kind": "youtube#captionListResponse", "items": items})

    async def insert_caption(self, request: Request) -> Response:
        """captions.insert as `multipart/related`: the snippet, then the track."""
        account = self._access.account(request, "talk")
        self._access.charge_units("captions.insert")
        told, kind, data = _parts(request, await request.body())
        try:
            snippet = told["snippet"]
            post_id, language, name = str(snippet["videoId"]), str(snippet["language"]), str(snippet["name"])
        except (KeyError, TypeError):
            raise _invalid() from None
        post = own_post(self._store, account, post_id)
        _check_track(name, data)
        if self._track(post, language, name):
            raise yt.Refusal(409, "captionExists", "The specified video already has a caption track.", _CAPTION)
        meta = {
            "language": language,
            "name": name,
            "isDraft": bool(snippet.get("isDraft")),
            "media_type": kind,
            "updated": self._store.now(),
        }
        return JSONResponse(_told(self._extras.add(post.post_id, "caption", meta, data)))

    async def update_caption(self, request: Request) -> Response:
        """captions.update: a new track, a new draft status, or both."""
        account = self._access.account(request, "talk")
        self._access.charge_units("captions.update")
        body = await request.body()
        if request.headers.get("content-type", "").startswith("multipart/"):
            told, kind, data = _parts(request, body)
        else:
            told, kind, data = _object(body), "", b""
        extra = self._own(account, str(told.get("id", "")))
        snippet = told.get("snippet")
        if isinstance(snippet, dict) and "isDraft" in snippet:
            extra.meta["isDraft"] = bool(snippet["isDraft"])
        if data:
            _check_track("", data)
            extra.meta["media_type"] = kind
        extra.meta["updated"] = self._store.now()
        self._extras.change(extra.number, extra.meta, data or extra.data)
        return JSONResponse(_told(extra))

    async def delete_caption(self, request: Request) -> Response:
        """captions.delete: 204."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        self._extras.drop(self._own(account, request.query_params.get("id", "")).number)
        return Response(status_code=204)

    async def download_caption(self, request: Request) -> Response:
        """captions.download: the track as it was given. Other formats are not made."""
        account = self._access.account(request, "talk")
        self._access.charge_units("captions.download")
        extra = self._own(account, request.path_params["caption_id"])
        return Response(extra.data, media_type="application/octet-stream")

    def _own(self, account: str, caption_id: str) -> Extra:
        number = caption_id.removeprefix("caption-")
        extra = self._extras.get(int(number)) if number.isdigit() and len(number) < 16 else None
        if extra is None or extra.kind != "caption":
            raise yt.Refusal(404, "captionNotFound", "The specified caption track could not be found.", _CAPTION)
        own_post(self._store, account, extra.post_id)
        return extra

    def _track(self, post: Post, language: str, name: str) -> bool:
        known = [extra.meta for extra in self._extras.of(post.post_id, "caption")]
        return any((meta["language"], meta["name"]) == (language, name) for meta in known)


def _told(extra: Extra) -> dict[str, Any]:
    snippet = {
        "videoId": extra.post_id,
        "lastUpdated": iso(extra.meta["updated"]),
        "trackKind": "standard",
        "language": extra.meta["language"],
        "name": extra.meta["name"],
        "audioTrackType": "unknown",
        "isCC": False,
        "isLarge": False,
        "isEasyReader": False,
        "isDraft": extra.meta["isDraft"],
        "isAutoSynced": False,
        "status": "serving",
    }
    return {"kind": "youtube#caption", "etag": "", "id": f"caption-{extra.number}", "snippet": snippet}


def _parts(request: Request, body: bytes) -> tuple[dict[str, Any], str, bytes]:
    """The JSON, and the file with its content type."""
    try:
        (_, head), (kind, data) = multipart_related(body, request.headers.get("content-type", ""))
        return json_object(head), kind, data
    except ValueError:
        raise _invalid() from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except ValueError:
        raise _invalid() from None


def _check_track(name: str, data: bytes) -> None:
    if not data or len(data) > MAX_CAPTION:
        raise yt.Refusal(400, "contentRequired", "The request does not contain the caption track contents.", _CAPTION)
    if len(name) > MAX_NAME:
        raise yt.Refusal(400, "nameTooLong", "The specified caption track name is too long.", _CAPTION)


def _invalid() -> yt.Refusal:
    return yt.Refusal(400, "invalidMetadata", "The request contains invalid metadata values.", _CAPTION)
