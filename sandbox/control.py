"""The sandbox's control interface: what was posted, faults and settings for tests, and a page for people.

Nothing here belongs to a platform's protocol. It listens where the sandbox does, which is this machine only.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from html import escape

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from .additions import Extra, PostAdditions
from .store import PlatformSettings, Post, SandboxStore, iso
from .wire import Fault, json_object, json_value

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
ul { list-style: none; padding: 0; display: grid; gap: 2rem; }
ul { grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); }
video, img { width: 100%; max-height: 70vh; object-fit: contain; background: #000; border-radius: .5rem; }
h2 { font-size: 1.1rem; margin: .5rem 0 0; overflow-wrap: anywhere; }
p { margin: .2rem 0; opacity: .75; overflow-wrap: anywhere; white-space: pre-line; }
code { font-size: .8rem; overflow-wrap: anywhere; }
"""
_TYPES = {"video/mp4", "video/webm", "video/quicktime", "image/jpeg", "image/png", "image/webp", "image/gif"}


class Control:
    """Routes under `/_control`, `/_media`, `/watch` and `/`."""

    def __init__(self, store: SandboxStore, kinds: Sequence[type[PlatformSettings]] = ()) -> None:
        self._store = store
        self._kinds = {kind.PLATFORM: kind for kind in kinds}

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/", self.index),
            Route("/watch", self.watch),
            Route("/_media/{post_id}", self.media),
            Route("/_media/{post_id}/thumbnail", self.thumbnail),
            Route("/_control/health", self.health),
            Route("/_control/posts", self.list_posts),
            Route("/_control/reset", self.reset, methods=["POST"]),
            Route("/_control/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_control/settings", self.settings, methods=["GET", "POST"]),
            Route("/_control/settings/{platform}", self.platform_settings, methods=["GET", "POST"]),
            Route("/_control/sink", self.sink, methods=["PUT"]),
            Route("/_control/expire_tokens", self.expire_tokens, methods=["POST"]),
        ]

    async def health(self, request: Request) -> Response:
        """Whether it is up."""
        return JSONResponse({"ok": True, "time": iso(self._store.now())})

    async def list_posts(self, request: Request) -> Response:
        """The posts that exist, newest first; `?platform=` and `?account=` narrow it."""
        posts = self._store.posts(request.query_params.get("platform", ""), request.query_params.get("account", ""))
        extras = PostAdditions(self._store)
        return JSONResponse({"posts": [_told(post, request, extras.of(post.post_id)) for post in posts]})

    async def reset(self, request: Request) -> Response:
        """Deletes everything."""
        self._store.reset()
        return JSONResponse({"ok": True})

    async def faults(self, request: Request) -> Response:
        """POST one fault (or a list) to happen; GET those still waiting; DELETE them all."""
        if request.method == "DELETE":
            for number, _ in self._store.faults():
                self._store.change_fault(number, None)
        if request.method == "POST":
            try:
                given = json_value(await request.body())
                wanted = [Fault.model_validate(spec) for spec in (given if isinstance(given, list) else [given])]
            except (ValueError, ValidationError) as error:
                return PlainTextResponse(f"not a fault: {error}", 400)
            for fault in wanted:
                self._store.add_fault(fault.model_dump())
        return JSONResponse({"faults": [spec for _, spec in self._store.faults()]})

    async def settings(self, request: Request) -> Response:
        """GET the settings; POST an object to change some."""
        if request.method == "POST":
            try:
                self._store.change_settings(json_object(await request.body()))
            except ValueError as error:
                return PlainTextResponse(str(error), 400)
        return JSONResponse(asdict(self._store.settings()))

    async def platform_settings(self, request: Request) -> Response:
        """GET one platform's settings; POST an object to change some."""
        kind = self._kinds.get(request.path_params["platform"])
        if kind is None:
            return PlainTextResponse(f"no such platform; there are {', '.join(self._kinds)}", 404)
        if request.method == "POST":
            try:
                self._store.change_platform_settings(kind, json_object(await request.body()))
            except ValueError as error:
                return PlainTextResponse(str(error), 400)
        return JSONResponse(asdict(self._store.platform_settings(kind)))

    async def sink(self, request: Request) -> Response:
        """PUT bytes that are stored and hashed as a platform's video is, and then forgotten: what an upload is
        measured against."""
        with tempfile.TemporaryFile(dir=self._store.folder, buffering=0) as file:
            size = 0
            async for block in request.stream():
                view = memoryview(block)
                while view:
                    written = file.write(view)
                    view, size = view[written:], size + written
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return JSONResponse({"sha256": sha256, "size": size})

    async def expire_tokens(self, request: Request) -> Response:
        """Every access token issued so far stops working; `?account=` narrows it."""
        self._store.expire_tokens(request.query_params.get("account", ""))
        return JSONResponse({"ok": True})

    # --- for people -------------------------------------------------------------------------------------------------

    async def index(self, request: Request) -> Response:
        """A page of everything that was posted."""
        posts = self._store.posts()
        cards = "".join(f"<li>{_card(post, link=True)}</li>" for post in posts)
        body = f"<h1>Posted here</h1><ul>{cards}</ul>" if posts else "<h1>Nothing has been posted yet</h1>"
        return _page("Reelwright sandbox", body)

    async def watch(self, request: Request) -> Response:
        """One video's page, at the address a post has on the platform."""
        post = self._store.post(request.query_params.get("v", ""))
        if post is None:
            return _page("Not found", "<h1>There is no such video</h1>", 404)
        return _page(_title(post), _card(post, link=False))

    async def media(self, request: Request) -> Response:
        """A video's bytes; `Range` is honoured, so that players can seek."""
        post = self._store.post(request.path_params["post_id"])
        if post is None:
            return PlainTextResponse("not found", 404)
        kind = post.media_type if post.media_type in _TYPES else "application/octet-stream"
        return FileResponse(self._store.post_file(post.post_id), media_type=kind, headers=_HEADERS)

    async def thumbnail(self, request: Request) -> Response:
        """The newest thumbnail that was set."""
        found = self._store.extras(request.path_params["post_id"], "thumbnail")
        if not found:
            return PlainTextResponse("not found", 404)
        data = found[-1][1]
        kind = "image/png" if data.startswith(b"\x89PNG") else "image/jpeg"
        return Response(data, media_type=kind, headers=_HEADERS)


