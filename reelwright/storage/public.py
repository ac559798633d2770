"""Public addresses of stored files: the operator's base address, or a presigned one of a bucket.

Implements `domain.ports.publishing.PublicMedia`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from urllib.parse import quote

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import InvalidInput

FIELD = "REELWRIGHT_PUBLIC_MEDIA_URL"
VALID_S = 6 * 3_600
"""A platform fetches within minutes; after a failure it is given a new address."""


@runtime_checkable
class Presigns(Protocol):
    """A store that makes addresses for its own files."""

    async def presigned(self, ref: AssetRef, seconds: int) -> str:
        """An address that is valid for so long."""
        ...


@dataclass(frozen=True)
class PublicAddresses:
    """`base` is where the store's folder, or the bucket with its prefix, is served; empty: the store presigns, if it
    can."""

    store: object
    base: str = ""

    async def address(self, ref: AssetRef) -> str:
        """The file's address. Raises `InvalidInput` where it has none."""
        if self.base:
            return f"{self.base.rstrip('/')}/{quote(ref.key)}"
        if isinstance(self.store, Presigns):
            return await self.store.presigned(ref, VALID_S)
        raise InvalidInput(
            "the media store is a folder, which the internet does not reach",
            field=FIELD,
            remedy="set it to the https address at which that folder is served, or store media in a bucket (S3)",
        )
