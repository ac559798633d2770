"""Samples a plane in a window of any size at any place, to a fraction of a pixel, quickly. Two implementations.

`Kernel` is a short C function (`_pixels.c`) for exactly that: about 0.9 ms for 1920x1080 luma. It exists where a C
compiler was present when this package was installed, and is used where the processor has AVX2.

`Resized` is OpenCV's. `cv2.resize` is by far its cheapest way to scale (about 3.5 ms; 8 for `warpAffine`), but it
places its window on whole source pixels only. It does however put destination pixel n at n * scale source pixels, so
skipping the right number of destination pixels gives almost any fraction: of the source offsets X0 and skips n with
X0 + n * scale near the required x0 the first that is good enough is taken. Where `scale` is near a simple fraction no
pair comes close, and the remainder, less than a tenth of a pixel, is corrected by a filter. So nothing jitters.

Both interpolate with the same cubic and take 16 bits in, so that what they give is rounded only once. They differ by a
code value here and there: which of them drew a segment is part of its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from .native import pixels
from .yuv import DEEP, F32, U8, U16

MAX_SKIP = 128
TOLERANCE = 0.025
"""Source pixels by which a window may be off. A movement error this small is far below what an eye can see."""
_GOOD = TOLERANCE / 3
"""What is good enough at once: less would cost more skipped pixels, which are computed and thrown away. Colour, whose
pixels are twice as large and seen half as sharply, may be off by all of TOLERANCE."""
_LOBES = 4
_SKIPS = np.arange(MAX_SKIP, dtype=np.float64)


@dataclass(frozen=True)
class Window:
    """Where a picture lies in a plane: top left corner in source pixels, source pixels per picture pixel."""

    x: float
    y: float
    scale: float


class Sampler(Protocol):
    """A way to look. For one thread at a time."""

    name: str
    pad: int
    """By so many pixels each plane's edges must be repeated on every side."""

    def sample(self, planes: Sequence[U16], window: Window, outs: Sequence[U8], *, colour: bool = False) -> None:
        """Writes what the window shows of each (padded) plane into its `out`. `window` is in pixels of the plane
        without its padding; one of `colour` may be a little less exact."""


class Kernel:
    """`_pixels.c`."""

    name, pad = "kernel", 8

    def __init__(self, module: Any) -> None:
        self._window = module.window

    def sample(self, planes: Sequence[U16], window: Window, outs: Sequence[U8], *, colour: bool = False) -> None:
        """See `Sampler`."""
        for plane, out in zip(planes, outs, strict=True):
            self._window(plane, window.x + self.pad, window.y + self.pad, window.scale, out)


class Resized:
    """OpenCV's resize."""

    name = "resize"
    pad = 160
    """More than MAX_SKIP * frames.OVERSAMPLE, so that skipped pixels lie inside the padded plane."""

    def __init__(self) -> None:
        # Memory for what stands between a plane and a frame, the same from frame to frame: new memory is dear, because
        # the system clears every page of it.
        self._cells: U16 = np.empty(0, np.uint16)

    def sample(self, planes: Sequence[U16], window: Window, outs: Sequence[U8], *, colour: bool = False) -> None:
        """See `Sampler`."""
        good = TOLERANCE if colour else _GOOD
        across = place_of(window.x + self.pad, window.scale, good)
        down = place_of(window.y + self.pad, window.scale, good)
        for plane, out in zip(planes, outs, strict=True):
            self._sample(plane, across, down, window.scale, out)

    def _sample(self, plane: U16, across: Place, down: Place, scale: float, out: U8) -> None:
        height, width = out.shape
        # Two more source pixels than needed: the last column required is then never an edge of the cut-out.
        right = across.offset + int(np.ceil((across.skip + width) * scale)) + 2
        bottom = down.offset + int(np.ceil((down.skip + height) * scale)) + 2
        source = plane[down.offset : bottom, across.offset : right]
        room = self._room(round(source.shape[0] / scale), round(source.shape[1] / scale))
        scaled = cv2.resize(source, None, dst=room, fx=1.0 / scale, fy=1.0 / scale, interpolation=cv2.INTER_CUBIC)[
            down.skip : down.skip + height, across.skip : across.skip + width
        ]
        if max(abs(across.error), abs(down.error)) > TOLERANCE:
            scaled = _shifted(scaled, across.error / scale, down.error / scale)
        cv2.convertScaleAbs(scaled, dst=out, alpha=1.0 / DEEP)

    def _room(self, height: int, width: int) -> U16:
        if self._cells.size < height * width:
            # A little more, because the next frame's may be a little larger.
            self._cells = np.empty(height * width * 9 // 8, np.uint16)
        return self._cells[: height * width].reshape(height, width)


def best_sampler() -> Sampler:
    """The quickest one this machine has."""
    module = pixels()
    return Resized() if module is None else Kernel(module)


def _shifted(plane: NDArray[Any], across: float, down: float) -> F32:
    """The same picture looked at a small part of a pixel further on."""
    # In floating point, which OpenCV filters five times as fast as 16 bits.
    moved = plane.astype(np.float32)
    if abs(across) > _GOOD:
        moved = np.asarray(cv2.filter2D(moved, -1, shift_kernel(across)[None, :], borderType=cv2.BORDER_REPLICATE))
    if abs(down) > _GOOD:
        moved = np.asarray(cv2.filter2D(moved, -1, shift_kernel(down)[:, None], borderType=cv2.BORDER_REPLICATE))
    return moved


@dataclass(frozen=True)
class Place:
    """How a window's edge is put on pixels: whole source pixels before it, destination pixels to skip, and by how many
    source pixels the required place lies beyond that."""

    offset: int
    skip: int
    error: float


def place_of(wanted: float, scale: float, good: float = _GOOD) -> Place:
    """The place for a required source offset: the fewest skipped pixels whose error is `good` enough, else the best."""
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
