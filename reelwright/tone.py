"""Brings wide and high-dynamic-range colours into BT.709: the one definition, for clips, their stills and finished
videos.

Transfer functions and primaries: ITU-R BT.2100-2 (PQ, HLG with the OOTF of a display of 1,000 cd/m2), BT.2020-2,
SMPTE RP 431-2 (P3, with the white of BT.709). Tone mapping: ITU-R BT.2390-11, 5.4.1, on the largest of red, green and
blue, so that hues stay. White of the result is the diffuse white of ITU-R BT.2408-7, 203 cd/m2, and the result is for a
display of BT.1886 (gamma 2.4).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Transfer = Literal["sdr", "pq", "hlg"]
Primaries = Literal["bt709", "bt2020", "p3"]
F64 = NDArray[np.float64]

WHITE_NITS, PEAK_NITS = 203.0, 1000.0
_GAMMA = 2.4
_HLG_GAMMA = 1.2
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_CHROMATICITIES = {
    "bt709": ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_D65 = (0.3127, 0.3290)
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])


def to_709(coded: F64, transfer: Transfer, primaries: Primaries) -> F64:
    """R'G'B' (... x 3, 0..1) of a source as R'G'B' of BT.709, 0..1."""
    light = _light(np.clip(coded, 0.0, 1.0), transfer)
    if transfer != "sdr":
        light = _tone_mapped(light)
    light = light @ _matrix(primaries).T
    return np.asarray(np.power(_in_gamut(light), 1 / _GAMMA))


def _light(coded: F64, transfer: Transfer) -> F64:
    """Display light: 1.0 is white, or WHITE_NITS."""
    if transfer == "sdr":
        return np.asarray(np.power(coded, _GAMMA))
    if transfer == "pq":
        return pq_nits(coded) / WHITE_NITS
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - _C) / _A) + _B) / 12)
    luma = (scene @ _LUMA_2020)[..., None]
    return np.asarray(PEAK_NITS / WHITE_NITS * scene * np.power(np.maximum(luma, 1e-9), _HLG_GAMMA - 1))


def pq_nits(coded: F64) -> F64:
    """PQ's EOTF."""
    power = np.power(np.clip(coded, 0.0, 1.0), 1 / _M2)
    return np.asarray(10_000 * np.power(np.maximum(power - _C1, 0.0) / (_C2 - _C3 * power), 1 / _M1))


def pq_coded(nits: F64) -> F64:
    """Its inverse."""
    power = np.power(np.clip(nits, 0.0, 10_000.0) / 10_000, _M1)
    return np.asarray(np.power((_C1 + _C2 * power) / (1 + _C3 * power), _M2))


def _tone_mapped(light: F64) -> F64:
    """Light up to the peak brought under 1.0: a straight line, then BT.2390's Hermite spline."""
    most = light.max(axis=-1, keepdims=True)
    top = float(pq_coded(np.array(PEAK_NITS)))
    white = float(pq_coded(np.array(WHITE_NITS))) / top
    knee = 1.5 * white - 0.5
    given = np.clip(pq_coded(most * WHITE_NITS) / top, 0.0, 1.0)
    t = np.clip((given - knee) / (1 - knee), 0.0, 1.0)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white
    wanted = pq_nits(np.where(given < knee, given, bent) * top) / WHITE_NITS
    return np.asarray(light * wanted / np.maximum(most, 1e-9))


def _in_gamut(light: F64) -> F64:
    """What lies outside of BT.709 is moved towards grey of the same luminance until it is inside."""
    grey = np.clip(light @ np.array([0.2126, 0.7152, 0.0722]), 0.0, 1.0)[..., None]
    away = light - grey
    room = np.where(away > 0, 1.0 - grey, grey)
    share = np.min(np.where(np.abs(away) > 1e-9, room / np.maximum(np.abs(away), 1e-9), 1.0), axis=-1, keepdims=True)
    return np.asarray(np.clip(grey + away * np.minimum(share, 1.0), 0.0, 1.0))


@lru_cache(maxsize=4)
def _matrix(primaries: Primaries) -> F64:
    """Linear light of these primaries to that of BT.709."""
    return np.asarray(np.linalg.inv(_to_xyz("bt709")) @ _to_xyz(primaries))


def _to_xyz(primaries: Primaries) -> F64:
    columns = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in _CHROMATICITIES[primaries]]).T
    x, y = _D65
    return np.asarray(columns * np.linalg.solve(columns, np.array([x / y, 1.0, (1 - x - y) / y])))
