"""Windows into planes: the kernel and OpenCV against the cubic's own formula."""

from __future__ import annotations

import importlib
import shutil
import sysconfig
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from reelwright.render.picture import native, sampling
from reelwright.render.picture.sampling import Kernel, Resized, Sampler, Window, best_sampler
from reelwright.render.picture.yuv import DEEP

F64 = NDArray[np.float64]


def keys(distance: F64) -> F64:
    """Cubic convolution with a = -0.75 (R. Keys, 1981, equation 15)."""
    a, d = -0.75, np.abs(distance)
    near, far = ((a + 2) * d - (a + 3)) * d * d + 1, ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d <= 1, near, np.where(d < 2, far, 0.0))


def looked_at(plane: F64, window: Window, height: int, width: int) -> F64:
    """What the window shows, in floating point."""

    def axis(start: float, count: int) -> tuple[NDArray[np.int64], F64]:
        places = start + (np.arange(count) + 0.5) * window.scale - 0.5
        whole = np.floor(places).astype(np.int64)
        return whole, np.stack([keys(whole + tap - places) for tap in (-1, 0, 1, 2)])

    (xs, across), (ys, down) = axis(window.x, width), axis(window.y, height)
    rows = sum(plane[ys + tap - 1] * down[tap][:, None] for tap in range(4))
    assert not isinstance(rows, int)
    return np.asarray(sum(rows[:, xs + tap - 1] * across[tap] for tap in range(4)))


@pytest.fixture(params=["kernel", "resize"])
def sampler(request: pytest.FixtureRequest) -> Sampler:
    """Each of the two."""
    if request.param == "resize":
        return Resized()
    best = best_sampler()
    if not isinstance(best, Kernel):
        # Where it can be built it must have been: this is not to be skipped by mistake.
        assert shutil.which("cc") is None or "x86" not in sysconfig.get_platform()
        pytest.skip("no C compiler here, or another processor")
    return best


@pytest.mark.parametrize("size", [(54, 96), (53, 97), (37, 7), (270, 483)])
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.0833, 1.2])
def test_a_window_shows_what_the_formula_says(sampler: Sampler, size: tuple[int, int], scale: float) -> None:
    chance = np.random.default_rng(round(scale * 100))
    height, width = size
    # Smooth, as OpenCV's way is off by a fortieth of a pixel; from black to white and over.
    plane = cv2.GaussianBlur(chance.uniform(-300, 600, (420, 700)), (0, 0), 3.0).clip(0, 255)
    deep = np.rint(cv2.copyMakeBorder(plane, *[sampler.pad] * 4, cv2.BORDER_REPLICATE) * DEEP).astype(np.uint16)
    window = Window(float(chance.uniform(3, 20)), float(chance.uniform(3, 20)), scale)
    # Rows with room beside them, as the encoder's frames have.
    wide = np.full((height, width + 13), 77, np.uint8)
    sampler.sample([deep], window, [wide[:, :width]])
    expected = np.rint(looked_at(plane, window, height, width)).clip(0, 255)
    off = np.abs(expected - wide[:, :width])
    # Neither is exact in its last bit; OpenCV's filter is another one than the cubic.
    assert off.max() <= (1 if isinstance(sampler, Kernel) else 5)
    assert (off > 0).mean() < (0.03 if isinstance(sampler, Kernel) else 0.6)
    assert (wide[:, width:] == 77).all()


def test_flat_areas_stay_what_they_are(sampler: Sampler) -> None:
    for code in (0, 16, 128, 235, 255):
        plane = np.full((200 + 2 * sampler.pad, 300 + 2 * sampler.pad), code * DEEP, np.uint16)
        out = np.zeros((90, 160), np.uint8)
        sampler.sample([plane], Window(4.3, 7.9, 1.07), [out])
        assert (out == code).all()


def test_the_kernel_refuses_what_it_cannot_read() -> None:
    best = best_sampler()
    if not isinstance(best, Kernel):
        pytest.skip("no kernel here")
    window = importlib.import_module("reelwright.render.picture._pixels").window
    plane, out = np.zeros((40, 60), np.uint16), np.zeros((20, 30), np.uint8)
    window(plane, 1.0, 1.0, 1.0, out)
    for x, y, scale in (
        (-1.0, 1.0, 1.0),
        (29.0, 1.0, 1.0),
        (1.0, 19.0, 1.0),
        (1.0, 1.0, 3.0),
        (float("nan"), 1.0, 1.0),
    ):
        with pytest.raises(ValueError, match="beyond the plane"):
            window(plane, x, y, scale, out)
    with pytest.raises(ValueError, match="above 0"):
        window(plane, 1.0, 1.0, float("nan"), out)
    for bad_plane, bad_out in (
        (plane.astype(np.uint8), out),
        (plane, out.astype(np.uint16)),
        (plane[:, ::2], out),
        (plane, out[:, ::2]),
        (plane[::-1], out),
        (plane, np.zeros((0, 30), np.uint8)),
        (plane, np.zeros(30, np.uint8)),
    ):
        with pytest.raises(ValueError, match="must be a plane"):
            window(bad_plane, 1.0, 1.0, 1.0, bad_out)
    out.flags.writeable = False
    with pytest.raises((ValueError, BufferError)):
        window(plane, 1.0, 1.0, 1.0, out)


def test_avx512_and_avx2_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    module = native.pixels()
    if module is None or not module.use("avx512"):
        pytest.skip("no AVX-512 here")
    plane = np.random.default_rng(5).integers(0, 255 * DEEP, (300, 700)).astype(np.uint16)
    made = {}
    try:
        for name in ("avx2", "avx512"):
            assert module.use(name)
            made[name] = [np.zeros((200, width), np.uint8) for width in (16, 41, 320)]
            for out, scale in zip(made[name], (0.31, 1.0, 1.97), strict=True):
                module.window(plane, 3.3, 2.6, scale if out.shape[1] < 300 else 1.17, out)
    finally:
        module.use("avx512")
    assert all((a == b).all() for a, b in zip(made["avx2"], made["avx512"], strict=True))
    assert not module.use("mmx")


def test_bitmaps_are_laid_as_opencv_does_it() -> None:
    module = native.pixels()
    if module is None:
        pytest.skip("no kernel here")
    # All products of two bytes, then chance: rows with room beside them, an odd width.
    picture = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 256, axis=1)
    keep = np.ascontiguousarray(picture.T)
    chance = np.random.default_rng(9).integers(0, 256, (3, 77, 205), dtype=np.uint8)
    for under, colour, kept in ((picture, np.zeros_like(picture), keep), (chance[0][:, :199], *chance[1:, :, :199])):
        expected = cv2.add(cv2.multiply(under, kept, scale=1.0 / 255.0), colour)
        module.lay(under, colour, kept)
        assert (under == expected).all()
    with pytest.raises(ValueError, match="of one size"):
        module.lay(picture, keep[1:], keep)
    with pytest.raises(ValueError, match="must be a plane"):
        module.lay(picture, keep, keep.astype(np.uint16))


def test_without_the_kernel_opencv_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "pixels", lambda: None)
    assert isinstance(best_sampler(), Resized)


def test_the_kernels_source_is_what_was_built() -> None:
    """A build that is older than its source would be measured and tested by mistake."""
    source = Path(sampling.__file__).with_name("_pixels.c")
    for built in source.parent.glob("_pixels*.so"):
        assert built.stat().st_mtime >= source.stat().st_mtime, "run `make .venv/ready`"
