"""Pictures out of a plan: thumbnails, and the pictures of picture posts. Signed, stored, and on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.video import GivenPlan, RenderPlan, Thumbnail
from reelwright.domain.evidence import Noted
from reelwright.domain.formats import VideoFormat
from reelwright.domain.ids import effect_key
from reelwright.domain.marking import Mark, picture_mark, thumbnail_mark
from reelwright.domain.ports.making import Catalog, MediaStore
from reelwright.domain.ports.marking import MARK_BYTES, Marker
from reelwright.domain.ports.rendering import Renderer
from reelwright.domain.publishing.pictures import DrawPictures, PostPictures, alt_of
from reelwright.domain.publishing.posting import PostPicture

from ..made import Made, once
from .local_copies import LocalCopies
from .marking import digest_of, key_of, marked
from .material import pictures_of, stills_of


class DrawThumbnails(Model):
    """The thumbnails of one format."""

    plan: GivenPlan
    format: VideoFormat


class Thumbnails(Model):
    """One format's thumbnails, the one for posts first."""

    images: tuple[Thumbnail, ...]


@dataclass(frozen=True)
class Stills:
    """Without a `marker` nothing is signed."""

    catalog: Catalog
    media: MediaStore
    renderer: Renderer
    local: LocalCopies
    marker: Marker | None = None

    async def thumbnails(self, plan: RenderPlan, format: VideoFormat) -> Thumbnails:
        """JPEGs of the format's size."""
        width, height = format.size
        async with self.local.workdir() as folder:
            files = await self.local.fetch(folder, *stills_of(plan))
            drawn = await self.renderer.thumbnails(plan, format, files, folder)
            mark = thumbnail_mark(plan.material) if self.marker else None

            async def make() -> Made[Thumbnails]:
                images = [
                    Thumbnail(
                        format=format,
                        file=await self.media.put(await marked(self.marker, path, "image/jpeg", mark), "image/jpeg"),
                        width=width,
                        height=height,
                        variant=variant,
                    )
                    for variant, path in drawn.items()
                ]
                shown = tuple(picture.image.sha256 for picture in plan.material.pictures)
                noted = tuple(
                    Noted(kind="thumbnail", file=one.file, format=format.value, name=one.variant, made_of=shown)
                    for one in images
                )
                return Made(Thumbnails(images=tuple(images)), tuple(one.file for one in images), noted=noted)

            # The same pixels are signed once: a signature has random parts, and another attempt is to give the same.
            digests = [digest_of(path) for path in drawn.values()]
            key = effect_key(plan.content_id, "thumbnails", format.value, digests, *([mark] if mark else []))
            return (await once(self.catalog, key, make, Thumbnails, content_id=plan.content_id, step="render")).result

    async def pictures(self, plan: RenderPlan, job: DrawPictures) -> PostPictures:
        """The pictures of a picture post, in its order, with their alternative texts."""
        order, own = job.order, [picture.file.sha256 for picture in job.own]
        marks = [picture_mark(plan.material, scene) if self.marker else None for scene in job.scenes]

        async def make() -> Made[PostPictures]:
            return await self._drawn(plan, job, marks)

        drawn_from = [*plan.material.pictures, plan.style, plan.material.story.language]
        decides = [order.format.value, order.most_bytes, *drawn_from, job.scenes, own]
        key = await key_of(self.catalog, plan.content_id, "pictures", decides, marks)
        made = (await once(self.catalog, key, make, PostPictures, content_id=plan.content_id, step="render")).result
        alts = [alt_of(plan.material, scene, order.alt_chars) for scene in job.scenes]
        alts += [picture.alt[: order.alt_chars] for picture in job.own]
        described = zip(made.pictures, alts, strict=True)
        return PostPictures(pictures=tuple(picture.model_copy(update={"alt": alt}) for picture, alt in described))

    async def _drawn(self, plan: RenderPlan, job: DrawPictures, marks: list[Mark | None]) -> Made[PostPictures]:
        order, own = job.order, [picture.file for picture in job.own]
        room = MARK_BYTES if any(marks) else 0
        async with self.local.workdir() as folder:
            paths = await self.renderer.pictures(
                plan,
                order.format,
                job.scenes,
                [ref.sha256 for ref in own],
                await self.local.fetch(folder, *pictures_of(plan), *own),
                folder,
                most_bytes=order.most_bytes - room,
            )
            refs = await self._signed(paths, marks)
        width, height = order.format.size
        made = PostPictures(pictures=tuple(PostPicture(file=ref, width=width, height=height) for ref in refs))
        scenes = {picture.scene: picture.image.sha256 for picture in plan.material.pictures}
        sources = [*(scenes[scene] for scene in job.scenes), *(ref.sha256 for ref in own)]
        noted = tuple(
            Noted(kind="post_picture", file=ref, format=order.format.value, made_of=(source,))
            for ref, source in zip(refs, sources, strict=True)
        )
        return Made(made, tuple(refs), noted=noted)

    async def _signed(self, paths: Sequence[Path], marks: Sequence[Mark | None]) -> list[AssetRef]:
        """The user's own pictures, which come after the scenes', are not signed: no machine made anything in them."""
        shown = zip_longest(paths, marks)
        signed = [await marked(self.marker, path, "image/jpeg", mark) for path, mark in shown]
        return [await self.media.put(path, "image/jpeg") for path in signed]
