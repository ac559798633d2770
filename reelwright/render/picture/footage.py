"""A clip in one format: its frames turned upright, cut or extended to the format, in the colours of the video.

Each frame is cut and scaled first, in the planes it was decoded to, and only what is seen is turned and converted. What
is seen in a frame of the video depends on that frame's number alone, so that segments can be made apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from ..plan.playing import Playing
from .colours import Colours, TableGraph, colours_of, convert, tables_of, tag
from .decoding import ClipFrames
from .fitting import DIMMED, FEATHER, SOFTNESS, Fitting, feathered, fit_picture
from .saliency import Region
from .yuv import BLACK, F32, U8, Planes

WHOLE = Region(0.0, 0.0, 1.0, 1.0)
"""All of a picture matters."""
_AREA_FROM = 1.5
"""From this reduction on the mean of the pixels is taken; below it a cubic is sharper and quicker."""
_GROUND = (24.0, 24.0, 28.0)
"""What shows through frames that are transparent."""
_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_BLURRED_SIDE, _LEAST_SMALLER = 60, 8
"""The longer side that is left of a format for blurring, and the least by which luma is made smaller for it: the blur
is three pixels wide then, far more than what is lost."""
Codes = NDArray[Any]


@dataclass(frozen=True)
class Upright:
    """How a decoded frame is to be shown: `turn` degrees clockwise after it was mirrored top to bottom (if it is to
    be), `wide` x `tall` pixels."""

    turn: int
    mirrored: bool
    wide: int
    tall: int


def upright(frame: VideoFrame, aspect: float) -> Upright:
    """How a frame is shown whose pixels are `aspect` times as wide as high."""
    turn = -round(frame.rotation / 90) * 90 % 360
    wide, tall = max(round(frame.width * aspect), 2), frame.height
    if turn in (90, 270):
        wide, tall = tall, wide
    return Upright(turn, _mirrored(frame), wide, tall)


def _mirrored(frame: VideoFrame) -> bool:
    """Whether its display matrix mirrors, as some phones note for the camera at the front."""
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return False
    a, b, _, c, d = np.frombuffer(data, np.int32)[:5].astype(float)
    return bool(a * d - b * c < 0)


class Footage:
    """One clip, ready for one format. `region` is what should stay seen, in shares of the upright picture; `look` a
    look-up table's .cube, or nothing."""

    def __init__(
        self,
        frames: ClipFrames,
        playing: Playing,
        size: tuple[int, int],
        fps: int,
        region: Region = WHOLE,
        look: str = "",
    ) -> None:
        self._frames, self._playing, self._size, self._fps = frames, playing, size, fps
        self._region, self._look = region, look
        self._kept = Planes.empty(*size)
        self._shown: VideoFrame | None = None
        self._upright: dict[tuple[int, int], Upright] = {}
        self._graphs: dict[tuple[Any, ...], TableGraph] = {}

    def close(self) -> None:
        """Lets go of the file."""
        self._frames.close()
        self._shown = None

    def draw(self, frame: int, out: Planes) -> None:
        """`frame` counts from the first one of the clip's place.

        The moment in the middle of the frame decides: with a clip of the same rate, whose times are off by up to half a
        frame, as a phone's are, each of its frames is then seen once.
        """
        seen = self._frames.at(self._playing.at((frame + 0.5) / self._fps))
        if seen is not self._shown:
            self._fit(seen, self._kept)
            self._shown = seen
        for kept, target in zip(self._kept, out, strict=True):
            np.copyto(target, kept)

    def _fit(self, frame: VideoFrame, out: Planes) -> None:
        width, height = self._size
        shape = frame.width, frame.height
        if shape not in self._upright:
            # Once for a clip: a frame whose side data was looked at is let go only when Python collects cycles, and
            # until then holds its pixels.
            self._upright[shape] = upright(frame, self._frames.aspect)
        how = self._upright[shape]
        fit = fit_picture(how.wide, how.tall, self._region, width, height, step=2)
        colours = colours_of(frame)
        planes, colours = _planes(frame, colours)
        turned = how.turn in (90, 270)
        size = (fit.height, fit.width) if turned else (fit.width, fit.height)
        left, top, right, bottom = _source(fit, how)
        scaled = [
            _scaled(
                plane[_part(plane.shape[0], top, bottom), _part(plane.shape[1], left, right)],
                (size[0] // part, size[1] // part),
            )
            for plane, part in zip(planes, (1, 2, 2), strict=True)
        ]
        coded = self._coloured(scaled, colours, size)
        for plane, target in zip(coded, out, strict=True):
            shown = cv2.flip(plane, 0) if how.mirrored else plane
            part = target.shape[1] * 2 <= width
            x, y, w, h = (v // 2 if part else v for v in (fit.x, fit.y, fit.width, fit.height))
            place = target[y : y + h, x : x + w]
            if how.turn:
                cv2.rotate(shown, _TURNS[how.turn], dst=place)
            else:
                np.copyto(place, shown)
        if fit.extended:
            extend(out, fit)

    def _coloured(self, planes: list[Codes], colours: Colours, size: tuple[int, int]) -> Planes:
        """Planes of `size` in BT.709, 8 bits."""
        tables = tables_of(colours, self._look)
        if not tables:
            made = Planes(*planes)
            convert(made, colours)
            return made
        deep = planes[0].dtype == np.uint16
        pix_fmt = "yuv420p10le" if deep else "yuv420p"
        key = (size, pix_fmt, colours)
        if key not in self._graphs:
            self._graphs[key] = TableGraph(*size, pix_fmt, colours, tables)
        frame = VideoFrame(*size, pix_fmt)
        for plane, target in zip(planes, arrays_in(frame), strict=True):
            np.copyto(target, plane)
        done = self._graphs[key].run(tag(frame, colours))
        return Planes(*(np.array(plane) for plane in arrays_in(done)))


def arrays_in(frame: VideoFrame) -> list[Codes]:
    """The memory of a planar frame of 4:2:0."""
    deep = frame.format.name.endswith("10le")
    arrays: list[Codes] = []
    for plane in frame.planes:
        whole = np.frombuffer(plane, np.uint16 if deep else np.uint8)  # type: ignore[call-overload]
        rows = whole.reshape(-1, plane.line_size // whole.itemsize)
        arrays.append(rows[: plane.height, : plane.width])
    return arrays


def _planes(frame: VideoFrame, colours: Colours) -> tuple[list[Codes], Colours]:
    """A frame's planes in 4:2:0 with their colours: of 8 bits, or of 10 where the colours need a table."""
    name = frame.format.name
    if frame.format.is_rgb or frame.format.name.startswith("pal"):
        rgb = _opaque(frame) if any(c.is_alpha for c in frame.format.components) or name == "pal8" else frame
        coded = rgb.reformat(
            format="yuv420p", dst_colorspace="ITU709", src_color_range="JPEG", dst_color_range="MPEG", threads=1
        )
        return arrays_in(coded), Colours("bt709", full=False)
    if any(component.is_alpha for component in frame.format.components):
        return _planes(_opaque(frame), colours)
    wanted = "yuv420p" if colours.plain else "yuv420p10le"
    if name in (wanted, f"yuvj{wanted[3:]}"):
        return arrays_in(frame), colours
    # Layout and depth change; range and matrix stay, so that they are converted at one place.
    span = "JPEG" if colours.full else "MPEG"
    coded = frame.reformat(
        format=wanted,
        src_colorspace="ITU709",
        dst_colorspace="ITU709",
        src_color_range=span,
        dst_color_range=span,
        threads=1,
    )
    return arrays_in(coded), colours


def _opaque(frame: VideoFrame) -> VideoFrame:
    """A transparent frame over a dark ground."""
    rgba = frame.to_ndarray(format="rgba")
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    over = rgba[..., :3] * alpha + np.array(_GROUND, np.float32) * (1.0 - alpha)
    made = VideoFrame.from_ndarray(np.rint(over).astype(np.uint8), "rgb24")
    made.pts, made.time_base = frame.pts, frame.time_base
    return made


def _source(fit: Fitting, how: Upright) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is cut, in shares of the frame as it was decoded."""
    left, right, top, bottom = fit.left / how.wide, fit.right / how.wide, fit.top / how.tall, fit.bottom / how.tall
    if how.turn == 90:
        left, top, right, bottom = top, 1 - right, bottom, 1 - left
    elif how.turn == 180:
        left, top, right, bottom = 1 - right, 1 - bottom, 1 - left, 1 - top
    elif how.turn == 270:
        left, top, right, bottom = 1 - bottom, left, 1 - top, right
    return (left, 1 - bottom, right, 1 - top) if how.mirrored else (left, top, right, bottom)


def _part(size: int, begin: float, end: float) -> slice:
    first = min(round(begin * size), size - 1)
    return slice(first, max(round(end * size), first + 1))


def _scaled(plane: Codes, size: tuple[int, int]) -> Codes:
    """A plane in another size, always in memory of its own."""
    tall, wide = plane.shape
    if (wide, tall) == size:
        return np.ascontiguousarray(plane).copy()
    area = wide >= _AREA_FROM * size[0] and tall >= _AREA_FROM * size[1]
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if area else cv2.INTER_CUBIC))


def extend(out: Planes, fit: Fitting) -> None:
    """Fills what lies beside a fitted picture with its blurred extension, as `stills.frame_picture` does."""
    height, width = out.y.shape
    smaller = max(max(width, height) // _BLURRED_SIDE // 2 * 2, _LEAST_SMALLER)
    for plane, part, black in zip(out, (1, 2, 2), BLACK, strict=True):
        x, y, w, h = fit.x // part, fit.y // part, fit.width // part, fit.height // part
        fitted = plane[y : y + h, x : x + w].copy()
        plane[:] = _ground(fitted, x, y, (width // part, height // part), smaller // part, black)
        soft = round(max(width, height) * FEATHER) // part
        _blend_edges(plane, fitted, x, y, soft)


def _ground(fitted: U8, x: int, y: int, size: tuple[int, int], smaller: int, black: int) -> U8:
    """A plane of `size` that continues `fitted`, which lies at `x`, `y`: mirrored, blurred in a `smaller` size, and
    darker."""
    tall, wide = fitted.shape
    columns, rows = max(wide // smaller, 1), max(tall // smaller, 1)
    # By a whole factor, which takes a fraction of the time; a few pixels at the edges are left out.
    whole = fitted[: rows * smaller, : columns * smaller]
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    across, down = wide / columns, tall / rows
    pads = math.ceil(y / down) + 1, math.ceil(x / across) + 1
    mirrored = cv2.copyMakeBorder(small, pads[0], pads[0], pads[1], pads[1], cv2.BORDER_REFLECT)
    soft = cv2.GaussianBlur(mirrored, (0, 0), max(size) / smaller * SOFTNESS)
    dim = cv2.convertScaleAbs(soft, alpha=DIMMED, beta=black * (1 - DIMMED))
    ground = cv2.resize(dim, None, fx=across, fy=down, interpolation=cv2.INTER_LINEAR)
    top, left = (ground.shape[0] - size[1]) // 2, (ground.shape[1] - size[0]) // 2
    return np.asarray(ground[top : top + size[1], left : left + size[0]])


def _blend_edges(plane: U8, fitted: U8, x: int, y: int, soft: int) -> None:
    """Puts the picture on its ground, its free edges softly."""
    tall, wide = fitted.shape
    place = plane[y : y + tall, x : x + wide]
    sides, ends = x > 0, y > 0
    rows = slice(soft if ends else 0, tall - soft if ends else tall)
    columns = slice(soft if sides else 0, wide - soft if sides else wide)
    place[rows, columns] = fitted[rows, columns]
    mask = _mask(wide, tall, soft, sides, ends)
    strips = []
    if sides:
        strips += [(slice(0, tall), slice(0, soft)), (slice(0, tall), slice(wide - soft, wide))]
    if ends:
        strips += [(slice(0, soft), columns), (slice(tall - soft, tall), columns)]
    for strip in strips:
        under = place[strip].astype(np.float32)
        place[strip] = np.rint(under + (fitted[strip] - under) * mask[strip])


@lru_cache(maxsize=8)
def _mask(width: int, height: int, soft: int, sides: bool, ends: bool) -> F32:
    return feathered(width, height, soft, sides=sides, ends=ends)
