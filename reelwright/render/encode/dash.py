"""A DASH manifest (ISO/IEC 23009-1) beside an HLS package, over the same segments: nothing is encoded or copied."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Xml

import av
import ffmpeg

from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress

from ..process.follow import follow
from ..process.trouble import reason, writing
from .hls import BEGIN_S, LONGEST_S, HlsPackage, peak_rate

MANIFEST = "manifest.mpd"
_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
SOUND = "sound"


def add_dash(package: HlsPackage, video: Path) -> HlsPackage:
    """The package with a `manifest.mpd` in its folder. Raises `RenderFailed` where its segments cannot be read."""
    folder = package.master.parent
    try:
        with av.open(str(video)) as container:
            stream = container.streams.video[0]
            fps, frames = stream.average_rate or Fraction(30), stream.frames
        root = _manifest(package, folder, fps, frames)
    except (OSError, av.FFmpegError) as error:
        raise _failed(f"the segments cannot be read ({reason(error)})") from error
    with writing(folder, "writing the DASH manifest"):
        Xml.indent(root)
        (folder / MANIFEST).write_bytes(Xml.tostring(root, "utf-8", xml_declaration=True) + b"\n")
    return replace(package, files=tuple(sorted((*package.files, folder / MANIFEST))))


def check_dash(package: HlsPackage, video: Path, scratch: Path, progress: Progress) -> None:
    """Has FFmpeg play every representation from the manifest. Raises `RenderFailed` (field `dash`)."""
    with av.open(str(video)) as container:
        frames = container.streams.video[0].frames
    # Inside its folder: FFmpeg takes a per cent sign in a path for a part of the template.
    opened = ffmpeg.input(MANIFEST)
    for index in range(len(package.sizes)):
        args: list[str] = ffmpeg.output(opened[f"v:{index}"], opened["a:0"], "-", format="null", threads=1).get_args()
        with writing(scratch, "playing the DASH manifest"):
            played = follow(
                ["-xerror", *args],
                what="playing the DASH manifest",
                folder=package.master.parent,
                frames=frames,
                progress=partial(_part_of, progress, index, len(package.sizes)),
            )
        if played.frames != frames:
            raise _failed(f"representation {index} plays {played.frames} frames, the video has {frames}")


def _part_of(progress: Progress, index: int, count: int, share: float) -> None:
    progress((index + share) / count)


def _manifest(package: HlsPackage, folder: Path, fps: Fraction, frames: int) -> Xml.Element:
    variants = re.findall(r'#EXT-X-STREAM-INF:.*CODECS="([^"]+)".*\n(\w+)\.m3u8', package.master.read_text("ascii"))
    codecs = {name: listed.split(",") for listed, name in variants}
    root = Xml.Element(
        "MPD",
        {
            "xmlns": _NAMESPACE,
            "profiles": _PROFILE,
            "type": "static",
            "mediaPresentationDuration": f"PT{float(frames / fps):.6f}S",
            "minBufferTime": f"PT{LONGEST_S:g}S",
        },
    )
    period = Xml.SubElement(root, "Period", {"id": "0", "start": "PT0S"})
    pictures = _set(period, "video")
    bounds = [*package.cuts, frames]
    times = [(BEGIN_S * fps + cut) * fps.denominator for cut in bounds]
    for width, height in package.sizes:
        name = f"{min(width, height)}p"
        shown = {"width": str(width), "height": str(height), "frameRate": f"{fps.numerator}/{fps.denominator}"}
        one = _representation(pictures, folder, name, codecs[name][0], shown)
        _timeline(one, name, fps.numerator, [int(time) for time in times])
    heard = _set(period, "audio")
    codec = next(iter(codecs.values()))[-1]
    rate, begins = _sound_times(folder)
    one = _representation(heard, folder, SOUND, codec, {"audioSamplingRate": str(rate)})
    _timeline(one, SOUND, rate, begins)
    return root


def _set(period: Xml.Element, kind: str) -> Xml.Element:
    common = {"contentType": kind, "mimeType": f"{kind}/mp4", "segmentAlignment": "true", "startWithSAP": "1"}
    return Xml.SubElement(period, "AdaptationSet", common)


def _representation(parent: Xml.Element, folder: Path, name: str, codec: str, more: dict[str, str]) -> Xml.Element:
    bandwidth = str(math.ceil(peak_rate(folder / f"{name}.m3u8")))
    return Xml.SubElement(parent, "Representation", {"id": name, "codecs": codec, "bandwidth": bandwidth, **more})


def _timeline(parent: Xml.Element, name: str, timescale: int, times: Sequence[int]) -> None:
    """The segments between `times`, which are in the media's own time: the presentation begins at `BEGIN_S` of it."""
    template = Xml.SubElement(
        parent,
        "SegmentTemplate",
        {
            "timescale": str(timescale),
            "presentationTimeOffset": str(BEGIN_S * timescale),
            "initialization": f"{name}-init.mp4",
            "media": f"{name}-$Number%04d$.m4s",
            "startNumber": "0",
        },
    )
    timeline = Xml.SubElement(template, "SegmentTimeline")
    for begin, end in pairwise(times):
        Xml.SubElement(timeline, "S", {"t": str(begin), "d": str(end - begin)})


def _sound_times(folder: Path) -> tuple[int, list[int]]:
    """The sampling rate, and where each segment of sound begins and the last one ends, in samples."""
    begins: list[int] = []
    end = rate = 0
    initial = (folder / f"{SOUND}-init.mp4").read_bytes()
    names = re.findall(r"#EXTINF:[\d.]+,\n([\w.-]+)", (folder / f"{SOUND}.m3u8").read_text("ascii"))
    for name in names:
        with av.open(io.BytesIO(initial + (folder / name).read_bytes()), "r", format="mp4") as container:
            stream = container.streams.audio[0]
            rate = stream.rate or 48_000
            scale = (stream.time_base or Fraction(1, rate)) * rate
            packets = [packet for packet in container.demux(stream) if packet.pts is not None]
        if not packets:
            raise _failed(f"{name} has no sound")
        begins.append(round((packets[0].pts or 0) * scale))
        end = round(((packets[-1].pts or 0) + (packets[-1].duration or 0)) * scale)
    return rate, [*begins, end]


def _failed(what: str) -> RenderFailed:
    return RenderFailed(f"the DASH manifest is not right: {what}", field="dash", remedy="render it again")
