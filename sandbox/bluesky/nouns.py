"""The sandbox's Bluesky in nouns: names, keys, sums of content, and refusals in XRPC's envelope.

Source: docs/platforms/bluesky.md, and the AT Protocol's specifications (DID, TID, blob, XRPC).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..store import SandboxStore
from ..wire import Refusal as WireRefusal
from ..wire import json_object
from .accounts import did_of as did_of
from .accounts import handle_of as handle_of

PLATFORM = "bluesky"
COLLECTION = "app.bsky.feed.post"
PDS_DID, VIDEO_DID = "did:web:pds.sandbox.test", "did:web:video.bsky.app"
TID = re.compile(r"[2-7a-j][2-7a-z]{12}")
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


class Refusal(WireRefusal):
    """`{"error", "message"}` and a status."""

    def __init__(self, status: int, error: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self._status, self._headers = status, headers or {}
        self._body = {"error": error, "message": message}

    def response(self) -> Response:
        return JSONResponse(self._body, self._status, self._headers)


def invalid(message: str, error: str = "InvalidRequest") -> Refusal:
    """What most mistakes are answered with."""
    return Refusal(400, error, message)


async def read(request: Request) -> dict[str, Any]:
    """The request's JSON object."""
    try:
        return json_object(await request.body())
    except ValueError as error:
        raise invalid(f"Invalid request body: {error}") from None


def know(store: SandboxStore, account: str) -> None:
    """From now on the account can be found by its names."""
    for name in (did_of(account), handle_of(account)):
        if not store.owner_of(f"bluesky:{name}"):
            store.add_token(f"bluesky:{name}", account, 0)


def account_named(store: SandboxStore, name: str) -> str:
    """The account of a DID or a handle, or ""."""
    return store.owner_of(f"bluesky:{name.lower()}")


def cid(data: bytes, codec: int = 0x55) -> str:
    """A content identifier, version 1, sha2-256, in base32. A record's (codec 0x71) is made of its JSON here and not of
    its DAG-CBOR: it changes when the record does, which is all that is required here."""
    binary = bytes([1, codec, 0x12, 0x20]) + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(binary).decode().lower().rstrip("=")


def record_cid(record: dict[str, Any]) -> str:
    """The sum of a record."""
    return cid(json.dumps(record, sort_keys=True, ensure_ascii=False).encode(), 0x71)


def tid(seconds: float) -> str:
    """A key of this instant."""
    number = int(seconds * 1_000_000) << 10 | secrets.randbelow(1024)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def blob(sum_: str, media_type: str, size: int) -> dict[str, Any]:
    """A reference to bytes, as records hold it."""
    return {"$type": "blob", "ref": {"$link": sum_}, "mimeType": media_type, "size": size}


def token(kind: str, claims: dict[str, Any]) -> str:
    """A JWT that clients can read; its signature names the sandbox and cannot be verified."""
    head, body = ({"typ": kind, "alg": "HS256"}, {**claims, "jti": secrets.token_hex(8)})
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (head, body)]
    return f"{parts[0]}.{parts[1]}.sandbox-{secrets.token_urlsafe(24)}"


def claims_of(text: str) -> dict[str, Any]:
    """A token's claims; empty for an invalid one."""
    try:
        middle = text.split(".")[1]
        value = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    except (IndexError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
