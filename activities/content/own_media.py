"""Media of the user's own, checked and stored before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio import activity

from reelwright.domain.assets import AssetRef
from reelwright.domain.base import Model
from reelwright.domain.content.seen import MOMENTS, SeenPicture
from reelwright.domain.content.story import OWN
from reelwright.domain.content.taken import NamedMedia, StoredMedia, TakenMedia
from reelwright.domain.content.taking import taken_of
from reelwright.domain.errors import InvalidInput
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog
from reelwright.domain.ports.media import MediaIntake

from ..heartbeat import beating
from ..made import Made, once
from .seen import Frames, TakeFrames


class TakeMedia(Model):
    """All media that a content's request names."""

    content_id: str
    named: NamedMedia


@dataclass
class OwnMedia:
    """Takes in the user's own media, on the render or gpu pool: it is decoded to its end."""

    catalog: Catalog
    intake: MediaIntake
    scratch: Path
    """The folder for files on their way."""

    @activity.defn
    async def take_media(self, asked: TakeMedia) -> TakenMedia:
        """Every file that the request names, checked for its place and stored. What an address led to once stays with
        the content. Raises `InvalidInput` naming the field."""

        async def take() -> Made[TakenMedia]:
            found: dict[str, StoredMedia] = {}
            stills: dict[tuple[str, float], AssetRef] = {}
            self.scratch.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self.scratch, prefix="own-media-") as folder:
                for field, address in asked.named.addresses():
                    if address not in found:
                        async with beating(f"taking in {field}") as progress:
                            found[address] = await self.intake.find(
                                address, field=field, workdir=Path(folder), progress=progress
                            )
                taken_of(asked.named, found)
                for address, start_s in sorted(asked.named.starts()):
                    if (clip := found[address]).still is not None:
                        async with beating("making the still of a clip"):
                            stills[address, start_s] = await self.intake.still(
                                clip, start_s, field="media", workdir=Path(folder)
                            )
            files = dict.fromkeys([*_files(found), *stills.values()])
            noted = [one for media in found.values() for one in _noted(media)]
            begun = [
                Noted(kind="own", file=file, name=found[address].name, made_of=(found[address].file.sha256,))
                for (address, _), file in stills.items()
            ]
            return Made(taken_of(asked.named, found, stills), tuple(files), OWN, noted=(*noted, *begun))

        key = effect_key(asked.content_id, "own-media", asked.named)
        kept = await once(self.catalog, key, take, TakenMedia, content_id=asked.content_id, step="own-media")
        return kept.result

    @activity.defn
    async def take_frames(self, asked: TakeFrames) -> Frames:
        """The first frame of each clip, its middle and its last one, for those that judge pictures."""

        async def take() -> Made[Frames]:
            pictures: list[SeenPicture] = []
            unseen: list[str] = []
            self.scratch.mkdir(parents=True, exist_ok=True)
            for clip in asked.clips:
                moments = clip.start_s, (clip.start_s + clip.end_s) / 2, clip.end_s
                with TemporaryDirectory(dir=self.scratch, prefix="frames-") as folder:
                    try:
                        async with beating(f"looking at {clip.place}"):
                            files = await self.intake.frames(clip.file, moments, name=clip.place, workdir=Path(folder))
                    except InvalidInput:
                        unseen.append(clip.place)  # it becomes a finding
                        continue
                places = (f"{clip.place}, {moment}" for moment in MOMENTS)
                pictures += [SeenPicture(place=p, file=file) for p, file in zip(places, files, strict=True)]
            found = Frames(pictures=tuple(pictures), unseen=tuple(unseen))
            return Made(found, tuple(dict.fromkeys(each.file for each in pictures)))

        key = effect_key(asked.content_id, "frames", *asked.clips)
        return (await once(self.catalog, key, take, Frames, content_id=asked.content_id, step="frames")).result


def _noted(media: StoredMedia) -> list[Noted]:
    """The file as it came, and what was made of it."""
    made = [file for file in (media.used, media.still) if file is not None and file != media.file]
    came = Noted(kind="own", file=media.file, name=media.name)
    return [came, *(came.model_copy(update={"file": file, "made_of": (media.file.sha256,)}) for file in made)]


def _files(found: dict[str, StoredMedia]) -> dict[AssetRef, None]:
    files = (file for media in found.values() for file in (media.file, media.used, media.still) if file is not None)
    return dict.fromkeys(files)
