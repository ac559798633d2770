"""`Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent again under the same key is not
done again, and has the answer that it had. Keys belong to who sends them, for 30 days.

Only what was done is kept: after a refusal or a fault the key is free again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from control import repeated

from .bodies import ApiRequest
from .problems import Refused

if TYPE_CHECKING:
    from control.studio import Books

    from .routing import Operation

HEADER = "Idempotency-Key"
KEY_CHARS = 255
KEPT_HEADERS = ("content-type", "location", "etag")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


async def once(request: ApiRequest, operation: Operation, done: Handler) -> Response:
    """The answer of `done`, or the one that it had. Raises `Refused`: 400 where a key is missing or is none, 409 while
    the same request is being done, 422 where the key belongs to another one."""
    key = _key(request, required=operation.once == "required")
    if not key:
        return await done(request)
    request.state.idempotency_key = key
    books: Books = request.app.state.parts.books(request.state.caller)
    claimed = await repeated.claim(books, key, await _digest(request), repeatable=operation.repeatable)
    if claimed.kind == "answered":
        replayed = {**claimed.headers, "Idempotent-Replayed": "true"}
        return Response(claimed.answer, claimed.status, headers=replayed)
    if claimed.kind != "mine":
        raise _refused(claimed.kind)
    try:
        answer = await done(request)
    except BaseException:
        await repeated.release(books, key, claimed.holder)
        raise
    kept = {name: value for name, value in answer.headers.items() if name in KEPT_HEADERS}
    body = bytes(answer.body).decode()
    await repeated.answered(books, key, claimed.holder, status=answer.status_code, headers=kept, answer=body)
    return answer


def _key(request: Request, *, required: bool) -> str:
    """The key, without the quotes that the draft writes around it."""
    given = request.headers.get(HEADER, "").strip()
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not key and not required:
        return ""
    if not 1 <= len(key) <= KEY_CHARS or not key.isascii() or not key.isprintable():
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            "it is missing" if not key else f"it is not 1 to {KEY_CHARS} printable ASCII characters",
            field=HEADER,
            remedy="send a new random key, such as a UUID, with each new thing you want done",
            kind="no-key",
        )
    return key


async def _digest(request: ApiRequest) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(head + await request.body()).hexdigest()


def _refused(kind: str) -> Refused:
    if kind == "other":
        return Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "it belongs to another request",
            field=HEADER,
            remedy="use a new key for another request",
            kind="key-reused",
        )
    if kind == "lost":
        return Refused(
            HTTPStatus.CONFLICT,
            "nobody knows how far the request came that was sent with it before",
            field=HEADER,
            remedy="look whether it was done, and use a new key if it was not",
            kind="under-way",
        )
    return Refused(
        HTTPStatus.CONFLICT,
        "the same request is being done",
        field=HEADER,
        remedy="send it again in a while",
        kind="under-way",
        headers={"Retry-After": "1"},
    )
