"""Opens a finished HLS package as a player does and raises when it is not as required.

Each rendition is read by PyAV segment by segment: where it is cut, that a key frame is there, that no frame is missing.
Then the FFmpeg program plays the whole of every rendition from the master playlist.
"""

from __future__ import annotations

import io
import re
from fractions import Fraction
from pathlib import Path

import av
import ffmpeg

from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress

from ..process.follow import follow
from ..process.trouble import reason, writing
from .hls import BEGIN_S, HlsPackage


def check_hls(package: HlsPackage, video: Path, scratch: Path, progress: Progress) -> None:
    """Raises `RenderFailed` (field `hls`) naming the first thing that is wrong with the package of `video`."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        fps, frames = stream.average_rate or Fraction(30), stream.frames
    try:
        for size in package.sizes:
            _check_rendition(package, f"{min(size)}p.m3u8", size, fps, frames)
    except (OSError, av.FFmpegError) as error:
        raise _failed(f"it cannot be read ({reason(error)})") from error
    _play(package, frames, scratch, progress)


def _failed(what: str) -> RenderFailed:
    return RenderFailed(f"the HLS package is not right: {what}", field="hls", remedy="render it again")


def _check_rendition(package: HlsPackage, name: str, size: tuple[int, int], fps: Fraction, frames: int) -> None:
    folder = package.master.parent
    playlist = (folder / name).read_text("ascii")
    initial = re.search(r'#EXT-X-MAP:URI="([\w.-]+)"', playlist)
    names = re.findall(r"#EXTINF:[\d.]+,\n([\w.-]+)", playlist)
    if initial is None or len(names) != len(package.cuts):
        raise _failed(f"{name} lists {len(names)} segments, {len(package.cuts)} were cut")
    seen = 0
    for part, cut in zip(names, package.cuts, strict=True):
        if seen != cut:
            raise _failed(f"{name} has {seen} frames before the cut at frame {cut}")
        seen += _frames_of(folder, initial[1], part, size, cut, fps)
    if seen != frames:
        raise _failed(f"{name} has {seen} frames, the video {frames}")


def _frames_of(folder: Path, initial: str, part: str, size: tuple[int, int], cut: int, fps: Fraction) -> int:
    """How many pictures there are in one segment, read on its own."""
    joined = io.BytesIO((folder / initial).read_bytes() + (folder / part).read_bytes())
    with av.open(joined, "r", format="mp4") as container:
        stream = container.streams.video[0]
        if (stream.codec_context.width, stream.codec_context.height) != size:
            raise _failed(f"{part} is not {size[0]}x{size[1]}")
        packets = [packet for packet in container.demux(stream) if packet.pts is not None]
    if not packets or not packets[0].is_keyframe:
        raise _failed(f"{part} does not begin with a key frame")
    begin = min((packet.pts or 0) * (packet.time_base or Fraction(1)) for packet in packets) - BEGIN_S
    if round(begin * fps) != cut:
        raise _failed(f"{part} begins at frame {round(begin * fps)}, not {cut}")
    return len(packets)


def _play(package: HlsPackage, frames: int, scratch: Path, progress: Progress) -> None:
    opened = ffmpeg.input(f"file:{package.master}")
    streams = [opened[f"v:{index}"] for index in range(len(package.sizes))]
    args: list[str] = ffmpeg.output(*streams, opened["a:0"], "-", format="null", threads=1).get_args()
    with writing(scratch, "playing the HLS package"):
        played = follow(
            ["-xerror", *args], what="playing the HLS package", folder=scratch, frames=frames, progress=progress
        )
    if played.frames != frames:
        raise _failed(f"{played.frames} frames can be played, the video has {frames}")
