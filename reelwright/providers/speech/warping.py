"""Dynamic time warping of two sounds (Sakoe and Chiba 1978), coarse first, then fine within a band around that.

A frame is a mel cepstrum (Davis and Mermelstein 1980), which distinguishes sounds independently of the speaker: 25 ms
of sound, every 10 ms, its mean and spread over all spoken frames removed, with its change over time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy  # its parts are loaded where they are used first: `scipy.signal` alone takes a second
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

RATE = 16_000
HOP_S = 0.01
_WINDOW = 400
_HOP = 160
_BANDS, _CEPSTRA = 40, 13
_COARSE = 5
_BAND_S = 0.7
_ALL_PAIRS = 60_000_000
"""As many pairs of frames are compared at once, in a byte each: six minutes with six minutes, once thinned. Longer
sounds are thinned once more."""
_AT_ONCE = 3_000
"""Frames whose spectra are held in memory at a time."""
_TEMPO_FRAMES = 25
_SPEECH_DB = 35.0
"""More than this below the loud parts is no speech."""
MARGIN_S = 0.1
_LEVEL_WEIGHT, _DELTA_WEIGHT = 1.5, 1.0
_STRAIGHT, _DOWN, _ALONG = 0, 1, 2
_STEP_COST = 0.15
"""Cost of a step in which one of the sounds stands still, besides the distance, in units of the usual distance."""


def spoken_span(samples: Floats, rate: int) -> tuple[int, int]:
    """The samples [first, last) from the first frame with speech to the last, with `MARGIN_S` around."""
    block = max(1, int(HOP_S * rate))
    power = np.mean(samples[: samples.size // block * block].reshape(-1, block) ** 2, axis=1)
    if not power.size:
        return 0, samples.size
    level = 10 * np.log10(power + 1e-12)
    spoken = np.flatnonzero(level > float(np.quantile(level, 0.95)) - _SPEECH_DB)
    margin = int(MARGIN_S * rate)
    return max(0, int(spoken[0]) * block - margin), min(samples.size, (int(spoken[-1]) + 1) * block + margin)


def frames_of(samples: Floats, rate: int) -> Floats:
    """The features of each frame of a mono sound, full scale 1.0, at `rate` Hz."""
    if rate != RATE:
        common = int(np.gcd(rate, RATE))
        samples = scipy.signal.resample_poly(samples, RATE // common, rate // common)
    samples = np.append(samples[:1], samples[1:] - 0.97 * samples[:-1])
    bands, level = _spectra(samples)
    floor = float(np.quantile(level, 0.95)) - _SPEECH_DB
    spoken = level > floor
    cepstra = scipy.fft.dct(bands, type=2, norm="ortho", axis=1)[:, 1:_CEPSTRA]
    cepstra = _even(cepstra, spoken)
    loud = np.clip((level - floor) / _SPEECH_DB, 0.0, 1.2)[:, None] * _LEVEL_WEIGHT
    # Without speech the spectrum is noise, which differs in every recording.
    cepstra = cepstra * np.clip((level - floor) / 10.0, 0.0, 1.0)[:, None]
    smooth = scipy.ndimage.uniform_filter1d(cepstra, 3, axis=0)
    change = scipy.ndimage.correlate1d(smooth, np.array([-2, -1, 0, 1, 2]) / 5.0, axis=0) * _DELTA_WEIGHT
    return np.hstack([cepstra / np.sqrt(_CEPSTRA), change / np.sqrt(_CEPSTRA), loud])


def _spectra(samples: Floats) -> tuple[Floats, Floats]:
    """The logarithm of each band's power in each frame, and the level of each frame in dB."""
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW))
    count = 1 + samples.size // _HOP
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    bands, level, mel = np.empty((count, _BANDS)), np.empty(count), _mel().T
    for first in range(0, count, _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        power = np.abs(scipy.fft.rfft(windows[part] * np.hanning(_WINDOW), 512, axis=1)) ** 2
        bands[part] = np.log(power @ mel + 1e-9)
        level[part] = 10 * np.log10(power.sum(axis=1) + 1e-9)
    return bands, level


def _even(cepstra: Floats, spoken: NDArray[np.bool_]) -> Floats:
    chosen = cepstra[spoken] if spoken.any() else cepstra
    even: Floats = (cepstra - chosen.mean(axis=0)) / (chosen.std(axis=0) + 1e-6)
    return np.clip(even, -4.0, 4.0)


def _mel() -> Floats:
    """Triangular filters, evenly spaced in mel from 60 Hz to 7.6 kHz."""
    points = 700 * (10 ** (np.linspace(_in_mel(60), _in_mel(7600), _BANDS + 2) / 2595) - 1)
    bins = np.arange(257) * RATE / 512
    rising = (bins - points[:-2, None]) / (points[1:-1] - points[:-2])[:, None]
    falling = (points[2:, None] - bins) / (points[2:] - points[1:-1])[:, None]
    return np.maximum(0.0, np.minimum(rising, falling))


def _in_mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


@dataclass(frozen=True)
class Warp:
    """For each frame of one sound the last frame of the other that goes with it; the mean distance of those that do;
    how unevenly one is stretched to fit the other, as the mean change of tempo in octaves."""

    path: NDArray[np.int64]
    distance: float
    unevenness: float


def warp(one: Floats, other: Floats) -> Warp:
    """The two sounds laid along each other, both from their beginning to their end."""
    path = _refined(one, other)
    return Warp(path, float(np.mean(np.linalg.norm(one - other[path], axis=1))), _unevenness(path))


def _refined(one: Floats, other: Floats) -> NDArray[np.int64]:
    """The path near that of the thinned sounds."""
    thin_one, thin_other = _thinned(one), _thinned(other)
    small = len(thin_one) * len(thin_other) <= _ALL_PAIRS
    coarse = _path(thin_one, thin_other, None) if small else _refined(thin_one, thin_other)
    wide = np.interp(np.arange(len(one)), (np.arange(len(coarse)) + 0.5) * _COARSE, (coarse + 0.5) * _COARSE)
    return _path(one, other, np.clip(np.rint(wide), 0, len(other) - 1).astype(np.int64))


def _unevenness(path: NDArray[np.int64]) -> float:
    span = min(_TEMPO_FRAMES, len(path) - 1)
    if span < 1:
        return 0.0
    tempo = (path[span:] - path[:-span]) / span
    tempo = np.clip(tempo / max(float(np.median(tempo)), 0.05), 0.1, 10.0)
    return float(np.mean(np.abs(np.log2(tempo))))


def _thinned(frames: Floats) -> Floats:
    count = max(1, len(frames) // _COARSE)
    starts = np.arange(count) * _COARSE
    return np.add.reduceat(frames, starts, axis=0) / np.diff(np.append(starts, len(frames)))[:, None]


def _path(one: Floats, other: Floats, centre: NDArray[np.int64] | None) -> NDArray[np.int64]:
    """The path of least cost through all pairs, or through those within `_BAND_S` of `centre`."""
    rows, columns = len(one), len(other)
    if centre is None:
        width, lefts = columns, np.zeros(rows, dtype=np.int64)
    else:
        width = min(columns, 2 * int(_BAND_S / HOP_S) + 1)
        lefts = np.clip(centre - width // 2, 0, columns - width)
        lefts[0], lefts[-1] = 0, columns - width
        lefts = np.maximum.accumulate(lefts)
    squares = (other**2).sum(axis=1)
    far = 1e12
    moves = np.zeros((rows, width), dtype=np.int8)
    before = np.full(width, far)
    for row in range(rows):
        left = int(lefts[row])
        part = slice(left, left + width)
        distance = np.sqrt(np.maximum(squares[part] - 2 * other[part] @ one[row] + one[row] @ one[row], 0.0))
        if row == 0:
            best, move = np.full(width, far), np.zeros(width, dtype=np.int8)
            best[0] = distance[0]
        else:
            shift = left - int(lefts[row - 1])
            above = np.full(width + 1, far)
            kept = before[max(0, shift - 1) :]
            above[1 if shift == 0 else 0 :][: kept.size] = kept
            straight, down = above[:width], above[1 : width + 1] + _STEP_COST
            # `above[k]` is the cell before the one above, `above[k + 1]` the one above.
            move = np.where(straight <= down, _STRAIGHT, _DOWN).astype(np.int8)
            best = distance + np.minimum(straight, down)
        # Steps along the row: the least of what came from above so far, with all distances since.
        sums = np.cumsum(distance + _STEP_COST)
        lowest = np.minimum.accumulate(best - sums)
        along = lowest + sums
        moves[row] = np.where(along < best - 1e-9, _ALONG, move)
        before = np.minimum(along, best)
    return _traced(moves, lefts, columns)


def _traced(moves: NDArray[np.int8], lefts: NDArray[np.int64], columns: int) -> NDArray[np.int64]:
    """The last column that goes with each row, back from the end."""
    path = np.zeros(len(moves), dtype=np.int64)
    column = columns - 1
    for row in range(len(moves) - 1, -1, -1):
        path[row] = column
        left, width = int(lefts[row]), moves.shape[1]
        while moves[row, column - left] == _ALONG and column > left:
            column -= 1
        if row > 0:
            column -= 1 if moves[row, column - left] == _STRAIGHT else 0
            column = min(max(column, int(lefts[row - 1])), int(lefts[row - 1]) + width - 1)
    return path
