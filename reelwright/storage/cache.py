"""A media store's files kept near: a folder of limited size between the workers of one machine and their store.

Stills, segments and soundtracks are fetched by many steps, and the machine that made a segment is often the one that
joins it. A file is named by its sha256, checked whenever it is taken out, and made whole or not at all; when the
folder is over its limit, what was not used for the longest goes first. Nothing depends on the cache: where it cannot
be used, the store is.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from filelock import FileLock

from reelwright.domain.assets import AssetRef
from reelwright.domain.ports.making import MediaStore

LEFTOVER_S = 3_600
"""An unfinished file older than this was left by a process that is gone."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PART = ".part-"

log = logging.getLogger(__name__)


class CachedMediaStore:
    """The port `MediaStore`: another one, with up to `max_bytes` of its files in `folder`.

    Any number of processes may share the folder. 0 bytes is no cache.
    """

    def __init__(self, store: MediaStore, folder: Path, max_bytes: int) -> None:
        self._store = store
        self._folder = folder.expanduser().absolute()
        self._max_bytes = max_bytes

    async def put(self, path: Path, media_type: str) -> AssetRef:
        """Stores a file, and keeps it in the cache: what was just made is often read next."""
        ref = await self._store.put(path, media_type)
        await asyncio.to_thread(self._keep, ref, path)
        return ref

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        """Stores bytes."""
        return await self._store.put_bytes(data, media_type)

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        """The file at `to`, from the folder if it is there and sound, else from the store."""
        if await asyncio.to_thread(self._take, ref, to):
            return to
        path = await self._store.fetch(ref, to)
        await asyncio.to_thread(self._keep, ref, path)
        return path

    def read(
        self, ref: AssetRef, *, start: int = 0, end: int | None = None, chunk: int = 1 << 20
    ) -> AsyncIterator[bytes]:
        """Streams from the store."""
        return self._store.read(ref, start=start, end=end, chunk=chunk)

    async def exists(self, ref: AssetRef) -> bool:
        """Whether the store has it: other machines cannot see this one's folder."""
        return await self._store.exists(ref)

    def _place(self, ref: AssetRef) -> Path | None:
        # The digest becomes a path, and references come from outside.
        usable = _SHA256.fullmatch(ref.sha256) and ref.size <= self._max_bytes
        return self._folder / ref.sha256[:2] / ref.sha256 if usable else None

    def _take(self, ref: AssetRef, to: Path) -> bool:
        place = self._place(ref)
        if place is None or not place.exists():
            return False
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
            part = to.with_name(f"{_PART}{to.name}")
            _link(place, part)
            if not _sound(part, ref):
                log.warning("%s in the cache is damaged; it is fetched again", ref.sha256)
                part.unlink()
                place.unlink(missing_ok=True)
                return False
            part.replace(to)
            os.utime(place)
        except OSError as error:
            # For instance evicted by another process in this very moment.
            log.debug("the cache was passed by: %s", error.strerror)
            return False
        return True

    def _keep(self, ref: AssetRef, path: Path) -> None:
        place = self._place(ref)
        if place is None or place.exists():
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=_PART, dir=self._folder)
            os.close(descriptor)
            part = Path(name)
            try:
                # A copy: the owner of `path` may continue to write into it.
                shutil.copyfile(path, part)
                if _sound(part, ref):
                    part.replace(place)
            finally:
                part.unlink(missing_ok=True)
            self._evict()
        except OSError as error:
            log.warning("%s was not kept in the cache: %s", ref.sha256, error.strerror)

    def _evict(self) -> None:
        """Removes what was not used for the longest until the rest is within the limit."""
        # One at a time, or two processes at once would each remove what makes room for the other.
        with FileLock(self._folder / ".lock"):
            found = []
            for path in self._folder.rglob("*"):
                if path.name == ".lock" or path.is_dir():
                    continue
                stat = path.stat()
                if path.name.startswith(_PART):
                    if stat.st_mtime < time.time() - LEFTOVER_S:
                        path.unlink(missing_ok=True)
                    continue
                found.append((stat.st_mtime, stat.st_size, path))
            total = sum(size for _, size, _ in found)
            for _, size, path in sorted(found, key=lambda kept: kept[0]):
                if total <= self._max_bytes:
                    break
                path.unlink(missing_ok=True)
                total -= size


def _link(source: Path, to: Path) -> None:
    """A second name for the file where the file system has such, else a copy. It is only ever read."""
    to.unlink(missing_ok=True)
    try:
        os.link(source, to)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, to)


def _sound(path: Path, ref: AssetRef) -> bool:
    with path.open("rb") as file:
        return (
            os.fstat(file.fileno()).st_size == ref.size
            and hashlib.file_digest(file, "sha256").hexdigest() == ref.sha256
        )
