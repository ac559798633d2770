"""Requests of programs that are sent again under the same key: done once, and answered as they were."""

from __future__ import annotations

from collections.abc import Mapping

from reelwright.domain.people import Role
from reelwright.storage.api_requests import Claimed, PostgresApiRequests

from .access import allowed
from .studio import Books

__all__ = ["Claimed", "answered", "claim", "release"]


@allowed(Role.VIEWER)
async def claim(books: Books, key: str, digest: str, *, repeatable: bool) -> Claimed:
    """Claims the caller's key for a request with this digest."""
    return await PostgresApiRequests(books.pool).claim(books.caller.id, key, digest, repeatable=repeatable)


@allowed(Role.VIEWER)
async def answered(
    books: Books, key: str, holder: str, *, status: int, headers: Mapping[str, str], answer: str
) -> None:
    """The request was done; whoever sends it again gets this answer."""
    requests = PostgresApiRequests(books.pool)
    await requests.answered(books.caller.id, key, holder, status=status, headers=headers, answer=answer)


@allowed(Role.VIEWER)
async def release(books: Books, key: str, holder: str) -> None:
    """Nothing was done: the key is free again."""
    await PostgresApiRequests(books.pool).release(books.caller.id, key, holder)