def _title(post: Post) -> str:
    return post.title or post.text.strip().partition("\n")[0][:100] or post.post_id


def _told(post: Post, request: Request, extras: Sequence[Extra]) -> dict[str, object]:
    return {
        "platform": post.platform,
        "account": post.account,
        "post_id": post.post_id,
        "title": _title(post),
        "text": post.text,
        "failed": any(extra.kind == "doom" for extra in extras),
        "sha256": post.sha256,
        "size": post.size,
        "created": iso(post.created),
        "url": str(request.url.replace(path="/watch", query=f"v={post.post_id}")),
        "meta": post.meta,
        "extras": [{"kind": extra.kind, "meta": extra.meta, "size": len(extra.data)} for extra in extras],
    }


def _card(post: Post, *, link: bool) -> str:
    """One post as HTML. Everything in it came from outside and is escaped."""
    title = escape(_title(post))
    head = f'<a href="/watch?v={escape(post.post_id)}">{title}</a>' if link else title
    text = post.text if not link or len(post.text) <= 200 else f"{post.text[:200]}…"
    where = f"{escape(post.platform)} · {escape(post.account)} · {iso(post.created)} · {post.size:,} bytes"
    source = f"/_media/{escape(post.post_id)}"
    player = post.size and f'<video controls preload="metadata" src="{source}#t=2"></video>'
    if post.media_type.startswith("image/"):  # of several pictures, which are kept one after the other, the first
        player = f'<img alt="" src="{source}">'
    told = f'<h2 dir="auto">{head}</h2><p>{where}</p><p dir="auto">{escape(text)}</p>'
    return f"{player or ''}{told}<code>sha256 {post.sha256}</code>"


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    html = f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body>{body}</body></html>'
    return HTMLResponse(html, status, _HEADERS)
