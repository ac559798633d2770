"""The frames of a clip by their time: opens the file, seeks, and decodes no more than is seen.

Only containers that hold their own pictures are opened: a playlist that calls itself a video must not make FFmpeg fetch
things. Decoding is single-threaded, as all work here: it is spread over processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from reelwright.domain.errors import RenderFailed

from ..process.trouble import reason

CLIP_OPTIONS = {
    "format_whitelist": "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif,apng,mxf,ivf,h264,hevc,obu,webp_pipe",
    "protocol_whitelist": "file",
}
AHEAD_S = 3.0
"""What lies further ahead than this is looked for by seeking: most clips have a key frame every one or two seconds."""
_UNSEEKABLE = ("mpeg", "h264", "hevc", "obu")
"""Formats without times of their own for each frame: after a seek FFmpeg guesses them, and is some frames off."""
_BACK_S = (0.0, 5.0, 30.0)
"""How far before the wanted moment a seek aims, one try after the other, until what it finds lies before it."""


class ClipFrames:
    """A clip's frames. Times are in seconds from its first picture; a frame is seen until the next one begins, the last
    one for ever. `what` and `field` name the clip in errors."""

    def __init__(self, path: Path, what: str, field: str) -> None:
        self._path, self._what, self._field = path, what, field
        self._container: InputContainer | None = None
        self._coming: Iterator[VideoFrame] = iter(())
        self._origin: float | None = None
        self._last: tuple[float, VideoFrame] | None = None
        self._next: tuple[float, VideoFrame] | None = None
        self._begun = False
        self.aspect = 1.0
        """How wide its pixels are for their height; known with the first frame."""

    def close(self) -> None:
        """Lets go of the file; the next look opens it again."""
        if self._container is not None:
            self._container.close()
        self._container, self._last, self._next, self._coming = None, None, None, iter(())

    def at(self, seconds: float) -> VideoFrame:
        """The frame that is seen at a moment. Raises `RenderFailed` where the file cannot be read or has none."""
        try:
            return self._at(seconds)
        except (OSError, av.FFmpegError) as error:
            raise self._unusable(f"it cannot be read ({reason(error)})") from error

    def _at(self, seconds: float) -> VideoFrame:
        if self._container is None:
            self._open()
        if self._is_behind(seconds) or (self._next is not None and seconds > self._next[0] + AHEAD_S):
            self._seek(seconds)
        while self._next is not None and self._next[0] <= seconds:
            self._step()
        # Before the first frame of all, that one.
        shown = self._last or self._next
        if shown is None:
            raise self._unusable("it has no pictures")
        return shown[1]

    def _is_behind(self, seconds: float) -> bool:
        """Whether what is seen at a moment was decoded before what is ready now."""
        return seconds < self._last[0] if self._last else not self._begun

    def _open(self) -> None:
        self.close()
        self._container = av.open(str(self._path), options=CLIP_OPTIONS)
        if not self._container.streams.video:
            raise self._unusable("it has no pictures")
        stream = self._stream
        stream.codec_context.thread_type = "NONE"
        self.aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        # The first frame's time is where the clip begins; what its header says may be a frame or two earlier.
        self._begin()
        # Nothing comes before the frame that is ready.
        self._begun = True

    @property
    def _stream(self) -> VideoStream:
        assert self._container is not None
        return self._container.streams.video[0]

    def _begin(self) -> None:
        """What is decoded from here on, with the first frame ready."""
        assert self._container is not None
        self._coming = self._container.decode(self._stream)
        self._last = self._next = None
        self._begun = False
        self._step()

    def _step(self) -> None:
        self._last = self._next or self._last
        frame = next(self._coming, None)
        self._next = None if frame is None else (self._time_of(frame), frame)

    def _time_of(self, frame: VideoFrame) -> float:
        time = frame.time
        if time is None:
            # Raw streams have no clock: one frame after the other at the rate that the header gives.
            rate = self._stream.average_rate or self._stream.guessed_rate or 25
            return self._last[0] + float(1 / rate) if self._last else 0.0
        if self._origin is None:
            self._origin = time
        return time - self._origin

    def _seek(self, seconds: float) -> None:
        """Puts what comes next at or before a moment: by a seek, or from the beginning where the file has no index."""
        assert self._container is not None
        base = None if self._container.format.name in _UNSEEKABLE else self._stream.time_base
        for back in _BACK_S if base is not None and self._origin is not None else ():
            aim = max(seconds - back, 0.0)
            if aim == 0.0 and back:
                break
            with suppress(OSError, av.FFmpegError):
                assert base is not None and self._origin is not None
                self._container.seek(int((aim + self._origin) / base), stream=self._stream)
                self._begin()
                if self._next is not None and self._next[0] <= seconds:
                    return
        self._open()

    def _unusable(self, what: str) -> RenderFailed:
        return RenderFailed(f"{self._what} is not usable: {what}", field=self._field, remedy="give another file")
