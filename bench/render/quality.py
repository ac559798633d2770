"""How steady a pan is, in pixels, and how near the delivered picture is to what was composed, in VMAF."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from reelwright.domain.formats import VideoFormat
from reelwright.render.encode.mp4 import encode_pictures
from reelwright.render.picture import compose
from reelwright.render.picture.compose import Composer
from reelwright.render.picture.frames import Still
from reelwright.render.picture.saliency import MIDDLE, Region
from reelwright.render.picture.sampling import Sampler
from reelwright.render.picture.stills import frame_picture
from reelwright.render.picture.yuv import TO_CHROMA, TO_LUMA, Planes
from reelwright.render.plan.motion import View
from reelwright.render.process.program import run

from . import tasks
from .assets import Assets, still

F32 = NDArray[np.float32]
PAN_FRAMES = 90
_ROUNDS = 6


def pan_jitter(work: Path, size: tuple[int, int]) -> tuple[float, float]:
    """Standard deviation in pixels of the displacement from frame to frame on a pan of constant speed, measured on
    the composed frames and again on the encoded ones."""
    width, height = size
    picture = Still(still(3), width, height)
    first, last = View(1.09, -0.6, 0.3), View(1.09, 0.55, 0.3)

    def draw(number: int, out: Planes) -> None:
        share = number / (PAN_FRAMES - 1)
        picture.draw(View(first.zoom, first.x + (last.x - first.x) * share, first.y), out)

    planes = Planes.empty(width, height)

    def composed() -> Iterator[F32]:
        for number in range(PAN_FRAMES):
            draw(number, planes)
            yield planes.y.astype(np.float32)

    encode_pictures(draw, range(PAN_FRAMES), size, work / "pan.mp4", tasks.SETTINGS, lambda share: None)
    with av.open(str(work / "pan.mp4")) as container:
        encoded = (frame.to_ndarray(format="gray").astype(np.float32) for frame in container.decode(video=0))
        return _jitter(composed()), _jitter(encoded)


def _jitter(frames: Iterable[F32]) -> float:
    steps, before = [], None
    for frame in frames:
        # The middle only: what comes in at the sides has no partner in the frame before.
        luma = cv2.GaussianBlur(frame, (0, 0), 1.5)[64:-64, 64:-64]
        if before is not None:
            steps.append(displacement(before, luma))
        before = luma
    return float(np.std(np.array(steps), axis=0).max())


def displacement(a: F32, b: F32) -> tuple[float, float]:
    """How far `b` is moved against `a`, in pixels: Lucas and Kanade's method (1981) over the whole picture, refined
    until it stands. Its own error on grainy pictures of this size is about a thousandth of a pixel."""
    x, y = 0.0, 0.0
    height, width = a.shape
    for _ in range(_ROUNDS):
        matrix = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
        moved = cv2.warpAffine(b, matrix, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP)
        core = slice(16, -16)
        gx = cv2.Sobel(moved, cv2.CV_32F, 1, 0, scale=1 / 8)[core, core]
        gy = cv2.Sobel(moved, cv2.CV_32F, 0, 1, scale=1 / 8)[core, core]
        off = (a - moved)[core, core]
        square = np.array([[np.vdot(gx, gx), np.vdot(gx, gy)], [np.vdot(gx, gy), np.vdot(gy, gy)]], np.float64)
        step = np.linalg.solve(square, np.array([np.vdot(gx, off), np.vdot(gy, off)], np.float64))
        x, y = x + float(step[0]), y + float(step[1])
        if np.abs(step).max() < 1e-4:
            break
    return x, y


class FloatStill(Still):
    """A still drawn in floating point with Lanczos' kernel, rounded once at the very end."""

    def __init__(
        self, rgb: NDArray[np.uint8], width: int, height: int, region: Region = MIDDLE, sampler: Sampler | None = None
    ) -> None:
        super().__init__(rgb, width, height, region, sampler)
        if rgb.shape[:2] != (self.full_height, self.full_width):
            rgb = frame_picture(rgb, region, self.full_width, self.full_height).rgb
        light = rgb.astype(np.float32)
        half = cv2.resize(light, (light.shape[1] // 2, light.shape[0] // 2), interpolation=cv2.INTER_AREA)
        chroma = cv2.transform(half, TO_CHROMA)
        self._planes = (cv2.transform(light, TO_LUMA), chroma[..., 0].copy(), chroma[..., 1].copy())

    def draw(self, view: View, out: Planes) -> None:
        """Writes what the view shows into `out`."""
        place = self.window(view)
        # Chroma's place is a quarter of its pixel to the left: see `frames.Still.draw`.
        corners = [(place.x, place.y)] + 2 * [(place.x / 2 - 0.25 * place.scale, place.y / 2)]
        for plane, (x, y), target in zip(self._planes, corners, out, strict=True):
            tall, wide = target.shape
            shift = 0.5 * place.scale - 0.5
            matrix = np.array([[place.scale, 0.0, x + shift], [0.0, place.scale, y + shift]])
            flags = cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP
            drawn = cv2.warpAffine(plane, matrix, (wide, tall), flags=flags, borderMode=cv2.BORDER_REPLICATE)
            np.copyto(target, np.clip(np.rint(drawn), 0, 255).astype(np.uint8))


def reference_composer(assets: Assets, format: VideoFormat) -> Composer:
    """Draws the same video with its stills in floating point. Titles, captions and the watermark are the same."""
    compose.Still = FloatStill  # type: ignore[misc]
    return Composer(assets.plan, format, assets.files)


def vmaf(assets: Assets, format: VideoFormat, delivered: Path, work: Path, frames: list[range]) -> tuple[float, float]:
    """(mean, lowest frame) of VMAF v0.6.1 over some runs of frames of the delivered file."""
    wanted = {number for part in frames for number in part}
    composer = reference_composer(assets, format)
    planes = Planes.empty(*format.size)
    reference, seen = work / "reference.yuv", work / "seen.yuv"
    with reference.open("wb") as file:
        for number in sorted(wanted):
            composer.draw(number, planes)
            for plane in planes:
                file.write(plane.data)
    with av.open(str(delivered)) as container, seen.open("wb") as file:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                file.write(frame.to_ndarray(format="yuv420p").tobytes())
    width, height = format.size
    raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", "30"]
    log = work / "vmaf.json"
    # The log's name stands in a filter: it is ours, in a folder of ours, and is escaped all the same.
    name = str(log).replace("\\", "\\\\").replace(":", "\\:").replace("'", "\\'")
    run(
        [
            *(*raw, "-i", str(seen), *raw, "-i", str(reference)),
            *("-lavfi", f"libvmaf=n_threads=2:log_fmt=json:log_path={name}", "-f", "null", "-"),
        ],
        what="measuring VMAF",
        workdir=work,
    )
    for path in (reference, seen):
        path.unlink()
    told = json.loads(log.read_text())["pooled_metrics"]["vmaf"]
    return float(told["mean"]), float(told["min"])
