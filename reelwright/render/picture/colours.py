"""What a clip's frame says of its colours, and its pixels in BT.709, limited range, 8 bits.

Two ways. Standard colours differ by their matrix (BT.601, BT.709, BT.2020) and range alone; those are one linear map of
Y'CbCr, done on the planes. High dynamic range, wide gamuts and a look-up table need R'G'B': FFmpeg's `lut3d` does it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from reelwright.tone import Primaries, Transfer, to_709

from .cube_file import cube_text
from .yuv import F32, Planes

_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_KR_KB = {
    "bt709": (0.2126, 0.0722),
    "bt601": (0.299, 0.114),
    "fcc": (0.30, 0.11),
    "smpte240m": (0.212, 0.087),
    "bt2020": (0.2627, 0.0593),
}
_TRANSFERS: dict[int, Transfer] = {16: "pq", 18: "hlg"}
_PRIMARIES: dict[int, Primaries] = {9: "bt2020", 11: "p3", 12: "p3"}
_FULL = 2
_SMALL = (1024, 576)
"""A frame that names no matrix is BT.601 up to this size and BT.709 beyond: what players take it for."""
# FFmpeg's names, for filters.
_FILTER_NAMES = {"bt601": "smpte170m", "bt2020": "bt2020nc"}
SIDE = 33
"""Points of a tone table on each axis."""


@dataclass(frozen=True)
class Colours:
    """The meaning of a frame's code values (ITU-T H.273)."""

    matrix: str
    full: bool
    transfer: Transfer = "sdr"
    primaries: Primaries = "bt709"

    @property
    def plain(self) -> bool:
        """Whether matrix and range are all that may differ."""
        return self.transfer == "sdr" and self.primaries == "bt709"


def colours_of(frame: VideoFrame) -> Colours:
    """The colours of a Y'CbCr frame; of one that names none, what players take it for."""
    small = frame.width <= _SMALL[0] and frame.height <= _SMALL[1]
    transfer = _TRANSFERS.get(int(frame.color_trc), "sdr")
    primaries = _PRIMARIES.get(int(frame.color_primaries), "bt2020" if transfer != "sdr" else "bt709")
    usual = "bt2020" if primaries == "bt2020" else "bt601" if small else "bt709"
    full = int(frame.color_range) == _FULL or frame.format.name.startswith("yuvj")
    return Colours(_MATRICES.get(int(frame.colorspace), usual), full, transfer, primaries)


@lru_cache(maxsize=16)
def _to_709(matrix: str, full: bool) -> tuple[F32, F32]:
    """A 3x3 matrix and what is added after it, from code values to those of BT.709 in limited range."""
    luma, chroma = (255.0, 255.0) if full else (219.0, 224.0)
    decode = np.linalg.inv(_encoding(matrix)) @ np.diag([1 / luma, 1 / chroma, 1 / chroma])
    whole = np.diag([219.0, 224.0, 224.0]) @ _encoding("bt709") @ decode
    zero = np.array([0.0 if full else 16.0, 128.0, 128.0])
    return whole.astype(np.float32), (np.array([16.0, 128.0, 128.0]) - whole @ zero).astype(np.float32)


def _encoding(matrix: str) -> NDArray[np.float64]:
    """R'G'B' (0..1) to Y' (0..1), Cb, Cr (-0.5..0.5)."""
    kr, kb = _KR_KB[matrix]
    luma = np.array([kr, 1 - kr - kb, kb])
    blue, red = (np.array([0, 0, 1]) - luma) / (2 * (1 - kb)), (np.array([1, 0, 0]) - luma) / (2 * (1 - kr))
    return np.stack([luma, blue, red])


def convert(planes: Planes, colours: Colours) -> None:
    """Brings the code values of planes to BT.709 in limited range, in place."""
    if (colours.matrix, colours.full) == ("bt709", False):
        return
    matrix, add = _to_709(colours.matrix, colours.full)
    (ay, au, av_), (_, uu, uv), (_, vu, vv) = matrix.tolist()
    most = (abs(au) + abs(av_)) * 128
    if most > 0.1:
        # What chroma adds to luma, at chroma's size, as 8 bits around 128 in steps of less than half a code value.
        step = most / 127
        middle = 128.0 - 128 * (au + av_) / step
        beside = cv2.addWeighted(planes.u, au / step, planes.v, av_ / step, middle)
        large = cv2.resize(beside, (planes.y.shape[1], planes.y.shape[0]), interpolation=cv2.INTER_LINEAR)
        moved = float(add[0]) + 128 * (au + av_) - 128 * step
        cv2.addWeighted(planes.y, ay, large, step, moved, dst=planes.y)
    else:
        cv2.convertScaleAbs(planes.y, dst=planes.y, alpha=ay, beta=float(add[0]) + 128 * (au + av_))
    u = cv2.addWeighted(planes.u, uu, planes.v, uv, float(add[1]))
    cv2.addWeighted(planes.u, vu, planes.v, vv, float(add[2]), dst=planes.v)
    np.copyto(planes.u, u)


