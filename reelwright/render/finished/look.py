"""What a finished file is: its streams, its frames, and a still of it. Demuxed whole, decoded at a few places."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer

from reelwright.domain.errors import InvalidInput

from ..encode.inspection import box_order
from ..picture.colours import Colours, TableGraph, colours_of, tables_of, tag
from ..picture.thumbnail import striking
from ..picture.yuv import U8
from ..process.trouble import reason

_STILLS = 9
"""So many frames, spread over the video, are compared for its thumbnail."""
_OPTIONS = {"protocol_whitelist": "file"}


@dataclass(frozen=True)
class Look:
    """A file with one picture stream and one sound. `width` and `height` are as shown: turned by `rotation` degrees,
    with square pixels (`square` tells whether the file's own are). `rate` is frames per second on average."""

    container: str
    index_first: bool
    codec: str
    pix_fmt: str
    width: int
    height: int
    square: bool
    rotation: int
    interlaced: bool
    colours: Colours
    rate: Fraction
    frames: int
    duration_s: float
    size: int
    sound: str
    sound_rate: int
    channels: int
    still: U8

    @property
    def hdr(self) -> str:
        """`pq` or `hlg`; empty for standard dynamic range."""
        return "" if self.colours.transfer == "sdr" else self.colours.transfer

    @property
    def mbps(self) -> float:
        """Mbit/s of the whole file on average."""
        return self.size * 8 / 1e6 / max(self.duration_s, 0.001)


def look(video: Path) -> Look:
    """Raises `InvalidInput` (field `video`) for a file that cannot be posted whatever is done with it."""
    try:
        with av.open(f"file:{video}", options=_OPTIONS, metadata_errors="replace") as container:
            return _look(container, video)
    except (OSError, av.FFmpegError) as error:
        raise _bad(f"it cannot be read ({reason(error)})", "export it again") from error


def _look(container: InputContainer, video: Path) -> Look:
    covers = av.stream.Disposition.attached_pic
    pictures = [stream for stream in container.streams.video if not stream.disposition & covers]
    sounds = container.streams.audio
    if len(pictures) != 1 or len(sounds) != 1:
        raise _bad(f"it has {len(pictures)} video and {len(sounds)} audio streams", "export it with one of each")
    picture, sound = pictures[0], sounds[0]
    times = [packet.pts for packet in container.demux(picture) if packet.size and packet.pts is not None]
    if len(times) < 2 or picture.time_base is None:
        raise _bad(f"it has {len(times)} frames", "export it again")
    span = (max(times) - min(times)) * picture.time_base
    rate = Fraction(len(times) - 1) / span
    found = [_frame_at(container, picture, min(times), max(times), number) for number in range(_STILLS)]
    seen = [frame for frame in found if frame is not None]
    if not seen:
        raise _bad("no frame of it can be decoded", "export it again")
    first, aspect = seen[0], picture.sample_aspect_ratio or Fraction(1)
    width, height = round(first.width * aspect), first.height
    rotation = -first.rotation % 360
    if rotation in (90, 270):
        width, height = height, width
    context = picture.codec_context
    return Look(
        container=_container_of(container),
        index_first=_index_first(video),
        codec=context.name,
        pix_fmt=context.pix_fmt or "",
        width=width,
        height=height,
        square=aspect == 1,
        rotation=rotation,
        interlaced=any(frame.interlaced_frame for frame in seen),
        colours=colours_of(first),
        rate=rate,
        frames=len(times),
        duration_s=float(span + 1 / rate),
        size=video.stat().st_size,
        sound=sound.codec_context.name,
        sound_rate=sound.codec_context.sample_rate,
        channels=sound.codec_context.layout.nb_channels,
        still=_upright(max(map(_rgb, seen), key=striking), rotation, aspect),
    )


def _container_of(container: InputContainer) -> str:
    """The demuxer is one for MP4 and QuickTime: the brand tells them apart (ISO/IEC 14496-12, 4.3)."""
    brand = container.metadata.get("major_brand", "").strip()
    return "QuickTime" if brand == "qt" else container.format.name


def _frame_at(
    container: InputContainer, picture: av.VideoStream, first: int, last: int, number: int
) -> av.VideoFrame | None:
    """The key frame before one of `_STILLS` places in the inner nine tenths of the video."""
    place = first + round((last - first) * (0.05 + 0.9 * number / (_STILLS - 1)))
    container.seek(place, stream=picture, backward=True)
    return next(container.decode(picture), None)


def _rgb(frame: av.VideoFrame) -> U8:
    colours = colours_of(frame)
    if colours.transfer != "sdr":
        tables = tables_of(colours, "")
        graph = TableGraph(frame.width, frame.height, frame.format.name, colours, tables)
        frame = graph.run(tag(frame, colours))
    return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def _upright(rgb: U8, rotation: int, aspect: Fraction) -> U8:
    turned = np.ascontiguousarray(np.rot90(rgb, -rotation // 90)) if rotation else rgb
    if aspect == 1:
        return turned
    width = round(rgb.shape[1] * aspect)
    size = (width, rgb.shape[0]) if rotation not in (90, 270) else (rgb.shape[0], width)
    return np.asarray(cv2.resize(turned, size, interpolation=cv2.INTER_AREA), np.uint8)


def _index_first(video: Path) -> bool:
    order = box_order(video)
    return "moov" in order and "mdat" in order and order.index("moov") < order.index("mdat")


def _bad(what: str, remedy: str) -> InvalidInput:
    return InvalidInput(what, field="video", remedy=remedy)
