"""Caption tracks, on record with their evidence."""

from __future__ import annotations

from collections.abc import Sequence

from reelwright.domain.base import Model
from reelwright.domain.content.video import CaptionFile
from reelwright.domain.evidence import Noted
from reelwright.domain.ids import effect_key
from reelwright.domain.ports.making import Catalog

from ..made import Made, once

CAPTION_TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt"}


class CaptionFiles(Model):
    """The caption tracks of one plan."""

    files: tuple[CaptionFile, ...]


async def kept_captions(catalog: Catalog, content_id: str, files: Sequence[CaptionFile]) -> CaptionFiles:
    """The tracks, once they are on record. The same tracks are recorded once."""

    async def make() -> Made[CaptionFiles]:
        noted = tuple(
            Noted(kind="captions", file=track.file, language=track.language, name=track.kind) for track in files
        )
        return Made(CaptionFiles(files=tuple(files)), tuple(track.file for track in files), noted=noted)

    key = effect_key(content_id, "captions", [[track.language, track.kind, track.file.sha256] for track in files])
    return (await once(catalog, key, make, CaptionFiles, content_id=content_id, step="render")).result
