"""Where an eye looks first in a still: a map, and the region that should stay in the picture.

Two classic measures, both cheap and free of any trained model: the spectral residual (X. Hou and L. Zhang, "Saliency
Detection: A Spectral Residual Approach", CVPR 2007), which finds what breaks the picture's regularity, and the distance
of each colour from the mean colour (R. Achanta et al., "Frequency-tuned Salient Region Detection", CVPR 2009), which
finds what stands out; both weighed towards the middle, where people put what matters. OpenCV's wheel carries no face
detector's model, so faces count only by what makes them stand out.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .yuv import F32, U8

SIDE = 64
"""The map's longer side. Hou and Zhang's scale: what matters is visible in a picture this small."""
_TAIL = 0.05
"""The share of the map's weight that is left outside the region at each of its four sides."""
_PAD = 0.03
"""The region is this much larger on each side, in shares of the picture: weight lies inside of what it comes from."""

# sRGB to XYZ over the white point D65 (IEC 61966-2-1).
_TO_XYZ = np.array(
    [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0178, 0.1095, 0.8727]],
    np.float32,
)


@dataclass(frozen=True)
class Region:
    """A box in shares of the picture's width and height, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def clipped(self, other: Region) -> Region:
        """The part of it inside another one; that other one where they do not meet."""
        left, right = max(self.left, other.left), min(self.right, other.right)
        top, bottom = max(self.top, other.top), min(self.bottom, other.bottom)
        return Region(left, top, right, bottom) if left < right and top < bottom else other

    def within(self, left: float, top: float, right: float, bottom: float) -> Region:
        """The same region in shares of a part of the picture, which is given in shares of the whole."""
        across, down = right - left, bottom - top

        def share(value: float, begin: float, size: float) -> float:
            return min(max((value - begin) / size, 0.0), 1.0)

        return Region(
            share(self.left, left, across),
            share(self.top, top, down),
            share(self.right, left, across),
            share(self.bottom, top, down),
        )


CENTRE = Region(0.22, 0.22, 0.78, 0.78)
"""What every standard format shows: where our own illustrator puts what matters."""
MIDDLE = Region(0.35, 0.35, 0.65, 0.65)
"""What is kept in a picture without anything in it."""


def saliency_map(rgb: U8) -> F32:
    """How much each place stands out, 0..1, `SIDE` on the longer side. Deterministic."""
    tall, wide = rgb.shape[:2]
    scale = SIDE / max(tall, wide)
    size = max(round(wide * scale), 1), max(round(tall * scale), 1)
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    if float(np.ptp(small)) < 2.5 / 255.0:
        return np.zeros(small.shape[:2], np.float32)  # all of one colour, but for rounding
    found = _unit(_residual(small)) + _unit(_colour_distance(small))
    rows, columns = (np.linspace(-1.0, 1.0, count, dtype=np.float32) for count in found.shape)
    middle = np.exp(-0.5 * (np.square(rows)[:, None] + np.square(columns)[None, :]) / 0.6**2)
    return _unit(np.asarray(found * (0.3 + 0.7 * middle), np.float32))


def _residual(small: F32) -> F32:
    grey = small @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    spectrum = np.fft.fft2(grey)
    strength = np.log(np.abs(spectrum) + 1e-6)
    residual = strength - cv2.blur(strength, (3, 3))
    found = np.square(np.abs(np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum))))).astype(np.float32)
    # The picture's edges meet themselves in a Fourier transform: what is found on them is not there.
    edge = np.ones_like(found)
    edge[[0, -1], :] = edge[:, [0, -1]] = 0.0
    return np.asarray(cv2.GaussianBlur(found * edge, (0, 0), 2.5), np.float32)


def _colour_distance(small: F32) -> F32:
    # CIE L*a*b* as Achanta has it, by hand: OpenCV's takes a tenth of a second to build its tables.
    light = np.power(np.clip(cv2.GaussianBlur(small, (0, 0), 1.0), 0.0, 1.0), 2.2)
    x, y, z = np.moveaxis(np.cbrt(light @ _TO_XYZ.T), 2, 0)
    lab = np.dstack([116.0 * y, 500.0 * (x - y), 200.0 * (y - z)])
    return np.asarray(np.linalg.norm(lab - lab.reshape(-1, 3).mean(axis=0), axis=2), np.float32)


def _unit(values: F32) -> F32:
    low, high = float(values.min()), float(values.max())
    # Less than a grey level of difference is not a difference.
    return (values - low) / (high - low) if high - low > 1e-6 else np.zeros_like(values)


def focus(found: F32) -> Region:
    """The box around most of what stands out; the middle where nothing does."""
    weight = np.maximum(found - found.mean() - found.std(), 0.0)
    if float(weight.sum()) < 1e-3:
        return MIDDLE
    left, right = _extent(weight.sum(axis=0))
    top, bottom = _extent(weight.sum(axis=1))
    return Region(left, top, right, bottom)


def _extent(weight: F32) -> tuple[float, float]:
    """Between which shares of its length all but the two tails of a weight lie."""
    share = np.concatenate([[0.0], np.cumsum(weight, dtype=np.float64)]) / float(weight.sum())
    places = np.linspace(0.0, 1.0, len(share))
    begin, end = np.interp([_TAIL, 1.0 - _TAIL], share, places)
    return max(float(begin) - _PAD, 0.0), min(float(end) + _PAD, 1.0)
