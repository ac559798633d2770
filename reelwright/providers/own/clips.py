"""Clips and sound of the user's own, decoded to the end: what they really hold, whatever their headers say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray
from PIL import Image

from reelwright.domain.content.media import ClipFacts
from reelwright.domain.content.taken import SoundFacts

from .limits import BadMedia, Limits
from .looked import Looked
from .stills import from_hdr, save_still, still_size

# Only containers that hold their media themselves: a playlist or a list of files would have FFmpeg open others.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,flv,ogg,asf,mxf,dv,rm,ivf"
    ",wav,w64,mp3,flac,aac,ac3,eac3,aiff,amr,caf,au,ape,wv,tta,opus,gxf,nut,y4m"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": CONTAINERS}
TYPES = {
    "mov": ("video/mp4", "audio/mp4"),
    "matroska": ("video/x-matroska", "audio/x-matroska"),
    "webm": ("video/webm", "audio/webm"),
    "avi": ("video/x-msvideo", "audio/x-msvideo"),
    "mpegts": ("video/mp2t", "audio/mp2t"),
    "mpeg": ("video/mpeg", "audio/mpeg"),
    "flv": ("video/x-flv", "audio/x-flv"),
    "ogg": ("video/ogg", "audio/ogg"),
    "asf": ("video/x-ms-asf", "audio/x-ms-wma"),
    "wav": ("", "audio/wav"),
    "mp3": ("", "audio/mpeg"),
    "flac": ("", "audio/flac"),
    "aac": ("", "audio/aac"),
}
SILENCE = 0.001
"""A sound whose peak stays under -60 dBFS is taken for silence."""
_HDR: dict[int, Literal["pq", "hlg"]] = {16: "pq", 18: "hlg"}
"""By the transfer's number in H.273."""
_UNKNOWN_COLOUR, _BT709, _HD_LINES = 2, 1, 720
_STILLS = 12
"""So many frames, spread over the clip, are compared for its still."""
_SMALL = 1_024
"""Pixels a side of frames for those that judge pictures."""
_BEFORE_END_S = 0.5
"""Where decoding towards a moment begins at the latest: at the very end there may be no frame."""
_MISSING_SHARE, _MISSING_S = 0.1, 0.5
"""A file whose pictures or sound end this much before their announced end is cut off."""


@dataclass
class _Pictures:
    """What the decoded pictures of a clip have shown so far."""

    size: tuple[int, int] = (0, 0)
    count: int = 0
    first_s: float = 0.0
    last_s: float = 0.0
    shown_s: float = 0.0
    damaged: int = 0
    rotation: int = 0
    still: av.VideoFrame | None = None
    contrast: float = -1.0
    wanted_s: float = 0.0
    """From which time on the next frame is compared for the still."""

    @property
    def seconds(self) -> float:
        mean = (self.last_s - self.first_s) / max(self.count - 1, 1)
        return self.last_s - self.first_s + (self.shown_s or mean)


@dataclass
class _Sound:
    rate: int = 0
    channels: int = 0
    samples: int = 0
    heard: int = 0
    """Samples up to the last one that is more than silence."""

    @property
    def seconds(self) -> float:
        return self.samples / self.rate if self.rate else 0.0

    def facts(self) -> SoundFacts | None:
        if not self.samples:
            return None
        return SoundFacts(
            duration_s=round(self.seconds, 6),
            sample_rate=self.rate,
            channels=self.channels,
            heard_s=round(self.heard / self.rate, 6),
        )


@dataclass
class _Found:
    pictures: _Pictures = field(default_factory=_Pictures)
    sound: _Sound = field(default_factory=_Sound)
    damage: str = ""


