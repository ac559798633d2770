"""A still as planes that can be looked at through a moving, sub-pixel window, quickly.

`cv2.resize` is by far the cheapest way to scale (about 3 ms for 1920x1080 luma, against 12 for `warpAffine`), but it
places its window on whole source pixels only. It does however put destination pixel n at n * scale source pixels, so
skipping the right number of destination pixels gives almost any fraction: of the source offsets X0 and skips n with
X0 + n * scale near the wanted x0 the nearest is taken. Where no pair comes close enough, because `scale` is near a
simple fraction, the frame is made by `warpAffine`, exact to a thousandth of a pixel. So nothing jitters.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .motion import View
from .saliency import MIDDLE, Region
from .stills import frame_picture
from .yuv import U8, Planes, planes_of

OVERSAMPLE = 1.2
"""A still is kept this much larger than the format, so that a view magnified by up to 1.2 never runs out of detail."""
MAX_SKIP = 128
TOLERANCE = 0.025
"""Source pixels by which a window may be off. A movement error this small is far below what an eye can see."""
_PAD = 160
"""More than MAX_SKIP * OVERSAMPLE, so that skipped pixels lie inside the padded plane."""


@dataclass(frozen=True)
class Window:
    """Where a format's picture lies in a still: top left corner in source pixels, source pixels per picture pixel."""

    x: float
    y: float
    scale: float


def still_size(width: int, height: int) -> tuple[int, int]:
    """The size a still is kept in for a picture of `width` x `height`."""
    return _even(width * OVERSAMPLE), _even(height * OVERSAMPLE)


class Still:
    """One scene's picture, ready for one format. `rgb` may have any size; a picture that has not been framed to
    `still_size` before is, around its middle. `region` is what should stay seen, in shares of the framed picture."""

    def __init__(self, rgb: U8, width: int, height: int, region: Region = MIDDLE) -> None:
        self.width, self.height, self.region = width, height, region
        self.full_width, self.full_height = still_size(width, height)
        if rgb.shape[:2] != (self.full_height, self.full_width):
            framed = frame_picture(rgb, region, self.full_width, self.full_height)
            rgb, self.region = framed.rgb, framed.region
        planes = planes_of(rgb)
        self._padded = Planes(_pad(planes.y), _pad(planes.u), _pad(planes.v))

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
        _sample(self._padded.y, window.x, window.y, window.scale, out.y)
        # H.264's usual chroma place is level with the left pixel of each pair (ITU-T H.264, figure 6-1), a quarter of
        # a chroma pixel left of the pair's centre, where planes_of puts it.
        x, y = window.x / 2 - 0.25 * window.scale, window.y / 2
        _sample(self._padded.u, x, y, window.scale, out.u)
        _sample(self._padded.v, x, y, window.scale, out.v)


def _pad(plane: U8) -> U8:
    return np.asarray(cv2.copyMakeBorder(plane, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REPLICATE), np.uint8)


def _even(value: float) -> int:
    return 2 * round(value / 2)


def split_offset(wanted: float, scale: float) -> tuple[int, int, float]:
    """(whole source offset, destination pixels to skip, error in source pixels) for a wanted source offset."""
    skips = np.arange(MAX_SKIP)
    offsets = np.rint(wanted - skips * scale)
    errors = np.abs(offsets + skips * scale - wanted)
    # The fewest skipped pixels that are good enough: they are computed and thrown away.
    good = np.flatnonzero(errors <= TOLERANCE / 3)
    best = int(good[0]) if good.size else int(np.argmin(errors))
    return int(offsets[best]), best, float(errors[best])


def _sample(plane: U8, x: float, y: float, scale: float, out: U8) -> None:
    height, width = out.shape
    left, skip_x, error_x = split_offset(x + _PAD, scale)
    top, skip_y, error_y = split_offset(y + _PAD, scale)
    if max(error_x, error_y) > TOLERANCE:
        _warp(plane, x + _PAD, y + _PAD, scale, out)
        return
    # Two more source pixels than needed: the last column asked for is then never an edge of the cut-out.
    right = left + int(np.ceil((skip_x + width) * scale)) + 2
    bottom = top + int(np.ceil((skip_y + height) * scale)) + 2
    scaled = cv2.resize(
        plane[top:bottom, left:right], None, fx=1.0 / scale, fy=1.0 / scale, interpolation=cv2.INTER_CUBIC
    )
    np.copyto(out, scaled[skip_y : skip_y + height, skip_x : skip_x + width])


def _warp(plane: U8, x: float, y: float, scale: float, out: U8) -> None:
    height, width = out.shape
    # Pixel centres lie at halves, hence the half-pixel terms.
    matrix = np.array([[scale, 0.0, x + 0.5 * scale - 0.5], [0.0, scale, y + 0.5 * scale - 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    np.copyto(out, cv2.warpAffine(plane, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))
