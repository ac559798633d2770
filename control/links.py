"""Signed links for a client outside the house: what a token says, how it is made, and whether it opens a review.

A token is `<claims>.<signature>`, both in base64url: the claims are JSON, the signature their HMAC-SHA256. Every link
that was made has a row in the books, so that it can be revoked; a token without a row opens nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from pydantic import SecretStr, ValidationError

from reelwright.domain.base import UserInput
from reelwright.domain.errors import InvalidInput
from reelwright.domain.people import Role
from reelwright.storage.links import ReviewLink

from .access import allowed
from .studio import Books

Scope = Literal["view", "decide"]
KEY_CHARS = 32
"""A key has at least so many characters."""
TOKEN_CHARS = 2_000
LONGEST = timedelta(days=90)
_SPAN = re.compile(r"([1-9]\d{0,4})(m|h|d)")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_FIELD = "REELWRIGHT_LINK_KEY"


class Claims(UserInput):
    """What a link allows: one artifact of one content, until it expires. `key` names the key it was signed with."""

    id: str
    content_id: str
    artifact_sha256: str
    scope: Scope
    expires: int
    key: str


class LinkBook(Protocol):
    """The links that were made."""

    async def add(self, link: ReviewLink) -> None: ...

    async def find(self, id: str) -> ReviewLink | None: ...


def span(text: str) -> timedelta:
    """`3d`, `12h` or `30m`, at most `LONGEST`. Raises `InvalidInput`."""
    return span_of(text, most=LONGEST)


def span_of(text: str, *, most: timedelta) -> timedelta:
    """The same with another limit."""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise InvalidInput(f"{text[:40]!r} is no duration", field="expires", remedy="write 30m, 12h or 3d")
    length = int(found[1]) * _UNITS[found[2]]
    if length > most:
        raise InvalidInput(f"{found[0]} is longer than {most.days} days", field="expires", remedy="give a shorter one")
    return length


def signed(claims: Claims, key: SecretStr) -> str:
    """The token."""
    body = _encoded(claims.model_dump_json().encode())
    return f"{body}.{_signature(body, key)}"


def claims_in(token: str, key: SecretStr, *, content_id: str, now: datetime) -> Claims:
    """What the token allows on this content. Raises `InvalidInput` where it was altered, is of another key or content,
    or has expired. Whether it was revoked is in the books: `opened`."""
    body, dot, signature = token.strip().partition(".")
    # Compared as bytes: the signature comes from outside, and text outside ASCII cannot be compared in constant time.
    if (
        not dot
        or len(token) > TOKEN_CHARS
        or not hmac.compare_digest(_signature(body, key).encode(), signature.encode())
    ):
        raise _closed("it was altered, or signed with another key")
    try:
        claims = Claims.model_validate_json(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValidationError, binascii.Error, ValueError) as error:
        raise _closed("it is none of ours") from error
    if claims.key != key_id(key):
        raise _closed("it was signed with another key")
    if claims.content_id != content_id:
        raise _closed("it is for another content")
    if now.timestamp() >= claims.expires:
        raise _closed("it has expired")
    return claims


async def opened(
    token: str, key: SecretStr | None, book: LinkBook, *, content_id: str, wants: Scope, now: datetime | None = None
) -> Claims:
    """What the link allows, for a page that shows the review (`view`) or takes a decision (`decide`). A decision counts
    for `artifact_sha256` and for nothing else. Raises `InvalidInput` naming why the link opens nothing."""
    claims = claims_in(token, usable(key), content_id=content_id, now=now or datetime.now(UTC))
    row = await book.find(claims.id)
    if row is None or row.revoked_at is not None:
        raise _closed("it was revoked")
    if (row.content_id, row.artifact_sha256, row.scope) != (claims.content_id, claims.artifact_sha256, claims.scope):
        raise _closed("it is not the link that is on record")
    if wants == "decide" and claims.scope != "decide":
        raise _closed("it is for looking only")
    return claims


async def made(
    key: SecretStr | None,
    book: LinkBook,
    *,
    content_id: str,
    artifact_sha256: str,
    scope: Scope,
    life: timedelta,
    by: str,
) -> tuple[str, Claims]:
    """A new link, noted in the books: (token, what it allows)."""
    key, now = usable(key), datetime.now(UTC)
    expires = now + life
    claims = Claims(
        id=secrets.token_hex(8),
        content_id=content_id,
        artifact_sha256=artifact_sha256,
        scope=scope,
        expires=int(expires.timestamp()),
        key=key_id(key),
    )
    row = claims.model_dump(exclude={"expires", "key"})
    await book.add(ReviewLink(**row, made_at=now, made_by=by, expires_at=expires))
    return signed(claims, key), claims


@allowed(Role.OPERATOR)
async def make(
    books: Books,
    key: SecretStr | None,
    *,
    content_id: str,
    artifact_sha256: str,
    scope: Scope,
    life: timedelta,
    by: str,
) -> tuple[str, Claims]:
    """As `made`, in a studio's books."""
    return await made(
        key, books.links, content_id=content_id, artifact_sha256=artifact_sha256, scope=scope, life=life, by=by
    )


@allowed(Role.VIEWER)
async def links_of(books: Books, id: str) -> list[ReviewLink]:
    """The links that were made for a content, the oldest first."""
    return await books.links.of(id)


@allowed(Role.OPERATOR)
async def revoke(books: Books, id: str, link: str | None, *, by: str) -> int:
    """Revokes one link of a content, or all; how many were open until now."""
    return await books.links.revoke(id, link, by=by)


def usable(key: SecretStr | None) -> SecretStr:
    """The key, or `InvalidInput` where there is none or it is too short."""
    if key is None or not key.get_secret_value():
        raise InvalidInput("it is not set", field=_FIELD, remedy="set it to 32 random characters or more")
    if len(key.get_secret_value()) < KEY_CHARS:
        raise InvalidInput(f"it has fewer than {KEY_CHARS} characters", field=_FIELD, remedy="use a longer random one")
    return key


def key_id(key: SecretStr) -> str:
    """The key's name: no way back to the key."""
    return hashlib.sha256(b"reelwright review link " + key.get_secret_value().encode()).hexdigest()[:8]


def _signature(body: str, key: SecretStr) -> str:
    return _encoded(hmac.new(key.get_secret_value().encode(), body.encode(), hashlib.sha256).digest())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _closed(why: str) -> InvalidInput:
    return InvalidInput(f"this link opens nothing: {why}", field="link", remedy="request a new one")
