"""Meta's Graph API in the sandbox: which handler answers what, for Instagram and Facebook on one host.

Every path is served with a version (`/v26.0/...`) and without, with a trailing slash and without (the SDK sends one).
Objects have ids of at least ten digits, so that no path of another platform is caught; this one comes last even so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..store import SandboxStore
from ..wire import Guard
from .access import (
    FACEBOOK,
    INSTAGRAM,
    Access,
    Call,
    MetaSettings,
    Refusal,
    day_quota,
    dead_token,
    is_instagram,
    only,
    read_call,
    throttled,
    usage_headers,
)
from .accounts import instagram_user, page_of
from .facebook import Facebook, FacebookSettings
from .instagram import Instagram, InstagramSettings
from .people import People, is_person
from .photos import KIND, Photos, node_of
from .upload import Rupload

SETTINGS: dict[str, type[MetaSettings]] = {INSTAGRAM: InstagramSettings, FACEBOOK: FacebookSettings}
Answer = Callable[[Call], Awaitable[Response]]
Open = Callable[[Call, MetaSettings], Response | Awaitable[Response]]


class Choice(NamedTuple):
    """Who answers a call, and what faults call its kind."""

    platform: str
    op: str
    handler: Answer


Choose = Callable[[Call], Choice]


class Meta:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._instagram = Instagram(store)
        self._facebook = Facebook(store)
        self._photos = Photos(store)
        self._rupload = Rupload(store, self._access, self._settings)
        self._people = People(store, self._access)

    def _settings(self, platform: str) -> MetaSettings:
        return self._store.platform_settings(SETTINGS[platform])

    def routes(self) -> list[Route]:
        """All of them."""
        ig, fb = self._instagram, self._facebook
        edges: list[tuple[str, str, Choose]] = [
            ("media", "POST", self._to(INSTAGRAM, "start", ig.create)),
            ("media", "GET", self._to(INSTAGRAM, "read", ig.list_media)),
            ("media_publish", "POST", self._to(INSTAGRAM, "publish", ig.publish)),
            ("content_publishing_limit", "GET", self._to(INSTAGRAM, "read", ig.quota)),
            ("video_reels", "POST", self._upload(fb.reel)),
            ("video_reels", "GET", self._to(FACEBOOK, "read", fb.list_videos)),
            ("video_stories", "POST", self._upload(fb.story)),
            ("videos", "POST", self._upload(fb.classic)),
            ("advideos", "POST", self._upload(fb.classic)),
            ("videos", "GET", self._to(FACEBOOK, "read", fb.list_videos)),
            ("photos", "POST", self._to(FACEBOOK, "put", self._photos.upload)),
            ("feed", "POST", self._to(FACEBOOK, "publish", self._photos.feed)),
            ("published_posts", "GET", self._to(FACEBOOK, "read", self._photos.published_posts)),
            ("thumbnails", "POST", self._to(FACEBOOK, "write", fb.thumbnail)),
            ("thumbnails", "GET", self._to(FACEBOOK, "read", fb.list_thumbnails)),
            ("captions", "POST", self._to(FACEBOOK, "write", fb.captions)),
            ("captions", "GET", self._to(FACEBOOK, "read", fb.list_captions)),
            ("stories", "GET", self._either("read", ig.list_stories, fb.list_stories)),
            ("comments", "POST", self._either("write", ig.comment, fb.comment)),
            ("comments", "GET", self._either("read", ig.list_comments, fb.list_comments)),
        ]
        routes = [
            Route("/ig-api-upload/{version:graphversion}/{id:graphid}", self._rupload.instagram, methods=["POST"]),
            Route("/video-upload/{version:graphversion}/{id:graphid}", self._rupload.facebook, methods=["POST"]),
            *self._people.consent.routes(),
        ]
        for prefix in ("/{version:graphversion}", ""):
            for slash in ("", "/"):
                routes += [
                    self._route(f"{prefix}/{{id:graphid}}/{edge}{slash}", method, choose)
                    for edge, method, choose in edges
                ]
                routes += [
                    self._route(f"{prefix}/{{id:graphid}}{slash}", "GET", self._node),
                    self._route(
                        f"{prefix}/{{id:graphid}}{slash}", "DELETE", self._either("delete", ig.delete, fb.delete)
                    ),
                ]
            routes += [
                *self._consent_routes(prefix),
                self._route(f"{prefix}/me", "GET", self._to(FACEBOOK, "read", self.me)),
                self._route(f"{prefix}/me/accounts", "GET", self._to(FACEBOOK, "read", self.pages)),
                self._open(f"{prefix}/oauth/access_token", "GET", FACEBOOK, self._access.exchange),
                self._open(f"{prefix}/oauth/access_token", "POST", INSTAGRAM, self._code),
                self._open(f"{prefix}/access_token", "GET", INSTAGRAM, self._access.exchange),
                self._open(f"{prefix}/refresh_access_token", "GET", INSTAGRAM, self._access.exchange),
            ]
        return routes

    def _consent_routes(self, prefix: str) -> list[Route]:
        """What a person's token is for: pages, permissions, and Meta's view of a token."""
        people = self._people
        return [
            self._route(f"{prefix}/me/permissions", "GET", self._to(FACEBOOK, "read", people.permissions)),
            self._route(f"{prefix}/me/permissions", "DELETE", self._to(FACEBOOK, "write", people.revoke)),
            self._route(f"{prefix}/{{id:graphid}}/permissions", "DELETE", self._to(FACEBOOK, "write", people.revoke)),
            self._route(f"{prefix}/me/businesses", "GET", self._to(FACEBOOK, "read", people.businesses)),
            self._route(f"{prefix}/{{id:graphid}}/owned_pages", "GET", self._to(FACEBOOK, "read", people.owned)),
            self._route(f"{prefix}/{{id:graphid}}/client_pages", "GET", self._to(FACEBOOK, "read", people.client)),
            self._open(f"{prefix}/debug_token", "GET", FACEBOOK, people.debug),
        ]

    # --- choosing ---------------------------------------------------------------------------------------------------

    def _to(self, platform: str, op: str, handler: Answer) -> Choose:
        return lambda call: Choice(platform, op, handler)

    def _either(self, op: str, instagram: Answer, facebook: Answer) -> Choose:
        return lambda call: (
            Choice(INSTAGRAM, op, instagram) if is_instagram(call.id) else Choice(FACEBOOK, op, facebook)
        )

    def _upload(self, handler: Answer) -> Choose:
        ops = {"start": "start", "transfer": "put", "finish": "publish"}
        return lambda call: Choice(FACEBOOK, ops.get(call.params.get("upload_phase", "").lower(), "start"), handler)

    def _node(self, call: Call) -> Choice:
        """Whatever is behind an id."""
        if is_instagram(call.id):
            if call.id == instagram_user(call.account):
                return Choice(INSTAGRAM, "read", self._instagram.read_user)
            session = self._store.session(call.id)
            if session is not None:
                return Choice(INSTAGRAM, "poll", self._instagram.read_container)
            return Choice(INSTAGRAM, "read", self._instagram.read_media)
        if call.id == page_of(call.account):
            return Choice(FACEBOOK, "read", self._facebook.read_page)
        if self._photos.is_photo(call.id):
            return Choice(FACEBOOK, "poll", self._photos.read_photo)
        if self._store.session(call.id) is None and self._store.post(call.id) is not None:
            return Choice(FACEBOOK, "read", self.post)
        return Choice(FACEBOOK, "poll", self._facebook.read_video)

    # --- answering --------------------------------------------------------------------------------------------------

    def _route(self, path: str, method: str, choose: Choose) -> Route:
        """Parameters are read, the fault points passed and the token checked, and then the handler is called."""

        async def endpoint(request: Request) -> Response:
            try:
                call = await read_call(request)
            except Refusal as refusal:
                return refusal.response()
            except ClientDisconnect:
                return Response(status_code=400)
            token = self._access.token_of(request, call.params)
            call = replace(call, account=self._access.owner(token))
            platform, op, handler = choose(call)

            async def work(_: Request) -> Response:
                settings = self._settings(platform)
                self._access.account(token)
                self._access.prove(call, token, settings)
                if settings.throttle_minutes:
                    raise throttled(platform)
                return await handler(call)

            response = await self._guard(platform, op, call.account)(op, work)(request)
            response.headers.update(usage_headers(call.account, platform, self._settings(platform)))
            return response

        return Route(path, endpoint, methods=[method])

    def _open(self, path: str, method: str, platform: str, handler: Open) -> Route:
        """A door without a token: `op` is `token`."""

        async def endpoint(request: Request) -> Response:
            async def work(_: Request) -> Response:
                answer = handler(await read_call(request), self._settings(platform))
                return answer if isinstance(answer, Response) else await answer

            return await self._guard(platform, "token", "")("token", work)(request)

        return Route(path, endpoint, methods=[method])

    def _guard(self, platform: str, op: str, account: str) -> Guard:
        spent = day_quota() if op in ("publish", "start") and platform == INSTAGRAM else throttled(platform)
        if op == "publish" and platform == FACEBOOK:
            spent = Refusal(self._facebook.settings().reels_code, "Too many reels were published in 24 hours.")
        return Guard(
            self._store,
            platform,
            unauthorized=lambda: dead_token(463).response(),
            quota_spent=lambda: spent.response(),
            account_of=lambda _: account,
        )

    async def _code(self, call: Call, settings: MetaSettings) -> Response:
        if "exchange" in call.params.get("grant_type", ""):
            return self._access.exchange(call, settings)
        if self._people.consent.books.switches().sandbox_codes and call.params.get("code", "").startswith("sandbox-"):
            return self._access.code(call, settings)
        return await self._people.code(call)

    async def me(self, call: Call) -> Response:
        """`GET /me`: the page of the token, or the person."""
        if is_person(call.account):
            return await self._people.me(call)
        call.request.path_params["id"] = "me"
        return await self._facebook.read_page(call)

    async def pages(self, call: Call) -> Response:
        """`GET /me/accounts`: the account's one page, with a token of its own; a person's pages."""
        if is_person(call.account):
            return await self._people.accounts(call)
        token = self._access.issue(call.account, self._settings(FACEBOOK))["access_token"]
        page = {"id": page_of(call.account), "name": call.account, "access_token": token}
        return JSONResponse({"data": [page]})

    async def post(self, call: Call) -> Response:
        """`GET /{page}_{post}`: a story, or a post with photos."""
        post = self._store.post(call.id)
        if post is not None and post.account == call.account and post.meta.get("kind") == KIND:
            return JSONResponse(only(node_of(post), call.fields))
        if post is None or post.account != call.account or "status" in call.fields:
            raise Refusal(100, "(#100) Tried accessing nonexisting field (status) on node type (Post)")
        return JSONResponse({"id": post.post_id})
