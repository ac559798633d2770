"""Takes in media of the user's own. Implements `domain.ports.media.MediaIntake`."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Protocol
from urllib.parse import unquote, urlsplit

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.media import is_address
from reelwright.domain.content.taken import StoredMedia
from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.ports.media import MediaBook
from reelwright.domain.ports.rendering import Progress
from reelwright.domain.text.incoming import cut, one_line

from .limits import Limits
from .looked import STILL_TYPE, Looked
from .looking import frames, look, still
from .names import check_name

NAME_CHARS = 200
BY_SHA256 = "media:"


class Source(Protocol):
    """Where files of one kind of address come from."""

    async def fetch(self, url: str, to: Path, *, field: str, progress: Progress) -> None: ...


@dataclass(frozen=True)
class OwnIntake:
    """`sources` by the address's scheme."""

    book: MediaBook
    media: MediaStore
    sources: dict[str, Source]
    limits: Limits

    async def find(self, address: str, *, field: str, workdir: Path, progress: Progress) -> StoredMedia:
        """What an address leads to."""
        if not is_address(address):
            raise InvalidInput(
                f"{cut(address, 60)!r} is no address of media",
                field=field,
                remedy="store the file with `reelwright media add` and write `media:` and its sha256, or give an "
                "https:// or s3:// address",
            )
        if address.startswith(BY_SHA256):
            return await self._known(address.removeprefix(BY_SHA256), field)
        scheme = address.partition("://")[0]
        with TemporaryDirectory(dir=workdir) as folder:
            file = Path(folder) / "file"
            await self.sources[scheme].fetch(address, file, field=field, progress=progress)
            name = PurePosixPath(unquote(urlsplit(address).path)).name or scheme
            media = await self._take(file, name, field, Path(folder), progress)
            if scheme == "s3":  # an address on the web says little of what is sent: many servers choose it
                check_name(name, media.kind, media.file.media_type, field=field)
            # The same bytes may have been stored under another name: messages say this one.
            return media.model_copy(update={"name": cut(one_line(name), NAME_CHARS)})

    async def add(self, path: Path, *, name: str, field: str, workdir: Path, progress: Progress) -> StoredMedia:
        """A local file, which is called what it is."""
        with TemporaryDirectory(dir=workdir) as folder:
            media = await self._take(path, name, field, Path(folder), progress)
        check_name(name, media.kind, media.file.media_type, field=field)
        return media

    async def still(self, media: StoredMedia, start_s: float, *, field: str, workdir: Path) -> AssetRef:
        """The still of a clip that begins at `start_s`."""
        with TemporaryDirectory(dir=workdir) as folder:
            file = await self.media.fetch(media.used, Path(folder) / "clip")
            made = await still(file, start_s, name=media.name, field=field, workdir=Path(folder), limits=self.limits)
            return await self.media.put(made, STILL_TYPE)

    async def frames(self, file: AssetRef, at_s: Sequence[float], *, name: str, workdir: Path) -> list[AssetRef]:
        """Small pictures of what a stored clip shows at these times after its beginning."""
        with TemporaryDirectory(dir=workdir) as folder:
            clip = await self.media.fetch(file, Path(folder) / "clip")
            made = await frames(clip, at_s, name=name, field="media", workdir=Path(folder), limits=self.limits)
            return [await self.media.put(frame, STILL_TYPE) for frame in made]

    async def _known(self, sha256: str, field: str) -> StoredMedia:
        found = await self.book.find(sha256)
        if found is None or not await self._there(found):
            raise InvalidInput(
                f"no file with the sha256 {sha256[:12]}… is stored",
                field=field,
                remedy="add it: `reelwright media add`",
            )
        return found

    async def _there(self, media: StoredMedia) -> bool:
        files = (media.file, media.used, media.still)
        return all([await self.media.exists(file) for file in files if file is not None])

    async def _take(self, path: Path, name: str, field: str, workdir: Path, progress: Progress) -> StoredMedia:
        name = cut(one_line(name), NAME_CHARS) or "the file"
        size = path.stat().st_size
        if size == 0:
            raise InvalidInput(f"{name} is empty", field=field, remedy="give another file")
        if size > self.limits.bytes:
            raise InvalidInput(
                f"{name} has {size:,} bytes, more than {self.limits.bytes:,}", field=field, remedy="give a smaller file"
            )
        known = await self.book.find(await asyncio.to_thread(_sha256, path))
        if known is not None and await self._there(known):
            return known
        looked = await look(path, name=name, field=field, workdir=workdir, limits=self.limits, progress=progress)
        return await self.book.add(await self._stored(path, name, looked))

    async def _stored(self, path: Path, name: str, looked: Looked) -> StoredMedia:
        file = await self.media.put(path, looked.media_type)
        used = await self.media.put(looked.used, looked.used_type) if looked.used else file
        still = await self.media.put(looked.still, STILL_TYPE) if looked.still else None
        return StoredMedia(
            file=file,
            name=name,
            kind=looked.kind,
            used=used,
            still=still,
            picture=looked.picture,
            clip=looked.clip,
            sound=looked.sound,
            audio_streams=looked.audio_streams,
            codecs=looked.codecs,
            notes=tuple(f"{name}: {note}" for note in looked.notes),
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
