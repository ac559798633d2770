"""A file of the user's own in the media store, and what is known of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from ..assets import AssetRef
from ..base import Grown, Model
from .media import ClipFacts

MediaKind = Literal["picture", "clip", "sound"]


class PictureFacts(Model):
    """A still picture as it is shown: pixels once its EXIF rotation is applied."""

    width: int
    height: int


class SoundFacts(Grown, Model):
    """The sound of an audio file, or of a clip: seconds that were really decoded. After `heard_s` there is silence (0:
    all of it is silent); None for files that were stored before this was measured."""

    added: ClassVar[frozenset[str]] = frozenset({"heard_s"})

    duration_s: float
    sample_rate: int
    channels: int
    heard_s: float | None = None


class StoredMedia(Grown, Model):
    """A file of the user's own in the media store, decoded to its end when it was taken in.

    `file` has the bytes as they came; `used` is what is read in their place: the same, or a picture or a clip made of
    it where the renderer does not read its kind. `still` is a frame of a clip. `clip` is set for clips, `picture` for
    pictures, `sound` for audio files and for clips with sound. `audio_streams` and `codecs` (as FFmpeg calls them, of
    pictures and sound) are of the file as it came.
    """

    added: ClassVar[frozenset[str]] = frozenset()

    file: AssetRef
    name: str
    kind: MediaKind
    used: AssetRef
    still: AssetRef | None = None
    picture: PictureFacts | None = None
    clip: ClipFacts | None = None
    sound: SoundFacts | None = None
    audio_streams: int = 0
    codecs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
