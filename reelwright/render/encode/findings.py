"""What is found on a segment while it is made, so that nothing of it has to be decoded again when all is joined.

`FrameWatch` sees each frame as it is composed. When the segment is written, its file is read once: every packet enters
a digest, and its first frames are decoded and compared with what was composed (but for transitions, which the same
process encodes with the scene they lead to). A file whose findings are lost is decoded whole (`look_again`). Black and
still are what FFmpeg's filters `blackdetect` and `freezedetect` call so.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelwright.domain.content.findings import SegmentFindings
from reelwright.domain.content.video import Segment
from reelwright.domain.errors import RenderFailed

from ..picture.compose import Composer
from ..picture.yuv import U8, Planes
from ..process.trouble import reason
from .encoders import EncodeSettings
from .mp4 import UNDECODED, Draw, planes_in
from .packets import PacketRun, packets_of, picture_run

BLACK_LUMA = 37
"""A pixel no brighter than this is black: a tenth of the way from 16 to 235."""
BLACK_SHARE = 0.98
"""The share of its pixels that makes a frame black."""
STILL_LUMA = 0.384
"""A frame stands still as long as its luma differs from the run's first frame by no more than this, on average. The
filter allows 0.256 (-60 dB) over all three planes; where only luma changes, which has two thirds of the samples, that
is this much."""
LONGEST_STILL_S = 1.0
"""A run of still frames is counted when it lasts longer."""
MAX_OFF = 16.0
"""By how much the luma of the decoded frame may differ from the composed one's, on average. Encoding at the lowest
quality changes it by less than half of this; another picture by several times it."""
TRUSTED = "x264"
"""What this encoder makes is decodable by all experience, so of a segment only the first packets are decoded. What
comes out of a driver is decoded whole."""
DECODED = 2
"""So many packets: the key frame and the first frame predicted from it."""
DECODED_S = 1.0
"""Only of segments that last so long. With grain a key frame takes as long to decode as two frames to encode, which is
much for a transition of fifteen."""
_KEPT = 8
"""Frames whose pictures are kept to compare them: more than those packets can reach."""
_STRICT = {"err_detect": "explode"}
_SEEN_SIDE = 135
"""The short side in pixels, or a little more, of what is looked at."""
_EDGE = (48, 48)
"""The size of the pictures by which two segments are compared where they meet."""


class FrameWatch:
    """Looks at the luma of a segment's frames, one after the other. `first` are small pictures of the first ones."""

    def __init__(self, size: tuple[int, int], fps: int) -> None:
        self._step = max(min(size) // _SEEN_SIDE, 1)
        self._small = size[0] // self._step, size[1] // self._step
        self.frames = 0
        self.first: list[U8] = []
        self._shortest = LONGEST_STILL_S * fps
        self._black: list[list[int]] = []
        self._still: list[tuple[int, int]] = []
        self._since, self._standing, self._opening = 0, np.empty(0, np.uint8), ""

    def small(self, luma: U8) -> U8:
        """The picture for comparing composed with decoded: each pixel the mean of four, because encoding takes some of
        the grain away."""
        return np.asarray(cv2.resize(luma, self._small, interpolation=cv2.INTER_LINEAR), np.uint8)

    def see(self, luma: U8) -> None:
        """The next frame."""
        # One pixel of each square: averaging them would cost as much as a hundredth of encoding the frame.
        middle, number = self._step // 2, self.frames
        # A copy always: the next frame is drawn into the same memory.
        seen = luma[middle :: self._step, middle :: self._step].copy()
        if np.count_nonzero(seen <= BLACK_LUMA) >= BLACK_SHARE * seen.size:
            if not self._black or self._black[-1][1] < number:
                self._black.append([number, number])
            self._black[-1][1] = number + 1
        if number == 0:
            self._standing, self._opening = seen, _edge(seen)
        elif difference(seen, self._standing) > STILL_LUMA:
            self._close(number)
            self._since, self._standing = number, seen
        if number < _KEPT:
            self.first.append(self.small(luma))
        self.frames += 1

    def _close(self, number: int) -> None:
        if self._since == 0 or number - self._since > self._shortest:
            self._still.append((self._since, number))

    def found(self, digest: str, sha256: str, packets: str) -> SegmentFindings:
        """What has been seen, for the file of all these frames."""
        return SegmentFindings(
            digest=digest,
            sha256=sha256,
            frames=self.frames,
            packets=packets,
            black=tuple((first, last) for first, last in self._black),
            still=(*self._still, (self._since, self.frames)),
            opening=self._opening,
            closing=_edge(self._standing),
        )


class SegmentWatch:
    """Looks at one segment while a composer draws it, and at its file when that is written. `cpu_s` is what it costs,
    in seconds of a processor."""

    def __init__(self, segment: Segment, size: tuple[int, int], fps: int, settings: EncodeSettings) -> None:
        self.segment = segment
        self.cpu_s = 0.0
        self._size, self._fps, self._trusted = size, fps, settings.encoder == TRUSTED
        self._frames = FrameWatch(size, fps)
        self._outside = 0

    def over(self, composer: Composer) -> Draw:
        """The composer's `draw`, watched."""

        def draw(number: int, planes: Planes) -> None:
            composer.draw(number, planes)
            with self._timed():
                self._frames.see(planes.y)
                self._outside = max(self._outside, composer.outside())

        return draw

    def finish(self, path: Path) -> SegmentFindings:
        """What was found, with the file's packets."""
        with self._timed():
            found = _written(path, self.segment.digest, self._fps, self._frames)
            if not self._trusted:
                found = look_again(path, self.segment.digest, self._size, self._fps, self.segment.frames)
            return found.model_copy(update={"outside": self._outside})

    @contextmanager
    def _timed(self) -> Iterator[None]:
        begun = time.thread_time()
        yield
        self.cpu_s += time.thread_time() - begun


def difference(one: U8, other: U8) -> float:
    """The mean absolute difference of two pictures of one size."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size


def same_picture(one: str, other: str) -> bool:
    """Whether the pictures at the end of a segment and at the beginning of the next one stand still. Raises
    `ValueError` for what is no such picture."""
    return difference(_picture(one), _picture(other)) <= STILL_LUMA


def _edge(seen: U8) -> str:
    return base64.b64encode(cv2.resize(seen, _EDGE, interpolation=cv2.INTER_AREA).tobytes()).decode()


def _picture(edge: str) -> U8:
    return np.frombuffer(base64.b64decode(edge, validate=True), np.uint8).reshape(_EDGE)


def _written(path: Path, digest: str, fps: int, watch: FrameWatch) -> SegmentFindings:
    """The findings on a segment that has just been written. Raises `RenderFailed` where the file does not hold the
    frames that were seen."""
    with _opened(path, UNDECODED) as container:
        stream = container.streams.video[0]
        packets = packets_of(container, stream)
        first = list(islice(packets, DECODED if watch.frames >= DECODED_S * fps else 0))
        run = picture_run(chain(first, packets), fps)
        _expect(run, watch.frames)
        shown = sorted(round((packet.pts or 0) * (packet.time_base or 1) * fps) for packet in first)
        frames = _decoded(stream, first) if first else []
        if len(frames) != len(first):
            raise _unfit("its first frames cannot be decoded")
        for number, frame in zip(shown, frames, strict=True):
            if number < _KEPT and difference(watch.small(planes_in(frame).y), watch.first[number]) > MAX_OFF:
                raise _unfit(f"its frame {number} is not the one that was composed")
    return watch.found(digest, _sha256(path), run.digest)


def look_again(path: Path, digest: str, size: tuple[int, int], fps: int, frames: int) -> SegmentFindings:
    """The findings on a segment's file of which nothing is known: all of it is decoded. Raises `RenderFailed` where it
    is not a segment of this name, size and length. The captions are not looked at."""
    watch = FrameWatch(size, fps)
    with _opened(path, UNDECODED) as container:
        named = container.metadata.get("comment", digest)
        if named != digest:
            raise _unfit("it is another segment's")
        stream = container.streams.video[0]
        run = picture_run(packets_of(container, stream), fps)
        _expect(run, frames)
        if (stream.codec_context.width, stream.codec_context.height) != size:
            raise _unfit(f"it is {stream.codec_context.width}x{stream.codec_context.height}, not {size[0]}x{size[1]}")
    with _opened(path, _STRICT) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_type = "NONE"
        for frame in container.decode(stream):
            if frame.is_corrupt:
                raise _unfit(f"its frame {watch.frames} cannot be decoded")
            watch.see(planes_in(frame).y)
    if watch.frames != frames:
        raise _unfit(f"{watch.frames} frames can be decoded, {frames} were planned")
    return watch.found(digest, _sha256(path), run.digest)


@contextmanager
def _opened(path: Path, options: dict[str, str]) -> Iterator[InputContainer]:
    try:
        with av.open(str(path), options=options) as container:
            if len(container.streams.video) != 1:
                raise _unfit("it has no pictures")
            yield container
    except (OSError, av.FFmpegError) as error:
        raise _unfit(f"it cannot be read ({reason(error)})") from error


def _decoded(stream: VideoStream, packets: Sequence[Packet[Any]]) -> list[VideoFrame]:
    """The pictures in a stream's first packets, in the order in which they are shown, without damaged ones."""
    context = av.CodecContext.create(stream.codec_context.name, "r")
    assert isinstance(context, VideoCodecContext)
    context.extradata, context.thread_type, context.options = stream.codec_context.extradata, "NONE", _STRICT
    frames = [frame for packet in (*packets, None) for frame in context.decode(packet)]
    return [frame for frame in frames if not frame.is_corrupt]


def _expect(run: PacketRun, frames: int) -> None:
    if run.count != frames:
        raise _unfit(f"it has {run.count} frames, not {frames}")
    if run.faults:
        raise _unfit(f"it {'; '.join(run.faults)}")


def _unfit(what: str) -> RenderFailed:
    return RenderFailed(f"a segment is not as it was planned: {what}", field="segments", remedy="render it again")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
