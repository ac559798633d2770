"""Discord's webhooks at wire level: execute (JSON or multipart), get, edit and delete a message, get the webhook.

Source: docs/platforms/discord.md. Any numeric webhook id with a token `sandbox-<account>` exists, unless the account
is in the setting `deleted`. Faults by `op`: execute, read, write (edit and delete).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..store import Post, SandboxStore
from ..wire import Guard, Handler, json_object
from ..wire import Refusal as WireRefusal

PLATFORM = "discord"
TOKEN = re.compile(r"sandbox-([A-Za-z0-9][A-Za-z0-9_-]{0,63})")
LIMITS = {"title": 256, "description": 4_096}
EPOCH_MS = 1_420_070_400_000


@dataclass(frozen=True)
class DiscordSettings:
    """How Discord behaves."""

    PLATFORM: ClassVar[str] = PLATFORM

    per_window: int = 5
    """Requests a webhook may make in a window of so many seconds (commonly seen, not documented):"""
    window_s: float = 2.0
    via: bool = True
    """429 comes with the `Via` header of Discord's own proxy; without it, clients take it for a ban by Cloudflare."""
    file_bytes: int = 10_485_760
    request_bytes: int = 26_214_400
    unwaited_lost: bool = False
    """A message with `wait=false` is silently not saved."""
    deleted: tuple[str, ...] = ()


@dataclass(eq=False)
class Refusal(WireRefusal):
    """An answer with Discord's `{"message", "code"}`."""

    status: int
    code: int
    message: str
    errors: dict[str, Any] | None = None

    def response(self) -> Response:
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        return JSONResponse({**body, "errors": self.errors} if self.errors else body, self.status)


class Discord:
    """The routes, over a store."""

    def __init__(self, store: SandboxStore) -> None:
        self._store = store
        self._guard = Guard(
            store,
            PLATFORM,
            unauthorized=lambda: Refusal(401, 50_027, "Invalid Webhook Token").response(),
            quota_spent=lambda: self._throttled(60.0),
            account_of=_named,
        )

    def routes(self) -> list[Route]:
        """With and without a version."""
        routes = []
        for api in ("/api/v10", "/api"):
            hook = f"{api}/webhooks/{{webhook_id}}/{{token}}"
            routes += [
                Route(hook, self._counted("execute", self.execute), methods=["POST"]),
                Route(hook, self._counted("read", self.webhook), methods=["GET"]),
                Route(f"{hook}/messages/{{message_id}}", self._counted("read", self.read), methods=["GET"]),
                Route(f"{hook}/messages/{{message_id}}", self._counted("write", self.edit), methods=["PATCH"]),
                Route(f"{hook}/messages/{{message_id}}", self._counted("write", self.delete), methods=["DELETE"]),
            ]
        return routes

    # --- limits -----------------------------------------------------------------------------------------------------

    def _settings(self) -> DiscordSettings:
        return self._store.platform_settings(DiscordSettings)

    def _counted(self, op: str, handler: Handler) -> Handler:
        """Behind the guard and the webhook's bucket, whose state every answer reports in its headers."""
        guarded = self._guard(op, handler)

        async def counted(request: Request) -> Response:
            settings, now = self._settings(), self._store.now()
            window = int(now // settings.window_s)
            reset = (window + 1) * settings.window_s
            bucket = f"webhook {request.path_params['webhook_id']} {window}"
            left = self._store.charge_sliding("", bucket, 2 * settings.window_s, settings.per_window)
            if left < 0:
                await request.body()
                response = self._throttled(max(0.001, reset - now))
            else:
                response = await guarded(request)
            response.headers.update(
                {
                    "X-RateLimit-Limit": str(settings.per_window),
                    "X-RateLimit-Remaining": str(max(0, left)),
                    "X-RateLimit-Reset": f"{reset:.3f}",
                    "X-RateLimit-Reset-After": f"{max(0.0, reset - now):.3f}",
                    "X-RateLimit-Bucket": "c1ad27f2cd1d22ffa1d8bb67f17b9d4f",
                }
            )
            return response

        return counted

    def _throttled(self, wait: float) -> Response:
        body = {"message": "You are being rate limited.", "retry_after": round(wait, 3), "global": False}
        headers = {"Retry-After": str(max(1, round(wait))), "X-RateLimit-Scope": "user"}
        if self._settings().via:
            headers["Via"] = "1.1 google"
        return JSONResponse(body, 429, headers)

    def _account(self, request: Request) -> str:
        account = _named(request)
        if not request.path_params["webhook_id"].isdigit():
            raise Refusal(400, 50_035, "Invalid Form Body")
        if account in self._settings().deleted:
            raise Refusal(404, 10_015, "Unknown Webhook")
        if not account:
            raise Refusal(401, 50_027, "Invalid Webhook Token")
        return account

    # --- calls ------------------------------------------------------------------------------------------------------

    async def execute(self, request: Request) -> Response:
        """`wait=true`: the message; otherwise 204, whatever became of it."""
        account, settings = self._account(request), self._settings()
        payload, files = await _payload(request, settings)
        _check(payload, files)
        waited = request.query_params.get("wait", "").lower() in ("true", "1")
        if not waited and settings.unwaited_lost:
            return Response(status_code=204)
        message_id = str((int(self._store.now() * 1_000) - EPOCH_MS) << 22 | secrets.randbelow(1 << 22))
        meta = {**payload, "webhook_id": request.path_params["webhook_id"], "files": [name for name, _, _ in files]}
        meta["thread_id"] = request.query_params.get("thread_id", "")
        self._store.add_text_post(message_id, PLATFORM, account, _text(payload), meta)
        for name, kind, data in files:
            self._store.add_extra(message_id, "file", {"name": name, "media_type": kind}, data)
        post = self._store.post(message_id)
        return JSONResponse(_message(post)) if waited and post else Response(status_code=204)

    async def webhook(self, request: Request) -> Response:
        """The webhook itself."""
        account, webhook_id = self._account(request), request.path_params["webhook_id"]
        token = request.path_params["token"]
        told = {"type": 1, "id": webhook_id, "name": account, "avatar": None, "channel_id": "1", "guild_id": "1"}
        return JSONResponse({**told, "application_id": None, "token": token})

    def _own(self, request: Request) -> Post:
        account, post = self._account(request), self._store.post(request.path_params["message_id"])
        if post is None or post.platform != PLATFORM or post.account != account:
            raise Refusal(404, 10_008, "Unknown Message")
        return post

    async def read(self, request: Request) -> Response:
        """A message the webhook has made."""
        return JSONResponse(_message(self._own(request)))

    async def edit(self, request: Request) -> Response:
        """Changes what is given and leaves the rest."""
        post = self._own(request)
        payload, files = await _payload(request, self._settings())
        changed = {**post.meta, **payload}
        _check(changed, files)
        self._store.change_post(post.post_id, text=_text(changed), meta={**changed, "edited": self._store.now()})
        return JSONResponse(_message(self._own(request)))

    async def delete(self, request: Request) -> Response:
        """204."""
        self._store.delete_post(self._own(request).post_id)
        return Response(status_code=204)


def _named(request: Request) -> str:
    match = TOKEN.fullmatch(request.path_params.get("token", ""))
    return match[1] if match else ""


# --- bodies ----------------------------------------------------------------------------------------------------------

File = tuple[str, str, bytes]
"""(name, media type, bytes)."""


async def _payload(request: Request, settings: DiscordSettings) -> tuple[dict[str, Any], list[File]]:
    """The JSON of a message and its files. Parts may have any name, as real clients send them."""
    kind = request.headers.get("content-type", "")
    body = await request.body()
    if len(body) > settings.request_bytes:
        raise Refusal(413, 40_005, "Request entity too large")
    payload: dict[str, Any] = {}
    files: list[File] = []
    try:
        if kind.startswith("multipart/form-data"):
            for name, file, media_type, data in _parts(kind, body):
                if name == "payload_json":
                    payload |= json_object(data)
                elif file:
                    files.append((file, media_type, data))
                else:
                    payload[name] = data.decode()
        else:
            payload = json_object(body)
    except ValueError:
        raise Refusal(400, 50_109, "The request body contains invalid JSON.") from None
    if any(len(data) > settings.file_bytes for _, _, data in files):
        raise Refusal(413, 40_005, "Request entity too large")
    return payload, files


def _parts(kind: str, body: bytes) -> list[tuple[str, str, str, bytes]]:
    """The parts of a form: (name, file name, media type, bytes)."""
    form = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n" + body
    )
    found = []
    for part in form.iter_parts():
        name, file = part.get_param("name", "", "content-disposition"), part.get_filename("")
        data = part.get_payload(decode=True)
        found.append((str(name), str(file), part.get_content_type(), data if isinstance(data, bytes) else b""))
    return found


