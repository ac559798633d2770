"""X API v2 at wire level: tokens, media uploads, posts, the own timeline, limits and money.

Source: docs/platforms/x.md, docs/platforms/README.md#sandbox; what is UNVERIFIED there is a setting
(`x_access.XSettings`). Calls are named for faults: `token`, `start` (initialize), `append`, `finalize`, `poll`
(STATUS), `write` (subtitles, delete), `publish` (POST /2/tweets) and `read`. Accounts exist by name; `accounts.py`
derives an account's id.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ..store import Post, SandboxStore, Session
from . import post as nouns
from .access import PLATFORM, Access, XSettings
from .accounts import user_id
from .media import Uploads

POST_MILLS, LINK_MILLS = 15, 200
_FIELDS = {
    "attachments", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "edit_history_post_ids",
    "id", "lang", "made_with_ai", "note_post", "note_tweet", "non_public_metrics", "organic_metrics",
    "paid_partnership", "public_metrics", "referenced_posts", "referenced_tweets", "text",
}  # fmt: skip
_EXPANSIONS = {"attachments.media_keys", "author_id", "referenced_tweets.id", "referenced_posts"}


class X:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._uploads = Uploads(store, self._access)

    def routes(self) -> list[Route]:
        """v2, the older paths real clients still use, and the address of a post."""
        route, uploads = self._access.route, self._uploads
        media, status = ("media_per_quarter", "media"), ("status_per_quarter", "status")
        reads, posts = ("reads_per_quarter", "reads"), ("posts_per_quarter", "posts")
        root, post = "/2/media/upload", "/2/tweets"
        return [
            Route("/2/oauth2/token", self._access.plain("token", self._access.token), methods=["POST"]),
            Route("/2/oauth2/revoke", self._access.plain("token", self._access.revoke), methods=["POST"]),
            *self._access.consent.routes(),
            Route(f"{root}/initialize", route("start", uploads.initialize, *media), methods=["POST"]),
            Route(f"{root}/{{media_id}}/append", route("append", uploads.append, *media), methods=["POST"]),
            Route(f"{root}/{{media_id}}/finalize", route("finalize", uploads.finalize, *media), methods=["POST"]),
            Route(root, route("poll", uploads.status, *status), methods=["GET"]),
            Route(root, route("append", uploads.upload, *media), methods=["POST"]),
            Route("/1.1/media/upload.json", route("poll", uploads.legacy_status, *status), methods=["GET"]),
            Route("/1.1/media/upload.json", route("append", uploads.legacy, *media), methods=["POST"]),
            Route("/2/media/subtitles", route("write", uploads.subtitles, *media), methods=["POST"]),
            Route("/2/media/metadata", route("write", uploads.metadata, *media), methods=["POST"]),
            Route(post, route("publish", self.create, *posts), methods=["POST"]),
            Route(post, route("read", self.lookup, *reads), methods=["GET"]),
            Route(f"{post}/{{post_id}}", route("read", self.lookup_one, *reads), methods=["GET"]),
            Route(
                f"{post}/{{post_id}}", route("write", self.delete, "reads_per_quarter", "deletes"), methods=["DELETE"]
            ),
            Route("/2/users/me", route("read", self.me, *reads), methods=["GET"]),
            Route("/2/users/{user_id}/tweets", route("read", self.timeline, *reads), methods=["GET"]),
            Route("/i/status/{post_id}", self.show, methods=["GET"]),
        ]

    # --- POST /2/tweets -----------------------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """Makes a post; the same body again makes another, unless duplicates are refused."""
        account, settings = await self._access.account(request), self._access.settings()
        new = nouns.read(nouns.NewPost, await request.body())
        if settings.usage_capped:
            raise nouns.CAPPED()
        if not new.text.strip() and new.media is None:
            raise nouns.invalid("text or media is required", text=new.text)
        if nouns.length(new.text) > (25_000 if account in settings.premium else 280):
            raise nouns.TOO_LONG()
        media_ids = new.media.media_ids if new.media else []
        sessions = [self._store.session(media_id) for media_id in media_ids]
        if not all(self._uploads.postable(session, account) for session in sessions):
            raise nouns.invalid(nouns.BAD_MEDIA_IDS, **{"media.media_ids": ",".join(media_ids)})
        moving = [session for session in sessions if session and not _is_picture(session)]
        if moving and len(sessions) > 1:
            raise nouns.invalid("Videos and GIFs cannot be mixed with other media.", **{"media.media_ids": "mixed"})
        parent = self._parent(account, new)
        if settings.refuse_duplicates and self._is_duplicate(account, new.text, settings):
            raise nouns.DUPLICATE()
        self._access.charge_app()
        self._access.charge_credits(LINK_MILLS if "://" in new.text else POST_MILLS)
        post = self._make(account, new, [session for session in sessions if session], parent)
        told = {"id": post.post_id, "text": nouns.shown(post.text, bool(media_ids))}
        return JSONResponse({"data": {**told, "edit_history_post_ids": [post.post_id]}}, 201)

    def _parent(self, account: str, new: nouns.NewPost) -> Post | None:
        if new.reply is None:
            return None
        parent = self._store.post(new.reply.in_reply_to_tweet_id)
        if parent is None or parent.platform != PLATFORM:
            raise nouns.Refusal(
                403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you."
            )
        if parent.account != account or not self._access.settings().self_replies:
            raise nouns.NO_REPLY()
        return parent

    def _is_duplicate(self, account: str, text: str, settings: XSettings) -> bool:
        since = self._store.now() - settings.duplicate_window_s
        return bool(text) and any(
            post.text == text and post.created > since for post in self._store.posts(PLATFORM, account)
        )

    def _make(self, account: str, new: nouns.NewPost, sessions: list[Session], parent: Post | None) -> Post:
        post_id = nouns.new_id(self._store.now())
        meta = {
            "media_keys": [session.meta["media_key"] for session in sessions],
            "media_ids": [session.id for session in sessions],
            "subtitles": [track for session in sessions for track in session.meta["subtitles"]],
            "conversation_id": parent.meta["conversation_id"] if parent else post_id,
            "reply_to": parent.post_id if parent else "",
            "made_with_ai": bool(new.made_with_ai),
            "paid_partnership": bool(new.paid_partnership),
        }
        if sessions and _is_picture(sessions[0]):
            meta["alt_texts"] = [session.meta.get("alt_text", "") for session in sessions]
            return self._store.publish_pictures(sessions, post_id, text=new.text, meta=meta)
        if sessions:
            return self._store.publish(sessions[0], post_id, title="", text=new.text, meta=meta)
        return self._store.add_text_post(post_id, PLATFORM, account, new.text, meta)

    # --- reads --------------------------------------------------------------------------------------------------------

    def _listed(self, post: Post | None) -> bool:
        late = self._access.settings().listed_after_s
        return post is not None and post.platform == PLATFORM and self._store.now() - post.created >= late

    def _rendered(self, request: Request, posts: list[Post]) -> dict[str, Any]:
        """`data` and `includes`; `post.fields` uses the names of 2026, `tweet.fields` the older ones."""
        params = request.query_params
        renamed = "post.fields" in params
        fields = _names(params.get("post.fields") or params.get("tweet.fields"), _FIELDS, "tweet.fields")
        expansions = _names(params.get("expansions"), _EXPANSIONS, "expansions")
        expanded = "attachments.media_keys" in expansions
        answer: dict[str, Any] = {
            "data": [nouns.resource(post, fields, renamed=renamed, expanded=expanded) for post in posts]
        }
        keys = list(dict.fromkeys(key for post in posts for key in post.meta["media_keys"]))
        if expanded and keys:
            answer["includes"] = {"media": [{"media_key": key, "type": "video"} for key in keys]}
        return answer

    async def lookup(self, request: Request) -> Response:
        """GET /2/tweets?ids=: 200 even where some are missing, which are listed in `errors`."""
        await self._access.account(request)
        wanted = [part for part in request.query_params.get("ids", "").split(",") if part]
        if not 0 < len(wanted) <= 100 or not all(part.isdigit() for part in wanted):
            raise nouns.invalid("The `ids` query parameter value is not valid", ids=",".join(wanted)[:100])
        found = [post for post in map(self._store.post, wanted) if post and self._listed(post)]
        answer = self._rendered(request, found) if found else {}
        missing = [nouns.not_found(part) for part in wanted if part not in {post.post_id for post in found}]
        return JSONResponse({**answer, **({"errors": missing} if missing else {})})

    async def lookup_one(self, request: Request) -> Response:
        """GET /2/tweets/{id}: 200 with `errors` and no `data` when there is none."""
        await self._access.account(request)
        post = self._store.post(request.path_params["post_id"])
        if post is None or not self._listed(post):
            return JSONResponse({"errors": [nouns.not_found(request.path_params["post_id"])]})
        answer = self._rendered(request, [post])
        return JSONResponse({**answer, "data": answer["data"][0]})

    async def delete(self, request: Request) -> Response:
        """DELETE /2/tweets/{id}; one that is gone is as good as deleted."""
        account, post = await self._access.account(request), self._store.post(request.path_params["post_id"])
        if post is not None and post.account != account:
            raise nouns.NOT_YOURS()
        if post is not None:
            self._store.delete_post(post.post_id)
        return JSONResponse({"data": {"deleted": True}})

    async def me(self, request: Request) -> Response:
        """GET /2/users/me."""
        account = await self._access.account(request)
        return JSONResponse({"data": {"id": user_id(account), "name": account, "username": account[:15]}})

    async def timeline(self, request: Request) -> Response:
        """GET /2/users/{id}/tweets: newest first, replies included, pages of 5 to 100."""
        account, params = await self._access.account(request), request.query_params
        if request.path_params["user_id"] != user_id(account):
            return JSONResponse({"errors": [nouns.not_found(request.path_params["user_id"])]})
        try:
            size, at = int(params.get("max_results", "10")), int(params.get("pagination_token", "p0")[1:])
        except ValueError:
            size, at = 0, 0
        if not 5 <= size <= 100:
            raise nouns.invalid(
                "The `max_results` query parameter value is not between 5 and 100", max_results=str(size)
            )
        since, until = params.get("start_time", ""), params.get("end_time", "")
        posts = [
            post
            for post in filter(self._listed, self._store.posts(PLATFORM, account))
            if (not since or nouns.stamp(post.created)[:19] >= since[:19])
            and (not until or nouns.stamp(post.created)[:19] < until[:19])
            and not ("replies" in params.get("exclude", "") and post.meta["reply_to"])
        ]
        page = posts[at : at + size]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].post_id, "oldest_id": page[-1].post_id}
        if at + size < len(posts):
            meta["next_token"] = f"p{at + size}"
        return JSONResponse({**(self._rendered(request, page) if page else {}), "meta": meta})

    async def show(self, request: Request) -> Response:
        """The address of a post leads to its page."""
        return RedirectResponse(f"/watch?v={request.path_params['post_id'][:20]}", 302)


def _is_picture(session: Session) -> bool:
    return bool(session.meta["category"] == "tweet_image")


def _names(text: str | None, known: set[str], parameter: str) -> set[str]:
    names = {name.strip() for name in (text or "").split(",") if name.strip()}
    if unknown := names - known:
        message = f"The `{parameter}` query parameter value [{min(unknown)[:40]}] is not one of the known ones"
        raise nouns.invalid(message, **{parameter: min(unknown)[:40]})
    return names
