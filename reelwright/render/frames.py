"""A still as planes that can be looked at through a moving, sub-pixel window, quickly.

`cv2.resize` is by far the cheapest way to scale (about 2 ms for 1920x1080 luma, against 8 for `warpAffine`; in 16 bits
a third cheaper than in 8, and rounded only once), but it places its window on whole source pixels only. It does however
put destination pixel n at n * scale source pixels, so skipping the right number of destination pixels gives almost any
fraction: of the source offsets X0 and skips n with X0 + n * scale near the wanted x0 the first that is good enough is
taken. Where `scale` is near a simple fraction no pair comes close, and what is left, less than a tenth of a pixel, is
made good by a filter. So nothing jitters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .motion import View
from .saliency import MIDDLE, Region
from .stills import frame_picture
from .yuv import DEEP, F32, U8, U16, Planes, deep_planes_of

OVERSAMPLE = 1.2
"""A still is kept this much larger than the format, so that a view magnified by up to 1.2 never runs out of detail."""
MAX_SKIP = 128
TOLERANCE = 0.025
"""Source pixels by which a window may be off. A movement error this small is far below what an eye can see."""
_GOOD = TOLERANCE / 3
"""What is good enough at once: less would cost more skipped pixels, which are computed and thrown away. Colour, whose
pixels are twice as large and seen half as sharply, may be off by all of TOLERANCE."""
_PAD = 160
"""More than MAX_SKIP * OVERSAMPLE, so that skipped pixels lie inside the padded plane."""
_LOBES = 4
_SKIPS = np.arange(MAX_SKIP, dtype=np.float64)


@dataclass(frozen=True)
class Window:
    """Where a format's picture lies in a still: top left corner in source pixels, source pixels per picture pixel."""

    x: float
    y: float
    scale: float


class Room:
    """Memory for what stands between a still and a frame, the same from frame to frame: new memory is dear, because
    the system clears every page of it. For one thread at a time."""

    def __init__(self) -> None:
        self._cells: U16 = np.empty(0, np.uint16)

    def of(self, height: int, width: int) -> U16:
        """An array of this size with anything in it."""
        if self._cells.size < height * width:
            # A little more, because the next frame's may be a little larger.
            self._cells = np.empty(height * width * 9 // 8, np.uint16)
        return self._cells[: height * width].reshape(height, width)


def still_size(width: int, height: int) -> tuple[int, int]:
    """The size a still is kept in for a picture of `width` x `height`."""
    return _even(width * OVERSAMPLE), _even(height * OVERSAMPLE)


class Still:
    """One scene's picture, ready for one format. `rgb` may have any size; a picture that has not been framed to
    `still_size` before is, around its middle. `region` is what should stay seen, in shares of the framed picture.
    Stills that are drawn by turns may share a `room`."""

    def __init__(self, rgb: U8, width: int, height: int, region: Region = MIDDLE, room: Room | None = None) -> None:
        self.width, self.height, self.region = width, height, region
        self.full_width, self.full_height = still_size(width, height)
        if rgb.shape[:2] != (self.full_height, self.full_width):
            framed = frame_picture(rgb, region, self.full_width, self.full_height)
            rgb, self.region = framed.rgb, framed.region
        self._room = room or Room()
        self._padded = [_pad(plane) for plane in deep_planes_of(rgb)]

    def window(self, view: View) -> Window:
        """The window of a view. Zoom 1.0 is the whole still."""
        scale = min(self.full_width / self.width, self.full_height / self.height) / view.zoom
        return Window(
            x=(self.full_width - self.width * scale) * 0.5 * (1.0 + view.x),
            y=(self.full_height - self.height * scale) * 0.5 * (1.0 + view.y),
            scale=scale,
        )

    def draw(self, view: View, out: Planes) -> None:
        """Writes what the view shows into `out`."""
        window = self.window(view)
        luma, *chroma = self._padded
        scale = window.scale
        self._sample(luma, place_of(window.x + _PAD, scale), place_of(window.y + _PAD, scale), scale, out.y)
        # H.264's usual chroma place is level with the left pixel of each pair (ITU-T H.264, figure 6-1), a quarter of
        # a chroma pixel left of the pair's centre, where deep_planes_of puts it.
        across = place_of(window.x / 2 - 0.25 * scale + _PAD, scale, TOLERANCE)
        down = place_of(window.y / 2 + _PAD, scale, TOLERANCE)
        for plane, target in zip(chroma, (out.u, out.v), strict=True):
            self._sample(plane, across, down, scale, target)

    def _sample(self, plane: U16, across: Place, down: Place, scale: float, out: U8) -> None:
        height, width = out.shape
        # Two more source pixels than needed: the last column asked for is then never an edge of the cut-out.
        right = across.offset + int(np.ceil((across.skip + width) * scale)) + 2
        bottom = down.offset + int(np.ceil((down.skip + height) * scale)) + 2
        source = plane[down.offset : bottom, across.offset : right]
        room = self._room.of(round(source.shape[0] / scale), round(source.shape[1] / scale))
        scaled = cv2.resize(source, None, dst=room, fx=1.0 / scale, fy=1.0 / scale, interpolation=cv2.INTER_CUBIC)[
            down.skip : down.skip + height, across.skip : across.skip + width
        ]
        if max(abs(across.error), abs(down.error)) > TOLERANCE:
            scaled = _shifted(scaled, across.error / scale, down.error / scale)
        cv2.convertScaleAbs(scaled, dst=out, alpha=1.0 / DEEP)


def _pad(plane: U16) -> U16:
    return np.asarray(cv2.copyMakeBorder(plane, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REPLICATE), np.uint16)


def _shifted(plane: NDArray[Any], across: float, down: float) -> F32:
    """The same picture looked at a small part of a pixel further on."""
    # In floating point, which OpenCV filters five times as fast as 16 bits.
    moved = plane.astype(np.float32)
    if abs(across) > _GOOD:
        moved = np.asarray(cv2.filter2D(moved, -1, shift_kernel(across)[None, :], borderType=cv2.BORDER_REPLICATE))
    if abs(down) > _GOOD:
        moved = np.asarray(cv2.filter2D(moved, -1, shift_kernel(down)[:, None], borderType=cv2.BORDER_REPLICATE))
    return moved


def _even(value: float) -> int:
    return 2 * round(value / 2)


@dataclass(frozen=True)
class Place:
    """How a window's edge is put on pixels: whole source pixels before it, destination pixels to skip, and by how many
    source pixels the wanted place lies beyond that."""

    offset: int
    skip: int
    error: float


def place_of(wanted: float, scale: float, good: float = _GOOD) -> Place:
    """The place for a wanted source offset: the fewest skipped pixels whose error is `good` enough, else the best."""
    starts = wanted - _SKIPS * scale
    errors = starts - np.rint(starts)
    sizes = np.abs(errors)
    enough = sizes <= good
    best = int(enough.argmax())
    if not enough[best]:
        best = int(sizes.argmin())
    return Place(round(float(starts[best])), best, float(errors[best]))


def shift_kernel(shift: float) -> F32:
    """Taps, the middle one for the pixel itself, that look `shift` pixels further on: Lanczos' windowed sinc."""
    places = np.arange(-_LOBES, _LOBES + 1) - shift
    taps = np.sinc(places) * np.sinc(places / _LOBES) * (np.abs(places) < _LOBES)
    return np.asarray(taps / taps.sum(), np.float32)
