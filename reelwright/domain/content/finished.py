"""Finished videos of the user's own: posted as they are, with the same review and the same records as made ones."""

from __future__ import annotations

from ..assets import AssetRef
from ..base import Model
from ..errors import InvalidInput
from ..formats import STANDARD_FORMATS, Platform, VideoFormat
from .request import ContentRequest
from .story import OWN, SURE_ENOUGH, Material, Narration, Story
from .taken import StoredMedia
from .video import RenderedContent, RenderedVideo, Thumbnail

SHAPE_OFF = 0.01
"""How much a picture's ratio of width to height may differ from its format's: 1366x768 is still 16:9."""
SAME_LENGTH_S = 0.5
"""Captions of one video fit another whose length differs by no more."""
NOTE_EFFECT = (
    "a finished video is posted as it is: a new script changes its captions, any other note changes nothing; to post "
    "another video, reject this one and start again with the other file"
)


class DeliveryRules(Model):
    """What a file may be to be posted without encoding it again: codecs of its pictures, as FFmpeg calls them, and the
    most that it may have on average, in Mbit/s."""

    codecs: tuple[str, ...]
    mbps: float | None = None

    @classmethod
    def of(cls, platforms: tuple[Platform, ...]) -> DeliveryRules:
        """What all these platforms take."""
        facts = [platform.facts for platform in platforms]
        codecs = frozenset({"h264", "hevc"}).intersection(*(each.video_codecs for each in facts))
        rates = [each.video_mbps for each in facts if each.video_mbps is not None]
        return cls(codecs=tuple(sorted(codecs)), mbps=min(rates, default=None))


class FinishedVideo(Model):
    """One finished video, ready to be posted. `notes` are what was changed in the file, a line each."""

    video: RenderedVideo
    thumbnail: Thumbnail
    notes: tuple[str, ...] = ()


class FinishedMaterial(Model):
    """What a reviewer judges: the words, and the files themselves. `spoken` has the times of the script's words, where
    there is a script."""

    story: Story
    rendered: RenderedContent
    spoken: Narration | None = None

    @property
    def shown(self) -> tuple[str, ...]:
        """Each file, a line for reviewers."""
        return tuple(
            f"video {video.format}: {video.width}x{video.height}, {video.duration_s:.1f} s, sha256 {video.file.sha256}"
            for video in self.rendered.videos
        )


def doubts_of(material: Material | FinishedMaterial) -> tuple[str, ...]:
    """Why a person should look at material, whatever was requested."""
    if isinstance(material, Material):
        return tuple(narration.doubt for narration in material.narrations if narration.doubt)
    certainty = material.spoken.certainty if material.spoken else None
    if certainty is None or certainty >= SURE_ENOUGH:
        return ()
    return (
        f"what is said in the video may not be the script (certainty {certainty:.2f}); compare the captions with it, "
        "or send another script",
    )


def story_of(request: ContentRequest) -> Story:
    """The words of a finished video without a script: its title and its description."""
    return Story(title=request.title, description=request.description, language=request.language, scenes=(), writer=OWN)


def require_finished(media: StoredMedia, format: VideoFormat, field: str) -> StoredMedia:
    """The media. Raises `InvalidInput` naming `field` where it cannot be posted as a video of this format."""
    clip = media.clip
    if clip is None:
        raise InvalidInput(f"{media.name} is no video", field=field, remedy="give a finished video")
    if not _has_shape(clip.width, clip.height, format):
        raise InvalidInput(
            f"{media.name} has {clip.width}x{clip.height} pixels, which is not {format}",
            field=field,
            remedy=f"name it by its own format{_hint(clip.width, clip.height)}, or give another file",
        )
    if media.audio_streams != 1:
        count = f"{media.audio_streams} audio streams" if media.audio_streams else "no sound"
        remedy = "leave the one that is to be heard" if media.audio_streams else "give it one, silent if it must be"
        raise InvalidInput(f"{media.name} has {count}, not one audio stream", field=field, remedy=remedy)
    return media


def format_of(width: int, height: int, *, name: str, field: str) -> VideoFormat:
    """The format that a picture of this size has. Raises `InvalidInput` naming `field` where there is none."""
    standard = next((format for format in STANDARD_FORMATS if _has_shape(width, height, format)), None)
    if standard is not None:
        return standard
    try:
        return VideoFormat(f"{width}x{height}")
    except ValueError as error:
        raise InvalidInput(f"{name}: {error}", field=field, remedy="export it in another size") from error


def _has_shape(width: int, height: int, format: VideoFormat) -> bool:
    return abs(width * format.size[1] / (height * format.size[0]) - 1) <= SHAPE_OFF


def _hint(width: int, height: int) -> str:
    try:
        return f" ({format_of(width, height, name='', field='')})"
    except InvalidInput:
        return ""


def require_one_length(videos: tuple[RenderedVideo, ...]) -> None:
    """Raises `InvalidInput` where captions of one of these videos would not fit another."""
    lengths = [video.duration_s for video in videos]
    if max(lengths) - min(lengths) > SAME_LENGTH_S:
        raise InvalidInput(
            f"the videos last {min(lengths):.1f} to {max(lengths):.1f} s, and captions have one timing",
            field="script",
            remedy="give videos of one length, or leave the script out",
        )


class HeardVideo(Model):
    """The sound of a finished video: a mono 16 kHz WAV, and its length in seconds."""

    audio: AssetRef
    duration_s: float
