"""The shape of a finished video, read from its beginning: which format it is of where nobody names one."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from reelwright.domain.errors import InvalidInput

from ..process.trouble import reason


def shape_of(video: Path, *, name: str, field: str) -> tuple[int, int]:
    """Width and height as it is shown, in pixels. Raises `InvalidInput` naming `field` for what is no video."""
    try:
        with av.open(f"file:{video}", options={"protocol_whitelist": "file"}, metadata_errors="replace") as container:
            picture = next(iter(container.streams.video), None)
            frame = next(container.decode(picture), None) if picture is not None else None
    except (OSError, av.FFmpegError) as error:
        raise InvalidInput(f"{name} is no video ({reason(error)})", field=field, remedy="give another file") from error
    if picture is None or frame is None:
        raise InvalidInput(f"{name} has no pictures", field=field, remedy="give a finished video")
    width, height = round(frame.width * (picture.sample_aspect_ratio or Fraction(1))), frame.height
    return (height, width) if frame.rotation % 180 else (width, height)
