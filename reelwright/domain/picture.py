"""A video's picture: its shape, size and frame rate."""

from __future__ import annotations

import re
from math import log
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

FPS = 30
"""Frames per second of a delivered video, unless its style sets another rate."""


FRAME_RATES = (24, 25, 30, 48, 50, 60)
"""The rates on offer: each divides 48,000, so that a frame is a whole number of audio samples."""
MIN_SIDE, MAX_SIDE = 240, 3840
"""Of a picture, in pixels. H.264 with 4:2:0 requires even ones."""
_SIZE = re.compile(r"([0-9]{1,6})x([0-9]{1,6})")


class VideoFormat(str):
    """A picture's shape, written the way people type it: `16:9`, `9:16`, `1:1`, or a size such as `1280x720`.

    A custom size has even sides of `MIN_SIDE` to `MAX_SIDE` pixels.
    """

    WIDE: ClassVar[VideoFormat]
    TALL: ClassVar[VideoFormat]
    SQUARE: ClassVar[VideoFormat]
    _STANDARD: ClassVar[dict[str, tuple[int, int]]] = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080)}

    def __new__(cls, value: str) -> VideoFormat:
        if value not in cls._STANDARD and not cls._custom(value):
            raise ValueError(cls._refusal(str(value)))
        return super().__new__(cls, value)

    @staticmethod
    def _custom(value: str) -> tuple[int, int] | None:
        match = _SIZE.fullmatch(value)
        size = (int(match[1]), int(match[2])) if match else None
        return size if size and value == f"{size[0]}x{size[1]}" and not _faults(size) else None

    @classmethod
    def _refusal(cls, value: str) -> str:
        match = _SIZE.fullmatch(value)
        rule = f"sides are even numbers from {MIN_SIDE} to {MAX_SIDE}"
        if not match:
            choices = ", ".join(cls._STANDARD)
            return f"unknown format {value[:40]!r}; choose from {choices}, or give a size such as 1280x720 ({rule})"
        size = int(match[1]), int(match[2])
        near = within_limits(size)
        hint = f", for example {near[0]}x{near[1]}" if near else ""
        return f"the size {value} does not work, since {' and '.join(_faults(size))}; {rule}{hint}"

    @property
    def value(self) -> str:
        """The plain text."""
        return str(self)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._STANDARD.get(self) or self._custom(self) or (0, 0)

    @property
    def nearest(self) -> Literal["16:9", "9:16", "1:1"]:
        """The standard format whose shape is nearest."""
        shapes: tuple[Literal["16:9", "9:16", "1:1"], ...] = ("16:9", "9:16", "1:1")
        width, height = self.size

        def distance(shape: str) -> float:
            wide, high = self._STANDARD[shape]
            return abs(log(width * high / (height * wide)))

        return min(shapes, key=distance)

    @property
    def slug(self) -> str:
        """Fit for a file name: `16x9`."""
        return self.replace(":", "x")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema  # here: the command line names platforms before it needs a model

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())


def _faults(size: tuple[int, int]) -> list[str]:
    """What is wrong with a size, side by side."""
    faults = []
    for name, side in zip(("width", "height"), size, strict=True):
        if side < MIN_SIDE:
            faults.append(f"its {name} of {side} is less than {MIN_SIDE}")
        elif side > MAX_SIDE:
            faults.append(f"its {name} of {side} is more than {MAX_SIDE}")
        elif side % 2:
            faults.append(f"its {name} of {side} is odd")
    return faults


def within_limits(size: tuple[int, int], scale: float = 1.0) -> tuple[int, int] | None:
    """A size with both sides made smaller (or larger) alike: by `scale` if that keeps them within the limits, else by
    the next factor that does. None where no factor does, for a shape too long."""
    least, most = MIN_SIDE / max(min(size), 1), MAX_SIDE / max(*size, 1)
    if least > most:
        return None
    factor = min(max(scale, least), most)
    width, height = (min(max(2 * round(side * factor / 2), MIN_SIDE), MAX_SIDE) for side in size)
    return width, height


VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE = VideoFormat("16:9"), VideoFormat("9:16"), VideoFormat("1:1")
STANDARD_FORMATS = (VideoFormat.WIDE, VideoFormat.TALL, VideoFormat.SQUARE)