@lru_cache(maxsize=4)
def tone_table(transfer: Transfer, primaries: Primaries) -> str:
    """From R'G'B' of these colours to that of BT.709, as a .cube file."""
    axis = np.linspace(0.0, 1.0, SIDE)
    blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")
    values = to_709(np.stack([red, green, blue], axis=-1), transfer, primaries).reshape(-1, 3)
    return cube_text(SIDE, values)


def table_filters(pix_fmt: str, colours: Colours, cubes: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """FFmpeg's filters, with their options, that bring frames of these colours through .cube files, by their names, to
    R'G'B' of the full range. `OUT_OF_TABLES` are the options of the `scale` that follows them."""
    matrix = _FILTER_NAMES.get(colours.matrix, colours.matrix)
    span = "full" if colours.full else "limited"
    deep = "gbrp10le" if pix_fmt.endswith("10le") else "gbrp"
    return [
        ("scale", {"in_color_matrix": matrix, "in_range": span, "out_range": "full", "flags": "bilinear"}),
        ("format", {"pix_fmts": deep}),
        *(("lut3d", {"file": cube, "interp": "tetrahedral"}) for cube in cubes),
    ]


OUT_OF_TABLES = {"out_color_matrix": "bt709", "out_range": "limited"}


class TableGraph:
    """Frames of one size and kind through tables, by FFmpeg: `pix_fmt` in, yuv420p of BT.709 out. `tables` are .cube
    files' text, applied in order."""

    def __init__(self, width: int, height: int, pix_fmt: str, colours: Colours, tables: tuple[str, ...]) -> None:
        matrix = _FILTER_NAMES.get(colours.matrix, colours.matrix)
        self._graph = Graph()
        self._graph.threads = 1
        source = self._graph.add(
            "buffer",
            f"video_size={width}x{height}:pix_fmt={pix_fmt}:time_base=1/1000:pixel_aspect=1/1:"
            f"colorspace={matrix}:range={'pc' if colours.full else 'tv'}",
        )
        with tempfile.TemporaryDirectory() as folder:
            # The filter takes a file only, and reads it when it is set up.
            paths = [Path(folder) / f"{number}.cube" for number in range(len(tables))]
            for path, table in zip(paths, tables, strict=True):
                path.write_text(table, "ascii")
            steps = [
                *table_filters(pix_fmt, colours, [str(path) for path in paths]),
                ("scale", {**OUT_OF_TABLES, "flags": "bilinear"}),
                ("format", {"pix_fmts": "yuv420p"}),
            ]
            chain = [source]
            for name, options in steps:
                chain.append(self._graph.add(name, ":".join(f"{key}={value}" for key, value in options.items())))
            chain.append(self._graph.add("buffersink"))
            for one, other in pairwise(chain):
                one.link_to(other)
            self._graph.configure()
        self._count = 0

    def run(self, frame: VideoFrame) -> VideoFrame:
        """The frame with its new colours."""
        frame.pts, frame.time_base = self._count, Fraction(1, 1000)
        self._count += 1
        self._graph.push(frame)
        made = self._graph.pull()
        assert isinstance(made, VideoFrame)
        return made


def tables_of(colours: Colours, look: str) -> tuple[str, ...]:
    """The tables for these colours, and a look's .cube on top."""
    tone = () if colours.plain else (tone_table(colours.transfer, colours.primaries),)
    return (*tone, look) if look else tone


def tag(frame: VideoFrame, colours: Colours) -> VideoFrame:
    """Writes the colours on a frame, for FFmpeg."""
    numbers = {name: number for number, name in reversed(_MATRICES.items())}
    frame.colorspace, frame.color_range = numbers[colours.matrix], _FULL if colours.full else 1
    return frame
