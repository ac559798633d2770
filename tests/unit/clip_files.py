"""Clips made for tests: small, with known pixels, times, colours and rotation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame

from reelwright.domain.content.media import ClipFacts, SceneClip
from reelwright.render.process import program

from .test_render_picture import keep

CORNERS = ((200, 40, 40), (40, 170, 60), (50, 60, 200), (230, 230, 230))
"""Top left, top right, bottom left, bottom right: red, green, blue, white."""
MATRICES = {"bt709": (1, 0.2126, 0.0722), "bt601": (6, 0.299, 0.114), "bt2020": (9, 0.2627, 0.0593)}


def quarters(width: int, height: int) -> np.ndarray:
    """A picture of four colours."""
    rgb = np.empty((height, width, 3), np.uint8)
    for index, colour in enumerate(CORNERS):
        y, x = divmod(index, 2)
        rgb[y * height // 2 : (y + 1) * height // 2, x * width // 2 : (x + 1) * width // 2] = colour
    return rgb


def numbered(count: int, size: tuple[int, int] = (96, 64)) -> list[np.ndarray]:
    """Grey frames, each its own up to 70: `number_of` reads them."""
    return [np.full((size[1], size[0], 3), 20 + 3 * (number % 70), np.uint8) for number in range(count)]


def number_of(luma: np.ndarray) -> int:
    """Which of `numbered` a plane shows."""
    height, width = luma.shape
    middle = luma[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3].mean()
    return round(((float(middle) - 16) * 255 / 219 - 20) / 3)


def write_clip(
    path: Path,
    frames: Sequence[np.ndarray],
    times_s: Iterable[float] | None = None,
    *,
    rate: int = 30,
    options: dict[str, str] | None = None,
    sound: np.ndarray | None = None,
) -> Path:
    """H.264 of R'G'B' pictures in BT.709, at these times; with a 48 kHz stereo `sound` (samples x 2) in AAC."""
    height, width = frames[0].shape[:2]
    times = list(times_s) if times_s is not None else [number / rate for number in range(len(frames))]
    with av.open(str(path), "w") as made:
        stream = made.add_stream("libx264", rate=rate, options={"crf": "8", "preset": "ultrafast", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 90_000)
        stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
        voice = made.add_stream("aac", rate=48_000, layout="stereo") if sound is not None else None
        for rgb, seconds in zip(frames, times, strict=True):
            frame = VideoFrame.from_ndarray(rgb, "rgb24").reformat(
                format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = round(seconds * 90_000), Fraction(1, 90_000)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
        if voice is not None and sound is not None:
            for first in range(0, len(sound), 1024):
                piece = np.ascontiguousarray(sound[first : first + 1024].T.astype(np.float32))
                heard = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
                heard.sample_rate, heard.pts, heard.time_base = 48_000, first, Fraction(1, 48_000)
                made.mux(voice.encode(heard))
            made.mux(voice.encode(None))
    return path


def write_codes(path: Path, rgb: np.ndarray, matrix: str, *, full: bool, bits: int, tags: dict[str, int]) -> Path:
    """One lossless frame of R'G'B' (height x width x 3, 0..1) in a matrix and range, encoded here by the standards'
    formulas, with the given `tags`."""
    number, kr, kb = MATRICES[matrix]
    luma = rgb @ np.array([kr, 1 - kr - kb, kb])
    blue, red = (rgb[..., 2] - luma) / (2 * (1 - kb)), (rgb[..., 0] - luma) / (2 * (1 - kr))
    scale = 2 ** (bits - 8)
    if full:
        planes = [luma * (2**bits - 1), *(c * (2**bits - 1) + 128 * scale for c in (blue, red))]
    else:
        planes = [(luma * 219 + 16) * scale, *((c * 224 + 128) * scale for c in (blue, red))]
    kind = np.uint16 if bits > 8 else np.uint8
    pix_fmt = "yuv420p10le" if bits > 8 else "yuv420p"
    height, width = luma.shape
    frame = VideoFrame(width, height, pix_fmt)
    for index, (plane, target) in enumerate(zip(planes, frame.planes, strict=True)):
        small = plane if index == 0 else cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        rows = np.frombuffer(memoryview(target), kind).reshape(-1, target.line_size // np.dtype(kind).itemsize)
        rows[: target.height, : target.width] = np.rint(np.clip(small, 0, 2**bits - 1)).astype(kind)
    with av.open(str(path), "w", format="matroska") as made:
        stream = made.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        context = stream.codec_context
        context.colorspace, context.color_range = number, 2 if full else 1
        for name, value in tags.items():
            setattr(context, name, value)
            setattr(frame, name, value)
        frame.colorspace, frame.color_range = number, 2 if full else 1
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
    return path


def rotated(path: Path, degrees_clockwise: int, *, flip: bool = False) -> Path:
    """The same file with a note that it is to be turned, as a phone writes it."""
    out = path.with_name(f"{path.stem}-{degrees_clockwise}{flip}{path.suffix}")
    flips = ["-display_vflip"] if flip else []
    note = ["-display_rotation", str(-degrees_clockwise % 360), *flips]
    program.run([*note, "-i", str(path), "-c", "copy", "-y", str(out)], what="rotating", workdir=path.parent)
    return out


def clip_of(path: Path, files: dict[str, Path], seconds: float, **fields: object) -> SceneClip:
    """A file as a plan names it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        facts = ClipFacts(
            width=stream.width,
            height=stream.height,
            duration_s=seconds,
            fps=30.0,
            has_sound=bool(container.streams.audio),
        )
    return SceneClip.model_validate({"file": keep(path, files), "facts": facts, **fields})
