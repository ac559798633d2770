"""LinkedIn's REST API at wire level: posts, comments, and the routes of media and sign-in.

Source: docs/platforms/linkedin.md, docs/platforms/README.md#sandbox. What the real service does is followed where it is
known, and is a setting where it is not (`linkedin_access.LinkedInSettings`).

What faults call the requests: `token`, `start` (initializeUpload), `put` (bytes to a pre-signed address: a part, a
picture, captions), `finish` (finalizeUpload), `poll` (GET a video), `publish` (POST a post), `read` (GET posts and
comments), `write` (comment, delete). `expire_token` at `put` ends the account's tokens and takes the bytes;
`expire_session` at `put` answers as an expired address does; `fail_processing` at `finish` lets the processing fail.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ..store import Post, SandboxStore, Session
from ..wire import Handler
from . import text as linkedin_text
from .access import NOT_FOUND, PLATFORM, Access, Refusal, denied, invalid
from .accounts import organization, person
from .media import Media, read_body

COMMENTARY, COMMENT = 3_000, 1_250
ALT_TEXT = 4_086
"""UNVERIFIED."""
FIELDS = {
    "author",
    "commentary",
    "visibility",
    "distribution",
    "content",
    "lifecycleState",
    "isReshareDisabledByAuthor",
}
NEEDED = ("author", "commentary", "visibility", "distribution", "lifecycleState")
VISIBILITY = {"PUBLIC", "CONNECTIONS", "LOGGED_IN"}


class LinkedIn:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._access = Access(store)
        self._media = Media(store, self._access)

    def routes(self) -> list[Route]:
        """In the real world OAuth and the pre-signed addresses are at www.linkedin.com; here all is one host."""
        guard, media, access = self._access.guard, self._media, self._access
        posts, urn = "/rest/posts", "{urn}"
        comments = f"/rest/socialActions/{urn}/comments"
        return [
            Route("/oauth/v2/accessToken", guard("token", access.token), methods=["POST"]),
            Route("/oauth/v2/introspectToken", guard("token", access.introspect), methods=["POST"]),
            Route("/oauth/v2/revoke", guard("token", access.revoke), methods=["POST"]),
            *access.consent.routes(),
            Route("/v2/me", guard("read", self.member), methods=["GET"]),
            Route("/rest/organizations/{id}", guard("read", self.organisation), methods=["GET"]),
            Route("/v2/userinfo", guard("read", self.userinfo), methods=["GET"]),
            Route("/rest/organizationAcls", guard("read", self.roles), methods=["GET"]),
            Route("/rest/videos", self._videos, methods=["POST"]),
            Route(f"/rest/videos/{urn}", guard("poll", _encoded(media.read_video)), methods=["GET"]),
            Route("/rest/images", guard("start", media.images), methods=["POST"]),
            Route("/dms-uploads/sp/{name}/{what}", media.put, methods=["PUT", "POST"]),
            Route(posts, guard("publish", self.create), methods=["POST"]),
            Route(posts, guard("read", self.find), methods=["GET"]),
            Route(f"{posts}/{urn}", guard("read", _encoded(self.get)), methods=["GET"]),
            Route(f"{posts}/{urn}", guard("write", _encoded(self.delete)), methods=["DELETE"]),
            Route(comments, guard("write", _encoded(self.comment)), methods=["POST"]),
            Route(comments, guard("read", _encoded(self.comments)), methods=["GET"]),
            Route("/feed/update/{urn}", self.watch),
            Route("/feed/update/{urn}/", self.watch),
        ]

    async def _videos(self, request: Request) -> Response:
        """Two actions at one address."""
        op = "finish" if request.query_params.get("action") == "finalizeUpload" else "start"
        return await self._access.guard(op, self._media.videos)(request)

    async def watch(self, request: Request) -> Response:
        """The address that people are given."""
        urn = request.path_params["urn"]
        if self._store.post(urn) is None:
            return PlainTextResponse("not found", 404)
        return RedirectResponse(f"/watch?v={quote(urn)}")

    # --- who ----------------------------------------------------------------------------------------------------------

    async def userinfo(self, request: Request) -> Response:
        """OpenID's own member; not a versioned address."""
        account = self._access.owner(request)
        if not account:
            raise Refusal(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
        return JSONResponse({"sub": person(account).rpartition(":")[2], "name": account})

    async def roles(self, request: Request) -> Response:
        """organizationAcls?q=roleAssignee: the pages that the member has a role on."""
        account = self._access.account(request)
        if request.query_params.get("q") != "roleAssignee":
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Unknown finder for resource organizationAcls")
        roles = [
            {"organization": organization(name), "roleAssignee": person(account), "role": role, "state": "APPROVED"}
            for name, role in self._access.organizations(account)
        ]
        return JSONResponse({"elements": roles, "paging": {"start": 0, "count": 10, "links": []}})

    async def member(self, request: Request) -> Response:
        """`/v2/me`: the member, for applications with r_basicprofile."""
        account = self._access.account(request)
        return JSONResponse({"id": person(account).rpartition(":")[2], "localizedFirstName": account})

    async def organisation(self, request: Request) -> Response:
        """A page that the member administers."""
        account, id = self._access.account(request), request.path_params["id"]
        for name, role in self._access.organizations(account):
            if organization(name).rpartition(":")[2] == id and role == "ADMINISTRATOR":
                return JSONResponse({"id": int(id), "localizedName": f"Page of {name}", "vanityName": name})
        raise denied("organizations.GET")

    # --- posts --------------------------------------------------------------------------------------------------------

    async def create(self, request: Request) -> Response:
        """POST /rest/posts: 201, an empty body, the URN in `x-restli-id`. Charged even when it is then refused."""
        account = self._access.account(request)
        self._access.charge(account)
        body = await read_body(request)
        self._check(body)
        author = self._access.acts_as(account, body["author"], "posts.CREATE")
        pictures = self._pictures(account, author, body.get("content"))
        video, digest = (
            (None, _digest_of(pictures)) if pictures else self._check_content(account, author, body.get("content"))
        )
        settings = self._access.settings()
        self._refuse_duplicate(account, author, body["commentary"], digest)
        kept, shown = linkedin_text.read(
            body["commentary"], bare_hashtags=settings.bare_hashtags, truncates=settings.truncates
        )
        kind = "ugcPost" if video else "share"
        post_id = f"urn:li:{kind}:{self._snowflake()}"
        meta = {**body, "commentary": kept}
        title = str(_content_title(body))
        if pictures:
            files = [self._store.session_file(session.id) for session in pictures]
            if not all(file.exists() for file in files):
                raise invalid("INVALID_URN_ID", "ERROR :: /content :: the image does not exist", 422)
            self._store.publish_pictures(pictures, post_id, text=shown, meta=meta)
        elif video:
            self._store.publish(video, post_id, title=title, text=shown, meta=meta)
        else:
            self._store.add_text_post(post_id, PLATFORM, account, shown, meta)
        memory = {"author": author, "digest": digest, "commentary": body["commentary"], "post": post_id}
        self._store.add_extra(f"linkedin:{account}", "memory", {**memory, "at": self._store.now()}, b"")
        if settings.drops:
            self._store.delete_post(post_id)
        return Response(status_code=201, headers={"x-restli-id": post_id, "location": f"/rest/posts/{quote(post_id)}"})

    def _snowflake(self) -> int:
        """An id that begins with the time, as LinkedIn's do."""
        return (int(self._store.now() * 1_000) << 22) | secrets.randbits(22)

    def _check(self, body: dict[str, Any]) -> None:
        if unknown := sorted(set(body) - FIELDS):
            message = f"ERROR :: /{unknown[0][:40]} :: unrecognized field found but not allowed"
            raise invalid("UNRECOGNIZED_FIELD", message, 422)
        for name in NEEDED:
            if name not in body:
                raise invalid("MISSING_FIELD", f"ERROR :: /{name} :: field is required but not found", 422)
        text, settings = body["commentary"], self._access.settings()
        if not isinstance(text, str):
            raise invalid("INVALID_VALUE_FOR_FIELD", "ERROR :: /commentary :: not a string", 422)
        if linkedin_text.length(text, count_escapes=settings.count_escapes) > COMMENTARY:
            raise invalid("FIELD_LENGTH_TOO_LONG", f"ERROR :: /commentary :: length exceeds maximum {COMMENTARY}", 422)
        to_page = str(body["author"]).startswith("urn:li:organization:") and body["visibility"] == "CONNECTIONS"
        if body["visibility"] not in VISIBILITY or to_page:
            raise invalid("INVALID_VALUE_FOR_FIELD", "ERROR :: /visibility :: is not a valid value", 422)
        distribution = body["distribution"]
        if not isinstance(distribution, dict) or distribution.get("feedDistribution") not in ("MAIN_FEED", "NONE"):
            raise invalid("INVALID_VALUE_FOR_FIELD", "ERROR :: /distribution :: is not a valid value", 422)
        if body["lifecycleState"] != "PUBLISHED":
            raise invalid("INVALID_VALUE_FOR_FIELD", "ERROR :: /lifecycleState :: is not a valid value", 422)

    def _check_content(self, account: str, author: str, content: object) -> tuple[Session | None, str]:
        """The video to post, if any, and a digest of the content by which duplicates are known."""
        if content is None:
            return None, ""
        if not isinstance(content, dict) or len(content) != 1:
            raise invalid("INVALID_CONTENT", "ERROR :: /content :: must be exactly one of its members", 422)
        kind, value = next(iter(content.items()))
        if kind not in ("media", "article") or not isinstance(value, dict):
            raise invalid("INVALID_CONTENT", f"ERROR :: /content/{str(kind)[:40]} :: is not served here", 422)
        if kind == "article":
            if not str(value.get("source", "")).startswith(("http://", "https://")) or not value.get("title"):
                raise invalid("INVALID_CONTENT", "ERROR :: /content/article :: source and title are needed", 422)
            if "thumbnail" in value:
                self._uploaded_image(account, value["thumbnail"])
            return None, hashlib.sha256(str(value["source"]).encode()).hexdigest()
        session = self._media.find(value.get("id"), "video")
        if session is None or session.account != account:
            raise invalid("INVALID_URN_ID", "ERROR :: /content/media/id :: does not exist", 422)
        if session.meta["owner"] != author:
            raise denied("posts.CREATE")
        status, _ = self._media.status(session, session.meta)
        if status != "AVAILABLE":
            raise invalid(f"MEDIA_ASSET_{status}", f"The media asset is {status}")
        return session, self._digest(session)

    def _pictures(self, account: str, author: str, content: object) -> list[Session]:
        """The pictures to post, in order: one in `media`, or 2 to 20 in `multiImage`; none of any other content."""
        media = content.get("media") if isinstance(content, dict) and len(content) == 1 else None
        if isinstance(media, dict) and str(media.get("id")).startswith("urn:li:image:"):
            shown: list[Any] = [media]
        else:
            several = content.get("multiImage") if isinstance(content, dict) and len(content) == 1 else None
            if several is None:
                return []
            listed = several.get("images") if isinstance(several, dict) else None
            if not isinstance(listed, list) or not 2 <= len(listed) <= 20:
                raise invalid("INVALID_CONTENT", "ERROR :: /content/multiImage/images :: 2 to 20 are needed", 422)
            shown = listed
        found = []
        for one in shown:
            if not isinstance(one, dict) or set(one) - {"id", "altText", "title"}:
                raise invalid("INVALID_CONTENT", "ERROR :: /content/multiImage/images :: invalid value", 422)
            if len(str(one.get("altText", ""))) > ALT_TEXT:
                raise invalid("FIELD_LENGTH_TOO_LONG", f"ERROR :: altText :: length exceeds maximum {ALT_TEXT}", 422)
            self._uploaded_image(account, one.get("id"))
            session = self._media.find(one.get("id"), "image")
            assert session is not None
            if session.meta["owner"] != author:
                raise denied("posts.CREATE")
            found.append(session)
        return found

    def _digest(self, session: Session) -> str:
        """Of the video's bytes: the same file uploaded twice is the same content."""
        file = self._store.session_file(session.id)
        file = file if file.exists() else self._store.post_file(session.post_id)
        with file.open("rb") as data:
            return hashlib.file_digest(data, "sha256").hexdigest()

    def _uploaded_image(self, account: str, urn: object) -> str:
        session = self._media.find(urn, "image")
        if session is None or session.account != account:
            raise invalid("INVALID_URN_ID", "ERROR :: /content :: the image does not exist", 422)
        if not session.meta.get("uploaded"):
            raise invalid("MEDIA_ASSET_WAITING_UPLOAD", "The media asset is WAITING_UPLOAD")
        if session.meta.get("failed"):
            raise invalid("MEDIA_ASSET_PROCESSING_FAILED", "The media asset is PROCESSING_FAILED")
        return session.id

    def _refuse_duplicate(self, account: str, author: str, commentary: str, digest: str) -> None:
        """By author and content, deleted posts included; the refusal names the first post, or makes a URN up."""
        settings = self._access.settings()
        for meta, _ in self._store.extras(f"linkedin:{account}", "memory"):
            same = (meta["author"], meta["commentary"], meta["digest"]) == (author, commentary, digest)
            if same and self._store.now() - meta["at"] < settings.duplicate_s:
                post_id = f"urn:li:share:{self._snowflake()}" if settings.duplicate_ghosts else meta["post"]
                exception = "com.linkedin.content.common.exception.BadRequestResponseException"
                message = f"{exception}: Content is a duplicate of {post_id}"
                details = (("DUPLICATE_POST", "Duplicate post is detected"),)
                raise Refusal(422, "", message, details=details)

    # --- reads --------------------------------------------------------------------------------------------------------

    def _seen(self, post: Post) -> bool:
        return self._store.now() - post.created >= self._access.settings().listed_after_s

    def _post(self, request: Request, account: str, resource: str) -> Post:
        """The post of the address, to be read by who may."""
        post = self._store.post(request.path_params["urn"])
        if post is None or post.platform != PLATFORM or not self._seen(post):
            raise NOT_FOUND()
        self._access.may_read(account, post.meta["author"], resource)
        return post

    async def get(self, request: Request) -> Response:
        """GET /rest/posts/{urn}. For members r_member_social would be needed, whether the post is there or not."""
        account = self._access.account(request)
        if not self._access.settings().member_reads and not self._of_page(account, request.path_params["urn"]):
            raise denied("posts.GET")
        return JSONResponse(_entity(self._post(request, account, "posts.GET")))

    def _of_page(self, account: str, urn: str) -> bool:
        """Whether it is a page's post, or does not exist: a page's administrator gets "not found"."""
        post = self._store.post(urn)
        readable = self._access.settings().organization_reads
        return readable and (post is None or post.meta.get("author") == organization(account))

    async def find(self, request: Request) -> Response:
        """GET /rest/posts?q=author&author=…, newest first, in pages of `count` (at most 100) from `start` on."""
        account, query = self._access.account(request), request.query_params
        author = query.get("author", "")
        if b":" in request.scope["query_string"]:
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Syntax exception in query parameters")
        if query.get("q") != "author" or not author:
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Unknown finder for resource posts")
        self._access.may_read(account, author, "posts.FINDER-author")
        try:
            start, count = max(0, int(query.get("start", "0"))), min(100, int(query.get("count", "10")))
        except ValueError:
            raise invalid("PARAM_INVALID", "start and count are numbers") from None
        posts = [post for post in self._store.posts(PLATFORM, account) if post.meta["author"] == author]
        seen = list(filter(self._seen, posts))
        paging = {"start": start, "count": count, "links": [], "total": len(seen)}
        return JSONResponse({"paging": paging, "elements": [_entity(post) for post in seen[start : start + count]]})

    async def delete(self, request: Request) -> Response:
        """204, also for what is gone already."""
        account, urn = self._access.account(request), request.path_params["urn"]
        post = self._store.post(urn)
        if post is not None and post.platform == PLATFORM:
            self._access.acts_as(account, post.meta["author"], "posts.DELETE")
            self._store.delete_post(urn)
        return Response(status_code=204)

    # --- comments -----------------------------------------------------------------------------------------------------

    async def comment(self, request: Request) -> Response:
        """POST a comment: 201 and the comment, its id in the header too."""
        account, body = self._access.account(request), await read_body(request)
        urn = request.path_params["urn"]
        post = self._store.post(urn)
        if post is None or post.platform != PLATFORM:
            raise NOT_FOUND()
        actor = self._access.acts_as(account, body.get("actor"), "comments.CREATE")
        message = body.get("message")
        text = message.get("text") if isinstance(message, dict) else None
        if body.get("object") != urn or not isinstance(text, str) or not text.strip():
            raise invalid("INVALID_VALUE_FOR_FIELD", "ERROR :: /message/text :: is needed", 422)
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > COMMENT:
            raise invalid("FIELD_LENGTH_TOO_LONG", f"ERROR :: /message/text :: length exceeds maximum {COMMENT}", 422)
        number = str(self._snowflake())
        told = {
            "id": number,
            "actor": actor,
            "object": urn,
            "message": {"attributes": [], "text": text},
            "commentUrn": f"urn:li:comment:({urn},{number})",
            "created": {"actor": actor, "time": int(self._store.now() * 1_000)},
        }
        self._store.add_extra(urn, "comment", told, b"")
        return Response(json.dumps(told), 201, {"x-restli-id": number}, "application/json")

    async def comments(self, request: Request) -> Response:
        """GET the comments of a post."""
        account = self._access.account(request)
        post = self._post(request, account, "comments.GET_ALL")
        lag = self._access.settings().listed_after_s
        seen = [meta for meta, _ in self._store.extras(post.post_id, "comment")]
        elements = [meta for meta in seen if self._store.now() - meta["created"]["time"] / 1_000 >= lag]
        paging = {"start": 0, "count": len(elements), "links": [], "total": len(elements)}
        return JSONResponse({"paging": paging, "elements": elements})


def _digest_of(pictures: list[Session]) -> str:
    """By which a repeated picture post is known: the images' own ids."""
    return hashlib.sha256(",".join(session.id for session in pictures).encode()).hexdigest()


def _content_title(body: dict[str, Any]) -> object:
    content: dict[str, dict[str, Any]] = body.get("content") or {}
    return next((value.get("title", "") for value in content.values()), "")


def _entity(post: Post) -> dict[str, Any]:
    made = int(post.created * 1_000)
    told = {"id": post.post_id, "createdAt": made, "publishedAt": made, "lastModifiedAt": made}
    return {**post.meta, **told, "lifecycleState": "PUBLISHED", "lifecycleStateInfo": {"isEditedByAuthor": False}}


def _encoded(handler: Handler) -> Handler:
    """A URN in a path is percent-encoded, or Rest.li does not understand the path."""

    async def checked(request: Request) -> Response:
        raw: bytes = request.scope.get("raw_path", b"")
        if b"%3a" not in raw.lower() or b":" in raw.partition(b"?")[0]:
            raise Refusal(400, "ILLEGAL_ARGUMENT", "Syntax exception in path variables")
        return await handler(request)

    return checked
