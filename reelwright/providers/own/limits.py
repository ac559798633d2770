"""What is too much of the user's own media, and too little."""

from __future__ import annotations

from reelwright.domain.base import Model

MEGA = 1_000_000


class Limits(Model):
    """The limits of one file. `seconds` is of clips and sound; `frames` of animated pictures, which become clips."""

    bytes: int = 2_000 * MEGA
    seconds: float = 3_600.0
    pixels: int = 50 * MEGA
    """Of a picture."""
    jpeg_pixels: int = 120 * MEGA
    """JPEGs are decoded smaller right away: a phone's largest has 108 megapixels."""
    clip_pixels: int = 8_192 * 4_608
    least_side: int = 64
    frames: int = 1_000
    animated_pixels: int = 2_000 * MEGA
    """Of all frames of an animated picture together."""
    look_s: float = 1_800.0
    """How long looking at one file may take."""
    fetch_s: float = 600.0
    """And fetching it."""


class BadMedia(Exception):
    """A file that cannot be used: the reason, and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason = reason
        self.remedy = remedy
