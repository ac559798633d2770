"""Content-addressed files: what every media store shares, and the local folder.

A file's key is `ab/abcdef….mp4`: the first two digits of its sha256, the whole of it, and an ending for people. The
same bytes always have the same key, so a put can be repeated and never overwrites anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import io
import os
import re
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from reelwright.domain.assets import AssetRef
from reelwright.domain.errors import AssetCorrupt, InvalidInput, OutOfSpace, ProviderUnavailable

if TYPE_CHECKING:
    pass

URL_FIELD = "REELWRIGHT_MEDIA_URL"
BLOCK = 1 << 20
LEFTOVER_S = 86_400
OWN_FOLDER = 0o700
_KEY = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})(?:\.[a-z0-9]{1,8})?")
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9.+-]{1,60}(?:; ?[a-z]+=[A-Za-z0-9-]+)?")
_ENDINGS = {
    "video/mp4": ".mp4",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/flac": ".flac",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/tiff": ".tiff",
    "image/bmp": ".bmp",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/x-msvideo": ".avi",
    "video/mp2t": ".ts",
    "video/mpeg": ".mpg",
    "audio/ogg": ".ogg",
    "font/ttf": ".ttf",
    "font/otf": ".otf",
    "font/collection": ".ttc",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "text/plain": ".txt",
    "application/json": ".json",
}


def media_key(sha256: str, media_type: str) -> str:
    """The place of a file in every store."""
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise InvalidInput(f"{media_type[:60]!r} is no media type", field="media_type", remedy="write type/subtype")
    return f"{sha256[:2]}/{sha256}{_ENDINGS.get(media_type.split(';')[0], '')}"


def checked_key(ref: AssetRef) -> str:
    """`ref.key` if it is a key of ours and agrees with the digest: a key is also a path, and comes from outside."""
    match = _KEY.fullmatch(ref.key)
    if not match or match[1] != ref.sha256 or ref.key[:2] != ref.sha256[:2]:
        raise AssetCorrupt(f"{ref.key[:100]!r} is not a key of the media store", field="asset", remedy="make it again")
    return ref.key


def missing(ref: AssetRef) -> AssetCorrupt:
    """The error for a file that is not there."""
    return AssetCorrupt(f"{ref.key} is not in the media store", field="asset", remedy="make it again")


def end_of_range(ref: AssetRef, start: int, end: int | None, chunk: int) -> int:
    """Where a range ends, at most the file's size. All are computed by callers; a negative one is refused before it
    reads the wrong bytes."""
    if start < 0 or chunk < 1 or (end is not None and end < start):
        raise InvalidInput(f"cannot read {chunk} bytes from {start} to {end}", field="start", remedy="count from 0")
    return ref.size if end is None else min(end, ref.size)


@contextmanager
def disk_errors() -> Iterator[None]:
    """A full disk as `OutOfSpace`, an unwilling one as `ProviderUnavailable`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutOfSpace("the disk is full", field="media store", remedy="free some space and try again") from error
        raise ProviderUnavailable(
            f"the folder cannot be used ({error.strerror or type(error).__name__})",
            field="media store",
            remedy="check that it exists, is mounted and may be written",
        ) from error


@contextmanager
def whole_file(to: Path) -> Iterator[IO[bytes]]:
    """A temporary file beside `to` that becomes `to`, complete and synced to disk, or leaves nothing. The process's
    umask decides who may read it: a file that a person requested is readable by all, a pool's file by its owner
    only."""
    to.parent.mkdir(parents=True, exist_ok=True)
    name = to.parent / f".part-{secrets.token_hex(8)}"
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        os.replace(name, to)
    except BaseException:
        name.unlink(missing_ok=True)
        raise


def copy_checked(source: Iterator[bytes], ref: AssetRef, to: Path) -> Path:
    """Writes the blocks to `to` and checks size and digest before the file appears."""
    digest, size = hashlib.sha256(), 0
    with whole_file(to) as file:
        for block in source:
            digest.update(block)
            size += len(block)
            file.write(block)
        if size != ref.size or digest.hexdigest() != ref.sha256:
            raise AssetCorrupt(f"{ref.key} is not what was stored", field="asset", remedy="make it again")
    return to