def _check(payload: dict[str, Any], files: list[File]) -> None:
    """What Discord refuses about a message."""
    content, embeds = payload.get("content") or "", payload.get("embeds") or []
    if not isinstance(content, str) or len(content) > 2_000:
        raise _invalid("content", "BASE_TYPE_MAX_LENGTH", "Must be 2000 or fewer in length.")
    if not isinstance(embeds, list) or len(embeds) > 10:
        raise _invalid("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    total = 0
    for embed in embeds:
        for field, limit in LIMITS.items():
            value = (embed.get(field) or "") if isinstance(embed, dict) else 0
            if not isinstance(value, str) or len(value) > limit:
                raise _invalid("embeds", "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length.")
            total += len(value)
        if not re.match(r"(?:(?:https?|attachment)://|$)", str(embed.get("url") or "")):
            raise _invalid("embeds", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').")
    if total > 6_000:
        raise _invalid("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
    if not content and not embeds and not files and not payload.get("components"):
        raise Refusal(400, 50_006, "Cannot send an empty message")


def _invalid(field: str, code: str, message: str) -> Refusal:
    return Refusal(400, 50_035, "Invalid Form Body", {field: {"_errors": [{"code": code, "message": message}]}})


def _text(payload: dict[str, Any]) -> str:
    """What people read of a message."""
    embeds = payload.get("embeds") or []
    lines = [str(payload.get("content") or "")]
    lines += [str(embed.get(field) or "") for embed in embeds for field in ("title", "description")]
    return "\n".join(line for line in lines if line)


def _message(post: Post) -> dict[str, Any]:
    """A message object."""
    meta, edited = post.meta, post.meta.get("edited")
    embeds = [{"type": "rich", **embed} for embed in meta.get("embeds") or []]
    author = {"id": meta["webhook_id"], "username": meta.get("username") or post.account, "avatar": None, "bot": True}
    return {
        **{"id": post.post_id, "type": 0, "content": meta.get("content") or "", "channel_id": meta["thread_id"] or "1"},
        "author": {**author, "discriminator": "0000", "public_flags": 0, "flags": 0},
        "attachments": [
            {"id": str(number), "filename": name, "size": 0, "url": "", "proxy_url": ""}
            for number, name in enumerate(meta.get("files") or [])
        ],
        **{"embeds": embeds, "mentions": [], "mention_roles": [], "mention_everyone": False, "pinned": False},
        **{"tts": bool(meta.get("tts")), "flags": 0, "components": [], "webhook_id": meta["webhook_id"]},
        "timestamp": _iso(post.created),
        "edited_timestamp": _iso(edited) if edited else None,
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
