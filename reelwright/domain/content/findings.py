"""What is found on material while it is made, kept beside it: at the end of a render only joining is left to check."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..base import Model

FINDINGS_VERSION = 1
"""The way findings are measured. Those of another version are not used: what they are of is inspected again."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Run = tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]]
"""Frames of a segment, counted from its own first one: from the first number up to the second, which is left out."""


class SegmentFindings(Model):
    """One segment as it was composed and encoded.

    `digest` is the segment's name and `sha256` its file's: findings hold for this file in this place and for no other.
    `packets` is a sha256 over each packet's time, kind and bytes. `black` are the runs of black frames. `still` are
    the runs in which no picture differs from the run's first: the one the segment begins with, the one it ends with,
    and between them those of more than a second. `opening` and `closing` are small pictures (luma, base64) of the
    first frame and of the first frame of the last run. `outside` is by how many pixels a caption leaves the safe area,
    and None where the captions were not looked at.
    """

    version: int = FINDINGS_VERSION
    digest: str
    sha256: Sha256
    frames: int
    packets: Sha256
    black: tuple[Run, ...]
    still: Annotated[tuple[Run, ...], Field(min_length=1)]
    opening: str
    closing: str
    outside: int | None = None

    def hold_for(self, digest: str, sha256: str, frames: int) -> bool:
        """Whether they are of this segment, of this file of it, and measured as they are now."""
        mine = (self.version, self.digest, self.sha256, self.frames)
        return mine == (FINDINGS_VERSION, digest, sha256, frames)


class SoundFindings(Model):
    """The soundtrack as it is delivered. `sha256` is its file's, `packets` as in `SegmentFindings`. Loudness in LUFS,
    peak in dBTP, both after the encoder."""

    version: int = FINDINGS_VERSION
    sha256: Sha256
    packets: Sha256
    integrated_lufs: float
    true_peak_dbtp: float
    longest_silence_s: float

    def hold_for(self, sha256: str) -> bool:
        """Whether they are of this file, and measured as they are now."""
        return (self.version, self.sha256) == (FINDINGS_VERSION, sha256)
