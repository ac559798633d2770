"""The ports of the user's own media."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ..assets import AssetRef
from ..content.taken import StoredMedia
from .rendering import Progress


class MediaIntake(Protocol):
    """Takes in files of the user's own: fetched, decoded to the end, stored, recorded. The same bytes are taken in
    once. Raises `InvalidInput`, with `field`, for what cannot be used."""

    async def find(self, address: str, *, field: str, workdir: Path, progress: Progress) -> StoredMedia:
        """What an address leads to: `media:<sha256>`, `s3://bucket/key` or `https://…`. Raises `ProviderUnavailable`
        where it may be there later."""
        ...

    async def add(self, path: Path, *, name: str, field: str, workdir: Path, progress: Progress) -> StoredMedia:
        """A local file, under a name for people."""
        ...

    async def still(self, media: StoredMedia, start_s: float, *, field: str, workdir: Path) -> AssetRef:
        """The still of a clip that begins at `start_s`: what it shows there."""
        ...

    async def frames(self, file: AssetRef, at_s: Sequence[float], *, name: str, workdir: Path) -> Sequence[AssetRef]:
        """Small pictures of what a stored clip shows at these times after its beginning."""
        ...


class MediaBook(Protocol):
    """The records of the user's own media, by the sha256 of the bytes as they came."""

    async def find(self, sha256: str) -> StoredMedia | None: ...

    async def add(self, media: StoredMedia) -> StoredMedia:
        """Records it; what was recorded first stays, and is returned."""
        ...
