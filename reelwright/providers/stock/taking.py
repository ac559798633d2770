"""Takes in a work that was downloaded: decoded whole by a process of its own, as it is and not as its source says."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from reelwright.domain.errors import InvalidInput
from reelwright.domain.ports.providing import StockHit, StockQuery

from ..moderation.likeness import picture_hash
from ..own.limits import Limits
from ..own.looked import Looked
from ..own.looking import look
from .choice import fits
from .source import CLIP_BYTES, PHOTO_BYTES, Gone

MOST_SIDE = 4_096
LIMITS = Limits(bytes=max(CLIP_BYTES, PHOTO_BYTES), seconds=1_800.0, look_s=600.0, least_side=240)
_SHORTER = 0.8
"""A clip with less than this share of the announced seconds is not the one that was chosen."""


@dataclass(frozen=True)
class TakenPhoto:
    """A JPEG without the metadata it came with, its size, and its perceptual hash (None: it shows nothing)."""

    data: bytes
    width: int
    height: int
    look: int | None


async def take_photo(path: Path, hit: StockHit, query: StockQuery, least_sharpness: float, workdir: Path) -> TakenPhoto:
    """The photo in the file. Raises `Gone` where it is none, or too small for the query."""
    looked = await _looked(path, hit, workdir)
    if looked.kind != "picture" or looked.picture is None:
        raise _no_use(hit, f"it is a {looked.kind}")
    size = looked.picture
    if not fits(size.width, size.height, query, least_sharpness):
        raise _no_use(hit, f"it really has {size.width} x {size.height} pixels")
    return await asyncio.to_thread(_plain, looked.used or path)


async def take_clip(path: Path, hit: StockHit, query: StockQuery, least_sharpness: float, workdir: Path) -> Looked:
    """The clip in the file. Raises `Gone` where it is none, or too small or too short for the query."""
    looked = await _looked(path, hit, workdir)
    if looked.clip is None:
        raise _no_use(hit, f"it is a {looked.kind}")
    clip = looked.clip
    if not fits(clip.width, clip.height, query, least_sharpness):
        raise _no_use(hit, f"it really has {clip.width} x {clip.height} pixels")
    if clip.duration_s < _SHORTER * min(hit.seconds, query.seconds or hit.seconds):
        raise _no_use(hit, f"it really lasts {clip.duration_s:.1f} s")
    return looked


async def _looked(path: Path, hit: StockHit, workdir: Path) -> Looked:
    try:
        return await look(
            path, name=hit.asset, field="stock", workdir=workdir, limits=LIMITS, progress=lambda share: None
        )
    except InvalidInput as error:
        raise _no_use(hit, error.message) from error


def _no_use(hit: StockHit, why: str) -> Gone:
    return Gone(f"{hit.asset}: {why}", field=hit.credit.provider, remedy="another work is taken", why="nothing")


def _plain(path: Path) -> TakenPhoto:
    """The pixels as they are shown, at most so many a side. What the metadata tells of places and people stays out."""
    with Image.open(path) as opened:
        profile = opened.info.get("icc_profile")
        opened.draft("RGB", (MOST_SIDE, MOST_SIDE))
        picture = ImageOps.exif_transpose(opened)
        if picture.mode != "RGB":
            ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
            picture, profile = Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB"), None
        picture.thumbnail((MOST_SIDE, MOST_SIDE), Image.Resampling.LANCZOS)
        made = io.BytesIO()
        picture.save(made, "JPEG", quality=92, icc_profile=profile)
    data = made.getvalue()
    return TakenPhoto(data, picture.width, picture.height, picture_hash(data))
