"""Opens the scenes' pictures, whatever kind of file they are, and fits them to a format.

Memory is bounded by looking at a file's header first: JPEGs are decoded smaller right away, anything else is refused
where its pixels would not fit, and large pictures are converted in strips on their way to a smaller one.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import cv2
import numpy as np
from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from reelwright.domain.errors import RenderFailed

from .fitting import DIMMED, FEATHER, SOFTNESS, feathered, fit_picture
from .saliency import Region
from .yuv import U8

# Pillow's own limit warns before it refuses; ours is lower and has its own message.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

MAX_PIXELS = 50_000_000
"""The most that is decoded: 200 MB at Pillow's four bytes a pixel."""
MAX_JPEG_PIXELS = 500_000_000
"""JPEGs may be larger, because they can be decoded at an eighth of their size."""
_KEPT_PIXELS = 8_000_000
"""Pictures are made smaller by a whole factor as long as they keep more pixels than this (2304x1296 are 3 million)."""
_STRIP_ROWS = 256
_GROUND = (24, 24, 28)
"""What shows through pictures with nothing opaque in them: a neutral dark grey."""
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
_FORMATS = ("PNG", "WEBP", "GIF")
_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its EXIF orientation (Exif 2.3, tag 0x0112)."""


def open_own(path: Path) -> U8:
    """A picture of the user's own for a picture post, opened as a scene's is. Raises `RenderFailed` naming
    `posts.pictures`."""
    with _named("a picture to be posted", "posts.pictures"):
        return _opaque(_open(path))


LEAST_LOGO = 8
"""Pixels a side."""


def open_still(path: Path, *, scene: int) -> U8:
    """The picture upright, opaque and in colour: height x width x 3, sR'G'B', uint8. Of an animation, the first frame.

    What is transparent shows a blurred extension of what is not. Raises `RenderFailed` naming the scene and the field
    when the file is missing, broken, cut off, far too large or no picture.
    """
    with _named(f"the picture of scene {scene + 1}", f"material.pictures[{scene}].image"):
        return _opaque(_open(path))


def open_logo(path: Path) -> U8:
    """A logo: height x width x 4, straight alpha. Raises `RenderFailed` naming `style.brand.logo`."""
    with _named("the logo", "style.brand.logo"), path.open("rb") as file:
        return np.asarray(_decoded(file).convert("RGBA"))


def need_size(logo: U8) -> None:
    """Raises `RenderFailed` for a logo in which nothing could be seen."""
    height, width = logo.shape[:2]
    if min(width, height) < LEAST_LOGO:
        raise RenderFailed(
            f"the logo has {width} x {height} pixels, which is too few",
            field="style.brand.logo",
            remedy=f"give one of at least {LEAST_LOGO} a side",
        )


def check_logo(data: bytes) -> str:
    """The media type that a logo's bytes have by themselves, once they have been opened as `open_logo` does. Raises
    `RenderFailed` naming `style.brand.logo`."""
    field = "style.brand.logo"
    with _named("the logo", field):
        rgba = np.asarray(_decoded(io.BytesIO(data)).convert("RGBA"))
    need_size(rgba)
    if not rgba[..., 3].any():
        raise RenderFailed("the logo is transparent all over", field=field, remedy="export it with its colours")
    return next((kind for magic, kind in _KINDS.items() if data.startswith(magic)), "image/webp")


@contextmanager
def _named(what: str, field: str) -> Iterator[None]:
    try:
        yield
    except _TooLarge as error:
        raise RenderFailed(f"{what} is too large ({error})", field=field, remedy=error.remedy) from error
    except Image.DecompressionBombError as error:
        remedy = f"give one of at most {MAX_PIXELS // 1_000_000} megapixels"
        raise RenderFailed(f"{what} is far too large", field=field, remedy=remedy) from error
    except UnidentifiedImageError as error:
        raise RenderFailed(f"{what} is not a PNG or JPEG file", field=field, remedy="make the picture again") from error
    except FileNotFoundError as error:
        raise RenderFailed(f"{what} is missing", field=field, remedy="fetch it before rendering") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        # Pillow reports damaged PNG chunks as SyntaxError and cut-off files as OSError.
        told = f"{what} is broken ({str(error)[:120]})"
        raise RenderFailed(told, field=field, remedy="make the picture again") from error


class _TooLarge(Exception):
    """A picture that will not be decoded."""

    def __init__(self, size: tuple[int, int], limit: int) -> None:
        super().__init__(f"{size[0]}x{size[1]}")
        self.remedy = f"give one of at most {limit // 1_000_000} megapixels"


def _open(path: Path) -> Image.Image:
    with path.open("rb") as file:
        return _decoded(file)


def _decoded(file: IO[bytes]) -> Image.Image:
    """The first frame, upright, RGB or RGBA, at most about 30 megapixels."""
    jpeg = file.read(3) == b"\xff\xd8\xff"
    file.seek(0)
    if jpeg:
        # Opened by its own class, for `Image.open` refuses by size what can well be decoded smaller.
        with JpegImagePlugin.JpegImageFile(file) as image:
            return _small(_drafted(image))
    with Image.open(file, formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _TooLarge(image.size, MAX_PIXELS)
        return _small(image)


def _drafted(image: JpegImagePlugin.JpegImageFile) -> Image.Image:
    # A progressive JPEG's coefficients are all kept in memory, whatever the size it is decoded at.
    limit = MAX_PIXELS if image.info.get("progressive") else MAX_JPEG_PIXELS
    pixels = image.width * image.height
    if pixels > limit:
        raise _TooLarge(image.size, limit)
    if pixels >= 4 * _KEPT_PIXELS:
        # The decoder halves as long as the result is no smaller than requested.
        share = math.sqrt(_KEPT_PIXELS / pixels)
        image.draft(None, (int(image.width * share), int(image.height * share)))
        if image.width * image.height > MAX_PIXELS:
            raise _TooLarge(image.size, MAX_PIXELS)
    return image


def _small(image: Image.Image) -> Image.Image:
    """The picture as RGB or RGBA, smaller by a whole factor where it is large. A JPEG's draft has been set before."""
    turn = _TURNS.get(image.getexif().get(0x0112, 1))
    profile = image.info.get("icc_profile")
    image.load()
    width, height = image.size
    factor = max(math.isqrt(width * height // _KEPT_PIXELS), 1)
    if factor == 1:
        small = _eight_bit(image, profile)
    else:
        rows = _STRIP_ROWS * factor
        strips = [
            _eight_bit(image.crop((0, top, width, min(top + rows, height))), profile).reduce(factor)
            for top in range(0, height, rows)
        ]
        small = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
        for index, strip in enumerate(strips):
            small.paste(strip, (0, index * _STRIP_ROWS))
    return small.transpose(turn) if turn is not None else small


def _eight_bit(image: Image.Image, profile: bytes | None) -> Image.Image:
    if image.mode in _DEEP:
        # 16-bit greys are 0..65535; the wider modes may hold anything, and are taken for 16 bits too unless a value
        # below 256 is all there is.
        deep = np.asarray(image).astype(np.float32)
        scale = 1.0 if image.mode in ("I", "F") and deep.max(initial=0.0) <= 255.0 else 255.0 / 65535.0
        return Image.fromarray(np.clip(deep * scale, 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        return image.convert("RGBA")
    if profile and image.mode in ("RGB", "CMYK"):
        return _in_srgb(image, profile)
    return image.convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    # Here, because it takes as long to load as OpenCV, and few pictures have a profile.
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")  # a profile that fits neither the picture nor the standard is ignored
    return converted if converted is not None else image.convert("RGB")


def _opaque(image: Image.Image) -> U8:
    """Without transparency: behind it lies the picture itself, blurred and darkened."""
    if image.mode == "RGB":
        return np.asarray(image)
    rgba = np.asarray(image)
    alpha = rgba[..., 3]
    if alpha.min() == 255:
        return np.ascontiguousarray(rgba[..., :3])
    height, width = alpha.shape
    share = 96 / max(height, width)
    size = max(round(width * share), 1), max(round(height * share), 1)
    small = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = small[..., 3:] / 255.0
    weighted = cv2.GaussianBlur(np.dstack([small[..., :3] * weight, weight]), (0, 0), 10.0)
    solid = np.minimum(weighted[..., 3:] * 4.0, 1.0)
    colour = weighted[..., :3] / np.maximum(weighted[..., 3:], 1e-3) * 0.45
    ground = colour * solid + np.array(_GROUND, np.float32) * (1.0 - solid)
    behind = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    behind.paste(image.convert("RGB"), mask=image.getchannel("A"))
    return np.asarray(behind)


@dataclass(frozen=True)
class Framed:
    """A picture fitted to a format, and where in it lies what should stay seen."""

    rgb: U8
    region: Region


def frame_picture(rgb: U8, region: Region, width: int, height: int) -> Framed:
    """The picture cut to the aspect of `width` x `height`, around its region, and resized to exactly that.

    Where a cut would lose part of the region, it is taken as wide (or high) as the region needs and the rest of the
    format filled with a blurred extension of the picture. Nothing is ever stretched.
    """
    tall, wide = rgb.shape[:2]
    fit = fit_picture(wide, tall, region, width, height)
    cut = rgb[fit.top : fit.bottom, fit.left : fit.right]
    inside = region.within(fit.left / wide, fit.top / tall, fit.right / wide, fit.bottom / tall)
    fitted = _resized(cut, fit.width, fit.height)
    return _extended(fitted, inside, width, height) if fit.extended else Framed(fitted, inside)


def _resized(rgb: U8, width: int, height: int) -> U8:
    if rgb.shape[:2] == (height, width):
        return np.ascontiguousarray(rgb)
    how = cv2.INTER_AREA if rgb.shape[1] >= width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=how))


def _extended(fitted: U8, region: Region, width: int, height: int) -> Framed:
    tall, wide = fitted.shape[:2]
    left, top = (width - wide) // 2, (height - tall) // 2
    # Mirrored at its edges, so that colours go on across them; blurred at an eighth of the size, which is the same.
    eighth = _resized(fitted, max(wide // 8, 1), max(tall // 8, 1))
    across, down = wide / eighth.shape[1], tall / eighth.shape[0]
    pads = math.ceil(top / down) + 1, math.ceil(left / across) + 1
    mirrored = cv2.copyMakeBorder(eighth, pads[0], pads[0], pads[1], pads[1], cv2.BORDER_REFLECT)
    soft = cv2.GaussianBlur(mirrored, (0, 0), max(width, height) / 8 * SOFTNESS)
    ground = cv2.resize(soft, None, fx=across, fy=down, interpolation=cv2.INTER_CUBIC)
    y, x = (ground.shape[0] - height) // 2, (ground.shape[1] - width) // 2
    ground = np.clip(ground[y : y + height, x : x + width].astype(np.float32) * DIMMED, 0, 255)
    mask = feathered(wide, tall, round(max(width, height) * FEATHER), sides=left > 0, ends=top > 0)[..., None]
    place = ground[top : top + tall, left : left + wide]
    place[:] = place * (1.0 - mask) + fitted * mask
    moved = Region(
        (left + region.left * wide) / width,
        (top + region.top * tall) / height,
        (left + region.right * wide) / width,
        (top + region.bottom * tall) / height,
    )
    return Framed(np.rint(ground).astype(np.uint8), moved)
