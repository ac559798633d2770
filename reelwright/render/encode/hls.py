"""HTTP Live Streaming from a delivered MP4: a ladder of sizes, cut at the same frames, the sound in a rendition of its
own, fMP4 segments of 4 to 6 s (RFC 8216; Apple's HLS Authoring Specification, 1.x and 2.x for the ladder).

The largest rung is the delivered file's own stream, copied: nothing is lost and nothing encoded for it. Its key frames
are at most 2 s apart but not on a grid, because every scene begins with one; so the cuts are chosen among them, and
the smaller rungs are given key frames at exactly these.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import ffmpeg
from av.video.stream import VideoStream

from reelwright.domain.errors import RenderFailed
from reelwright.domain.ports.rendering import Progress

from ..process.follow import follow
from ..process.trouble import reason, writing

SHORTEST_S, LONGEST_S = 4.0, 6.0
BEGIN_S = 1
"""The media time of the first picture. Decoding begins before it (reordered frames, the AAC encoder's priming), and
decode times in fMP4 (`tfdt`) cannot be negative; left to itself FFmpeg would move each rendition a little differently.
"""
MASTER = "master.m3u8"
_PRESET, _CRF = "veryfast", 21


@dataclass(frozen=True)
class Rung:
    """A size by its short side in pixels, and the most it may take in bits a second."""

    side: int
    max_rate: int


LADDER = (Rung(1080, 6_000_000), Rung(720, 3_000_000), Rung(480, 1_400_000))
"""For a tall picture the short side is its width. A rung as large as the file or larger is the file itself."""


@dataclass(frozen=True)
class HlsPackage:
    """What was written: the master playlist, every file (it included), the rungs' sizes, the largest first, and where
    the segments begin, in frames."""

    master: Path
    files: tuple[Path, ...]
    sizes: tuple[tuple[int, int], ...]
    cuts: tuple[int, ...]


@dataclass(frozen=True)
class _Source:
    size: tuple[int, int]
    fps: Fraction
    frames: int
    keys: tuple[int, ...]


def make_hls(video: Path, folder: Path, scratch: Path, progress: Progress) -> HlsPackage:
    """Writes playlists and segments for a delivered MP4 (H.264 and AAC, closed GOPs) into `folder`, which is replaced.

    `scratch` holds the unfinished ones. Raises `RenderFailed` for a file that is no such video, `OutOfSpace`.
    """
    video, scratch = video.resolve(), scratch.resolve()
    source = _read(video)
    cuts = choose_cuts(source.keys, source.frames, source.fps)
    sizes = ladder_sizes(*source.size)
    marked, made = scratch / "marked.mp4", scratch / "hls"
    with writing(scratch, "packaging for HLS"):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir()
        _mark(video, marked, cuts, source.fps)
        # Inside its folder: FFmpeg's segmenter takes a per cent sign in a path for a pattern, so it gets names only.
        arguments = _arguments(marked, sizes, cuts, source.fps)
        follow(arguments, what="packaging for HLS", folder=made, frames=source.frames, progress=progress)
        _tell_bandwidth(made)
        marked.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        made.replace(folder)
    files = tuple(sorted(path for path in folder.iterdir()))
    return HlsPackage(folder / MASTER, files, sizes, cuts)


def _read(video: Path) -> _Source:
    try:
        with av.open(str(video)) as container:
            pictures, sounds = container.streams.video, container.streams.audio
            if not pictures or not sounds or pictures[0].codec_context.name != "h264":
                raise _unfit("it has no H.264 picture with sound")
            stream = pictures[0]
            context, fps = stream.codec_context, stream.average_rate
            if fps is None or not context.width:
                raise _unfit("it does not say its frame rate or size")
            packets = [packet for packet in container.demux(stream) if packet.pts is not None]
            keys = [_frame(packet, fps) for packet in packets if packet.is_keyframe]
            return _Source((context.width, context.height), fps, len(packets), tuple(keys))
    except (OSError, av.FFmpegError) as error:
        raise _unfit(f"it cannot be read ({reason(error)})") from error


def _unfit(what: str) -> RenderFailed:
    return RenderFailed(f"the video cannot be packaged for HLS: {what}", field="video", remedy="render it again")


def _frame(packet: av.Packet[Any], fps: Fraction) -> int:
    return round((packet.pts or 0) * (packet.time_base or Fraction(1)) * fps)


def choose_cuts(keys: Sequence[int], frames: int, fps: Fraction) -> tuple[int, ...]:
    """Where segments begin: key frames 4 to 6 s apart, as long as key frames lie at most 2 s apart. The last segment
    may be shorter; it joins the one before where both together last at most 6 s."""
    cuts = [0]
    for key in sorted(keys):
        if key - cuts[-1] >= SHORTEST_S * fps:
            cuts.append(key)
    if len(cuts) > 1 and frames - cuts[-2] <= LONGEST_S * fps:
        cuts.pop()
    return tuple(cuts)


def ladder_sizes(width: int, height: int) -> tuple[tuple[int, int], ...]:
    """The file's own size and the rungs below it, the largest first; sides are even."""
    short = min(width, height)
    smaller = [rung.side for rung in LADDER if rung.side < short]
    return ((width, height), *((_even(width * side / short), _even(height * side / short)) for side in smaller))


def _even(value: float) -> int:
    return 2 * round(value / 2)


def _mark(video: Path, out: Path, cuts: Sequence[int], fps: Fraction) -> None:
    """Copies the file with only the frames in `cuts` marked as key frames, so that FFmpeg cuts there and only there.
    The others stay what they are: a decoder can still begin at them."""
    chosen = set(cuts)
    with av.open(str(video)) as source, av.open(str(out), "w", format="mp4") as made:
        streams = {
            stream.index: made.add_stream_from_template(stream)
            for stream in (source.streams.video[0], source.streams.audio[0])
        }
        for packet in source.demux(source.streams.video[0], source.streams.audio[0]):
            if packet.dts is None:
                continue
            if isinstance(packet.stream, VideoStream):
                packet.is_keyframe = packet.is_keyframe and _frame(packet, fps) in chosen
            packet.stream = streams[packet.stream.index]
            made.mux_one(packet)


def _tell_bandwidth(folder: Path) -> None:
    """Sets each rendition's BANDWIDTH to what its densest segment really takes together with the densest of sound:
    FFmpeg's own number leaves out the fragments' headers, and RFC 8216 (4.3.4.2) requires an upper bound."""
    master = folder / MASTER
    sound = peak_rate(folder / "sound.m3u8")

    def told(found: re.Match[str]) -> str:
        return f"{found[1]}{math.ceil(peak_rate(folder / found[3]) + sound)}{found[2]}{found[3]}"

    text = master.read_text("ascii")
    master.write_text(re.sub(r"(:BANDWIDTH=)\d+(,.*\n)(\w+\.m3u8)", told, text), "ascii", newline="\n")


def peak_rate(playlist: Path) -> float:
    """Bits a second of the playlist's densest segment."""
    segments = re.findall(r"#EXTINF:([\d.]+),\n([\w.-]+)", playlist.read_text("ascii"))
    rates = [8 * (playlist.parent / name).stat().st_size / max(float(length), 0.001) for length, name in segments]
    return max(rates, default=0.0)


def _arguments(source: Path, sizes: Sequence[tuple[int, int]], cuts: Sequence[int], fps: Fraction) -> list[str]:
    # Unparsed, so that only the marked frames count as key frames: FFmpeg's parser would find all the others again.
    opened = ffmpeg.input(f"file:{source}", fflags="+nofillin+noparse")
    outputs = [opened["v:0"]]
    options: dict[str, object] = {"c:v:0": "copy", "c:a": "copy"}
    names = [f"v:0,agroup:sound,name:{min(sizes[0])}p"]
    smaller = sizes[1:]
    split = opened.video.filter_multi_output("split", len(smaller)) if smaller else None
    rates = {rung.side: rung.max_rate for rung in LADDER}
    for index, (width, height) in enumerate(smaller, start=1):
        assert split is not None
        side = min(width, height)
        rate = rates.get(side, LADDER[-1].max_rate)
        outputs.append(split[index - 1].filter("scale", width, height, flags="bicubic"))
        options |= {f"maxrate:v:{index}": rate, f"bufsize:v:{index}": 2 * rate}
        names.append(f"v:{index},agroup:sound,name:{side}p")
        options |= {f"c:v:{index}": "libx264", f"preset:v:{index}": _PRESET, f"crf:v:{index}": _CRF}
        options |= {f"profile:v:{index}": "high", f"x264-params:v:{index}": _x264(cuts, fps)}
        # A quarter of a frame early: the first frame not before that time is then certainly the one that is meant.
        options[f"force_key_frames:v:{index}"] = ",".join(f"{max(float((cut - 0.25) / fps), 0):.6f}" for cut in cuts)
    outputs.append(opened["a:0"])
    names.append("a:0,agroup:sound,default:yes,name:sound")
    target = ffmpeg.output(
        *outputs,
        "%v.m3u8",
        format="hls",
        hls_time=SHORTEST_S,
        hls_playlist_type="vod",
        hls_segment_type="fmp4",
        hls_flags="independent_segments",
        hls_segment_options="avoid_negative_ts=disabled",
        avoid_negative_ts="disabled",
        output_ts_offset=BEGIN_S,
        hls_fmp4_init_filename="%v-init.mp4",
        hls_segment_filename="%v-%04d.m4s",
        master_pl_name=MASTER,
        var_stream_map=" ".join(names),
        map_metadata=-1,
        fflags="+bitexact",
        threads=1,
        **options,
    )
    args: list[str] = target.overwrite_output().get_args()
    return ["-bitexact", *args]


def _x264(cuts: Sequence[int], fps: Fraction) -> str:
    # No key frames but the forced ones: the longest distance is more than any there is.
    longest = int(LONGEST_S * fps) * 2 + max((after - cut for cut, after in pairwise(cuts)), default=0)
    return f"keyint={longest}:min-keyint=1:scenecut=0:open-gop=0"
