"""The still of a clip."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SIDE = 2_304
# SMPTE ST 2084: from coded values to nits.
_M1, _M2 = 2_610 / 16_384, 2_523 / 4_096 * 128
_C1, _C2, _C3 = 3_424 / 4_096, 2_413 / 4_096 * 32, 2_392 / 4_096 * 32
# ARIB STD-B67 (HLG), shown on a display of 1,000 nits.
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_HLG_NITS, _HLG_GAMMA = 1_000.0, 1.2
_WHITE_NITS = 203.0
"""What white paper has in HDR (BT.2408), and what becomes white here."""
_KNEE = 0.75
"""In shares of white: what is brighter is compressed."""
_TO_BT709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)
"""Linear light of BT.2020's primaries to BT.709's (BT.2087)."""


def save_still(picture: Image.Image, workdir: Path) -> Path:
    """The picture as the still of a clip, a JPEG in the folder."""
    still = workdir / "still.jpg"
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    picture.save(still, "JPEG", quality=92)
    return still


def from_hdr(rgb: NDArray[Any], transfer: Literal["pq", "hlg"]) -> NDArray[np.uint8]:
    """An HDR frame (R'G'B' of BT.2020, 16 bits) as a still shows it."""
    coded = np.asarray(rgb, np.float32) / 65_535.0
    light = (_pq(coded) if transfer == "pq" else _hlg(coded)) / _WHITE_NITS
    light = np.clip(light @ _TO_BT709.T, 0.0, None)
    # By the brightest of the three, so that colours stay what they are.
    most = light.max(axis=2, keepdims=True)
    bent = _KNEE + (1 - _KNEE) * (1 - np.exp(-(most - _KNEE) / (1 - _KNEE)))
    light = light * np.where(most > _KNEE, bent / np.maximum(most, 1e-6), 1.0)
    return np.asarray(np.rint(np.clip(light, 0.0, 1.0) ** (1 / 2.2) * 255.0), np.uint8)


def _pq(coded: NDArray[np.float32]) -> NDArray[np.float32]:
    power = coded ** np.float32(1 / _M2)
    return np.asarray(10_000.0 * (np.maximum(power - _C1, 0.0) / (_C2 - _C3 * power)) ** (1 / _M1), np.float32)


def _hlg(coded: NDArray[np.float32]) -> NDArray[np.float32]:
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - _C) / _A) + _B) / 12)
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593], np.float32)
    return np.asarray(scene * _HLG_NITS * np.maximum(luminance, 1e-6)[..., None] ** (_HLG_GAMMA - 1), np.float32)