def look_at_clip(path: Path, workdir: Path, limits: Limits, progress: Callable[[float], None]) -> Looked:
    """What a clip or an audio file is. Raises `BadMedia`, also for a file that is neither."""
    try:
        container = av.open(f"file:{path}", options=_OPTIONS, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise BadMedia(
            "it is no picture, clip or sound that can be opened, or it is cut off",
            "give a JPEG, PNG, WebP, AVIF, HEIC, MP4, MOV, WebM, MKV, WAV, MP3, FLAC or M4A file",
        ) from error
    with container:
        return _look(container, workdir, limits, progress)


def _look(container: InputContainer, workdir: Path, limits: Limits, progress: Callable[[float], None]) -> Looked:
    # The cover of a piece of music is a picture stream too.
    covers = av.stream.Disposition.attached_pic
    video = next((stream for stream in container.streams.video if not stream.disposition & covers), None)
    audio = next(iter(container.streams.audio), None)
    if video is None and audio is None:
        raise BadMedia("there are neither pictures nor sound in it", "give another file")
    if video is not None:
        _check_size(video.codec_context.width, video.codec_context.height, limits)
    announced = container.duration / av.time_base if container.duration and container.duration > 0 else None
    if announced is not None and announced > limits.seconds:
        raise _too_long(limits)
    found = _decoded(container, video, audio, limits, announced, progress)
    sound = found.sound
    looked = Looked(
        kind="sound",
        media_type=_type(container, clip=video is not None),
        sound=sound.facts(),
        audio_streams=len(container.streams.audio),
        codecs=tuple(stream.codec_context.name for stream in (video, audio) if stream is not None),
    )
    if video is None:
        if not sound.samples:
            raise BadMedia("there is no sound in it", "record or export it again")
        _check_whole(sound.seconds, _seconds(audio) or announced, found.damage)
        return looked
    pictures = found.pictures
    if pictures.count == 0:
        reason = (
            "none of its frames can be decoded: it is cut off or damaged" if _seconds(video) else "it has no frames"
        )
        raise BadMedia(reason, "record or export it again")
    if pictures.count == 1:
        raise BadMedia("it has one frame only", "give it as a picture")
    # A container's own length may be that of its sound.
    _check_whole(pictures.seconds, _seconds(video) or (announced if audio is None else None), found.damage)
    still = save_still(_as_picture(video, pictures), workdir)
    return looked.model_copy(
        update={"kind": "clip", "clip": _facts(video, found), "still": still, "notes": _notes(found)}
    )


def still_at(path: Path, workdir: Path, start_s: float) -> Path:
    """The frame of a clip that is shown `start_s` after its beginning, as a still. The clip is one that
    `look_at_clip` takes."""
    with av.open(f"file:{path}", options=_OPTIONS, metadata_errors="replace") as container:
        covers = av.stream.Disposition.attached_pic
        video = next(stream for stream in container.streams.video if not stream.disposition & covers)
        video.codec_context.thread_count = 1
        seen, began = _Pictures(), None
        for frame in container.decode(video):
            at = frame.time or 0.0
            began = at if began is None else began
            if seen.still is not None and at - began > start_s:
                break
            seen.still, seen.rotation = frame, -frame.rotation % 360
        if seen.still is None:
            raise BadMedia("none of its frames can be decoded", "record or export it again")
        return save_still(_as_picture(video, seen), workdir)


def frames_at(path: Path, workdir: Path, at_s: Sequence[float]) -> list[Path]:
    """Pictures of at most 1,024 pixels a side of the frames that a clip shows so many seconds after its beginning; of
    its last frame where it ends before. The clip is one that `look_at_clip` takes."""
    with av.open(f"file:{path}", options=_OPTIONS, metadata_errors="replace") as container:
        covers = av.stream.Disposition.attached_pic
        video = next((stream for stream in container.streams.video if not stream.disposition & covers), None)
        if video is None:
            raise BadMedia("none of its frames can be decoded", "record or export it again")
        video.codec_context.thread_count = 1
        return [
            save_still(_frame_at(container, video, moment), workdir, f"frame-{number}.jpg", _SMALL)
            for number, moment in enumerate(at_s)
        ]


def _frame_at(container: InputContainer, video: av.VideoStream, moment: float) -> Image.Image:
    """Decoded from the key frame before it on, or from the beginning where the container cannot be searched or finds
    nothing there."""
    unit = float(video.time_base or 1 / av.time_base)
    begins = video.start_time or 0
    for target in (begins + int(max(moment - _BEFORE_END_S, 0.0) / unit), begins):
        try:
            container.seek(target, stream=video)
        except av.FFmpegError:
            continue
        seen = _Pictures()
        for frame in container.decode(video):
            if seen.still is not None and frame.pts is not None and (frame.pts - begins) * unit > moment:
                break
            seen.still, seen.rotation = frame, -frame.rotation % 360
        if seen.still is not None:
            return _as_picture(video, seen)
    raise BadMedia("none of its frames can be decoded", "record or export it again")


def _check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.clip_pixels:
        raise BadMedia(f"its frames have {width} x {height} pixels, more than 8K", "export it at 3840 x 2160 or less")
    if min(width, height) < limits.least_side:
        raise BadMedia(
            f"its frames have {width} x {height} pixels, which is too few", f"at least {limits.least_side} a side"
        )


def _too_long(limits: Limits) -> BadMedia:
    return BadMedia(f"it goes on for more than {limits.seconds:,.0f} s", "cut it")


def _seconds(stream: av.stream.Stream | None) -> float | None:
    """What the stream's header says of its length."""
    if stream is None or not stream.duration or not stream.time_base:
        return None
    return float(stream.duration * stream.time_base)


def _decoded(
    container: InputContainer,
    video: av.VideoStream | None,
    audio: av.AudioStream | None,
    limits: Limits,
    announced: float | None,
    progress: Callable[[float], None],
) -> _Found:
    """Every frame of the pictures and of the first sound."""
    found = _Found()
    span = announced or limits.seconds
    for stream in (video, audio):
        if stream is not None:
            stream.codec_context.thread_count = 1
    try:
        for packet in container.demux([stream for stream in (video, audio) if stream is not None]):
            try:
                for frame in packet.decode():
                    if isinstance(frame, av.VideoFrame):
                        _take_picture(found.pictures, frame, span)
                        progress(min(found.pictures.seconds / span, 0.99))
                    elif isinstance(frame, av.AudioFrame):
                        _take_sound(found.sound, frame)
                        if video is None:
                            progress(min(found.sound.seconds / span, 0.99))
            except av.error.InvalidDataError:
                found.pictures.damaged += 1
            if max(found.pictures.seconds, found.sound.seconds) > limits.seconds:
                raise _too_long(limits)
    except (av.error.FFmpegError, OSError, EOFError) as error:
        found.damage = str(error)[:120]
    return found


def _take_picture(found: _Pictures, frame: av.VideoFrame, span: float) -> None:
    size = frame.width, frame.height
    at = frame.time
    if at is None:
        at = found.last_s + found.shown_s
    if found.count == 0:
        found.size, found.first_s, found.rotation = size, at, -frame.rotation % 360
    elif size != found.size:
        raise BadMedia(
            f"its frames change from {found.size[0]} x {found.size[1]} to {size[0]} x {size[1]} pixels "
            f"after {found.seconds:.1f} s",
            "export it at one size",
        )
    if frame.is_corrupt:
        found.damaged += 1
    found.count += 1
    found.last_s = max(at, found.last_s)
    found.shown_s = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else 0.0
    if at - found.first_s >= found.wanted_s:
        found.wanted_s += span / _STILLS
        small = frame.reformat(width=96, height=96, format="gray8").to_ndarray()
        contrast = float(np.asarray(small, np.float32).std())
        if contrast > found.contrast:
            found.still, found.contrast = frame, contrast


def _take_sound(found: _Sound, frame: av.AudioFrame) -> None:
    if not found.rate:
        found.rate, found.channels = frame.sample_rate, frame.layout.nb_channels
    # A rate that changes in the middle counts by its time.
    found.samples += round(frame.samples * found.rate / frame.sample_rate)
    if _peak(frame) >= SILENCE:
        found.heard = found.samples


def _peak(frame: av.AudioFrame) -> float:
    """The largest sample, of 1 at most."""
    samples: NDArray[Any] = frame.to_ndarray()
    if samples.dtype == np.uint8:
        samples = samples.astype(np.int16) - 128
        return float(np.abs(samples).max(initial=0)) / 128
    peak = float(max(samples.max(initial=0), -float(samples.min(initial=0))))
    return peak if samples.dtype.kind == "f" else peak / (np.iinfo(samples.dtype).max + 1)


def _check_whole(seconds: float, announced: float | None, damage: str) -> None:
    if announced is not None and seconds < announced * (1 - _MISSING_SHARE) - _MISSING_S:
        raise BadMedia(f"it ends at {seconds:.1f} s of {announced:.1f} s: it is cut off", "send or export it again")
    if damage:
        raise BadMedia(f"it is damaged after {seconds:.1f} s ({damage})", "send or export it again")


def _facts(video: av.VideoStream, found: _Found) -> ClipFacts:
    pictures = found.pictures
    width, height = _shown_size(video, pictures.size)
    if pictures.rotation in (90, 270):
        width, height = height, width
    span = pictures.last_s - pictures.first_s
    return ClipFacts(
        width=width,
        height=height,
        duration_s=round(pictures.seconds, 6),
        fps=round((pictures.count - 1) / span, 3) if span > 0 else float(video.average_rate or 25),
        rotation=pictures.rotation,
        hdr=_HDR.get(video.codec_context.color_trc, ""),
        has_sound=found.sound.samples > 0,
    )


def _shown_size(video: av.VideoStream, size: tuple[int, int]) -> tuple[int, int]:
    """With pixels that are not square made so."""
    aspect = video.sample_aspect_ratio or Fraction(1)
    return (round(size[0] * aspect), size[1]) if aspect > 0 else size


def _notes(found: _Found) -> tuple[str, ...]:
    damaged = found.pictures.damaged
    return (f"{damaged} damaged frames in a clip",) if damaged else ()


def _as_picture(video: av.VideoStream, found: _Pictures) -> Image.Image:
    """The still, upright and in its own proportions."""
    frame = found.still
    assert frame is not None
    hdr = _HDR.get(video.codec_context.color_trc)
    if hdr:
        width, height = still_size(frame.width, frame.height)
        deep = frame.reformat(width, height, "rgb48le").to_ndarray()
        picture = Image.fromarray(from_hdr(deep, hdr))
    else:
        # What says nothing of its colours is BT.709 from HD on; FFmpeg would take it for BT.601.
        plain = frame.colorspace == _UNKNOWN_COLOUR and frame.height >= _HD_LINES
        picture = Image.fromarray(frame.reformat(format="rgb24", src_colorspace=_BT709 if plain else None).to_ndarray())
    size = _shown_size(video, picture.size)
    if size != picture.size:
        picture = picture.resize(size, Image.Resampling.BICUBIC)
    return picture.rotate(-found.rotation, expand=True) if found.rotation else picture


def _type(container: InputContainer, *, clip: bool) -> str:
    names = container.format.name.split(",")
    pair = next((TYPES[name] for name in names if name in TYPES), ("", ""))
    # Matroska's two names come together.
    if "webm" in names and container.metadata.get("DOCTYPE", "") == "webm":
        pair = TYPES["webm"]
    return pair[0 if clip else 1] or ("application/octet-stream")
