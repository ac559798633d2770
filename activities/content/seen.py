"""Judging what is seen: pictures, and frames of clips."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.judging import ModerationContext
from reelwright.domain.content.policy import ModerationPolicy
from reelwright.domain.content.seen import SeenClip, SeenPicture
from reelwright.domain.content.story import ModerationFinding
from reelwright.domain.errors import AssetCorrupt
from reelwright.domain.ports.classifying import PictureJudge
from reelwright.domain.ports.making import MediaStore
from reelwright.domain.ports.repeats import RepeatJudge

from ..heartbeat import beating

PICTURE_BYTES = 100_000_000


class TakeFrames(Model):
    """Clips of a content of which frames are to be looked at."""

    content_id: str
    clips: tuple[SeenClip, ...]


class Frames(Model):
    """Frames, as pictures of at most 1,024 pixels a side. `unseen` are the places of clips without any."""

    pictures: tuple[SeenPicture, ...] = ()
    unseen: tuple[str, ...] = ()


class ModerateMaterial(Model):
    """A content's pictures and frames to be judged. `context` is the one that its story was judged with."""

    content_id: str
    title: str
    pictures: tuple[SeenPicture, ...]
    context: ModerationContext
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Seeing:
    """Where the pictures are, and who judges them."""

    media: MediaStore
    judge: PictureJudge
    repeats: RepeatJudge | None = None

    async def findings(self, job: ModerateMaterial, policy: ModerationPolicy) -> list[ModerationFinding]:
        """What is found. Nothing is read that nobody looks at: what is drawn here is compared with nothing, and
        classified only where there is a classifier that sees."""
        found = [_unseen(place) for place in job.unseen if self.judge.name]
        context, hashes = job.context, list[int | None]()
        repeats = self.repeats if context.channel and not context.allow_repeat else None
        wanted = [each for each in job.pictures if self.judge.name or (repeats and not each.drawn)]
        async for picture, data in self._read(wanted):
            if self.judge.name:
                found += await self.judge.judge_picture(picture.place, data, policy)
            if repeats and not picture.drawn:
                hashes.append(await repeats.hash_of(data))
        if repeats and hashes:
            found += await repeats.judge_pictures(job.content_id, context.channel, job.title, hashes, policy)
        return found

    async def _read(self, pictures: Sequence[SeenPicture]) -> AsyncIterator[tuple[SeenPicture, bytes]]:
        async with beating("looking at pictures") as progress:
            for number, picture in enumerate(pictures):
                progress(number / len(pictures))
                yield picture, await self._bytes(picture.file)

    async def _bytes(self, file: AssetRef) -> bytes:
        if file.size > PICTURE_BYTES:
            raise AssetCorrupt(f"a picture has {file.size:,} bytes", field="picture", remedy="use one that is smaller")
        return b"".join([chunk async for chunk in self.media.read(file)])


def _unseen(place: str) -> ModerationFinding:
    return ModerationFinding(
        place=place,
        rule="classifier/unseen",
        decision="review",
        score=1.0,
        reason=f"{place}: no frame of it could be read for the classifiers",
        cure="have a person look at it",
    )
