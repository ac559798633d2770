"""Comment threads and comments of sandboxed videos (docs/platforms/youtube.md#calls, #quota). Every comment is an
account's own."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..additions import Extra, PostAdditions
from ..store import Post, SandboxStore, iso
from ..wire import json_object
from . import video as yt
from .access import PLATFORM, Access

MAX_TEXT = 10_000
STATES = ("published", "heldForReview", "likelySpam", "rejected")
_ID = re.compile(r"Ugsandbox(\d{1,15})AaABAg(?:\.\d{1,15})?")
_THREAD, _COMMENT = "youtube.commentThread", "youtube.comment"


class Comments:
    """commentThreads.* and comments.*, over a store."""

    def __init__(self, store: SandboxStore, access: Access) -> None:
        self._store = store
        self._access = access
        self._extras = PostAdditions(store)

    async def list_threads(self, request: Request) -> Response:
        """commentThreads.list by video or by id, 20 to a page by default."""
        account = self._access.account(request, "talk")
        self._access.charge_units("list")
        query = request.query_params
        if ids := query.get("id"):
            threads = [self._found(one) for one in ids.split(",")]
        else:
            threads = self._threads(query.get("videoId", ""), query.get("moderationStatus", "published"))
            if query.get("order", "time") == "time":
                threads.reverse()
        try:
            size, at = int(query.get("maxResults", "20")), int(query.get("pageToken", "C0")[1:])
        except ValueError:
            raise yt.Refusal(400, "invalidPageToken", "Invalid page token.", _THREAD, "pageToken") from None
        if not 1 <= size <= 100:
            raise yt.Refusal(400, "invalidParameter", "Invalid value.", "global", "maxResults")
        plain = query.get("textFormat") == "plainText"
        items = [self._thread(extra, account, plain, query.get("part", "")) for extra in threads[at : at + size]]
        answer: dict[str, Any] = {"kind": "youtube#commentThreadListResponse", "items": items}
        if at + size < len(threads):
            answer["nextPageToken"] = f"C{at + size}"
        info = {"totalResults": len(items), "resultsPerPage": size}
        return JSONResponse({**answer, "pageInfo": info})

    async def insert_thread(self, request: Request) -> Response:
        """commentThreads.insert: a top level comment."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        told = _object(await request.body())
        try:
            video_id = str(told["snippet"]["videoId"])
            text = told["snippet"]["topLevelComment"]["snippet"]["textOriginal"]
        except (KeyError, TypeError):
            raise yt.Refusal(400, "invalidCommentThreadMetadata", "Invalid comment thread.", _THREAD) from None
        post = self._open_post(video_id)
        made = self._add(post, account, _checked(text), parent=0)
        return JSONResponse(self._thread(made, account, True, request.query_params.get("part", "")))

    async def list_comments(self, request: Request) -> Response:
        """comments.list: the replies to a comment, or comments by id."""
        account = self._access.account(request, "talk")
        self._access.charge_units("list")
        query = request.query_params
        if ids := query.get("id"):
            found = [self._found(one) for one in ids.split(",")]
        else:
            found = self._replies(self._found(query.get("parentId", "")))
        plain = query.get("textFormat") == "plainText"
        return JSONResponse(
            {"kind": "youtube#commentListResponse", "items": [self._comment(one, account, plain) for one in found]}
        )

    async def insert_comment(self, request: Request) -> Response:
        """comments.insert: a reply."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        snippet = _object(await request.body()).get("snippet")
        told = snippet if isinstance(snippet, dict) else {}
        parent = self._found(str(told.get("parentId", "")))
        post = self._open_post(parent.post_id)
        made = self._add(post, account, _checked(told.get("textOriginal")), parent=parent.number)
        return JSONResponse(self._comment(made, account, True))

    async def update_comment(self, request: Request) -> Response:
        """comments.update of one's own comment."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        told = _object(await request.body())
        extra = self._found(str(told.get("id", "")))
        if extra.meta["author"] != account:
            raise yt.Refusal(403, "forbidden", "The comment cannot be updated.", _COMMENT)
        snippet = told.get("snippet")
        extra.meta["text"] = _checked(snippet.get("textOriginal") if isinstance(snippet, dict) else None)
        extra.meta["updated"] = self._store.now()
        self._extras.change(extra.number, extra.meta, b"")
        return JSONResponse(self._comment(extra, account, True))

    async def delete_comment(self, request: Request) -> Response:
        """comments.delete, by its author: 204. Its replies go with it."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        extra = self._found(request.query_params.get("id", ""))
        if extra.meta["author"] != account:
            raise yt.Refusal(403, "forbidden", "The comment cannot be deleted.", _COMMENT)
        for one in (extra, *self._replies(extra)):
            self._extras.drop(one.number)
        return Response(status_code=204)

    async def moderate(self, request: Request) -> Response:
        """comments.setModerationStatus, by the video's owner: 204."""
        account = self._access.account(request, "talk")
        self._access.charge_units("write")
        state = request.query_params.get("moderationStatus", "")
        if state not in STATES:
            raise yt.Refusal(400, "invalidParameter", "Invalid value.", "global", "moderationStatus")
        for one in request.query_params.get("id", "").split(","):
            extra = self._found(one)
            post = self._store.post(extra.post_id)
            if post is None or post.account != account:
                raise yt.Refusal(403, "forbidden", "Insufficient permissions to moderate the comment.", _COMMENT)
            self._extras.change(extra.number, {**extra.meta, "state": state}, b"")
        return Response(status_code=204)

    # --- what is there ----------------------------------------------------------------------------------------------

    def _open_post(self, video_id: str) -> Post:
        post = self._store.post(video_id)
        lag = self._store.settings().listed_after_s
        if post is None or post.platform != PLATFORM or self._store.now() - post.created < lag:
            raise yt.Refusal(404, "videoNotFound", "The video could not be found.", _THREAD, "videoId")
        status = post.meta.get("status", {})
        closed = status.get("selfDeclaredMadeForKids") or status.get("privacyStatus") == "private"
        if closed or self._access.settings().comments_disabled:
            message = "The video identified by the videoId parameter has disabled comments."
            raise yt.Refusal(403, "commentsDisabled", message, _THREAD, "videoId")
        return post

    def _threads(self, video_id: str, state: str) -> list[Extra]:
        post, now = self._open_post(video_id), self._store.now()
        lag = self._access.settings().comment_listed_after_s
        return [
            extra
            for extra in self._extras.of(post.post_id, "comment")
            if not extra.meta["parent"] and extra.meta["state"] == state and now - extra.meta["created"] >= lag
        ]

    def _replies(self, parent: Extra) -> list[Extra]:
        comments = self._extras.of(parent.post_id, "comment")
        return [extra for extra in comments if extra.meta["parent"] == parent.number]

    def _found(self, comment_id: str) -> Extra:
        match = _ID.fullmatch(comment_id)
        number = comment_id.rpartition(".")[2] if "." in comment_id else match[1] if match else ""
        extra = self._extras.get(int(number)) if match and number else None
        if extra is None or extra.kind != "comment":
            raise yt.Refusal(404, "commentNotFound", "The comment could not be found.", _COMMENT, "id")
        return extra

    def _add(self, post: Post, account: str, text: str, *, parent: int) -> Extra:
        now = self._store.now()
        meta = {"author": account, "text": text, "parent": parent, "state": "published", "created": now, "updated": now}
        return self._extras.add(post.post_id, "comment", meta)

    # --- answers ----------------------------------------------------------------------------------------------------

    def _thread(self, extra: Extra, account: str, plain: bool, part: str) -> dict[str, Any]:
        replies = self._replies(extra)
        comment = self._comment(extra, account, plain)
        snippet = {
            "channelId": comment["snippet"]["channelId"],
            "videoId": extra.post_id,
            "topLevelComment": comment,
            "canReply": True,
            "totalReplyCount": len(replies),
            "isPublic": True,
        }
        thread: dict[str, Any] = {"kind": "youtube#commentThread", "etag": "", "id": comment["id"], "snippet": snippet}
        if "replies" in part and replies:
            thread["replies"] = {"comments": [self._comment(one, account, plain) for one in replies]}
        return thread

    def _comment(self, extra: Extra, account: str, plain: bool) -> dict[str, Any]:
        meta, post = extra.meta, self._store.post(extra.post_id)
        author = str(meta["author"])
        shown = meta["text"] if plain else escape(meta["text"]).replace("\n", "<br>")
        snippet: dict[str, Any] = {
            "channelId": yt.channel_id(post.account if post else author),
            "videoId": extra.post_id,
            "textDisplay": shown,
            "authorDisplayName": f"@{author}",
            "authorChannelUrl": f"http://www.youtube.com/@{author}",
            "authorChannelId": {"value": yt.channel_id(author)},
            "canRate": True,
            "viewerRating": "none",
            "likeCount": 0,
            "publishedAt": iso(meta["created"]),
            "updatedAt": iso(meta["updated"]),
        }
        if author == account:  # the raw text is shown to its author alone
            snippet["textOriginal"] = meta["text"]
        if meta["parent"]:
            snippet["parentId"] = _comment_id(meta["parent"])
        own_id = f"{_comment_id(meta['parent'])}.{extra.number}" if meta["parent"] else _comment_id(extra.number)
        return {"kind": "youtube#comment", "etag": "", "id": own_id, "snippet": snippet}


def _comment_id(number: int) -> str:
    return f"Ugsandbox{number:06d}AaABAg"


def _checked(text: object) -> str:
    if not isinstance(text, str) or not text.strip():
        raise yt.Refusal(400, "commentTextRequired", "The comment must contain text.", _COMMENT)
    if len(text) > MAX_TEXT:
        raise yt.Refusal(400, "commentTextTooLong", "The comment text is too long.", _COMMENT)
    return text


def _object(body: bytes) -> dict[str, Any]:
    try:
        return json_object(body)
    except ValueError:
        raise yt.Refusal(400, "parseError", "Parse Error", "global") from None
