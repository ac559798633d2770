"""Media of the user's own: how a request names it, and what is known of it once it is checked and stored."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from ..assets import AssetRef
from ..base import Grown, Model, UserInput
from ..limits import Text, at_most
from ..text.incoming import one_line

MEDIA_SCENES = 200
"""As many scenes as a story may have."""
SHOWS_CHARS = 300
ALT_CHARS = 1_000

_ADDRESS = re.compile(
    r"media:[0-9a-f]{64}"
    r"|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\s/][^\s]*"
    r"|https://[^\s/?#]+[^\s]*"
)


def is_address(value: str) -> bool:
    """Whether media can be named by it."""
    return _ADDRESS.fullmatch(value) is not None


def _address(value: str) -> str:
    if not is_address(value):
        raise ValueError(
            f"{value[:60]!r} is no address of media; give `media:` and the sha256 that `reelwright media add` printed, "
            "`s3://bucket/key`, or an `https://` address"
        )
    return value


def _of_asset(value: Any) -> Any:
    """An `AssetRef`, as it is or as plain data, names a stored file by its sha256."""
    if isinstance(value, AssetRef):
        return f"media:{value.sha256}"
    return f"media:{value['sha256']}" if isinstance(value, dict) and {"key", "sha256"} <= value.keys() else value


MediaAddress = Annotated[str, Text(one_line, 2_000, least=1), AfterValidator(_address), BeforeValidator(_of_asset)]
"""`media:<sha256>` of a stored file, `s3://bucket/key`, or a public `https://` address. The `AssetRef` of a stored file
is taken for the first."""

ClipSound = Literal["duck", "keep", "mute"]
"""A clip's own sound: under the voice as music is, at its own level, or silent."""
ClipFit = Literal["auto", "trim", "loop", "slow"]
"""How a clip fills its scene. `trim` shows its beginning (a shorter clip holds its last frame); `loop` begins again;
`slow` plays it slower, down to half its speed, then loops; `auto` trims a longer clip, slows one that lacks little and
loops a shorter one."""


class MediaUse(UserInput):
    """A picture or a clip of the user's own in one place. `sound`, `fit` and `start_s` are for clips only; `shows` is
    what is seen, for reviewers and for alt texts."""

    file: MediaAddress
    sound: ClipSound = "duck"
    fit: ClipFit = "auto"
    start_s: Annotated[float, Field(ge=0, le=36_000, allow_inf_nan=False)] = 0.0
    shows: Annotated[str, Text(one_line, SHOWS_CHARS)] = ""


class OwnPicture(UserInput):
    """A picture of the user's own for a picture post, and its alternative text."""

    file: MediaAddress
    alt: Annotated[str, Text(one_line, ALT_CHARS)] = ""


class OwnMusic(UserInput):
    """Music of the user's own: looped or cut to the video's length and faded."""

    file: MediaAddress
    start_s: Annotated[float, Field(ge=0, le=36_000, allow_inf_nan=False)] = 0.0


class OwnNarration(UserInput):
    """A recorded narration: one `file` for the whole script, or one for each scene by its number, from 1."""

    file: MediaAddress | None = None
    scenes: Annotated[
        dict[Annotated[int, Field(ge=1, le=1_000)], MediaAddress],
        at_most(MEDIA_SCENES, "scenes", "give one file for all"),
    ] = Field(default={})


class ClipFacts(Model):
    """A video clip as it is shown: `width` and `height` in pixels with `rotation` (degrees clockwise: 0, 90, 180 or
    270) applied, seconds of pictures, frames per second on average, its HDR transfer if it has one."""

    width: int
    height: int
    duration_s: float
    fps: float
    rotation: int = 0
    hdr: Literal["", "pq", "hlg"] = ""
    has_sound: bool = False


class TakenPicture(Model):
    """A picture of the user's own for a picture post, in the media store, and its alternative text."""

    file: AssetRef
    alt: str = ""


class SceneClip(Grown, Model):
    """A clip in the media store and how it fills its place."""

    added: ClassVar[frozenset[str]] = frozenset()

    file: AssetRef
    facts: ClipFacts
    sound: ClipSound = "duck"
    fit: ClipFit = "auto"
    start_s: float = 0.0
