"""A still as planes that can be looked at through a moving, sub-pixel window."""

from __future__ import annotations

import cv2
import numpy as np

from ..plan.motion import View
from .saliency import MIDDLE, Region
from .sampling import Sampler, Window, best_sampler
from .stills import frame_picture
from .yuv import U8, U16, Planes, deep_planes_of

OVERSAMPLE = 1.2
"""A still is kept this much larger than the format, so that a view magnified by up to 1.2 never runs out of detail."""


def still_size(width: int, height: int) -> tuple[int, int]:
    """The size a still is kept in for a picture of `width` x `height`."""
    return _even(width * OVERSAMPLE), _even(height * OVERSAMPLE)


class Still:
    """One scene's picture, ready for one format. `rgb` may have any size; a picture that has not been framed to
    `still_size` before is, around its middle. `region` is what should stay seen, in shares of the framed picture.
    Stills that are drawn by turns may share a `sampler`."""

    def __init__(
        self, rgb: U8, width: int, height: int, region: Region = MIDDLE, sampler: Sampler | None = None
    ) -> None:
        self.width, self.height, self.region = width, height, region
        self.full_width, self.full_height = still_size(width, height)
        if rgb.shape[:2] != (self.full_height, self.full_width):
            framed = frame_picture(rgb, region, self.full_width, self.full_height)
            rgb, self.region = framed.rgb, framed.region
        self._sampler = sampler or best_sampler()
        self._padded = [_pad(plane, self._sampler.pad) for plane in deep_planes_of(rgb)]

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
        self._sampler.sample([luma], window, [out.y])
        # H.264's usual chroma place is level with the left pixel of each pair (ITU-T H.264, figure 6-1), a quarter of
        # a chroma pixel left of the pair's centre, where deep_planes_of puts it.
        half = Window(window.x / 2 - 0.25 * window.scale, window.y / 2, window.scale)
        self._sampler.sample(chroma, half, [out.u, out.v], colour=True)


def _pad(plane: U16, pad: int) -> U16:
    return np.asarray(cv2.copyMakeBorder(plane, pad, pad, pad, pad, cv2.BORDER_REPLICATE), np.uint16)


def _even(value: float) -> int:
    return 2 * round(value / 2)
