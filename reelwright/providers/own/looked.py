"""What the looking process answers."""

from __future__ import annotations

from pathlib import Path

from reelwright.domain.base import Model
from reelwright.domain.content.media import ClipFacts
from reelwright.domain.content.taken import MediaKind, PictureFacts, SoundFacts


class Looked(Model):
    """What a file is. `used` and `still` are files that were made of it, with their types."""

    kind: MediaKind
    media_type: str
    used: Path | None = None
    used_type: str = ""
    still: Path | None = None
    picture: PictureFacts | None = None
    clip: ClipFacts | None = None
    sound: SoundFacts | None = None
    audio_streams: int = 0
    codecs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


STILL_TYPE = "image/jpeg"