class LocalMediaStore:
    """Files in a folder, for its owner only, since they include media before review. Writing is atomic and durable:
    temporary file, fsync, rename, fsync of the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self._incoming = self.root / ".incoming"
        self._sweep()

    def _sweep(self) -> None:
        """Clears what writers killed more than a day ago have left; a younger file may still be written."""
        for left in self._incoming.glob("*"):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime < time.time() - LEFTOVER_S:
                    left.unlink()

    def _path(self, ref: AssetRef) -> Path:
        return self.root / checked_key(ref)

    async def put(self, path: Path, media_type: str) -> AssetRef:
        """Stores a file; the source is read once, so that what is stored is what was hashed."""
        media_key("0" * 64, media_type)
        return await asyncio.to_thread(self._put, path, media_type)

    def _put(self, path: Path, media_type: str) -> AssetRef:
        try:
            source = open(path, "rb")  # noqa: SIM115
        except (FileNotFoundError, IsADirectoryError) as error:
            raise AssetCorrupt(f"there is no file {path.name!r} to store", field="asset") from error
        with source:
            return self._store(source, media_type)

    async def put_bytes(self, data: bytes, media_type: str) -> AssetRef:
        """Stores bytes that are in memory anyway."""
        media_key("0" * 64, media_type)
        return await asyncio.to_thread(self._store, io.BytesIO(data), media_type)

    def _store(self, source: IO[bytes], media_type: str) -> AssetRef:
        """Always writes, even what is there already: the same bytes, and a file that rotted on disk is healed."""
        digest, size = hashlib.sha256(), 0
        with disk_errors():
            self.root.mkdir(mode=OWN_FOLDER, parents=True, exist_ok=True)
            self._incoming.mkdir(mode=OWN_FOLDER, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    while block := source.read(BLOCK):
                        digest.update(block)
                        size += len(block)
                        file.write(block)
                    file.flush()
                    os.fsync(descriptor)
                sha256 = digest.hexdigest()
                ref = AssetRef(key=media_key(sha256, media_type), sha256=sha256, size=size, media_type=media_type)
                target = self.root / ref.key
                target.parent.mkdir(mode=OWN_FOLDER, exist_ok=True)
                os.replace(name, target)
                _sync_folder(target.parent)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        return ref

    async def fetch(self, ref: AssetRef, to: Path) -> Path:
        """Copies the file to `to`, whole or not at all; `AssetCorrupt` when it is missing or not the same bytes."""
        return await asyncio.to_thread(self._fetch, ref, to)

    def _fetch(self, ref: AssetRef, to: Path) -> Path:
        path = self._path(ref)
        with disk_errors():
            try:
                source = open(path, "rb")  # noqa: SIM115
            except FileNotFoundError as error:
                raise missing(ref) from error
            with source:
                return copy_checked(iter(lambda: source.read(BLOCK), b""), ref, to)

    async def read(
        self, ref: AssetRef, *, start: int = 0, end: int | None = None, chunk: int = BLOCK
    ) -> AsyncIterator[bytes]:
        """Streams from `start` to `end`. Raises `AssetCorrupt` when the file is missing or shorter than it should
        be."""
        last = end_of_range(ref, start, end, chunk)
        path = self._path(ref)
        with disk_errors():
            try:
                file = await asyncio.to_thread(open, path, "rb")
            except FileNotFoundError as error:
                raise missing(ref) from error
            with file:
                file.seek(start)
                at = start
                while block := await asyncio.to_thread(file.read, _left(chunk, end, at)):
                    at += len(block)
                    yield block
                if at < last:
                    raise AssetCorrupt(f"{ref.key} ends at byte {at:,}", field="asset", remedy="make it again")

    async def exists(self, ref: AssetRef) -> bool:
        """Whether a file of the right size is there."""
        try:
            found = self._path(ref).stat()
        except FileNotFoundError:
            return False
        return found.st_size == ref.size


def _left(chunk: int, end: int | None, at: int) -> int:
    """How much to read next. Without an end it is read to the file's own, also where that is not the size on record."""
    return chunk if end is None else min(chunk, max(end - at, 0))


def _sync_folder(folder: Path) -> None:
    """Makes a rename durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
