"""The encoded segments of a content in the media store, and what was found on each while it was made.

A segment is used with findings that hold for its file. Where they are lost or are of another file it is inspected
again, and where the file is lost, is not what was stored or is another segment's, it is made again.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError
from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.content.findings import SegmentFindings
from reelwright.domain.content.video import FormatCut, RenderPlan, Segment, SegmentFile
from reelwright.domain.errors import AssetCorrupt, RenderFailed
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.rendering import TOOLCHAIN_FIELD, Progress, Renderer

from ..made import Made, once
from .local_copies import LocalCopies
from .material import pictures_of


@dataclass(frozen=True)
class Checked:
    """A segment that can be used. `findings` is None for a video of which no segment has any."""

    file: SegmentFile
    findings: SegmentFindings | None = None


@dataclass(frozen=True)
class Segments:
    """What is on record and in the store, and the renderer for what is not."""

    catalog: Catalog
    media: MediaStore
    renderer: Renderer
    local: LocalCopies

    async def known(self, content_id: str, segment: Segment) -> SegmentFile | None:
        """The segment, if it is on record and in the media store."""
        known = await self.catalog.find_result(_key(content_id, segment.digest))
        if known is None:
            return None
        made = SegmentFile.model_validate_json(known)
        mine = (made.digest, made.frames) == (segment.digest, segment.frames)
        return made if mine and await self.media.exists(made.file) else None

    async def make(self, plan: RenderPlan, cut: FormatCut, progress: Progress) -> list[SegmentFile]:
        """The segments that one process makes: a scene and the transition that leads to it."""
        known = [await self.known(plan.content_id, segment) for segment in cut.segments]
        made = {file.digest: file for file in known if file}
        missing = missing_of(cut, made)
        if missing.segments:
            made |= await self._encode(plan, missing, progress)
        return [made[segment.digest] for segment in cut.segments]

    async def checked(
        self, plan: RenderPlan, format: VideoFormat, files: Sequence[SegmentFile], progress: Progress
    ) -> list[Checked]:
        """The segments of a format with their findings. Without any, as older builds left them, they stay so: the
        finished file is inspected as a whole then."""
        if not any(file.findings for file in files):
            return [Checked(file) for file in files]
        found = await asyncio.gather(*map(self._findings, files))
        return [
            Checked(file, findings) if findings else await self._again(plan, format, file, progress)
            for file, findings in zip(files, found, strict=True)
        ]

    async def fetch(
        self, plan: RenderPlan, format: VideoFormat, files: Sequence[SegmentFile], folder: Path, progress: Progress
    ) -> list[Path]:
        """The files, in `folder`. One that is lost or is not what was stored is made again."""

        async def one(file: SegmentFile) -> Path:
            try:
                return await self.media.fetch(file.file, folder / f"{file.digest}.mp4")
            except AssetCorrupt as error:
                made = await self._remade(plan, format, file, str(error), progress)
                return await self.media.fetch(made.file, folder / f"{file.digest}.mp4")

        return list(await asyncio.gather(*map(one, files)))

    async def _again(self, plan: RenderPlan, format: VideoFormat, file: SegmentFile, progress: Progress) -> Checked:
        """A segment whose findings do not hold, with others that do."""
        key = effect_key(plan.content_id, "segment again", file.digest, file.file.sha256)
        if known := await self.catalog.find_result(key):
            other = SegmentFile.model_validate_json(known)
            if (other.digest == file.digest) and (findings := await self._findings(other)):
                return Checked(other, findings)
        try:
            again = await self._inspected(plan, format, file, progress)
        except (AssetCorrupt, RenderFailed) as error:
            again = await self._remade(plan, format, file, str(error), progress)
        findings = await self._findings(again)
        if findings is None:
            raise AssetCorrupt("what was found on a segment cannot be read", field="segments", remedy="try again")
        assets = tuple(ref for ref in (again.file, again.findings) if ref)
        await once(self.catalog, key, _already(again, assets), SegmentFile, content_id=plan.content_id, step="render")
        return Checked(again, findings)

    async def _inspected(
        self, plan: RenderPlan, format: VideoFormat, file: SegmentFile, progress: Progress
    ) -> SegmentFile:
        activity.logger.warning(
            "%s: what was found on a segment of %s is lost; it is inspected again", plan.content_id, format
        )
        async with self.local.workdir() as folder:
            path = await self.media.fetch(file.file, folder / "segment.mp4")
            found = await self.renderer.inspect_segment(plan, format, file, path, progress)
        stored = await self.media.put_bytes(found.model_dump_json().encode(), "application/json")
        return file.model_copy(update={"findings": stored})

    async def _remade(
        self, plan: RenderPlan, format: VideoFormat, file: SegmentFile, why: str, progress: Progress
    ) -> SegmentFile:
        """The segment, encoded anew. Raises `RenderFailed` where this worker's build makes other segments."""
        activity.logger.warning("%s: a segment of %s is made again: %s", plan.content_id, format, why)
        async with self.local.workdir() as folder:
            fonts = await self.local.fetch(folder, *plan.style.font_files)
            cut = await self.renderer.cut(plan, format, fonts)
        wanted = tuple(segment for segment in cut.segments if segment.digest == file.digest)[:1]
        if not wanted:
            raise RenderFailed(
                "a segment is lost, and this worker's build makes others", field=TOOLCHAIN_FIELD, remedy="plan it anew"
            )
        made = await self._encode(plan, cut.model_copy(update={"segments": wanted}), progress)
        return made[file.digest]

    async def _findings(self, file: SegmentFile) -> SegmentFindings | None:
        """What was found on a segment's file, if it is in the store, whole, and of this file."""
        if file.findings is None:
            return None
        try:
            data = b"".join([piece async for piece in self.media.read(file.findings)])
            if hashlib.sha256(data).hexdigest() != file.findings.sha256:
                return None
            found = SegmentFindings.model_validate_json(data)
        except (AssetCorrupt, ValidationError):
            return None
        return found if found.hold_for(file.digest, file.file.sha256, file.frames) else None

    async def _encode(self, plan: RenderPlan, cut: FormatCut, progress: Progress) -> dict[str, SegmentFile]:
        """Encodes the segments of `cut` and puts them on record, by digest."""
        made = {}
        async with self.local.workdir() as folder:
            files = await self.local.fetch(folder, *pictures_of(plan, cut.segments))
            written = await self.renderer.segments(plan, cut, files, folder, progress)
            for segment in cut.segments:
                made[segment.digest] = await self._record(plan.content_id, segment, written[segment.digest])
        return made

    async def _record(self, content_id: str, segment: Segment, path: Path) -> SegmentFile:
        file, beside = await self.media.put(path, "video/mp4"), path.with_suffix(".json")
        findings = await self.media.put(beside, "application/json") if beside.exists() else None
        made = SegmentFile(digest=segment.digest, frames=segment.frames, file=file, findings=findings)
        await once(
            self.catalog,
            _key(content_id, segment.digest),
            _already(made, (file, findings) if findings else (file,)),
            SegmentFile,
            content_id=content_id,
            step="render",
        )
        # Not what is on record: that may name a file which is lost, or else this one would not have been made.
        return made


def missing_of(cut: FormatCut, made: Iterable[str]) -> FormatCut:
    """What of a cut is still to be made."""
    there = set(made)
    missing = tuple(segment for segment in cut.segments if segment.digest not in there)
    return cut.model_copy(update={"segments": missing})


def by_name(cut: FormatCut) -> list[FormatCut]:
    """A cut in parts of one scene each, with the transition that leads to it."""
    groups = groupby(cut.segments, key=lambda segment: segment.name)
    return [cut.model_copy(update={"segments": tuple(group)}) for _, group in groups]


def _key(content_id: str, digest: str) -> str:
    return effect_key(content_id, "segment", digest)


def _already(made: SegmentFile, assets: tuple[AssetRef, ...]) -> Callable[[], Awaitable[Made[SegmentFile]]]:
    """For `once`: it is made already."""

    async def make() -> Made[SegmentFile]:
        return Made(made, assets)

    return make
